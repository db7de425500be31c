"""How late an end is noticed for the looks spent: the learnt schedule against fixed, exponential and the optimum.

    python benchmarks/polling.py            # prints Markdown; about half a minute, no network, no waiting

The schedule is the product's own (minimax_nb.engine). Its looks and delays are computed exactly over
the distribution of the next job, for many random histories; every rival then gets the same mean
number of looks. The optimum is dynamic programming over the true distribution, which nobody knows.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate, count
from math import erfc, exp, log, sqrt

import numpy as np

from minimax_nb.catalog import catalog
from minimax_nb.engine.durations import REACH, LogNormal, Span, learn, typical
from minimax_nb.engine.history import believe
from minimax_nb.engine.pace import Pace, documented, schedule
from minimax_nb.ledger.durations import Took

MEDIAN = 60.0
VIDEO, STEADY = LogNormal(log(MEDIAN), 0.35), LogNormal(log(MEDIAN), 0.10)
NAMES = {VIDEO: "log-normal(60 s, 0.35)", STEADY: "steady, log-normal(60 s, 0.10)"}
PAST = (0, 5, 20, 100)
WRONG = 1.5  #: times by which the catalog's typical time is off, either way
FLOOR = 0.5  #: seconds, as with the setting poll_floor=0.5
MOST = 60.0
END = 1e-7

Cost = tuple[float, float]  #: looks, seconds of delay


# --- rivals -----------------------------------------------------------------------------------------


def cost(true: LogNormal, looks: Iterable[float]) -> Cost:
    """Return the mean looks and delay of looking at these moments, exactly."""
    at, number, found, left = 0.0, 0.0, 0.0, 1.0
    for moment in looks:
        number += left
        found += (moment - at) * left
        at, left = moment, true.survival(moment)
        if left < END:
            break
    return number, found - true.mean


def fixed(gap: float) -> Iterable[float]:
    return (gap * n for n in count(1))


def exponential(base: float) -> Iterable[float]:
    return accumulate(base * 1.5**n for n in count())


def learnt(times: LogNormal, looks: float, floor: float = FLOOR) -> Iterable[float]:
    """Yield the looks of the product's schedule."""
    plan = schedule(times, looks, floor, MOST)
    at = 0.0
    while True:
        at += plan.wait(at)
        yield at


@cache
def tuned(family: Callable[[float], Iterable[float]], true: LogNormal, looks: float) -> Cost:
    """Return the cost of the member of a family that spends a given number of looks."""
    low, high = 1e-3, 500.0
    for _ in range(60):
        middle = sqrt(low * high)
        low, high = (middle, high) if cost(true, family(middle))[0] > looks else (low, middle)
    return cost(true, family(high))


@cache
def optimum(true: LogNormal, looks: float, floor: float = 0.0) -> Cost:
    """Return the least mean delay for a mean number of looks, over all schedules."""
    fine = 4000 if looks > 40 else 1600
    low, high = 1e-5, 50.0
    for _ in range(12):
        price = sqrt(low * high)
        spent = cost(true, best(true, price, 700 if fine == 1600 else fine, floor))[0]
        low, high = (price, high) if spent > looks else (low, price)
    ends = [cost(true, best(true, price, fine, floor)) for price in (low, high)]
    (more, less), (late, later) = zip(*ends, strict=True)
    if more == less:
        return looks, late
    share = (looks - less) / (more - less)
    return looks, later + share * (late - later)  # on the lower hull: mixing two schedules is allowed


def best(true: LogNormal, price: float, size: int, floor: float) -> list[float]:
    """Return the schedule with the least delay + price * looks, on a grid of moments."""
    z = np.linspace(-4.2, 4.4, size)
    at = np.concatenate([[0.0], np.exp(true.mu + true.sigma * z)])
    normal = np.vectorize(lambda x: 0.5 * erfc(-x / sqrt(2)))
    done = np.concatenate([[0.0], normal(z)])
    spent = np.concatenate([[0.0], true.mean * normal(z - true.sigma)])  # integral of x f(x)
    value, after = np.zeros(size + 1), np.zeros(size + 1, int)
    for i in range(size - 1, -1, -1):
        late = at[i + 1 :] * (done[i + 1 :] - done[i]) - (spent[i + 1 :] - spent[i]) + value[i + 1 :]
        if floor and at[-1] - at[i] >= floor:
            late = np.where(at[i + 1 :] - at[i] >= floor - 1e-9, late, np.inf)
        chosen = int(np.argmin(late))
        value[i], after[i] = price * (1 - done[i]) + late[chosen], i + 1 + chosen
    looks, i = [], 0
    while i < size:
        i = int(after[i])
        looks.append(float(at[i]))
    return looks


