"""How long to wait between two looks at a job, and how much longer it may take.

The provider's documented pace and the catalog's typical durations; a sandbox that works ``speed``
times faster is looked at ``speed`` times as often.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from minimax_nb.catalog import Limit, Model

SHORTEST = 0.2  #: seconds; nothing is gained by looking more often, not even at a sandbox
JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """The poll schedule of one job, in real seconds."""

    first: float
    every: float
    typical: float

    @classmethod
    def of(cls, limit: Limit, model: Model, speed: float) -> Pace:
        """Return the documented schedule, scaled for a faster clock."""
        return cls(
            first=max(SHORTEST, limit.poll_first / speed),
            every=max(SHORTEST, limit.poll_every / speed),
            typical=model.typical_seconds / speed,
        )

    def gaps(self, jitter: random.Random) -> Iterator[float]:
        """Yield the waits before the first look, the second, and so on, without end."""
        yield self.first * jitter.uniform(1, 1 + JITTER)
        while True:
            yield self.every * jitter.uniform(1, 1 + JITTER)

    def remaining(self, elapsed: float) -> float | None:
        """Return the expected seconds still to go; ``None`` once the typical time has passed."""
        left = self.typical - elapsed
        return left if left > 0 else None


def backoff(attempt: int, jitter: random.Random, asked: float | None, speed: float) -> float:
    """Return the seconds before the next try: what the provider asked for, else 2, 4, 8 … 60 with jitter."""
    if asked is not None:
        return asked
    return float(min(60.0, 2.0 * 2**attempt)) * jitter.uniform(0.5, 1.0) / speed
