"""A job's way past its account's limits, which all kernels of a user share, to the moment it is sent.

A kernel holds one moment at a time and asks for the next when that one has come; it waits for one
place at a time too. So nobody books the coming minutes for a long queue: another kernel waits its
turn and not the whole queue, and a kernel that dies wastes one moment at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from math import ceil
from typing import TypeVar

from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import MiniMaxError, NotSentError
from minimax_nb.http import Transport
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.ledger.sending import MINUTE_US, Limits, Wait

T = TypeVar("T")

REPAINT = 0.5  #: seconds between two looks at the clock while a job waits
ASK = 0.2  #: seconds between two questions for a free place, while places come free as in life
SHORTEST_ASK = 0.02
LIVES = 3.0  #: typical durations for which a job that nobody watches is taken to have its place
WORTH_A_WORD = 0.1  #: seconds; a shorter wait is not told

#: Asks for a moment, given the one that is held; the answer is a wait, or what the caller is after.
Asking = Callable[[int | None], Awaitable[T | Wait]]
#: Is told about how many seconds are left; ``None`` for a wait whose end nobody knows.
Tell = Callable[[float | None], None]


@dataclass(eq=False)
class Gate:
    """One kernel's way past the limits of one account and model class.

    Parameters
    ----------
    ledger, limits
        Where they are kept, and what they are.
    """

    ledger: Ledger
    limits: Limits
    freed: asyncio.Event = field(default_factory=asyncio.Event)  #: a place of this kernel came free
    _queue: deque[asyncio.Future[None]] = field(default_factory=deque)
    _gone: int = 0  #: jobs that have left the queue
    _due_us: int = 0  #: when the job at the front may be sent

    @property
    def _ask(self) -> float:
        return max(SHORTEST_ASK, ASK * self.limits.window_us / MINUTE_US)

    @property
    def waited(self) -> bool:
        """True while somebody stands in line."""
        return bool(self._queue)

    async def enter(self, ask: Asking[T], tell: Tell, cancelled: Callable[[], bool]) -> T | None:
        """Wait until the limits allow a request.

        Parameters
        ----------
        ask
            Asks the ledger; see :data:`Asking`. It is asked for one job at a time, in their order.
        tell
            Called while it waits.
        cancelled
            Asked while it waits.

        Returns
        -------
        T or None
            What ``ask`` answered in the end; ``None`` when it was cancelled, and then no moment was used.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        if self._queue[0] is turn:
            turn.set_result(None)
        place = self._gone + len(self._queue) - 1
        try:
            while not turn.done():
                if cancelled():
                    return None
                self._tell_place(tell, max(0, place - self._gone))
                await asyncio.wait((turn,), timeout=REPAINT)
            return await self.alone(ask, tell, cancelled)
        finally:
            self._gone += 1
            self._queue.remove(turn)
            if self._queue and not self._queue[0].done():
                self._queue[0].set_result(None)

    def _tell_place(self, tell: Tell, before: int) -> None:
        if self.limits.rpm is None:
            tell(None)
            return
        windows = before // self.limits.rpm
        _tell(tell, self._left() + windows * self.limits.window_us / 1e6)

    async def alone(self, ask: Asking[T], tell: Tell, cancelled: Callable[[], bool]) -> T | None:
        """Do as :meth:`enter` does for who is first in line."""
        held: int | None = None
        while not cancelled():
            self.freed.clear()
            answer = await ask(held)
            if not isinstance(answer, Wait):
                return answer
            held = answer.due_us
            try:
                if held is None:
                    tell(None)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.freed.wait(), self._ask)
                    continue
                self._due_us = held
                while (left := self._left()) > 0 and not cancelled():
                    _tell(tell, left)
                    await asyncio.sleep(min(left, REPAINT))
            except asyncio.CancelledError:
                with contextlib.suppress(MiniMaxError):  # a ledger that is closed already
                    self._withdraw(held)
                raise
        if (given := self._withdraw(held)) is not None:
            await asyncio.wrap_future(given)
        return None

    def _withdraw(self, held: int | None) -> Future[None] | None:
        if held is None or self.limits.rpm is None:
            return None
        return self.ledger.withdraw(self.limits.account, self.limits.rpm_class, held)

    def _left(self) -> float:
        return max(0.0, (self._due_us - now_us()) / 1e6)


