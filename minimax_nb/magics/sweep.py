"""``%%minimax KIND --vary …`` and ``--each …``: the cell read once a combination, and all of it asked for together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.errors import Detached, RequestInvalidError
from minimax_nb.interpolate import interpolate
from minimax_nb.kinds import option_table, request_class
from minimax_nb.lab.intent import Asked
from minimax_nb.lab.sweeps import cells
from minimax_nb.lab.sweeps.asking import no_column
from minimax_nb.lab.sweeps.cells import Draft
from minimax_nb.lab.sweeps.grid import MOST, Axis, Place, places
from minimax_nb.lab.sweeps.plan import SweepPlan, Terms
from minimax_nb.magics.context import Context
from minimax_nb.magics.grammar import Command, Given, read_command, split_own
from minimax_nb.magics.tokenizer import Line
from minimax_nb.magics.vary import read_axes, read_rows
from minimax_nb.render.surface import StaticSurface, TextSurface

if TYPE_CHECKING:
    from minimax_nb.lab.sweeps.sweep import Sweep

_OWN = frozenset({"vary", "each"})
_LISTED = 60  #: jobs that a dry run lists


def is_sweep(line: Line) -> bool:
    """Return True for a line with ``--vary`` or ``--each`` before its text."""
    marks = ("--vary", "--each")
    return any(token.is_option and token.text.partition("=")[0] in marks for token in line.tokens)


def run_sweep(context: Context, line: Line, kind: str, cell: str | None) -> None:
    """Run a cell that asks for many jobs.

    Raises
    ------
    MiniMaxError
        What is wrong with one of its combinations, its price, or, at the end, how many jobs failed.
    Detached
        The cell was interrupted; the jobs go on.
    """
    plan, command = read_sweep(context, line, kind, cell)
    if command.dry_run:
        show_plan(context, plan)
        return
    if not command.quiet:
        _say(context, plan.line(static=_is_static(context)))
    try:
        sweep = plan.start()
    except KeyboardInterrupt:
        note = "interrupted while the jobs were handed over; %minimax jobs shows which run"
        raise Detached(note) from None
    if command.background:
        _background(context, sweep, command)
        return
    watch_sweep(context, sweep, quiet=command.quiet, name=command.out)


def watch_sweep(context: Context, sweep: Sweep, *, quiet: bool = False, name: str | None = None) -> None:
    """Follow a sweep in this cell, keep it under a name, and raise for what failed.

    Raises
    ------
    Detached
        On an interrupt, with one line that says how to get it back.
    MiniMaxError
        One line for all that brought no result.
    """
    from minimax_nb.magics.run import watch

    if name:
        context.store(name, sweep)
    try:
        watch(context, sweep.members, quiet=quiet)
    except Detached:
        going = sum(not member.done for member in sweep.members)
        raise Detached(
            f"{going} of {count(len(sweep), 'job')} go on; get the sweep with %minimax wait {sweep.id}"
            if going
            else f"all jobs were already done; %minimax wait {sweep.id} shows them"
        ) from None
    results = sweep.results
    if results:
        context.lab.last = results[-1]
    problem = sweep.problem()
    if problem is not None:
        raise problem


def _background(context: Context, sweep: Sweep, command: Command) -> None:
    """Show the board once here; a thread goes on updating it."""
    from minimax_nb.magics.run import choose_surface, follow_behind

    if command.out:
        context.store(command.out, sweep)
    if command.quiet:
        return
    surface = choose_surface(context, background=True)
    if isinstance(surface, StaticSurface | TextSurface):
        surface.finish([replace(view, stage="in the background") for view in sweep.views()])
        return
    surface.show(sweep.views())
    follow_behind(context, sweep.members, surface)


def show_plan(context: Context, plan: SweepPlan) -> None:
    """Show what would be sent: one row a job."""
    rows = plan.rows()
    more = f"and {len(rows) - _LISTED:,} more" if len(rows) > _LISTED else ""
    title = f"Nothing was sent: {plan.line(static=_is_static(context))}"
    names = list(plan.cells[0].axes)
    context.table(title, [*names, "price", "stage"], rows[:_LISTED], more)


def _say(context: Context, text: str) -> None:
    from minimax_nb.render.html import remark

    context.show(text, remark(text))


def _is_static(context: Context) -> bool:
    from minimax_nb.magics.run import choose_surface

    return isinstance(choose_surface(context), StaticSurface)


# --- reading ----------------------------------------------------------------------------------------


def read_sweep(context: Context, line: Line, kind: str, cell: str | None) -> tuple[SweepPlan, Command]:
    """Read a line (and cell) that asks for a sweep; everything is checked, nothing is sent.

    Returns
    -------
    tuple
        What it would do, and the options of the magic itself.

    Raises
    ------
    MiniMaxError
        What is wrong, and with which combination.
    """
    reading = _Reading(context, line, kind, cell)
    lab = context.lab
    command = reading.first
    made = cells.make_cells(lab, reading.places, reading.draft, reading.columns)
    terms = Terms(
        Asked(command.tags, command.out, None, command.yes, command.allow_unpriced),
        command.budget,
        reuse=True if command.reuse else None,
        again=command.again,
    )
    side = None if cells.PROVIDER in reading.names else lab._provider(command.provider)
    identity = cells.identity(lab, kind, side, reading.common(), reading.names)
    return SweepPlan(lab, made, identity, reading.names, terms), command


class _Reading:
    """One cell, read again for each of its places: columns and axes stand beside the user's variables."""

    def __init__(self, context: Context, line: Line, kind: str, cell: str | None) -> None:
        from minimax_nb.magics.run import word_of

        self._line, self._kind = line, kind
        self._in_cell = cell is not None
        self._class = request_class(kind)
        self._user = context.names()
        self._rows = option_table(self._class)
        self._word = word_of(self._class)
        found = split_own(line, self._rows, kind)
        own = [item for item in found.given if item.row.field in _OWN]
        others = [item for item in found.given if item.row.field not in _OWN]
        self._body = (cell or "").strip()
        typed = self._body or (found.text if self._word is None else "")
        self._texts = [typed, *(str(item.value) for item in others)]
        self.axes = self._read_axes(own, others, typed)
        self._fields = {axis.name: cells.place_of(self._class, axis.name, self._texts) for axis in self.axes}
        self.rows = next((read_rows(line, item, self._user) for item in own if item.row.field == "each"), ())
        self.columns = self._used(own)
        self.names = [*self.columns, *(axis.name for axis in self.axes)]
        self.places = self._places(others)
        self.first = self._command(self.places[0])
        filled = [name for name in self.names if self._fields.get(name) is None]
        if self.first.raw and filled:
            raise line.error(f"--raw fills nothing into the text, so {{{filled[0]}}} cannot vary there")
        self._given = others

    def _read_axes(self, own: Sequence[Given], others: Sequence[Given], typed: str) -> list[Axis]:
        options = {item.row.field: item.value for item in others}
        if typed and self._class.text_field not in options:
            options[self._class.text_field] = typed
        given = [item for item in own if item.row.field == "vary"]
        return read_axes(self._line, self._class, given, self._user, self._texts, options)

    def _used(self, own: Sequence[Given]) -> tuple[str, ...]:
        """Return the columns that the text or an option names."""
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        used = cells.used(columns, self._texts)
        if self.rows and not used:
            position = next(item.position for item in own if item.row.field == "each")
            raise self._line.error(no_column(columns), position)
        return used

    def _places(self, others: Sequence[Given]) -> list[Place]:
        asked = next((item for item in others if item.row.field == "max_jobs"), None)
        if asked is not None and not (str(asked.value).isdecimal() and int(asked.value) > 0):
            raise self._line.error(
                f"--max-jobs {asked.value}: must be a whole number, at least 1", asked.position
            )
        return places(self.axes, self.rows, int(asked.value) if asked is not None else MOST)

    def common(self) -> dict[str, Any]:
        """Return what all jobs share, as typed: the text with its fields, and the options."""
        shared: dict[str, Any] = {}
        for item in self._given:
            if item.row in self._rows:
                shared.setdefault(item.row.field, []).append(item.value)
        constant = {name: value for name, value in self._user.items() if name not in self.names}
        typed = self._body or self.first.text
        shared[self._class.text_field] = typed if self.first.raw else interpolate(typed, constant).text
        return shared

    def draft(self, place: Place) -> Draft:
        """Return what one place asks for."""
        command = self.first if not self._free(place) else self._command(place)
        names = self._user | self._free(place)
        typed = self._body or command.text
        filled = typed if command.raw else interpolate(typed, names)
        provider, options = command.provider, dict(command.options)
        for name, value in place.values.items():
            field = self._fields[name]
            if field == cells.PROVIDER:
                provider = str(value)
            elif field is not None:
                options[field] = value
        text = filled if isinstance(filled, str) else filled.text
        template = typed if text != typed else None
        if not isinstance(filled, str) and command.strict:
            filled.check_strict()
        self._check_text(text, options)
        return Draft(self._class.make(text or None, **options), provider, template)

    def _check_text(self, text: str, options: Mapping[str, Any]) -> None:
        field = self._class.text_field
        if not text and self._class.text_required and options.get(field) is None:
            where = f"below %%minimax {self._kind}" if self._in_cell else "after the options"
            raise RequestInvalidError(f"no {field}: write it {where}, or vary it (--vary {field}={{texts}})")

    def _free(self, place: Place) -> dict[str, Any]:
        """Return what is filled into texts at a place: columns, and axes that are no options."""
        axes = {name: value for name, value in place.values.items() if self._fields[name] is None}
        return {**place.row, **axes}

    def _command(self, place: Place) -> Command:
        command = read_command(
            self._line,
            self._kind,
            self._rows,
            in_cell=self._in_cell,
            names=self._user | self._free(place),
            word=self._word,
        )
        return replace(command, options=cells.read_media(self._class, command.options))


def find_sweep(context: Context, words: Sequence[str]) -> Sweep | None:
    """Return the sweep that one word names: a variable, or the beginning of an id."""
    from minimax_nb.lab.sweeps.sweep import Sweep

    if len(words) != 1:
        return None
    held = context.names().get(words[0])
    if isinstance(held, Sweep):
        return held
    return context.lab.find_sweep(words[0]) if words[0].startswith("s-") else None
