"""The HTTP layer against real sockets: what was certainly not sent, what may have been, and where a key may go."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable

import pytest

from minimax_nb import http
from minimax_nb.errors import NotSentError, OutcomeUnknownError, ProviderError
from minimax_nb.http import Transport
from minimax_nb.wire import HttpCall
from tests.unit.rawserver import reply, serving

KEY = "secret-key-123"
AUTH = {"authorization": f"Bearer {KEY}"}
CALL = HttpCall("POST", "/v1/thing", body={"prompt": "a fox"}, timeout=5)


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


async def _two(url: str, between: Callable[[], None] = lambda: None) -> list[int]:
    transport = Transport()
    try:
        first = await transport.send(CALL, host=url, auth=AUTH, paid=True)
        between()
        second = await transport.send(CALL, host=url, auth=AUTH, paid=True)
        return [first.status, second.status]
    finally:
        await transport.close()


@pytest.mark.parametrize(("idle", "connections"), [(60.0, 1), (0.0, 2)])
def test_a_paid_request_takes_no_connection_that_was_idle_for_long(
    monkeypatch: pytest.MonkeyPatch, idle: float, connections: int
) -> None:
    monkeypatch.setattr(http, "PAID_IDLE", idle)
    with serving(lambda _: reply("200 OK", close=False), keeps=True) as served:
        assert asyncio.run(_two(served.url)) == [200, 200]
    assert (len(served.requests), served.connections) == (2, connections)


def test_a_connection_that_the_server_closed_is_no_lost_reply() -> None:
    closed = threading.Event()
    with serving(lambda _: reply("200 OK", close=False), closed=closed.set) as served:
        assert asyncio.run(_two(served.url, lambda: closed.wait(5))) == [200, 200]
    assert (len(served.requests), served.connections) == (2, 2)


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


def test_the_proxy_of_the_environment_is_used_but_for_its_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: reply("200 OK")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "direct.test")
        assert send("http://provider.test").status == 200
        assert proxy.requests[0].startswith(b"POST http://provider.test/v1/thing HTTP/1.1")
        with serving(lambda _: reply("200 OK")) as served:  # never by a proxy on loopback
            assert send(served.url).status == 200
        assert len(proxy.requests) == 1
        assert http.proxy_of("http://direct.test/x") is None
        assert http.proxy_of("http://provider.test/x") == proxy.url


def test_a_proxy_that_cannot_be_used_is_no_lost_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "gopher://me:hidden@proxy.test:70")
    with pytest.raises(NotSentError, match=r"the proxy proxy\.test cannot be used") as caught:
        send("https://provider.test")
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is not None
    assert "hidden" not in repr(caught.value.__cause__)
