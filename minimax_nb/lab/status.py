"""Where one is: what a new job would use, what runs, what was spent and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from minimax_nb.engine.loop import running_engine
from minimax_nb.lab.newvoice import unused
from minimax_nb.ledger import VoiceRow
from minimax_nb.ledger.budgets import BudgetStatus
from minimax_nb.ledger.record import JobState

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

_MANY = 1000


@dataclass(frozen=True, slots=True)
class LabStatus:
    """What a new job would use, what runs, and the money.

    ``spent`` holds ``(currency, amount, is sandbox)`` for today, UTC; ``unknown`` the number of jobs
    whose outcome only a person can find out; ``budgets`` those in force; ``voices`` the made voices of
    real accounts (or of the sandbox, when that is in use) that nobody has used yet and that are still kept.
    """

    provider: str
    host: str
    sandbox: bool
    key_source: str
    project: str
    ledger: str
    running: int
    spent: tuple[tuple[str, Decimal, bool], ...]
    unknown: int
    budgets: tuple[BudgetStatus, ...]
    voices: tuple[VoiceRow, ...] = ()
    unpriced: int = 0


def status_of(lab: Lab) -> LabStatus:
    """Return the status of a lab; opens its ledger and no connection."""
    name = str(lab.settings.value("provider"))
    sandbox = lab._connections.uses_sandbox
    key = lab.settings.get(f"{name}_api_key")
    running = running_engine()
    return LabStatus(
        provider=name,
        host="embedded sandbox" if sandbox else str(lab.settings.value(f"{name}_api_host")),
        sandbox=sandbox,
        key_source="no key needed" if sandbox else key.source if key.value else "not set",
        project=lab.project,
        ledger=str(lab.ledger.path),
        running=len(running.open_jobs()) if running else 0,
        spent=tuple(lab.ledger.spent_today()),
        unpriced=lab.ledger.unpriced_today(),
        unknown=len(lab.ledger.jobs(state=JobState.UNKNOWN, limit=_MANY)),
        budgets=tuple(lab.budgets()),
        voices=tuple(unused(lab.ledger.voices(), sandbox=sandbox)),
    )
