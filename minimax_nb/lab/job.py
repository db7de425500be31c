"""A handle on one job: of this process, or of an earlier one as the ledger knows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from minimax_nb.engine.cancelling import can_cancel
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob, error_of
from minimax_nb.engine.loop import engine
from minimax_nb.errors import MiniMaxError
from minimax_nb.lab.result import Result
from minimax_nb.ledger.record import Charge, JobRecord, JobState
from minimax_nb.media import Media
from minimax_nb.wire import Piece

if TYPE_CHECKING:
    from minimax_nb.render.view import JobView

CANCEL = 90  #: seconds in which a provider answers a cancellation
SLICE = 0.1  #: seconds; waits are cut so that an interrupt is answered at once


class Keeper(Protocol):
    """Whoever can decide on a job; a lab."""

    def resend(self, job_id: str, *, approved: bool = False, allow_unpriced: bool = False) -> Job:
        """Send its request again, as a new job."""
        ...

    def abandon(self, job_id: str, *, charged: bool | None = None) -> JobRecord:
        """Give it up."""
        ...

    def star(self, job_id: str, on: bool = True) -> None:
        """Star it."""
        ...

    def tag(self, job_id: str, /, **tags: object) -> JobRecord:
        """Set tags of it."""
        ...

    def note(self, job_id: str, text: str) -> None:
        """Add a note to it."""
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

    def stream(self) -> Iterator[Piece]:
        """Yield the pieces of a streamed result as they come, from the first on, until the job is done.

        Nothing is yielded for a job that comes in one piece or that another kernel drives. A stream that
        breaks off ends here too; :meth:`result` tells.
        """
        seen = 0
        while self._live is not None:
            over = self.done
            pieces = self._live.pieces[seen:]
            seen += len(pieces)
            yield from pieces
            if over:
                return
            if not pieces:
                self._live.done.wait(SLICE)

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
        return Result(self.record, self.media, marking=self)

    def cancel(self) -> bool:
        """Cancel before sending, or while it waits at a provider that lets it go at no cost.

        Any other job that is at the provider goes on and is charged.

        Returns
        -------
        bool
            True when the job will certainly not be made, and costs nothing.
        """
        if self._live is None:
            return False
        if can_cancel(self._live):
            if not engine().cancel(self._live).result(CANCEL):
                return False
        elif self.state is JobState.NEW:
            self._live.cancel_requested = True
        else:
            return False
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

    def star(self, on: bool = True) -> None:
        """Star this job, or with ``on=False`` take its star away."""
        self._kept().star(self.id, on)

    def tag(self, **tags: object) -> None:
        """Set tags: ``job.tag(round=2)``; ``None`` takes one away."""
        self._record = self._kept().tag(self.id, **tags)
        if self._live and self.done:
            self._live.record = self._record  # else the engine reads the row at its next step

    def note(self, text: str) -> None:
        """Add a note; notes are kept in order and never changed."""
        self._kept().note(self.id, text)

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
        view = view_of(
            self.record,
            self.media,
            now_us=now_us(),
            eta_s=live.eta if live else None,
            stage=live.stage if live and not live.done.is_set() else None,
            problem=live.problem if live else None,
            pieces=live.pieces if live else (),
        )
        if live is None or live.done.is_set() or not live.pieces:
            return view
        from minimax_nb.engine.aloud import sound_of

        return replace(view, sound=sound_of(live))

    def __await__(self) -> Generator[Any, None, Result]:
        # Short sleeps, because a kernel interrupt does not wake a long await.
        while not self.done:
            yield from asyncio.sleep(SLICE).__await__()
        return self.result()

    def __repr__(self) -> str:
        record = self.record
        return f"<Job {self.id} {record.provider} {record.kind} {record.model}: {self.stage}>"
