from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minimax_nb.errors import GrammarError
from minimax_nb.interpolate import interpolate
from minimax_nb.kinds import KIND_NAMES, VoiceDesignRequest, option_table, request_class, to_command
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.magics.grammar import Command, read_command, scan, values
from minimax_nb.magics.tokenizer import tokenize


def read(text: str, *, in_cell: bool = False, names: dict[str, Any] | None = None) -> Command:
    line = tokenize(text)
    kind = line.tokens[0].text
    cls = request_class(kind)
    rows = {row.field: row for row in option_table(cls)}
    word = None if cls.word_field == cls.text_field else rows[cls.word_field]
    return read_command(line, kind, tuple(rows.values()), in_cell=in_cell, names=names or {}, word=word)


def refuse(text: str, *, in_cell: bool = False, names: dict[str, Any] | None = None) -> tuple[str, str]:
    """Return the message and the part of the line that the caret points at."""
    with pytest.raises(GrammarError) as caught:
        read(text, in_cell=in_cell, names=names)
    error = caught.value
    assert len(error.lines()) == (1 if error.position is None else 3)
    return error.message, "" if error.position is None else error.line[error.position :]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("image", {}),
        ("image --aspect-ratio 16:9 -n 2 --seed 7", {"aspect_ratio": "16:9", "n": "2", "seed": "7"}),
        ("image --n=2 --aspect_ratio=16:9", {"n": "2", "aspect_ratio": "16:9"}),
        ("image -n=2", {"n": "2"}),
        ("image --seed -7", {"seed": "-7"}),
        ("image --style '漫画' --style-weight .5", {"style": "漫画", "style_weight": ".5"}),
        ("image --prompt-optimizer", {"prompt_optimizer": True}),
        ("video --no-prompt-optimizer", {"prompt_optimizer": False}),
        ("video --prompt-optimizer=no", {"prompt_optimizer": "no"}),
        ("image --subject a.png --subject b.png", {"subject_reference": ["a.png", "b.png"]}),
        ("video --image a.png --last-frame 'b c.png'", {"first_frame": "a.png", "last_frame": "b c.png"}),
        ("speech --voice-id X --rate 1.5", {"voice": "X", "speed": "1.5"}),
        ("speech --pitch -3 --vol 2", {"pitch": "-3", "volume": "2"}),
        (
            "speech --pronunciation 'omg/oh my god' --pronunciation a/b",
            {"pronunciation": ["omg/oh my god", "a/b"]},
        ),
        ("voice-clone --file a.wav --voice-id warm0001", {"audio": "a.wav", "voice_id": "warm0001"}),
    ],
)
def test_options_of_the_kinds(line: str, options: dict[str, Any]) -> None:
    for in_cell in (True, False):
        command = read(line, in_cell=in_cell)
        assert (command.options, command.text) == (options, "")


def test_what_is_read_makes_a_request() -> None:
    command = read("image --aspect-ratio 16:9 -n 2 --seed -7 --no-aigc-watermark")
    request = request_class("image").make("A fox", **command.options)
    assert (request.n, request.seed, request.aspect_ratio, request.aigc_watermark) == (2, -7, "16:9", False)  # type: ignore[attr-defined]


def test_options_of_the_magic() -> None:
    command = read(
        "image -o hero --provider pixazo --tag scene=3 --tag mood='very calm' "
        "--dry-run --background --raw --strict --quiet"
    )
    assert command == Command(
        kind="image", out="hero", provider="pixazo", tags={"scene": "3", "mood": "very calm"},
        dry_run=True, background=True, raw=True, strict=True, quiet=True,
    )  # fmt: skip
    assert read("image") == Command(kind="image")


