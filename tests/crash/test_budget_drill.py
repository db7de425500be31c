"""Eight processes spend against one budget and are killed at random: the budget is never crossed.

``MINIMAX_NB_BUDGET_REQUESTS`` sets the number of requests of each process.
"""

from __future__ import annotations

import os
import random
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab, SpeechRequest
from minimax_nb.ledger import Ledger
from minimax_nb.sandbox import child as sandboxes
from tests.crash.rounds import Place
from tests.crash.spender import IN_FLIGHT
from tests.engine.conftest import Control

REQUESTS = int(os.environ.get("MINIMAX_NB_BUDGET_REQUESTS", "200"))
PROCESSES = 8
KILLS = 12
SPENDER = Path(__file__).with_name("spender.py")


@pytest.mark.timeout(300)
def test_a_budget_of_eight_processes_is_never_crossed(tmp_path: Path) -> None:
    sandbox = sandboxes.start(speed=5000.0, seed=0)
    try:
        _drill(tmp_path, sandbox)
    finally:
        sandbox.stop()


def _drill(folder: Path, sandbox: Any) -> None:
    control = Control(sandbox.url)
    control.lift_limits()
    place = Place(folder, sandbox.url)
    with Lab(sandbox=sandbox.url, home=place.home) as lab:
        price = _price(lab)
        budget = price * PROCESSES * REQUESTS * 6 // 10
        lab.ledger.set_budget(hard_nano=budget, sandbox=True)
    chance = random.Random(8)
    running = {number: _spend(place, number) for number in range(PROCESSES)}
    kills = 0
    while running:
        number = chance.choice(sorted(running))
        process = running[number]
        if kills < KILLS:
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.1, 0.5))
            process.kill()
        _, errors = process.communicate()
        assert process.returncode in (0, -9), errors
        del running[number]
        if process.returncode == -9:
            kills += 1
            running[number] = _spend(place, number)
        assert control.charged_nano <= budget
    life = place.live("resume", {})
    assert life.code == 0, life.errors
    _check_books(place, control, budget, price, kills)


def _price(lab: Lab) -> int:
    quote = lab.estimate(SpeechRequest(text="abc"))
    assert quote.amount_nano
    return quote.amount_nano


def _spend(place: Place, number: int) -> subprocess.Popen[str]:
    return place.start(SPENDER, place.url, str(place.home / f"progress-{number}"), str(REQUESTS))


def _check_books(place: Place, control: Control, budget: int, price: int, kills: int) -> None:
    charged = control.charged_nano
    with Ledger(place.home / "ledger.db") as ledger:
        (status,) = ledger.budgets()
        records = ledger.jobs(limit=100_000)
        assert ledger.problems() == []
    lost = [record for record in records if record.state == "unknown"]
    assert {record.state for record in records} <= {"succeeded", "unknown", "rejected"}
    assert charged <= status.spent_nano + status.reserved_nano <= budget
    assert status.spent_nano == sum(record.cost_nano or 0 for record in records)
    assert status.reserved_nano == price * len(lost)
    assert status.spent_nano <= charged <= status.spent_nano + price * len(lost)
    assert status.left_nano is not None
    print(
        f"{PROCESSES} x {REQUESTS} requests, {kills} kills: {len(records)} jobs, {len(lost)} unknown;"
        f" charged {charged / budget:.1%} of the budget, left {status.left_nano / budget:.1%}"
    )
    # Nor is it held back: what killed processes reserved was given back, or is possibly spent.
    assert status.left_nano < price * KILLS * IN_FLIGHT
