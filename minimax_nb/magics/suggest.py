"""What can stand at the cursor of a ``%minimax`` line or cell, read off the tables that the grammar reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics import candidates
from minimax_nb.magics.candidates import Found, Wanted
from minimax_nb.magics.commands import COMMANDS, Subcommand
from minimax_nb.magics.options import MAGIC_OPTIONS, OptionRow
from minimax_nb.magics.tokenizer import Token, tokenize

#: ``%minimax``, ``%%minimax`` or ``frame = %minimax`` at the beginning of a line.
_MAGIC = re.compile(r"\s*(?:[^\W\d][\w.]*\s*=\s*)?(?P<signs>%%?)minimax(?=\s)")
_FIELD = re.compile(r"\{(?P<name>[^\W\d]\w*|)$")
_OPTION_VALUE = re.compile(r"(?P<option>--?[\w-]+)=")
_CHOICE = re.compile(r"\[([a-z]+(?:\|[a-z]+)+)\]")
_NOTHING: tuple[str, list[Found]] = ("", [])
_MOST = 300  #: more than anybody scrolls through; the list of a front end stays quick


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as far as it is typed: the whole words before the cursor, and the beginning of one at it.

    ``quote`` is the quote that the beginning is in; ``closed`` says that its other half follows already.
    """

    words: tuple[Token, ...]
    fragment: str
    quote: str = ""
    closed: bool = False
    option: str = ""  #: where the fragment is the value of ``option=``
    after: tuple[Token, ...] = ()


def suggest(text: str, row: int, column: int, names: Mapping[str, Any]) -> tuple[str, list[Found]]:
    """Return what the cursor stands behind, and what may stand in its place.

    Parameters
    ----------
    text
        The whole cell.
    row, column
        The cursor's line and its place in the line, from 0.
    names
        The user's variables.

    Returns
    -------
    tuple
        The end of the text before the cursor that is replaced, and ``(text, what it is)`` pairs, the
        best first. No pairs where there is nothing of ours to say.
    """
    lines = text.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    in_body = row > first and lines[first].startswith("%%minimax")
    magic = None if in_body else _MAGIC.match(lines[row])
    before = lines[row][:column]
    if not in_body and (magic is None or column <= magic.end()):
        return _NOTHING
    field = _FIELD.search(before)
    if in_body:
        return (field["name"], candidates.names(names, field["name"])) if field else _NOTHING
    assert magic is not None
    typed = _typed(before[magic.end() :], lines[row][column:])
    if typed is None:
        return (field["name"], candidates.names(names, field["name"])) if field else _NOTHING
    line = Suggester(typed, names, in_cell=magic["signs"] == "%%")
    if field:
        option = line.option_at_cursor()
        media = option is not None and candidates.takes_media(option)
        return field["name"], candidates.names(names, field["name"], media=media)
    fragment, found = line.suggest()
    return fragment, found[:_MOST]


