"""All HTTP of the client side: calls to a provider's host with the key, and media without it.

Nothing else imports httpx. Two rules are held here and nowhere else:

* The key goes to the configured host alone. No redirect is followed, and an absolute URL that a
  provider returned is refused unless it names that very host.
* A paid request is written at most once, on a connection of its own, so that a failure before the
  first byte (:class:`~minimax_nb.errors.NotSentError`, safe to repeat) is never confused with a
  lost reply (:class:`~minimax_nb.errors.OutcomeUnknownError`, never repeated).
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from minimax_nb._version import __version__
from minimax_nb.errors import (
    ErrorInfo,
    MediaError,
    NotSentError,
    OutcomeUnknownError,
    ProviderError,
)
from minimax_nb.settings import is_loopback
from minimax_nb.wire import HttpCall, Reply

CONNECT_TIMEOUT = 15.0
IN_FLIGHT = 32
MAX_REPLY = 256 * 2**20  #: bytes; a song in hex is about 20 MB
MAX_HOPS = 5
_USER_AGENT = f"minimax-nb/{__version__}"

_NOTHING_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


@functools.cache
def _tls() -> ssl.SSLContext:
    # One context for all clients: making one costs about 100 ms, a client on a ready one about 1 ms.
    return httpx.create_ssl_context()


class Transport:
    """Sends calls on single-connection clients from a free list, at most :data:`IN_FLIGHT` at once.

    A pooled client looks at every connection for every request; one client a connection does not,
    and stays quick with a thousand jobs polling. Belongs to one event loop.
    """

    def __init__(self, in_flight: int = IN_FLIGHT) -> None:
        self._gate = asyncio.Semaphore(in_flight)
        self._free: dict[str, list[httpx.AsyncClient]] = {}

    async def send(self, call: HttpCall, *, host: str, auth: Mapping[str, str], paid: bool = False) -> Reply:
        """Send one call and return the reply, whatever its status.

        Parameters
        ----------
        call
            What to send.
        host
            The configured host, e.g. ``https://api.minimax.io``; the only one that gets ``auth``.
        auth
            Credential headers.
        paid
            True for a request that creates a paid job: it gets a fresh connection.

        Raises
        ------
        NotSentError
            Nothing was written.
        OutcomeUnknownError
            Something was written and no complete reply came back.
        ProviderError
            The call or its reply points to another host; nothing was sent there.
        """
        url = _pinned(host, call.path)
        async with self._gate, self._client(host, fresh=paid) as client:
            try:
                return await _exchange(client, call, url, auth)
            except _NOTHING_WRITTEN as error:
                raise NotSentError(
                    f"cannot reach {urlsplit(host).netloc} ({_reason(error)})",
                    hint="Check the network and the host setting: %minimax config",
                    info=ErrorInfo(
                        "transport", _reason(error), meaning="Nothing was sent, so nothing can be charged."
                    ),
                ) from error
            except httpx.HTTPError as error:
                raise OutcomeUnknownError(
                    f"no complete reply from {urlsplit(host).netloc} ({_reason(error)})",
                    info=ErrorInfo(
                        "timeout" if isinstance(error, httpx.TimeoutException) else "transport",
                        _reason(error),
                    ),
                ) from error

    @asynccontextmanager
    async def _client(self, host: str, *, fresh: bool) -> AsyncIterator[httpx.AsyncClient]:
        free = self._free.setdefault(host, [])
        client = _new_client(host) if fresh or not free else free.pop()
        try:
            yield client
        except BaseException:
            await client.aclose()
            raise
        if fresh or len(free) >= IN_FLIGHT:
            await client.aclose()
        else:
            free.append(client)

    async def close(self) -> None:
        """Close all idle connections."""
        for clients in self._free.values():
            for client in clients:
                await client.aclose()
        self._free.clear()


def _new_client(host: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=_tls(),
        follow_redirects=False,
        trust_env=not is_loopback(urlsplit(host).hostname or ""),
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
        headers={"user-agent": _USER_AGENT},
    )


async def _exchange(client: httpx.AsyncClient, call: HttpCall, url: str, auth: Mapping[str, str]) -> Reply:
    files = {name: (filename, data, mime) for name, (filename, data, mime) in call.files.items()}
    request = client.build_request(
        call.method,
        url,
        params=call.query or None,
        headers={**call.headers, **auth},
        json=call.body,
        data=dict(call.form) or None,
        files=files or None,
        timeout=httpx.Timeout(call.timeout, connect=CONNECT_TIMEOUT),
    )
    response = await client.send(request, stream=True)
    try:
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > MAX_REPLY:
                raise httpx.ReadError(f"reply of more than {MAX_REPLY // 2**20} MB")
    finally:
        await response.aclose()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, bytes(content))


def _pinned(host: str, path: str) -> str:
    if path.startswith("/"):
        return host.rstrip("/") + path
    asked, configured = urlsplit(path), urlsplit(host)
    if (asked.scheme, asked.netloc) != (configured.scheme, configured.netloc):
        raise ProviderError(
            f"the provider pointed to {asked.netloc or path[:40]!r}, which is not the configured host",
            info=ErrorInfo(
                "protocol", "foreign address", next_step="Nothing was sent there; the key stays here."
            ),
        )
    return path


def _reason(error: Exception) -> str:
    words: dict[type[Exception], str] = {
        httpx.ConnectTimeout: "connecting timed out",
        httpx.ReadTimeout: "the reply timed out",
        httpx.WriteTimeout: "sending timed out",
        httpx.RemoteProtocolError: "the connection was closed before the reply was complete",
        httpx.ReadError: "the connection was reset",
    }
    text = str(error)
    if isinstance(error, httpx.ConnectError):
        lowered = text.lower()
        if "certificate" in lowered:
            return f"TLS: {text}"
        if "name" in lowered or "nodename" in lowered or "getaddrinfo" in lowered:
            return "the host name is not known"
        return (
            "connection refused"
            if "all connection attempts failed" in lowered
            else text or "connection failed"
        )
    return words.get(type(error), text or type(error).__name__)


# --- media: no credentials, vetted addresses -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What the server said of a finished download: its type and length in bytes."""

    mime: str | None
    length: int


