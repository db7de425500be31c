"""A command's line: read against its row of the table, then answered here or by the magic's subcommand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from minimax_nb.cli.table import OBJECTS, SHELL_COMMANDS, TABLES
from minimax_nb.cli.terminal import Terminal
from minimax_nb.cli.words import line_of
from minimax_nb.errors import GrammarError
from minimax_nb.magics.grammar import scan, values

#: Commands that are not answered by the subcommand of their name, and where they are: module and function.
_HERE: Mapping[str, tuple[str, str]] = {
    "wait": ("acting", "wait"),
    "resume": ("acting", "resume"),
    "resend": ("acting", "resend"),
    "config": ("acting", "config"),
    "doctor": ("acting", "doctor"),
    "export": ("giving", "export"),
    "import": ("giving", "take_in"),
    "sandbox": ("serving", "sandbox"),
    "webhook": ("serving", "webhook"),
    "quickstart": ("serving", "quickstart"),
    "completion": ("completion", "script"),
}
Handler = Callable[[Terminal, list[str], dict[str, Any]], int | None]


def command(words: Sequence[str]) -> int:
    """Run ``minimax-nb COMMAND …`` and return its exit code.

    Raises
    ------
    MiniMaxError
        What the grammar or the command found wrong.
    """
    name = words[0]
    row = SHELL_COMMANDS[name]
    if row.of_kind:
        from minimax_nb.cli.acting import estimate

        return estimate(words)
    line = line_of(words)
    found = scan(line, row.options, line.tokens[1:], name)
    given = [token.text for token in found.words]
    if len(given) > row.words:
        raise GrammarError(f"usage: minimax-nb {row.usage}")
    options = values(found)
    terminal = Terminal(_form(options))
    if name in _HERE:
        module, function = _HERE[name]
        handler: Handler = getattr(import_module(f"minimax_nb.cli.{module}"), function)
        return handler(terminal, given, options) or 0
    if terminal.is_data and name in (*TABLES, *OBJECTS):
        from minimax_nb.cli.looking import answer

        terminal.put(answer(terminal, name, given, options))
        return 0
    if name == "cancel":
        _take_over(terminal)
    for extra in ("limit", "columns"):  # of the rows for programs
        if name == "log" and extra in options:
            _limit(given, options, extra)
    if name == "sheet" and "to" not in options:
        raise GrammarError("a terminal shows no pictures: minimax-nb sheet ID … --to FILE.jpg")
    shown = import_module(f"minimax_nb.magics.commands.{name}").run(terminal, given, options)
    if shown is not None:
        print(shown)
    return 0


def _form(options: dict[str, Any]) -> str:
    json, form = options.pop("json", False), options.pop("format", None)
    if json and form not in (None, "json"):
        raise GrammarError(f"--json and --format {form} say the opposite; use one")
    return "json" if json else form or "table"


def _take_over(terminal: Terminal) -> None:
    """Adopt jobs whose process is gone: only who drives a job can cancel it."""
    terminal.lab.arrive()
    terminal.lab._arrival.wait()


def _limit(given: list[str], options: dict[str, Any], extra: str) -> None:
    from minimax_nb.cli.words import number

    if extra == "columns":
        raise GrammarError("--columns is of --format csv and --json")
    many = number(options, "limit")
    del options["limit"]
    if given:
        raise GrammarError(f"log {given[0]} and --limit say the same; use one")
    given.append(str(many or 10**9))
