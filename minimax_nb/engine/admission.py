"""A place under an account's requests-per-minute limit, which all kernels of a user share.

A kernel holds one moment at a time and asks for the next when that one has come. So nobody books the
coming minutes for a long queue: another kernel waits its turn and not the whole queue, and a kernel
that dies wastes one moment at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.errors import MiniMaxError
from minimax_nb.ledger import Ledger

REPAINT = 0.5  #: seconds between two looks at the clock while a job waits
WORTH_A_WORD = 0.1  #: seconds; a shorter wait is not told


@dataclass(eq=False)
class Gate:
    """One kernel's way to the moments of one account and model class.

    Parameters
    ----------
    ledger, account, rpm_class
        Where and under which names the moments are counted.
    limit
        Requests allowed in a window.
    window_us
        Length of the window.
    """

    ledger: Ledger
    account: str
    rpm_class: str
    limit: int
    window_us: int
    _queue: deque[asyncio.Future[None]] = field(default_factory=deque)
    _gone: int = 0  #: jobs that have left the queue
    _due_us: int = 0  #: when the job at the front may be sent

    async def enter(self, tell: Callable[[float], None], cancelled: Callable[[], bool]) -> bool:
        """Wait for a moment at which a request may be sent.

        Parameters
        ----------
        tell
            Called while it waits, with about how many seconds are left.
        cancelled
            Asked while it waits.

        Returns
        -------
        bool
            False when it was cancelled; no moment was used then.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        if self._queue[0] is turn:
            turn.set_result(None)
        place = self._gone + len(self._queue) - 1
        try:
            while not turn.done():
                if cancelled():
                    return False
                windows = max(0, place - self._gone) // self.limit
                _tell(tell, self._left() + windows * self.window_us / 1e6)
                await asyncio.wait((turn,), timeout=REPAINT)
            return await self._front(tell, cancelled)
        finally:
            self._gone += 1
            self._queue.remove(turn)
            if self._queue and not self._queue[0].done():
                self._queue[0].set_result(None)

    async def _front(self, tell: Callable[[float], None], cancelled: Callable[[], bool]) -> bool:
        key = (self.account, self.rpm_class)
        while True:
            self._due_us = await asyncio.wrap_future(
                self.ledger.admit_async(*key, self.limit, self.window_us, now_us())
            )
            try:
                while (left := self._left()) > 0 and not cancelled():
                    _tell(tell, left)
                    await asyncio.sleep(min(left, REPAINT))
            except asyncio.CancelledError:
                with contextlib.suppress(MiniMaxError):  # a ledger that is closed already
                    self.ledger.withdraw(*key, self._due_us)
                raise
            # A pause that was set after this moment was given out holds for it all the same.
            paused = await asyncio.to_thread(self.ledger.paused_until, *key) > now_us()
            if not paused and not cancelled():
                return True
            await asyncio.wrap_future(self.ledger.withdraw(*key, self._due_us))
            if cancelled():
                return False

    def _left(self) -> float:
        return max(0.0, (self._due_us - now_us()) / 1e6)


def _tell(tell: Callable[[float], None], left: float) -> None:
    if left >= WORTH_A_WORD:
        tell(left)


_gates: weakref.WeakKeyDictionary[
    asyncio.AbstractEventLoop, weakref.WeakKeyDictionary[Ledger, dict[tuple[str, str], Gate]]
] = weakref.WeakKeyDictionary()


async def admit(job: LiveJob) -> None:
    """Wait until a job may be sent under its account's limit, saying so; returns at once when it is cancelled."""
    plan, rpm = job.plan, job.plan.rpm
    if not rpm:
        return
    key = (plan.connection.account, plan.model.rpm_class)
    gates = _gates.setdefault(asyncio.get_running_loop(), weakref.WeakKeyDictionary())
    mine = gates.setdefault(plan.ledger, {})
    if key not in mine:
        mine[key] = Gate(weakref.proxy(plan.ledger), *key, rpm, int(60e6 / plan.connection.speed))

    def tell(left: float) -> None:
        job.set_stage(f"waiting for the {rpm}/min limit, {ceil(left)} s")

    await mine[key].enter(tell, lambda: job.cancel_requested)
