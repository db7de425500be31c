"""Read the words of a magic line against a table of options.

One grammar for kinds and subcommands: options stand anywhere before a bare ``--``, as ``--name value``,
``--name=value``, ``-n value``, ``--flag`` or ``--no-flag``; there are no abbreviations; an option is given
once unless it repeats; all other words are the text, kept exactly as typed.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.interpolate import interpolate, is_field, whole_object
from minimax_nb.magics.options import MAGIC_OPTIONS, SWEEPING, Opt, OptionRow
from minimax_nb.magics.tokenizer import Line, Token

Fill = Callable[[str, OptionRow], Any]
_PLAIN: tuple[Any, ...] = (str, int, float, bool)
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Given:
    """One option as it stands on the line; ``position`` points at its value."""

    row: OptionRow
    spelled: str
    value: str | bool
    position: int


@dataclass(slots=True)
class Scan:
    """The options and the other words of a line."""

    line: Line
    given: list[Given] = field(default_factory=list)
    words: list[Token] = field(default_factory=list)

    def flag(self, name: str) -> bool:
        """Return True when the flag ``name`` stands on the line."""
        return any(item.row.name == name and item.value not in (False, *_FALSE) for item in self.given)

    @property
    def text(self) -> str:
        """The words that are no options, exactly as typed; a single quoted word without its quotes."""
        first = self.words[0] if self.words else None
        if first and len(self.words) == 1 and first.quoted and first.tail is None and self.line.rest is None:
            return first.text
        parts: list[str] = []
        previous = None
        for word in self.words:
            raw = self.line.source[word.start : word.end]
            between = "" if previous is None else self.line.source[previous.end : word.start]
            # Blanks between neighbours are kept; where an option stood between, one blank remains.
            parts.append((between if between.isspace() or previous is None else " ") + raw)
            previous = word
        if self.line.rest is None or not self.line.rest_text:
            return "".join(parts)
        if previous is None:
            return self.line.rest_text
        # After words, the bare -- is a dash of the text; only at the beginning it does nothing but end the options.
        between = self.line.source[previous.end : self.line.rest]
        dash = between if between.strip() == "--" else " --"
        return "".join(parts) + (dash + self.line.source[self.line.rest :]).rstrip()


@dataclass(frozen=True, slots=True)
class Command:
    """A ``%%minimax KIND`` line, read and checked as far as words go.

    Parameters
    ----------
    kind
        The kind of request.
    options
        Values by field name of the kind's request class.
    text
        The text as typed on the line; empty when there is none.
    out
        The variable to store into.
    provider, tags, yes, allow_unpriced, reuse, again, dry_run, background, raw, strict, quiet, budget
        The magic's own options.
    """

    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    out: str | None = None
    provider: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    yes: bool = False
    allow_unpriced: bool = False
    reuse: bool = False
    again: bool = False
    dry_run: bool = False
    background: bool = False
    raw: bool = False
    strict: bool = False
    quiet: bool = False
    budget: str | None = None


def scan(line: Line, rows: Sequence[OptionRow], tokens: Sequence[Token], owner: str) -> Scan:
    """Tell options from words.

    Parameters
    ----------
    line
        The whole line, for error messages.
    rows
        The options that exist here.
    tokens
        The words to read.
    owner
        Whose options they are, for error messages.

    Raises
    ------
    GrammarError
        On an unknown or repeated option, a missing value, or a value for what takes none.
    """
    found = Scan(line)
    names = _names(rows)
    seen: set[str] = set()
    waiting = iter(range(len(tokens)))
    for index in waiting:
        token = tokens[index]
        if not token.is_option:
            _check_arrow(line, token)
            found.words.append(token)
            continue
        spelled, equals, value = token.text.partition("=")
        row, negated = _match(found, token, spelled, names, owner)
        if not row.repeated and row.field in seen:
            raise line.error(f"{spelled} is given twice", token.start)
        seen.add(row.field)
        if equals:
            if negated:
                raise line.error(f"{spelled} takes no value", token.start)
            _check_tail(line, token)
            found.given.append(Given(row, spelled, value, token.start + len(spelled) + 1))
        elif row.type is bool:
            found.given.append(Given(row, spelled, not negated, token.start))
        else:
            following = tokens[index + 1] if index + 1 < len(tokens) else None
            if following is None or following.is_option:
                wanted = f" ({row.allowed})" if row.allowed else ""
                raise line.error(f"{spelled} needs a value{wanted}", token.end)
            _check_tail(line, following)
            found.given.append(Given(row, spelled, following.text, following.start))
            next(waiting)
    return found


def values(found: Scan, fill: Fill = lambda value, row: value) -> dict[str, Any]:
    """Return the options' values by field name.

    Values of a kind stay text: the kinds read and check them. Those of the magic and its subcommands
    (:class:`~minimax_nb.magics.options.Opt`) are converted and checked here.

    Parameters
    ----------
    found
        From :func:`scan`.
    fill
        Turns a typed value into the value meant; may return an object where the option takes one.
    """
    result: dict[str, Any] = {}
    for item in found.given:
        value: Any = item.value
        if isinstance(value, str):
            try:
                value = fill(value, item.row)
            except GrammarError as error:
                raise found.line.error(error.message, item.position) from None
        many = list(value) if item.row.repeated and _is_list(value) else [value]
        converted = [_convert(found.line, item, item.row, one) for one in many]
        if item.row.repeated:
            result.setdefault(item.row.field, []).extend(converted)
        else:
            result[item.row.field] = converted[0]
    return result


def read_command(
    line: Line,
    kind: str,
    rows: Sequence[OptionRow],
    *,
    in_cell: bool,
    names: Mapping[str, Any],
    word: OptionRow | None = None,
) -> Command:
    """Read a ``KIND …`` line.

    Parameters
    ----------
    line
        The line; its first word is the kind.
    kind
        The kind.
    rows
        The kind's option table.
    in_cell
        True for ``%%minimax``, whose text is the cell's body.
    names
        The user's variables, for ``{name}`` in values.
    word
        The option that the first bare word gives; ``None`` when bare words are the text.

    Raises
    ------
    GrammarError
        With the place of the first mistake.
    """
    arrow, tokens = _arrow(line.tokens[1:])
    found = scan(line, (*MAGIC_OPTIONS, *rows), tokens, kind)
    found.given = [item for item in found.given if item.row.field not in SWEEPING]  # read where they are used
    fill = partial(_fill, names=names, raw=found.flag("raw"), strict=found.flag("strict"))
    options = values(found, fill)
    _take_word(found, word, options, fill)
    if in_cell and (found.words or line.rest_text):
        raise _stray(found)
    own = {row.field: options.pop(row.field) for row in MAGIC_OPTIONS if row.field in options}
    own.pop("help", None)
    named = own.pop("out", None)
    if arrow and named:
        raise line.error(f"the result has two names, {arrow} and {named}; use one")
    if own.get("reuse") and own.get("again"):
        raise line.error("--reuse and --again say the opposite; use one")
    out = check_name(line, arrow or named) if arrow or named else None
    tags = dict(_tag(line, tag) for tag in own.pop("tag", ()))
    return Command(kind=kind, options=options, text=found.text, out=out, tags=tags, **own)


def split_own(line: Line, rows: Sequence[OptionRow], kind: str) -> Scan:
    """Return the options and words of a ``KIND …`` line as they stand there, nothing filled in."""
    _, tokens = _arrow(line.tokens[1:])
    return scan(line, (*MAGIC_OPTIONS, *rows), tokens, kind)


def check_name(line: Line, name: str) -> str:
    """Return ``name`` when it can be a variable, else raise GrammarError."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise line.error(f"{name!r} cannot be a variable's name", max(line.source.find(name), 0))
    return name


