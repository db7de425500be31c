"""Jobs followed from a terminal: one line that rewrites itself, then what they brought."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minimax_nb.amounts import count
from minimax_nb.cli.codes import code_of
from minimax_nb.cli.shapes import job_of, sweep_of
from minimax_nb.cli.terminal import Terminal, complain, remark
from minimax_nb.engine.loop import running_engine
from minimax_nb.errors import Detached, MiniMaxError
from minimax_nb.ledger.record import JobState
from minimax_nb.magics.run import Watched, follow
from minimax_nb.render.format import clean
from minimax_nb.render.surface import TextSurface
from minimax_nb.render.text import card_text

if TYPE_CHECKING:
    from minimax_nb.lab import Lab
    from minimax_nb.lab.job import Job
    from minimax_nb.lab.result import Result
    from minimax_nb.lab.sweeps.sweep import Sweep
    from minimax_nb.render.view import JobView

SLICE = 0.1  #: seconds between looks
_NOT_OUT = (JobState.NEW, JobState.SUBMITTING)


class Progress(TextSurface):
    """The running line on standard error; the card goes to standard output, where that is a terminal."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def finish(self, views: Sequence[JobView]) -> None:
        """Erase the line, and print the card for a person."""
        self._over = True
        if self._line:
            self._write("\r" + " " * len(self._line) + "\r")
            self._line = ""
        if sys.stdout.isatty():
            print(card_text(views))


def watch(terminal: Terminal, jobs: Sequence[Watched], *, quiet: bool = False, again: str = "") -> bool:
    """Follow jobs to their end.

    Parameters
    ----------
    again
        What gets them back after an interrupt; the job's own id by default.

    Returns
    -------
    bool
        True when a card was printed, which names the files.

    Raises
    ------
    Detached
        On an interrupt, once this process may end without losing a reply.
    """
    shown = not (quiet or terminal.is_data) and sys.stderr.isatty()
    try:
        follow(jobs, Progress() if shown else None)
    except KeyboardInterrupt:
        raise leave(jobs, again) from None
    return shown and sys.stdout.isatty()


def leave(jobs: Sequence[Watched], again: str = "") -> Detached:
    """Bring jobs to where this process may end: not sent, or in the provider's hands.

    What was not sent is cancelled, for nobody would send it. A paid request on its way is waited for: its
    reply tells the job's id, and the reply that nobody hears is a result that nobody has. A second
    interrupt ends that.
    """
    if sys.stderr.isatty():
        print(file=sys.stderr)  # behind the ^C
    unsent = [job for job in jobs if _state(job) is JobState.NEW and job.cancel()]
    try:
        settle_down(jobs, tell=True)
    except KeyboardInterrupt:
        remark(
            "Left at once: the outcome of a request may be unknown; minimax-nb jobs --unknown lists those."
        )
    going = [job for job in jobs if not job.done]
    parts = [f"{count(len(unsent), 'job')} not sent, at no cost"] if unsent else []
    if going:
        many = len(going) > 1
        which = f"{len(going)} of {len(jobs)} jobs go on" if many else f"job {going[0].id} goes on"
        names = again or ("" if many else going[0].id)
        parts.append(f"{which}; minimax-nb wait {names}".rstrip() + f" gets {'them' if many else 'it'}")
    elif len(unsent) < len(jobs):
        names = again or (jobs[0].id if len(jobs) == 1 else "ID")
        parts.append(f"{'the rest is' if unsent else 'it was'} done already: minimax-nb wait {names}")
    return Detached("; ".join(parts) or "nothing was running")


def driven(lab: Lab) -> list[Job]:
    """Return the jobs that this process drives; an interrupt may come while one is handed over."""
    lab.ledger.open_jobs(0)  # answers only after what is being written
    running = running_engine()
    return [lab.job(live.id) for live in running.open_jobs()] if running else []


def settle_down(jobs: Sequence[Watched], *, tell: bool = False) -> None:
    """Wait until no job is on its way to the provider any more."""
    while any(_state(job) in _NOT_OUT for job in jobs):
        if tell:
            remark(
                "Waiting for the reply to a paid request, so that it is not lost (Ctrl-C again leaves at once) …"
            )
            tell = False
        time.sleep(SLICE)


def _state(job: Watched) -> JobState | None:
    """Return where a job stands that this process drives; ``None`` of one that another does."""
    running = running_engine()
    live = running.jobs.get(job.id) if running else None
    return None if live is None or live.done.is_set() else live.record.state


# --- what they brought ------------------------------------------------------------------------------


def deliver(terminal: Terminal, job: Job, *, quiet: bool = False) -> int:
    """Follow one job and print what it brought: an answer's text, else its files, a path a line.

    Raises
    ------
    MiniMaxError
        The job's own; with ``--json`` the job is printed before.
    """
    said = False
    if job.record.kind == "chat" and not terminal.is_data:
        said = _speak(job)
    shown = watch(terminal, [job], quiet=quiet or job.record.kind == "chat")
    if terminal.is_data:
        terminal.put(job_of(job))
    result = job.result()
    if not (terminal.is_data or shown or said):
        print_result(result)
    if not shown:
        for warning in result.warnings:
            remark(f"note: {warning}")
    return 0


def deliver_sweep(terminal: Terminal, sweep: Sweep, *, quiet: bool = False) -> int:
    """Follow a sweep and print its files; raises one line for all that brought no result."""
    shown = watch(terminal, sweep.members, quiet=quiet, again=sweep.id)
    if terminal.is_data:
        terminal.put(sweep_of(sweep))
    elif not shown:
        for result in sweep.results:
            print_result(result)
    problem = sweep.problem()
    if problem is not None:
        raise problem
    return 0


def deliver_all(terminal: Terminal, jobs: Sequence[Watched], *, quiet: bool = False) -> int:
    """Follow several jobs, print what each brought and complain of each that failed; returns the worst code."""
    shown = watch(terminal, jobs, quiet=quiet)
    codes = [0]
    for job in jobs:
        try:
            result = job.result()
        except MiniMaxError as error:
            complain(error)
            codes.append(code_of(error))
            continue
        if not (shown or terminal.is_data):
            print_result(result)
    return max(codes)


def print_result(result: Result) -> None:
    """Print the text of an answer, of anything else its files, a path a line; of a voice without a file its id."""
    if result.kind == "chat":
        print(clean(result.text))
    elif result.media:
        print("\n".join(str(item.path) for item in result.media))
    elif result.voice_id:
        print(result.voice_id)


def _speak(job: Job) -> bool:
    """Print an answer while it comes; returns True when something was printed."""
    said = False
    try:
        for piece in job.stream():
            if piece.kind == "text":
                print(clean(piece.text), end="", flush=True)
                said = True
    except KeyboardInterrupt:
        print(flush=True)
        raise leave([job]) from None
    if said:
        print()
    return said
