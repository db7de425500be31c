"""Raw replies to paid requests, on disk before anybody reads them, so that they outlive the process.

``<home>/spool/<job>.<attempt>.reply`` is a whole reply; ``….stream`` is what came so far of a streamed
one. Both begin with one line of JSON: status and headers. A file is there until the ledger says that
what it brought is stored.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from minimax_nb.files import write_all
from minimax_nb.wire import Reply

#: Files that are written over rather than made anew, which costs several times as much.
_SPARE = 8
_SPARE_BYTES = 2**20


class Spool:
    """The folder of raw replies.

    One file a sending: the refusal of an earlier one must not be taken for the reply to the last. A
    ``key`` is therefore ``<job>.<attempt>``.

    Parameters
    ----------
    root
        The folder; made on first use.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._made: dict[str, int] = {}  #: the files of this process, and their sizes
        self._parts: set[str] = set()
        self._spare: deque[tuple[str, int]] = deque()

    def keep(self, key: str, reply: Reply) -> None:
        """Keep a whole reply; whoever looks finds all of it or nothing.

        Raises
        ------
        OSError
            It cannot be written.
        """
        target = self._file(key, "reply")
        kept = {name: value for name, value in reply.headers.items() if name != "set-cookie"}
        data = _head(reply.status, kept) + reply.content
        try:
            os.replace(self._written_over(data), target)
        except (IndexError, OSError):  # none to write over, or another kernel swept it away
            os.replace(self._written_anew(f"{target}.part", data), target)
        self._made[target] = len(data)

    def keep_part(self, key: str, data: bytes, status: int) -> None:
        """Add a part to a streamed reply as it comes."""
        self.root.mkdir(parents=True, exist_ok=True)
        # One unbuffered write a part: no file without its first line is left by a process that dies here.
        target = self._file(key, "stream")
        self._parts.add(target)
        with open(target, "ab", buffering=0) as file:
            file.write(data if file.tell() else _head(status, {}) + data)

    def flush(self, key: str) -> None:
        """Flush a whole reply, so that it outlives a power cut: before the ledger says what only it can tell."""
        file = os.open(self._file(key, "reply"), os.O_RDWR)
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def reply(self, key: str) -> Reply | None:
        """Return the whole reply, or what came of a stream; ``None`` where nothing came."""
        return _read(self._file(key, "reply")) or self.part(key)

    def part(self, key: str) -> Reply | None:
        """Return what came of a streamed reply; ``None`` where nothing came."""
        return _read(self._file(key, "stream"))

    def broke_off(self, key: str) -> bool:
        """Return True when only the beginning of a streamed reply is there."""
        return self.part(key) is not None and not os.path.isfile(self._file(key, "reply"))

    def forget_part(self, key: str) -> None:
        """Forget a streamed reply of which nothing can be used."""
        Path(self._file(key, "stream")).unlink(missing_ok=True)

    def drop(self, job_id: str, attempts: int) -> None:
        """Forget all replies to a job, once its media are stored."""
        for attempt in range(1, attempts + 1):
            reply, stream = (self._file(f"{job_id}.{attempt}", ending) for ending in ("reply", "stream"))
            if stream in self._parts or reply not in self._made:  # another process may have made it
                self._parts.discard(stream)
                with contextlib.suppress(OSError):
                    os.unlink(stream)
            self._let_go(reply)

    def has_part(self, job_id: str) -> bool:
        """Return True when something came of a streamed reply to a job."""
        return any(file.stat().st_size for file in self.root.glob(f"{job_id}.*.stream"))

    def sweep(self, settled: Callable[[str], bool]) -> None:
        """Forget the replies to jobs that are settled, where a process died before it could."""
        for file in self.root.glob("*.*"):
            if settled(file.name.partition(".")[0]):
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the files that were kept to be written over."""
        while self._spare:
            with contextlib.suppress(OSError):
                os.unlink(self._spare.popleft()[0])

    def _file(self, key: str, ending: str) -> str:
        return f"{self.root}/{key}.{ending}"

    def _written_over(self, data: bytes) -> str:
        # Its name is that of a settled job: nobody reads it, and a sweep removes it.
        name, size = self._spare.popleft()
        _write(os.open(name, os.O_WRONLY), data, before=size)
        return name

    def _written_anew(self, name: str, data: bytes) -> str:
        self.root.mkdir(parents=True, exist_ok=True)
        _write(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), data)
        return name

    def _let_go(self, file: str) -> None:
        size = self._made.pop(file, None)
        if size is not None and size <= _SPARE_BYTES and len(self._spare) < _SPARE:
            self._spare.append((file, size))
            return
        with contextlib.suppress(OSError):
            os.unlink(file)


def _write(descriptor: int, data: bytes, before: int = 0) -> None:
    try:
        write_all(descriptor, data)
        if before > len(data):
            os.ftruncate(descriptor, len(data))
    finally:
        os.close(descriptor)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    return json.dumps([status, dict(headers)]).encode() + b"\n"


def _read(file: str) -> Reply | None:
    try:
        head, found, content = Path(file).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if not found:  # the process died while it wrote the first line
        return None
    status, headers = json.loads(head)
    return Reply(status, headers, content)
