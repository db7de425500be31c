"""The nearest known name."""

from __future__ import annotations

import pytest

from minimax_nb.catalog import nearest


@pytest.mark.parametrize(
    ("word", "names", "told"),
    [
        ("vidoe", ["image", "video", "speech"], "; did you mean 'video'?"),
        ("IMAGE-01", ["image-01", "image-01-live"], "; did you mean 'image-01'?"),
        ("hailuo", ["MiniMax-Hailuo-2.3"], ""),
        ("xyz", ["image", "video"], ""),
        ("", ["image"], ""),
        ("image", [], ""),
    ],
)
def test_nearest(word: str, names: list[str], told: str) -> None:
    assert nearest(word, names) == told


def test_the_least_likeness_can_be_set() -> None:
    assert (
        nearest("hailuo", iter(["MiniMax-Hailuo-2.3"]), cutoff=0.4) == "; did you mean 'MiniMax-Hailuo-2.3'?"
    )
