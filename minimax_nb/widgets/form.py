"""What a panel asks for: the option table of a kind as fields, and their values as a request and as a cell.

Nothing here knows a widget, so it is tested without a front end; and nothing knows a kind, so a new one
gets its panel by its request class alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from minimax_nb.catalog import Model, catalog
from minimax_nb.errors import MiniMaxError, RequestInvalidError
from minimax_nb.kinds import option_table, request_class, to_command
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import Option, of_model, within
from minimax_nb.providers import provider as find_provider

#: Options in the open beside those that must be there; the rest are folded away.
OPEN = 6
#: A slider over more whole numbers than this hits none of them.
MOST_STEPS = 4000
LEFT_OUT = "default"
_TECHNICAL = frozenset({"Hz", "bit/s", "px", "tokens"})
_SPELLED = {"aigc": "AIGC", "api": "API", "cbr": "CBR", "id": "ID", "latex": "LaTeX"}
_FLAG = re.compile(r"(?<!\S)--([a-z][a-z0-9-]*[a-z0-9])")
_LONG = 200  #: characters; a text that may be longer gets several lines


class Control(StrEnum):
    """What a field is filled in with."""

    TEXT = "text"  #: several lines
    LINE = "line"  #: one line; numbers without a range too
    SLIDER = "slider"
    MAYBE = "maybe"  #: a slider that is off until it is switched on
    CHOICE = "choice"
    CHECK = "check"
    LIST = "list"
    MEDIA = "media"
    VOICE = "voice"


#: What takes a whole row stands first, so that the rest fills its rows in the order of the keyboard.
_ORDER = {Control.TEXT: 1, Control.MEDIA: 2, Control.VOICE: 3}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Parameters
    ----------
    option
        Its row of the option table.
    control
        What it is filled in with.
    label, help
        For people; the help ends with what is allowed.
    folded
        True for what few need: behind *More options*.
    """

    option: Option
    control: Control
    label: str
    help: str
    folded: bool

    @property
    def name(self) -> str:
        """The name of the request's field."""
        return self.option.field

    @property
    def accept(self) -> str:
        """Files that a picker offers, in the words of HTML; empty for all."""
        told = f"{self.option.field} {self.option.help}".lower()
        for word, accepted in (("video", "video/*"), ("image", "image/*"), ("frame", "image/*")):
            if word in told:
                return accepted
        return "audio/*" if "audio" in told or "recording" in told else ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a field takes now, with the model that is chosen.

    Parameters
    ----------
    usable
        False when the model does not know the option; it is then not shown and not sent.
    choices
        (words, value) pairs; the first is "left out" where that can be.
    minimum, maximum, step
        Of a slider, in the option's unit.
    max_length
        Characters of a text, or items of a list.
    """

    usable: bool = True
    choices: tuple[tuple[str, Any], ...] = ()
    minimum: float = 0
    maximum: float = 1
    step: float = 1
    max_length: int | None = None


class Form:
    """The values of one kind's fields, and what they come to.

    Parameters
    ----------
    kind
        What to make.
    provider
        Who makes it.

    Attributes
    ----------
    values
        Field name → value as its control has it; what is absent is left out of the request.
    """

    def __init__(self, kind: str, provider: str = "minimax") -> None:
        self.cls = request_class(kind)
        self.kind = self.cls.kind
        able = catalog().providers_for(self.kind)
        self.provider = provider if provider in able else able[0]
        self.values: dict[str, Any] = {}
        self.fields = tuple(_fields(self.cls))

    # --- what there is to choose ---

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers that make this kind."""
        return catalog().providers_for(self.kind)

    @property
    def models(self) -> tuple[tuple[str, str | None], ...]:
        """(words, name) of the provider's models; the first is its default, which needs no name."""
        found = catalog().models(self.provider, self.kind)
        default = next((model for model in found if model.default), None)
        first = () if default is None else ((f"{default.name} (default)", None),)
        return (*first, *((_modelled(model), model.name) for model in found if model is not default))

    def choose_provider(self, name: str) -> None:
        """Go to another provider; a model that it has not is forgotten."""
        self.provider = name
        if self.values.get("model") not in [model for _, model in self.models]:
            self.values.pop("model", None)

    @property
    def model(self) -> Model | None:
        """The model that is chosen, or the provider's default."""
        try:
            return catalog().model(self.provider, self.kind, self.values.get("model"))
        except RequestInvalidError:
            return None

    def offer(self, field: Field) -> Offer:
        """Return what a field takes with the model that is chosen."""
        row, model = field.option, self.model
        key = row.by_model.get("choices", "")
        told = of_model(model, key) if model is not None and key else None
        choices = tuple(dict.fromkeys(told)) if told else row.choices
        low, high, step = _range(row, model)
        return Offer(
            usable=self._usable(row, told),
            choices=_choices(field, choices, None if model is None else model.defaults.get(row.field)),
            minimum=low,
            maximum=high,
            step=step,
            max_length=_limit(row, model, "max_length", row.max_length),
        )

    def _usable(self, row: Option, told: Any) -> bool:
        model = self.model
        if model is None or row.required:
            return True
        parent = self._named_before(row)
        if parent is not None and not self.offer(parent).usable:
            return False
        if mode := self._mode_of(row):
            return not model.modes or mode in model.modes
        if "choices" in row.by_model and row.default is None and not told:
            return False
        if row.type is bool and any(row.field in other.limits for other in catalog().models(kind=self.kind)):
            return bool(model.limits.get(row.field))
        return True

    def _named_before(self, row: Option) -> Field | None:
        """Return the field that another one is about: ``style`` for ``style_weight``."""
        head = row.field.rpartition("_")[0]
        return next((field for field in self.fields if field.name == head), None)

    def _mode_of(self, row: Option) -> str | None:
        """Return the mode that giving an option makes; a family like ``reference_…`` shares one."""
        if row.type is not MediaInput:
            return None
        family = row.field.partition("_")[0]
        for mode, field in self.cls.mode_fields.items():
            if field == row.field:
                return mode
        return next((m for m, f in self.cls.mode_fields.items() if f.partition("_")[0] == family), None)

    # --- what was chosen ---

    def put(self, name: str, value: Any) -> None:
        """Take a field's value; ``None``, an empty text or list, and the default itself leave it out."""
        row = next(row for row in option_table(self.cls) if row.field == name)
        empty = value is None or (isinstance(value, str | tuple | list) and not len(value))
        if empty or (not isinstance(value, MediaInput) and value == row.default):
            self.values.pop(name, None)
        else:
            self.values[name] = value

    def options(self) -> dict[str, Any]:
        """Return the values that go into the request: those that the model knows."""
        usable = {field.name for field in self.fields if self.offer(field).usable} | {"model"}
        return {name: value for name, value in self.values.items() if name in usable}

    def request(self) -> Request:
        """Return the request, checked as far as it can be before it is sent.

        Raises
        ------
        RequestInvalidError
            One line a problem.
        """
        request = self.cls.make(None, **self.options())
        find_provider(self.provider).check(request.resolve(self.provider))
        return request

    def command(self, request: Request, default: str = "minimax") -> str:
        """Return the equal cell; the provider stands in it when it is not the ``default`` one."""
        return to_command(request, None if self.provider == default else self.provider)

    def sorted(self, error: MiniMaxError) -> dict[str, list[str]]:
        """Return the lines of an error by the field they are about; under ``""`` those about none."""
        lines = error.problems if isinstance(error, RequestInvalidError) else [error.message]
        found: dict[str, list[str]] = {}
        for line in lines:
            found.setdefault(self._field_of(line), []).append(line)
        return found

    def _field_of(self, line: str) -> str:
        word = line.split(" ", 1)[0].rstrip(":,")
        for row in option_table(self.cls):
            if word == row.flag:
                return row.field
        return ""


