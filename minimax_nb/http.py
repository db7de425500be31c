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


class Clients:
    """Clients of one connection each, lent for one request at a time and kept for the next.

    A pooled client looks at every connection for every request; one client a connection does not,
    and stays quick with a thousand jobs polling. Belongs to one event loop.

    Parameters
    ----------
    most
        How many idle ones are kept; the one that was idle longest goes first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._idle: list[tuple[Hashable, httpx.AsyncClient]] = []

    @asynccontextmanager
    async def lend(
        self, key: Hashable, make: Callable[[], httpx.AsyncClient]
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a client that was used under the same key, or a new one; after an error it is closed."""
        found = next((item for item in reversed(self._idle) if item[0] == key), None)
        if found is None:
            client = make()
        else:
            self._idle.remove(found)
            client = found[1]
            client.cookies.clear()  # what one reply sets is not told with the next request
        try:
            yield client
        except BaseException:
            await client.aclose()
            raise
        self._idle.append((key, client))
        if len(self._idle) > self._most:
            await self._idle.pop(0)[1].aclose()

    async def close(self) -> None:
        """Close all that are idle."""
        while self._idle:
            await self._idle.pop()[1].aclose()


class Transport:
    """Sends calls, at most :data:`IN_FLIGHT` at once. Belongs to one event loop."""

    def __init__(self, in_flight: int = IN_FLIGHT) -> None:
        #: To be held while one request is on its way.
        self.in_flight = asyncio.Semaphore(in_flight)
        #: To be held while one file is downloaded.
        self.downloads = asyncio.Semaphore(DOWNLOADS)
        #: The connections of downloads, which carry no key.
        self.media = Clients(DOWNLOADS)
        self._clients = Clients(2 * IN_FLIGHT)

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
        lent = self._clients.lend(
            (host, paid), functools.partial(_new_client, host, PAID_IDLE if paid else IDLE)
        )
        async with nullcontext() if held else self.in_flight, lent as client:
            try:
                return await _exchange(client, call, url, auth, heard)
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
        await self._clients.close()
        await self.media.close()


def _new_client(host: str, idle: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=tls_context(),
        follow_redirects=False,
        trust_env=not is_loopback(urlsplit(host).hostname or ""),
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=idle),
        headers={"user-agent": USER_AGENT},
    )


async def _exchange(
    client: httpx.AsyncClient,
    call: HttpCall,
    url: str,
    auth: Mapping[str, str],
    heard: Callable[[bytes], None] | None,
) -> Reply:
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
            if heard is not None and response.is_success:
                heard(chunk)
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
