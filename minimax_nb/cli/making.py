"""A kind's line: ``minimax-nb image "A red fox" -n 2``, read by the magic's own grammar and option tables."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.cli import shapes
from minimax_nb.cli.table import KIND_OPTIONS, SHELL_OPTIONS
from minimax_nb.cli.terminal import Terminal, folder_of, remark
from minimax_nb.cli.watching import deliver, deliver_sweep, driven, leave, settle_down
from minimax_nb.cli.words import line_of, take, with_flag
from minimax_nb.errors import ConfigError, GrammarError
from minimax_nb.kinds import option_table, request_class
from minimax_nb.magics.options import Opt
from minimax_nb.magics.run import read_kind
from minimax_nb.magics.sweep import is_sweep, read_sweep, show_plan
from minimax_nb.magics.tokenizer import Line, Token
from minimax_nb.render.text import dry_run_text

if TYPE_CHECKING:
    from minimax_nb.kinds.base import Request
    from minimax_nb.lab import Lab
    from minimax_nb.lab.dryrun import DryRun
    from minimax_nb.lab.sweeps.plan import SweepPlan
    from minimax_nb.magics.grammar import Command

ROWS = "rows_of_the_file"  #: stands on the line for what --each has read


def make(words: Sequence[str]) -> int:
    """Ask for what a line of a kind says, and print what comes: text, or files, a path a line.

    Parameters
    ----------
    words
        The kind, its options and the text; a lone ``-`` as the text is read from standard input.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    MiniMaxError
        What the grammar, the request, the lab or the job found wrong.
    """
    terminal, line, own = opened(words)
    lab = terminal.lab
    if (folder := folder_of(own.get("out"))) is not None:
        lab.settings.set("links", str(folder), "--out")
    kind = line.tokens[0].text
    if is_sweep(line):
        return _sweep(terminal, line, kind, detach=own.get("detach", False))
    request, command = read_one(terminal, line, kind)
    if command.dry_run:
        _dry_run(terminal, lab.dry_run(request, provider=command.provider))
        return 0
    if own.get("detach"):
        _check_outlives(lab)
    try:
        job = lab.submit(
            request,
            provider=command.provider,
            tags=command.tags,
            approved=command.yes,
            allow_unpriced=command.allow_unpriced,
            reuse=True if command.reuse else False if command.again else None,
        )
    except KeyboardInterrupt:
        raise leave(driven(lab)) from None
    if not own.get("detach"):
        return deliver(terminal, job, quiet=command.quiet)
    try:
        settle_down([job])
    except KeyboardInterrupt:
        raise leave([job]) from None
    if job.done:
        job.result()  # raises where it was refused
    if terminal.is_data:
        terminal.put(shapes.row_of(job.record))
    else:
        print(job.id)
    return 0


def opened(
    words: Sequence[str], own_options: Sequence[Opt] = SHELL_OPTIONS, *, at: int = 0
) -> tuple[Terminal, Line, dict[str, Any]]:
    """Return the terminal, the line from its kind on, and the shell's own options on it.

    Parameters
    ----------
    own_options
        What is read here, and not by the kind's grammar.
    at
        Where the kind stands among the words.
    """
    line = line_of(words)
    line = replace(line, tokens=line.tokens[at:])
    first = line.tokens[0]
    kind = first.text.replace("_", "-")
    line = replace(line, tokens=(replace(first, text=kind), *line.tokens[1:]))
    own, line = take(line, own_options, _others(kind), kind)
    rows: dict[str, Any] = {}
    line = _with_rows(line, rows)
    return Terminal("json" if own.get("json") else "table", rows), line, own


def read_one(terminal: Terminal, line: Line, kind: str) -> tuple[Request, Command]:
    """Read a line that asks for one result; braces are the text's own, for there are no variables."""
    cls = request_class(kind)
    if not sys.stdin.closed and [token.text for token in line.tokens[1:]].count("-") == 1:
        line = _with_input(line)
    try:
        request, command, _, _ = read_kind(terminal, with_flag(line, "--raw"), kind, None)
    except GrammarError as error:
        if error.message.startswith(f"no {cls.text_field}:"):
            hint = f"no {cls.text_field}: write it in quotes, or - to read it from standard input"
            raise GrammarError(hint) from None
        raise
    return request, command


def _others(kind: str) -> tuple[Any, ...]:
    return (*(row for row in KIND_OPTIONS if row not in SHELL_OPTIONS), *option_table(request_class(kind)))


