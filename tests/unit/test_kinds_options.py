from __future__ import annotations

import pytest

from minimax_nb.catalog import catalog
from minimax_nb.catalog.entries import LIMIT_KEYS
from minimax_nb.kinds import KINDS
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import Option, like, one_of, option_of, option_table, shown, within

SOURCES = ("MiniMax docs, ", "product document, ", "MiniMax's MCP server for plans")
#: What the lab adds of its own, so that no provider's document says it.
OURS = ("model", "thread", "new-thread")
ROWS = [(kind, row) for kind, cls in KINDS.items() for row in option_table(cls)]


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[f"{kind} {row.name}" for kind, row in ROWS])
def test_every_row_is_complete(kind: str, row: Option) -> None:
    assert row.type in (str, int, float, bool, MediaInput)
    assert row.help[0].isupper()
    assert row.help[-1] in ".:)" or row.hidden
    assert len(row.help) < 120
    assert row.source.startswith(SOURCES) or row.name in OURS or row.hidden
    assert row.name == row.field.replace("_", "-")
    assert row.minimum is None or row.maximum is None or row.minimum < row.maximum
    assert set(row.by_model) <= {"choices", "minimum", "maximum", "max_length"}
    assert set(row.by_model.values()) <= {*LIMIT_KEYS, "models", "durations", "resolutions"}
    if row.choices and row.default is not None:
        assert set(row.default if row.repeated else (row.default,)) <= set(row.choices)


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_options_of_a_kind_share_a_name(kind: str) -> None:
    names = [
        name for row in option_table(KINDS[kind]) for name in (row.name, *row.aliases, row.short) if name
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("kind", "field", "allowed"),
    [
        ("image", "prompt", "at most 1,500 characters"),
        ("image", "n", "1 to 9"),
        ("image", "width", "512 to 2048 px"),
        ("image", "style_weight", "more than 0, at most 1"),
        ("image", "response_format", "url or base64"),
        ("image", "seed", ""),
        ("image", "subject_reference", ""),
        ("video", "duration", "4 to 15 s"),
        ("video", "resolution", "480P, 512P, 768P, 1080P or 2K"),
        ("speech", "sample_rate", "8000, 16000, 22050, 24000, 32000 or 44100 Hz"),
        ("speech", "speed", "0.5 to 2"),
        ("speech", "pitch", "-12 to 12"),
        ("speech", "subtitle", ""),
        ("voice-clone", "text", "at most 2,000 characters"),
        ("voice-clone", "accuracy", "0 to 1"),
    ],
)
def test_what_is_allowed_in_words(kind: str, field: str, allowed: str) -> None:
    assert option_of(KINDS[kind], field).allowed == allowed


@pytest.mark.parametrize("kind", KINDS)
def test_models_are_those_of_the_catalog(kind: str) -> None:
    names = option_of(KINDS[kind], "model").choices
    assert set(names) == {model.name for model in catalog().models(kind=kind)}


def test_shapes() -> None:
    row = option_of(KINDS["image"], "subject_reference")
    assert (row.type, row.repeated, row.required, row.default) == (MediaInput, True, False, ())
    row = option_of(KINDS["image"], "n")
    assert (row.flag, row.type, row.default, row.aliases) == ("-n", int, 1, ())
    row = option_of(KINDS["voice-design"], "preview")
    assert (row.flag, row.required, row.default, row.aliases) == ("--preview", True, None, ("preview-text",))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (7, "7"),
        (0.5, "0.5"),
        ("a-b", "a-b"),
        ("a b", "'a b'"),
        ("", "''"),
        ("a\nb", r"'a\nb'"),
        ("x" * 61, "x" * 59 + "…"),
        (MediaInput.of("https://example.com/a"), "https://example.com/a"),
        ([1], "[1]"),
    ],
)
def test_shown(value: object, text: str) -> None:
    assert shown(value) == text


def test_words() -> None:
    assert one_of([1]) == "1"
    assert one_of("abc") == "a, b or c"
    assert one_of(range(20)) == "0, 1, 2, 3, 4, 5, 6, 7 … (20 in all)"
    assert within(1, None) == "at least 1"
    assert within(0, None, exclusive=True) == "more than 0"
    assert within(None, 2.5, "s") == "at most 2.5 s"
    assert within(None, None) == ""
    assert like("hapy", ["happy", "sad"]) == "; did you mean 'happy'?"
    assert like("16:10", ["16:9"]) == ""
