"""Downloads against real sockets: where they may go, how they go on, and what they cost."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from minimax_nb.download import LinkExpiredError, RefusedError, download
from minimax_nb.errors import MediaError
from minimax_nb.wire import Head
from tests.unit.rawserver import read_request, reply, serving


class Kept:
    """The simplest sink: everything in memory."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.head: Head | None = None
        self.threads: set[int] = set()

    @property
    def written(self) -> int:
        return len(self.content)

    def begin(self, head: Head) -> None:
        self.content.clear()
        self.head = head

    def write(self, block: bytes) -> None:
        self.threads.add(threading.get_ident())
        self.content += block

    def drop(self) -> None:
        self.content.clear()
        self.head = None


def fetch(
    url: str, sink: Kept | None = None, *, local: bool = True, limit: int = 1000, stall: float = 5
) -> tuple[bytes, str | None]:
    sink = sink or Kept()
    asyncio.run(download(url, sink, max_bytes=limit, local=local, stall=stall))
    assert sink.head is not None
    return bytes(sink.content), sink.head.mime


def test_download_sends_no_credentials() -> None:
    with serving(lambda _: reply("200 OK", b"bytes", Content_Type="image/png; x=y")) as served:
        assert fetch(f"{served.url}/a.png") == (b"bytes", "image/png")
    assert b"authorization" not in served.requests[0].lower()
    assert b"cookie" not in served.requests[0].lower()


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
def test_a_dead_link_says_so(status: str) -> None:
    with serving(lambda _: reply(status)) as served, pytest.raises(LinkExpiredError):
        fetch(f"{served.url}/a.png")


def test_a_short_download_is_refused() -> None:
    cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345"
    with serving(lambda _: cut) as served, pytest.raises(MediaError, match="broke off"):
        fetch(f"{served.url}/a.png")


def test_a_large_download_is_refused() -> None:
    with (
        serving(lambda _: reply("200 OK", b"x" * 2000)) as served,
        pytest.raises(MediaError, match="larger than"),
    ):
        fetch(f"{served.url}/a.png")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "https://127.0.0.1:1/x",
        "https://localhost:1/x",
        "https://[::1]:1/x",
        "https://[::ffff:127.0.0.1]:1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "http://example.com/x",
        "file:///etc/passwd",
        "ftp://example.com/x",
    ],
)
def test_private_and_plain_addresses_are_refused(url: str) -> None:
    with pytest.raises(MediaError, match="refused to fetch"):
        fetch(url, local=False)


def test_a_redirect_to_a_private_address_is_refused() -> None:
    with (
        serving(lambda _: reply("302 Found", b"", Location="https://10.0.0.1/x")) as served,
        pytest.raises(MediaError, match="refused to fetch"),
    ):
        fetch(f"{served.url}/a.png")


# --- going on where a download broke off ---

BODY = bytes(range(250)) * 4
ETAG = '"v1"'
THEN, NOW = "Fri, 20 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 10:00:00 GMT"


def cut(at: int, body: bytes = BODY, **headers: str) -> bytes:
    """A whole reply of which only ``at`` bytes of the body come."""
    whole = reply("200 OK", body, **headers)
    return whole[: len(whole) - len(body) + at]


def rest(request: bytes, body: bytes = BODY, **headers: str) -> bytes:
    start = int(re.search(rb"range: bytes=(\d+)-", request.lower())[1])
    span = f"bytes {start}-{len(body) - 1}/{len(body)}"
    return reply("206 Partial Content", body[start:], Content_Range=span, **headers)


def broken_then(
    second: Callable[[bytes], bytes], at: int = 400, **headers: str
) -> tuple[bytes, list[bytes], Kept]:
    """Fetch from a server that breaks off once; return what came, and the requests."""
    served_first: list[bytes] = []

    def answer(request: bytes) -> bytes:
        if served_first:
            return second(request)
        served_first.append(request)
        return cut(at, **headers)

    sink = Kept()
    with serving(answer) as served:
        with pytest.raises(MediaError, match="broke off"):
            fetch(f"{served.url}/a.bin", sink)
        assert bytes(sink.content) == BODY[:at]
        fetch(f"{served.url}/a.bin", sink)
    return bytes(sink.content), served.requests[1:], sink


def test_a_broken_download_goes_on_where_it_stopped() -> None:
    content, (second,), _ = broken_then(lambda request: rest(request, ETag=ETAG), ETag=ETAG)
    assert content == BODY
    assert b"range: bytes=400-\r\n" in second.lower()
    assert b'if-range: "v1"' in second.lower()


