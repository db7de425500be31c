"""From checked tables to catalog entries; a later file overrides and extends an earlier one by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from minimax_nb.catalog import prices, tables
from minimax_nb.catalog.entries import LIMIT_KEYS, STATUSES, Limit, Model, Template, Voice, readable
from minimax_nb.catalog.nearest import nearest
from minimax_nb.catalog.prices import PriceBook
from minimax_nb.catalog.tables import Table

_MODEL: dict[str, type] = {
    "base": str, "provider": str, "kind": str, "name": str, "title": str, "default": bool, "defaults": dict,
    "modes": list, "durations": dict, "limits": dict, "rpm_class": str, "typical_seconds": float, "status": str,
    "wire": str, "aliases": list, "note": str, "api": str, "unserved": bool, "source": str, "retrieved": date,
}  # fmt: skip
_MODEL_KEY = ("provider", "kind", "name")
_MODEL_REQUIRED = (*_MODEL_KEY, "title", "rpm_class", "typical_seconds", "source", "retrieved")
_LIMIT: dict[str, type] = {
    "provider": str, "name": str, "rpm": int, "concurrency": int, "tpm": int, "poll_first": float, "poll_every": float,
    "poll_floor": float, "source": str, "retrieved": date,
}  # fmt: skip
_LIMIT_KEY = ("provider", "name")
_LIMIT_REQUIRED = (*_LIMIT_KEY, "poll_first", "poll_every", "poll_floor", "source", "retrieved")
_TEMPLATE: dict[str, type] = {
    "id": str, "name": str, "description": str, "media_inputs": int, "text_inputs": int, "region": str,
    "source": str, "retrieved": date,
}  # fmt: skip
_GROUP: dict[str, type] = {
    "language": str, "title": str, "female": list, "male": list, "unstated": list, "source": str, "retrieved": date,
}  # fmt: skip


def models(files: Iterable[Path]) -> tuple[Model, ...]:
    """Read the models. An entry of a later file changes only the fields it gives."""
    bases: dict[str, Table] = {}
    found: dict[tuple[str, ...], Table] = {}
    defaults: dict[tuple[str, str], str] = {}
    for file in files:
        named: dict[tuple[str, str], str] = {}
        content = tables.read(file)
        tables.check(file, "", content, {"base": dict, "model": list})
        for name, table in content.get("base", {}).items():
            if not isinstance(table, dict):
                tables.fail(file, f"base {name}", f"write [base.{name}]")
            tables.check(file, f"base {name}", table, _MODEL)
            bases[name] = _based(file, f"base {name}", table, bases)
        for table in tables.listed(file, content, "model"):
            label = f"model {table.get('name', '?')}"
            tables.check(file, label, table, _MODEL, ("name",))
            known = _based(file, label, table, bases)
            entry = _key(file, "model", known, _MODEL_KEY)
            found[entry] = _merged(found.get(entry, {}), {**known, "file": file})
            if known.get("default"):
                place = (known["provider"], known["kind"])
                if place in named:
                    tables.fail(file, label, f"{named[place]} is the default already")
                named[place] = known["name"]
        defaults |= named
    return tuple(_model(entry, table, defaults) for entry, table in found.items())


def _key(file: Path, word: str, table: Table, names: Sequence[str]) -> tuple[str, ...]:
    missing = [name for name in names if not isinstance(table.get(name), str)]
    if missing:
        shown = " ".join(str(table[name]) for name in names if name in table)
        tables.fail(file, f"{word} {shown}".strip(), f"{', '.join(missing)} missing")
    return tuple(table[name] for name in names)


def _based(file: Path, entry: str, table: Table, bases: Mapping[str, Table]) -> Table:
    name = table.get("base")
    if name is None:
        return table
    if name not in bases:
        tables.fail(file, entry, f"no [base.{name}] above{nearest(name, bases)}")
    return _merged(bases[name], table)


def _merged(under: Table, over: Table) -> Table:
    """Return ``over`` on top of ``under``; the tables ``limits`` and ``defaults`` are merged key by key."""
    both = {**under, **over}
    for name in ("limits", "defaults"):
        if name in under and name in over:
            both[name] = {**under[name], **over[name]}
    return both


def _model(entry: tuple[str, ...], table: Table, defaults: Mapping[tuple[str, str], str]) -> Model:
    file, label = table["file"], " ".join(entry)
    missing = [name for name in _MODEL_REQUIRED if name not in table]
    if missing:
        tables.fail(file, label, f"{', '.join(missing)} missing")
    for key in table.get("limits", {}):
        if key not in LIMIT_KEYS:
            tables.fail(file, label, f"unknown limit {key!r}{nearest(key, LIMIT_KEYS)}")
    status = table.get("status", "current")
    if status not in STATUSES:
        tables.fail(file, label, f"status must be one of {', '.join(STATUSES)}, not {status!r}")
    provider, kind, name = entry
    return Model(
        provider=provider,
        kind=kind,
        name=name,
        title=table["title"],
        rpm_class=table["rpm_class"],
        typical_seconds=float(table["typical_seconds"]),
        source=table["source"],
        retrieved=table["retrieved"],
        default=defaults.get((provider, kind)) == name,
        defaults=tables.frozen(table.get("defaults", {})),
        modes=tables.strings(file, label, "modes", table.get("modes", [])),
        durations=_durations(file, label, table.get("durations", {})),
        limits=tables.frozen(table.get("limits", {})),
        status=status,
        wire=table.get("wire", name),
        aliases=tables.strings(file, label, "aliases", table.get("aliases", [])),
        note=table.get("note", ""),
        api=table.get("api", ""),
        unserved=table.get("unserved", False),
    )


def _durations(file: Path, label: str, table: Table) -> Mapping[int, tuple[str, ...]]:
    read: dict[int, tuple[str, ...]] = {}
    for seconds, resolutions in table.items():
        if not seconds.isdigit():
            tables.fail(file, label, f"durations are whole seconds, not {seconds!r}")
        read[int(seconds)] = tables.strings(file, label, f"durations {seconds}", resolutions)
    return MappingProxyType(read)


def limits(files: Iterable[Path]) -> Mapping[tuple[str, str], Limit]:
    """Read the limits by provider and class."""
    found: dict[tuple[str, str], Table] = {}
    for file in files:
        content = tables.read(file)
        tables.check(file, "", content, {"limit": list})
        for table in tables.listed(file, content, "limit"):
            provider, name = _key(file, "limit", table, _LIMIT_KEY)
            tables.check(file, f"{provider} {name}", table, _LIMIT)
            merged = {**found.get((provider, name), {}), **table}
            tables.check(file, f"{provider} {name}", merged, _LIMIT, _LIMIT_REQUIRED)
            if min(merged["poll_first"], merged["poll_every"], merged["poll_floor"]) <= 0:
                tables.fail(
                    file, f"{provider} {name}", "poll_first, poll_every and poll_floor must be more than 0"
                )
            found[provider, name] = merged
    return {
        key: Limit(**{"rpm": None, "concurrency": None, "tpm": None, **table}) for key, table in found.items()
    }


def voices(files: Iterable[Path]) -> Mapping[str, tuple[Voice, str]]:
    """Read the voices by id, each with the usual name of its language."""
    found: dict[str, tuple[Voice, str]] = {}
    for file in files:
        content = tables.read(file)
        tables.check(file, "", content, {"group": list})
        seen: set[str] = set()
        for table in tables.listed(file, content, "group"):
            label = f"group {table.get('title', table.get('language', '?'))}"
            tables.check(file, label, table, _GROUP, ("language", "source", "retrieved"))
            language = str(table["language"])
            title = str(table.get("title", language))
            for gender in ("female", "male", "unstated"):
                for voice_id in tables.strings(file, label, gender, table.get(gender, [])):
                    if voice_id in seen:
                        tables.fail(file, label, f"{voice_id!r} is listed twice")
                    seen.add(voice_id)
                    said = None if gender == "unstated" else gender
                    found[voice_id] = (Voice(voice_id, readable(voice_id), language, said), title)
    return found


def templates(files: Iterable[Path]) -> Mapping[str, Template]:
    """Read the video-agent templates by id."""
    found: dict[str, Template] = {}
    for file in files:
        content = tables.read(file)
        tables.check(file, "", content, {"template": list})
        for table in tables.listed(file, content, "template"):
            (template_id,) = _key(file, "template", table, ("id",))
            tables.check(file, f"template {template_id}", table, _TEMPLATE, _TEMPLATE)
            found[template_id] = Template(**table)
    return found


def books(layers: Iterable[Sequence[Path]]) -> tuple[Mapping[str, PriceBook], Mapping[str, str]]:
    """Read the price books; a later layer's book replaces an earlier one of the same name.

    Returns
    -------
    tuple
        The books by name, and the name of the default book by provider; a later layer's default wins.
    """
    read: dict[str, tuple[Path, PriceBook]] = {}
    for files in layers:
        layer: dict[str, tuple[Path, PriceBook]] = {}
        for file in files:
            book = prices.load(file)
            if book.name in layer:
                tables.fail(file, "book", f"{book.name!r} is the name of {layer[book.name][0].name} too")
            layer[book.name] = (file, book)
        # A later layer goes in front, so that its default is met first.
        read = layer | {name: entry for name, entry in read.items() if name not in layer}
    found = {name: _linked(name, read, ()) for name in read}
    return found, _default_books(read, found)


def _linked(name: str, read: Mapping[str, tuple[Path, PriceBook]], above: tuple[str, ...]) -> PriceBook:
    file, book = read[name]
    if book.extends is None:
        return book
    if book.extends not in read:
        tables.fail(file, "book", f"no book {book.extends!r} to extend{nearest(book.extends, read)}")
    if book.extends in (*above, name):
        tables.fail(file, "book", f"{name!r} extends itself")
    return replace(book, base=_linked(book.extends, read, (*above, name)))


def _default_books(
    read: Mapping[str, tuple[Path, PriceBook]], found: Mapping[str, PriceBook]
) -> Mapping[str, str]:
    chosen: dict[str, tuple[Path, str]] = {}
    for name, book in found.items():
        file = read[name][0]
        for provider in book.providers if book.default else ():
            if provider not in chosen:
                chosen[provider] = (file, name)
            elif chosen[provider][0].parent == file.parent:
                tables.fail(file, "book", f"{chosen[provider][1]} is the default book of {provider} already")
    return {provider: name for provider, (_, name) in chosen.items()}
