"""Completion in ``%minimax`` lines and cells: what IPython asks, and where it is registered.

Loading this module imports nothing; what the answers need is imported by the first of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

IDENTIFIER = "minimax_nb"


def register(shell: Any) -> None:
    """Ask us first when something is completed in this shell; a second time changes nothing."""
    matchers = _matchers(shell)
    if not any(_is_ours(item) for item in matchers):
        matchers.append(matcher(shell))


def unregister(shell: Any) -> None:
    """Ask us no more."""
    matchers = _matchers(shell)
    matchers[:] = [item for item in matchers if not _is_ours(item)]


def matcher(shell: Any) -> Callable[[Any], dict[str, Any]]:
    """Return the function that IPython's completer calls.

    It answers for our lines alone, and then keeps the other matchers (Jedi, which would read a prompt
    as Python) from answering too. It reads the catalog, the settings and the ledger's file, asks no
    network, and never raises: a completion that fails must not write into the user's notebook.
    """
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(identifier=IDENTIFIER)  # type: ignore[untyped-decorator]
    def minimax_matcher(context: Any) -> dict[str, Any]:
        if "minimax" not in context.full_text:
            return {"completions": []}
        try:
            from minimax_nb.magics.context import Context
            from minimax_nb.magics.suggest import suggest

            place = (context.full_text, context.cursor_line, context.cursor_position)
            fragment, found = suggest(*place, Context(shell).names())
        except Exception:
            return {"completions": []}
        if not found:
            return {"completions": []}
        return {
            "completions": [SimpleCompletion(text=text, type=what) for text, what in found],
            "matched_fragment": fragment,
            "suppress": True,
            "ordered": True,
        }

    answer: Callable[[Any], dict[str, Any]] = minimax_matcher
    return answer


def _matchers(shell: Any) -> list[Any]:
    completer = getattr(shell, "Completer", None)
    return [] if completer is None else completer.custom_matchers


def _is_ours(item: Any) -> bool:
    return getattr(item, "matcher_identifier", None) == IDENTIFIER