def is_missing(line: str) -> bool:
    """Return True for a line about something not filled in yet, which is no mistake while one fills in."""
    return " is missing" in line or " are missing" in line or "give both or none" in line


def plain(line: str, field: Field | None = None) -> str:
    """Return an error line as it stands beside its field: without flags, and without where it is written.

    ``--seed seven: a whole number (MiniMax docs, …)`` → ``Seven: a whole number``.
    """
    head, mark, _ = line.rpartition(" (")
    text = head if mark and line.endswith(")") else line
    if field is not None:
        text = text.removeprefix(field.option.flag).lstrip(": ")
    text = _FLAG.sub(lambda found: found[1].replace("-", " "), text)
    return text[:1].upper() + text[1:]


# --- from the option table to fields -----------------------------------------------------------------


def _fields(cls: type[Request]) -> Iterator[Field]:
    rank = 0
    apart = {"model", *cls.filled_fields}
    rows = [row for row in option_table(cls) if not row.hidden and row.field not in apart]
    rows.sort(key=lambda row: (row.field != cls.text_field, _ORDER.get(control_of(row, cls.text_field), 9)))
    for row in rows:
        control = control_of(row, cls.text_field)
        always = row.required or control in (Control.TEXT, Control.MEDIA, Control.VOICE)
        folded = not always and (_is_technical(row) or rank >= OPEN)
        rank += not always and not folded
        yield Field(row, control, label_of(row), _help(row), folded)


