"""From a read line to a finished card: build the request, hand it to the lab, watch, store."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from minimax_nb.errors import Detached, GrammarError
from minimax_nb.interpolate import Filled, interpolate, is_field, whole_object
from minimax_nb.kinds import option_table, request_class
from minimax_nb.kinds.base import Request
from minimax_nb.magics.context import Context
from minimax_nb.magics.grammar import Command, read_command
from minimax_nb.magics.options import OptionRow
from minimax_nb.magics.tokenizer import Line
from minimax_nb.render.surface import StaticSurface, Surface, TextSurface, choose

if TYPE_CHECKING:
    from minimax_nb.lab.dryrun import DryRun
    from minimax_nb.lab.job import Job
    from minimax_nb.lab.result import Result
    from minimax_nb.render.view import JobView

MOST_CANCELS = 32  #: cancellations that wait for their answers at once
SLICE = 0.1  #: seconds between looks at a running job; an interrupt is answered within one


class Watched(Protocol):
    """What :func:`follow` asks of a job."""

    @property
    def id(self) -> str:
        """The job's id."""

    @property
    def done(self) -> bool:
        """True when there is nothing more to wait for."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait at most ``timeout`` seconds."""

    def view(self) -> JobView:
        """Return what a surface shows."""

    def result(self) -> Result:
        """Return the result or raise the job's error."""

    def cancel(self) -> bool:
        """Cancel what was not sent yet."""


def run_kind(context: Context, line: Line, kind: str, cell: str | None) -> None:
    """Run ``%%minimax KIND …`` or ``%minimax KIND …``.

    Parameters
    ----------
    context
        The shell's side.
    line
        The line; its first word is the kind.
    kind
        The kind.
    cell
        The cell's body; ``None`` for a line magic.

    Raises
    ------
    MiniMaxError
        What the grammar, the request, the lab or the job found wrong.
    Detached
        The cell was interrupted; the job goes on.
    """
    from minimax_nb.magics.sweep import is_sweep, run_sweep

    if is_sweep(line):
        run_sweep(context, line, kind, cell)
        return
    request, command, filled, typed = read_kind(context, line, kind, cell)
    if command.dry_run:
        _show_dry_run(context, context.lab.dry_run(request, provider=command.provider), filled)
        return
    job = _submit(context, request, command, template=typed if filled.names else None)
    if command.background:
        _background(context, job, command)
    else:
        store(context, command.out, finish(context, job, quiet=command.quiet))


def read_kind(
    context: Context, line: Line, kind: str, cell: str | None
) -> tuple[Request, Command, Filled, str]:
    """Read a line (and cell) that asks for something.

    Returns
    -------
    tuple
        The request, the options of the magic itself, the text with its fields filled in, and the text as typed.
    """
    cls = request_class(kind)
    names = context.names()
    rows, word = option_table(cls), word_of(cls)
    command = read_command(line, kind, rows, in_cell=cell is not None, names=names, word=word)
    if command.budget is not None:
        raise line.error("--budget limits a sweep (--vary, --each); %minimax budget limits all jobs")
    typed = (cell or "").strip() or command.text
    needed = cls.text_required or cls.text_instead
    if not typed and needed and command.options.keys().isdisjoint((cls.text_field, *cls.text_instead)):
        raise _no_text(kind, cls, in_cell=cell is not None)
    if (
        word is not None
        and word.field == cls.text_field
        and word.field not in command.options
        and is_field(typed)
    ):
        # A recording below the line: the object itself, not words about it.
        options = {**command.options, word.field: whole_object(typed, names)}
        return cls.make(None, **options), command, Filled(typed), typed
    filled = Filled(typed) if command.raw else interpolate(typed, names)
    if command.strict:
        filled.check_strict()
    return cls.make(filled.text or None, **command.options), command, filled, typed


def word_of(cls: type[Request]) -> OptionRow | None:
    """Return the option that the first bare word of a line gives; ``None`` where bare words are the text."""
    row = next(row for row in option_table(cls) if row.field == cls.word_field)
    # A body that is a file may be a variable on the line: that is a value, not a part of a text.
    return None if cls.word_field == cls.text_field and row.type is str else row


def follow(jobs: Sequence[Watched], surface: Surface | None) -> None:
    """Wait for the jobs in short slices, painting what changed; returns when all are done."""
    _show(surface, jobs)
    while waiting := [job for job in jobs if not job.done]:
        waiting[0].wait(SLICE)
        _obey_buttons(surface, waiting)
        _show(surface, jobs)
    if surface is not None:
        surface.finish([job.view() for job in jobs])


def _obey_buttons(surface: Surface | None, waiting: Sequence[Watched]) -> None:
    """Do what a surface's buttons were pressed for; a surface without buttons has none of these flags."""
    ask, detach = getattr(surface, "to_cancel", None), getattr(surface, "detach_requested", None)
    if ask is not None and (asked := ask([job.id for job in waiting])):
        # Beside the waiting: an answer can take its time, and an interrupt must not.
        stop = [job for job in waiting if job.id in asked]
        Thread(target=_cancel, args=(stop,), name="minimax-cancel", daemon=True).start()
    if detach is not None and detach.is_set():
        raise KeyboardInterrupt


