"""``%minimax templates [FILTER]``: the video templates, and what each needs."""

from __future__ import annotations

from typing import Any

from minimax_nb.amounts import count
from minimax_nb.catalog import Template, nearest
from minimax_nb.errors import GrammarError
from minimax_nb.kinds.agent import template_names
from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the templates whose name or description holds the words."""
    wanted = " ".join(words).casefold()
    every = template_names()
    rows = [
        (
            name,
            _needs(item),
            item.description,
            "" if item.region == "global" else item.region.capitalize(),
            item.id,
        )
        for name, item in every.items()
        if wanted in f"{item.name} {item.description} {item.id}".casefold()
    ]
    if not rows:
        asked = " ".join(words)
        raise GrammarError(
            f"no template with {asked!r}; %minimax templates lists all{nearest(asked, list(every))}"
        )
    note = "%%minimax agent --template NAME --image FILE makes a video by one; its text goes below"
    context.table(count(len(rows), "template"), ("template", "needs", "makes", "only in", "id"), rows, note)


def _needs(template: Template) -> str:
    counts = ((template.media_inputs, "image"), (template.text_inputs, "text"))
    named = [word if needed == 1 else count(needed, word) for needed, word in counts if needed]
    return " and ".join(named) or "nothing"
