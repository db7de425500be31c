"""A file that is still coming: gone on with when it proves whole, forgotten when it does not."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from minimax_nb.errors import MediaError
from minimax_nb.media import MediaStore, partial
from minimax_nb.media.partial import Partial
from minimax_nb.media.store import NoSpaceError
from minimax_nb.wire import Head

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
HEAD = Head(total=len(JPEG), validator='"v1"', mime="image/jpeg")


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "store")


@pytest.fixture
def half(store: MediaStore) -> Iterator[Partial]:
    """A file of which 4,000 bytes came before its process stopped."""
    first = Partial(store, "job-output-0")
    first.open()
    first.begin(HEAD)
    first.write(JPEG[:4000])
    first.close()
    again = Partial(store, "job-output-0")
    yield again
    again.drop()


def making(store: MediaStore) -> list[str]:
    return sorted(path.name for path in (store.root / "partial").iterdir())


def test_a_whole_file_goes_to_its_place_and_leaves_nothing(store: MediaStore) -> None:
    file = Partial(store, "job-output-0")
    file.begin(HEAD)
    file.write(JPEG)
    stored = file.finish()
    assert (stored.sha256, stored.ext) == (hashlib.sha256(JPEG).hexdigest(), "jpg")
    assert stored.path.read_bytes() == JPEG
    assert stored.path.stat().st_mode & 0o777 == 0o444
    assert making(store) == []
    file.close()  # harmless


def test_another_process_goes_on(store: MediaStore, half: Partial) -> None:
    half.open()
    assert (half.written, half.head) == (4000, HEAD)
    half.write(JPEG[4000:])
    assert half.finish() == store.put_bytes(JPEG)
    assert making(store) == []


def test_what_came_after_the_last_note_comes_again(
    store: MediaStore, half: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "CHECKPOINT", 100)
    half.open()
    half.write(JPEG[4000:4150])  # noted
    half.write(JPEG[4150:4200])  # not noted; then the process is killed
    again = Partial(store, "job-output-0")
    again.open()
    assert again.written == 4150
    again.write(JPEG[4150:])
    assert again.finish().sha256 == hashlib.sha256(JPEG).hexdigest()


def test_without_a_version_there_is_nothing_to_go_on_with(store: MediaStore) -> None:
    file = Partial(store, "job-output-0")
    file.begin(Head(total=len(JPEG)))
    file.write(JPEG[:4000])
    assert not file.resumable
    file.close()
    assert making(store) == []


def spoil_a_byte(part: Path, note: Path) -> None:
    content = bytearray(part.read_bytes())
    content[2000] ^= 1
    part.write_bytes(content)


def zeros_after_a_power_cut(part: Path, note: Path) -> None:
    part.write_bytes(bytes(4000))


def cut_the_file(part: Path, note: Path) -> None:
    os.truncate(part, 3999)


def cut_the_note(part: Path, note: Path) -> None:
    os.truncate(note, 10)


def note_of_another_version(part: Path, note: Path) -> None:
    note.write_text(json.dumps({"head": {"size": 5}, "bytes": 4000, "sha256": ""}))


def lose_the_file(part: Path, note: Path) -> None:
    part.unlink()


def lose_the_note(part: Path, note: Path) -> None:
    note.unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_a_byte,
        zeros_after_a_power_cut,
        cut_the_file,
        cut_the_note,
        note_of_another_version,
        lose_the_file,
        lose_the_note,
    ],
    ids=lambda function: function.__name__,
)
def test_what_does_not_prove_whole_is_forgotten(store: MediaStore, half: Partial, spoil: object) -> None:
    folder = store.root / "partial"
    spoil(folder / "job-output-0.part", folder / "job-output-0.json")  # type: ignore[operator]
    half.open()
    assert (half.written, half.head, making(store)) == (0, None, [])
    half.begin(HEAD)
    half.write(JPEG)
    assert half.finish().bytes == len(JPEG)


class Wrong(NamedTuple):
    head: Head
    content: bytes
    said: str


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong(Head(total=9, validator='"v"'), b"12345", "broke off: 5 of 9 bytes"),
        Wrong(Head(validator='"v"'), b"", "empty"),
        Wrong(Head(mime="video/mp4"), b"<!doctype html><p>Busy", "got a web page"),
        Wrong(Head(digest=("md5", "0" * 32)), JPEG, "damaged: its md5"),
        Wrong(Head(digest=("sha256", "0" * 64)), JPEG, "damaged: its sha256"),
    ],
    ids=lambda wrong: wrong.said,
)
def test_a_file_that_is_not_what_was_said_is_refused_and_forgotten(store: MediaStore, wrong: Wrong) -> None:
    file = Partial(store, "job-output-0")
    file.begin(wrong.head)
    file.write(wrong.content)
    with pytest.raises(MediaError, match=wrong.said):
        file.finish()
    assert (file.written, making(store)) == (0, [])


@pytest.mark.parametrize("name", ["md5", "sha256"])
def test_a_checksum_holds_across_processes(store: MediaStore, name: str) -> None:
    head = Head(len(JPEG), '"v1"', "image/jpeg", (name, hashlib.new(name, JPEG).hexdigest()))
    first = Partial(store, "job-output-0")
    first.begin(head)
    first.write(JPEG[:4000])
    first.close()
    again = Partial(store, "job-output-0")
    again.open()
    assert again.head == head
    again.write(JPEG[4000:])
    assert again.finish().bytes == len(JPEG)


def test_a_new_version_does_not_touch_the_file_another_process_holds(
    store: MediaStore, half: Partial
) -> None:
    half.open()
    other = Partial(store, "job-output-0")
    other.open()
    other.begin(Head(total=5, validator='"v2"'))
    half.write(JPEG[4000:])
    with pytest.raises(MediaError, match="another kernel"):
        half.finish()
    other.write(b"hello")
    assert other.finish().path.read_bytes() == b"hello"


def test_no_room_is_said_before_a_byte_is_written(
    store: MediaStore, half: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=70 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    file = Partial(store, "job-output-1")
    with pytest.raises(NoSpaceError, match="no room for 120 MB"):
        file.begin(Head(total=120_000_000, validator='"v"'))
    half.open()  # a few bytes more do fit
    assert half.written == 4000


def test_a_disk_that_fills_up_keeps_what_is_there(store: MediaStore, half: Partial) -> None:
    half.open()
    real = half._file

    class Full:
        def write(self, block: bytes) -> int:
            assert real is not None
            real.write(block[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    half._file = Full()  # type: ignore[assignment]
    with pytest.raises(NoSpaceError, match="No space left"):
        half.write(JPEG[4000:])
    half._file = real
    half.close()
    again = Partial(store, "job-output-0")
    again.open()
    assert again.written == 4000
    again.write(JPEG[4000:])
    assert again.finish().sha256 == hashlib.sha256(JPEG).hexdigest()
