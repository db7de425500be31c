"""A handle on one job: of this process, or of an earlier one as the ledger knows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob, error_of
from minimax_nb.errors import MiniMaxError
from minimax_nb.lab.result import Result
from minimax_nb.ledger.record import Charge, JobRecord, JobState
from minimax_nb.media import Media

if TYPE_CHECKING:
    from minimax_nb.render.view import JobView

SLICE = 0.1  #: seconds; waits are cut so that an interrupt is answered at once


class Keeper(Protocol):
    """Whoever can decide on a job; a lab."""

    def resend(self, job_id: str, *, approved: bool = False, allow_unpriced: bool = False) -> Job:
        """Send its request again, as a new job."""
        ...

    def abandon(self, job_id: str, *, charged: bool | None = None) -> JobRecord:
        """Give it up."""
        ...


class Job:
    """One paid request and what became of it.

    Parameters
    ----------
    record
        The row, for a job of another kernel.
    live
        The running job, when this process drives it.
    media
        Files of a job that is not live.
    keeper
        The lab that has it.
    """

    def __init__(
        self,
        record: JobRecord,
        *,
        live: LiveJob | None = None,
        media: Callable[[], Sequence[Media]] | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._record = record
        self._live = live
        self._media = media
        self._keeper = keeper

    @property
    def record(self) -> JobRecord:
        """The job's row, as last written."""
        return self._live.record if self._live else self._record

    @property
    def id(self) -> str:
        """The job's id."""
        return self._record.id

    @property
    def state(self) -> JobState:
        """Where the job stands."""
        return self.record.state

    @property
    def stage(self) -> str:
        """What is happening now, in plain words."""
        return self._live.stage if self._live else self.state.value

    @property
    def done(self) -> bool:
        """True when this process does nothing more for the job."""
        return self._live.done.is_set() if self._live else True

    @property
    def media(self) -> Sequence[Media]:
        """The files stored so far."""
        if self._live:
            return list(self._live.media)
        return self._media() if self._media else ()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job is done, at most ``timeout`` seconds; the job goes on after a timeout.

        Returns
        -------
        bool
            True when the job is done.
        """
        if self._live is None:
            return True
        end = None if timeout is None else time.monotonic() + timeout
        while not self._live.done.wait(
            SLICE if end is None else max(0.0, min(SLICE, end - time.monotonic()))
        ):
            if end is not None and time.monotonic() >= end:
                return False
        return True

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return its result.

        Raises
        ------
        TimeoutError
            Not done after ``timeout`` seconds; the job goes on and can be waited for again.
        MiniMaxError
            The job failed, was refused, or its outcome is unknown.
        """
        if not self.wait(timeout):
            raise TimeoutError(f"job {self.id} is still {self.stage}; it goes on and must not be sent again")
        problem = self._live.problem if self._live else error_of(self._record)
        if problem is not None:
            if isinstance(problem, MiniMaxError):
                problem.job_id = problem.job_id or self.id
            raise problem
        return Result(self.record, self.media)

    def cancel(self) -> bool:
        """Cancel before sending; a job that is already at the provider goes on and is charged.

        Returns
        -------
        bool
            True when the job will certainly not be sent.
        """
        if self._live is None or self.state is not JobState.NEW:
            return False
        self._live.cancel_requested = True
        self._live.done.wait(5)
        return self.record.charge in (Charge.NONE, Charge.NOT_CHARGED)

    def resend(self, *, approved: bool = False, allow_unpriced: bool = False) -> Job:
        """Send the same request again as a new job, whose facts name this one as ``resent_from``.

        Only for a job that is unknown, given up, failed, expired or lost. What this one may have cost
        stays counted.

        Parameters
        ----------
        approved, allow_unpriced
            As in :meth:`minimax_nb.Lab.submit`.

        Raises
        ------
        RequestInvalidError
            The job has a result or may still bring one, or was sent again already; nothing was sent.
        """
        return self._kept().resend(self.id, approved=approved, allow_unpriced=allow_unpriced)

    def abandon(self, *, charged: bool | None = None) -> None:
        """Give up on this job, whose outcome is unknown.

        Parameters
        ----------
        charged
            What the provider's console says: True books the estimate as its cost, False gives it back
            to the budgets. Without it the estimate stays counted as possibly spent.

        Raises
        ------
        RequestInvalidError
            Its outcome is not unknown.
        """
        self._record = self._kept().abandon(self.id, charged=charged)
        if self._live:
            self._live.record = self._record

    def _kept(self) -> Keeper:
        if self._keeper is None:
            raise MiniMaxError(f"job {self.id} is known by its row only", hint="Get it with lab.job(id)")
        return self._keeper

    def add_listener(self, listener: Callable[[LiveJob], None]) -> None:
        """Call ``listener`` from the engine's thread on every change; it must not print or display."""
        if self._live:
            self._live.add_listener(listener)

    def view(self) -> JobView:
        """Return what a surface shows of the job now."""
        from minimax_nb.render.view import view_of

        live = self._live
        return view_of(
            self.record,
            self.media,
            now_us=now_us(),
            eta_s=live.eta if live else None,
            stage=live.stage if live and not live.done.is_set() else None,
            problem=live.problem if live else None,
        )

    def __await__(self) -> Generator[Any, None, Result]:
        # Short sleeps, because a kernel interrupt does not wake a long await.
        while not self.done:
            yield from asyncio.sleep(SLICE).__await__()
        return self.result()

    def __repr__(self) -> str:
        record = self.record
        return f"<Job {self.id} {record.provider} {record.kind} {record.model}: {self.stage}>"
