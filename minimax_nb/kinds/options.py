"""The option table: one declaration an option feeds parser, help, completion, forms and checks alike."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Field

from minimax_nb.catalog import Model, catalog, nearest

#: A list of more values than this is shown by its beginning.
_MANY, _SOME = 16, 8
#: Most characters of a value in an error line.
_LONGEST = 60


def option(
    default: Any = ...,
    *,
    help: str,  # noqa: A002 - the word the table uses
    source: str = "",
    unit: str = "",
    choices: Sequence[Any] = (),
    by_model: Mapping[str, str] | None = None,
    aliases: Sequence[str] = (),
    short: str = "",
    hidden: bool = False,
    **limits: Any,
) -> Any:
    """Declare one option of a request.

    Parameters
    ----------
    default
        Default value; ``...`` makes the option required.
    help
        One line for people.
    source
        Where the limit or meaning comes from (a documentation page or a product document).
    unit
        Unit of the value: ``s``, ``Hz``, ``bit/s``, ``px`` ….
    choices
        All allowed values, where they are few, fixed and not in the annotation.
    by_model
        What the model decides: ``choices``, ``minimum``, ``maximum`` or ``max_length`` → the key of
        :attr:`Model.limits` that says it (for choices also ``models``, ``durations``,
        ``resolutions``). The widest over all models is shown and completed; what one model takes is
        checked when the model is known.
    aliases
        Other names accepted for this option (flat names of the product documents).
    short
        One-letter form, without the dash.
    hidden
        Accepted but left out of help (dialects).
    **limits
        Pydantic limits: ``ge``, ``gt``, ``le``, ``lt``, ``min_length``, ``max_length``, ``pattern``.
    """
    extra: dict[str, Any] = {
        "source": source,
        "unit": unit,
        "choices": list(choices),
        "by_model": dict(by_model or {}),
        "aliases": list(aliases),
        "short": short,
        "hidden": hidden,
    }
    return Field(default, description=help, json_schema_extra=extra, **limits)


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the option table, read from a request field.

    Parameters
    ----------
    name, field
        The command-line spelling (``aspect-ratio``) and the Python one (``aspect_ratio``).
    type
        ``str``, ``int``, ``float``, ``bool`` or :class:`~minimax_nb.kinds.inputs.MediaInput`.
    repeated
        True when the option may be given several times.
    required, default
        Whether it must be given, and what holds otherwise (``None``: the model's or server's default).
    choices
        The allowed values where they can be listed; for values of the catalog, those of all models.
    minimum, maximum, exclusive_minimum
        The range of a number; ``exclusive_minimum`` when the minimum itself is not allowed.
    max_length
        Most characters of a text, in code points; most items of a repeated option.
    by_model
        Which of these the model narrows: ``choices``, ``minimum``, ``maximum``, ``max_length`` → key
        of :attr:`Model.limits`.
    unit, help, source
        For people.
    aliases, short, hidden
        Other names, the one-letter form, and whether help leaves it out.
    """

    name: str
    field: str
    type: type
    repeated: bool
    required: bool
    default: Any
    choices: tuple[Any, ...]
    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    max_length: int | None
    by_model: Mapping[str, str]
    unit: str
    help: str
    source: str
    aliases: tuple[str, ...]
    short: str
    hidden: bool

    @property
    def flag(self) -> str:
        """The option as typed: ``--aspect-ratio``, ``-n``."""
        return f"-{self.name}" if len(self.name) == 1 else f"--{self.name}"

    @property
    def allowed(self) -> str:
        """The allowed values in words; empty when anything goes."""
        unit = f" {self.unit}" if self.unit else ""
        if len(self.choices) > 3 and self.type is int and _is_run(self.choices):
            return within(self.choices[0], self.choices[-1], self.unit)
        if self.choices:
            return one_of(self.choices) + (unit if self.type in (int, float) else "")
        if self.max_length is not None and not self.repeated:
            return f"at most {self.max_length:,} characters"
        return within(self.minimum, self.maximum, self.unit, exclusive=self.exclusive_minimum)

    def problem(self, value: Any, rule: str, source: str | None = None) -> str:
        """Return one line for a broken rule: the option, the value, what is allowed, and the source."""
        origin = self.source if source is None else source
        return f"{self.flag} {shown(value)}: {rule}" + (f" ({origin})" if origin else "")


def _is_run(values: Sequence[int]) -> bool:
    return list(values) == list(range(values[0], values[-1] + 1))


