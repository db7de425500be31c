"""``%minimax cost [--by provider]``: what was spent."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> Any:
    """Return the costs, summed by provider, model, kind, day or project; the sandbox's stand apart."""
    return context.lab.cost(**options)
