"""A file that is still coming: it survives broken connections, and the end of the process too.

``<root>/partial/<key>.part`` holds the bytes, ``<key>.json`` how many of them are certain: their
number, their hash, and which version of the file they are of. Whoever goes on reads the bytes again
and checks them against that hash, so that a crash or a power cut cannot spoil a result unseen.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import Any, BinaryIO, Self

from minimax_nb.errors import MediaError
from minimax_nb.media.store import MediaStore, StoredFile
from minimax_nb.media.types import HEAD, media_type
from minimax_nb.wire import Head

#: Bytes between two notes of how far a file came; as many may have to come again after a crash.
CHECKPOINT = 8 * 2**20
_BLOCK = 2**20


class Partial:
    """One file on its way into the store. A download's sink; its methods may run in any thread.

    Parameters
    ----------
    store
        Where it goes.
    key
        Names it among the files in the making, for whoever goes on with it later.
    mime_hint
        The declared type, for content whose bytes do not tell it; else the server's word is taken.
    """

    def __init__(self, store: MediaStore, key: str, *, mime_hint: str | None = None) -> None:
        self.mime_hint = mime_hint
        self._store = store
        folder = store.making()
        self._path, self._note = folder / f"{key}.part", folder / f"{key}.json"
        self._file: BinaryIO | None = None
        self._lock = threading.Lock()
        self._forget()

    @classmethod
    def opened(cls, store: MediaStore, key: str, *, mime_hint: str | None = None) -> Self:
        """Make one and :meth:`open` it."""
        partial = cls(store, key, mime_hint=mime_hint)
        partial.open()
        return partial

    def _forget(self) -> None:
        self._head: Head | None = None
        self._written = self._noted = 0
        self._start = b""
        self._sha256 = hashlib.sha256()
        self._other: Any = None

    @property
    def head(self) -> Head | None:
        """What the server said of the file; ``None`` before any of it came."""
        return self._head

    @property
    def written(self) -> int:
        """How many bytes are here."""
        return self._written

    @property
    def resumable(self) -> bool:
        """True when a new connection can go on behind what is here."""
        return self._head is not None and self._head.validator is not None

    def open(self) -> None:
        """Take up what an earlier process left of this file, as far as it proves whole.

        Raises
        ------
        NoSpaceError
            When the disk has no room for the rest.
        """
        with self._lock:
            try:
                note = json.loads(self._note.read_bytes())
                head, count, sha256 = Head(**note["head"]), int(note["bytes"]), str(note["sha256"])
                self._file = self._path.open("r+b")
            except (OSError, ValueError, TypeError, KeyError):
                self._drop()
                return
            digest = tuple(head.digest) if head.digest else None
            self._expect(Head(head.total, head.validator, head.mime, digest))  # type: ignore[arg-type]
            while self._written < count and (block := self._file.read(min(count - self._written, _BLOCK))):
                self._count(block)
            if self._written != count or self._sha256.hexdigest() != sha256:
                self._drop()
                return
            self._file.truncate(count)
            self._noted = count
            if head.total is not None:
                self._store.check_space(head.total - count)

    def begin(self, head: Head) -> None:
        """Make ready for a whole file; what came before is forgotten.

        Raises
        ------
        NoSpaceError
            When the server said how long it is, and the disk has no room for it.
        """
        with self._lock:
            self._drop()
            if head.total is not None:
                self._store.check_space(head.total)
            try:
                # A new file, not the old one emptied: another process may still hold that.
                self._file = self._path.open("x+b")
            except OSError as error:
                raise self._store.failure(error) from error
            self._expect(head)

    def write(self, block: bytes) -> None:
        """Take the next bytes."""
        with self._lock:
            if self._file is None:
                raise MediaError("the download was stopped")
            try:
                self._file.write(block)
                self._file.flush()
            except OSError as error:
                with suppress(OSError):  # a piece of the block may be there
                    self._file.seek(self._written)
                    self._file.truncate()
                raise self._store.failure(error) from error
            self._count(block)
            if self.resumable and self._written - self._noted >= CHECKPOINT:
                self._checkpoint()

    def finish(self) -> StoredFile:
        """Check the file and move it to its place in the store.

        Raises
        ------
        MediaError
            Nothing came, the length or the checksum is not what the server said, or it is an error
            page in place of media; it is forgotten. Or the store cannot be written.
        """
        with self._lock:
            try:
                mime = self._checked()
            except MediaError:
                self._drop()
                raise
            assert self._file is not None, "something was written"
            try:
                os.fsync(self._file.fileno())
                if os.fstat(self._file.fileno()).st_ino != self._path.stat().st_ino:
                    raise MediaError("another kernel is fetching the same result")
                self._file.close()
                self._file = None
                stored = self._store.adopt(self._path, self._sha256.hexdigest(), self._written, mime)
            except OSError as error:
                if self._file is None:
                    self._drop()
                raise self._store.failure(error) from error
            self._note.unlink(missing_ok=True)
            return stored

    def close(self) -> None:
        """Stop here. What came is kept for a later try, if there can be one."""
        with self._lock:
            if self._file is None:
                return
            if not self.resumable or not self._written:
                self._drop()
                return
            self._checkpoint()
            with suppress(OSError):
                self._file.close()
            self._file = None

    def drop(self) -> None:
        """Forget everything that came."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # closing flushes, and the disk may be full
                self._file.close()
            self._file = None
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self._forget()

    def _expect(self, head: Head) -> None:
        self._head = head
        if head.digest is not None and head.digest[0] != "sha256":
            self._other = hashlib.new(head.digest[0], usedforsecurity=False)

    def _count(self, block: bytes) -> None:
        self._sha256.update(block)
        if self._other is not None:
            self._other.update(block)
        self._written += len(block)
        if len(self._start) < HEAD:
            self._start = (self._start + block)[:HEAD]

    def _checkpoint(self) -> None:
        """Note how far it came. No flush to the disk: whoever goes on checks the bytes by their hash."""
        assert self._head is not None, "bytes came with a head"
        note = {"head": asdict(self._head), "bytes": self._written, "sha256": self._sha256.hexdigest()}
        fresh = self._note.with_suffix(".new")
        with suppress(OSError):  # without a note the file only begins anew
            fresh.write_text(json.dumps(note), encoding="utf-8")
            fresh.replace(self._note)
            self._noted = self._written

    def _checked(self) -> str:
        """Return the media type of a file that is what the server said."""
        head = self._head or Head()
        if not self._written:
            raise MediaError("the file is empty")
        if head.total is not None and self._written != head.total:
            raise MediaError(f"the file broke off: {self._written:,} of {head.total:,} bytes came")
        if head.digest is not None:
            name, expected = head.digest
            found = (self._other or self._sha256).hexdigest()
            if found != expected:
                raise MediaError(f"the file is damaged: its {name} is not what the server said")
        return media_type(self._start, self.mime_hint or head.mime)
