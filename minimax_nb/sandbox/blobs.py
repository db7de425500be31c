"""Media behind addresses: made when first asked for, on addresses that expire."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, unquote
from weakref import WeakKeyDictionary

T = TypeVar("T")
_CACHE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Blob:
    """One media file, not made yet.

    Parameters
    ----------
    make
        Makes the bytes; the same bytes at every call, so that they need not be kept.
    mime
        The media type the host declares.
    """

    make: Callable[[], bytes]
    mime: str


@dataclass(frozen=True)
class Address:
    """One media address: what is there, until when, and the status that answers later."""

    blob: Blob
    expires: float
    gone_status: int


class BlobStore:
    """All media addresses of the front port, and the two threads that make media.

    Parameters
    ----------
    front
        Base URL of the front port.
    seed
        Makes the addresses' tokens.
    """

    def __init__(self, front: str, seed: int) -> None:
        self.front = front
        self._seed = seed
        self._addresses: dict[str, Address] = {}
        self._kept: OrderedDict[Blob, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._digests: WeakKeyDictionary[Blob, str] = WeakKeyDictionary()
        self._making: dict[Blob, asyncio.Future[bytes]] = {}
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="sandbox-media")

    def publish(self, blob: Blob, path: str, expires: float, *, gone_status: int = 404) -> str:
        """Return a new address of ``blob``.

        Parameters
        ----------
        blob
            What is served.
        path
            The end of the address, as the real host's addresses end.
        expires
            Virtual time in seconds after which ``gone_status`` answers.
        gone_status
            403 (signed addresses) or 404.
        """
        token = hashlib.sha256(f"{self._seed}:{len(self._addresses)}:{path}".encode()).hexdigest()[:24]
        name = f"{token}/{path}"
        self._addresses[name] = Address(blob, expires, gone_status)
        return f"{self.front}/media/{quote(name)}"

    def at(self, name: str) -> Address | None:
        """Return what is at ``/media/{name}``."""
        return self._addresses.get(name)

    def by_url(self, url: str) -> Address | None:
        """Return what is at an address of ours; ``None`` for any other URL."""
        prefix = f"{self.front}/media/"
        return self.at(unquote(url.removeprefix(prefix))) if url.startswith(prefix) else None

    async def run(self, work: Callable[[], T]) -> T:
        """Run ``work`` in one of the two media threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def read(self, blob: Blob) -> bytes:
        """Return the bytes of ``blob``, made now if need be."""
        if blob in self._kept:
            self._kept.move_to_end(blob)
            return self._kept[blob]
        if blob not in self._making:
            self._making[blob] = asyncio.ensure_future(self._make(blob))
        # Shielded: one reader that goes away must not take the file from the others.
        return await asyncio.shield(self._making[blob])

    async def digest(self, blob: Blob) -> str:
        """Return 32 hex digits that tell this content from any other."""
        if blob not in self._digests:
            data = await self.read(blob)
            self._digests[blob] = await self.run(lambda: hashlib.sha256(data).hexdigest()[:32])
        return self._digests[blob]

    async def _make(self, blob: Blob) -> bytes:
        try:
            data = await self.run(blob.make)
        finally:
            del self._making[blob]
        self.keep(blob, data)
        return data

    def keep(self, blob: Blob, data: bytes) -> Blob:
        """Keep bytes that are made already, as long as there is room; return ``blob``."""
        self._kept[blob] = data
        self._kept_bytes += len(data)
        while self._kept_bytes > _CACHE_BYTES and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._kept_bytes -= len(old)
        return blob

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
