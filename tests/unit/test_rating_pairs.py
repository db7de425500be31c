"""Which pairs are shown: fair, in a fixed order, never a result against itself."""

from __future__ import annotations

from collections import Counter

from minimax_nb.rating.pairs import Item, schedule


def items(models: str = "abc", questions: int = 6, copies: int = 1) -> list[Item]:
    return [
        Item(f"{model}{question}{copy}", f"sha-{model}{question}{copy}", model, f"q{question}")
        for model in models
        for question in range(questions)
        for copy in range(copies)
    ]


def test_every_answer_meets_every_other_contender_once() -> None:
    made = schedule(items(), seed=7)
    assert len(made.pairs) == 6 * 3
    assert len({frozenset((pair.left, pair.right)) for pair in made.pairs}) == 18
    for pair in made.pairs:
        assert pair.left.question == pair.right.question
        assert pair.left.contender != pair.right.contender


def test_several_answers_of_one_contender_do_not_meet_each_other() -> None:
    made = schedule(items("ab", questions=1, copies=3), seed=1)
    assert len(made.pairs) == 9


def test_stopping_early_leaves_the_contenders_equally_often_compared() -> None:
    made = schedule(items("abcd", questions=10), seed=3)
    for stop in range(6, 61, 6):
        met = Counter(frozenset((pair.left.contender, pair.right.contender)) for pair in made.pairs[:stop])
        assert set(met.values()) == {stop // 6}


def test_the_seed_decides_order_and_sides_and_nothing_else_does() -> None:
    assert schedule(items(), seed=7) == schedule(list(reversed(items())), seed=7)
    assert schedule(items(), seed=7).pairs != schedule(items(), seed=8).pairs


def test_no_contender_has_a_side_of_its_own() -> None:
    lefts = Counter(
        pair.left.contender for seed in range(60) for pair in schedule(items("ab"), seed=seed).pairs
    )
    assert 0.4 < lefts["a"] / lefts.total() < 0.6


def test_equal_contents_are_left_out_and_told() -> None:
    same = [Item("1", "x", "a", "q"), Item("2", "x", "b", "q"), Item("3", "y", "c", "q")]
    made = schedule(same, seed=0)
    assert {frozenset((pair.left.contender, pair.right.contender)) for pair in made.pairs} == {
        frozenset("ac"),
        frozenset("bc"),
    }
    assert [{pair.left.contender, pair.right.contender} for pair in made.identical] == [{"a", "b"}]


def test_a_question_with_one_contender_is_told() -> None:
    assert schedule([*items("ab", 1), Item("9", "z", "a", "lonely")], seed=0).alone == ("lonely",)
