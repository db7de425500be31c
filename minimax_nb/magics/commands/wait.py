"""``%minimax wait [ID …]``: wait for jobs, of this kernel or another, and show them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import GrammarError, MiniMaxError
from minimax_nb.lab.job import Job
from minimax_nb.lab.resume import is_left
from minimax_nb.ledger.record import JobRecord, JobState, ResultState
from minimax_nb.magics.context import Context
from minimax_nb.magics.rows import id_of
from minimax_nb.magics.run import watch
from minimax_nb.magics.sweep import find_sweep, watch_sweep

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.lab.result import Result
    from minimax_nb.render.view import JobView

MOST = 1000  #: jobs that are waited for at once


class Elsewhere:
    """A job that another kernel drives, watched through the ledger; taken over when that kernel is gone.

    Parameters
    ----------
    lab
        The lab whose ledger is read.
    job
        The job as last read.
    """

    def __init__(self, lab: Lab, job: Job) -> None:
        self._lab = lab
        self._job = job
        self._ours = False

    @property
    def id(self) -> str:
        """The job's id."""
        return self._job.id

    @property
    def done(self) -> bool:
        """True when the other kernel has settled and stored it, or this one has done what it can."""
        return self._job.done if self._ours else _settled(self._job.record)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait, then look at the ledger again."""
        if self._ours:
            return self._job.wait(timeout)
        time.sleep(timeout or 0)
        self._job = self._lab.job(self.id)
        if not self.done and is_left(self._job.record):
            adopted = {job.id: job for job in self._lab.resume()}
            self._job = adopted.get(self.id, self._job)
            self._ours = self.id in adopted
        return self.done

    def view(self) -> JobView:
        """Return what a surface shows."""
        return self._job.view()

    def cancel(self) -> bool:
        """Do nothing: only the kernel that drives a job can stop it before it is sent."""
        return self._job.cancel() if self._ours else False

    def result(self) -> Result:
        """Return the result or raise the job's error."""
        result = self._job.result()
        if not _settled(self._job.record):
            message = f"job {self.id} of {self._job.record.provider} cannot be watched from here"
            raise MiniMaxError(message, hint="It needs the key it was asked with")
        return result


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Wait for the jobs named by id, beginning of an id, or variable; without a name for all open ones."""
    name = options.get("out")
    if name and len(words) != 1:
        raise GrammarError("-o takes the result of one job; name one")
    lab = context.lab
    sweep = find_sweep(context, words)
    if sweep is not None:
        watch_sweep(context, sweep, name=name)
        return
    names = context.names()
    found = [_find(lab, names.get(word.strip("{}")), word) for word in words] or _running(lab)
    if not found:
        context.show("No job is running.")
        return
    jobs = [job if not job.done or _settled(job.record) else Elsewhere(lab, job) for job in found]
    watch(context, jobs)
    failures: list[MiniMaxError] = []
    sweeps: dict[str, str | None] = {}
    for job, before in zip(jobs, found, strict=True):
        try:
            result = job.result()
        except MiniMaxError as error:
            failures.append(error)
            continue
        lab.last = result
        target = name or before.record.name
        if before.record.batch and not name:
            sweeps[before.record.batch] = target
        elif target and (name or _is_free(names.get(target), job.id)):
            context.store(target, result)
    for batch, target in sweeps.items():  # the name stands for the whole
        if target and names.get(target) is None:
            context.store(target, lab.find_sweep(batch))
    if failures:
        raise failures[0]


def _running(lab: Lab) -> list[Job]:
    """Return the open jobs; one whose outcome is unknown waits for its user, not for the provider."""
    return [job for job in lab.jobs(state="open", limit=MOST) if job.state is not JobState.UNKNOWN]


def _is_free(holds: object, job_id: str) -> bool:
    """Return True unless the name a job was asked into holds something else by now."""
    return holds is None or (isinstance(holds, Job) and holds.id == job_id)


def _find(lab: Lab, variable: object, word: str) -> Job:
    return variable if isinstance(variable, Job) else lab.job(id_of(variable, word))


def _settled(record: JobRecord) -> bool:
    if record.state is JobState.UNKNOWN:
        return True
    return record.state.terminal and record.result is not ResultState.AVAILABLE
