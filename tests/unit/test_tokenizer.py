from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.errors import GrammarError
from minimax_nb.magics.tokenizer import tokenize


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("   ", []),
        ("image --n 2", ["image", "--n", "2"]),
        ("it's a dogs' day", ["it's", "a", "dogs'", "day"]),
        ("rock 'n' roll", ["rock", "n", "roll"]),
        ('\'it is\' "it\'s" ""', ["it is", "it's", ""]),
        ('--style="film noir" x', ["--style=film noir", "x"]),
        ("--style='a=b'", ["--style=a=b"]),
        ("mood='very calm'", ["mood=very calm"]),
        ('5" pipe', ['5"', "pipe"]),
        (r'"a\n" C:\x', [r"a\n", r"C:\x"]),
        ("\ta\u00a0b\tc ", ["a", "b", "c"]),
        ("a<<", ["a<<"]),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert [token.text for token in tokenize(line).tokens] == words


def test_a_bare_double_dash_ends_the_words() -> None:
    line = tokenize('image -n 2 --  it\'s "one" --text  ')
    assert [token.text for token in line.tokens] == ["image", "-n", "2"]
    assert line.rest_text == 'it\'s "one" --text'
    assert tokenize("image --").rest_text == ""
    assert tokenize("image").rest is None


@pytest.mark.parametrize(
    ("word", "option"),
    [
        ("--n", True),
        ("-n", True),
        ("--n=-1", True),
        ("-5", False),
        ("-.5", False),
        ("-", False),
        ("'--n'", False),
        ("--0", True),
    ],
)
def test_what_looks_like_an_option(word: str, option: bool) -> None:
    assert tokenize(word).tokens[0].is_option is option


def test_places_point_into_the_line() -> None:
    line = 'a  "b c"d --x="y z" e'
    tokens = tokenize(line).tokens
    assert [line[token.start : token.end] for token in tokens] == ["a", '"b c"d', '--x="y z"', "e"]
    assert [token.quoted for token in tokens] == [False, True, False, False]
    assert [token.tail for token in tokens] == [None, 8, None, None]


@pytest.mark.parametrize(
    ("line", "position"), [("image 'tis", 6), ('image --style="noir', 14), ('"', 0), ("a 'b' \"c", 6)]
)
def test_an_open_quote_is_an_error_with_its_place(line: str, position: int) -> None:
    with pytest.raises(GrammarError) as caught:
        tokenize(line)
    assert caught.value.position == position
    assert caught.value.lines() == [
        f"Grammar: the quote {line[position]} is never closed (write -- before a text to keep its quotes)",
        f"  {line}",
        "  " + " " * position + "^",
    ]


@given(st.text())
def test_any_line_is_split_or_refused_with_a_place(line: str) -> None:
    refused: GrammarError | None = None
    try:
        found = tokenize(line)
    except GrammarError as error:
        refused = error
    if refused:
        assert line[refused.position or 0] in "'\""
        return
    ends = [0]
    for token in found.tokens:
        assert ends[-1] <= token.start < token.end <= len(line)
        assert line[ends[-1] : token.start].strip() == ""
        ends.append(token.end)
    remainder = line[ends[-1] :].strip()
    assert remainder == ("--" + line[found.rest :]).strip() if found.rest is not None else remainder == ""


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters="'\"-", exclude_categories=["Z", "C"]), min_size=1)
    )
)
def test_plain_words_come_back(words: list[str]) -> None:
    assert [token.text for token in tokenize("  ".join(words)).tokens] == words
