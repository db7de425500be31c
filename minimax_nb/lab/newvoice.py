"""Made voices in a request: the fee that a first use brings, and voices that are probably gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.catalog import catalog
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.voices import fees, speakers
from minimax_nb.kinds.base import Request
from minimax_nb.ledger import VoiceRow

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

SANDBOX_ACCOUNT = "sandbox-"  #: what the account of a sandbox begins with


def price_facts(lab: Lab, provider: str, request: Request) -> Mapping[str, Any]:
    """Return what the price of a request hangs on, with the voices that would speak for the first time."""
    new = fees(row.origin for row in _rows(lab, provider, request) if row.used_us is None)
    return {**request.price_facts(), **new} if new else request.price_facts()


def remarks(lab: Lab, provider: str, request: Request) -> list[str]:
    """Return what to know of the made voices of a request."""
    return [text for row in _rows(lab, provider, request) if (text := _remark(row))]


def _remark(row: VoiceRow) -> str | None:
    if row.used_us is not None:
        return None
    if row.expires_us is not None and row.expires_us <= now_us():
        return f"the voice {row.voice_id!r} was {kept(row)}; an unknown voice answers 2054"
    return (
        f"the voice {row.voice_id!r} speaks for the first time: its fee is part of the price, "
        "and it is kept from now on"
    )


def _rows(lab: Lab, provider: str, request: Request) -> list[VoiceRow]:
    if request.kind != "speech":
        return []
    spoken = speakers(request.kind, request.to_json())
    wanted = [item for item in spoken if not catalog().has_voice(item)]
    found = (lab.ledger.voice(provider, voice_id) for voice_id in wanted)
    return [row for row in found if row is not None]


def unused(rows: Iterable[VoiceRow], *, sandbox: bool) -> list[VoiceRow]:
    """Return the voices that will be lost when they are not used, the first to go first."""
    now = now_us()
    found = [
        row
        for row in rows
        if row.used_us is None
        and (row.expires_us or 0) > now
        and row.account.startswith(SANDBOX_ACCOUNT) == sandbox
    ]
    return sorted(found, key=lambda row: row.expires_us or 0)


def kept(row: VoiceRow, now: int | None = None) -> str:
    """Say how long a made voice is kept, in a few words.

    Parameters
    ----------
    row
        The voice as the ledger has it.
    now
        Microseconds since 1970; the present by default.
    """
    if row.used_us is not None:
        return "used, so kept"
    if row.expires_us is None:
        return "no term is known"
    left = row.expires_us - (now_us() if now is None else now)
    if left <= 0:
        return "not used in time, probably gone"
    hours = left / 3.6e9
    return (
        f"{hours / 24:.0f} days left to use it"
        if hours >= 36
        else f"{count(round(hours), 'hour')} left to use it"
    )