def _tell(tell: Tell, left: float) -> None:
    if left >= WORTH_A_WORD:
        tell(left)


_gates: weakref.WeakKeyDictionary[
    asyncio.AbstractEventLoop, weakref.WeakKeyDictionary[Ledger, dict[Limits, Gate]]
] = weakref.WeakKeyDictionary()


def limits_of(job: LiveJob) -> Limits:
    """Return what the requests like a job's are limited to."""
    plan, connection = job.plan, job.plan.connection
    return Limits(
        connection.account,
        plan.model.rpm_class,
        plan.rpm,
        int(MINUTE_US / connection.speed),
        plan.at_once,
        int(LIVES * plan.pace.typical * 1e6) if plan.at_once else 0,
    )


def is_queued_for(loop: asyncio.AbstractEventLoop, ledger: Ledger, limits: Limits) -> bool:
    """Return True while jobs of this process stand in line for these limits; from any thread."""
    mine = _gates.get(loop)
    gate = mine.get(ledger, {}).get(limits) if mine is not None else None
    return gate is not None and gate.waited


def _gate(job: LiveJob) -> Gate:
    limits = limits_of(job)
    gates = _gates.setdefault(asyncio.get_running_loop(), weakref.WeakKeyDictionary())
    mine = gates.setdefault(job.plan.ledger, {})
    if limits not in mine:
        mine[limits] = Gate(weakref.proxy(job.plan.ledger), limits)
    return mine[limits]


async def begin(job: LiveJob, transport: Transport, attempt: int) -> bool:
    """Wait until a job may be sent, saying so, and make its row say durably that it is being sent.

    ``job.sending`` is true from then on.

    Returns
    -------
    bool
        False when it was cancelled before; its row says what it said.

    Raises
    ------
    NotSentError
        Another kernel has the job now.
    """
    gate = _gate(job)

    def tell(left: float | None) -> None:
        limit = f"the {job.plan.rpm}/min limit" if job.plan.rpm else "the provider"
        waits = (
            f"{limit}, {ceil(left)} s" if left is not None else f"a free place, {job.plan.at_once} at once"
        )
        job.set_stage(f"waiting for {waits}")

    async def ask(held: int | None) -> JobRecord | Wait:
        # A row that says "submitting" while its request stands in line is unknown after a crash.
        await transport.in_flight.acquire()
        job.slot = True
        job.sending = True  # whoever stops the engine now waits for the answer: the row may say it is sent
        try:
            asked = job.plan.ledger.begin(job.id, job.owner, attempt, gate.limits, held)
            answer = await asyncio.wrap_future(asked)
        except BaseException:
            leave_slot(job, transport)
            job.sending = False
            raise
        if isinstance(answer, Wait):
            leave_slot(job, transport)
            job.sending = False
        return answer

    # Without a limit there is nothing to stand in line for, but the provider may have asked everybody to wait.
    limited = job.plan.rpm is not None or job.plan.at_once is not None
    record = await (gate.enter if limited else gate.alone)(ask, tell, lambda: job.cancel_requested)
    if record is None:
        return False
    job.record = record
    if (
        record.state is not JobState.SUBMITTING
        or record.lease_owner != job.owner
        or record.attempts != attempt
    ):
        # This process slept past its lease, and another kernel has dealt with the job.
        job.sending = False
        leave_slot(job, transport)
        raise NotSentError("another kernel took this job over, so it was not sent from here")
    job.notify()
    return True


def leave_slot(job: LiveJob, transport: Transport) -> None:
    """Let another request go out, where this job holds a slot of the transport."""
    if job.slot:
        job.slot = False
        transport.in_flight.release()


def freed(job: LiveJob) -> None:
    """Say that the provider is done with a job, which may have had a place."""
    if job.plan.at_once is not None:
        _gate(job).freed.set()
