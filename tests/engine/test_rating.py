"""Blind rating on real results: nothing is shown that tells, nothing is lost, everything can be taken up again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minimax_nb import ImageRequest, Lab
from minimax_nb.errors import RequestInvalidError

PROMPTS = ("a red fox in snow", "a harbour at dawn")
MODELS = ("image-01", "image-01-live")


@pytest.fixture
def made(lab: Lab) -> list[Any]:
    """Two models' answers to two prompts."""
    asked = [ImageRequest(prompt=prompt, model=model, seed=1) for prompt in PROMPTS for model in MODELS]
    jobs = [lab.submit(request) for request in asked]
    return [job.result() for job in jobs]


def test_from_first_vote_to_leaderboard(lab: Lab, made: list[Any]) -> None:
    rating = lab.rate(made, rater="ann", seed=5)
    assert rating.session.compares == "model"
    assert rating.progress == (0, 2)
    while (shown := rating.shown) is not None:
        assert shown.prompt in PROMPTS
        better = "A" if shown.a in [result[0] for result in made if result.model == "image-01"] else "B"
        rating.vote(better, stars=(4, 2) if better == "A" else (2, 4))
    assert rating.done
    board = rating.leaderboard()
    assert [place.name for place in board.places] == ["image-01", "image-01-live"]
    assert (board.votes, board.raters) == (2, 1)
    assert board.stars == {"image-01": 4.0, "image-01-live": 2.0}
    frame = board.frame()
    assert list(frame["model"]) == ["image-01", "image-01-live"]
    assert list(frame["wins"]) == [2, 0]
    assert frame["cost"][1] == pytest.approx(float(made[0].cost))
    assert np.isnan(frame["cost"][2])  # no price of image-01-live is published
    assert frame["seconds"].notna().all()
    with pytest.raises(RequestInvalidError, match="all 2 pairs of .* are answered"):
        rating.vote("A")


def test_another_kernel_goes_on_where_it_stopped(lab: Lab, made: list[Any], sandbox: Any) -> None:
    first = lab.rate(made, rater="ann", seed=9)
    first.vote("tie")
    shown = first.shown
    with Lab(sandbox=sandbox.url) as other:
        again = other.rate(made, rater="ann")
        assert again.session == first.session
        assert again.progress == (1, 2)
        assert shown is not None
        assert again.shown is not None
        assert (again.shown.a, again.shown.b) == (shown.a, shown.b)
        by_name = other.rate(first.name, rater="ann")
        assert by_name.progress == (1, 2)


def test_raters_do_not_see_each_others_answers(lab: Lab, made: list[Any]) -> None:
    ann, bob = (lab.rate(made, rater=name, seed=2) for name in ("ann", "bob"))
    ann.vote("A").vote("B")
    assert bob.progress == (0, 2)
    bob.vote("both bad")
    assert sorted(ann.votes()["rater"]) == ["ann", "ann", "bob"]
    assert ann.leaderboard().raters == 2


def test_an_answer_can_be_taken_back(lab: Lab, made: list[Any]) -> None:
    rating = lab.rate(made, rater="ann", seed=3)
    before = rating.shown
    rating.vote("A")
    assert rating.undo().shown == before
    assert len(rating.votes()) == 0
    rating.vote("B")
    assert list(rating.votes()["choice"]) == ["B"]
    assert rating.undo().progress == (0, 2)
    with pytest.raises(RequestInvalidError, match="ann has no answer"):
        rating.undo()


def test_the_same_content_is_never_shown_against_itself(lab: Lab) -> None:
    made = [lab.image(PROMPTS[0], seed=1, tags={"take": take}) for take in ("one", "two")]
    assert made[0][0] == made[1][0]
    with pytest.raises(RequestInvalidError, match="nothing to compare by take"):
        lab.rate(made, by="take")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"by": "modle"}, "has no 'modle' to compare by; did you mean 'model'"),
        ({"by": "seed"}, "nothing to compare by seed"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(
    lab: Lab, made: list[Any], arguments: dict[str, str], says: str
) -> None:
    with pytest.raises(RequestInvalidError, match=says) as caught:
        lab.rate(made, **arguments)
    assert "\n" not in str(caught.value)


def test_wrong_answers_are_refused_and_nothing_is_written(lab: Lab, made: list[Any]) -> None:
    rating = lab.rate(made, rater="ann")
    with pytest.raises(RequestInvalidError, match="'left' is no answer; one of A, B, tie, both bad"):
        rating.vote("left")
    with pytest.raises(RequestInvalidError, match="stars are 1 to 5"):
        rating.vote("A", stars=(6, 1))
    assert rating.progress == (0, 2)


def test_a_name_belongs_to_its_results(lab: Lab, made: list[Any]) -> None:
    lab.rate(made, name="foxes")
    with pytest.raises(RequestInvalidError, match="'foxes' is about other results"):
        lab.rate(made[:2], name="foxes")
    assert [session.name for session in lab.ratings()] == ["foxes"]


def test_what_is_no_result_is_said(lab: Lab) -> None:
    with pytest.raises(RequestInvalidError, match="int holds no results"):
        lab.rate(3)
