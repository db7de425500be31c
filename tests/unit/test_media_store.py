"""The media store: whole files by content, or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from minimax_nb.errors import MediaError
from minimax_nb.media import MediaStore, StoreWriter
from minimax_nb.media import store as module
from minimax_nb.media.store import slug

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "store")


def visible(store: MediaStore) -> list[Path]:
    return sorted(path for path in (store.root / "sha256").rglob("*") if path.is_file())


def partial(store: MediaStore) -> list[Path]:
    return list((store.root / "partial").glob("*"))


def test_content_has_one_place_and_is_read_only(store: MediaStore) -> None:
    stored = store.put_bytes(JPEG, mime_hint="image/png")  # the bytes know better
    digest = hashlib.sha256(JPEG).hexdigest()
    assert (stored.sha256, stored.bytes, stored.mime, stored.ext) == (digest, len(JPEG), "image/jpeg", "jpg")
    assert stored.path == store.root / "sha256" / digest[:2] / f"{digest}.jpg"
    assert stored.path.read_bytes() == JPEG
    assert stored.path.stat().st_mode & 0o777 == 0o444
    inode = stored.path.stat().st_ino
    assert store.put_bytes(JPEG) == stored
    assert stored.path.stat().st_ino == inode  # reused, not written again
    assert store.get(digest) == stored
    assert partial(store) == []


def test_a_stream_is_hashed_on_the_way(store: MediaStore) -> None:
    with store.writer(mime_hint="image/jpeg", expected_bytes=len(JPEG)) as writer:
        for start in range(0, len(JPEG), 7):
            writer.write(JPEG[start : start + 7])
            assert visible(store) == []
    assert writer.stored == store.put_bytes(JPEG)
    assert writer.written == len(JPEG)


def test_a_long_stream_takes_little_memory(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from minimax_nb.media import MediaStore
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with MediaStore(Path(sys.argv[1])).writer(mime_hint="audio/pcm") as writer:
    for number in range(96):
        writer.write(bytes([number]) * 2**20)
print(writer.stored.bytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    size, grown_kb = map(int, done.stdout.split())
    assert size == 96 * 2**20
    assert grown_kb < 16 * 1024


def interrupted(writer: StoreWriter) -> None:
    with writer:
        writer.write(JPEG)
        raise KeyboardInterrupt


def declared_late(writer: StoreWriter, length: int) -> None:
    with writer:
        writer.write(JPEG)
        writer.expected_bytes = length  # known from the reply's header


def to_a_full_disk(writer: StoreWriter) -> None:
    with writer:
        writer._file.close()
        writer._file = open("/dev/full", "wb")  # noqa: SIM115 - the writer closes it
        writer.write(JPEG)


def test_an_interrupted_stream_leaves_nothing(store: MediaStore) -> None:
    writer = store.writer()
    with pytest.raises(KeyboardInterrupt):
        interrupted(writer)
    assert visible(store) == partial(store) == []
    with pytest.raises(AssertionError, match="not stored"):
        _ = writer.stored


@pytest.mark.parametrize("declared", [len(JPEG) + 1, len(JPEG) - 1])
def test_a_stream_of_the_wrong_length_is_refused(store: MediaStore, declared: int) -> None:
    with pytest.raises(MediaError, match=f"broke off: {len(JPEG):,} of {declared:,} bytes"):
        declared_late(store.writer(), declared)
    assert visible(store) == partial(store) == []


def test_nothing_is_not_a_file(store: MediaStore) -> None:
    with pytest.raises(MediaError, match="empty"):
        store.put_bytes(b"")


@pytest.mark.parametrize(
    ("data", "hint", "message"),
    [
        (b"<!DOCTYPE html><html>Just a moment", "image/jpeg", "expected image/jpeg, got a web page"),
        (b"\n  <html lang=en>", None, "expected media, got a web page"),
        (b"<html>", "text/html", "got a web page"),
        (b'{"base_resp": {"status_code": 1004}}', "image/png", "expected image/png, got JSON text"),
        (b'\xef\xbb\xbf{"code": 1}', "video/mp4; charset=x", "expected video/mp4, got JSON text"),
        (b"<?xml version='1.0'?><Error/>", "audio/mpeg", "expected audio/mpeg, got XML text"),
    ],
)
def test_an_error_page_is_not_media(store: MediaStore, data: bytes, hint: str | None, message: str) -> None:
    with pytest.raises(MediaError, match=message):
        store.put_bytes(data, mime_hint=hint)
    assert visible(store) == partial(store) == []


def test_a_killed_process_leaves_nothing_visible(store: MediaStore) -> None:
    code = """
import sys
from pathlib import Path
from minimax_nb.media import MediaStore
with MediaStore(Path(sys.argv[1])).writer() as writer:
    writer.write(b"\\xff\\xd8\\xff" + bytes(100_000))
    print("half", flush=True)
    sys.stdin.readline()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (store.root / "sha256").exists()
    (left,) = partial(store)
    store.put_bytes(JPEG)
    assert partial(store) == [left]  # it may belong to a process that still writes
    day_ago = time.time() - 2 * 86_400
    os.utime(left, (day_ago, day_ago))
    MediaStore(store.root).put_bytes(JPEG + b"another")
    assert partial(store) == []


