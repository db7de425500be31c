"""From what was typed to typed values: option names, aliases, and strict reading of strings."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from minimax_nb.catalog import nearest
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import Option

_WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def canonical(
    kind: str, table: Iterable[Option], given: Mapping[str, Any], problems: list[str]
) -> dict[str, Any]:
    """Return options by field name, from kebab or snake names, aliases and one-letter forms.

    ``None`` means "not given" and is dropped. Unknown names and options given under two names are
    added to ``problems``.
    """
    rows: dict[str, Option] = {}
    for row in table:
        rows |= dict.fromkeys((row.name, *row.aliases, *([row.short] if row.short else [])), row)
    values: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for name, value in given.items():
        if value is None:
            continue
        kebab = name.replace("_", "-")
        found = rows.get(kebab)
        if found is None:
            visible = [row.name for row in rows.values() if not row.hidden]
            problems.append(f"--{kebab} is not an option of {kind}{nearest(kebab, visible)}")
        elif found.field in values:
            problems.append(f"--{kebab} and --{spelled[found.field]} are the same option; give one")
        else:
            values[found.field], spelled[found.field] = value, kebab
    return values


def typed(table: Iterable[Option], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the values as their options' types.

    Returns
    -------
    values
        Those that could be read, by field.
    problems
        One line for each of the others, by field.
    """
    good: dict[str, Any] = {}
    bad: dict[str, str] = {}
    for row in table:
        if row.field not in values:
            continue
        value = values[row.field]
        try:
            good[row.field] = _many(row, value) if row.repeated else _one(row, value)
        except ValueError as error:
            rule = str(error)
            allowed = f", {row.allowed}" if row.allowed and row.type in (int, float) else ""
            bad[row.field] = row.problem(value, rule + allowed)
    return good, bad


def _many(row: Option, value: Any) -> tuple[Any, ...]:
    single = isinstance(value, str | bytes | bytearray | memoryview | Mapping) or not isinstance(
        value, Iterable
    )
    if single or hasattr(value, "__array_interface__"):
        return (_one(row, value),)
    return tuple(_one(row, item) for item in value)


def _one(row: Option, value: Any) -> Any:
    read: Callable[[Any], Any] = _READERS.get(row.type, _text)
    # A cell of a data frame is a numpy scalar.
    return read(value.item() if getattr(value, "ndim", None) == 0 else value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is wanted, not {type(value).__name__}")
    if not value.strip():
        raise ValueError("must not be blank")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"a lone surrogate at character {error.start + 1:,}; no such text can be sent"
        ) from None
    return value


def _whole(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value.partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    try:
        if not isinstance(value, bool):
            return operator.index(value)
    except TypeError:
        pass
    raise ValueError("a whole number")


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        with suppress(OverflowError):
            number = float(value)
            if math.isfinite(number):
                return number
    raise ValueError("a number")


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError("true or false")


_READERS: Mapping[type, Callable[[Any], Any]] = {
    bool: _truth,
    float: _number,
    int: _whole,
    MediaInput: MediaInput.of,
    str: _text,
}
