"""Replies that come piece by piece: server-sent events, and how faults cut them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

from minimax_nb.sandbox.faults import Active

#: Bytes after which ``truncate`` and ``reset`` without a value cut a stream.
_CUT_AT = 500


class Cut(Exception):  # noqa: N818 - not an error of ours; the dispatcher closes the connection
    """A fault ends the stream here."""


def event(data: Any, name: str | None = None) -> bytes:
    """Return one server-sent event; ``data`` is JSON unless it is text."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{f'event: {name}' + chr(10) if name else ''}data: {text}\n\n".encode()


def events(pieces: AsyncIterator[bytes]) -> StreamingResponse:
    """Return a reply of server-sent events."""
    return StreamingResponse(pieces, headers={"Cache-Control": "no-cache"}, media_type="text/event-stream")


async def pieces(reply: StreamingResponse, faults: Active) -> AsyncIterator[bytes]:
    """Yield what is sent of a stream; raise :class:`Cut` where a fault ends it.

    ``drop`` ends it before its first byte, ``truncate:N`` and ``reset:N`` after N bytes.
    """
    left: float = float("inf")
    if "drop" in faults:
        left = 0
    for name in ("truncate", "reset"):
        if name in faults:
            left = int(faults.number(name, _CUT_AT))
    async for piece in reply.body_iterator:
        data = piece.encode() if isinstance(piece, str) else bytes(piece)
        if len(data) >= left:
            if left:
                yield data[: int(left)]
            raise Cut
        left -= len(data)
        yield data