class Suggester:
    """One line of ours with the cursor in it."""

    #: What a line may begin with besides a kind, and the options that every kind's line has.
    commands: Mapping[str, Subcommand] = COMMANDS
    of_every_kind: Sequence[OptionRow] = MAGIC_OPTIONS

    def __init__(self, typed: Typed, names: Mapping[str, Any], *, in_cell: bool) -> None:
        self.typed = typed
        self.names = names
        self.in_cell = in_cell
        words = [word.text for word in typed.words]
        self.command: Subcommand | None = self.commands.get(words[0]) if words else None
        at = 1 if self.command is not None and self.command.of_kind else 0
        self.kind = words[at].replace("_", "-") if len(words) > at else ""
        from minimax_nb.kinds import KIND_NAMES

        if self.kind not in KIND_NAMES:
            self.kind = ""
        self.own = typed.words[at + 1 :] if self.kind else typed.words[1:]
        self.rows = self._rows()
        self.by_name = candidates.spellings(self.rows)

    def _rows(self) -> tuple[OptionRow, ...]:
        if self.kind:
            from minimax_nb.kinds import option_table, request_class

            own = self.command.options if self.command is not None else ()
            return (*option_table(request_class(self.kind)), *self.of_every_kind, *own)
        return self.command.options if self.command is not None else ()

    def option_at_cursor(self) -> OptionRow | None:
        """Return the option whose value is being typed."""
        name = self.typed.option
        if not name and self.own and self.own[-1].is_option and "=" not in self.own[-1].text:
            name = self.own[-1].text
        row = self.by_name.get(name.replace("_", "-"))
        return None if row is None or (row.type is bool and not self.typed.option) else row

    def suggest(self) -> tuple[str, list[Found]]:
        """Return what may stand at the cursor."""
        typed = self.typed
        if not typed.words or (self.command is not None and self.command.of_kind and not self.kind):
            return typed.fragment, candidates.matching(self._openings(), typed.fragment)
        row = self.option_at_cursor()
        if row is not None:
            return self._values(candidates.values(row, self._wanted(typed.fragment)))
        if typed.quote or typed.option or not (self.kind or self.command):
            return _NOTHING
        if typed.fragment.startswith("-"):
            return typed.fragment, self._options()
        return self._words()

    def _openings(self) -> list[Found]:
        """Return kinds and subcommands: those that may be followed by a text, in a cell."""
        from minimax_nb.kinds import KIND_NAMES

        kinds = [(name, "kind") for name in KIND_NAMES]
        if self.typed.words:
            return kinds
        own = [name for name, row in self.commands.items() if row.of_kind or not self.in_cell]
        return [*kinds, *((name, "subcommand") for name in own)]

    def _words(self) -> tuple[str, list[Found]]:
        """Return what a bare word may be; where there is nothing of the kind and nothing typed, the options."""
        words = [word for index, word in enumerate(self.own) if not self._is_value(index)]
        found: list[Found] = []
        if self.kind:
            from minimax_nb.kinds import option_table, request_class

            cls = request_class(self.kind)
            if cls.word_field != cls.text_field and not words and self.typed.fragment:
                row = next(row for row in option_table(cls) if row.field == cls.word_field)
                return self._values(candidates.values(row, self._wanted(self.typed.fragment)))
        elif self.command is not None and len(words) < self.command.words:
            name, equals, value = self.typed.fragment.partition("=")
            if equals and "NAME=VALUE" in self.command.usage:
                return value, candidates.matching(candidates.setting_values(name), value)
            found = candidates.matching(self._of_usage(self.command), self.typed.fragment)
        if found or self.typed.fragment:
            return self.typed.fragment, found
        return "", self._options()

    def _of_usage(self, command: Subcommand) -> list[Found]:
        """Return the words that the usage of a subcommand speaks of."""
        from minimax_nb.kinds import KIND_NAMES

        usage = command.usage.partition(" ")[2].partition("--")[0]
        found: list[Found] = []
        if re.search(r"\bID\b", usage):
            found += candidates.job_names(self.names) + candidates.job_ids(command.name)
        if re.search(r"\bWHAT\b|\bA B\b", usage) and (command.name != "export" or self.own):
            found += candidates.job_names(self.names) + candidates.job_ids(command.name)
        if re.search(r"\bPROVIDER\b", usage):
            found += candidates.providers()
        if re.search(r"\bKIND\b", usage):
            found += [(name, "kind") for name in KIND_NAMES]
        if re.search(r"\bSUBCOMMAND\b", usage):
            found += [(name, "subcommand") for name in self.commands]
        if command.name == "thread":
            found += candidates.threads()
        if command.name == "leaderboard":
            found += candidates.ratings()
        if command.name == "templates":
            found += candidates.templates()
        if command.name in ("import", "bake", "link"):
            found += _files(self.typed.fragment, ".zip" if command.name == "import" else ".ipynb")
        if "NAME=VALUE" in usage:
            found += candidates.settings()
        if choice := _CHOICE.search(usage):
            found += [(word, "value") for word in choice[1].split("|")]
        given = {word.text for word in self.own}
        return [item for item in found if item[0] not in given]

    def _options(self) -> list[Found]:
        given = {row.field for word in (*self.own, *self.typed.after) if (row := self._row_of(word))}
        open_rows = [row for row in self.rows if row.repeated or row.field not in given]
        return candidates.options(open_rows, self.typed.fragment)

    def _row_of(self, word: Token) -> OptionRow | None:
        if not word.is_option:
            return None
        name = word.text.partition("=")[0].replace("_", "-")
        return self.by_name.get(name) or self.by_name.get("--" + name.removeprefix("--no-"))

    def _is_value(self, index: int) -> bool:
        """Return True for an option, and for the value behind one."""
        if self.own[index].is_option:
            return True
        previous = self._row_of(self.own[index - 1]) if index else None
        return previous is not None and previous.type is not bool and "=" not in self.own[index - 1].text

    def _wanted(self, fragment: str) -> Wanted:
        return Wanted(self.kind, fragment, self._given("model"), self._given("provider"), self.names)

    def _given(self, name: str) -> str | None:
        """Return the value of an option that stands anywhere on the line."""
        for words in (self.own, self.typed.after):
            for index, word in enumerate(words):
                row = self._row_of(word)
                if row is None or row.name != name:
                    continue
                _, equals, value = word.text.partition("=")
                if equals:
                    return value
                return words[index + 1].text if index + 1 < len(words) else None
        return None

    def _values(self, found: Sequence[Found]) -> tuple[str, list[Found]]:
        typed = self.typed
        quoted = [(candidates.quoted(text, typed.quote, typed.closed), what) for text, what in found]
        return candidates.around_parentheses(typed.quote + typed.fragment, quoted)