class LinkExpiredError(MediaError):
    """The media URL answered 401, 403, 404 or 410; ask the provider for a fresh one."""


async def download(
    url: str, write: Callable[[bytes], object], *, max_bytes: int, local: bool = False
) -> Downloaded:
    """Stream a media URL into ``write``, without credentials and in constant memory.

    Parameters
    ----------
    url
        The address a provider returned. https only, public addresses only; each redirect is vetted again.
    write
        Takes each chunk.
    max_bytes
        Refuse more than this.
    local
        Allow loopback addresses over http: only for a provider host that is itself on loopback.

    Raises
    ------
    LinkExpiredError
        The URL no longer works.
    MediaError
        A refused address, a truncated or oversized body, or a network failure (safe to repeat).
    """
    for _ in range(MAX_HOPS):
        try:
            done = await _hop(url, write, max_bytes, local)
        except httpx.HTTPError as error:
            raise MediaError(f"download from {urlsplit(url).netloc} broke off ({_reason(error)})") from error
        if isinstance(done, Downloaded):
            return done
        url = urljoin(url, done)
    raise MediaError(f"more than {MAX_HOPS} redirects for one media URL")


async def _hop(url: str, write: Callable[[bytes], object], max_bytes: int, local: bool) -> Downloaded | str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    loopback_ok = local and is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback_ok):
        raise MediaError(f"refused to fetch media from {parts.scheme}://{host}: https only")
    proxied = not loopback_ok and bool(urllib.request.getproxies().get(parts.scheme))
    target, headers, extensions = url, {"user-agent": _USER_AGENT}, {}
    if not loopback_ok:
        address = await _vetted(host, parts.port or 443)
        if not proxied:  # connect to the very address that was vetted; a proxy resolves names itself
            shown = f"[{address}]" if ":" in address else address
            target = parts._replace(netloc=f"{shown}:{parts.port}" if parts.port else shown).geturl()
            headers["host"] = parts.netloc
            extensions["sni_hostname"] = host
    async with (
        httpx.AsyncClient(verify=_tls(), follow_redirects=False, trust_env=proxied) as client,
        client.stream(
            "GET",
            target,
            headers=headers,
            extensions=extensions,
            timeout=httpx.Timeout(60.0, connect=CONNECT_TIMEOUT),
        ) as response,
    ):
        if response.is_redirect:
            return response.headers["location"]
        if response.status_code in (401, 403, 404, 410):
            raise LinkExpiredError(f"the media URL answered {response.status_code}")
        if response.status_code != 200:
            raise MediaError(f"the media URL answered {response.status_code}")
        return await _body(response, write, max_bytes)


async def _body(response: httpx.Response, write: Callable[[bytes], object], max_bytes: int) -> Downloaded:
    length = 0
    async for chunk in response.aiter_bytes(64 * 1024):
        length += len(chunk)
        if length > max_bytes:
            raise MediaError(f"the result is larger than {max_bytes // 2**20} MB")
        write(chunk)
    announced = response.headers.get("content-length")
    if announced and "content-encoding" not in response.headers and int(announced) != length:
        raise MediaError(f"the download ended after {length} of {announced} bytes")
    mime = response.headers.get("content-type")
    return Downloaded(mime.split(";")[0].strip().lower() if mime else None, length)


async def _vetted(host: str, port: int) -> str:
    """Return an address of ``host`` to connect to, if all its addresses are public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise MediaError(f"the media host {host!r} is not known ({error.strerror})") from error
    addresses = [str(item[4][0]) for item in found]
    for address in addresses:
        ip = ipaddress.ip_address(address.split("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if not ip.is_global or ip.is_multicast:
            raise MediaError(f"refused to fetch media from {host}: {address} is not a public address")
    return addresses[0]
