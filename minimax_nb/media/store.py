"""Bytes on disk, by content: each is kept once a type, whole or not at all, and never changed.

``<root>/sha256/ab/abcdef….mp4``. A file is written under ``<root>/partial/``, hashed, and renamed to
its place; whoever looks there sees whole files only. It is flushed before anybody is told of it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import time
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from minimax_nb.errors import MediaError
from minimax_nb.files import whole_file, write_all
from minimax_nb.media.types import HEAD, extension, kind_of, media_type, type_of_extension

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

#: Left free on the disk whatever is written, in bytes.
RESERVE = 64 * 2**20

#: Longest readable part of a file name, in characters.
STEM = 48

_DIGEST = re.compile(r"[0-9a-f]{64}")
_STALE_S = 24 * 3600
_READ_ONLY = 0o444


class NoSpaceError(MediaError):
    """The disk has no room for a file."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One content in the store. ``bytes`` is its size; ``ext`` has no dot."""

    sha256: str
    bytes: int
    mime: str
    ext: str
    path: Path


class MediaStore:
    """A folder of media, addressed by the SHA-256 of their content.

    Parameters
    ----------
    root
        The folder; made on first use. All processes of a user may share it.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._swept = False
        self._new_folders: set[Path] = set()  #: not flushed yet

    def __repr__(self) -> str:
        return f"MediaStore({str(self.root)!r})"

    def put_bytes(self, data: bytes, *, mime_hint: str | None = None, flush: bool = True) -> StoredFile:
        """Store bytes that are at hand; see :meth:`writer` for the rules.

        Parameters
        ----------
        flush
            False leaves :meth:`flush` to the caller, who does it before the ledger tells of the file.
        """
        if not data:
            raise MediaError("the file is empty")
        mime, sha256 = media_type(data[:HEAD], mime_hint), hashlib.sha256(data).hexdigest()
        try:
            stored = self._known(sha256, len(data), mime)
            # After a power cut a file that was not flushed yet may be there and hold something else.
            if stored is None or stored.path.read_bytes() != data:
                self.check_space(len(data))
                partial = f"{self.making()}/{secrets.token_hex(8)}"
                try:
                    _write_new(partial, data)
                    stored = self._move(partial, sha256, len(data), mime)
                except OSError:
                    Path(partial).unlink(missing_ok=True)
                    raise
            if flush:
                self.flush(stored)
        except OSError as error:
            raise self.failure(error) from error
        return stored

    def flush(self, stored: StoredFile) -> None:
        """Flush a file that was stored without; raises OSError."""
        descriptor = os.open(stored.path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _sync_folder(stored.path.parent)
        if stored.path.parent in self._new_folders:
            _sync_folder(stored.path.parents[1])
            self._new_folders.discard(stored.path.parent)

    def writer(self, *, mime_hint: str | None = None, expected_bytes: int | None = None) -> StoreWriter:
        """Return a context manager that takes a stream chunk by chunk, in constant memory.

        At the end of the block the file is in its place and ``writer.stored`` tells where; when the
        block raises, nothing is left.

        Parameters
        ----------
        mime_hint
            The declared type, for content whose bytes do not tell it.
        expected_bytes
            The declared length. Both may also be set on the writer before the block ends.

        Raises
        ------
        MediaError
            At the end of the block: nothing came, more or less than declared, or an error page in
            place of media. While writing: the disk is full.
        """
        return StoreWriter(self, mime_hint, expected_bytes)

    def get(self, sha256: str) -> StoredFile:
        """Return a stored content.

        Raises
        ------
        MediaError
            When it is not there.
        """
        if not _DIGEST.fullmatch(sha256):
            raise MediaError(f"{sha256!r} is not a SHA-256 digest")
        folder = self.root / "sha256" / sha256[:2]
        try:
            found = sorted(name for name in os.listdir(folder) if name.startswith(f"{sha256}."))
        except FileNotFoundError:
            found = []
        if not found:
            raise MediaError(f"the file {sha256[:12]}… is not in the media store {self.root}")
        path = folder / min(
            found, key=lambda name: name.endswith(".bin")
        )  # a name that tells more comes first
        ext = path.suffix[1:]
        return StoredFile(sha256, path.stat().st_size, type_of_extension(ext), ext, path)

    def digests(self) -> set[str]:
        """Return the SHA-256 of everything that is there."""
        return {path.stem for path in (self.root / "sha256").glob("??/*") if _DIGEST.fullmatch(path.stem)}

    def link(self, stored: StoredFile, folder: Path, stem: str) -> Path:
        """Give a stored file a readable name: ``<stem>-<first 8 of its hash>.<ext>`` in a folder.

        A hard link where the file system allows it (read-only, as the store's file is), else a copy.

        Parameters
        ----------
        folder
            Made when missing.
        stem
            What it is called after, a prompt say; cut to 48 plain ASCII characters.
        """
        name = f"{slug(stem) or kind_of(stored.mime)}-{stored.sha256[:8]}"
        try:
            try:
                return _named(stored, folder, name)
            except FileNotFoundError:  # the first one there
                folder.mkdir(parents=True, exist_ok=True)
                return _named(stored, folder, name)
        except OSError as error:
            raise MediaError(f"cannot put {name}.{stored.ext} into {folder}: {error.strerror}") from error

    def linked(self, stored: StoredFile, folder: Path, name: str | None) -> Path:
        """Return the readable name of a file when it is (still) there, else its place in the store."""
        readable = folder / name if name else stored.path
        return readable if readable.is_file() else stored.path

    def check_space(self, needed: int) -> None:
        """Raise NoSpaceError when the disk has no room for ``needed`` bytes and a reserve of 64 MiB."""
        try:
            free = shutil.disk_usage(self.root).free
        except FileNotFoundError:
            self.root.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.root).free
        if free < needed + RESERVE:
            raise NoSpaceError(
                f"no room for {needed / 1e6:.0f} MB in the media store {self.root}: {free / 1e6:.0f} MB are free",
                hint="Free some space, or name another folder with MINIMAX_NB_MEDIA.",
            )

    def making(self) -> Path:
        """Return the folder of files in the making; forget what dead processes left there."""
        folder = self.root / "partial"
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        if not self._swept:
            self._swept = True
            for item in folder.iterdir():
                with suppress(OSError):  # another process may be quicker
                    if time.time() - item.stat().st_mtime > _STALE_S:
                        item.unlink()
        return folder

    def failure(self, error: OSError) -> MediaError:
        """Return the error that a failed write to the store stands for."""
        return (NoSpaceError if error.errno in _FULL else MediaError)(
            f"cannot write to the media store {self.root}: {error.strerror}",
            hint="Free some space, or name another folder with MINIMAX_NB_MEDIA.",
        )

    def adopt(self, partial: Path, sha256: str, size: int, mime: str) -> StoredFile:
        """Move a whole, flushed file to its place, or drop it when its content is there already."""
        known = self._known(sha256, size, mime)
        if known is not None:
            partial.unlink()
            return known
        partial.chmod(_READ_ONLY)
        stored = self._move(partial, sha256, size, mime)
        self.flush(stored)
        return stored

    def _known(self, sha256: str, size: int, mime: str) -> StoredFile | None:
        """Return what is there of a content, unless its name tells less than ``mime`` does."""
        ext = extension(mime)
        if ext == "bin":  # any other name tells more
            with suppress(MediaError):
                known = self.get(sha256)
                return known if known.bytes == size else None
            return None
        path = self._path(sha256, ext)
        with suppress(OSError):
            if os.stat(path).st_size == size:
                return StoredFile(sha256, size, mime, ext, Path(path))
        return None

    def _path(self, sha256: str, ext: str) -> str:
        return f"{self.root}/sha256/{sha256[:2]}/{sha256}.{ext}"

    def _move(self, partial: Path | str, sha256: str, size: int, mime: str) -> StoredFile:
        ext = extension(mime)
        path = Path(self._path(sha256, ext))
        try:
            os.replace(partial, path)
        except FileNotFoundError:  # the first of its folder
            path.parent.mkdir(parents=True, exist_ok=True)
            self._new_folders.add(path.parent)
            os.replace(partial, path)
        return StoredFile(sha256, size, mime, ext, path)


class StoreWriter:
    """Takes one file for the store; made by :meth:`MediaStore.writer`."""

    def __init__(self, store: MediaStore, mime_hint: str | None, expected_bytes: int | None) -> None:
        self.mime_hint = mime_hint
        self.expected_bytes = expected_bytes
        self.written = 0
        self._store = store
        self._digest = hashlib.sha256()
        self._head = b""
        self._stored: StoredFile | None = None

    @property
    def stored(self) -> StoredFile:
        """The stored file, after the block ended well."""
        assert self._stored is not None, "the file is not stored before the block ends"
        return self._stored

    def __enter__(self) -> Self:
        if self.expected_bytes is not None:
            self._store.check_space(self.expected_bytes)
        try:
            self._path = self._store.making() / secrets.token_hex(8)
            self._file = self._path.open("xb")
        except OSError as error:
            raise self._store.failure(error) from error
        return self

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        try:
            self._file.write(chunk)
        except OSError as error:
            raise self._store.failure(error) from error
        self._digest.update(chunk)
        self.written += len(chunk)
        if len(self._head) < HEAD:
            self._head = (self._head + chunk)[:HEAD]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as failure:
            raise self._store.failure(failure) from failure
        finally:
            with suppress(OSError):  # closing flushes: a full disk says so a second time
                self._file.close()
            if self._stored is None:
                self._path.unlink(missing_ok=True)

    def _finish(self) -> None:
        if self.written == 0:
            raise MediaError("the file is empty")
        if self.expected_bytes is not None and self.written != self.expected_bytes:
            raise MediaError(f"the file broke off: {self.written:,} of {self.expected_bytes:,} bytes came")
        mime = media_type(self._head, self.mime_hint)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._stored = self._store.adopt(self._path, self._digest.hexdigest(), self.written, mime)


def _write_new(name: str, data: bytes) -> None:
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READ_ONLY)
    try:
        write_all(descriptor, data)
    finally:
        os.close(descriptor)


def slug(text: str) -> str:
    """Return text as a file name: plain lower-case ASCII words joined by dashes, at most 48 characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    if len(words) <= STEM:
        return words
    return words[: STEM + 1].rpartition("-")[0] or words[:STEM]


def copy_file(source: Path, target: Path) -> None:
    """Copy a file so that the target is whole or not there, and writable."""
    with whole_file(target) as draft:
        shutil.copyfile(source, draft)


def _named(stored: StoredFile, folder: Path, name: str) -> Path:
    for number in range(1, 1000):
        target = folder / f"{name}{f'-{number}' if number > 1 else ''}.{stored.ext}"
        if _place(stored, target):
            return target
    raise MediaError(f"{folder} is full of other files called {name}")


def _place(stored: StoredFile, target: Path) -> bool:
    """Link or copy to ``target``; False when something else has that name."""
    try:
        os.link(stored.path, target)
    except FileExistsError:
        return _same(stored, target)
    except OSError:  # another disk, or a file system without hard links
        if target.exists():
            return _same(stored, target)
        copy_file(stored.path, target)
    return True


def _same(stored: StoredFile, target: Path) -> bool:
    if target.samefile(stored.path):
        return True
    if not target.is_file() or target.stat().st_size != stored.bytes:
        return False
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == stored.sha256


def _sync_folder(folder: Path) -> None:
    """Flush a folder's entries; Windows does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
