"""What may stand behind ``--vary`` and ``--each``: options and their values, and variables that hold rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from minimax_nb.magics import candidates
from minimax_nb.magics.candidates import Found, Wanted


def axes(wanted: Wanted) -> list[Found]:
    """Return ``name=`` for what can vary, and behind it the values that are not in the list yet."""
    from minimax_nb.kinds import option_table, request_class

    rows = {row.name: row for row in option_table(request_class(wanted.kind)) if not row.hidden}
    name, equals, typed = wanted.fragment.partition("=")
    if not equals:
        names = [(f"{known}=", "option to vary") for known in ("provider", *rows)]
        return candidates.matching(names, name)
    row = rows.get(name.replace("_", "-"))
    head, comma, last = typed.rpartition(",")
    before = f"{name}={head}{comma}"
    given = set(head.split(","))
    inner = replace(wanted, fragment=last, model=None if name == "model" else wanted.model)
    if name == "provider":
        found = candidates.matching(candidates.providers_of(wanted.kind), last)
    else:
        found = candidates.values(row, inner) if row is not None else []
    return [(before + text, what) for text, what in found if text not in given]


def row_sets(names: Mapping[str, Any], fragment: str) -> list[Found]:
    """Return the variables that hold a data frame or a list of dicts."""
    found = [
        (name, type(value).__name__)
        for name, value in names.items()
        if not name.startswith("_") and _has_rows(value)
    ]
    return candidates.matching(found, fragment)


def _has_rows(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], Mapping)
    return hasattr(type(value), "to_dict") and hasattr(type(value), "columns")
