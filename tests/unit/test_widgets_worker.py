from __future__ import annotations

import threading

from minimax_nb.widgets.worker import Worker

WAIT = 5


def test_tasks_run_in_order_in_one_other_thread_and_errors_do_not_end_it() -> None:
    seen: list[object] = []
    over = threading.Event()
    worker = Worker("test", lambda: False, 1.0, failed=lambda error: seen.append(str(error)))
    assert not worker.alive
    for task in (lambda: seen.append(threading.current_thread().name), lambda: 1 / 0, over.set):
        worker.do(task)
    assert over.wait(WAIT)
    assert seen == ["test", "division by zero"]
    worker.close()
    assert worker._thread is not None
    worker._thread.join(WAIT)
    assert not worker.alive
    worker.do(lambda: seen.append("late"))
    assert seen == ["test", "division by zero"]


def test_it_ticks_while_it_is_wanted_and_no_longer() -> None:
    left = 3
    rested, again = threading.Event(), threading.Event()

    def tick() -> bool:
        nonlocal left
        left -= 1
        if left == 0:
            rested.set()
        if left == -1:
            again.set()
        return left > 0

    worker = Worker("test", tick, 0.01)
    worker.do()
    assert rested.wait(WAIT)
    assert left == 0
    worker.do()
    assert again.wait(WAIT)
    worker.close()


def test_what_waits_for_an_answer_does_not_hold_up_the_rest() -> None:
    held, other = threading.Event(), threading.Event()
    worker = Worker("test", lambda: False, 1.0)
    worker.aside(lambda: held.wait(WAIT))
    worker.do(other.set)
    assert other.wait(WAIT)
    held.set()
    worker.close()
