from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.errors import GrammarError
from minimax_nb.interpolate import interpolate, is_field, whole_object

CORPUS = json.loads((Path(__file__).parent.parent / "data" / "interpolation.json").read_text("utf-8"))
NAMES: dict[str, Any] = {
    name: SimpleNamespace(**value) if name in CORPUS["objects"] else value
    for name, value in CORPUS["names"].items()
}


class Picture:
    """Media as IPython knows it."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {}


class Trap:
    """Counts every evaluation that a field could cause."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return "called"

    @property
    def broken(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("row", CORPUS["prompts"], ids=lambda row: row["template"][:30])
def test_corpus(row: dict[str, str]) -> None:
    wanted = row["template"] if "declined" in row else row["meant"]
    assert interpolate(row["template"], NAMES).text == wanted


def test_the_corpus_is_right_for_26_of_27() -> None:
    right = sum(interpolate(row["template"], NAMES).text == row["meant"] for row in CORPUS["prompts"])
    assert (right, len(CORPUS["prompts"])) == (26, 27)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{"a": {"b": {"c": 1}}}', '{"a": {"b": {"c": 1}}}'),  # nested JSON keeps its }}
        ('{"a": {"b": {n}}}', '{"a": {"b": 3}}'),
        ("{{{subject}}}", "{a red fox}"),
        ("{{unknown}}", "{{unknown}}"),
        ("{{ subject }}", "{{ subject }}"),
        ("{{subject}", "{a red fox"),
        ("{ subject }", "{ subject }"),
        ("{n: 5}", "{n: 5}"),
        ("{n:>5}|{price:.2f}", "    3|5.00"),
        ("{day:%d.%m.%Y}", "21.11.2026"),
        ("{shots[-1]} {shots[7]} {shots[mood]}", "close {shots[7]} {shots[mood]}"),
        ("{d['mood']!r:>8}", "  'calm'"),
        ("{hero.missing} {hero.name.upper}", "{hero.missing} {hero.name.upper}"),
        ("{hero.__class__} {hero._x} {_} {__name__}", "{hero.__class__} {hero._x} {_} {__name__}"),
        ("{hero.__class__.__name__} {safe._key} {safe.open}", "{hero.__class__.__name__} {safe._key} yes"),
        ("{trap} {trap()} {trap.broken}", "{trap} {trap()} {trap.broken}"),
        ("{subject:d} {n!q}", "{subject:d} {n!q}"),
        ("{größe}", "7"),
        ("{module} {function} {kind}", "{module} {function} {kind}"),
        ("{html}", "<b>x</b>"),
        ("{path}", "clips/a.txt"),
    ],
)
def test_edges(template: str, text: str) -> None:
    trap = Trap()
    names = {
        **NAMES, "trap": trap, "safe": SimpleNamespace(_key="secret", open="yes"), "day": date(2026, 11, 21),
        "größe": 7, "_": 1, "__name__": "x", "module": json, "function": test_edges, "kind": int,
        "html": "<b>x</b>", "path": Path("clips/a.txt"),
    }  # fmt: skip
    assert interpolate(template, names).text == text
    assert trap.calls == 0


def test_reports_what_was_filled_and_what_was_left() -> None:
    found = interpolate("{subject} {n:03d} {subject} {nobody} {shots[9]} {{n}} {1}", NAMES)
    assert found.names == ("subject", "n:03d")
    assert found.leftover == (
        ("nobody", "no variable 'nobody' in the notebook"),
        ("shots[9]", "shots has no [9] (IndexError)"),
    )


def test_filled_text_is_not_filled_again() -> None:
    assert interpolate("{a}", {"a": "{b}", "b": "no"}).text == "{b}"


def test_strict_names_the_field() -> None:
    interpolate("{subject} {1}", NAMES).check_strict()
    with pytest.raises(GrammarError, match=r"--strict: \{nobody\} is not filled: no variable 'nobody'"):
        interpolate("{subject} {nobody}", NAMES).check_strict()


@pytest.mark.parametrize("value", [Picture(), b"\x89PNG"])
def test_media_in_a_text_is_an_error(value: object) -> None:
    with pytest.raises(GrammarError, match=r"\{hero\} is media .* --first-frame \{hero\}"):
        interpolate("a portrait of {hero}", {"hero": value})


def test_whole_object() -> None:
    shots = NAMES["shots"]
    assert whole_object("{shots}", NAMES) is shots
    assert whole_object("{shots[1]}", NAMES) == "close"
    with pytest.raises(GrammarError, match=r"\{hreo\}: no variable 'hreo' in the notebook"):
        whole_object("{hreo}", NAMES)
    assert [is_field(text) for text in ("{a}", "{a.b[0]}", " {a}", "{a!r}", "{a:3}", "{{a}}", "x")] == [
        True,
        True,
    ] + 5 * [False]


TEXT = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("{}[]!:.$\"'\\ abn0_")), max_size=60
)


@given(TEXT)
def test_without_variables_every_text_stays_byte_identical(text: str) -> None:
    found = interpolate(text, {})
    assert (found.text, found.names) == (text, ())


@given(TEXT)
def test_without_a_fillable_field_the_text_stays_byte_identical(text: str) -> None:
    found = interpolate(text, {"a": 1, "b": [1], "_n": 2})
    if not found.names and not any(f"{{{{{name}" in text for name in "ab"):
        assert found.text == text


@given(TEXT, TEXT, st.text(max_size=20))
def test_a_field_is_filled_wherever_it_stands(before: str, after: str, value: str) -> None:
    before, after = before.replace("{", "(").replace("}", ")"), after.replace("{", "(").replace("}", ")")
    assert interpolate(f"{before}{{subject}}{after}", {"subject": value}).text == before + value + after
    assert (
        interpolate(f"{before}{{{{subject}}}}{after}", {"subject": value}).text
        == f"{before}{{subject}}{after}"
    )


@given(TEXT)
def test_names_that_do_not_occur_change_nothing(text: str) -> None:
    assert interpolate(text, {"zzz": "boom"}).text == text or "zzz" in text
