"""How long a job may take, learnt from earlier ones: a log-normal distribution of seconds. Pure.

A job is seen to be over only when somebody looks, so what the ledger knows of its duration is a
span: longer than at the last look that found it unfinished, at most as at the look that found it
done. Taking the later moment for the duration would teach every job to be a little slower than the
last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, exp, log, pi, sqrt

#: Seconds (more than, at most) that one finished job took.
Span = tuple[float, float]

RECENT = 20  #: jobs that count in any case
REACH = 100  #: jobs that count as long as the older ones tell the same as the recent ones
GUESS = 0.6  #: spread (of the logarithm) of a typical time that nobody has checked yet
_SPREAD = 0.35  #: the usual spread of generation times of one model and size
_CENTRE_WEIGHT = 0.2  #: jobs that the guessed centre is worth
_SPREAD_WEIGHT = 0.5  #: jobs that the usual spread is worth
_LEAST_SPREAD = 0.01
_ROUNDS = 4
_ROOT2 = sqrt(2.0)
_ROOT2PI = sqrt(2.0 * pi)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A time whose logarithm is normal, with mean ``mu`` (of the logarithm of seconds) and spread ``sigma``."""

    mu: float
    sigma: float

    @property
    def median(self) -> float:
        """Seconds that half of the jobs take."""
        return exp(self.mu)

    @property
    def mean(self) -> float:
        """Expected seconds."""
        return exp(self.mu + self.sigma * self.sigma / 2)

    def survival(self, t: float) -> float:
        """Return the chance that the job takes more than ``t`` seconds."""
        return 1.0 if t <= 0 else 0.5 * erfc((log(t) - self.mu) / (self.sigma * _ROOT2))

    def hazard(self, t: float) -> float:
        """Return the rate, per second, at which jobs that took ``t`` seconds so far finish."""
        if t <= 0:
            return 0.0
        z = (log(t) - self.mu) / self.sigma
        if z > 8:  # the ratio below runs out of digits; its limit is exact enough
            return (z + 1 / z) / (self.sigma * t)
        return exp(-z * z / 2) / (_ROOT2PI * self.sigma * t * 0.5 * erfc(z / _ROOT2))

    def lateness(self, t: float) -> float:
        """Return the seconds by which a single look at ``t`` would be late, on average; early counts 0."""
        if t <= 0:
            return 0.0
        z = (log(t) - self.mu) / self.sigma
        return t * 0.5 * erfc(-z / _ROOT2) - self.mean * 0.5 * erfc((self.sigma - z) / _ROOT2)

    def left(self, elapsed: float) -> float:
        """Return the seconds that half of the jobs still take, of those that took ``elapsed`` so far."""
        from statistics import NormalDist  # on first use: it is not needed to import the package

        rest = self.survival(elapsed) / 2
        if rest < 1e-300:
            return elapsed
        return max(0.0, exp(self.mu - self.sigma * NormalDist().inv_cdf(rest)) - elapsed)


def typical(seconds: float) -> LogNormal:
    """Return the distribution of a job of which only the catalog's typical time is known."""
    return LogNormal(log(max(seconds, 1e-3)), GUESS)


@lru_cache(maxsize=512)
def learn(spans: tuple[Span, ...], prior: LogNormal) -> LogNormal:
    """Return what the next job may take.

    Parameters
    ----------
    spans
        What earlier jobs took, newest first. The last :data:`RECENT` count; up to :data:`REACH`
        where the older ones agree with them, so that a provider that turned slower is noticed
        after a few jobs and a steady one is known ever better.
    prior
        What is believed without them. Its centre is worth a fifth of a job.

    Returns
    -------
    LogNormal
        The predictive distribution: wider than the jobs themselves while they are few.
    """
    if not spans:
        return prior
    used = spans[:RECENT]
    mean, variance = _fit(used, prior)
    older = spans[RECENT:REACH]
    if older and _agree(_middles(used), _middles(older)):
        used = spans[:REACH]
        mean, variance = _fit(used, prior)
    return LogNormal(mean, sqrt(variance * (1 + 1 / (len(used) + 0.5))))


def _bounds(span: Span) -> tuple[float, float]:
    """Return the logarithms; a job that was over at the first look took some time all the same."""
    high = max(span[1], 1e-3)
    return log(min(max(span[0], high / 8), high)), log(high)


def _middles(spans: Sequence[Span]) -> list[float]:
    return [sum(_bounds(span)) / 2 for span in spans]


def _fit(spans: Sequence[Span], prior: LogNormal) -> tuple[float, float]:
    """Return mean and variance of the logarithm: expectation and maximisation over what the spans leave open."""
    bounds = [_bounds(span) for span in spans]
    middles = [(low + high) / 2 for low, high in bounds]
    n = len(bounds)
    mean = (_CENTRE_WEIGHT * prior.mu + sum(middles)) / (_CENTRE_WEIGHT + n)
    squares, rest = sum((x - mean) ** 2 for x in middles), _SPREAD_WEIGHT * _SPREAD**2
    variance = (rest + squares) / (_SPREAD_WEIGHT + n - 1)
    if all(high - low < 1e-3 for low, high in bounds):
        return mean, max(variance, _LEAST_SPREAD**2)
    for _ in range(_ROUNDS):
        found = [_expected(low, high, mean, variance) for low, high in bounds]
        mean = (_CENTRE_WEIGHT * prior.mu + sum(x for x, _ in found)) / (_CENTRE_WEIGHT + n)
        squares = sum((x - mean) ** 2 + open_ for x, open_ in found)
        variance = max((rest + squares) / (_SPREAD_WEIGHT + n - 1), _LEAST_SPREAD**2)
    return mean, variance


def _expected(low: float, high: float, mean: float, variance: float) -> tuple[float, float]:
    """Return mean and variance of a normal value that is known to lie between two bounds."""
    middle, wide = (low + high) / 2, (high - low) ** 2 / 12
    if wide < 0.05 * variance:  # to first order in the width; most spans are that narrow
        return middle - wide * (middle - mean) / variance, wide
    sigma = sqrt(variance)
    a, b = (low - mean) / sigma, (high - mean) / sigma
    x, y = (a, b) if a > 0 else (-b, -a)  # each tail keeps its digits when it is looked at from its own side
    inside = 0.5 * (erfc(x / _ROOT2) - erfc(y / _ROOT2))
    if inside < 1e-12:
        return (low if a > 0 else high), 0.0
    at_a, at_b = exp(-a * a / 2) / _ROOT2PI, exp(-b * b / 2) / _ROOT2PI
    shift = (at_a - at_b) / inside
    spread = 1 + (a * at_a - b * at_b) / inside - shift * shift
    return mean + sigma * shift, variance * min(max(spread, 0.0), 1.0)


def _agree(recent: Sequence[float], older: Sequence[float]) -> bool:
    """Return True unless the recent jobs differ from the older ones by more than chance explains."""
    (mean, variance), (before, earlier) = _moments(recent), _moments(older)
    error = sqrt(variance / len(recent) + earlier / len(older)) + 1e-9
    return abs(mean - before) < 2 * error and variance < 4 * earlier + 1e-9 and earlier < 4 * variance + 1e-9


def _moments(values: Sequence[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, sum((x - mean) ** 2 for x in values) / max(len(values) - 1, 1)
