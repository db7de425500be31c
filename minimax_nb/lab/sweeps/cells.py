"""The jobs of a sweep before they are asked for: built and checked, all of them, and the id they share."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.interpolate import interpolate, is_field, whole_object
from minimax_nb.kinds import option_table, request_class
from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.lab.intent import fingerprint
from minimax_nb.lab.sweeps.grid import Axis, Place, empty, word
from minimax_nb.providers import provider as find_provider

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

SHOWN = 3  #: different problems that one error names


@dataclass(frozen=True, slots=True)
class Draft:
    """What one place asks for, before it is checked against a provider.

    ``template`` is the text as typed, where something was filled in.
    """

    request: Request
    provider: str | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One job of a sweep: where it stands, and what it asks of whom, resolved and checked."""

    axes: Mapping[str, str]
    request: Request
    provider: str
    template: str | None
    fingerprint: str

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.axes.items())


def make_cells(
    lab: Lab, places: Sequence[Place], draft: Callable[[Place], Draft], columns: Sequence[str] = ()
) -> list[Cell]:
    """Build and check the job of every place; nothing is sent, and no sandbox is started.

    Parameters
    ----------
    lab
        The lab.
    places
        Where.
    draft
        Makes the request of a place.
    columns
        The columns of the rows that the requests use.

    Raises
    ------
    RequestInvalidError
        What is wrong, and at which places; all of them are looked at before.
    """
    cells: list[Cell] = []
    wrong: dict[str, list[Place]] = {}
    for place in places:
        try:
            cells.append(_cell(lab, place, draft, columns))
        except RequestInvalidError as error:
            for problem in error.problems:
                wrong.setdefault(problem, []).append(place)
    if wrong:
        raise _together(wrong, len(places))
    return cells


def _cell(lab: Lab, place: Place, draft: Callable[[Place], Draft], columns: Sequence[str]) -> Cell:
    for name in columns:
        if name not in place.row or empty(place.row[name]):
            raise RequestInvalidError(f"the column {name} is empty")
    asked = draft(place)
    provider = find_provider(lab._provider(asked.provider))
    resolved = asked.request.resolve(provider.name)
    provider.check(resolved)
    mark = fingerprint(provider.name, resolved, sandbox=lab._connections.uses_sandbox)
    return Cell(place.axes(columns), resolved, provider.name, asked.template, mark)


def _together(wrong: Mapping[str, list[Place]], count: int) -> RequestInvalidError:
    """Return one error for all places; what is wrong everywhere names none."""
    lines = []
    for problem, where in list(wrong.items())[:SHOWN]:
        more = f" and {len(where) - 1} more" if len(where) > 1 else ""
        lines.append(problem if len(where) == count else f"at {where[0]}{more}: {problem}")
    if len(wrong) > SHOWN:
        lines.append(f"and {len(wrong) - SHOWN} other problems")
    return RequestInvalidError(lines, hint="Nothing was sent.")


# --- requests from options in Python ----------------------------------------------------------------


class Drafter:
    """Makes the requests of a sweep from a kind, its options and the axes.

    Parameters
    ----------
    kind
        The kind.
    options
        What all jobs share, by any of the options' names; texts may hold ``{column}`` and ``{axis}``.
    axes
        What varies.
    columns
        The columns of the rows.
    provider
        Where the jobs go, unless that varies.

    Raises
    ------
    RequestInvalidError
        An axis is neither an option nor a field of a text, or is given as an option too.
    """

    def __init__(
        self,
        kind: str,
        options: Mapping[str, Any],
        axes: Sequence[Axis],
        columns: Iterable[str] = (),
        provider: str | None = None,
    ) -> None:
        self._class = request_class(kind)
        self._provider = provider
        self.options = read_media(
            self._class, {field_of(self._class, name) or name: value for name, value in options.items()}
        )
        self._texts = [value for value in self.options.values() if isinstance(value, str)]
        self._fields = {
            axis.name: place_of(self._class, axis.name, self._texts, self.options) for axis in axes
        }
        self.columns = used(columns, self._texts)

    def __call__(self, place: Place) -> Draft:
        """Return the request of one place."""
        names = dict(place.row)
        given: dict[str, Any] = {}
        provider = self._provider
        for name, value in place.values.items():
            field = self._fields[name]
            if field == PROVIDER:
                provider = str(value)
            elif field is None:
                names[name] = value
            else:
                given[field] = value
        text_field = self._class.text_field
        typed = self.options.get(text_field)
        options = {key: _filled(value, names) for key, value in self.options.items()} | given
        template = typed if isinstance(typed, str) and options.get(text_field) != typed else None
        return Draft(self._class(**options), provider, None if text_field in given else template)