def test_what_was_not_whole_after_a_power_cut_is_written_again(store: MediaStore) -> None:
    stored = store.put_bytes(JPEG, flush=False)
    stored.path.chmod(0o644)
    stored.path.write_bytes(bytes(len(JPEG)))  # its name and size came to the disk, its content did not
    assert store.put_bytes(JPEG) == stored
    assert stored.path.read_bytes() == JPEG
    assert visible(store) == [stored.path]


def test_many_threads_may_store_the_same(store: MediaStore) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(store.put_bytes(JPEG))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(visible(store)) == 1


def test_a_type_learned_later_replaces_an_unknown_one(store: MediaStore) -> None:
    samples = bytes(1000)
    assert store.put_bytes(samples).ext == "bin"
    raw = store.put_bytes(samples, mime_hint="audio/pcm")
    assert (raw.mime, raw.ext) == ("audio/pcm", "pcm")
    assert store.get(raw.sha256) == raw
    assert store.put_bytes(samples) == raw


def test_what_is_not_there_is_said_so(store: MediaStore) -> None:
    with pytest.raises(MediaError, match="ffffffffffff… is not in the media store"):
        store.get("f" * 64)
    with pytest.raises(MediaError, match="not a SHA-256"):
        store.get("../../etc/passwd")


def test_a_full_disk_is_said_before_and_during(store: MediaStore) -> None:
    with pytest.raises(MediaError, match=r"no room for \d+ MB"):
        store.check_space(2**60)
    with pytest.raises(MediaError, match="no room"), store.writer(expected_bytes=2**60):
        pass
    store.check_space(1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_is_a_plain_error(store: MediaStore) -> None:
    with pytest.raises(MediaError, match="No space left on device"):
        to_a_full_disk(store.writer())
    assert visible(store) == partial(store) == []


def test_a_root_that_is_no_folder_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(MediaError, match="cannot write to the media store"):
        MediaStore(tmp_path / "file").writer().__enter__()


# --- readable names ---------------------------------------------------------------------------------


def test_a_readable_name_is_a_hard_link(store: MediaStore, tmp_path: Path) -> None:
    stored = store.put_bytes(JPEG)
    path = store.link(stored, tmp_path / "media", "A girl, looking into the distance!")
    assert path == tmp_path / "media" / f"a-girl-looking-into-the-distance-{stored.sha256[:8]}.jpg"
    assert path.samefile(stored.path)
    assert store.link(stored, tmp_path / "media", "A girl, looking into the distance!") == path
    assert store.linked(stored, tmp_path / "media", path.name) == path
    path.unlink()
    assert store.linked(stored, tmp_path / "media", path.name) == stored.path
    assert store.linked(stored, tmp_path / "media", None) == stored.path


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM])
def test_without_hard_links_it_is_a_copy(
    store: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(module.os, "link", refuse)
    stored = store.put_bytes(JPEG)
    path = store.link(stored, tmp_path, "fox")
    assert path.read_bytes() == JPEG
    assert not path.samefile(stored.path)
    assert store.link(stored, tmp_path, "fox") == path  # known by its content
    assert sorted(item.name for item in tmp_path.iterdir()) == [path.name, "store"]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_another_file_system_gets_a_copy(store: MediaStore, tmp_path: Path) -> None:
    other = Path("/dev/shm") / f"minimax-nb-test-{os.getpid()}"
    if Path("/dev/shm").stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("the same file system")
    path = store.link(store.put_bytes(JPEG), other, "fox")
    try:
        assert path.read_bytes() == JPEG
        assert path.stat().st_nlink == 1
    finally:
        path.unlink()
        other.rmdir()


def test_a_changed_file_of_that_name_is_left_alone(store: MediaStore, tmp_path: Path) -> None:
    stored = store.put_bytes(JPEG)
    mine = tmp_path / f"fox-{stored.sha256[:8]}.jpg"
    for content in (b"mine", bytes(len(JPEG))):
        mine.write_bytes(content)
        path = store.link(stored, tmp_path, "fox")
        assert path.name == f"fox-{stored.sha256[:8]}-2.jpg"
        assert mine.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_a_plain_error(store: MediaStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(MediaError, match="cannot put fox-"):
        store.link(store.put_bytes(JPEG), tmp_path / "file", "fox")


def test_a_name_of_no_ascii_is_the_kind(store: MediaStore, tmp_path: Path) -> None:
    stored = store.put_bytes(JPEG)
    assert store.link(stored, tmp_path, "一只狐狸").name == f"image-{stored.sha256[:8]}.jpg"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A red fox at dawn", "a-red-fox-at-dawn"),
        ("it's Émile's café…", "its-emiles-cafe"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con"),
        ("[Push in] 4K <b>", "push-in-4k-b"),
        ("", ""),
        (
            "a girl looking into the distance from a library window",
            "a-girl-looking-into-the-distance-from-a-library",
        ),
        ("x" * 60, "x" * 48),
    ],
)
def test_slugs_are_plain(text: str, expected: str) -> None:
    assert slug(text) == expected
    assert len(slug(text)) <= 48
