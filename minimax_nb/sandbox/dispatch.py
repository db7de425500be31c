"""The ASGI application: finds the room by port, writes the journal, makes faults real on the socket."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from minimax_nb.sandbox import sockets
from minimax_nb.sandbox.clock import http_date, iso
from minimax_nb.sandbox.faults import Active
from minimax_nb.sandbox.journal import Entry
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.streams import Cut, pieces
from minimax_nb.sandbox.wire import Call, Room

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"

#: Open connections by (peer, own address), so that a fault can cut one.
_LIVE: dict[Any, asyncio.Transport] = {}


class Protocol(H11Protocol):
    """uvicorn's HTTP protocol, with its transport within reach."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport of a new connection."""
        super().connection_made(transport)
        _LIVE[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _LIVE.pop((self.client, self.server), None)
        super().connection_lost(exc)


class Dispatcher:
    """The one ASGI application behind all four ports.

    Parameters
    ----------
    world
        What the rooms share.
    rooms
        Room by port.
    """

    def __init__(self, world: World, rooms: dict[int, Room]) -> None:
        self.world = world
        self.rooms = rooms

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        room = self.rooms[scope["server"][1]]
        if scope["type"] == "websocket":
            await self._socket(room, scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        query = scope["query_string"].decode("latin-1")
        target = scope["path"] + (f"?{query}" if query else "")
        world = self.world
        if room.is_control(scope["path"]):
            entry = Entry(0, "", room.name, request.method, target)
            await self._send(await self._handled(Call(world, request, body, entry, Active()), room), send)
            return
        entry = world.journal.open(iso(world.clock.now()), room.name, request.method, target, body)
        try:
            faults = world.faults.take(
                room.name, request.method, target, request.headers.get("x-sandbox-fault")
            )
        except ValueError as error:
            await self._send(Response(f"X-Sandbox-Fault: {error}\n", 400), send)
            return
        entry.faults = [f if v is None else f"{f}:{v}" for f, v in faults.values.items()]
        call = Call(world, request, body, entry, faults)
        if "drop-before" in faults:
            await self._cut(scope, receive)
            return
        reply = self._before(call, room)
        if reply is None:
            reply = self._after(call, room, await self._handled(call, room))
        reply.headers["Date"] = http_date(world.clock.now())
        entry.status = reply.status_code
        await self._reply(reply, faults, scope, receive, send, call)

    async def _socket(self, room: Room, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        async def cut(hard: bool) -> None:
            await self._cut(scope, receive, hard=hard)

        try:
            await sockets.serve(self.world, room, scope, receive, send, cut)
        finally:
            # The HTTP protocol handed its transport over and will not be told of the end.
            _LIVE.pop((scope["client"], scope["server"]), None)

    async def _handled(self, call: Call, room: Room) -> Response:
        try:
            return await room.handle(call)
        except Exception as error:
            call.entry.problem = repr(error)
            traceback.print_exc(file=sys.stderr)
            return room.refuse(call, 500, None)

    def _before(self, call: Call, room: Room) -> Response | None:
        if "challenge" in call.faults:
            return Response(_CHALLENGE, 403, media_type="text/html")
        status = call.faults.status("before")
        if status is None:
            return None
        return room.refuse(
            call, status, call.faults.number(f"before-{status}", 1.0) if status == 429 else None
        )

    def _after(self, call: Call, room: Room, reply: Response) -> Response:
        if "garbage" in call.faults:
            return Response("<!-- not json -->{", 200, media_type="application/json")
        status = call.faults.status("after")
        return reply if status is None else room.refuse(call, status, None)

    async def _reply(
        self, reply: Response, faults: Active, scope: dict[str, Any], receive: Receive, send: Send, call: Call
    ) -> None:
        if "slow" in faults:
            await self.world.clock.sleep(faults.number("slow", 5.0))
        if isinstance(reply, StreamingResponse):
            await self._stream(reply, faults, scope, receive, send, call)
            return
        body = bytes(reply.body)
        call.entry.sent_bytes = len(body)
        if "drop" in faults or ("reset" in faults and not faults.number("reset", 0)):
            call.entry.status, call.entry.sent_bytes = None, 0
            await self._cut(scope, receive, hard="reset" in faults)
        elif "reset" in faults or "truncate" in faults:
            hard = "reset" in faults
            size = int(faults.number("reset" if hard else "truncate", len(body) // 2))
            size = call.entry.sent_bytes = max(0, min(size, len(body) - 1))
            await send(
                {"type": "http.response.start", "status": reply.status_code, "headers": reply.raw_headers}
            )
            await send({"type": "http.response.body", "body": body[:size], "more_body": True})
            await self._cut(scope, receive, hard=hard)
        elif "trickle" in faults:
            pause, step = faults.number("trickle", 5.0) / 10, max(1, -(-len(body) // 10))
            await send(
                {"type": "http.response.start", "status": reply.status_code, "headers": reply.raw_headers}
            )
            for start in range(0, len(body), step):
                await self.world.clock.sleep(pause)
                await send(
                    {"type": "http.response.body", "body": body[start : start + step], "more_body": True}
                )
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._send(reply, send)

    async def _stream(
        self,
        reply: StreamingResponse,
        faults: Active,
        scope: dict[str, Any],
        receive: Receive,
        send: Send,
        call: Call,
    ) -> None:
        """Send a reply as it is made; ``trickle`` spaces its pieces."""
        started = False
        try:
            async for piece in pieces(reply, faults):
                if "trickle" in faults:
                    await self.world.clock.sleep(faults.number("trickle", 5.0) / 10)
                if not started:
                    started = True
                    await send(
                        {
                            "type": "http.response.start",
                            "status": reply.status_code,
                            "headers": reply.raw_headers,
                        }
                    )
                call.entry.sent_bytes += len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except Cut:
            call.entry.status = call.entry.status if started else None
            await self._cut(scope, receive, hard="reset" in faults)

    @staticmethod
    async def _send(reply: Response, send: Send) -> None:
        await send({"type": "http.response.start", "status": reply.status_code, "headers": reply.raw_headers})
        await send({"type": "http.response.body", "body": bytes(reply.body)})

    @staticmethod
    async def _cut(scope: dict[str, Any], receive: Receive, *, hard: bool = False) -> None:
        """Close the connection under the client's feet; ``hard`` sends a reset in place of an orderly end."""
        transport = _LIVE[scope["client"], scope["server"]]
        if hard:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
            )
            # What was sent must reach the client before the reset throws the rest away.
            await asyncio.sleep(0.05)
            transport.abort()
        else:
            transport.close()
        while not (await receive())["type"].endswith(".disconnect"):
            pass
