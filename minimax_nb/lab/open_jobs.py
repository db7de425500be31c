"""The running jobs of all kernels that share a ledger, read from it cheaply and again and again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from minimax_nb.catalog import catalog
from minimax_nb.engine.cancelling import can_cancel
from minimax_nb.engine.history import Past, key_of, past_of
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.loop import running_engine
from minimax_nb.errors import MiniMaxError
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.render.view import JobView, view_of

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

MOST = 500  #: jobs that are read at once
LINGER = 15.0  #: seconds for which a job that has ended stays in sight


class OpenJobs:
    """What runs, in this kernel and in others.

    Parameters
    ----------
    lab
        The lab whose ledger is read.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._seen: dict[str, JobRecord] = {}
        self._ended: dict[str, int] = {}
        self._pasts: dict[str, Past | None] = {}

    def read(self) -> list[JobView]:
        """Return the open jobs, oldest first, and those that have just ended."""
        running = running_engine()
        live: Mapping[str, LiveJob] = running.jobs if running else {}
        now = now_us()
        found = {record.id: record for record in self._lab.ledger.jobs(state="open", limit=MOST)}
        for job_id in self._seen.keys() - found.keys() - self._ended.keys():
            self._seen[job_id] = self._lab.ledger.job(job_id)
            self._ended[job_id] = now
        for job_id in [key for key, at in self._ended.items() if now - at > LINGER * 1e6]:
            del self._seen[job_id], self._ended[job_id]
        for job_id in (
            self._ended.keys() & found.keys()
        ):  # one that was open again: its result is being fetched
            del self._ended[job_id]
        self._seen |= found
        return [self._view(record, live.get(job_id), now) for job_id, record in sorted(self._seen.items())]

    def _view(self, record: JobRecord, live: LiveJob | None, now: int) -> JobView:
        if live is None or live.done.is_set():
            return view_of(record, now_us=now, eta_s=self._left(record, now))
        return view_of(
            live.record, now_us=now, eta_s=live.eta, stage=live.stage or None, problem=live.problem
        )

    def _left(self, record: JobRecord, now: int) -> float | None:
        """Return the seconds that half of such jobs still take, for a job that another kernel watches."""
        if record.submitted_us is None or record.state not in (JobState.QUEUED, JobState.RUNNING):
            return None
        if record.id not in self._pasts:
            self._pasts[record.id] = self._past(record)
        past = self._pasts[record.id]
        return None if past is None else past.whole.left((now - record.submitted_us) / 1e6)

    def _past(self, record: JobRecord) -> Past | None:
        """Return what is learnt of such jobs; starts no sandbox to find out."""
        connections = self._lab._connections
        embedded = not str(self._lab.settings.value("sandbox")).startswith("http")
        if record.sandbox != connections.uses_sandbox or (record.sandbox and embedded):
            return None
        try:
            connection = connections.open(record.provider)
            model = catalog().model(record.provider, record.kind, record.model)
            key = key_of(connection, model, record.facts.get("price_facts") or {})
            return past_of(self._lab.ledger, key, model, connection.speed)
        except MiniMaxError:
            return None


def stoppable() -> frozenset[str]:
    """Return the ids of the jobs that this kernel drives and can still stop at no cost."""
    running = running_engine()
    jobs = tuple(running.jobs.values()) if running else ()
    return frozenset(
        job.id for job in jobs
        if not job.done.is_set() and not job.cancel_requested
        and (job.record.state is JobState.NEW or can_cancel(job))
    )  # fmt: skip
