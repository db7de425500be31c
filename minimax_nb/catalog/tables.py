"""Reading the data files: TOML in, checked tables out, one clear line for what is wrong and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from minimax_nb.catalog.nearest import nearest
from minimax_nb.errors import ConfigError

Table = dict[str, Any]

_WORDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    dict: "a table",
    list: "a list",
    date: "a date",
}


def fail(file: Path, entry: str, message: str) -> NoReturn:
    """Raise ConfigError that names the file and the entry."""
    raise ConfigError(f"{file}: {f'{entry}: ' if entry else ''}{message}")


def read(file: Path) -> Table:
    """Return a TOML file's tables.

    Raises
    ------
    ConfigError
        When the file cannot be read or is not TOML.
    """
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error


def check(
    file: Path, entry: str, table: Mapping[str, Any], fields: Mapping[str, type], required: Iterable[str] = ()
) -> None:
    """Raise ConfigError unless all keys are known, of the right type, and the required ones present.

    A ``float`` field also takes whole numbers; an ``object`` field takes anything.
    """
    for key, value in table.items():
        if key not in fields:
            fail(file, entry, f"unknown key {key!r}{nearest(key, fields)}")
        if not _fits(value, fields[key]):
            fail(file, entry, f"{key} must be {_WORDS.get(fields[key], 'a number')}, not {value!r}")
    missing = [key for key in required if key not in table]
    if missing:
        fail(file, entry, f"{', '.join(missing)} missing")


def _fits(value: Any, wanted: type) -> bool:
    # Exact types: true is no number, and a date with a time of day is no date.
    return wanted is object or type(value) in ((int, float) if wanted is float else (wanted,))


def listed(file: Path, content: Table, name: str) -> Iterator[Table]:
    """Yield the ``[[name]]`` tables of a file's content."""
    for table in content.get(name, []):
        if not isinstance(table, dict):
            fail(file, name, f"write [[{name}]] tables")
        yield table


def strings(file: Path, entry: str, key: str, value: Any) -> tuple[str, ...]:
    """Return a list of texts (or one text) as a tuple."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        fail(file, entry, f"{key} must be a list of text, not {value!r}")
    return tuple(items)


def frozen(value: Any) -> Any:
    """Return TOML data that cannot be changed: tuples for lists, read-only mappings for tables."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    return value
