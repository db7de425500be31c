"""What works and what does not: keys, hosts, money, clock, ledger, disk and versions, each with its fix.

Nothing paid is ever called, and no key is shown. Without a key the sandbox is looked at in place of
the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from minimax_nb.doctor import accounts, machine, records
from minimax_nb.doctor.finding import Finding, Report
from minimax_nb.errors import MiniMaxError

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

__all__ = ["Finding", "Report", "examine"]

_CHECKS: tuple[tuple[str, Callable[[Lab], Iterable[Finding]]], ...] = (
    ("keys", accounts.keys),
    ("sandbox", accounts.sandbox),
    ("providers", accounts.reach),
    ("ledger", records.ledger),
    ("budgets", records.budgets),
    ("jobs", records.jobs),
    ("media", records.media),
    ("disk", records.disk),
    ("versions", machine.versions),
    ("extras", machine.extras),
)


def examine(lab: Lab) -> Report:
    """Look at everything a lab needs.

    Parameters
    ----------
    lab
        The lab; its ledger is opened, and its sandbox started where it would be used.
    """
    return Report(tuple(finding for topic, check in _CHECKS for finding in _safely(topic, check, lab)))


def _safely(topic: str, check: Callable[[Lab], Iterable[Finding]], lab: Lab) -> Iterator[Finding]:
    """Yield what a check finds; that it cannot be made is a finding too, and the others still are."""
    try:
        yield from check(lab)
    except MiniMaxError as error:
        yield Finding("problem", topic, error.message, error.hint or "")
    except Exception as error:
        yield Finding(
            "problem", topic, f"cannot be checked: {type(error).__name__}: {error}", "Please report this"
        )
