"""The commands that compare, rate, measure and give away, as typed; mistakes are one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab


@pytest.fixture
def two(lab: Lab, notebook: Any) -> Any:
    for name, seed in (("one", 1), ("two", 2)):
        notebook.run(f"%minimax image {name} << --seed {seed} --tag take={name} a red fox")
    return notebook


def test_from_comparing_to_giving_away(two: Any, tmp_path: Path) -> None:
    assert "2 results side by side" in repr(two.run("%minimax compare one two").result)
    assert "2 results side by side" in repr(two.run(f"%minimax compare one[0] {two['two'].job_id}").result)

    rating = two.run("%minimax rate one two --by take --name foxes --rater ann --seed 3").result
    assert rating.bundle()["text/plain"].startswith("foxes, ann: pair 1 of 1\na red fox\n")
    html = rating.bundle()["text/html"]
    assert ">A</div>" in html
    assert "one-" not in html  # a file's name would tell
    two.run("%minimax rate foxes --rater ann --vote A")
    assert "1 vote of 1 rater" in repr(two.run("%minimax leaderboard foxes").result)
    assert "ann" in two.run("%minimax rate").shown[-1]
    two.run("%minimax rate foxes --rater ann --undo")
    assert "nothing can be concluded" in repr(two.run("%minimax leaderboard").result)

    assert "sharpness" in two.run("%minimax measure one two sharpness").shown[-1]
    assert (
        "report.html: 2 jobs" in two.run("%minimax export report.html one two --question 'Which?'").shown[-1]
    )
    assert "foxes.zip: 1 job" in two.run("%minimax export foxes.zip one").shown[-1]
    assert "1 was here already" in two.run("%minimax import foxes.zip").shown[-1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("compare", "usage: %minimax compare A B …"),
        ("compare one", "compare needs two results or more"),
        ("compare one twoo", "did you mean 'two'?"),
        ("compare one[7] two", "one has no [7]"),
        ("rate one two --by colour", "has no 'colour' to compare by"),
        ("rate one two --vote C", "--vote C: allowed: A, B, tie, both bad"),
        ("leaderboard foxs", "there is no rating 'foxs'"),
        ("measure one sharpnes", "'sharpnes' is no variable"),
        ("export", "usage: %minimax export FILE"),
        ("export a.doc", "a.doc ends in .doc; allowed: .zip, .html, .csv, .parquet"),
        ("import", "usage: %minimax import FILE"),
        ("import nowhere.zip", "there is no file nowhere.zip"),
    ],
)
def test_a_mistake_is_one_line(two: Any, line: str, said: str) -> None:
    lines = two.fails(f"%minimax {line}")
    assert said in lines[0]
    assert len(lines) <= 3
