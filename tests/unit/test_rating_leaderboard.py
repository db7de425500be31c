"""Quality beside money and time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.rating.leaderboard import Effort, leaderboard, pareto
from minimax_nb.rating.strength import Vote, rank


def test_cost_and_seconds_per_win_and_the_front() -> None:
    ranking = rank(
        [Vote("good", "cheap", 1.0)] * 30
        + [Vote("good", "cheap", 0.0)] * 10
        + [Vote("cheap", "bad", 1.0)] * 40
    )
    board = leaderboard(
        ranking,
        {"good": Effort(0.4, 60.0), "cheap": Effort(0.1, 20.0), "bad": Effort(0.2, 30.0)},
    )
    assert [place.name for place in board] == ["good", "cheap", "bad"]
    assert [place.front for place in board] == [True, True, False]
    assert board[0].cost_per_win == pytest.approx(0.4 / 0.75)
    assert board[1].seconds_per_win == pytest.approx(20 / (50 / 80))
    assert board[2].cost_per_win is None  # never won
    assert board[0].apart_from_next is not None
    assert board[0].apart_from_next > 0.95
    assert board[0].votes_needed is not None
    assert board[-1].apart_from_next is None


def test_an_unknown_cost_is_never_taken_for_free() -> None:
    (place, _) = leaderboard(rank([Vote("a", "b", 1.0)] * 5), {"a": Effort(None, 3.0)})
    assert place.cost_per_win is None
    assert place.seconds_per_win == pytest.approx(3.0)
    assert pareto([(1.0, None, 1.0), (0.0, 0.1, 1.0)]) == [True, True]


Points = list[tuple[float, float | None, float | None]]
POINTS = st.lists(
    st.tuples(
        st.integers(0, 3).map(float), st.none() | st.integers(0, 3).map(float), st.integers(0, 3).map(float)
    ),
    min_size=1,
    max_size=8,
)


@given(POINTS)
def test_the_front_is_never_empty_and_nothing_on_it_is_dominated(
    points: list[tuple[float, float | None, float | None]],
) -> None:
    front = pareto(points)
    assert any(front)
    for point, on in zip(points, front, strict=True):
        if None in point:
            continue
        better = [
            other
            for other in points
            if None not in other
            and other != point
            and other[0] >= point[0]
            and all(theirs <= mine for theirs, mine in zip(other[1:], point[1:], strict=True))  # type: ignore[operator]
        ]
        assert on == (not better)