@pytest.mark.parametrize(
    "line", ["image hero << -n 2", "image hero<< -n 2", "image -o hero -n 2", "image -n 2 --out=hero"]
)
def test_the_name_to_store_into(line: str) -> None:
    command = read(line, in_cell=True)
    assert (command.out, command.options) == ("hero", {"n": "2"})


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("image A red fox", "A red fox"),
        ("image --n 2 A  red   fox --seed 7", "A  red   fox"),
        ("image A red --n 2 fox", "A red fox"),
        ("image 'A red fox'", "A red fox"),
        ('image "it\'s"', "it's"),
        ('image it\'s a sign: "Open", a cat', 'it\'s a sign: "Open", a cat'),
        ("image 'A' \"B\"", "'A' \"B\""),
        ("image a='b'", "a='b'"),
        ("image -n 2 -- --seed 7 it's 'so", "--seed 7 it's 'so"),
        ("image A girl -- looking away -n 2", "A girl -- looking away -n 2"),
        ("image A -n 2 -- B", "A -- B"),
        ("image minus -5 degrees - cold", "minus -5 degrees - cold"),
        ("image -- a << b", "a << b"),
        ("voice-clone a.wav Hello there --voice-id warm0001", "Hello there"),
    ],
)
def test_the_text_of_a_line_is_kept_as_typed(line: str, text: str) -> None:
    assert read(line).text == text


def test_a_bare_word_is_the_recording_to_clone() -> None:
    assert read("voice-clone 'my voice.wav'", in_cell=True).options == {"audio": "my voice.wav"}
    command = read("voice-clone --audio a.wav b.wav")
    assert (command.options, command.text) == ({"audio": "a.wav"}, "b.wav")


@pytest.mark.parametrize(
    ("line", "message", "at"),
    [
        ("image --aspect 16:9", "image has no option --aspect", "--aspect 16:9"),  # no abbreviation
        ("image --sed 7", "image has no option --sed; did you mean '--seed'?", "--sed 7"),
        ("image -x 7", "image has no option -x", "-x 7"),
        ("image --durations 6", "image has no option --durations", "--durations 6"),
        ("image --no-seed 6", "image has no option --no-seed", "--no-seed 6"),
        ("image a t -shirt", "image has no option -shirt; before a text that holds it write --", "-shirt"),
        ("image --seed", "--seed needs a value", ""),
        ("image --n --seed 7", "--n needs a value", " --seed 7"),
        ("image --seed 7 --seed 8", "--seed is given twice", "--seed 8"),
        ("image --n 7 -n 8", "-n is given twice", "-n 8"),
        ("video --no-prompt-optimizer=yes", "--no-prompt-optimizer takes no value", "--no-prompt"),
        ('image --style "noir"x', "a space is missing after the closing quote", "x"),
        ('image --style="noir"x', "a space is missing after the closing quote", "x"),
        ("image --raw=perhaps", "--raw=perhaps: allowed: true, false", "perhaps"),
        ("image --tag scene", "--tag scene: must be key=value", ""),
        ("image my-fox << ", "'my-fox' cannot be a variable's name", "my-fox <<"),
        ("image class <<", "'class' cannot be a variable's name", "class <<"),
        ("image -n 2 hero << a fox", "NAME << stands right after the kind (or write -o NAME)", "<< a fox"),
        ("image a << -o b", "the result has two names, a and b; use one", ""),
    ],
)
def test_what_is_refused(line: str, message: str, at: str) -> None:
    found, place = refuse(line)
    assert found.startswith(message)
    assert place.startswith(at)


@pytest.mark.parametrize(
    ("line", "message", "at"),
    [
        (
            "image A fox",
            "'A' belongs to no option; the text goes below, a value with blanks in quotes",
            "A fox",
        ),
        ("image --style film noir", "'noir' belongs to no option", "noir"),
        (
            "video --prompt-optimizer false",
            "--prompt-optimizer takes no value; write --no-prompt-optimizer",
            "false",
        ),
        (
            "video --prompt-optimizer true",
            "--prompt-optimizer takes no value; write --prompt-optimizer",
            "true",
        ),
        ("image -n 2 -- A fox", "the text goes below, in the cell", " A fox"),
    ],
)
def test_a_cell_takes_its_text_from_below(line: str, message: str, at: str) -> None:
    found, place = refuse(line, in_cell=True)
    assert found.startswith(message)
    assert place.startswith(at)


class Picture:
    """Media, as an earlier result."""


