"""``--vary`` and ``--each`` as they are typed: lists, ranges, variables, and mistakes with a caret."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from minimax_nb.errors import GrammarError, RequestInvalidError
from minimax_nb.kinds import request_class
from minimax_nb.lab.sweeps.grid import Axis, Place, axes_of, places, rows_of
from minimax_nb.magics.grammar import split_own
from minimax_nb.magics.tokenizer import tokenize
from minimax_nb.magics.vary import read_axes, read_rows

NAMES: dict[str, Any] = {
    "prompts": ["A fox, at dawn", "A cat"], "one": 7, "rows": [{"who": "Anna"}, {"who": "Ben"}], "word": "x",
    "column": SimpleNamespace(ndim=1, tolist=lambda: [1, 2]),
}  # fmt: skip


def read(text: str, typed: str = "A {colour} fox") -> dict[str, tuple[Any, ...]]:
    line = tokenize(text)
    kind = line.tokens[0].text
    cls = request_class(kind)
    from minimax_nb.kinds import option_table

    found = split_own(line, option_table(cls), kind)
    vary = [item for item in found.given if item.row.field == "vary"]
    options = {item.row.field: item.value for item in found.given if item.row.field != "vary"}
    return {axis.name: axis.values for axis in read_axes(line, cls, vary, NAMES, [typed], options)}


def refuse(text: str, typed: str = "A {colour} fox") -> tuple[str, str]:
    """Return the message and what the caret points at."""
    with pytest.raises(GrammarError) as caught:
        read(text, typed)
    assert len(caught.value.lines()) == 3
    return caught.value.message, caught.value.line[caught.value.position :]


@pytest.mark.parametrize(
    ("line", "axes"),
    [
        ("image --vary model=image-01,image-01-live", {"model": ("image-01", "image-01-live")}),
        ("image --vary=seed=1..4", {"seed": (1, 2, 3, 4)}),
        ("image --vary seed=-1..1,7", {"seed": (-1, 0, 1, 7)}),
        ("image --vary seed=1..8:3", {"seed": (1, 4, 7)}),
        ("speech --vary speed=0.8..1.2:0.1", {"speed": (0.8, 0.9, 1.0, 1.1, 1.2)}),
        ("speech --vary speed=.5..2:.5", {"speed": (0.5, 1.0, 1.5, 2.0)}),
        ('image --vary prompt="A fox, at dawn","it\'s"', {"prompt": ("A fox, at dawn", "it's")}),
        ("image --vary 'prompt=A fox,A cat'", {"prompt": ("A fox", "A cat")}),
        ("image --vary prompt={prompts}", {"prompt": ("A fox, at dawn", "A cat")}),
        ("image --vary seed={one},8", {"seed": (7, 8)}),
        ("image --vary seed={column}", {"seed": (1, 2)}),
        ("image --vary colour=red,{word}", {"colour": ("red", "x")}),
        ("image --vary colour=1..3", {"colour": (1, 2, 3)}),
        ("image --vary prompt=1..3", {"prompt": ("1..3",)}),
        (
            "image --vary provider=minimax,pixazo --vary n=1,2",
            {"provider": ("minimax", "pixazo"), "n": (1, 2)},
        ),
        ("image --vary aspect_ratio=16:9,1:1", {"aspect_ratio": ("16:9", "1:1")}),
    ],
)
def test_lists_and_ranges(line: str, axes: dict[str, tuple[Any, ...]]) -> None:
    typed = "" if "prompt" in line else "A {colour} fox"
    assert read(line, typed) == axes


@pytest.mark.parametrize(
    ("line", "message", "pointed"),
    [
        ("image --vary seed", "--vary seed: must be NAME=VALUE,VALUE … or NAME=1..4", "seed"),
        ("image --vary modle=a", "image has no option 'modle' to vary; did you mean 'model'?", "modle=a"),
        ("image --vary seed=1..", "1..: a range ends with a number", ""),
        ("image --vary seed=..4", "..4: a range begins with a number", "..4"),
        ("image --vary seed=1..4:x", "1..4:x: a range has the step a number", "x"),
        ("image --vary seed=1,4..1", "4..1 runs backwards; write 1..4", "4..1"),
        ("image --vary seed=1..4:0", "1..4:0: the step must be more than 0", "0"),
        ("speech --vary speed=0.5..2.5", "0.5..2.5: say by how much, as in 0.5..2.5:0.1", "0.5..2.5"),
        ("image --vary seed=1..999999999", "1..999999999 is 999,999,999 values", "1..999999999"),
        ("image --vary seed=1,x", "--seed x: a whole number", "x"),
        ("image --vary seed=1,,2", "a value is missing here", ",2"),
        ("image --vary seed=1,", "a value is missing here", ""),
        ("image --vary seed=1,2,1", "seed: 1 is there twice", "seed=1,2,1"),
        ("image --vary seed={nix}", "{nix}: no variable 'nix' in the notebook", "{nix}"),
        ("image --vary colour='a'b", "a comma is missing after the closing quote", "b"),
        ("image --seed 1 --vary seed=2", "--seed is given and is varied too; use one", "seed=2"),
        ("image --vary seed=1 --vary seed=2", "seed is varied twice; write all its values in one --vary", "seed=2"),
        ("image --vary seed=1 --vary 'seed=2'", "seed is varied twice", "'seed=2'"),
    ],
)  # fmt: skip
def test_mistakes_point_at_their_place(line: str, message: str, pointed: str) -> None:
    said, place = refuse(line)
    assert said.startswith(message)
    assert place.strip("'") == pointed.strip("'")


def test_an_open_quote_is_found_by_the_tokenizer() -> None:
    with pytest.raises(GrammarError, match="never closed") as caught:
        tokenize('image --vary prompt="A","B')
    assert caught.value.position == len('image --vary prompt="A",')


def test_rows_are_frames_and_lists_of_dicts() -> None:
    import pandas as pd

    frame = pd.DataFrame({"who": ["Anna", "Ben"], "age": [1, 2]})
    assert rows_of(frame) == ({"who": "Anna", "age": 1}, {"who": "Ben", "age": 2})
    assert rows_of(NAMES["rows"]) == tuple(NAMES["rows"])
    for bad, why in (([], "no rows"), (["x"], "a list of str has none"), (7, "a int has none")):
        with pytest.raises(RequestInvalidError, match=why):
            rows_of(bad)


def test_each_names_a_variable() -> None:
    line = tokenize("image --each rows")
    item = split_own(line, (), "image").given[0]
    assert len(read_rows(line, item, NAMES)) == 2
    for text, why in (
        ("nix", "no variable 'nix'"),
        ("prompts", "a list of str has none"),
        ("a+b", "must be the name"),
    ):
        line = tokenize(f"image --each {text}")
        with pytest.raises(GrammarError, match=why) as caught:
            read_rows(line, split_own(line, (), "image").given[0], NAMES)
        assert caught.value.position == len("image --each ")


def test_places_are_the_product_the_last_axis_fastest() -> None:
    axes = (Axis("model", ("a", "b")), Axis("seed", (1, 2)))
    found = places(axes, ({"who": "Anna"}, {"who": "Ben"}))
    assert len(found) == 8
    assert [str(place) for place in found[:3]] == [
        "row 1, model=a, seed=1", "row 1, model=a, seed=2", "row 1, model=b, seed=1",
    ]  # fmt: skip
    assert found[-1].axes(["who"]) == {"who": "Ben", "model": "b", "seed": "2"}
    assert places(()) == [Place()]
    with pytest.raises(RequestInvalidError, match=r"2 × 2 × 2 are 8 jobs, and a sweep has at most 7"):
        places(axes, ({"who": 1}, {"who": 2}), most=7)


@pytest.mark.parametrize("grid", [{"seed": 1}, {"seed": "12"}, {"seed": []}, {"seed": [1, 1.0]}])
def test_an_axis_needs_a_list_of_different_values(grid: dict[str, Any]) -> None:
    with pytest.raises(RequestInvalidError, match="seed"):
        axes_of(grid)
