"""``%minimax estimate KIND …``: a price in one line."""

from __future__ import annotations

from minimax_nb.magics.context import Context
from minimax_nb.magics.run import read_kind
from minimax_nb.magics.tokenizer import Line


def run(context: Context, line: Line, kind: str, cell: str | None) -> None:
    """Show what the request would cost, by which price, and what its budgets have left; nothing is sent."""
    request, command, _, _ = read_kind(context, line, kind, cell)
    context.show(str(context.lab.forecast(request, provider=command.provider)))
