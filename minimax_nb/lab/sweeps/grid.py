"""The places of a sweep: every row with every combination of values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minimax_nb.errors import RequestInvalidError

MOST = 1000  #: jobs of a sweep, unless more are asked for
_SHOWN = 40  #: characters of a value in an error line


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that varies.

    Parameters
    ----------
    name
        ``provider``, an option's name, or a field of the text.
    values
        What it takes, in order; no two alike.
    """

    name: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise RequestInvalidError(f"{self.name} has no values to vary over")
        words = [word(value) for value in self.values]
        for place, text in enumerate(words):
            if text in words[:place]:
                raise RequestInvalidError(f"{self.name}: {cut(text)} is there twice")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the grid: a value an axis, and a row where there are rows.

    ``number`` is the row's, from 1.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0

    def __str__(self) -> str:
        parts = [f"row {self.number}"] if self.number else []
        parts += [f"{name}={cut(word(value))}" for name, value in self.values.items()]
        return ", ".join(parts)

    def axes(self, columns: Iterable[str]) -> dict[str, str]:
        """Return the place as it is kept: the columns that are used, then the axes."""
        return {name: word(self.row[name]) for name in columns} | {
            name: word(value) for name, value in self.values.items()
        }


def axes_of(grid: Mapping[str, Any]) -> tuple[Axis, ...]:
    """Return the axes of a grid: name → values.

    Raises
    ------
    RequestInvalidError
        An axis has no values, has one twice, or is a text where a list is meant.
    """
    axes = []
    for name, values in grid.items():
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            raise RequestInvalidError(f"{name}: give a list of values, not {cut(word(values))!r} alone")
        axes.append(Axis(str(name), tuple(map(plain, values))))
    return tuple(axes)


def rows_of(each: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of a data frame or of a list of dicts.

    Raises
    ------
    RequestInvalidError
        It is neither, or has no rows.
    """
    if hasattr(each, "columns") and hasattr(each, "to_dict"):
        each = each.to_dict("records")
    good = isinstance(each, Sequence) and not isinstance(each, str | bytes)
    if not good or not all(isinstance(row, Mapping) for row in each):
        of = f" of {type(each[0]).__name__}" if good and len(each) else ""
        raise RequestInvalidError(
            f"a DataFrame or a list of dicts has rows, a {type(each).__name__}{of} has none"
        )
    if not each:
        raise RequestInvalidError("there are no rows")
    return tuple({str(key): plain(value) for key, value in row.items()} for row in each)


def places(axes: Sequence[Axis], rows: Sequence[Mapping[str, Any]] = (), most: int = MOST) -> list[Place]:
    """Return every row with every combination of the axes' values, the last axis changing fastest.

    Raises
    ------
    RequestInvalidError
        They are more than ``most``.
    """
    names = [axis.name for axis in axes]
    sizes = [len(rows)] * bool(rows) + [len(axis.values) for axis in axes]
    count = math.prod(sizes)
    if count > most:
        product = " × ".join(f"{size:,}" for size in sizes)
        of = f"{product} are {count:,}" if len(sizes) > 1 else f"{count:,}"
        raise RequestInvalidError(
            f"{of} jobs, and a sweep has at most {most:,} unless more are asked for (--max-jobs {count})"
        )
    numbered: Iterator[tuple[int, Mapping[str, Any]]] = enumerate(rows, 1) if rows else iter([(0, {})])
    return [
        Place(dict(zip(names, values, strict=True)), row, number)
        for number, row in numbered
        for values in itertools.product(*(axis.values for axis in axes))
    ]


def empty(value: Any) -> bool:
    """Return True for a cell of a table that holds nothing: ``None``, NaN, pandas' NA."""
    if value is None:
        return True
    try:
        return bool(value != value)  # NaN is the only thing unlike itself
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def plain(value: Any) -> Any:
    """Return a number of numpy as Python's own."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def word(value: Any) -> str:
    """Return a value as text: what it is found by, and what its column in a table says."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    name = getattr(value, "name", None) or getattr(value, "job_id", None)
    if isinstance(name, str):
        return name
    path = getattr(value, "path", None)
    return getattr(path, "name", None) or str(value)


def cut(text: str) -> str:
    """Return a value as an error line shows it."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
