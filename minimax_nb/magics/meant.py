"""What the words of a line stand for: the user's variables, and what the ledger knows by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import GrammarError
from minimax_nb.interpolate import whole_object

if TYPE_CHECKING:
    from minimax_nb.magics.context import Context

_PATH = re.compile(r"\{?([^\W\d]\w*)((?:\.[^\W\d]\w*|\[[^\]]+\])*)\}?")


def objects(context: Context, words: Sequence[str], others: Sequence[str] = ()) -> list[Any]:
    """Return what each word names: a variable (``hero``, ``hero[0]``), else a job, a sweep or a rating, as text.

    Parameters
    ----------
    context
        The shell's side.
    words
        The words.
    others
        What else may stand on the line, for the nearest name.

    Raises
    ------
    GrammarError
        A word names nothing; says the nearest name.
    """
    return [_object(context, word, others) for word in words]


def one_or_all(found: Sequence[Any]) -> Any:
    """Return the only object by itself, else all."""
    return found[0] if len(found) == 1 else list(found)


def _object(context: Context, word: str, others: Sequence[str]) -> Any:
    names = context.names()
    path = _PATH.fullmatch(word)
    if path is not None and path[1] in names and not path[1].startswith("_"):
        return whole_object(f"{{{path[1]}{path[2]}}}", names)
    if _known(context, word):
        return word
    from minimax_nb.catalog import nearest

    held = [name for name, value in names.items() if _holds_results(value)]
    hint = nearest(word, [*held, *others]) or "; %minimax jobs lists the latest jobs"
    raise GrammarError(f"{word!r} is no variable, and no job, sweep or rating in the ledger{hint}")


def _known(context: Context, word: str) -> bool:
    ledger = context.lab.ledger
    return bool(
        ledger.find(word) or ledger.rating_session(word) or len(ledger.frame(["job"], batch=word, latest=1))
    )


def _holds_results(value: Any) -> bool:
    return any(hasattr(value, name) for name in ("job_id", "jobs", "record", "columns"))
