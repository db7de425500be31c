"""Read ``--vary NAME=VALUES`` and ``--each ROWS``: lists, ranges and the user's own variables.

``model=image-01,image-01-live`` is a list; ``seed=1..4`` and ``speed=0.8..1.2:0.1`` are ranges, both ends
included; ``prompt="A fox, at dawn","A cat"`` has values with commas; ``prompt={prompts}`` takes the items of
a list of the notebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from minimax_nb.errors import GrammarError, MiniMaxError
from minimax_nb.interpolate import interpolate, is_field, whole_object
from minimax_nb.kinds import Request
from minimax_nb.kinds.options import Option, option_of
from minimax_nb.kinds.reading import typed
from minimax_nb.lab.sweeps import cells
from minimax_nb.lab.sweeps.grid import Axis, plain, rows_of
from minimax_nb.magics.grammar import Given
from minimax_nb.magics.tokenizer import Line

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_RANGE = re.compile(rf"(?P<first>{_NUMBER}?)\.\.(?P<last>[^:]*)(?::(?P<step>.*))?")
_NAME = re.compile(r"[^\W\d][\w-]*")
MOST = 100_000  #: values of a range; how many jobs a sweep may have is decided later


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a list as it stands on the line."""

    text: str
    start: int
    quoted: bool


def read_axes(
    line: Line,
    cls: type[Request],
    given: Sequence[Given],
    names: Mapping[str, Any],
    texts: Sequence[str],
    options: Mapping[str, Any],
) -> list[Axis]:
    """Return the axes of all ``--vary`` options of a line.

    Parameters
    ----------
    line
        The line, for error messages.
    cls
        The kind's request class.
    given
        The options, as they stand there.
    names
        The user's variables.
    texts
        The text and the values in which ``{axis}`` may stand.
    options
        What the line gives besides, by field.

    Raises
    ------
    GrammarError
        With a caret: no such option, a value that the option does not take, a range that is none.
    """
    axes: list[Axis] = []
    fields: set[str | None] = set()
    for one in given:
        axis, field = _axis(line, cls, one, names, texts, options)
        if axis.name in [other.name for other in axes] or (field is not None and field in fields):
            raise line.error(f"{axis.name} is varied twice; write all its values in one --vary", one.position)
        fields.add(field)
        axes.append(axis)
    return axes


def _axis(
    line: Line,
    cls: type[Request],
    one: Given,
    names: Mapping[str, Any],
    texts: Sequence[str],
    options: Mapping[str, Any],
) -> tuple[Axis, str | None]:
    source = str(one.value)
    name, equals, _ = source.partition("=")
    if not equals or not _NAME.fullmatch(name):
        raise line.error(f"--vary {source}: must be NAME=VALUE,VALUE … or NAME=1..4", one.position)
    start = line.source.find(source, one.position)  # behind the quote, where all of it is quoted
    base = (one.position if start < 0 else start) + len(name) + 1
    try:
        field = cells.place_of(cls, name, texts, options)
    except MiniMaxError as error:
        raise line.error(error.message, one.position) from None
    row = None if field in (None, cells.PROVIDER) else option_of(cls, str(field))
    values = []
    for item in _items(line, source[len(name) + 1 :], base):
        values += _checked(line, item, row, _values(line, item, field, row, names))
    try:
        return Axis(name, tuple(values)), field
    except MiniMaxError as error:
        raise line.error(error.message, one.position) from None


def _items(line: Line, text: str, start: int) -> Iterator[Item]:
    """Yield the values between the commas; a comma in quotes or braces is part of a value."""
    place = 0
    while place <= len(text):
        begin = place
        if text[begin : begin + 1] in ('"', "'") and begin < len(text):
            end = text.find(text[begin], begin + 1)
            if end < 0:
                raise line.error(f"the quote {text[begin]} is never closed", start + begin)
            if text[end + 1 : end + 2] not in ("", ","):
                raise line.error("a comma is missing after the closing quote", start + end + 1)
            yield Item(text[begin + 1 : end], start + begin, quoted=True)
            place = end + 2
            if place > len(text):
                return
            continue
        end = _comma(text, begin)
        if end == begin:
            raise line.error("a value is missing here", start + begin)
        yield Item(text[begin:end], start + begin, quoted=False)
        place = end + 1
        if end == len(text):
            return


