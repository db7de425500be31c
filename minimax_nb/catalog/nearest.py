"""The nearest known name, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """Return ``"; did you mean 'x'?"`` for the name most like ``word``, or ``""``.

    Parameters
    ----------
    word
        What was typed; case is ignored.
    names
        The names that would have been right.
    cutoff
        Least likeness, 0 to 1 (difflib's ratio).
    """
    from difflib import get_close_matches

    by_folded: dict[str, str] = {}
    for name in names:
        by_folded.setdefault(name.casefold(), name)
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return f"; did you mean {by_folded[found[0]]!r}?" if found else ""
