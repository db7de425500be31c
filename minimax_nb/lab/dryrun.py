"""What would be sent, and for how much: the exact request without its credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minimax_nb.catalog import Quote
from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Provider
from minimax_nb.wire import HttpCall

SHOWN = 80  #: characters of a data: URI that are shown


@dataclass(frozen=True, slots=True)
class DryRun:
    """The request a job would send. Credentials are named, never shown; media are shortened.

    Parameters
    ----------
    provider, method, url
        Where it would go.
    headers
        Headers, with ``•••`` for the credential.
    body
        The JSON body; for uploads that come first, see ``uploads``.
    uploads
        One line a file that would be uploaded before.
    notes
        What is odd about the request though it would be sent: a tag that will be sung, say.
    quote
        The price.
    """

    provider: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    quote: Quote
    uploads: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())


def describe(provider: Provider, host: str, request: Request, quote: Quote) -> DryRun:
    """Build the description from the provider's own request builder."""
    uploads = [item for item in provider.uploads(request) if not item.inside]
    call = provider.submit(
        request, {item.field: f"0 (id of the uploaded {item.media.name})" for item in uploads}
    )
    credential = dict.fromkeys(provider.auth_headers(""), "•••")
    return DryRun(
        provider=provider.name,
        method=call.method,
        url=(host.rstrip("/").replace("http", "ws", 1) if call.turns else host.rstrip("/")) + call.path,
        headers={**call.headers, **credential},
        body=_shortened(_said(call)),
        quote=quote,
        uploads=tuple(f"{item.media.name} ({item.purpose})" for item in uploads),
        notes=tuple(request.warnings().items),
    )


def _said(call: HttpCall) -> Mapping[str, Any]:
    """Return what is sent: the body, the fields of a form, or the frames of a WebSocket."""
    if call.turns:
        return {"frames": [turn.send for turn in call.turns if turn.send is not None]}
    if call.files:
        parts = {name: f"{file[0]} ({len(file[1]):,} bytes)" for name, file in call.files.items()}
        return {**call.form, **parts}
    return call.body or {}


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("data:") and len(value) > SHOWN:
        return f"{value[:SHOWN]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value
