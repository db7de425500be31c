"""A kernel is killed at every commit point and at random: nothing is lost, paid twice or miscounted.

``MINIMAX_NB_CRASH_ROUNDS`` sets the number of rounds.
"""

from __future__ import annotations

import os
import queue
import random
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.rounds import Round, Tally, Worker

ROUNDS = int(os.environ.get("MINIMAX_NB_CRASH_ROUNDS", "30"))
WORKERS = 3
MIXES = (
    ("image", "speech", "video", "apixo design"),
    ("base64", "design", "pixazo image", "clone"),
    ("pixazo music", "music"),
    ("stream", "chat", "sweep", "long"),
)
#: What also goes wrong in some rounds; the rule applies to one request, or to the first few downloads.
FAULTS = (
    None,
    None,
    {"fault": "before-429:0.05", "method": "POST"},
    {"fault": "before-503", "method": "POST"},
    {"fault": "drop", "method": "POST"},
    {"fault": "after-500", "method": "POST"},
    {"fault": "before-500", "method": "GET", "path": "/media/", "times": 2},
)


def plan(points: dict[tuple[str, ...], list[str]]) -> list[Round]:
    """Spread the rounds over all points; every fourth is killed at a random time."""
    chance = random.Random(4)
    named = [(mix, label) for mix, labels in points.items() for label in labels]
    chance.shuffle(named)
    rounds = []
    for number in range(ROUNDS):
        mix, label = named[number % len(named)]
        timed = number % 4 == 3
        rounds.append(
            Round(
                number,
                mix,
                kill_at=None if timed else label,
                kill_after=chance.uniform(0.02, 0.6) if timed else None,
                resume_kill_after=chance.uniform(0.02, 0.3) if number % 5 == 4 else None,
                fault=chance.choice(FAULTS) if number % 2 else None,
            )
        )
    return rounds


@pytest.mark.timeout(600)
def test_a_killed_kernel_loses_nothing_and_pays_nothing_twice(tmp_path: Path) -> None:
    workers = [Worker(tmp_path / str(number)) for number in range(WORKERS)]
    try:
        points = {mix: workers[0].points(mix) for mix in MIXES}
        todo: queue.SimpleQueue[Round] = queue.SimpleQueue()
        for item in plan(points):
            todo.put(item)
        tallies = [Tally() for _ in workers]
        failures: list[BaseException] = []

        def work(worker: Worker, tally: Tally) -> None:
            try:
                while True:
                    worker.play(todo.get_nowait(), tally)
            except queue.Empty:
                return
            except BaseException as error:  # shown by the test, not lost in a thread
                failures.append(error)

        threads = [threading.Thread(target=work, args=pair) for pair in zip(workers, tallies, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for worker in workers:
            worker.close()
    assert not failures, failures
    wrong = [line for tally in tallies for line in tally.wrong]
    assert not wrong, "\n".join(wrong)
    killed = sum(tally.killed for tally in tallies)
    states = sum((Counter(tally.states) for tally in tallies), Counter[str]())
    print(f"{ROUNDS} rounds over {sum(map(len, points.values()))} points, {killed} killed")
    print(dict(states))
    assert killed > ROUNDS * 0.6
