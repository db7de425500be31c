"""WebSockets to a provider: the key goes to one host, and what was begun is never begun again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from minimax_nb.errors import NotSentError, OutcomeUnknownError
from minimax_nb.sockets import converse
from minimax_nb.wire import HttpCall, Reply, Turn

CALL = HttpCall(
    "GET",
    "/ws/v1/t2a_v2",
    turns=(
        Turn(None, {"event": "connected_success"}, {"event": "task_failed"}),
        Turn({"event": "task_start"}, {"event": "task_started"}, {"event": "task_failed"}),
    ),
    timeout=0.3,
)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _ask(talk: Talk) -> tuple[Reply, int]:
    """Return the reply of a server that behaves as told, and how many connections it had."""
    seen = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen += 1
        await reader.readuntil(b"\r\n\r\n")
        await talk(reader, writer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return await converse(CALL, host=host, auth={"Authorization": "Bearer k"}), seen


def ask(talk: Talk) -> tuple[Reply, int]:
    return asyncio.run(_ask(talk))


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect", "401 Unauthorized", "503 Busy"])
def test_a_refused_handshake_is_a_reply_and_no_redirect_is_followed(status: str) -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = "ws://127.0.0.1:{}/elsewhere".format(writer.get_extra_info("sockname")[1])
        writer.write(f"HTTP/1.1 {status}\r\nLocation: {host}\r\nContent-Length: 2\r\n\r\nno".encode())

    reply, seen = ask(refuse)
    assert (reply.status, seen) == (int(status[:3]), 1)


def test_a_line_that_is_cut_before_anything_was_said_is_not_sent() -> None:
    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switch")

    with pytest.raises(NotSentError):
        ask(cut)


def test_nobody_there_is_not_sent() -> None:
    with pytest.raises(NotSentError, match="connection refused"):
        asyncio.run(converse(CALL, host="http://127.0.0.1:9", auth={}))


@pytest.mark.parametrize("ends", ["closed", "silent"])
def test_a_line_that_ends_after_the_first_frame_was_sent_is_unknown(ends: str) -> None:
    from websockets.asyncio.server import ServerConnection, serve

    async def talk(line: ServerConnection) -> None:
        await line.send('{"event": "connected_success"}')
        await line.recv()
        if ends == "silent":
            await line.wait_closed()

    async def run() -> list[bytes]:
        heard: list[bytes] = []
        async with serve(talk, "127.0.0.1", 0) as server:
            host = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            with pytest.raises(OutcomeUnknownError):
                await converse(CALL, host=host, auth={}, heard=heard.append)
        return heard

    assert asyncio.run(run()) == [b'{"event": "connected_success"}\n']