# --- the learnt schedule --------------------------------------------------------------------------


def history(rng: random.Random, true: LogNormal, n: int) -> tuple[Span, ...]:
    return tuple((x, x) for x in (exp(rng.gauss(true.mu, true.sigma)) for _ in range(n)))


def averaged(true: LogNormal, n: int, histories: int, pace: float, floor: float, seed: int = 1) -> Cost:
    """Return what the learnt schedule costs, averaged over histories of ``n`` jobs.

    It may spend what a fixed pace of ``pace`` seconds would, as far as it knows.
    """
    rng = random.Random(f"{seed} {true} {n}")
    costs = []
    for number in range(histories):
        prior = typical(MEDIAN * (WRONG if number % 2 else 1 / WRONG))
        times = learn(history(rng, true, n), prior)
        costs.append(cost(true, learnt(times, documented(times, pace, pace), floor)))
        if n == 0 and number:
            break  # two priors, and nothing random
    looks, delays = zip(*costs, strict=True)
    return float(np.mean(looks)), float(np.mean(delays))


def live(
    kernels: int,
    jobs: int,
    draw: Callable[[random.Random, int], tuple[float, float]],
    floor: float,
    *,
    queue_known: bool = True,
    seed: int = 2,
) -> list[list[Cost]]:
    """Drive the product's :class:`Pace` job after job; it learns only from what its own looks saw.

    ``draw`` gives the seconds in the queue and of the run of job number n.
    """
    limit = catalog().limit("minimax", "video")
    model = catalog().model("minimax", "video", None)
    found = []
    for kernel in range(kernels):
        rng = random.Random(f"{seed} {kernel}")
        done: list[Took] = []
        line = []
        for number in range(jobs):
            queue, run = draw(rng, number)
            past = believe(done[:REACH], typical(model.typical_seconds))
            pace = Pace(limit, model, 1.0, lambda past=past: past, floor)
            at = looks = 0.0
            while at < queue + run:
                at, looks = at + pace.wait(at, rng), looks + 1
                in_queue = queue_known and at < queue
                pace.saw(at, "queued" if in_queue else "running" if at < queue + run else "succeeded")
            took = pace.took(at)
            if took is not None:
                done.insert(0, Took(model.name, "", *took))
            line.append((looks, at - queue - run))
        found.append(line)
    return found


def mean_of(found: Sequence[Sequence[Cost]], first: int, last: int) -> Cost:
    chosen = [item for line in found for item in line[first:last]]
    return float(np.mean([looks for looks, _ in chosen])), float(np.mean([delay for _, delay in chosen]))


# --- tables ---------------------------------------------------------------------------------------


def table(head: str, rows: Iterable[Sequence[object]]) -> None:
    print(f"\n{head}\n|{'--|' * (head.count('|') - 1)}")
    for row in rows:
        print(
            "| " + " | ".join(f"{item:.2f}" if isinstance(item, float) else str(item) for item in row) + " |"
        )


