"""The row of a job before anything is sent: what is asked, where, and for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minimax_nb.catalog import Model, Quote
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.dictation import Dictation
from minimax_nb.engine.ids import new_id, now_us
from minimax_nb.engine.session import session_id
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.fingerprint import fingerprint_of
from minimax_nb.ledger.record import JobRecord


@dataclass(frozen=True, slots=True)
class Asked:
    """How a request is asked for, beside the request.

    Parameters
    ----------
    tags, name, template
        As in :meth:`minimax_nb.Lab.submit`.
    approved
        The user said yes to what it can cost.
    allow_unpriced
        It may be sent though a budget cannot be kept for it.
    facts, warnings
        What its row says from the beginning.
    dictation
        The rest of its text, which is still being written.
    batch, axes
        The sweep it belongs to, and its place there.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    template: str | None = None
    approved: bool = False
    allow_unpriced: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    batch: str | None = None
    axes: Mapping[str, str] | None = None
    dictation: Dictation | None = None


def new_row(request: Request, asked: Asked, *, facts: Mapping[str, Any], **columns: Any) -> JobRecord:
    """Return the row of a request asked now; ``columns`` say where and for how much."""
    now = now_us()
    return JobRecord(
        id=new_id(now),
        kind=request.kind,
        operation=f"{request.kind}.generate",
        request=request.to_json(),
        created_us=now,
        updated_us=now,
        session_id=session_id(),
        prompt=request.text or None,
        tags=dict(asked.tags),
        name=asked.name,
        template=asked.template,
        facts={**facts, **asked.facts},
        warnings=[*asked.warnings, *request.warnings().items],
        batch=asked.batch,
        axes=None if asked.axes is None else dict(asked.axes),
        **columns,
    )


def intent(
    connection: Connection, request: Request, model: Model, quote: Quote, project: str, asked: Asked
) -> JobRecord:
    """Return the row of a request that is about to be sent."""
    provider = connection.provider
    call = provider.submit(request, {item.field: "0" for item in provider.uploads(request)})
    if call.turns:
        from minimax_nb.sockets import require

        require()
    return new_row(
        request,
        asked,
        facts={"price_facts": dict(request.price_facts())},
        provider=provider.name,
        model=model.name,
        endpoint=connection.host.split("://", 1)[1] + call.path,
        account=connection.account,
        fingerprint=fingerprint(provider.name, request, sandbox=connection.sandbox),
        sandbox=connection.sandbox,
        project=project,
        currency=quote.currency,
        unit=quote.unit,
        quantity=quote.quantity,
        price_id=quote.price_id,
        estimate_nano=quote.amount_nano,
    )


def fingerprint(provider: str, request: Request, *, sandbox: bool) -> str:
    """Return the sha256 that identical requests share; see :func:`minimax_nb.kinds.fingerprint.fingerprint_of`."""
    return fingerprint_of(provider, request.kind, request.to_json(), sandbox=sandbox)
