"""Find out what a line asks for, and hand it on."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from keyword import iskeyword
from typing import Any

from minimax_nb.magics.commands import COMMANDS
from minimax_nb.magics.context import Context
from minimax_nb.magics.grammar import scan, values
from minimax_nb.magics.helptext import show_help
from minimax_nb.magics.tokenizer import Line, tokenize

_HELP = ("--help", "-h")


def dispatch(context: Context, line: str, cell: str | None) -> Any:
    """Run one ``%minimax`` line or ``%%minimax`` cell.

    Parameters
    ----------
    context
        The shell's side.
    line
        What follows the magic's name.
    cell
        The cell's body; ``None`` for a line magic.

    Returns
    -------
    object
        A DataFrame for ``log`` and ``cost``; ``None`` for everything that shows itself.

    Raises
    ------
    MiniMaxError, Detached
        To be shown as their own lines.
    """
    words = tokenize(line)
    if not words.tokens:
        if cell is not None:
            raise words.error("say what to make: %%minimax image (%minimax help lists the kinds)")
        return _run(context, words, "status")
    first = words.tokens[0]
    if any(token.text in _HELP and not token.quoted for token in words.tokens):
        return show_help(context, None if first.text in _HELP else first.text)
    if first.text in COMMANDS:
        if COMMANDS[first.text].of_kind:
            return _of_kind(context, words, first.text, cell)
        if cell is not None:
            raise words.error(
                f"{first.text} has no text below: write %minimax {first.text} with one %", first.start
            )
        return _run(context, words, first.text)
    from minimax_nb.kinds import KIND_NAMES

    kind = first.text.replace("_", "-")
    if kind in KIND_NAMES:
        from minimax_nb.magics.run import run_kind

        return run_kind(context, words, kind, cell)
    from minimax_nb.catalog import nearest

    if first.is_option:
        raise words.error("the kind comes first: image, video, speech …; then the options", first.start)
    hint = nearest(first.text, [*KIND_NAMES, *COMMANDS]) or "; %minimax help lists them"
    raise words.error(f"no kind or subcommand {first.text!r}{hint}", first.start)


def _run(context: Context, line: Line, name: str) -> Any:
    """Read a subcommand's words and options and run it."""
    command = COMMANDS[name]
    found = scan(line, command.options, line.tokens[1:], name)
    words = [token.text for token in found.words] + ([line.rest_text] if line.rest_text else [])
    if len(words) > command.words:
        raise line.error(f"usage: %minimax {command.usage}")
    options = values(found)
    module = import_module(f"minimax_nb.magics.commands.{name}{'_' * iskeyword(name)}")
    if command.arrives:
        context.arrive()
    return module.run(context, words, options)


def _of_kind(context: Context, line: Line, name: str, cell: str | None) -> Any:
    """Run a subcommand whose words are the line of a kind: ``estimate image --n 4 A fox``."""
    from minimax_nb.kinds import KIND_NAMES

    rest = replace(line, tokens=line.tokens[1:])
    kind = rest.tokens[0].text.replace("_", "-") if rest.tokens else ""
    if kind not in KIND_NAMES:
        from minimax_nb.catalog import nearest

        hint = nearest(kind, KIND_NAMES) or f", as in %minimax {name} image A fox"
        raise line.error(f"{name} needs a kind{hint}", rest.tokens[0].start if rest.tokens else None)
    return import_module(f"minimax_nb.magics.commands.{name}").run(context, rest, kind, cell)
