"""When to look at a job, and how much longer it may take.

Looks cost the provider work and a late look costs the user time. With a price of ``c`` seconds a
look, the gap that costs least while jobs finish at the rate ``h`` is ``sqrt(2 c / h)`` (Keller 1974):
rare looks while nothing can have happened, dense ones when the job is due, fewer again when it is
overdue. The price is chosen such that a job is looked at as often as on the provider's documented
pace, or less often; the learnt durations only decide when.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any

from minimax_nb.catalog import Limit, Model
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.durations import LogNormal, Span, typical
from minimax_nb.engine.history import Past, key_of, past_of
from minimax_nb.errors import ConfigError
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.durations import DurationKey
from minimax_nb.settings import Setting

SHORTEST = 0.2  #: seconds; nothing is gained by looking more often, not even at a sandbox
LONGEST = 60.0  #: seconds; a job that failed early is noticed, and a look a minute is no load
JITTER = 0.1  #: of a gap; looks at jobs that were sent together drift apart
_IDLE = 50.0  #: where the shortest gap binds: a look that saves less than a 50th of it is left out
_TAIL = 1e-4  #: chance of jobs that are not reckoned with
_ROOT12 = sqrt(12.0)  #: a moment known to within w has the spread w / sqrt(12)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The looks at a job whose duration has the distribution ``times``, in seconds since its start.

    Parameters
    ----------
    times
        How long it may take.
    price
        Seconds of lateness that a look may cost.
    least, most
        Bounds of a gap, seconds.
    first
        When to look first: where a single look is as late on average as it costs.
    """

    times: LogNormal
    price: float
    least: float
    most: float
    first: float

    @classmethod
    def at(cls, price: float, times: LogNormal, least: float, most: float) -> Schedule:
        """Return the schedule with a given price of a look."""
        return cls(times, price, least, most, _first(times, price))

    def wait(self, elapsed: float) -> float:
        """Return the seconds until the next look, after one at ``elapsed`` or none yet."""
        ahead = self.first - elapsed
        if ahead > self.gap(self.first) / 2:
            return min(max(ahead, self.least), self.most)
        return self.gap(elapsed)

    def gap(self, elapsed: float) -> float:
        """Return the seconds between a look at ``elapsed`` and the next, by the rate half-way between."""
        gap = self._clip(self._keller(elapsed))
        for _ in range(3):
            gap = (gap + self._clip(self._keller(elapsed + gap / 2))) / 2
        return gap

    def looks(self) -> float:
        """Return the expected number of looks at one job."""
        at, expected, left = 0.0, 0.0, 1.0
        while left > _TAIL:
            expected += left
            at += self.wait(at)
            left = self.times.survival(at)
        return expected

    def _keller(self, at: float) -> float:
        return sqrt(2 * self.price / max(self.times.hazard(at), 1e-9))

    def _clip(self, seconds: float) -> float:
        return min(max(seconds, self.least), self.most)


@lru_cache(maxsize=512)
def schedule(times: LogNormal, looks: float, least: float, most: float) -> Schedule:
    """Return the schedule that spends ``looks`` on a job on average, or fewer where more buy nothing."""
    cheapest = least / _IDLE
    price = max(times.sigma * times.median / looks**2, cheapest)  # about right without bounds
    found = Schedule.at(price, times, least, most)
    for _ in range(8):
        ratio = found.looks() / looks
        if abs(ratio - 1) < 0.01 or (ratio < 1 and price == cheapest):
            break
        price = max(price * ratio * ratio, cheapest)  # looks go with 1 / sqrt(price)
        found = Schedule.at(min(price, times.mean), times, least, most)
    return found


def _first(times: LogNormal, price: float) -> float:
    """Solve lateness(t) = price by Newton's method, from the right, where it cannot overshoot."""
    at = times.mean + price
    for _ in range(40):
        step = (times.lateness(at) - price) / max(1 - times.survival(at), 1e-12)
        at -= step
        if step < 1e-3 * at:
            break
    return at


def documented(times: LogNormal, first: float, every: float) -> float:
    """Return how often the documented pace looks at a job on average."""
    at, looks = first, 1.0
    while (left := times.survival(at)) > _TAIL:
        looks += left
        at += every
    return looks


