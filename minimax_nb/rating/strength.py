"""How strong each contender is, from votes on pairs: the Bradley–Terry model with ties, and how sure it is.

A contender's strength θ is on a log scale: the odds that *i* is preferred to *j* are exp(θi − θj). Ties
follow Davidson's extension (R. R. Davidson, 1970, "On Extending the Bradley–Terry Model to Accommodate
Ties in Paired Comparison Experiments"): P(tie) ∝ ν·√(exp θi · exp θj). A weak normal prior keeps a
contender that never lost from running off to infinity; strengths have the mean 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.95  #: confidence of the intervals, for all contenders together
DRAWS = 1000  #: bootstrap samples
POWER = 0.8  #: chance to see a difference that is there, for the votes still needed
_PRIOR_SD = 3.0  #: of a strength; 3 on this scale is a win rate of 95 %
_TIE_PRIOR = (-1.0, 2.0)  #: mean and sd of log ν; -1 is a tie in about one of six even pairs
_STEPS = 40
_SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer: ``first`` and ``second`` are contenders; ``share`` is what ``first`` got: 1, 0.5 (tie) or 0."""

    first: str
    second: str
    share: float


@dataclass(frozen=True, slots=True)
class Strength:
    """One row of the ranking.

    Parameters
    ----------
    name
        The contender.
    theta, low, high
        Its strength and the bounds that hold for all contenders together at :data:`LEVEL`.
    win_rate
        Its expected share (0 to 1) against the average of the others, by the model.
    wins, losses, ties
        The votes it was in.
    """

    name: str
    theta: float
    low: float
    high: float
    win_rate: float
    wins: int
    losses: int
    ties: int

    @property
    def votes(self) -> int:
        """How many votes it was in."""
        return self.wins + self.losses + self.ties


@dataclass(frozen=True, slots=True)
class Ranking:
    """All contenders, strongest first.

    Parameters
    ----------
    rows
        One a contender.
    draws
        Bootstrap strengths, one row a sample, columns as in ``rows``; for whoever plots them.
    tie
        Davidson's ν: 0 where no vote was a tie.
    """

    rows: tuple[Strength, ...]
    draws: tuple[tuple[float, ...], ...]
    tie: float

    def __getitem__(self, name: str) -> Strength:
        return next(row for row in self.rows if row.name == name)

    def beats(self, first: str, second: str) -> float:
        """Return the chance, by the bootstrap, that ``first`` is the stronger one; 0.5 when nothing tells.

        Never surer than so many votes can be: all samples of two equal votes agree, and still prove little.
        """
        names = [row.name for row in self.rows]
        one, two = names.index(first), names.index(second)
        higher = sum((draw[one] > draw[two]) + 0.5 * (draw[one] == draw[two]) for draw in self.draws)
        # What a flat prior leaves open after that many votes that all went the same way.
        doubt = 0.5 ** (min(self.rows[one].votes, self.rows[two].votes) + 1)
        return float(min(max(higher / len(self.draws), doubt), 1 - doubt))

    def votes_needed(self, first: str, second: str) -> int | None:
        """Return how many votes on this pair tell the two apart, were they as strong as estimated.

        For a two-sided test at :data:`LEVEL` with :data:`POWER`; ``None`` when no number of votes would do,
        because the estimates are equal.
        """
        import math

        gap = self[first].theta - self[second].theta
        strong, weak = math.exp(gap / 2), math.exp(-gap / 2)
        total = strong + weak + self.tie
        mean = (strong - weak) / total  # of a vote counted as 1, 0 or -1
        if abs(mean) < _SMALL:
            return None
        spread = math.sqrt(max((strong + weak) / total - mean**2, 0.0))
        even = math.sqrt((strong + weak) / total)
        normal = NormalDist()
        at, power = normal.inv_cdf((1 + LEVEL) / 2), normal.inv_cdf(POWER)
        return max(1, math.ceil(((at * even + power * spread) / mean) ** 2))


def rank(votes: Sequence[Vote], names: Sequence[str] = (), *, seed: int = 0, draws: int = DRAWS) -> Ranking:
    """Estimate all strengths.

    Parameters
    ----------
    votes
        Any number, in any order.
    names
        Contenders to list even without a vote; those of the votes are added.
    seed
        Of the bootstrap; the same votes and seed give the same ranking to the last digit.
    draws
        Bootstrap samples.

    Returns
    -------
    Ranking
        Strongest first; equal ones by name.
    """
    import numpy as np

    known = sorted({*names, *(vote.first for vote in votes), *(vote.second for vote in votes)})
    if not known:
        return Ranking((), (), 0.0)
    tally = _tally(votes, known)
    pairs, counts = list(tally), np.asarray(list(tally.values()), dtype=float)
    random = np.random.default_rng(seed)
    total = int(counts.sum())
    samples = random.multinomial(total, counts / total, size=draws) if total else np.zeros((draws, 0))
    theta, tie = _fit(np.vstack([counts, samples]), pairs, len(known))
    centre, drawn = theta[0], theta[1:]
    low, high = _bounds(centre, drawn)
    shares = _shares(centre, float(tie[0]))
    order = sorted(range(len(known)), key=lambda at: (-centre[at], known[at]))
    rows = tuple(
        Strength(
            known[at],
            float(centre[at]),
            float(low[at]),
            float(high[at]),
            shares[at],
            *_record(votes, known[at]),
        )
        for at in order
    )
    return Ranking(rows, tuple(tuple(map(float, draw)) for draw in drawn[:, order]), float(tie[0]))