def one_of(values: Iterable[Any]) -> str:
    """Return ``a, b or c``; of a long list, its beginning and its length."""
    words = [str(value) for value in values]
    if len(words) > _MANY:
        return f"{', '.join(words[:_SOME])} … ({len(words)} in all)"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def like(value: Any, choices: Iterable[Any]) -> str:
    """Return "did you mean" for a word; numbers and ratios that look alike are no hint."""
    return nearest(str(value), [str(choice) for choice in choices if any(map(str.isalpha, str(choice)))])


def within(low: float | None, high: float | None, unit: str = "", *, exclusive: bool = False) -> str:
    """Return a range in words: ``0.5 to 2``, ``more than 0, at most 10``, ``at least 1``."""
    tail = f" {unit}" if unit else ""
    if low is not None and high is not None:
        least, most = _number(low), _number(high)
        return f"more than {least}, at most {most}{tail}" if exclusive else f"{least} to {most}{tail}"
    if low is not None:
        return f"{'more than' if exclusive else 'at least'} {_number(low)}{tail}"
    return f"at most {_number(high)}{tail}" if high is not None else ""


def _number(value: float) -> str:
    return f"{value:g}" if abs(value) < 1_000_000 else f"{value:,.0f}"


def shown(value: Any) -> str:
    """Return a value as an error line shows it: short, on one line, quoted where a blank would mislead."""
    if isinstance(value, bool):
        return str(value).lower()
    name = value if isinstance(value, str) else getattr(value, "name", None)
    text = name or (f"{value:g}" if isinstance(value, float) else repr(value))
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return text if name is None or (text.isprintable() and " " not in text) else repr(text)


@cache
def option_table(cls: type[BaseModel]) -> tuple[Option, ...]:
    """Return the options of a request class, in field order."""
    return tuple(_row(cls, name) for name in cls.model_fields)


@cache
def option_of(cls: type[BaseModel], field: str) -> Option:
    """Return one option by its field name."""
    return next(row for row in option_table(cls) if row.field == field)


def _row(cls: type[BaseModel], name: str) -> Option:
    info = cls.model_fields[name]
    extra = typing.cast("dict[str, Any]", info.json_schema_extra)
    kind, repeated, literals = _shape(info.annotation)
    limits = {
        key: getattr(item, key)
        for item in info.metadata
        for key in ("ge", "gt", "le", "lt", "max_length")
        if getattr(item, key, None) is not None
    }
    widest = {
        what: _widest(str(getattr(cls, "kind", "")), what, key) for what, key in extra["by_model"].items()
    }
    return Option(
        name=name.replace("_", "-"),
        field=name,
        type=kind,
        repeated=repeated,
        required=info.is_required(),
        default=None if info.is_required() else info.default,
        choices=tuple(extra["choices"] or literals or widest.get("choices", ())),
        minimum=limits.get("ge", limits.get("gt", widest.get("minimum"))),
        maximum=limits.get("le", limits.get("lt", widest.get("maximum"))),
        exclusive_minimum="gt" in limits,
        max_length=limits.get("max_length", widest.get("max_length")),
        by_model=extra["by_model"],
        unit=extra["unit"],
        help=info.description or "",
        source=extra["source"],
        aliases=tuple(extra["aliases"]),
        short=extra["short"],
        hidden=extra["hidden"],
    )


def _widest(kind: str, what: str, key: str) -> Any:
    """Return what any of the catalog's models of a kind takes; ``None`` or empty when none says."""
    told = [value for model in catalog().models(kind=kind) if (value := of_model(model, key)) is not None]
    if what == "choices":
        values = dict.fromkeys(choice for choices in told for choice in choices)
        if key == "resolutions":
            return tuple(sorted(values, key=lambda label: (label[-1:] == "K", int(label[:-1]))))
        return tuple(sorted(values)) if all(isinstance(value, int) for value in values) else tuple(values)
    return (min if what == "minimum" else max)(told, default=None)


def of_model(model: Model, key: str) -> Any:
    """Return what a model says under a key of :attr:`Option.by_model`; ``None`` when it says nothing."""
    if key == "models":
        return (model.name,)
    if key == "durations":
        return tuple(model.durations)
    if key == "resolutions":
        return tuple(size for sizes in model.durations.values() for size in sizes)
    return model.limits.get(key)


def _shape(annotation: Any) -> tuple[type, bool, tuple[Any, ...]]:
    """Reduce an annotation to (element type, repeated, literal choices)."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _shape(next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return type(args[0]), False, args
    if origin in (tuple, list):
        kind, _, choices = _shape(args[0])
        return kind, True, choices
    return annotation if isinstance(annotation, type) else str, False, ()