def against(true: LogNormal, looks: float, delay: float, floor: float = 0.0) -> list[object]:
    """Return delay, optimum, and the ratios to it of learnt, fixed and exponential at equal looks."""
    looks = round(looks, 3)
    least = optimum(true, looks, floor)[1]
    return [
        delay, least, f"**{delay / least:.3f}**", tuned(fixed, true, looks)[1] / least,
        tuned(exponential, true, looks)[1] / least,
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=300, help="random histories a row")
    parser.add_argument("--kernels", type=int, default=36, help="simulated kernels of 120 jobs each")
    options = parser.parse_args()
    columns = (
        "looks a job | learnt, s | optimum, s | learnt / optimum | fixed / optimum | exponential / optimum |"
    )

    print(f"Looks as many as every 10 s would take; {options.histories} histories a row.")
    table(
        f"| durations | past jobs | {columns}",
        (
            [NAMES[true], n, looks, *against(true, looks, delay)]
            for true in (VIDEO, STEADY)
            for n in PAST
            for looks, delay in [averaged(true, n, options.histories, 10.0, FLOOR)]
        ),
    )
    print("\nLooks as many as every 0.5 s would take (no floor).")
    table(
        f"| durations | past jobs | {columns}",
        (
            [NAMES[true], n, looks, *against(true, looks, delay)]
            for true in (VIDEO, STEADY)
            for n in (20, 100)
            for looks, delay in [averaged(true, n, 30, 0.5, 0.02)]
        ),
    )
    print("\nThe documented least of 10 s kept: as late as every 10 s, with fewer looks.")
    table(
        "| durations | past jobs | looks, every 10 s | looks, learnt | delay, every 10 s | delay, learnt |",
        (
            [NAMES[true], n, ten[0], looks, ten[1], delay]
            for true in (VIDEO, STEADY)
            for n in (20, 100)
            for ten in [cost(true, fixed(10.0))]
            for looks, delay in [averaged(true, n, options.histories, 10.0, 10.0)]
        ),
    )
    jobs = options.kernels * 120
    print(
        f"\nLive: {jobs:,} jobs, each learning from what the looks at the ones before saw, jitter included."
    )
    table(
        f"| durations | jobs | {columns}",
        (
            [NAMES[true], f"{first + 1}-{last}", looks, *against(true, looks, delay)]
            for true in (VIDEO, STEADY)
            for found in [live(options.kernels, 120, alone(true), FLOOR)]
            for first, last in ((20, 60), (100, 120))
            for looks, delay in [mean_of(found, first, last)]
        ),
    )
    print("\nLive, where one distribution does not tell all; jobs 21-120, fixed at the same mean looks.")
    table("| case | looks a job | learnt, s | fixed, s | fixed / learnt |", special(options.kernels))


def alone(true: LogNormal) -> Callable[[random.Random, int], tuple[float, float]]:
    return lambda rng, _: (0.0, exp(rng.gauss(true.mu, true.sigma)))


def drifting() -> Callable[[random.Random, int], tuple[float, float]]:
    """Load wanders: the median's logarithm is an AR(1) of spread 0.45, the jobs scatter by 0.12 about it."""
    state = {"load": 0.0}

    def draw(rng: random.Random, number: int) -> tuple[float, float]:
        load = (
            rng.gauss(0, 0.45)
            if number == 0
            else 0.97 * state["load"] + 0.45 * sqrt(1 - 0.97**2) * rng.gauss(0, 1)
        )
        state["load"] = load
        return 0.0, MEDIAN * exp(load + rng.gauss(0, 0.12))

    return draw


def queued(rng: random.Random, _: int) -> tuple[float, float]:
    return rng.expovariate(1 / 40), MEDIAN * exp(rng.gauss(0, 0.12))


def special(kernels: int) -> Iterable[Sequence[object]]:
    cases = (
        ("load drifts (AR(1), 0.45)", drifting(), True),
        ("queue of 40 s (exponential), run 60 s (0.12)", queued, True),
        ("the same, queue not told apart", queued, False),
    )
    for name, draw, known in cases:
        looks, delay = mean_of(live(kernels, 120, draw, FLOOR, queue_known=known), 20, 120)
        rng = random.Random(3)
        ends = np.array([sum(draw(rng, number % 120)) for number in range(12_000)])
        low, high = 0.5, 200.0
        for _ in range(40):
            gap = sqrt(low * high)
            low, high = (gap, high) if np.ceil(ends / gap).mean() > looks else (low, gap)
        even = float((np.ceil(ends / gap) * gap - ends).mean())
        yield name, looks, delay, even, even / delay


if __name__ == "__main__":
    main()
