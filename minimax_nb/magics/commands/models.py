"""``%minimax models [KIND]``: the catalog's models; with ``--account`` those that the account lists."""

from __future__ import annotations

from typing import Any

from minimax_nb.catalog import Model
from minimax_nb.errors import GrammarError
from minimax_nb.kinds import KIND_NAMES, request_class
from minimax_nb.magics.context import Context
from minimax_nb.providers import provider_names


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the models, all or one kind's."""
    if options.get("account"):
        _account(context, words[0] if words else None, options)
        return
    for name in ("api", "provider"):
        if name in options:
            raise GrammarError(f"--{name} asks an account; add --account")
    kind = words[0] if words else None
    if kind:
        request_class(kind)  # an unknown kind is an error that names the nearest
    rows = [_row(model) for model in sorted(context.lab.models(kind), key=_place)]
    context.table(
        f"Models for {kind}" if kind else "Models", ("provider", "kind", "model", "status", "takes"), rows
    )


def _account(context: Context, model: str | None, options: dict[str, Any]) -> None:
    asked = {name: options[name] for name in ("api", "provider") if name in options}
    rows = [
        (item.id, "yes" if item.listed else "no", "yes" if item.known else "no: its price is not known")
        for item in context.lab.account_models(model, **asked)
    ]
    context.table("Text models of the account", ("model", "the account lists it", "in the catalog"), rows)


def _place(model: Model) -> tuple[int, int]:
    """Return where a model stands: with those of its provider, and there with those of its kind."""
    known = list(KIND_NAMES)
    return provider_names().index(model.provider), known.index(model.kind) if model.kind in known else len(
        known
    )


def _row(model: Model) -> tuple[str, ...]:
    sizes = [f"{_span(seconds)} s {'/'.join(sizes)}".strip() for sizes, seconds in _by_sizes(model).items()]
    modes = ", ".join(mode for mode in model.modes if mode != model.kind)
    takes = " · ".join([modes, *sizes]).strip(" ·")
    remark = (
        "default" if model.default else "" if model.status == "current" else model.status.replace("-", " ")
    )
    return model.provider, model.kind, model.name, remark, takes


def _by_sizes(model: Model) -> dict[tuple[str, ...], list[int]]:
    """Return the lengths by the resolutions made at them."""
    found: dict[tuple[str, ...], list[int]] = {}
    for seconds, sizes in model.durations.items():
        found.setdefault(sizes, []).append(seconds)
    return found


def _span(seconds: list[int]) -> str:
    """``6``; ``6, 10``; ``4 to 15`` for a run."""
    run = len(seconds) > 2 and seconds == list(range(seconds[0], seconds[-1] + 1))
    return f"{seconds[0]} to {seconds[-1]}" if run else ", ".join(map(str, seconds))
