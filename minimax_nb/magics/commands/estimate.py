"""``%minimax estimate KIND …``: a price in one line."""

from __future__ import annotations

from dataclasses import replace

from minimax_nb.magics.context import Context
from minimax_nb.magics.run import read_kind
from minimax_nb.magics.sweep import is_sweep, read_sweep
from minimax_nb.magics.tokenizer import Line


def run(context: Context, line: Line, kind: str, cell: str | None) -> None:
    """Show what the request would cost, by which price, and what its budgets have left; nothing is sent."""
    line, count = _counted(line, kind)
    if is_sweep(line):
        if count:
            raise line.error("--count counts one request; leave it out with --vary and --each")
        context.show(str(read_sweep(context, line, kind, cell)[0]))
        return
    request, command, _, _ = read_kind(context, line, kind, cell)
    context.show(str(context.lab.forecast(request, provider=command.provider, count=count)))


def _counted(line: Line, kind: str) -> tuple[Line, bool]:
    """Take ``--count`` from a line, which is no option of the kind."""
    flags = [token for token in line.tokens if token.is_option and token.text == "--count"]
    if flags and kind != "chat":
        raise line.error("--count counts the tokens of a chat; other kinds have none", flags[0].start)
    return replace(line, tokens=tuple(token for token in line.tokens if token not in flags)), bool(flags)
