from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.kinds.options import option_of, option_table
from minimax_nb.kinds.reading import canonical, typed
from minimax_nb.kinds.speech import SpeechRequest

T2I = "(MiniMax docs, api-reference/image-generation-t2i)"


def read(field: str, value: object) -> object:
    """Read one value as the speech or image option of that name."""
    cls = SpeechRequest if field in SpeechRequest.model_fields else ImageRequest
    good, bad = typed(option_table(cls), {field: value})
    assert bool(good) != bool(bad)
    if bad:
        raise ValueError(bad[field])
    return good[field]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("n", "6", 6),
        ("n", "+6", 6),
        ("n", "6.0", 6),
        ("n", 6.0, 6),
        ("n", np.int64(6), 6),
        ("n", np.float64(6), 6),
        ("n", np.array(6), 6),
        ("seed", str(2**63 - 1), 2**63 - 1),
        ("speed", "1", 1.0),
        ("speed", ".5", 0.5),
        ("speed", "1e0", 1.0),
        ("speed", 1, 1.0),
        ("speed", np.float32(0.5), 0.5),
        ("subtitle", "yes", True),
        ("subtitle", "TRUE", True),
        ("subtitle", "on", True),
        ("subtitle", "1", True),
        ("subtitle", "no", False),
        ("subtitle", "False", False),
        ("subtitle", "off", False),
        ("subtitle", "0", False),
        ("subtitle", np.bool_(True), True),
        ("voice", " odd （F) ", " odd （F) "),
        ("pronunciation", "a/b", ("a/b",)),
        ("pronunciation", ["a/b", "c/d"], ("a/b", "c/d")),
    ],
)
def test_values(field: str, value: object, expected: object) -> None:
    found = read(field, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("n", "six", "-n six: a whole number, 1 to 9"),
        ("n", "6.5", "-n 6.5: a whole number, 1 to 9"),
        ("n", " 6", "-n ' 6': a whole number, 1 to 9"),
        ("n", "1_0", "-n 1_0: a whole number, 1 to 9"),
        ("n", "٦", "-n ٦: a whole number, 1 to 9"),
        ("n", True, "-n true: a whole number, 1 to 9"),
        ("n", float("nan"), "-n nan: a whole number, 1 to 9"),
        ("n", [2], "-n [2]: a whole number, 1 to 9"),
        ("speed", "fast", "--speed fast: a number, 0.5 to 2"),
        ("speed", "inf", "--speed inf: a number, 0.5 to 2"),
        ("speed", "1e999", "--speed 1e999: a number, 0.5 to 2"),
        ("speed", 10**400, f"--speed 1{'0' * 58}…: a number, 0.5 to 2"),
        ("speed", True, "--speed true: a number, 0.5 to 2"),
        ("subtitle", "maybe", "--subtitle maybe: true or false"),
        ("subtitle", 1, "--subtitle 1: true or false"),
        ("voice", "", "--voice '': must not be blank"),
        ("voice", " \n", r"--voice ' \n': must not be blank"),
        ("voice", 7, "--voice 7: text is wanted, not int"),
        ("voice", "a\ud800", r"--voice 'a\ud800': a lone surrogate at character 2; no such text can be sent"),
        ("pronunciation", ["a/b", 7], "--pronunciation ['a/b', 7]: text is wanted, not int"),
    ],
)
def test_refused_values(field: str, value: object, rule: str) -> None:
    with pytest.raises(ValueError) as caught:
        read(field, value)
    assert str(caught.value).partition(" (MiniMax docs")[0] == rule


@settings(derandomize=True, deadline=None)
@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_survive_as_text(value: int) -> None:
    assert read("seed", str(value)) == value


@settings(derandomize=True, deadline=None)
@given(st.floats(0.5, 2))
def test_numbers_survive_as_text(value: float) -> None:
    assert read("speed", repr(value)) == value


@pytest.mark.parametrize(
    "options",
    [{"aspect_ratio": "1:1"}, {"aspect-ratio": "1:1"}, {"seed": None, "aspect-ratio": "1:1"}],
)
def test_names_with_either_dash(options: Mapping[str, object]) -> None:
    request = ImageRequest.make("A fox", **options)
    assert (request.aspect_ratio, request.seed) == ("1:1", None)


@pytest.mark.parametrize(
    "alias",
    [
        (row.field, alias)
        for row in option_table(SpeechRequest)
        for alias in (*row.aliases, *(alias.replace("-", "_") for alias in row.aliases))
    ],
)
def test_aliases(alias: tuple[str, str]) -> None:
    problems: list[str] = []
    assert canonical("speech", option_table(SpeechRequest), {alias[1]: "x"}, problems) == {alias[0]: "x"}
    assert problems == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"aspectratio": "1:1"}, "--aspectratio is not an option of image; did you mean 'aspect-ratio'?"),
        ({"prompt_optimiser": True}, "--prompt-optimiser is not an option of image; did you mean 'prompt-optimizer'?"),
        ({"zzz": 1}, "--zzz is not an option of image"),
        ({"subject": b"a", "subject_reference": b"b"},
         "--subject-reference and --subject are the same option; give one"),
    ],
)  # fmt: skip
def test_names_that_do_not_work(options: Mapping[str, object], problem: str) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        ImageRequest.make("A fox", **options)
    assert caught.value.problems == [problem]


def test_none_means_not_given() -> None:
    assert ImageRequest.make("A fox", n=None, prompt_optimizer=None).n == option_of(ImageRequest, "n").default