def _cancel(jobs: Sequence[Watched]) -> None:
    with ThreadPoolExecutor(MOST_CANCELS) as pool:
        for job in jobs:
            pool.submit(job.cancel)


def watch(context: Context, jobs: Sequence[Watched], *, quiet: bool = False) -> None:
    """Follow the jobs in this cell; an interrupt ends the watching, never the jobs.

    Raises
    ------
    Detached
        On an interrupt, with one line that says how to get the jobs back.
    """
    surface = None
    try:
        surface = None if quiet else choose_surface(context)
        follow(jobs, surface)
    except KeyboardInterrupt:
        # No more than one repaint here: a second interrupt must not hit half-done work.
        views = [job.view() for job in jobs]
        if surface is not None:
            surface.finish(views)
        raise Detached(_detach_note([view for view in views if not view.finished])) from None


def choose_surface(context: Context, *, background: bool = False) -> Surface:
    """Return the surface that the settings and the front end ask for.

    In the background the kernel is free for clicks, so there ``auto`` means buttons.
    """
    mode = str(context.lab.settings.value("live"))
    if mode == "auto" and background and getattr(context.shell, "kernel", None) is not None:
        mode = "widget"
    return choose(mode, context.shell, widget=_widget_surface)


def _widget_surface() -> Surface:
    from minimax_nb.widgets.board import WidgetSurface

    return WidgetSurface()


def _submit(context: Context, request: Request, command: Command, template: str | None) -> Job:
    try:
        return context.lab.submit(
            request,
            provider=command.provider,
            tags=command.tags,
            name=command.out,
            template=template,
            approved=command.yes,
            allow_unpriced=command.allow_unpriced,
            reuse=True if command.reuse else False if command.again else None,
        )
    except KeyboardInterrupt:
        note = "interrupted while the job was handed over; %minimax jobs shows whether it runs"
        raise Detached(note) from None


def finish(context: Context, job: Watched, *, quiet: bool = False) -> Result:
    """Follow a job in this cell and return its result."""
    watch(context, [job], quiet=quiet)
    return job.result()


def store(context: Context, name: str | None, result: Result) -> None:
    """Keep a result as the last one, and under a name."""
    context.lab.last = result
    if name:
        context.store(name, result)


def _background(context: Context, job: Job, command: Command) -> None:
    """Show the card once here; a thread goes on updating it, which displays nothing new and prints nothing."""
    if command.out:
        context.store(command.out, job)
    if command.quiet:
        return
    # What can be listened to while it comes has its player on the HTML board.
    surface = choose_surface(context, background=not job.record.request.get("stream"))
    if isinstance(surface, StaticSurface | TextSurface):
        # These write where the cursor is, so only this cell may; the stage of the moment would be chance.
        surface.finish([replace(job.view(), stage="in the background")])
        return
    surface.show([job.view()])
    follow_behind(context, [job], surface)


def follow_behind(context: Context, jobs: Sequence[Watched], surface: Surface) -> None:
    """Follow jobs in a thread that displays nothing new and prints nothing."""

    def paint() -> None:
        try:
            follow(jobs, surface)
        except KeyboardInterrupt:  # *Detach* was pressed: nobody watches here, and the jobs go on
            surface.finish([job.view() for job in jobs])
        except Exception as error:  # there is no cell to raise in; %minimax traceback shows it
            context.remember(error)

    Thread(target=paint, name="minimax-paint", daemon=True).start()


def _show_dry_run(context: Context, found: DryRun, filled: Filled) -> None:
    from minimax_nb.render.html import dry_run
    from minimax_nb.render.text import dry_run_text

    context.show(dry_run_text(found, filled=filled.names), dry_run(found, filled=filled.names))


def _show(surface: Surface | None, jobs: Sequence[Watched]) -> None:
    if surface is not None and getattr(surface, "due", True):
        surface.show([job.view() for job in jobs])


def _detach_note(going: Sequence[JobView]) -> str:
    if len(going) == 1:
        view = going[0]
        return f"job {view.id} goes on at {view.provider} ({view.cost}); get it with %minimax wait {view.id}"
    if going:
        return f"{len(going)} jobs go on; get them with %minimax wait"
    return "the job was already done; %minimax jobs lists it"


def _no_text(kind: str, cls: type[Request], *, in_cell: bool) -> GrammarError:
    field, other = (
        cls.text_field,
        "".join(f"; or --{name.replace('_', '-')} FILE" for name in cls.text_instead),
    )
    if in_cell:
        return GrammarError(f"the cell is empty: write the {field} below %%minimax {kind}{other}")
    return GrammarError(f"no {field}: write it after the options, or below %%minimax {kind} in a cell{other}")
