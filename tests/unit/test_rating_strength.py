"""The ranking: known strengths are found again, and its bounds hold as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from minimax_nb.rating.strength import Vote, rank

NAMES = ["fox", "hen", "owl", "pig", "yak"]
TRUTH = np.array([1.2, 0.5, 0.0, -0.6, -1.1])


def answers(seed: int, rounds: int, tie: float) -> list[Vote]:
    """Draw votes from Davidson's model; sides by chance, as people see them."""
    random = np.random.default_rng(seed)
    votes = []
    for one in range(len(NAMES)):
        for two in range(one + 1, len(NAMES)):
            for _ in range(rounds):
                left, right = (one, two) if random.random() < 0.5 else (two, one)
                odds: NDArray[np.float64] = np.exp(
                    [TRUTH[left], (TRUTH[left] + TRUTH[right]) / 2, TRUTH[right]]
                )
                odds[1] *= tie
                share = (1.0, 0.5, 0.0)[random.choice(3, p=odds / odds.sum())]
                votes.append(Vote(NAMES[left], NAMES[right], share))
    return votes


@pytest.mark.parametrize("tie", [0.0, 0.5])
def test_known_strengths_are_found_again_and_covered(tie: float) -> None:
    ordered = covered = 0
    truth = dict(zip(NAMES, TRUTH - TRUTH.mean(), strict=True))
    for seed in range(200):
        ranking = rank(answers(seed, 60, tie), draws=300, seed=seed)
        ordered += [row.name for row in ranking.rows] == NAMES
        covered += all(row.low <= truth[row.name] <= row.high for row in ranking.rows)
    assert ordered >= 180
    assert covered >= 180


def test_more_votes_make_narrower_bounds() -> None:
    few, many = (rank(answers(1, rounds, 0.3)) for rounds in (10, 160))
    widths = [(few[name].high - few[name].low) / (many[name].high - many[name].low) for name in NAMES]
    assert all(2.5 < width < 6.5 for width in widths)  # sixteen times the votes: about a quarter


def test_the_same_votes_and_seed_give_the_same_ranking() -> None:
    votes = answers(3, 8, 0.3)
    assert rank(votes, seed=5) == rank(votes, seed=5)
    assert rank(votes, seed=5).rows[0].low != rank(votes, seed=6).rows[0].low


def test_a_contender_that_never_lost_stays_finite_and_first() -> None:
    ranking = rank([Vote("a", "b", 1.0)] * 20 + [Vote("b", "c", 1.0)] * 20)
    assert [row.name for row in ranking.rows] == ["a", "b", "c"]
    assert ranking.rows[0].theta < 10
    assert (ranking["a"].wins, ranking["a"].losses, ranking["a"].ties) == (20, 0, 0)
    assert ranking["b"].wins == ranking["b"].losses == 20
    assert ranking.beats("a", "c") > 0.99


def test_only_ties_make_equals() -> None:
    ranking = rank([Vote("a", "b", 0.5)] * 12)
    assert ranking["a"].theta == pytest.approx(0)
    assert ranking["a"].win_rate == pytest.approx(0.5)
    assert ranking["a"].ties == 12
    assert ranking.votes_needed("a", "b") is None


def test_the_side_does_not_matter() -> None:
    votes = answers(2, 30, 0.4)
    turned = [Vote(vote.second, vote.first, 1 - vote.share) for vote in votes]
    for name in NAMES:
        assert rank(votes)[name].theta == pytest.approx(rank(turned)[name].theta)


def test_a_model_equals_its_win_rate_for_two() -> None:
    ranking = rank([Vote("a", "b", 1.0)] * 150 + [Vote("b", "a", 1.0)] * 50)
    assert ranking["a"].win_rate == pytest.approx(0.75, abs=0.01)


def test_without_votes_nothing_is_claimed() -> None:
    ranking = rank([], ["a", "b"])
    assert [row.name for row in ranking.rows] == ["a", "b"]
    assert all(row.low == -np.inf and row.high == np.inf and row.votes == 0 for row in ranking.rows)
    assert ranking.beats("a", "b") == 0.5
    assert rank([]).rows == ()


def test_votes_needed_fall_with_the_gap_and_would_do() -> None:
    close = rank([Vote("a", "b", 1.0)] * 55 + [Vote("a", "b", 0.0)] * 45)
    far = rank([Vote("a", "b", 1.0)] * 80 + [Vote("a", "b", 0.0)] * 20)
    many, few = close.votes_needed("a", "b"), far.votes_needed("a", "b")
    assert many is not None
    assert few is not None
    assert few < 40 < 500 < many
    # With that many votes at 80 %, a test at 5 % sees the difference four times in five.
    random = np.random.default_rng(0)
    wins = random.binomial(few, 0.8, size=4000)
    seen = np.abs(wins - few / 2) > 1.96 * np.sqrt(few) / 2
    assert 0.7 < seen.mean() < 0.95
