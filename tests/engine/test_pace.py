"""When a job is looked at and how long it may still take: the mathematics, what is learnt, the whole path."""

from __future__ import annotations

import importlib.util
import random
import sys
from dataclasses import replace
from itertools import pairwise
from math import exp, log
from pathlib import Path
from statistics import NormalDist
from types import ModuleType
from typing import Any

import pytest

from minimax_nb import Lab, VideoRequest
from minimax_nb.catalog import catalog
from minimax_nb.engine.durations import GUESS, RECENT, LogNormal, learn, typical
from minimax_nb.engine.history import Past, past_of
from minimax_nb.engine.pace import LONGEST, SHORTEST, Pace, documented, schedule
from minimax_nb.errors import ConfigError
from minimax_nb.ledger.durations import DurationKey
from minimax_nb.providers import provider
from minimax_nb.wire import Reply

TIMES = LogNormal(log(60), 0.35)
MODEL = catalog().model("minimax", "video", None)
LIMIT = catalog().limit("minimax", "video")


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The benchmark's rivals and its optimum."""
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "polling.py"
    spec = importlib.util.spec_from_file_location("polling", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["polling"] = module
    spec.loader.exec_module(module)
    return module


def drawn(seed: int, n: int, times: LogNormal = TIMES) -> list[float]:
    rng = random.Random(seed)
    return [exp(rng.gauss(times.mu, times.sigma)) for _ in range(n)]


def even(n: int, times: LogNormal = TIMES) -> list[float]:
    """A sample that is spread as evenly as the distribution itself, in random order."""
    normal = NormalDist(times.mu, times.sigma)
    values = [exp(normal.inv_cdf((i + 0.5) / n)) for i in range(n)]
    random.Random(0).shuffle(values)
    return values


# --- the distribution ---------------------------------------------------------------------------------


def test_the_formulas_agree_with_counting() -> None:
    sample = drawn(1, 200_000)
    for t in (30.0, 55.0, 80.0):
        left = [x for x in sample if x > t]
        assert TIMES.survival(t) == pytest.approx(len(left) / len(sample), abs=0.004)
        soon = len([x for x in left if x <= t + 0.5]) / len(left) / 0.5
        assert TIMES.hazard(t + 0.25) == pytest.approx(soon, rel=0.12)
        assert TIMES.lateness(t) == pytest.approx(sum(max(t - x, 0) for x in sample) / len(sample), abs=0.05)
        assert TIMES.left(t) == pytest.approx(sorted(left)[len(left) // 2] - t, rel=0.02)
    assert TIMES.mean == pytest.approx(sum(sample) / len(sample), rel=0.005)


@pytest.mark.parametrize("t", [1e-9, 1e-3, 1.0, 1e3, 1e6, 1e12])
def test_far_tails_stay_finite(t: float) -> None:
    for sigma in (0.01, 0.35, 2.0):
        times = LogNormal(log(60), sigma)
        for value in (times.survival(t), times.hazard(t), times.lateness(t), times.left(t)):
            assert 0 <= value < float("inf")


# --- learning -----------------------------------------------------------------------------------------


def test_without_jobs_the_guess_is_believed_and_with_many_it_is_forgotten() -> None:
    assert learn((), typical(150)) == LogNormal(log(150), GUESS)
    found = learn(tuple((x, x) for x in even(100)), typical(150))
    assert found.median == pytest.approx(60, rel=0.02)
    assert found.sigma == pytest.approx(0.35, rel=0.05)


def test_one_job_moves_the_centre_and_leaves_the_doubt() -> None:
    found = learn(((60.0, 60.0),), typical(150))
    assert 60 < found.median < 75
    assert found.sigma > 0.35


def test_an_end_that_was_seen_late_does_not_teach_that_jobs_are_slow() -> None:
    # Looks every 20 s: each end is seen 10 s late on average.
    spans = tuple((x // 20 * 20, x // 20 * 20 + 20) for x in even(100))
    found = learn(spans, typical(60))
    late = learn(tuple((high, high) for _, high in spans), typical(60))
    assert found.median == pytest.approx(60, rel=0.03)
    assert found.sigma == pytest.approx(0.35, rel=0.1)
    assert late.median > 67


def test_jobs_that_are_always_over_at_the_first_look_are_looked_at_earlier() -> None:
    found = learn(((0.0, 60.0),) * 20, typical(60))
    assert found.median < 40


def test_a_provider_that_turned_slower_is_noticed_from_the_last_twenty() -> None:
    fast, slow = drawn(4, 80), [2 * x for x in drawn(5, RECENT)]
    found = learn(tuple((x, x) for x in [*slow, *fast]), typical(60))
    assert found == learn(tuple((x, x) for x in slow), typical(60))
    assert found.median == pytest.approx(120, rel=0.2)


def test_older_jobs_that_agree_count_too() -> None:
    spans = tuple((x, x) for x in drawn(6, 100))
    assert learn(spans, typical(60)) != learn(spans[:RECENT], typical(60))


# --- the schedule -------------------------------------------------------------------------------------


def looks_of(times: LogNormal, looks: float, least: float, most: float = LONGEST) -> list[float]:
    plan, at = schedule(times, looks, least, most), [0.0]
    while times.survival(at[-1]) > 1e-4:
        at.append(at[-1] + plan.wait(at[-1]))
    return at


@pytest.mark.parametrize("sigma", [0.1, 0.35, 0.8])
@pytest.mark.parametrize("looks", [4, 8, 20])
def test_the_looks_asked_for_are_spent(sigma: float, looks: float) -> None:
    times = LogNormal(log(60), sigma)
    at = looks_of(times, looks, 0.1)
    assert sum(map(times.survival, at[:-1])) == pytest.approx(looks, rel=0.02)


def test_looks_are_rare_early_dense_when_due_and_rarer_again() -> None:
    at = looks_of(TIMES, 12, 0.1)
    gaps = [b - a for a, b in pairwise(at)]
    assert gaps[0] == max(gaps)
    densest = at[gaps.index(min(gaps))]
    assert 50 < densest < 130
    assert gaps[-1] > min(gaps)


@pytest.mark.parametrize("least", [0.5, 5.0, 10.0])
def test_gaps_stay_within_their_bounds(least: float) -> None:
    for times in (TIMES, LogNormal(log(400), 0.2), LogNormal(log(3), 0.6)):
        at = looks_of(times, 12, least)
        gaps = [b - a for a, b in pairwise(at)]
        assert min(gaps) >= least - 1e-9
        assert max(gaps) <= LONGEST + 1e-9


def test_where_the_documented_least_binds_looks_are_saved_at_the_same_delay(bench: ModuleType) -> None:
    steady = LogNormal(log(60), 0.1)
    ten = bench.cost(steady, bench.fixed(10.0))
    found = bench.cost(steady, bench.learnt(steady, ten[0], 10.0))
    assert found[0] < 0.5 * ten[0]
    assert found[1] < ten[1] + 0.2


@pytest.mark.parametrize(("n", "bound"), [(20, 1.12), (100, 1.05)])
@pytest.mark.parametrize("sigma", [0.10, 0.35])
def test_delay_is_near_the_optimum_at_equal_looks(
    bench: ModuleType, sigma: float, n: int, bound: float
) -> None:
    times = LogNormal(log(60), sigma)
    looks, delay = bench.averaged(times, n, 60, 10.0, 0.5)
    assert delay <= bound * bench.optimum(times, round(looks, 3))[1]
    assert delay < bench.tuned(bench.fixed, times, round(looks, 3))[1] / 1.6


@pytest.mark.parametrize("sigma", [0.10, 0.35, 0.8])
def test_who_knows_the_distribution_looks_as_well_as_can_be(bench: ModuleType, sigma: float) -> None:
    times = LogNormal(log(60), sigma)
    looks, delay = bench.cost(times, bench.learnt(times, 8, 0.1))
    assert 0.99 < delay / bench.optimum(times, round(looks, 3))[1] < 1.015


# --- one job ------------------------------------------------------------------------------------------


def watch(past: Past, floor: float | None = None, speed: float = 1.0) -> Pace:
    return Pace(LIMIT, MODEL, speed, lambda: past, floor)


@pytest.mark.parametrize("speed", [1.0, 20.0, 200.0])
@pytest.mark.parametrize("floor", [None, 2.0])
def test_never_faster_than_the_floor(speed: float, floor: float | None) -> None:
    times = LogNormal(log(60 / speed), 0.35)
    rng = random.Random(7)
    least = max(SHORTEST, (LIMIT.poll_floor if floor is None else floor) / speed)
    for queue in (0.0, 40.0):
        pace, at = watch(Past(times, times, queue > 0), floor, speed), 0.5 / speed
        for _ in range(60):
            wait = pace.wait(at, rng)
            assert least <= wait <= max(least, LONGEST / speed) * 1.1
            at += wait
            pace.saw(at, "queued" if at * speed < queue else "running")


def test_as_many_looks_as_the_documented_pace_or_fewer() -> None:
    counts = []
    for seed, took in enumerate(drawn(8, 400)):
        pace, at, n = watch(Past(TIMES, TIMES), 0.5), 0.0, 0
        while at < took:
            at, n = at + pace.wait(at, random.Random(seed * 100 + n)), n + 1
            pace.saw(at, "running")
        counts.append(n)
    assert sum(counts) / len(counts) <= 1.03 * documented(TIMES, LIMIT.poll_first, LIMIT.poll_every)


def test_the_clock_starts_again_when_the_job_leaves_the_queue() -> None:
    run = LogNormal(log(60), 0.1)
    pace, rng = watch(Past(LogNormal(log(100), 0.4), run, queues=True), 0.5), random.Random(1)
    pace.wait(0, rng)
    pace.saw(180, "queued")
    assert pace.remaining(180) >= 59
    pace.saw(200, "running")
    assert pace.remaining(200) == pytest.approx(50, abs=1.5)
    assert 200 + pace.wait(200, rng) == pytest.approx(190 + 53, abs=4)
    pace.saw(245, "running")
    pace.saw(252, "succeeded")
    assert pace.took(252) == ((245, 252), (55, 62))


def test_a_queue_that_was_never_seen_does_not_start_the_clock_again() -> None:
    pace = watch(Past(TIMES, LogNormal(log(10), 0.1)))
    pace.wait(0, random.Random(1))
    pace.saw(40, "running")
    assert pace.remaining(40) == TIMES.left(40)
    pace.saw(50, "succeeded")
    assert pace.took(50) == ((40, 50), None)


def test_the_providers_own_word_goes_first() -> None:
    pace = watch(Past(TIMES, TIMES), 0.5)
    pace.wait(0, random.Random(1))
    pace.saw(30, "running", eta=12)
    assert pace.remaining(35) == 7
    assert pace.wait(30, random.Random(1)) == 12
    pace.saw(42, "running", eta=None)
    assert pace.remaining(42) == TIMES.left(42)


def test_the_older_pixazo_endpoint_gives_the_time_left() -> None:
    locator = {"legacy": True, "request_id": "a1", "role": "preview"}
    body = b'{"status": "IN_PROGRESS", "request_id": "a1", "estimated_completion_time": 12}'
    outcome = provider("pixazo").parse_poll(locator, Reply(200, {"content-type": "application/json"}, body))
    assert (outcome.state, outcome.eta) == ("running", 12.0)


def test_an_adopted_job_is_looked_at_once_and_teaches_only_what_was_watched() -> None:
    pace = watch(Past(TIMES, TIMES))
    assert pace.wait(500, random.Random(1)) <= LIMIT.poll_floor
    pace.saw(503, "succeeded")
    assert pace.took(503) is None


def test_an_answer_in_the_same_request_is_exact() -> None:
    assert watch(Past(TIMES, TIMES)).took(7.5) == ((7.5, 7.5), None)


# --- the whole path -------------------------------------------------------------------------------------


def test_after_some_jobs_the_time_left_is_the_sandboxs_own(lab: Lab, sandbox: Any) -> None:
    for number in range(5):
        lab.video(f"A red fox, take {number}")
    request = VideoRequest(prompt="A red fox, one more")
    job = lab.submit(request)
    record = job.record
    model = catalog().model("minimax", "video", record.model)
    clock = f"sandbox x{sandbox.speed:g}"
    mine = DurationKey("minimax", "video", clock, model.name, "768P 6 s")
    found = lab.ledger.durations(mine, 100)
    assert 2 <= len(found) <= 5  # on a busy machine one may be watched too late to teach anything
    assert all(0 <= took.whole[0] < took.whole[1] for took in found)
    past = past_of(lab.ledger, mine, model, sandbox.speed)
    # The sandbox makes a video in 90 s of its time, which here is 0.45 s; the catalog says 150 s.
    assert 0.3 < past.whole.median < 0.68
    views = []
    job.add_listener(lambda live: views.append(job.view()))
    job.result()
    shown = [(view.eta_s, view.progress) for view in views if view.eta_s is not None]
    assert shown
    assert all(0 <= eta < 1.0 and 0 <= progress <= 0.97 for eta, progress in shown)
    assert (job.view().eta_s, job.view().progress) == (None, None)
    assert lab.ledger.durations(DurationKey("minimax", "video", "", model.name, "768P 6 s"), 9) == []


def test_what_answers_at_once_teaches_too(lab: Lab, sandbox: Any) -> None:
    result = lab.image("A red fox", n=2)
    mine = DurationKey("minimax", "image", f"sandbox x{sandbox.speed:g}", result.model, "2-3 images")
    (took,) = lab.ledger.durations(mine, 9)
    assert took.whole[0] == took.whole[1] > 0


def test_a_job_that_failed_does_not_teach(lab: Lab, control: Any, sandbox: Any) -> None:
    control.fault("code:1026", provider="minimax", method="POST")
    with pytest.raises(Exception, match="1026"):
        lab.image("A red fox")
    mine = DurationKey("minimax", "image", f"sandbox x{sandbox.speed:g}", "image-01", "")
    assert lab.ledger.durations(mine, 9, any_model=True) == []


@pytest.mark.parametrize("value", ["often", "0", "-3", "1000"])
def test_a_wrong_floor_is_one_line_and_sends_nothing(home: Path, sandbox: Any, value: str) -> None:
    with Lab(sandbox=sandbox.url, poll_floor=value) as lab:
        with pytest.raises(ConfigError, match="poll_floor") as caught:
            lab.image("A red fox")
        assert len(caught.value.lines()) == 1
        assert lab.jobs() == []


def test_the_user_may_ask_for_denser_looks(home: Path, sandbox: Any) -> None:
    limit = replace(LIMIT, poll_first=10, poll_every=10, poll_floor=10)
    assert Pace(limit, MODEL, 1.0).least == 10
    assert Pace(limit, MODEL, 1.0, floor=1.5).least == 1.5
    with Lab(sandbox=sandbox.url, poll_floor="2") as lab:
        job = lab.submit(VideoRequest(prompt="A red fox"))
        assert job._live is not None
        assert job._live.plan.pace.least == max(SHORTEST, 2 / sandbox.speed)
        job.result()
