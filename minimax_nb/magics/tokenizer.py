"""Split a magic line into words the way people type them.

Quotes mean something only where a word or the value of ``option=`` begins, so ``it's`` is a plain word;
inside them everything is verbatim, and a quote of one kind goes into a value in quotes of the other. A
bare ``--`` ends the words: what follows is one text, kept exactly. Every word knows its place in the
line, so that an error can point at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from minimax_nb.errors import GrammarError

_OPENING = re.compile(r"(?:[\w-]+=)?(['\"])")
_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"-(\d|\.\d)")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the line.

    Parameters
    ----------
    text
        The word without its quotes.
    start, end
        Its place in the line, quotes included.
    quoted
        True when the word begins with a quote; such a word is never an option.
    tail
        Where something follows a closing quote without a space; ``None`` otherwise. Fine in a text
        (``"Open", a cat``), an error in an option's value.
    """

    text: str
    start: int
    end: int
    quoted: bool = False
    tail: int | None = None

    @property
    def is_option(self) -> bool:
        """True for ``--name``, ``--name=value`` and ``-n``; a negative number is a value."""
        return len(self.text) > 1 and self.text[0] == "-" and not self.quoted and not _NUMBER.match(self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """A magic line and its words.

    Parameters
    ----------
    source
        The line as typed, for error messages.
    tokens
        The words before a bare ``--``.
    rest
        Where the text after a bare ``--`` begins; ``None`` when there is no ``--``.
    """

    source: str
    tokens: tuple[Token, ...]
    rest: int | None = None

    @property
    def rest_text(self) -> str:
        """The text after a bare ``--``, exactly as typed but for blanks at its ends."""
        return "" if self.rest is None else self.source[self.rest :].strip()

    def error(self, message: str, position: int | None = None) -> GrammarError:
        """Make an error that shows this line with a caret at ``position``."""
        return GrammarError(message, line=self.source, position=position)


def tokenize(line: str) -> Line:
    """Split ``line`` into words.

    Parameters
    ----------
    line
        What follows ``%minimax`` or ``%%minimax``.

    Raises
    ------
    GrammarError
        When a quote is opened and never closed; its position is that of the opening quote.
    """
    tokens: list[Token] = []
    position = 0
    while found := _WORD.search(line, position):
        if found.group() == "--":
            return Line(line, tuple(tokens), found.end())
        if (listed := _listed(line, found.start(), tokens)) is not None:
            tokens.append(listed)
            position = listed.end
            continue
        opening = _OPENING.match(line, found.start())
        plain = Token(found.group(), found.start(), found.end())
        token = _quoted(line, found.start(), opening) if opening else plain
        tokens.append(token)
        position = token.end
    return Line(line, tuple(tokens))


def _listed(line: str, start: int, before: list[Token]) -> Token | None:
    """Return the list of values behind ``--vary`` as one word, its quotes kept: they part the values."""
    inline = line.startswith("--vary=", start)
    if not inline and not (before and before[-1].text == "--vary" and not before[-1].quoted):
        return None
    place = start + (len("--vary=") if inline else 0)
    if place >= len(line) or line[place] in "'\"":  # all of it is in quotes, which is a word like any other
        return None
    while place < len(line) and not line[place].isspace():
        if line[place] in "'\"" and line[place - 1] in "=,":
            closing = line.find(line[place], place + 1)
            if closing < 0:
                message = f"the quote {line[place]} is never closed"
                raise GrammarError(message, line=line, position=place)
            place = closing
        place += 1
    return Token(line[start:place], start, place)


def _quoted(line: str, start: int, opening: re.Match[str]) -> Token:
    quote, inside = opening.group(1), opening.end()
    closing = line.find(quote, inside)
    if closing < 0:
        message = f"the quote {quote} is never closed (write -- before a text to keep its quotes)"
        raise GrammarError(message, line=line, position=inside - 1)
    text = line[start : inside - 1] + line[inside:closing]
    after = _WORD.match(line, closing + 1)
    end = after.end() if after else closing + 1
    return Token(text, start, end, quoted=inside - 1 == start, tail=closing + 1 if after else None)
