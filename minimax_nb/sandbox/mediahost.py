"""The media host: another origin than the providers, public, with addresses that expire."""

from __future__ import annotations

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
    return Response(data, media_type=address.blob.mime, headers={"Accept-Ranges": "none"})