def test_a_date_names_the_version_where_there_is_no_etag() -> None:
    dates = {"Last_Modified": THEN, "Date": NOW}
    content, (second,), _ = broken_then(lambda request: rest(request, **dates), **dates)
    assert content == BODY
    assert f"if-range: {THEN}".lower().encode() in second.lower()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": 'W/"v1"'},
        {"Last_Modified": NOW, "Date": NOW},
        {"Last_Modified": "yesterday", "Date": NOW},
    ],
    ids=["no version", "weak tag", "just changed", "no date"],
)
def test_without_a_sure_version_it_begins_anew(headers: dict[str, str]) -> None:
    content, (second,), _ = broken_then(lambda _: reply("200 OK", BODY), **headers)
    assert content == BODY
    assert b"range:" not in second.lower()


def test_a_server_that_sends_everything_again_is_taken_at_its_word() -> None:
    other = b"another version" * 10
    content, requests, sink = broken_then(lambda _: reply("200 OK", other, ETag='"v2"'), ETag=ETAG)
    assert (content, len(requests)) == (other, 1)
    assert sink.head == Head(total=150, validator='"v2"')


def changed_length(request: bytes) -> bytes:
    return rest(request, BODY + b"more", ETag=ETAG)


def changed_tag(request: bytes) -> bytes:
    return rest(request, ETag='"v2"')


def wrong_place(_: bytes) -> bytes:
    return reply("206 Partial Content", BODY[100:], ETag=ETAG, Content_Range=f"bytes 100-999/{len(BODY)}")


def no_place(_: bytes) -> bytes:
    return reply("206 Partial Content", BODY[400:], ETag=ETAG)


def not_satisfiable(_: bytes) -> bytes:
    return reply("416 Range Not Satisfiable", b"", Content_Range="bytes */300")


@pytest.mark.parametrize(
    "partial", [changed_length, changed_tag, wrong_place, no_place, not_satisfiable], ids=lambda f: f.__name__
)
def test_a_rest_that_does_not_fit_is_thrown_away(partial: Callable[[bytes], bytes]) -> None:
    def second(request: bytes) -> bytes:
        return partial(request) if b"if-range" in request.lower() else reply("200 OK", BODY, ETag=ETAG)

    content, requests, _ = broken_then(second, ETag=ETAG)
    assert content == BODY
    assert [b"if-range" in request.lower() for request in requests] == [True, False]


def test_a_partial_answer_that_nobody_asked_for_is_an_error() -> None:
    with serving(no_place) as served, pytest.raises(MediaError, match="answered 206"):
        fetch(f"{served.url}/a.bin")


def test_what_is_complete_is_not_asked_for_again() -> None:
    sink = Kept()
    with serving(lambda _: reply("200 OK", BODY, ETag=ETAG)) as served:
        fetch(f"{served.url}/a.bin", sink)
        fetch(f"{served.url}/a.bin", sink)
    assert len(served.requests) == 1


def test_a_range_follows_a_redirect() -> None:
    with serving(lambda request: rest(request, ETag=ETAG)) as behind:
        content, requests, _ = broken_then(
            lambda _: reply("302 Found", b"", Location=f"{behind.url}/b.bin"), ETag=ETAG
        )
    assert content == BODY
    assert b"range: bytes=400-" in behind.requests[0].lower()
    assert len(requests) == 1


def test_a_silent_download_is_given_up_and_gone_on_with() -> None:
    silence = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def work() -> None:
        for first in (True, False):
            connection, _ = listener.accept()
            with connection:
                seen.append(read_request(connection))
                connection.sendall(cut(400, ETag=ETAG) if first else rest(seen[-1], ETag=ETAG))
                if first:
                    silence.wait(10)  # holds the connection open without a word

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    sink, url = Kept(), f"http://127.0.0.1:{listener.getsockname()[1]}/a.bin"
    with pytest.raises(MediaError, match="timed out"):
        fetch(url, sink, stall=0.3)
    silence.set()
    assert fetch(url, sink)[0] == BODY
    thread.join(5)
    listener.close()
    assert b"range: bytes=400-" in seen[1].lower()


def test_a_crawling_download_is_given_up() -> None:
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            read_request(connection)
            connection.sendall(cut(0, ETag=ETAG))
            for place in range(len(BODY)):  # never silent for long, never done
                connection.sendall(BODY[place : place + 1])
                if stop.wait(0.05):
                    return

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    sink = Kept()
    with pytest.raises(MediaError, match="crawls"):
        fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/a.bin", sink, stall=0.4)
    stop.set()
    thread.join(5)
    listener.close()
    assert bytes(sink.content) == BODY[: len(sink.content)] != b""


