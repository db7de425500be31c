"""Calls to a provider's host, with the key; media come without it, through :mod:`minimax_nb.download`.

Two rules are held here and nowhere else:

* The key goes to the configured host alone. No redirect is followed, and an absolute URL that a
  provider returned is refused unless it names that very host.
* A paid request is written at most once, on a connection that is new or was in use a moment ago, so
  that a failure before the first byte (:class:`~minimax_nb.errors.NotSentError`, safe to repeat) is
  not taken for a lost reply (:class:`~minimax_nb.errors.OutcomeUnknownError`, never repeated).
"""

from __future__ import annotations

import asyncio
import functools
import ssl
import urllib.request
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager, nullcontext
from urllib.parse import urlsplit

import httpx

from minimax_nb._version import __version__
from minimax_nb.errors import (
    ErrorInfo,
    NotSentError,
    OutcomeUnknownError,
    ProviderError,
)
from minimax_nb.settings import is_loopback
from minimax_nb.wire import HttpCall, Reply

CONNECT_TIMEOUT = 15.0
IN_FLIGHT = 32
MAX_REPLY = 256 * 2**20  #: bytes; a song in hex is about 20 MB
DOWNLOADS = 16  #: files fetched at once; a thousand jobs that finish together must not open a thousand
IDLE = 5.0  #: seconds for which a connection is kept for the next request
#: The same for paid requests. A server that closes an idle connection just now is a lost reply to the
#: next request on it; none that is known closes one so soon.
PAID_IDLE = 1.0
USER_AGENT = f"minimax-nb/{__version__}"