def _is_technical(row: Option) -> bool:
    """Return True for how a result comes or is coded, and for what is better left to the provider."""
    fixed = bool(row.choices) and "choices" not in row.by_model
    return row.unit in _TECHNICAL or fixed or (row.type is bool and row.default is None)


def control_of(row: Option, text_field: str) -> Control:
    """Return what an option is filled in with."""
    if row.type is MediaInput:
        return Control.MEDIA
    if row.repeated:
        return Control.LIST
    if row.type is bool:
        return Control.CHOICE if row.default is None else Control.CHECK
    if row.field == "voice":
        return Control.VOICE
    if row.choices:
        return Control.CHOICE
    if row.type in (int, float):
        return _number(row)
    long = row.field == text_field or (row.max_length or 0) >= _LONG or "max_length" in row.by_model
    return Control.TEXT if long else Control.LINE


def _number(row: Option) -> Control:
    if row.minimum is None or row.maximum is None:
        return Control.LINE
    if row.type is int and row.maximum - row.minimum > MOST_STEPS:
        return Control.LINE
    return Control.MAYBE if row.default is None else Control.SLIDER


def label_of(row: Option) -> str:
    """Return an option's name for people: ``Aspect ratio``; one of a single letter goes by its help."""
    words = " ".join(_SPELLED.get(word, word) for word in row.name.split("-"))
    if len(row.name) == 1:
        words = row.help.partition(".")[0]
    unit = f" ({row.unit})" if row.unit and row.unit not in words else ""
    return f"{words[:1].upper()}{words[1:]}{unit}"


def _help(row: Option) -> str:
    allowed = "" if row.choices or not row.allowed else f" Allowed: {row.allowed}."
    return f"{row.help}{allowed}"


def _modelled(model: Model) -> str:
    from_text = not model.modes or model.modes == ("text",)
    return model.name if from_text else f"{model.name}: {', '.join(model.modes)}"


def _choices(field: Field, choices: tuple[Any, ...], usual: Any) -> tuple[tuple[str, Any], ...]:
    row = field.option
    if field.control is not Control.CHOICE:
        return ()
    nothing = (LEFT_OUT if usual is None else f"{usual} ({LEFT_OUT})", None)
    if row.type is bool:
        return (nothing, ("on", True), ("off", False))
    found = tuple((f"{value:,}" if row.type is int else str(value), value) for value in choices)
    return found if row.default is not None or row.required else (nothing, *found)


def _limit(row: Option, model: Model | None, what: str, widest: Any) -> Any:
    key = row.by_model.get(what)
    told = model.limits.get(key) if model is not None and key else None
    return widest if told is None else told


def _range(row: Option, model: Model | None) -> tuple[float, float, float]:
    if row.minimum is None and row.maximum is None:
        return 0, 1, 1
    low = _limit(row, model, "minimum", row.minimum)
    high = _limit(row, model, "maximum", row.maximum)
    low, high = (0 if low is None else low), (low or 0) + 1 if high is None else high
    if row.type is int:
        key = row.by_model.get("minimum", "").removesuffix("_min") + "_step"
        return low, high, 1 if model is None else model.limits.get(key, 1)
    step = 0.01 if high - low <= 1 else 0.05 if high - low <= 3 else 0.1
    return (low + step if row.exclusive_minimum else low), high, step


def range_words(offer: Offer, unit: str) -> str:
    """Return the range of a slider in words."""
    return within(offer.minimum, offer.maximum, unit)
