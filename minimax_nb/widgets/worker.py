"""One thread that does what a button asked for, so that no handler ever waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Task = Callable[[], object]


class Worker:
    """Runs tasks one after the other in a thread of its own, and a repeated one while it is wanted.

    The thread begins with the first task, waits without looking while there is nothing to do, and ends
    with :meth:`close` or the process. It never prints and never displays.

    Parameters
    ----------
    name
        Of the thread.
    tick
        Called every ``every`` seconds as long as it returns True; then only after the next task.
    every
        Seconds between two calls of ``tick``.
    failed
        Gets what a task raised; there is no cell to raise it in.
    """

    def __init__(
        self,
        name: str,
        tick: Callable[[], bool],
        every: float,
        failed: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self._name = name
        self._tick = tick
        self._every = every
        self._failed = failed
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def do(self, task: Task = lambda: None) -> None:
        """Hand a task over and return at once; without one, only begin ticking again."""
        with self._lock:
            if self._closed:
                return
            self._tasks.put(task)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def aside(self, task: Task) -> None:
        """Run a task that waits for an answer in a thread of its own, and begin ticking again after it."""

        def run() -> None:
            try:
                task()
            except Exception as error:
                self._failed(error)
            self.do()

        threading.Thread(target=run, name=f"{self._name}-aside", daemon=True).start()

    def close(self) -> None:
        """End the thread after the task it is at."""
        with self._lock:
            self._closed = True
            self._tasks.put(None)

    @property
    def alive(self) -> bool:
        """True while the thread is there."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        ticking = False
        while True:
            try:
                task = self._tasks.get(timeout=self._every if ticking else None)
            except queue.Empty:
                task = self._nothing
            if task is None:
                return
            try:
                task()
                ticking = self._tick()
            except Exception as error:  # the panel must live on
                self._failed(error)

    @staticmethod
    def _nothing() -> None:
        """Only let the tick run."""