def _names(rows: Iterable[OptionRow]) -> dict[str, OptionRow]:
    names: dict[str, OptionRow] = {}
    for row in rows:
        for name in (row.name, *row.aliases):
            names.setdefault(f"--{name}", row)
            if len(name) == 1:
                names.setdefault(f"-{name}", row)
        if row.short:
            names.setdefault(f"-{row.short}", row)
    return names


def _match(
    found: Scan, token: Token, spelled: str, names: Mapping[str, OptionRow], owner: str
) -> tuple[OptionRow, bool]:
    plain = "--" + spelled[2:].replace("_", "-") if spelled.startswith("--") else spelled
    if plain in names:
        return names[plain], False
    positive = names.get("--" + plain.removeprefix("--no-"))
    if plain.startswith("--no-") and positive is not None and positive.type is bool:
        return positive, True
    from minimax_nb.catalog import nearest

    shown = [name for name, row in names.items() if not row.hidden]
    as_text = "; before a text that holds it write --" if found.words else ""
    message = f"{owner} has no option {spelled}{nearest(plain, shown)}{as_text}"
    raise found.line.error(message, token.start)


def _check_tail(line: Line, token: Token) -> None:
    if token.tail is not None:
        raise line.error("a space is missing after the closing quote", token.tail)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _convert(line: Line, item: Given, row: OptionRow, value: Any) -> Any:
    if not isinstance(value, str) or not isinstance(row, Opt):
        return value
    if row.choices and value not in row.choices:
        from minimax_nb.catalog import nearest

        hint = nearest(value, [str(choice) for choice in row.choices])
        raise line.error(f"{item.spelled} {value}: allowed: {row.allowed}{hint}", item.position)
    if row.type is bool:
        if value.lower() not in (*_TRUE, *_FALSE):
            raise line.error(f"{item.spelled}={value}: allowed: true, false", item.position)
        return value.lower() in _TRUE
    if row.type in (int, float):
        try:
            return row.type(value)
        except ValueError:
            what = "a whole number" if row.type is int else "a number"
            raise line.error(f"{item.spelled} {value}: must be {what}", item.position) from None
    return value


