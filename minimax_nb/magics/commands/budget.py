"""``%minimax budget``: the limits on spending, and what is left of them."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.lab.budgeting import HEADERS, row_of, scope_words
from minimax_nb.magics.context import Context

_SCOPE = ("soft", "sandbox", "session", "kind", "provider", "project")


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Set or remove a budget when one is given, then show all of them."""
    lab = context.lab
    removed = options.pop("remove", None)
    note = ""
    if removed is not None:
        if words or options:
            raise GrammarError("--remove stands alone: %minimax budget --remove ID")
        note = f"Removed: {scope_words(lab.remove_budget(removed))}"
    elif words:
        budget = lab.budget(
            words[0], per=options.get("per"), **{key: options[key] for key in _SCOPE if key in options}
        )
        setting = lab.settings.get("budget")
        if setting.value is not None and not budget.scope and not budget.sandbox:
            note = f"The setting budget={setting.shown} ({setting.source}) is applied when a kernel starts."
    elif options:
        raise GrammarError(f"--{next(iter(options))} needs an amount: %minimax budget 5 --per day")
    found = lab.budgets()
    if not found:
        context.show(f"{note}\n".lstrip() + "No budget: %minimax budget 5 --per day sets one.")
        return
    context.table("Budgets", HEADERS, [row_of(item) for item in found], note or _KINDS)


_KINDS = "A hard limit refuses what could cross it, a soft one warns. Periods begin at midnight UTC"
