"""What a kernel does at its first use of the ledger, and later on: go on with the jobs of kernels that died."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.late import is_hoped_for
from minimax_nb.engine.loop import LEASE, engine, running_engine
from minimax_nb.engine.state import is_settled
from minimax_nb.errors import ErrorInfo, MiniMaxError
from minimax_nb.lab.resume import can_go_on, free_the_dead, go_on, late
from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState
from minimax_nb.settings import is_loopback

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

KNOCK = 0.25  #: seconds in which a sandbox on this machine takes a connection
_GONE = ErrorInfo(
    "not_found", "the sandbox that worked on it has ended", meaning="Nothing real was paid for it."
)


class Arrival:
    """Adopts the open jobs of kernels that died: at first, and again when the leases that ran then are over.

    Parameters
    ----------
    lab
        The lab. Its setting ``resume`` and a replay turn this off.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._next_us: int | None = 0  #: when to look again
        self._work: threading.Thread | None = None

    def __call__(self) -> list[str]:
        """Claim what there is to adopt and go on with it in the background.

        Returns
        -------
        list of str
            One line for the user, or nothing where nothing was adopted.
        """
        if self._next_us is None or now_us() < self._next_us:
            return []
        self._next_us = None
        settings = self._lab.settings
        if settings.value("resume") == "off" or settings.value("replay") == "on":
            return []
        self._next_us = free_the_dead(self._lab.ledger)
        now = now_us()
        left = [*self._lab.ledger.open_jobs(now), *late(self._lab, now)]
        found = [job for job in left if not _is_watched(job)]
        if not found:
            return []
        mine = [job for job in found if _is_ours(self._lab, job) and can_go_on(self._lab, job, now)]
        won = self._claim(mine)
        others = {job.id for job in mine}
        gone = [job for job in found if job.sandbox and job.id not in others and not is_hoped_for(job)]
        if won or gone:
            # Not in the way of the cell: inputs are read again, and a port may be slow to refuse.
            self._work = threading.Thread(
                target=self._go_on, args=(won, gone), name="minimax-nb-arrival", daemon=True
            )
            self._work.start()
        return _said(won)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the adopted jobs are in the engine's hands."""
        if self._work is not None:
            self._work.join(timeout)

    def _claim(self, jobs: Sequence[JobRecord]) -> list[JobRecord]:
        """Take the leases, all in one commit; another kernel that arrives now may win some of them."""
        if not jobs:
            return []
        owner, until = engine().owner, now_us() + int(LEASE * 1e6)
        claims = [(job, self._lab.ledger.claim_async(job.id, owner, until)) for job in jobs]
        return [job for job, claim in claims if claim.result()]

    def _go_on(self, won: Sequence[JobRecord], gone: Sequence[JobRecord]) -> None:
        lab = self._lab
        for job in won:
            with contextlib.suppress(MiniMaxError):  # its lease runs out, and another kernel tries
                # Read again: between the list and the claim another kernel may have moved it.
                fresh = lab.ledger.job(job.id)
                over = is_settled(fresh) and not is_hoped_for(fresh)
                if over or not can_go_on(lab, fresh, now_us()):
                    lab.ledger.release(fresh.id, engine().owner).result()
                else:
                    go_on(lab, fresh)
        for address in {_address(job) for job in gone}:
            if not _answers(*address):
                for job in gone:
                    if _address(job) == address:
                        with contextlib.suppress(MiniMaxError):
                            _bury(lab, job)


def _said(won: Sequence[JobRecord]) -> list[str]:
    unsent = sum(job.state is JobState.NEW for job in won)
    going = sum(job.state not in (JobState.NEW, JobState.ABANDONED) for job in won)
    if going:
        also = f" ({unsent} more never sent, not charged)" if unsent else ""
        return [f"Resumed {count(going, 'job')} of an earlier kernel{also}: %minimax jobs"]
    if unsent:
        which = next(job.id for job in won if job.state is JobState.NEW) if unsent == 1 else "ID"
        sends = f"%minimax resend {which} sends {'it' if unsent == 1 else 'one'}"
        return [f"{count(unsent, 'job')} of an earlier kernel never sent, not charged; {sends}"]
    return []


def _is_watched(job: JobRecord) -> bool:
    running = running_engine()
    live = running.jobs.get(job.id) if running else None
    return live is not None and not live.done.is_set()


def _is_ours(lab: Lab, job: JobRecord) -> bool:
    """Return True for a job of a key or a sandbox that this lab has; starts no sandbox to find out."""
    connections = lab._connections
    if job.sandbox and not str(lab.settings.value("sandbox")).startswith("http"):
        return False  # an embedded sandbox ends with its kernel
    if job.sandbox != connections.uses_sandbox:
        return False
    try:
        return connections.open(job.provider).account == job.account
    except MiniMaxError:
        return False


def _address(job: JobRecord) -> tuple[str, int]:
    host, _, port = job.endpoint.partition("/")[0].rpartition(":")
    return host, int(port) if port.isdecimal() else 0


def _answers(host: str, port: int) -> bool:
    """Return False when certainly nothing listens there any more."""
    if not port or not is_loopback(host):
        return True
    try:
        socket.create_connection((host, port), KNOCK).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    return True


def _bury(lab: Lab, job: JobRecord) -> None:
    """End a job whose sandbox is gone, quietly: nothing real was paid, and nobody can tell more."""
    owner = engine().owner
    if not lab.ledger.claim(job.id, owner, now_us() + int(LEASE * 1e6)):
        return
    fresh = lab.ledger.job(job.id)
    if not is_settled(fresh):
        if fresh.state is JobState.SUBMITTING:
            lab.ledger.update_job(fresh.id, event="reply lost", state=JobState.UNKNOWN, charge=Charge.UNKNOWN)
        lab.ledger.update_job(fresh.id, event="sandbox gone", error=_GONE.to_dict(), **_end(fresh)).result()
    lab.ledger.release(fresh.id, owner).result()


def _end(job: JobRecord) -> dict[str, Any]:
    match job.state:
        case JobState.NEW:
            return {"state": JobState.REJECTED, "charge": Charge.NOT_CHARGED}
        case JobState.SUBMITTING | JobState.UNKNOWN:
            return {"state": JobState.ABANDONED, "charge": Charge.UNKNOWN}
        case JobState.QUEUED | JobState.RUNNING:
            return {"state": JobState.LOST, "charge": Charge.UNKNOWN}
        case _:  # done, and its result was never fetched
            return {"result": ResultState.EXPIRED}
