"""WebSockets: frames of JSON, the journal's row of a conversation, and how faults cut it."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response

from minimax_nb.sandbox.clock import iso
from minimax_nb.sandbox.faults import Active
from minimax_nb.sandbox.journal import Entry, summary
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.wire import Call, Json, Room

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_CUT_AT = 500
_FRAMES_KEPT = 50


class Gone(Exception):  # noqa: N818 - the other side left, or a fault cut the line
    """Nobody is there any more."""


class Wire:
    """One open WebSocket.

    Parameters
    ----------
    receive, send
        The ASGI ends.
    entry, faults
        Its row in the journal, and what is to go wrong: ``drop`` cuts the line at the first frame with
        audio, ``truncate:N`` and ``reset:N`` after N bytes.
    """

    def __init__(self, receive: Receive, send: Send, entry: Entry, faults: Active) -> None:
        self._receive = receive
        self._send = send
        self._entry = entry
        self._drop = "drop" in faults
        self._left: float = float("inf")
        for name in ("truncate", "reset"):
            if name in faults:
                self._left = faults.number(name, _CUT_AT)
        self.cut = False

    async def accept(self) -> None:
        """Finish the handshake."""
        await self._receive()
        self._entry.status = 101
        await self._out({"type": "websocket.accept"})

    async def get(self) -> Json:
        """Return the next frame; one that is no JSON object is ``{}``.

        Raises
        ------
        Gone
            When the other side has left.
        """
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Gone
        text = message.get("text") or (message.get("bytes") or b"").decode(errors="replace")
        frames = self._entry.body.setdefault("frames", [])
        if len(frames) < _FRAMES_KEPT:
            frames.append(summary(text.encode()))
        self._entry.body_bytes += len(text)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    async def put(self, frame: Json) -> None:
        """Send a frame; raise Gone when nobody is there, or a fault says so."""
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        audio = isinstance(frame.get("data"), dict) and frame["data"].get("audio")
        if (self._drop and audio) or len(text) > self._left:
            self.cut = True
            raise Gone
        self._left -= len(text)
        self._entry.sent_bytes += len(text)
        await self._out({"type": "websocket.send", "text": text})

    async def close(self, code: int = 1000) -> None:
        """End the conversation."""
        await self._out({"type": "websocket.close", "code": code})

    async def _out(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except (OSError, RuntimeError):  # the ways in which servers say that the client left
            raise Gone from None


@runtime_checkable
class Talks(Protocol):
    """A room with WebSockets."""

    def has_socket(self, path: str) -> bool:
        """Return whether a WebSocket is at ``path``."""
        ...

    async def converse(self, call: Call, wire: Wire) -> None:
        """Hold a conversation; the handshake is still to be finished."""
        ...


async def serve(
    world: World,
    room: Room,
    scope: dict[str, Any],
    receive: Receive,
    send: Send,
    cut: Callable[[bool], Awaitable[None]],
) -> None:
    """Serve one WebSocket; ``cut`` ends the connection, with a reset when told so."""
    query = scope["query_string"].decode("latin-1")
    target = scope["path"] + (f"?{query}" if query else "")
    # The handshake is a GET request, and the rules of faults take it for one.
    request = Request({**scope, "type": "http", "method": "GET"})
    entry = world.journal.open(iso(world.clock.now()), room.name, "GET", target, b"")
    entry.body = {}
    try:
        faults = world.faults.take(room.name, "GET", target, request.headers.get("x-sandbox-fault"))
    except ValueError as error:
        await _refuse(receive, send, Response(f"X-Sandbox-Fault: {error}\n", 400))
        return
    entry.faults = [name if value is None else f"{name}:{value}" for name, value in faults.values.items()]
    call = Call(world, request, b"", entry, faults)
    status = 403 if "challenge" in faults else faults.status("before")
    if "drop-before" in faults:
        await cut(False)
    elif status is not None or not isinstance(room, Talks) or not room.has_socket(scope["path"]):
        found = room.refuse(call, status, None) if status else Response("404 page not found", 404)
        entry.status = found.status_code
        await _refuse(receive, send, found)
    else:
        wire = Wire(receive, send, entry, faults)
        try:
            await room.converse(call, wire)
        except Gone:
            if wire.cut:
                await cut("reset" in faults)
        except Exception as error:
            entry.problem = repr(error)
            traceback.print_exc(file=sys.stderr)
            await wire.close(1011)


async def _refuse(receive: Receive, send: Send, reply: Response) -> None:
    """Answer the handshake with an HTTP status."""
    await receive()
    await send(
        {
            "type": "websocket.http.response.start",
            "status": reply.status_code,
            "headers": reply.raw_headers,
        }
    )
    await send({"type": "websocket.http.response.body", "body": bytes(reply.body)})