class Pace:
    """The watch over one job, in real seconds: when to look next, and how long it may still take.

    A sandbox that works ``speed`` times faster is looked at ``speed`` times as often. The clock
    starts again when the job is seen to leave the provider's queue.

    Parameters
    ----------
    limit
        The provider's documented pace and least spacing.
    model
        Its typical time is what is believed before any job has finished.
    speed
        How many times faster than life the other side works.
    past
        Tells what is learnt from earlier jobs; asked once, when it is first needed, so that the
        jobs of a long sweep learn from each other.
    floor
        Least spacing of looks in seconds, in place of the documented one.
    key
        Under which its own duration is remembered.
    """

    def __init__(
        self,
        limit: Limit,
        model: Model,
        speed: float,
        past: Callable[[], Past] | None = None,
        floor: float | None = None,
        key: DurationKey | None = None,
    ) -> None:
        self.key = key
        self.typical = model.typical_seconds / speed
        self.least = max(SHORTEST, (limit.poll_floor if floor is None else floor) / speed)
        self.most = max(self.least, LONGEST / speed)
        self._documented = (max(SHORTEST, limit.poll_first / speed), max(SHORTEST, limit.poll_every / speed))
        self._past = past
        self._known: Past | None = None
        self._budget = 0.0  #: looks that the documented pace would spend on it
        self._rest = 0.0  #: those left when it began to run
        self._looks = 0
        self._began: float | None = None  #: when this process began to watch, seconds since sending
        self._unfinished = 0.0  #: the last look that found it unfinished
        self._queued = 0.0  #: the last look that found it in the queue
        self._in_queue = True  #: no look found it anywhere else
        self._started: float | None = None  #: when it left the queue, as far as that was seen
        self._due: float | None = None  #: the provider's own word on when it will be done
        self._again: float | None = None  #: the provider's own word on when to look

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        connection: Connection,
        model: Model,
        limit: Limit,
        facts: Mapping[str, Any],
        floor: Setting,
    ) -> Pace:
        """Return the watch over a job; ``facts`` are the row's, ``floor`` is the setting ``poll_floor``.

        Raises
        ------
        ConfigError
            The setting is not a number of seconds.
        """
        key = key_of(connection, model, facts.get("price_facts") or {})
        speed = connection.speed
        return cls(limit, model, speed, lambda: past_of(ledger, key, model, speed), _seconds(floor), key)

    def ask(self) -> Past:
        """Return what is learnt from earlier jobs; reads the ledger the first time."""
        if self._known is None:
            blank = typical(self.typical)
            self._known = self._past() if self._past is not None else Past(blank, blank)
        return self._known

    # --- looking ---

    def wait(self, elapsed: float, jitter: random.Random) -> float:
        """Return the seconds until the next look at a job that was sent ``elapsed`` seconds ago."""
        if self._began is None:
            self._began = elapsed
            self._budget = documented(self.ask().whole, *self._documented)
        if self._again is not None:
            return max(self.least, min(self._again, self.most))
        plan, clock, most = self._plan(elapsed)
        if self._looks == 0 and elapsed > plan.first + self.least:  # adopted from another kernel
            return jitter.uniform(0, self.least)
        wait = min(plan.wait(clock), most)
        return max(self.least, wait + jitter.uniform(-JITTER, JITTER) * min(wait, plan.gap(plan.first)))

    def _plan(self, elapsed: float) -> tuple[Schedule, float, float]:
        """Return the schedule in force, the time on its clock, and its longest gap."""
        past = self.ask()
        if self._started is not None:
            run = schedule(past.run, self._rest, self.least, self.most)
            return run, elapsed - self._started, self.most
        whole = schedule(past.whole, self._budget, self.least, self.most)
        if past.queues and self._in_queue:
            # In the queue it cannot finish; it is enough to know its start as well as a run is known.
            run = schedule(past.run, self._budget, self.least, self.most)
            return whole, elapsed, min(self.most, run.first, _ROOT12 * past.run.sigma * past.run.median)
        return whole, elapsed, self.most

    def saw(self, elapsed: float, state: str, eta: float | None = None) -> None:
        """Take in what a look at ``elapsed`` found: ``queued``, ``running``, or the end.

        ``eta`` is the provider's own word on the seconds to go; it goes before what is learnt.
        """
        self._looks += 1
        if state in ("queued", "running"):
            self._unfinished = elapsed
            self._due = None if eta is None else elapsed + eta
            self._again = eta
        if state == "queued":
            self._queued = elapsed
        elif state == "running" and self._in_queue:
            self._in_queue = False
            if self._queued > 0 or self.ask().queues:  # else the queue is too short to be seen
                self._started = (self._queued + elapsed) / 2
                self._rest = max(2.0, self._budget - self._looks)

    # --- the time left, and what the end teaches ---

    def remaining(self, elapsed: float) -> float:
        """Return the seconds that half of such jobs still take."""
        if self._due is not None:
            return max(0.0, self._due - elapsed)
        if self._started is not None:
            return self.ask().run.left(elapsed - self._started)
        left = self.ask().whole.left(elapsed)
        if self.ask().queues and self._in_queue:
            left = max(left, self.ask().run.left(elapsed - self._queued))
        return left

    def took(self, elapsed: float) -> tuple[Span, Span | None] | None:
        """Return how long a job took that was seen to be over at ``elapsed``, and its run without the queue.

        ``None`` where too little of it was watched to say so.
        """
        if self._looks == 0:  # the paid request itself waited for the end
            return (elapsed, elapsed), None
        if self._unfinished == 0.0 and (self._began or 0.0) > elapsed / 4:
            return None
        run = None
        if self._started is not None:
            run = (self._unfinished - self._started, elapsed - self._started)
        return (self._unfinished, elapsed), run


def _seconds(setting: Setting) -> float | None:
    if setting.value in (None, ""):
        return None
    try:
        value = float(setting.value)
    except ValueError:
        value = -1.0
    if not SHORTEST <= value <= LONGEST:
        raise ConfigError(
            f"poll_floor={setting.value} ({setting.source}): seconds from {SHORTEST:g} to {LONGEST:g}"
        )
    return value


def backoff(attempt: int, jitter: random.Random, asked: float | None, speed: float) -> float:
    """Return the seconds before the next try: what the provider asked for, else 2, 4, 8 … 60 with jitter."""
    if asked is not None:
        return asked
    return float(min(60.0, 2.0 * 2**attempt)) * jitter.uniform(0.5, 1.0) / speed