def _arrow(tokens: Sequence[Token]) -> tuple[str | None, Sequence[Token]]:
    """Take ``NAME <<`` from the front."""
    if len(tokens) > 1 and tokens[1].text == "<<" and not (tokens[0].quoted or tokens[1].quoted):
        return tokens[0].text, tokens[2:]
    if tokens and tokens[0].text.endswith("<<") and not tokens[0].quoted and len(tokens[0].text) > 2:
        return tokens[0].text[:-2], tokens[1:]
    return None, tokens


def _check_arrow(line: Line, token: Token) -> None:
    if token.text == "<<" and not token.quoted:
        raise line.error("NAME << stands right after the kind (or write -o NAME)", token.start)


def _fill(value: str, row: OptionRow, *, names: Mapping[str, Any], raw: bool, strict: bool) -> Any:
    """Fill one value.

    Where objects are taken, a value that is one field is the object itself, raw or not. Unlike in a text, a
    value that is one field must name something: nobody means to pay for lyrics that read ``{lyrcs}``.
    """
    takes_objects = row.type not in _PLAIN
    if is_field(value) and (takes_objects or not raw):
        found = whole_object(value, names)
        if takes_objects or (row.repeated and _is_list(found)):
            return found
    if raw:
        return value
    filled = interpolate(value, names)
    if strict:
        filled.check_strict()
    return filled.text


def _take_word(found: Scan, row: OptionRow | None, options: dict[str, Any], fill: Fill) -> None:
    """Let the first word be the option ``row``, as in ``voice-clone sample.wav``, unless that is given."""
    if row is None or row.field in options or not found.words:
        return
    word = found.words.pop(0)
    _check_tail(found.line, word)
    try:
        options[row.field] = fill(word.text, row)
    except GrammarError as error:
        raise found.line.error(error.message, word.start) from None


def _stray(found: Scan) -> GrammarError:
    """Explain a word on a cell magic's line that is neither option nor value."""
    word = found.words[0] if found.words else None
    if word is None:
        return found.line.error("the text goes below, in the cell", found.line.rest)
    before = [item for item in found.given if item.row.type is bool and item.position < word.start]
    if before and word.text.lower() in (*_TRUE, *_FALSE):
        flag = before[-1]
        sign = "" if word.text.lower() in _TRUE else "no-"
        return found.line.error(f"{flag.spelled} takes no value; write --{sign}{flag.row.name}", word.start)
    message = f"{word.text!r} belongs to no option; the text goes below, a value with blanks in quotes"
    return found.line.error(message, word.start)


def _tag(line: Line, tag: str) -> tuple[str, str]:
    key, equals, value = tag.partition("=")
    if not equals or not key:
        raise line.error(f"--tag {tag}: must be key=value")
    return key, value