@pytest.mark.parametrize(
    ("headers", "digest"),
    [
        ({}, None),
        (
            {"Content_MD5": base64.b64encode(hashlib.md5(BODY).digest()).decode()},
            ("md5", hashlib.md5(BODY).hexdigest()),
        ),
        (
            {"Repr_Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(BODY).digest()).decode()}:"},
            ("sha256", hashlib.sha256(BODY).hexdigest()),
        ),
        ({"Content_MD5": "not base64!"}, None),
    ],
    ids=["none", "md5", "sha256", "nonsense"],
)
def test_a_checksum_of_the_server_is_handed_on(
    headers: dict[str, str], digest: tuple[str, str] | None
) -> None:
    sink = Kept()
    with serving(lambda _: reply("200 OK", BODY, **headers)) as served:
        fetch(f"{served.url}/a.bin", sink)
    assert sink.head is not None
    assert sink.head.digest == digest


def test_an_announced_length_too_large_is_refused_before_a_byte_is_taken() -> None:
    sink = Kept()
    with (
        serving(lambda _: cut(10, b"x" * 2000)) as served,
        pytest.raises(RefusedError, match="larger than"),
    ):
        fetch(f"{served.url}/a.bin", sink)
    assert sink.written == 0


def test_writing_is_done_off_the_loops_thread() -> None:
    sink = Kept()
    with serving(lambda _: reply("200 OK", BODY)) as served:
        fetch(f"{served.url}/a.bin", sink)
    assert sink.threads
    assert threading.get_ident() not in sink.threads


def test_plain_http_to_a_private_address_is_refused_even_when_the_user_says_http() -> None:
    sink = Kept()
    with pytest.raises(RefusedError, match="not a public address"):
        asyncio.run(download("http://10.0.0.1/a.wav", sink, max_bytes=10, plain=True))
    with pytest.raises(RefusedError, match="not a public address"):
        asyncio.run(download("http://127.0.0.1:1/a.wav", sink, max_bytes=10, plain=True))


MEMORY = """
import asyncio, resource, sys
from pathlib import Path
from minimax_nb.download import download
from minimax_nb.media import MediaStore
from minimax_nb.media.partial import Partial
partial = Partial(MediaStore(Path(sys.argv[2])), "job-output-0", mime_hint="audio/pcm")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
asyncio.run(download(sys.argv[1], partial, max_bytes=2**30, local=True))
stored = partial.finish()
print(stored.bytes, stored.sha256, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_download_takes_little_memory(tmp_path: Path) -> None:
    size, block = 100 * 2**20, bytes(range(256)) * 4096
    listener = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        connection, _ = listener.accept()
        with connection:
            read_request(connection)
            connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode())
            for _ in range(size // len(block)):
                connection.sendall(block)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.pcm"
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, url, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    thread.join(5)
    listener.close()
    count, digest, grown_kb = done.stdout.split()
    assert (int(count), digest) == (size, hashlib.sha256(block * (size // len(block))).hexdigest())
    assert int(grown_kb) < 24 * 1024


LAG = """
import asyncio, sys, time
from pathlib import Path
from minimax_nb.download import download
from minimax_nb.media import MediaStore
from minimax_nb.media.partial import Partial
steps = []
real = asyncio.events.Handle._run
def timed(self):
    began = time.thread_time()
    real(self)
    steps.append(time.thread_time() - began)
async def one(url, store, key):
    partial = await asyncio.to_thread(Partial, store, key, mime_hint="audio/pcm")
    await download(url, partial, max_bytes=2**30, local=True)
    return await asyncio.to_thread(partial.finish)
async def main(url, store):
    await one(url, store, "warm")  # imports, and the one TLS context, are paid by the first request
    steps.clear()
    done = await asyncio.gather(*(one(url, store, f"job-{number}") for number in range(4)))
    print(sum(stored.bytes for stored in done), max(steps))
asyncio.events.Handle._run = timed
asyncio.run(main(sys.argv[1], MediaStore(Path(sys.argv[2]))))
"""


def test_four_large_downloads_never_hold_up_the_loop(tmp_path: Path) -> None:
    """The longest step of the loop, in its own CPU time, which other processes do not disturb."""
    size, block = 50 * 2**20, bytes(range(256)) * 4096
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection:
            read_request(connection)
            connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode())
            for _ in range(size // len(block)):
                connection.sendall(block)

    def work() -> None:
        for _ in range(5):
            threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.pcm"
    done = subprocess.run(
        [sys.executable, "-c", LAG, url, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    thread.join(5)
    listener.close()
    total, longest = done.stdout.split()
    assert int(total) == 4 * size
    assert float(longest) < 0.02