def _with_input(line: Line) -> Line:
    """Return the line with standard input in the place of its ``-``."""
    text = sys.stdin.read().strip()
    place = next(number for number, token in enumerate(line.tokens) if token.text == "-" and number)
    if (
        line.tokens[place - 1].is_option
        and "=" not in line.tokens[place - 1].text
        and _takes(line, place - 1)
    ):
        new = replace(line.tokens[place], text=text, quoted=True)
        return replace(line, tokens=(*line.tokens[:place], new, *line.tokens[place + 1 :]))
    # The line's end, so that the text is there to be taken from it to the letter.
    start = len(line.source) + 1
    tokens = (*line.tokens[:place], *line.tokens[place + 1 :])
    return Line(f"{line.source} {text}", (*tokens, Token(text, start, start + len(text), quoted=True)))


def _takes(line: Line, place: int) -> bool:
    """Return True when the option at this place takes the word behind it."""
    name = line.tokens[place].text.lstrip("-").replace("_", "-")
    rows = _others(line.tokens[0].text)
    row = next((row for row in rows if name in (row.name, row.short, *row.aliases)), None)
    return row is not None and row.type is not bool


def _with_rows(line: Line, rows: dict[str, Any]) -> Line:
    """Return the line with a name in the place of the file behind ``--each``, whose rows go under that name."""
    for place, token in enumerate(line.tokens):
        name, equals, value = token.text.partition("=")
        if not token.is_option or name != "--each":
            continue
        at = place if equals else place + 1
        if at == len(line.tokens):
            break  # the grammar says that a value is missing
        rows[ROWS] = _read_rows(Path(value if equals else line.tokens[at].text).expanduser())
        new = replace(line.tokens[at], text=f"--each={ROWS}" if equals else ROWS)
        return replace(line, tokens=(*line.tokens[:at], new, *line.tokens[at + 1 :]))
    return line


def _read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a .csv with a header line, of a .json array or of .jsonl."""
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix.lower() == ".json":
            found = json.loads(text)
        elif path.suffix.lower() == ".jsonl":
            found = [json.loads(each) for each in text.splitlines() if each.strip()]
        else:
            found = [dict(row) for row in csv.DictReader(text.splitlines(keepends=True))]
    except OSError as error:
        raise GrammarError(f"--each {path}: {error.strerror or error}") from None
    except (ValueError, csv.Error) as error:
        raise GrammarError(f"--each {path} cannot be read: {error}") from None
    if not (isinstance(found, list) and found and all(isinstance(row, dict) for row in found)):
        raise GrammarError(
            f"--each {path}: has no rows; a .csv with a header line, or a .json array of objects"
        )
    return found


def _sweep(terminal: Terminal, line: Line, kind: str, *, detach: bool) -> int:
    plan, command = read_sweep(terminal, line, kind, None)
    if command.dry_run:
        _plan(terminal, plan)
        return 0
    if detach:
        _check_outlives(terminal.lab)
    if not command.quiet:
        remark(plan.line())
    sweep = plan.start()
    if not detach:
        return deliver_sweep(terminal, sweep, quiet=command.quiet)
    try:
        settle_down(sweep.members)
    except KeyboardInterrupt:
        raise leave(sweep.members, sweep.id) from None
    if terminal.is_data:
        terminal.put({"sweep": sweep.id, "jobs": [shapes.row_of(job.record) for job in sweep.jobs]})
    else:
        print(sweep.id)
    return 0


def _check_outlives(lab: Lab) -> None:
    """Refuse to leave a job with a sandbox that ends together with this command."""
    if lab._connections.uses_sandbox and not str(lab.settings.value("sandbox")).startswith("http"):
        raise ConfigError(
            "--detach: the embedded sandbox ends with this command, and the job with it",
            hint="Run minimax-nb sandbox, and set MINIMAX_NB_SANDBOX to the address it prints",
        )


def _plan(terminal: Terminal, plan: SweepPlan) -> None:
    if not terminal.is_data:
        show_plan(terminal, plan)
        return
    jobs = [
        {
            **shapes.row_of_request(cell.provider, cell.request),
            "axes": dict(cell.axes),
            **shapes.money({"estimate": priced.quote.amount_nano}),
            "currency": priced.quote.currency,
            "from_ledger": found is not None,
        }
        for cell, priced, found in zip(plan.cells, plan.priced, plan.found, strict=True)
    ]
    terminal.put({"sweep": plan.batch, "jobs": jobs})


def _dry_run(terminal: Terminal, run: DryRun) -> None:
    if not terminal.is_data:
        print(dry_run_text(run))
        return
    quote = run.quote
    terminal.put(
        {
            "provider": run.provider,
            "method": run.method,
            "url": run.url,
            "headers": dict(run.headers),
            "body": dict(run.body),
            "uploads": list(run.uploads),
            **shapes.money({"estimate": quote.amount_nano}),
            "currency": quote.currency,
            "price_note": quote.note,
            "price_source": quote.source,
        }
    )