def _files(fragment: str, suffix: str) -> list[Found]:
    """Return the folders and the files with this suffix in the folder that is being typed."""
    head, slash, _ = fragment.rpartition("/")
    folder = Path(f"{head}{slash}" or ".").expanduser()
    items = sorted(folder.iterdir())[:_MOST] if folder.is_dir() else []
    shown = [
        item for item in items if not item.name.startswith(".") and (item.is_dir() or item.suffix == suffix)
    ]
    return [
        (f"{head}{slash}{item.name}{'/' * item.is_dir()}", "folder" if item.is_dir() else "file")
        for item in shown
    ]


def _typed(before: str, after: str) -> Typed | None:
    """Read a line up to the cursor; ``None`` in the text behind a bare ``--``."""
    try:
        line = tokenize(before)
    except GrammarError as error:
        return _in_quotes(before, after, error.position or 0)
    if line.rest is not None and not before.endswith("--"):
        return None
    rest = _lenient(after)
    if before[-1:].isspace():
        return Typed(line.tokens, "", after=rest)
    if line.rest is not None:
        return Typed(line.tokens, "--", after=rest)
    if not line.tokens:
        return Typed((), "", after=rest)
    last = line.tokens[-1]
    if (
        last.quoted
        or last.tail is not None
        or (before[-1] in "'\"" and last.end - last.start != len(last.text))
    ):
        return None  # behind a closed quote
    found = _OPTION_VALUE.match(last.text)
    if found:
        return Typed(line.tokens[:-1], last.text[found.end() :], option=found["option"], after=rest)
    return Typed(line.tokens[:-1], last.text, after=rest)


def _in_quotes(before: str, after: str, position: int) -> Typed:
    """Read a line whose last quote is still open, at ``position``."""
    quote, outside = before[position], before[:position]
    found = re.search(r"(?:^|\s)(--?[\w-]+)=$", outside)
    words = tokenize(outside[: found.start()] if found else outside).tokens
    closed = after.startswith(quote)
    rest = _lenient(after[1:] if closed else "")
    option = found[1] if found else ""
    return Typed(words, before[position + 1 :], quote, closed, option, rest)


def _lenient(text: str) -> tuple[Token, ...]:
    try:
        return tokenize(text).tokens
    except GrammarError:
        return ()
