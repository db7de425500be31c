"""Answers from the ledger: a request that was made before costs nothing the second time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minimax_nb.amounts import money
from minimax_nb.engine.collect import linked as link
from minimax_nb.errors import MediaError, RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.lab.intent import Asked, fingerprint, new_row
from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState
from minimax_nb.media import StoredFile
from minimax_nb.render.format import shorten

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.ledger.rows import MediaRow

#: Facts about one sending, not about the result.
_OF_THE_SENDING = frozenset({"trace_id", "resent_from", "resent_as"})


def find(lab: Lab, provider: str, request: Request, reuse: bool | None) -> JobRecord | None:
    """Return the finished job that answers a request, where that is wanted and there is one.

    Parameters
    ----------
    lab
        Its settings ``reuse`` and ``replay`` say what is wanted.
    provider, request
        The request, resolved.
    reuse
        True or False in place of the setting; a replay answers from the ledger in any case.

    Raises
    ------
    RequestInvalidError
        A replay, and the ledger has no such result.
    """
    replay = lab.settings.value("replay") == "on"
    if not replay and not (lab.settings.value("reuse") == "on" if reuse is None else reuse):
        return None
    if replay and reuse is False:
        raise RequestInvalidError(
            "replay is on, and this asks for a new result; nothing is sent in a replay",
            hint="%minimax replay off sends requests again",
        )
    for sandbox in _sides(lab, replay=replay):
        found = lab.ledger.find_stored(fingerprint(provider, request, sandbox=sandbox))
        if found is not None and _files(lab, found):
            return found
    if replay:
        raise _missing(lab, provider, request)
    return None


def _sides(lab: Lab, *, replay: bool) -> list[bool]:
    """Return whose results may answer: the sandbox's (True), the provider's (False).

    A replay needs no key, and without one nobody says which is meant: then the provider's go first.
    """
    sandbox = lab._connections.uses_sandbox
    if replay and sandbox and str(lab.settings.value("sandbox")) == "auto":
        return [False, True]
    return [sandbox]


def _files(lab: Lab, record: JobRecord) -> list[tuple[MediaRow, StoredFile]]:
    """Return the stored files of a job; none when one is gone."""
    rows = [row for row in lab.ledger.media_of(record.id) if row.role != "input" and row.sha256]
    try:
        return [(row, lab.store.get(row.sha256)) for row in rows if row.sha256]
    except MediaError:
        return []


def _missing(lab: Lab, provider: str, request: Request) -> RequestInvalidError:
    named = f' "{shorten(request.text, 60)}"' if request.text else ""
    quote = lab.estimate(request, provider=provider)
    price = "" if quote.amount_nano is None else f" ({money(quote.amount_nano, quote.currency)})"
    return RequestInvalidError(
        f"replay is on and the ledger has no {request.kind}{named}"
        f" by {request.model} of {provider} with these options",
        hint=f"Nothing was sent. To send it{price}: %minimax replay off",
    )


def answer(lab: Lab, request: Request, source: JobRecord, asked: Asked) -> JobRecord:
    """Write a job that has the result of ``source``, costs nothing and sends nothing."""
    files = _files(lab, source)
    record = new_row(
        request,
        asked,
        facts={key: value for key, value in source.facts.items() if key not in _OF_THE_SENDING},
        provider=source.provider,
        model=source.model,
        endpoint=source.endpoint,
        account=source.account,
        fingerprint=source.fingerprint,
        state=JobState.SUCCEEDED,
        charge=Charge.NONE,
        result=ResultState.STORED,
        sandbox=source.sandbox,
        project=lab.project,
        currency=source.currency,
        estimate_nano=0,
        cost_nano=0,
        cost_source="cached",
        cached_from=source.id,
    )
    record.finished_us = record.stored_us = record.created_us
    inserted = lab.ledger.insert_job(record, reserve_nano=0)
    folder = lab.links
    linked = []
    for row, stored in files:
        path = link(lab.store, folder, stored, record, row.role)
        linked.append(
            lab.ledger.attach_media(
                record.id, row.role, row.position, stored, facts=row.facts, name=path.name
            )
        )
    for written in linked:
        written.result()
    return inserted
