"""``%minimax link [NOTEBOOK]``: a baked notebook back to links, with the files beside it."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.commands.bake import places, remark
from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Turn embedded media into links, and write the files that are missing."""
    path, to = places(words, options.get("to"), "linked")
    done = context.lab.link(path, to=to)
    context.show(f"{done}\n{remark(options, to)}".rstrip())
