"""The one running engine of the process: a background thread with one asyncio loop.

Started on first use, stopped at exit. It never prints and never displays: listeners of a job only
set state, update a display handle or a widget trait.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from minimax_nb.engine.admission import is_queued_for, limits_of
from minimax_nb.engine.cancelling import cancel_queued
from minimax_nb.engine.free import Answer, Question, ask
from minimax_nb.engine.ids import now_us
from minimax_nb.engine.live import LiveJob
from minimax_nb.engine.owner import new_owner
from minimax_nb.engine.runner import let_go, run
from minimax_nb.engine.webhook import listen
from minimax_nb.errors import ErrorInfo, MiniMaxError
from minimax_nb.http import Transport
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.sending import Limits
from minimax_nb.wire import Reply

LEASE = 60.0  #: seconds after which another kernel may adopt a job whose kernel died
HEARTBEAT = 20.0
GRACE = 3.0  #: seconds that a paid request on its way gets at exit; Jupyter kills a kernel after five


class Engine:
    """Drives all jobs of this process. Use :func:`engine` to get the running one."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.owner = new_owner()
        self.jobs: dict[str, LiveJob] = {}
        self._tasks: dict[asyncio.Task[None], LiveJob] = {}
        self._ledgers: weakref.WeakSet[Ledger] = weakref.WeakSet()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._main, name="minimax-nb-engine", daemon=True)
        self._transport: Transport | None = None
        self._thread.start()
        self._post(self._beat())
        self._post(listen(self.jobs, self._again))

    def start(self, job: LiveJob) -> None:
        """Begin to drive ``job`` (its intent row must be durable)."""
        self.jobs[job.id] = job
        job.owner = job.record.lease_owner
        if job.plan.ledger not in self._ledgers:
            # Exit handlers run last one first: leases are given back before the ledger closes.
            self._ledgers.add(job.plan.ledger)
            atexit.unregister(self.stop)
            atexit.register(self.stop)
        self._loop.call_soon_threadsafe(self._drive, job, context=contextvars.Context())

    def room(self, job: LiveJob) -> Limits | None:
        """Return the limits under which a job may be written as being sent; ``None`` when it must stand in line.

        It may when nothing is to be done before its request, and the request goes out as soon as it is written.
        """
        plan, limits = job.plan, limits_of(job)
        if plan.request is None or plan.connection.webhook or plan.connection.provider.uploads(plan.request):
            return None
        full = self._transport is not None and self._transport.in_flight.locked()
        return None if full or is_queued_for(self._loop, plan.ledger, limits) else limits

    def ask(self, question: Question, read: Callable[[Reply], Answer | ErrorInfo]) -> Future[Answer]:
        """Send one free call outside jobs, and read its reply."""

        async def asked() -> Answer:
            return await ask(self._wire(), question, read)

        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, asked(), self._loop)

    def cancel(self, job: LiveJob) -> Future[bool]:
        """Cancel a job that waits at its provider; False where it cannot be, or no longer."""

        async def asked() -> bool:
            return await cancel_queued(job, self._wire())

        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, asked(), self._loop)

    def open_jobs(self) -> list[LiveJob]:
        """Return the jobs this process is driving."""
        return [job for job in self.jobs.values() if not job.done.is_set()]

    def leave(self, ledger: Ledger) -> None:
        """Stop driving the jobs of one ledger, which is about to close; see :meth:`stop`."""
        if not self._loop.is_running():  # at exit the engine may have stopped before: nobody would answer
            return
        self._wait_for(self._leave(lambda job: job.plan.ledger is ledger))

    def stop(self) -> None:
        """Stop watching. Jobs at the provider go on; their rows stay open and can be resumed.

        A paid request on its way gets a few seconds, because an answer that nobody hears makes its
        job unknown.
        """
        if self.pid != os.getpid() or not self._loop.is_running():
            return
        self._wait_for(self._shutdown())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=2)

    def _wait_for(self, coroutine: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=GRACE + 2)

    def _post(self, coroutine: Coroutine[Any, Any, None]) -> None:
        # From an empty context: else ipykernel 7 ties every later update to the cell that started the job,
        # and nbclient drops updates whose cell is over.
        contextvars.Context().run(asyncio.run_coroutine_threadsafe, coroutine, self._loop)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _wire(self) -> Transport:
        """Return the transport of the loop; only from within it."""
        if self._transport is None:
            self._transport = Transport()
        return self._transport

    def _drive(self, job: LiveJob) -> None:
        task = self._loop.create_task(run(job, self._wire()))
        self._tasks[task] = job
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        job = self._tasks.pop(task)
        if not job.done.is_set():  # it was told to stop before its first step
            let_go(job)
        if task.cancelled() and self.jobs.get(job.id) is job:
            del self.jobs[job.id]  # what becomes of it from now on is in the ledger alone

    async def _again(self, job: LiveJob) -> None:
        """Drive a job of unknown outcome once more, now that a webhook tells of it."""
        until = now_us() + int(LEASE * 1e6)
        if await asyncio.wrap_future(job.plan.ledger.claim_async(job.id, self.owner, until)):
            job.record = await asyncio.to_thread(job.plan.ledger.job, job.id)
            job.problem = None
            job.done.clear()
            self._drive(job)

    async def _beat(self) -> None:
        """Renew the leases of open jobs, so that no other kernel adopts them."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            for ledger in {job.plan.ledger for job in self.open_jobs()}:
                with contextlib.suppress(MiniMaxError):  # one closed ledger must not end the leases in others
                    await asyncio.wrap_future(ledger.renew(self.owner, now_us() + int(LEASE * 1e6)))

    async def _leave(self, concerned: Callable[[LiveJob], bool]) -> None:
        end = self._loop.time() + GRACE
        while mine := [task for task, job in self._tasks.items() if concerned(job)]:
            late = self._loop.time() > end
            for task in mine:
                if late or not self._tasks[task].sending:
                    task.cancel()
            await asyncio.wait(mine, timeout=0.05)
            if late:
                return

    async def _shutdown(self) -> None:
        await self._leave(lambda job: True)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._transport is not None:
            await self._transport.close()


_engine: Engine | None = None
_lock = threading.Lock()


def engine() -> Engine:
    """Return the running engine of this process, starting it on first use (and after a fork)."""
    global _engine
    with _lock:
        if _engine is None or _engine.pid != os.getpid():
            _engine = Engine()
            atexit.register(_engine.stop)
        return _engine


def running_engine() -> Engine | None:
    """Return the engine if one is running; never starts it."""
    return _engine if _engine is not None and _engine.pid == os.getpid() else None
