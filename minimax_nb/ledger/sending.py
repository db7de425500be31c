"""The step from "asked" to "being sent": the account's limits and the job's row in one transaction.

A place under the limit of requests at once is held by a job from its paid request until the provider
is done with it, and as long as somebody drives the job: what a killed kernel held comes free with its
leases. A free place goes to the kernel that has the fewest.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from minimax_nb.ledger import jobs, limits
from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.jobs import Now
from minimax_nb.ledger.record import Charge, JobRecord, JobState
from minimax_nb.ledger.writer import Transaction

MINUTE_US = 60_000_000
#: A process that waits for a place asks several times a second; one that did not for so long is gone.
_STALE_US = 5_000_000

#: Taken, and the job still at the provider: somebody drives it, or it may run there for some time yet.
_HELD = (
    "taken_us IS NOT NULL AND EXISTS (SELECT 1 FROM jobs WHERE id = job_id AND ("
    "(state IN ('submitting', 'queued', 'running') AND lease_until_us > {now})"
    " OR (state IN ('queued', 'running', 'unknown') AND until_us > {now})))"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account's requests of one class are limited to.

    Parameters
    ----------
    account, rpm_class
        What the provider counts together.
    rpm
        Requests allowed in a window; ``None`` for no such limit.
    window_us
        Length of the window.
    at_once
        Jobs allowed at the provider at the same time; ``None`` for no such limit.
    lives_us
        How long a job that nobody watches is taken to run.
    """

    account: str
    rpm_class: str
    rpm: int | None = None
    window_us: int = MINUTE_US
    at_once: int | None = None
    lives_us: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """A job cannot be sent yet. ``due_us`` is the moment reserved for it; ``None``: it waits for a place."""

    due_us: int | None


class Sending(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that lets a job go out; see there."""

    def begin(
        self, job_id: str, owner: str | None, attempt: int, wanted: Limits, held_us: int | None = None
    ) -> Future[JobRecord | Wait]:
        """Make a job's row say that it is being sent, once the limits allow it.

        Parameters
        ----------
        owner
            Whose lease the job is driven under; the row of another's job is returned as it is.
        attempt
            1 for the first sending.
        wanted
            The limits.
        held_us
            The moment that an earlier call reserved. It is given back when it cannot be used.
        """
        now = self._now()
        return self._write(lambda tx: _begin(tx, job_id, owner, attempt, wanted, held_us, now))


def _begin(
    tx: Transaction,
    job_id: str,
    owner: str | None,
    attempt: int,
    wanted: Limits,
    held_us: int | None,
    now: Now,
) -> JobRecord | Wait:
    record = jobs.load(tx, job_id)
    if record.state is not JobState.NEW or record.lease_owner != owner:
        _give_back(tx, wanted, held_us)
        return record
    if wanted.at_once is not None and not _place_is_free(tx, job_id, str(owner), wanted, now.us):
        _give_back(tx, wanted, held_us)
        return Wait(None)
    wait = _moment(tx, wanted, held_us, now.us)
    if wait is not None:
        return wait
    if wanted.at_once is not None:
        tx.execute(
            "UPDATE places SET taken_us = ?, until_us = ? WHERE job_id = ?",
            (now.us, now.us + wanted.lives_us, job_id),
        )
    return jobs.change(tx, record, "submitting", _sent(attempt, now), now)


def sent_now(tx: Transaction, wanted: Limits, now: Now) -> dict[str, Any] | None:
    """Take a moment for a job that is not written yet; return its changes, ``None`` when it has to wait."""
    if wanted.at_once is not None:
        return None
    wait = _moment(tx, wanted, None, now.us)
    if wait is None:
        return _sent(1, now)
    if wanted.rpm is not None:
        _give_back(tx, wanted, wait.due_us)
    return None


def _sent(attempt: int, now: Now) -> dict[str, Any]:
    return {
        "state": JobState.SUBMITTING,
        "charge": Charge.HELD,
        "attempts": attempt,
        "submitted_us": now.us,
    }


def _moment(tx: Transaction, wanted: Limits, held_us: int | None, now_us: int) -> Wait | None:
    key = (wanted.account, wanted.rpm_class)
    paused = limits.paused_until(tx, *key)
    if held_us is not None and paused <= now_us:
        return None if held_us <= now_us else Wait(held_us)
    # A pause that was set after this moment was given out holds for it all the same.
    _give_back(tx, wanted, held_us)
    if wanted.rpm is None:
        return Wait(paused) if paused > now_us else None
    due = limits.admit(
        tx, *key, limit=wanted.rpm, window_us=wanted.window_us, now_us=now_us, paused_us=paused
    )
    return Wait(due) if due > now_us else None


def _give_back(tx: Transaction, wanted: Limits, held_us: int | None) -> None:
    if held_us is not None:
        limits.withdraw(tx, wanted.account, wanted.rpm_class, held_us)


def _place_is_free(tx: Transaction, job_id: str, owner: str, wanted: Limits, now_us: int) -> bool:
    """Queue for a place, and return whether this process is the one to take it now."""
    key = (wanted.account, wanted.rpm_class)
    tx.execute(
        "INSERT INTO places (job_id, account, rpm_class, owner, asked_us, seen_us) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (job_id) DO UPDATE SET owner = excluded.owner, seen_us = excluded.seen_us,"
        " asked_us = CASE WHEN places.taken_us IS NULL THEN places.asked_us ELSE excluded.asked_us END,"
        " taken_us = NULL, until_us = NULL",
        (job_id, *key, owner, now_us, now_us),
    )
    held = _HELD.format(now=int(now_us))
    waits = f"taken_us IS NULL AND seen_us > {int(now_us) - _STALE_US}"
    tx.execute(
        f"DELETE FROM places WHERE account = ? AND rpm_class = ? AND NOT ({held}) AND NOT ({waits})",  # noqa: S608 - constants and numbers
        key,
    )
    rows = tx.execute(
        "SELECT job_id, owner, asked_us, taken_us FROM places WHERE account = ? AND rpm_class = ?", key
    ).fetchall()
    taken = Counter(row[1] for row in rows if row[3] is not None)
    asked = {row[0]: (taken[row[1]], row[2], row[0]) for row in rows if row[3] is None}
    ahead = sum(other < asked[job_id] for other in asked.values())
    assert wanted.at_once is not None
    return taken.total() + ahead < wanted.at_once
