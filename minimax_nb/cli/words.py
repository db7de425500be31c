"""Words as a shell hands them over, made into the line that the magic's grammar reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.grammar import scan, values
from minimax_nb.magics.options import Opt, OptionRow
from minimax_nb.magics.tokenizer import Line, Token


def line_of(words: Sequence[str]) -> Line:
    """Return words as a line: one with a blank in it is one word still, and behind a bare ``--`` all is text."""
    tokens: list[Token] = []
    at, text_only = 0, False
    for word in words:
        if word == "--" and not text_only:
            text_only = True
        else:
            blanks = any(map(str.isspace, word)) and word[:1] != "-"
            tokens.append(Token(word, at, at + len(word), quoted=text_only or blanks))
        at += len(word) + 1
    return Line(" ".join(words), tuple(tokens))


def with_flag(line: Line, flag: str) -> Line:
    """Return the line with a flag at its end, unless it is there."""
    if any(token.text == flag and not token.quoted for token in line.tokens):
        return line
    end = len(line.source)
    return replace(line, tokens=(*line.tokens, Token(flag, end, end)))


def take(
    line: Line, own: Sequence[Opt], others: Sequence[OptionRow], owner: str
) -> tuple[dict[str, Any], Line]:
    """Read the shell's own options of a kind's line, and return them and the line without them.

    Parameters
    ----------
    line
        The line; its first word is the kind.
    own
        The options to take out.
    others
        All other options that the line may have.
    owner
        Whose options they are, for error messages.
    """
    found = scan(line, (*own, *others), line.tokens[1:], owner)
    mine = [item for item in found.given if any(item.row is row for row in own)]
    gone: set[int] = set()
    for item in mine:
        place = next(
            number for number, token in enumerate(line.tokens) if token.start <= item.position <= token.end
            and (token.text.partition("=")[0] == item.spelled or token.text == item.value)
        )  # fmt: skip
        gone.add(place)
        if line.tokens[place].text.partition("=")[0] != item.spelled:
            gone.add(place - 1)
    found.given = mine
    kept = tuple(token for number, token in enumerate(line.tokens) if number not in gone)
    return values(found), replace(line, tokens=kept)


def number(options: dict[str, Any], name: str, least: int = 0) -> int | None:
    """Return an option as a whole number; ``None`` when it is not given."""
    given = options.get(name)
    if given is None:
        return None
    if not (str(given).isdecimal() and int(given) >= least):
        raise GrammarError(f"--{name} {given}: must be a whole number, at least {least}")
    return int(given)


def decimal(options: dict[str, Any], name: str) -> float | None:
    """Return an option as a number above 0; ``None`` when it is not given."""
    given = options.get(name)
    try:
        value = None if given is None else float(given)
    except ValueError:
        value = 0.0
    if value is not None and not 0 < value < float("inf"):
        raise GrammarError(f"--{name} {given}: must be a number above 0")
    return value
