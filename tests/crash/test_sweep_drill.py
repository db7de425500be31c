"""A sweep of 500 jobs whose kernel is killed twice: asked for again, it ends with 500 charges and 500 results."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.ledger import Ledger
from minimax_nb.sandbox import child as sandboxes
from tests.crash.rounds import LIFETIME, Life, Place
from tests.engine.conftest import Control

COUNT = 500
SWEEPER = Path(__file__).with_name("sweeper.py")


@pytest.fixture
def sandbox() -> Iterator[Any]:
    """A sandbox so fast that a lost reply is waited out in seconds, and that may send to this machine."""
    running = sandboxes.start(speed=2000.0, seed=0, allow_http_webhooks=True)
    yield running
    running.stop()


@pytest.fixture
def webhook(home: Path) -> Iterator[str]:
    """A receiver on the test's own ledger, which no kill of a kernel ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "minimax_nb", "webhook", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    found = re.search(r"(http://\S+)/…", process.stdout.readline())
    assert found
    yield found[1]
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.mark.timeout(180)
def test_a_sweep_killed_twice_pays_for_each_job_once(home: Path, sandbox: Any, webhook: str) -> None:
    control = Control(sandbox.url)
    control.lift_limits()
    place = Place(home.parent / "sweep", sandbox.url)
    place.home = home
    chance = random.Random(500)
    # A few changes a job: the kernel dies while requests are on their way, and others wait, run and are fetched.
    for die_at in (chance.randrange(200, 500), chance.randrange(200, 500)):
        life = _live(place, {"count": COUNT, "webhook": webhook, "die_at": die_at})
        assert life.killed, life.errors
    life = _live(place, {"count": COUNT, "webhook": webhook})
    assert life.code == 0, life.errors
    assert life.said["failed"] == []
    done = [int(found) for found in re.findall(r"(\d+) of 500 already done", life.said["line"])]
    assert [0 < number < COUNT for number in done] == [True], life.said["line"]
    lost = life.said["unknown"]
    if lost:  # killed between the row and the request: the journal is the console, and has no such request
        _give_up(place, control, lost)
        life = _live(place, {"count": COUNT, "webhook": webhook})
        assert life.code == 0, life.errors
    assert (life.said["results"], life.said["unknown"], life.said["failed"]) == (COUNT, [], [])
    assert life.said["problems"] == []
    charged = [json.dumps(item["body"]) for item in control.requests("POST") if item["charged_nano"]]
    marks = [found[0] for body in charged if (found := re.search(r"voice\d+x", body))]
    assert len(charged) == COUNT
    assert sorted(marks) == sorted({f"voice{number}x" for number in range(COUNT)})
    with Ledger(home / "ledger.db") as ledger:
        records = ledger.batch_jobs(life.said["batch"])
        done = [record for record in records if record.state == "succeeded"]
        assert len(done) == COUNT
        assert sum(record.cost_nano or 0 for record in records) == control.charged_nano
    _asked_again_costs_nothing(place, control, webhook)


def _asked_again_costs_nothing(place: Place, control: Control, webhook: str) -> None:
    posts = control.posts
    life = _live(place, {"count": COUNT, "webhook": webhook})
    assert f"{COUNT} of {COUNT} already done" in life.said["line"]
    assert control.posts == posts


def _live(place: Place, options: dict[str, Any]) -> Life:
    process = place.start(SWEEPER, place.url, json.dumps(options))
    output, errors = process.communicate(timeout=LIFETIME)
    lines = output.strip().splitlines()
    return Life(process.returncode, json.loads(lines[-1]) if lines else {}, errors)


def _give_up(place: Place, control: Control, lost: list[str]) -> None:
    bodies = [json.dumps(item["body"]) for item in control.requests("POST")]
    with Lab(sandbox=place.url, home=place.home) as lab:
        for job_id in lost:
            mark = re.search(r"voice\d+x", lab.job(job_id).record.prompt or "")
            assert mark
            assert not any(f"{mark[0]} " in body for body in bodies), "charged, and its webhook was not heard"
            lab.abandon(job_id, charged=False)
