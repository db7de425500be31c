"""Requests at once: two kernels on one account never have more at the provider than it takes, and share them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab, MusicRequest
from minimax_nb.sandbox import child as sandboxes
from tests.crash.rounds import Place, let_go
from tests.engine.conftest import Control

SPEED, AT_ONCE = 100.0, 2
LIMIT = f"""
[[limit]]
provider = "minimax"
name = "music"
rpm = 100000
concurrency = {AT_ONCE}
poll_first = 10
poll_every = 10
poll_floor = 10
source = "test"
retrieved = 2026-11-21
"""
SINGER = """
import json, sys, time
from minimax_nb import Lab, MusicRequest
url, count = sys.argv[1], int(sys.argv[2])
with Lab(sandbox=url) as lab:
    lab.ledger
    print("ready", flush=True)
    sys.stdin.readline()
    jobs = [lab.submit(MusicRequest(prompt=f"song {n}", instrumental=True)) for n in range(count)]
    said, ends = set(), []
    while waiting := [job for job in jobs if not job.done]:
        said |= {job.stage for job in jobs}
        waiting[0].wait(0.02)
    print(json.dumps({
        "said": sorted(said),
        "ends": [job.record.finished_us / 1e6 for job in jobs],
        "took": [(job.record.finished_us - job.record.submitted_us) / 1e6 for job in jobs],
    }))
"""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Place, Control]]:
    """A sandbox that takes two songs at once, and a home."""
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "limits.toml").write_text(LIMIT)
    monkeypatch.setenv("MINIMAX_NB_CATALOG", str(tmp_path / "catalog"))
    running = sandboxes.start(speed=SPEED, seed=0)
    control = Control(running.url)
    control.lift_limits()
    yield Place(tmp_path / "place", running.url), control
    running.stop()


def sing(place: Place, counts: list[int]) -> list[dict[str, Any]]:
    """Let kernels ask for songs together, and return what they say."""
    script = place.work / "singer.py"
    script.write_text(SINGER)
    kernels = [place.start(script, place.url, str(count)) for count in counts]
    let_go(kernels)
    said = [kernel.communicate(timeout=60) for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0] * len(kernels), said
    return [json.loads(output.splitlines()[-1]) for output, _ in said]


def test_two_kernels_share_the_places_of_one_account(stage: tuple[Place, Control]) -> None:
    place, control = stage
    began = time.time()
    many, few = sing(place, [7, 2])
    songs = control.requests("POST")
    # One more at once would have been refused with 1041, and sent again.
    assert len(songs) == 9
    assert all(song["charged_nano"] for song in songs)
    assert f"waiting for a free place, {AT_ONCE} at once" in many["said"]
    # The few do not wait for the many, and no place stands empty for long.
    assert max(few["ends"]) < sorted(many["ends"])[-2]
    took = many["took"] + few["took"]
    assert max(many["ends"]) - began <= 1.5 * sum(took) / AT_ONCE + 1


def test_the_providers_own_word_is_waited_out(stage: tuple[Place, Control], home: Path) -> None:
    place, control = stage
    control.fault("code:1041", method="POST", path="music_generation")
    with Lab(sandbox=place.url) as lab:
        job = lab.submit(MusicRequest(prompt="a song", instrumental=True))
        assert job.result()
        events = [event.event for event in lab.ledger.events(job.id)]
    assert job.record.attempts == 2
    assert events.count("submitting") == 2
    assert [bool(song["charged_nano"]) for song in control.requests("POST")] == [False, True]
