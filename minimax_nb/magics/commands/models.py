"""``%minimax models [KIND]``: the catalog's models."""

from __future__ import annotations

from typing import Any

from minimax_nb.catalog import Model
from minimax_nb.kinds import request_class
from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the models, all or one kind's."""
    kind = words[0] if words else None
    if kind:
        request_class(kind)  # an unknown kind is an error that names the nearest
    rows = [_row(model) for model in context.lab.models(kind)]
    context.table(
        f"Models for {kind}" if kind else "Models", ("provider", "kind", "model", "", "takes"), rows
    )


def _row(model: Model) -> tuple[str, ...]:
    sizes = [f"{seconds} s {'/'.join(sizes)}".strip() for seconds, sizes in model.durations.items()]
    takes = " · ".join([", ".join(model.modes), *sizes]).strip(" ·")
    remark = "default" if model.default else "" if model.status == "current" else model.status
    return model.provider, model.kind, model.name, remark, takes