PROVIDER = "provider"


def read_media(cls: type[Request], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with their files read once, not once a job; what cannot be read is reported later."""
    found = dict(options)
    for row in option_table(cls):
        value = found.get(row.field)
        if row.type is not MediaInput or value is None or (isinstance(value, str) and "{" in value):
            continue
        with contextlib.suppress(ValueError):
            many = row.repeated and isinstance(value, list | tuple)
            found[row.field] = [MediaInput.of(item) for item in value] if many else MediaInput.of(value)
    return found


def field_of(cls: type[Request], name: str) -> str | None:
    """Return the field of an option by any of its names; ``prompt`` and ``text`` are the text of every kind."""
    wanted = name.replace("_", "-")
    for row in option_table(cls):
        if wanted in (row.name, *row.aliases, row.short):
            return row.field
    return cls.text_field if wanted in ("prompt", "text") else None


def place_of(
    cls: type[Request], name: str, texts: Iterable[str], given: Mapping[str, Any] | None = None
) -> str | None:
    """Return the field that an axis sets, ``provider``, or ``None`` for a field of the texts.

    Raises
    ------
    RequestInvalidError
        It is none of them, or the option is given as well.
    """
    field = PROVIDER if name == PROVIDER else field_of(cls, name)
    if field is None:
        if used([name], texts):
            return None
        from minimax_nb.catalog import nearest

        known = [PROVIDER, *(row.name for row in option_table(cls) if not row.hidden)]
        as_field = f"; or write {{{name}}} in the text" if name.isidentifier() else ""
        raise RequestInvalidError(
            f"{cls.kind} has no option {name!r} to vary{nearest(name, known)}{as_field}"
        )
    if (given or {}).get(field) is not None:
        said = "the text" if field == cls.text_field else f"--{field.replace('_', '-')}"
        raise RequestInvalidError(f"{said} is given and is varied too; use one")
    return field


def used(names: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names that stand in braces in one of the texts."""
    everything = "\n".join(texts)
    return tuple(name for name in names if re.search(rf"\{{{re.escape(name)}[}}.\[!:]", everything))


def _filled(value: Any, names: Mapping[str, Any]) -> Any:
    if not isinstance(value, str) or not names:
        return value
    if is_field(value) and used(names, [value]):
        found = whole_object(value, names)
        return found if not isinstance(found, str | int | float) else word(found)
    return interpolate(value, names).text


# --- the id that a sweep keeps ----------------------------------------------------------------------


def identity(
    lab: Lab, kind: str, provider: str | None, common: Mapping[str, Any], names: Iterable[str]
) -> str:
    """Return the id that a sweep has each time it is asked for.

    What varies is part of it, the values are not: with a value more it is the same sweep, and only what
    is new is made. The content of the inputs that are given as objects counts, as does the project.
    """
    shared = {name: _content(value) for name, value in common.items() if value is not None}
    side = "sandbox" if lab._connections.uses_sandbox else "real"
    parts = [lab.project, side, kind, provider, shared, sorted(names)]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return "s-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _content(value: Any) -> Any:
    if isinstance(value, MediaInput):
        return value.sha256 or value.url
    if isinstance(value, str | int | float | bool):
        return word(value)
    if isinstance(value, list | tuple):
        return [_content(item) for item in value]
    try:
        return _content(MediaInput.of(value))
    except ValueError:
        return str(value)
