"""The jobs of a sweep as a grid: two axes make rows and columns, more make one table after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minimax_nb.render.format import shorten
from minimax_nb.render.view import JobView

WIDE = 6  #: columns that fit side by side; with more, the axis goes down the page instead
_LABEL = 120  #: characters of a value that are shown
_NARROWEST, _WIDEST = 90, 220  #: px


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: its label, and a job, or a gap, a column."""

    label: str
    cells: tuple[JobView | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a grid. ``columns`` is empty where the jobs stand beside each other, each with its label."""

    heading: str
    lines: tuple[Line, ...]
    down: str = ""
    across: str = ""
    columns: tuple[str, ...] = ()

    @property
    def side(self) -> int:
        """Room for the labels of the rows, in px."""
        words = [word for line in self.lines for word in line.label.split()]
        return min(_WIDEST, max(_NARROWEST, round(8.4 * max(map(len, words), default=0)) + 14))


def is_sweep(views: Sequence[JobView]) -> bool:
    """Return True for several jobs of one sweep."""
    first = views[0] if views else None
    return (
        first is not None
        and len(views) > 1
        and bool(first.batch)
        and len({view.batch for view in views}) == 1
    )


def varying(views: Sequence[JobView]) -> list[str]:
    """Return the axes that have more than one value, in order."""
    names = dict.fromkeys(name for view in views for name, _ in view.axes)
    return [name for name in names if len({dict(view.axes).get(name, "") for view in views}) > 1]


def fixed(views: Sequence[JobView]) -> list[tuple[str, str]]:
    """Return the axes that have one value, with it."""
    moving = varying(views)
    return [(name, value) for name, value in views[0].axes if name not in moving] if views else []


def tables(views: Sequence[JobView]) -> list[Table]:
    """Return the jobs of a sweep in tables: the last two axes of each, one table a value of the others."""
    axes = _axes(views)
    if len(axes) < 2:
        lines = tuple(Line(_label(view, axes[0] if axes else ()), (view,)) for view in views)
        return [Table("", lines)]
    *outer, down, across = axes
    found = []
    for heading, mine in _split(views, outer):
        rows, columns = _values(mine, down), _values(mine, across)
        turned = len(columns) > WIDE and len(rows) <= WIDE
        one, other = (across, down) if turned else (down, across)
        found.append(_table(heading, mine, one, other))
    return found


def _table(heading: str, views: Sequence[JobView], down: Axis, across: Axis) -> Table:
    columns = _values(views, across)
    lines = []
    for label in _values(views, down):
        row = [view for view in views if _label(view, down) == label]
        by_column = {_label(view, across): view for view in row}
        lines.append(Line(label, tuple(by_column.get(column) for column in columns)))
    return Table(heading, tuple(lines), _name(down), _name(across), columns)


#: Names that change together: the columns of a row, say.
Axis = tuple[str, ...]


def _axes(views: Sequence[JobView]) -> list[Axis]:
    """Return the axes that vary; those that follow from each other are one."""
    axes: list[Axis] = []
    for name in varying(views):
        if axes:
            before = len(_values(views, axes[-1]))
            both = len(_values(views, (*axes[-1], name)))
            if both == max(before, len(_values(views, (name,)))):
                axes[-1] = (*axes[-1], name)
                continue
        axes.append((name,))
    if len(views) > len({_label(view, tuple(name for axis in axes for name in axis)) for view in views}):
        return []  # rows that are alike have no place of their own
    return axes


def _split(views: Sequence[JobView], axes: Sequence[Axis]) -> list[tuple[str, list[JobView]]]:
    groups: dict[str, list[JobView]] = {}
    for view in views:
        heading = " · ".join(f"{_name(axis)} {_label(view, axis)}" for axis in axes)
        groups.setdefault(heading, []).append(view)
    return list(groups.items())


def _values(views: Sequence[JobView], axis: Axis) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_label(view, axis) for view in views))


def _label(view: JobView, axis: Axis) -> str:
    values = dict(view.axes)
    return " · ".join(shorten(values.get(name, ""), _LABEL) for name in axis)


def _name(axis: Axis) -> str:
    return " · ".join(axis)


def place_of(view: JobView) -> str:
    """Return the place of a job in its sweep: ``model=image-01, seed=3``."""
    return ", ".join(f"{name}={shorten(value, 40)}" for name, value in view.axes)