def _comma(text: str, begin: int) -> int:
    depth = 0
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if text[place] == "," and depth <= 0:
            return place
    return len(text)


def _values(
    line: Line, item: Item, field: str | None, row: Option | None, names: Mapping[str, Any]
) -> list[Any]:
    """Return what one item stands for: a range, a variable's items, or itself."""
    if not item.quoted and is_field(item.text):
        try:
            found = whole_object(item.text, names)
        except GrammarError as error:
            raise line.error(error.message, item.start) from None
        if hasattr(found, "tolist") and getattr(found, "ndim", 0) == 1:  # a column of a data frame, an array
            found = found.tolist()
        return [plain(value) for value in found] if isinstance(found, list | tuple | range) else [found]
    numbers = row is not None and row.type in (int, float)
    ranged = None if item.quoted else _RANGE.fullmatch(item.text)
    if ranged is not None and (numbers or (field is None and ranged["first"] and _is_number(ranged["last"]))):
        return _range(line, item, ranged)
    return [interpolate(item.text, names).text if not item.quoted or "{" in item.text else item.text]


def _is_number(text: str) -> bool:
    return re.fullmatch(_NUMBER, text) is not None


def _range(line: Line, item: Item, found: re.Match[str]) -> list[Any]:
    """Return the numbers of ``first..last:step``, exactly."""
    for part in ("first", "last", "step"):
        text = found[part]
        if text is not None and not _is_number(text):
            what = {"first": "begins with", "last": "ends with", "step": "has the step"}[part]
            message = f"{item.text}: a range {what} a number, as in 1..4 or 0.8..1.2:0.1"
            raise line.error(message, item.start + found.start(part))
    first, last = Decimal(found["first"]), Decimal(found["last"])
    whole = first == first.to_integral_value() and last == last.to_integral_value()
    if found["step"] is None and not whole:
        raise line.error(f"{item.text}: say by how much, as in {item.text}:0.1", item.start)
    step = Decimal(found["step"] or 1)
    if step <= 0:
        raise line.error(f"{item.text}: the step must be more than 0", item.start + found.start("step"))
    if last < first:
        raise line.error(f"{item.text} runs backwards; write {last}..{first}", item.start)
    count = int((last - first) / step) + 1
    if count > MOST:
        raise line.error(f"{item.text} is {count:,} values", item.start)
    numbers = [first + step * place for place in range(count)]
    if all(number == number.to_integral_value() for number in numbers):
        return [int(number) for number in numbers]
    return [float(number) for number in numbers]


def _checked(line: Line, item: Item, row: Option | None, values: list[Any]) -> list[Any]:
    """Read each value as its option's type here, where the caret can point at it; files are read once."""
    if row is None:
        return values
    read = []
    for value in values:
        good, bad = typed([row], {row.field: value})
        if bad:
            raise line.error(bad[row.field], item.start)
        found = good[row.field]
        read.append(found[0] if row.repeated and len(found) == 1 else found)
    return read


def read_rows(line: Line, one: Given, names: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the rows that ``--each`` names: a DataFrame, or a list of dicts, of the notebook.

    Raises
    ------
    GrammarError
        It names nothing, or something that has no rows.
    """
    text = str(one.value)
    field = text if text.startswith("{") else f"{{{text}}}"
    if not is_field(field):
        raise line.error(
            f"--each {text}: must be the name of a DataFrame or of a list of dicts", one.position
        )
    try:
        return rows_of(whole_object(field, names))
    except MiniMaxError as error:
        hint = "" if isinstance(error, GrammarError) else f"--each {text}: "
        raise line.error(hint + error.message, one.position) from None