_HEADERS = {"user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "gzip, deflate"}

_NOTHING_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the TLS settings that all clients share."""
    # One context for all clients: making one costs about 100 ms, a client on a ready one about 1 ms.
    return httpx.create_ssl_context()


class Pool:
    """Connections, lent for one request at a time and kept for the next. Belongs to one event loop.

    httpx's own pool looks at every connection for every request; lending them one by one does not, and
    stays quick with a thousand jobs polling. They are httpx's transports rather than its clients: what
    a client adds, cookies, redirects and credentials from files, is not wanted here.

    Parameters
    ----------
    most
        How many idle ones are kept; the one that was idle longest goes first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._idle: list[tuple[Hashable, httpx.AsyncHTTPTransport]] = []

    @asynccontextmanager
    async def lend(
        self, key: Hashable, make: Callable[[], httpx.AsyncHTTPTransport]
    ) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Lend a connection that was used under the same key, or a new one; after an error it is closed."""
        found = next((item for item in reversed(self._idle) if item[0] == key), None)
        if found is None:
            connection = make()
        else:
            self._idle.remove(found)
            connection = found[1]
        try:
            yield connection
        except BaseException:
            await connection.aclose()
            raise
        self._idle.append((key, connection))
        if len(self._idle) > self._most:
            await self._idle.pop(0)[1].aclose()

    async def close(self) -> None:
        """Close all that are idle."""
        while self._idle:
            await self._idle.pop()[1].aclose()


def new_connection(url: str, *, idle: float = IDLE) -> httpx.AsyncHTTPTransport:
    """Return a connection to the host of a URL, by way of the environment's proxy where it names one.

    Parameters
    ----------
    url
        Where requests go.
    idle
        Seconds for which it is kept open after a request.

    Raises
    ------
    httpx.ProxyError
        The environment names a proxy that cannot be used.
    """
    proxy = proxy_of(url)
    try:
        return httpx.AsyncHTTPTransport(
            verify=tls_context(),
            proxy=proxy,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=idle),
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:  # SOCKS without its package, say
        where = urlsplit(proxy or "").hostname  # without the password that may stand before it
        raise httpx.ProxyError(f"the proxy {where} cannot be used: {type(error).__name__}") from None


def proxy_of(url: str) -> str | None:
    """Return the proxy that ``HTTPS_PROXY`` and its kin name for a URL; none on loopback or by ``NO_PROXY``."""
    parts, proxies = urlsplit(url), urllib.request.getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or is_loopback(parts.hostname or "") or urllib.request.proxy_bypass(parts.netloc):
        return None
    return found if "://" in found else f"http://{found}"


@asynccontextmanager
async def answer_to(
    request: httpx.Request, connection: httpx.AsyncHTTPTransport
) -> AsyncIterator[httpx.Response]:
    """Send a request; the body of the response is still to be read."""
    response = await connection.handle_async_request(request)
    try:
        yield response
    finally:
        await response.aclose()


class Transport:
    """Sends calls, at most :data:`IN_FLIGHT` at once. Belongs to one event loop."""

    def __init__(self, in_flight: int = IN_FLIGHT) -> None:
        #: To be held while one request is on its way.
        self.in_flight = asyncio.Semaphore(in_flight)
        #: To be held while one file is downloaded.
        self.downloads = asyncio.Semaphore(DOWNLOADS)
        #: The connections of downloads, which carry no key.
        self.media = Pool(DOWNLOADS)
        self._pool = Pool(2 * IN_FLIGHT)

    async def send(
        self,
        call: HttpCall,
        *,
        host: str,
        auth: Mapping[str, str],
        paid: bool = False,
        heard: Callable[[bytes], None] | None = None,
        held: bool = False,
    ) -> Reply:
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
            True for a request that creates a paid job: it gets no connection that was idle for long.
        heard
            Called with each part of a successful reply's body as it comes, for replies that are streams.
        held
            True when the caller holds :attr:`in_flight` already.

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
        make = functools.partial(new_connection, host, idle=PAID_IDLE if paid else IDLE)
        try:
            async with (
                nullcontext() if held else self.in_flight,
                self._pool.lend((host, paid), make) as connection,
            ):
                return await _exchange(connection, call, url, auth, heard)
        except _NOTHING_WRITTEN as error:
            raise NotSentError(
                f"cannot reach {urlsplit(host).netloc} ({reason_of(error)})",
                hint="Check the network and the host setting: %minimax config",
                info=ErrorInfo(
                    "transport", reason_of(error), meaning="Nothing was sent, so nothing can be charged."
                ),
            ) from error
        except httpx.HTTPError as error:
            raise OutcomeUnknownError(
                f"no complete reply from {urlsplit(host).netloc} ({reason_of(error)})",
                info=ErrorInfo(
                    "timeout" if isinstance(error, httpx.TimeoutException) else "transport",
                    reason_of(error),
                ),
            ) from error

    async def close(self) -> None:
        """Close all idle connections."""
        await self._pool.close()
        await self.media.close()


async def _exchange(
    connection: httpx.AsyncHTTPTransport,
    call: HttpCall,
    url: str,
    auth: Mapping[str, str],
    heard: Callable[[bytes], None] | None,
) -> Reply:
    request = httpx.Request(
        call.method,
        _url(url),
        params=call.query or None,
        headers={**_HEADERS, **call.headers, **auth},
        json=call.body,
        data=dict(call.form) or None,
        files=dict(call.files) or None,
        extensions={"timeout": httpx.Timeout(call.timeout, connect=CONNECT_TIMEOUT).as_dict()},
    )
    content = bytearray()
    async with answer_to(request, connection) as response:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        plain = "content-encoding" not in response.headers
        async for chunk in response.stream if plain else response.aiter_bytes():
            content += chunk
            if heard is not None and response.is_success:
                heard(chunk)
            if len(content) > MAX_REPLY:
                raise httpx.ReadError(f"reply of more than {MAX_REPLY // 2**20} MB")
    headers: dict[str, str] = {}  # httpx guesses an encoding anew for each of them
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Reply(response.status_code, headers, bytes(content))


#: Requests go to few addresses; reading one costs a tenth of a request.
_url = functools.lru_cache(maxsize=256)(httpx.URL)


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


def reason_of(error: Exception) -> str:
    """Return why a request failed, in plain words."""
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