def _tally(votes: Sequence[Vote], known: Sequence[str]) -> dict[tuple[int, int, float], int]:
    """Count equal answers: (first, second, share) → how often."""
    place = {name: at for at, name in enumerate(known)}
    tally: dict[tuple[int, int, float], int] = {}
    for vote in votes:
        key = (place[vote.first], place[vote.second], vote.share)
        tally[key] = tally.get(key, 0) + 1
    return tally


def _fit(counts: Floats, pairs: Sequence[tuple[int, int, float]], size: int) -> tuple[Floats, Floats]:
    """Fit every row of ``counts`` (how often each of ``pairs`` was answered) at once, by Newton's method."""
    import numpy as np

    first = np.asarray([pair[0] for pair in pairs], dtype=int)
    second = np.asarray([pair[1] for pair in pairs], dtype=int)
    share = np.asarray([pair[2] for pair in pairs], dtype=float)
    tied = share == 0.5
    has_ties = bool(counts[:, tied].any()) if len(pairs) else False
    theta = np.zeros((len(counts), size + 1))  # one column a contender, and one for log ν
    theta[:, size] = _TIE_PRIOR[0]
    precision = np.full(size + 1, 1 / _PRIOR_SD**2)
    precision[size] = 1 / _TIE_PRIOR[1] ** 2
    mean = np.zeros(size + 1)
    mean[size] = _TIE_PRIOR[0]
    outcomes = _outcomes(first, second, size)
    observed = np.where(
        tied[:, None], outcomes[1], np.where((share == 1.0)[:, None], outcomes[0], outcomes[2])
    )
    design = np.stack(outcomes)
    for _ in range(_STEPS):
        scores = np.einsum("opk,bk->bop", design, theta)
        if not has_ties:
            scores[:, 1] = -np.inf
        scores -= scores.max(axis=1, keepdims=True)
        chance = np.exp(scores)
        chance /= chance.sum(axis=1, keepdims=True)
        expected = np.einsum("bop,opk->bpk", chance, design)
        slope = np.einsum("bp,bpk->bk", counts, observed[None] - expected) - precision * (theta - mean)
        weighted = chance * counts[:, None, :]
        curve = np.einsum("bop,opk,opl->bkl", weighted, design, design, optimize=True)
        curve -= np.einsum("bp,bpk,bpl->bkl", counts, expected, expected, optimize=True)
        step = np.linalg.solve(curve + np.diag(precision), slope[..., None])[..., 0]
        # A step longer than this can overshoot where almost all votes agree.
        theta += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < _SMALL:
            break
    strengths = theta[:, :size] - theta[:, :size].mean(axis=1, keepdims=True)
    return strengths, np.exp(theta[:, size]) if has_ties else np.zeros(len(counts))


def _outcomes(first: Any, second: Any, size: int) -> tuple[Floats, Floats, Floats]:
    """Return the exponents of "first", "tie" and "second" for each pair, as rows over (θ…, log ν)."""
    import numpy as np

    rows = np.arange(len(first))
    win, tie, loss = (np.zeros((len(first), size + 1)) for _ in range(3))
    win[rows, first] = 1
    loss[rows, second] = 1
    tie[rows, first] += 0.5
    tie[rows, second] += 0.5
    tie[rows, size] = 1
    return win, tie, loss


def _bounds(centre: Floats, drawn: Floats) -> tuple[Floats, Floats]:
    """Return bounds that hold for all at once: the bootstrap's largest standardised error of any contender."""
    import numpy as np

    spread = drawn.std(axis=0)
    if not spread.any():
        return np.full_like(centre, -np.inf), np.full_like(centre, np.inf)
    safe = np.where(spread > 0, spread, 1.0)
    # Around the samples' own mean: the prior pulls samples and estimate alike, and that is no error.
    worst = np.abs((drawn - drawn.mean(axis=0)) / safe).max(axis=1)
    width = np.quantile(worst, LEVEL) * spread
    return centre - width, centre + width


def _shares(theta: Floats, tie: float) -> list[float]:
    import numpy as np

    if len(theta) == 1:
        return [0.5]
    strong = np.exp(theta - theta.max())
    middle = tie * np.sqrt(np.outer(strong, strong))
    share = (strong[:, None] + middle / 2) / (strong[:, None] + strong[None, :] + middle)
    np.fill_diagonal(share, 0.0)
    return [float(value) for value in share.sum(axis=1) / (len(theta) - 1)]


def _record(votes: Sequence[Vote], name: str) -> tuple[int, int, int]:
    shares = [
        vote.share if vote.first == name else 1 - vote.share
        for vote in votes
        if name in (vote.first, vote.second)
    ]
    return shares.count(1.0), shares.count(0.0), shares.count(0.5)
