"""What an account may upload: which types and sizes by purpose, and how long they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minimax_nb.catalog import tables

_PURPOSE: dict[str, type] = {
    "provider": str, "name": str, "title": str, "megabytes": dict, "kept_days": int, "seconds_min": float,
    "seconds_max": float, "seconds_below": float, "characters_max": int, "upload": bool, "source": str,
    "retrieved": date,
}  # fmt: skip
_REQUIRED = ("provider", "name", "title", "source", "retrieved")


@dataclass(frozen=True, slots=True)
class FilePurpose:
    """One use of uploaded files, in the provider's word for it.

    Parameters
    ----------
    provider, name
        The key; ``name`` is what goes over the wire.
    title
        What it is for, in a few words.
    bytes_max
        Greatest size in bytes by file name ending; empty where nothing can be uploaded for it.
    kept_days
        Days after which the provider deletes it; ``None`` where no such term is stated.
    seconds_min, seconds_max, seconds_below
        Length of a recording: from, to, and shorter than; ``None`` where there is no such limit.
    characters_max
        Most characters of a text; ``None`` where there is no such limit.
    upload
        False for what only the provider itself stores, such as results.
    source, retrieved
        Where the entry was read, and when.
    """

    provider: str
    name: str
    title: str
    source: str
    retrieved: date
    bytes_max: Mapping[str, int]
    kept_days: int | None = None
    seconds_min: float | None = None
    seconds_max: float | None = None
    seconds_below: float | None = None
    characters_max: int | None = None
    upload: bool = True

    @property
    def endings(self) -> tuple[str, ...]:
        """The file name endings that may be uploaded."""
        return tuple(self.bytes_max)


def purposes(files: Iterable[Path]) -> Mapping[tuple[str, str], FilePurpose]:
    """Read the purposes by provider and name; an entry of a later file changes only the fields it gives."""
    found: dict[tuple[str, str], tables.Table] = {}
    for file in files:
        content = tables.read(file)
        tables.check(file, "", content, {"purpose": list})
        for table in tables.listed(file, content, "purpose"):
            label = f"purpose {table.get('name', '?')}"
            tables.check(file, label, table, _PURPOSE, ("provider", "name"))
            key = (str(table["provider"]), str(table["name"]))
            merged = {**found.get(key, {}), **table}
            tables.check(file, label, merged, _PURPOSE, _REQUIRED)
            for ending, megabytes in merged.get("megabytes", {}).items():
                if type(megabytes) is not int or megabytes < 1:
                    tables.fail(file, label, f"megabytes of {ending} must be a whole number, 1 or more")
            found[key] = merged
    return {key: _purpose(table) for key, table in found.items()}


def _purpose(table: tables.Table) -> FilePurpose:
    sizes = {ending: count * 2**20 for ending, count in table.get("megabytes", {}).items()}
    rest = {key: value for key, value in table.items() if key != "megabytes"}
    return FilePurpose(bytes_max=tables.frozen(sizes), **rest)
