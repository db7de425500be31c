"""``%minimax doctor``: what works, what does not, and the fix."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Check keys, hosts, balance, clock, ledger, disk and versions; nothing paid is called."""
    from minimax_nb.doctor import examine
    from minimax_nb.doctor.finding import HEADERS
    from minimax_nb.render.html import table

    report = examine(context.lab)
    context.show(str(report), table(report.title, HEADERS, report.rows()))
