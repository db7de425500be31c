"""The HTTP layer against real sockets: what was certainly not sent, what may have been, and where a key may go."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from minimax_nb.errors import MediaError, NotSentError, OutcomeUnknownError, ProviderError
from minimax_nb.http import LinkExpiredError, Transport, download
from minimax_nb.wire import HttpCall

KEY = "secret-key-123"
AUTH = {"authorization": f"Bearer {KEY}"}
CALL = HttpCall("POST", "/v1/thing", body={"prompt": "a fox"}, timeout=5)


class Served:
    """What a raw server saw."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[bytes] = []


@contextmanager
def serving(answer: Callable[[bytes], bytes | None]) -> Iterator[Served]:
    """A raw TCP server: reads one request a connection, writes ``answer`` (None closes without a word)."""
    listener = socket.create_server(("127.0.0.1", 0))
    served = Served(listener.getsockname()[1])

    def work() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                request = _read_request(connection)
                served.requests.append(request)
                reply = answer(request)
                if reply is not None:
                    connection.sendall(reply)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        listener.close()
        socket_wakeup(served.url)
        thread.join(5)


def socket_wakeup(url: str) -> None:
    """Unblock a pending accept."""
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=0.2).close()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def reply(status: str, body: bytes = b"{}", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send(url: str, call: HttpCall = CALL, *, paid: bool = True):
    async def go():
        transport = Transport()
        try:
            return await transport.send(call, host=url, auth=AUTH, paid=paid)
        finally:
            await transport.close()

    return asyncio.run(go())


def test_a_reply_comes_back_whatever_its_status() -> None:
    with serving(lambda _: reply("402 Payment Required", b'{"error":"x"}', X_Trace="t1")) as served:
        got = send(served.url)
    assert (got.status, got.data, got.headers["x-trace"]) == (402, {"error": "x"}, "t1")
    assert b"authorization: bearer secret-key-123" in served.requests[0].lower()
    assert served.requests[0].endswith(b'{"prompt":"a fox"}')


def test_refused_connection_is_certainly_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(
        NotSentError, match=rf"cannot reach 127\.0\.0\.1:{port} \(connection refused\)"
    ) as caught:
        send(f"http://127.0.0.1:{port}")
    assert caught.value.category == "transport"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":',
        b"garbage that is not HTTP\r\n\r\n",
    ],
    ids=["closed without a word", "truncated", "truncated chunk", "not http"],
)
def test_a_lost_reply_is_unknown_and_written_once(answer: bytes | None) -> None:
    with serving(lambda _: answer) as served, pytest.raises(OutcomeUnknownError):
        send(served.url)
    assert len([request for request in served.requests if b"a fox" in request]) == 1


def test_read_timeout_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts in the backlog, never answers
        call = HttpCall("POST", "/x", body={}, timeout=0.2)
        with pytest.raises(OutcomeUnknownError, match="the reply timed out") as caught:
            send(f"http://127.0.0.1:{silent.getsockname()[1]}", call)
    assert caught.value.category == "timeout"


def test_no_redirect_is_followed_so_the_key_stays() -> None:
    with (
        serving(lambda _: reply("200 OK")) as thief,
        serving(lambda _: reply("307 Temporary Redirect", b"", Location=f"{thief.url}/steal")) as served,
    ):
        assert send(served.url).status == 307
        assert thief.requests == []


def test_a_foreign_absolute_address_gets_nothing() -> None:
    with serving(lambda _: reply("200 OK")) as thief, serving(lambda _: reply("200 OK")) as served:
        with pytest.raises(ProviderError, match="not the configured host"):
            send(served.url, HttpCall("GET", f"{thief.url}/status/1"), paid=False)
        assert thief.requests == []
        assert served.requests == []
        assert send(served.url, HttpCall("GET", f"{served.url}/status/1"), paid=False).status == 200


# --- media ---


def fetch(url: str, *, local: bool = True, limit: int = 1000) -> tuple[bytes, str | None]:
    content = bytearray()
    done = asyncio.run(download(url, content.extend, max_bytes=limit, local=local))
    return bytes(content), done.mime


def test_download_sends_no_credentials() -> None:
    with serving(lambda _: reply("200 OK", b"bytes", Content_Type="image/png; x=y")) as served:
        assert fetch(f"{served.url}/a.png") == (b"bytes", "image/png")
    assert b"authorization" not in served.requests[0].lower()
    assert KEY.encode() not in served.requests[0]


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
