"""``%minimax measure [WHAT …] [NAMES …]``: numbers worked out of results."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context
from minimax_nb.magics.meant import objects, one_or_all

_NOTE = "lab.measure(…) is the same as a DataFrame; %minimax leaderboard has them as columns"


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Measure results, all of this project when none is named, and show the numbers as a table."""
    from minimax_nb.measures import known

    lab, there = context.lab, known()
    names = [word for word in words if word in there and word not in context.names()]
    found = objects(context, [word for word in words if word not in names], list(there))
    what = one_or_all(found) if found else lab.log(["job"], project=lab.project)
    frame = lab.measure(what, *names)
    if frame.empty:
        context.show("There is nothing to measure yet.")
        return
    rows = [
        (
            str(job),
            *(cell if isinstance(cell, str) else "" if cell != cell else f"{cell:.4g}" for cell in row),
        )
        for job, row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True)
    ]
    units = [f"{name} ({there[name].unit})" if there[name].unit else name for name in frame.columns[1:]]
    helps = "; ".join(f"{name}: {there[name].help}" for name in frame.columns[1:] if there[name].help)
    context.table("Measures", ("job", "model", *units), rows, f"{helps}\n{_NOTE}" if helps else _NOTE)
