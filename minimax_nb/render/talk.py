"""A conversation as a whole: its turns under one headline, as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_nb.amounts import count
from minimax_nb.render import format as fmt

#: What was said, and the answer.
Pair = tuple[str, str]


def talk_html(name: str, model: str | None, system: str | None, turns: Sequence[Pair]) -> str:
    """Return a conversation as HTML.

    Parameters
    ----------
    name, model, system
        The thread, who answers in it, and how.
    turns
        The turns, oldest first.
    """
    from minimax_nb.render.html import _render

    return _render("thread.html.j2", headline=_headline(name, model, turns), system=system, turns=turns)


def talk_text(name: str, model: str | None, system: str | None, turns: Sequence[Pair]) -> str:
    """Return a conversation as text; parameters as of :func:`talk_html`."""
    parts = [_headline(name, model, turns)]
    if system:
        parts[0] += f"\n  system: {fmt.shorten(system, 300)}"
    parts += [
        f"> {said.strip().replace(chr(10), chr(10) + '> ')}\n\n{answer.strip()}" for said, answer in turns
    ]
    return fmt.clean("\n\n".join(parts))


def _headline(name: str, model: str | None, turns: Sequence[Pair]) -> str:
    return " · ".join(part for part in (f"thread {name}", count(len(turns), "turn"), model) if part)
