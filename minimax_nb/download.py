"""Media from addresses that a provider, or the user, named: no credentials, vetted hosts, resumable.

Only public addresses are connected to, at each redirect anew, and a broken download goes on where it
stopped as long as the server still has the same version of the file.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ipaddress
import re
import socket
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from minimax_nb.errors import MediaError
from minimax_nb.http import CONNECT_TIMEOUT, USER_AGENT, Pool, answer_to, new_connection, proxy_of, reason_of
from minimax_nb.settings import is_loopback
from minimax_nb.wire import Head

MAX_HOPS = 5
BLOCK = 2**20  #: bytes handed to a worker thread at once
STALL = 60.0  #: seconds; media that are made when they are first asked for may take half of it to begin
SLOWEST = 1024  #: bytes a second; a slower download is broken off and gone on with on a new connection


class Sink(Protocol):
    """Takes a download, over several connections if need be; its methods run in worker threads."""

    @property
    def head(self) -> Head | None:
        """What the server said of the bytes taken so far; ``None`` before any came."""
        ...

    @property
    def written(self) -> int:
        """How many bytes of the file are here."""
        ...

    def begin(self, head: Head) -> None:
        """Make ready for a whole file; what came before is forgotten."""
        ...

    def write(self, block: bytes) -> None:
        """Take the next bytes."""
        ...

    def drop(self) -> None:
        """Forget everything."""
        ...


class LinkExpiredError(MediaError):
    """The media URL answered 401, 403, 404 or 410; ask the provider for a fresh one."""


class RefusedError(MediaError):
    """An address or a length that no further try makes acceptable."""


async def download(
    url: str,
    sink: Sink,
    *,
    max_bytes: int,
    local: bool = False,
    plain: bool = False,
    stall: float = STALL,
    pool: Pool | None = None,
) -> None:
    """Stream a media URL into ``sink``, without credentials, in constant memory, off the event loop.

    What the sink already holds is gone on with (``Range``, ``If-Range``) as long as the server still
    has that version; else the file begins anew. A try that breaks off leaves what came in the sink.

    Parameters
    ----------
    url
        The address a provider returned. https only, public addresses only; each redirect is vetted again.
    sink
        Takes the bytes, in blocks of about :data:`BLOCK`.
    max_bytes
        Refuse more than this.
    local
        Allow loopback addresses over http: only for a provider host that is itself on loopback.
    plain
        Allow http to public addresses: only for an http address that the user gave.
    stall
        Give up after so many seconds without a byte, or with less than :data:`SLOWEST` on average.
    pool
        Whose connections are used, and kept for the next file; by default one is opened and closed.

    Raises
    ------
    LinkExpiredError
        The URL no longer works.
    RefusedError
        A refused address or an oversized body.
    MediaError
        A broken or stalled download, or an answer that is no file: safe to repeat.
    """
    if sink.head is not None and sink.head.total is not None and sink.written == sink.head.total:
        return
    lent = pool or Pool(0)
    for _ in range(MAX_HOPS):
        try:
            further = await _hop(url, sink, lent, max_bytes, local, plain, stall)
        except httpx.HTTPError as error:
            raise MediaError(
                f"download from {urlsplit(url).netloc} broke off ({reason_of(error)})"
            ) from error
        if further is None:
            return
        url = urljoin(url, further)
    raise MediaError(f"more than {MAX_HOPS} redirects for one media URL")


async def _hop(
    url: str, sink: Sink, pool: Pool, max_bytes: int, local: bool, plain: bool, stall: float
) -> str | None:
    """Ask one address; return where to ask next, or ``None`` when the file is complete."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    loopback_ok = local and is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and (loopback_ok or plain)):
        raise RefusedError(f"refused to fetch media from {parts.scheme}://{host}: https only")
    proxied = proxy_of(url) is not None
    # Unencoded, so that a byte range means the same bytes on every connection.
    headers = {"user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "identity", **_range(sink)}
    timeout = httpx.Timeout(stall, connect=CONNECT_TIMEOUT)
    target, extensions = url, dict[str, Any](timeout=timeout.as_dict())
    if not loopback_ok:
        address = await _vetted(host, parts.port or 443)
        if not proxied:  # connect to the very address that was vetted; a proxy resolves names itself
            shown = f"[{address}]" if ":" in address else address
            target = parts._replace(netloc=f"{shown}:{parts.port}" if parts.port else shown).geturl()
            headers["host"] = parts.netloc
            extensions["sni_hostname"] = host
    # Kept by the address that was vetted, so that a name that changes its mind gets no old connection.
    origin = (parts.scheme, urlsplit(target).netloc, host, proxied)
    async with (
        pool.lend(origin, partial(new_connection, url)) as connection,
        answer_to(
            httpx.Request("GET", target, headers=headers, extensions=extensions), connection
        ) as response,
    ):
        status = response.status_code
        if response.has_redirect_location:
            return response.headers["location"]
        if status in (401, 403, 404, 410):
            raise LinkExpiredError(f"the media URL answered {status}")
        if status == 416 or (status == 206 and not _goes_on(response, sink)):
            if "range" not in headers:
                raise MediaError(f"the media URL answered {status}")
            await asyncio.to_thread(sink.drop)
            return url  # once more, from the beginning
        head = _head(response) if status == 200 else None
        if head is None and status != 206:
            raise MediaError(f"the media URL answered {status}")
        if head is not None and (head.total or 0) > max_bytes:
            raise _oversized(max_bytes)
        await _body(response, sink, head, max_bytes, stall)
    return None


def _range(sink: Sink) -> dict[str, str]:
    if not sink.written or sink.head is None or sink.head.validator is None:
        return {}
    return {"range": f"bytes={sink.written}-", "if-range": sink.head.validator}


def _goes_on(response: httpx.Response, sink: Sink) -> bool:
    """Return whether a partial answer is the rest of what the sink holds, of the very same version."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", "").strip())
    if match is None or sink.head is None or "content-encoding" in response.headers:
        return False
    same_length = sink.head.total is None or match[2] in ("*", str(sink.head.total))
    same_version = _validator(response) in (None, sink.head.validator)
    return int(match[1]) == sink.written and same_length and same_version


def _head(response: httpx.Response) -> Head:
    headers = response.headers
    mime = headers.get("content-type", "").split(";")[0].strip().lower() or None
    if headers.get("content-encoding", "identity") != "identity":
        return Head(mime=mime)
    length = headers.get("content-length", "")
    return Head(int(length) if length.isdigit() else None, _validator(response), mime, _checksum(headers))


def _validator(response: httpx.Response) -> str | None:
    """Return what may stand in If-Range: a strong ETag, else a date that is surely older than the reply."""
    tag: str | None = response.headers.get("etag")
    if tag is not None and tag.startswith('"'):
        return tag
    changed: str | None = response.headers.get("last-modified")
    try:
        age = parsedate_to_datetime(response.headers["date"]) - parsedate_to_datetime(changed or "")
    except (KeyError, ValueError, TypeError):
        return None
    return changed if age.total_seconds() >= 1 else None  # RFC 9110, 8.8.2.2


def _checksum(headers: httpx.Headers) -> tuple[str, str] | None:
    """Return the checksum of the file that object stores (Content-MD5) and RFC 9530 (Repr-Digest) send."""
    found = re.search(r"sha-256=:([A-Za-z0-9+/=]+):", headers.get("repr-digest", ""))
    name, text, size = ("sha256", found[1], 32) if found else ("md5", headers.get("content-md5", ""), 16)
    with suppress(binascii.Error, ValueError):
        digest = base64.b64decode(text, validate=True)
        return (name, digest.hex()) if len(digest) == size else None
    return None


async def _body(
    response: httpx.Response, sink: Sink, head: Head | None, max_bytes: int, stall: float
) -> None:
    """Take the body; ``head`` begins a whole file, without one it is the rest of what the sink holds."""
    loop = asyncio.get_running_loop()
    block = bytearray()
    since, came = loop.time(), 0
    if head is not None and (head.total or 0) > BLOCK:  # room for a large file is looked for before it comes
        await asyncio.to_thread(sink.begin, head)
        head = None

    def take(block: bytes) -> None:
        nonlocal head
        if head is not None:
            sink.begin(head)
            head = None
        sink.write(block)

    try:
        async for chunk in response.aiter_bytes():
            block += chunk
            came += len(chunk)
            if (0 if head else sink.written) + len(block) > max_bytes:
                raise _oversized(max_bytes)
            if len(block) >= BLOCK:
                full, block = bytes(block), bytearray()
                await asyncio.to_thread(take, full)
            if loop.time() - since > stall:
                if came < SLOWEST * stall:
                    raise MediaError(f"the download crawls ({came:,} bytes in {stall:.0f} s)")
                since, came = loop.time(), 0
    finally:
        if block or head is not None:  # of a broken download too: the next try goes on behind it
            await asyncio.to_thread(take, bytes(block))
    total = sink.head.total if sink.head else None
    if total is not None and sink.written != total:
        raise MediaError(f"the download ended after {sink.written} of {total} bytes")


def _oversized(max_bytes: int) -> RefusedError:
    return RefusedError(f"the file is larger than {max_bytes // 2**20} MB")


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
            raise RefusedError(f"refused to fetch media from {host}: {address} is not a public address")
    return addresses[0]