def test_values_are_filled() -> None:
    picture, other = Picture(), Picture()
    names = {"hero": [picture, other], "n": 3, "mood": "calm", "take": "a b", "words": ["a/b", "c/d"]}
    assert read("image --n {n} --tag take={take} --style {mood}", names=names) == Command(
        kind="image", options={"n": "3", "style": "calm"}, tags={"take": "a b"}
    )
    assert read("video --first-frame {hero[0]}", names=names).options == {"first_frame": picture}
    assert read("video --first-frame out/{mood}.png", names=names).options == {"first_frame": "out/calm.png"}
    assert read("image --subject {hero}", names=names).options == {"subject_reference": [picture, other]}
    assert read("speech --pronunciation {words}", names=names).options == {"pronunciation": ["a/b", "c/d"]}
    assert read("voice-clone {hero[1]}", names=names).options == {"audio": other}
    assert read("speech --voice {{mood}}", names=names).options == {"voice": "{mood}"}


def test_raw_fills_nothing_but_objects() -> None:
    picture = Picture()
    names = {"hero": picture, "mood": "calm"}
    command = read("video --raw --first-frame {hero} --model {mood}", names=names)
    assert command.options == {"first_frame": picture, "model": "{mood}"}


@pytest.mark.parametrize(
    ("line", "message", "at"),
    [
        (
            "video --first-frame {hreo[0]}",
            "{hreo[0]}: no variable 'hreo' in the notebook; did you mean 'hero'?",
            "{hreo[0]}",
        ),
        ("video --first-frame {hero[3]}", "{hero[3]}: hero has no [3] (IndexError)", "{hero[3]}"),
        ("music --lyrics {lyrcs}", "{lyrcs}: no variable 'lyrcs' in the notebook", "{lyrcs}"),
        ("voice-clone {smaple}", "{smaple}: no variable 'smaple' in the notebook", "{smaple}"),
        (
            "image --strict --style=x{y}",
            "--strict: {y} is not filled: no variable 'y' in the notebook",
            "x{y}",
        ),
    ],
)
def test_a_value_that_names_nothing_is_refused(line: str, message: str, at: str) -> None:
    assert refuse(line, names={"hero": [1]}) == (message, at)


def test_options_of_the_subcommands() -> None:
    line = tokenize("cost --by kind")
    assert values(scan(line, COMMANDS["cost"].options, line.tokens[1:], "cost")) == {"by": "kind"}
    line = tokenize("cost --by kin")
    with pytest.raises(GrammarError, match=r"--by kin: allowed: provider, .*; did you mean 'kind'"):
        values(scan(line, COMMANDS["cost"].options, line.tokens[1:], "cost"))


WORDS = st.one_of(
    st.sampled_from(
        [
            "--n",
            "-n",
            "2",
            "--seed=1",
            "--",
            "<<",
            "hero",
            "--tag",
            "a=b",
            "{x}",
            "'a b'",
            "--raw",
            "--no-raw",
            "-o",
        ]
    ),
    st.text(max_size=8),
)


@given(st.sampled_from(KIND_NAMES), st.lists(WORDS, max_size=8), st.booleans())
def test_any_line_is_read_or_refused_in_plain_words(kind: str, words: list[str], in_cell: bool) -> None:
    refused: GrammarError | None = None
    try:
        command = read(" ".join([kind, *words]), in_cell=in_cell, names={"x": 5})
    except GrammarError as error:
        refused = error
    if refused:
        assert 1 <= len(refused.lines()) <= 3
    else:
        assert command.kind == kind
        assert not (in_cell and command.text)


@given(st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1))
def test_text_after_a_double_dash_is_verbatim(text: str) -> None:
    assert read(f"image -n 2 -- {text}").text == text.strip()


@given(prompt=st.text(min_size=1, max_size=30), preview=st.text(min_size=1, max_size=30))
@example(prompt="{prompt} {", preview='it\'s "so"')
@example(prompt=" {a}", preview="--raw")
@example(prompt="a\nb", preview="x='\"")
def test_the_cell_that_a_card_offers_reads_back_as_the_same_request(prompt: str, preview: str) -> None:
    assume(prompt.strip() and preview.strip())
    request = VoiceDesignRequest(prompt=prompt, preview=preview)
    head, _, body = to_command(request).partition("\n")
    names = {"prompt": prompt, "preview": preview}
    command = read(head.removeprefix("%%minimax "), in_cell=True, names=names)
    text = body.strip() if command.raw else interpolate(body.strip(), names).text
    assert VoiceDesignRequest.make(text, **command.options) == request
