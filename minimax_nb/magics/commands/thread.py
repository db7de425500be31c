"""``%minimax thread [NAME]``: a conversation of this project, or the list of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.magics.context import Context
from minimax_nb.render.format import shorten

_HEADERS = ("thread", "turns", "model", "last asked", "said last")
_SAID = 60


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the conversation of a name, or which there are, the latest first."""
    lab = context.lab
    if words:
        found = lab.thread(words[0])
        if not found:
            from minimax_nb.catalog import nearest

            hint = nearest(words[0], [thread.name for thread in lab.threads()])
            raise RequestInvalidError(f"project {lab.project} has no thread {words[0]!r}{hint}")
        found.show()
        return
    rows = [
        (thread.name, f"{len(thread):,}", thread.model or "", _moment(thread.last_us), _last(thread[-1].said))
        for thread in lab.threads()
        if thread
    ]
    if rows:
        note = "%minimax thread NAME shows one; %%minimax chat --thread NAME goes on with it"
        context.table(f"Threads of {lab.project}, the latest first", _HEADERS, rows, note)
    else:
        context.show(f"No thread in {lab.project} yet: %%minimax chat --thread NAME begins one.")


def _last(said: str) -> str:
    return shorten(said, _SAID)


def _moment(at_us: int | None) -> str:
    return "" if at_us is None else f"{datetime.fromtimestamp(at_us / 1e6).astimezone():%Y-%m-%d %H:%M}"
