"""Downloads that break off: gone on with where the same version is still there, else begun anew."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from minimax_nb.errors import MediaError
from minimax_nb.wire import Head
from tests.unit.rawserver import read_request, reply, serving
from tests.unit.sinks import BODY, Kept, cut, fetch

ETAG = '"v1"'
THEN, NOW = "Fri, 20 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 10:00:00 GMT"


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
