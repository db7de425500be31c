"""The media host: another origin than the providers, public, with addresses that expire."""

from __future__ import annotations

import re

from starlette.responses import Response

from minimax_nb.sandbox.wire import Call

_KEY_HEADERS = ("authorization", "x-api-key", "ocp-apim-subscription-key")


async def serve(call: Call) -> Response:
    """Serve ``/media/…``; note in the journal when a key was sent to where none belongs."""
    call.entry.leaked_key = any(name in call.request.headers for name in _KEY_HEADERS)
    if call.method not in {"GET", "HEAD"}:
        return Response("method not allowed\n", 405, media_type="text/plain")
    address = call.world.blobs.at(call.path.removeprefix("/media/"))
    if address is None:
        return Response("not found\n", 404, media_type="text/plain")
    if call.world.clock.now() >= address.expires:
        text = "<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"
        return Response(text, address.gone_status, media_type="application/xml")
    data = await call.world.blobs.read(address.blob)
    tag = f'"{await call.world.blobs.digest(address.blob)}"'
    return _part(call, data, {"Accept-Ranges": "bytes", "ETag": tag}, address.blob.mime)


def _part(call: Call, data: bytes, headers: dict[str, str], mime: str) -> Response:
    """Return what the request's Range and If-Range ask for; a range that is no single one is not obeyed."""
    asked = call.request.headers.get("range")
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", asked or "")
    if match is None or not any(match.groups()):
        return Response(data, media_type=mime, headers=headers)
    if call.request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        return Response(data, media_type=mime, headers=headers)
    first, last = match.groups()
    start = int(first) if first else max(0, len(data) - int(last))
    end = min(int(last), len(data) - 1) if first and last else len(data) - 1
    if start > end:
        return Response(b"", 416, {**headers, "Content-Range": f"bytes */{len(data)}"}, mime)
    call.entry.range = [start, end]
    span = {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
    return Response(data[start : end + 1], 206, {**headers, **span}, mime)
