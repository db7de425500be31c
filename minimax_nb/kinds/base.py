"""What all kinds of request share: construction with plain errors, and the checks against a model.

A request model's fields are the one option table. The magic's parser, ``--help``, completion, the
command line, the docs page and validation all read :func:`option_table`; nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from minimax_nb.catalog import Model, catalog
from minimax_nb.errors import RequestInvalidError, Warnings
from minimax_nb.kinds.inputs import MediaInput, sniff
from minimax_nb.kinds.options import Option, like, one_of, option, option_of, option_table, within
from minimax_nb.kinds.reading import canonical, typed

__all__ = ["MediaInput", "Option", "Request", "option", "option_table", "sniff"]


class Request(BaseModel):
    """Base of all typed requests.

    Construction checks what holds for every provider; :meth:`resolve` picks the model for a
    provider, fills that model's defaults and checks its own rules. Both happen before anything is
    sent, and both raise RequestInvalidError with one line a problem. Options may be given under
    their command-line names, aliases and as strings (``**{"aspect-ratio": "16:9"}, n="2"``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    kind: ClassVar[str]
    #: The field that takes the cell's body.
    text_field: ClassVar[str] = "prompt"
    #: False where the body may be left out (a clone needs only a file).
    text_required: ClassVar[bool] = True
    text_instead: ClassVar[tuple[str, ...]] = ()
    #: The field that a bare word on a one-line magic gives (``%minimax voice-clone sample.wav``).
    word_field: ClassVar[str] = "prompt"
    #: What makes each mode but ``text``: mode → field; empty where the kind has no modes.
    mode_fields: ClassVar[Mapping[str, str]] = {}
    #: Fields that the lab fills in, and nobody types: left out of the cell that a card offers to copy.
    filled_fields: ClassVar[frozenset[str]] = frozenset()

    model: str | None = option(
        None, help="Model; the provider's default when left out.", by_model={"choices": "models"}
    )

    if TYPE_CHECKING:

        @property
        def text(self) -> str | None:
            """The prompt or text that the cell's body gave."""

    _notes: tuple[str, ...] = PrivateAttr(())
    _provider: str | None = PrivateAttr(None)

    def __init__(self, /, **options: Any) -> None:
        cls = type(self)
        table = option_table(cls)
        problems: list[str] = []
        notes: list[str] = []
        values = canonical(cls.kind, table, cls.rename(options), problems)
        cls.adapt(values, notes)
        values, unreadable = typed(table, values)
        found = dict(unreadable)
        try:
            super().__init__(**values)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                found.setdefault(str(item["loc"][0]), _problem(cls, item))
        problems += [found[row.field] for row in table if row.field in found]
        if not problems:
            problems = list(self.rules())
        if problems:
            raise RequestInvalidError(problems)
        self._notes = tuple(notes)

    @classmethod
    def make(cls, text: str | None = None, /, **options: Any) -> Self:
        """Build from a body and options.

        Parameters
        ----------
        text
            What the cell's body gave, kept to the byte; a blank one counts as none.
        **options
            By field, command-line or alias name; strings are read strictly.

        Raises
        ------
        RequestInvalidError
            One line a problem, in the words of the command line.
        """
        if text is not None and text.strip():
            name = cls.text_field
            if options.get(name) is not None:
                raise RequestInvalidError(
                    f"{option_of(cls, name).flag} is given and so is the text below; use one"
                )
            options[name] = text
        return cls(**options)

    @classmethod
    def rename(cls, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options as given, with names whose meaning hangs on the value told apart."""
        return options

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        """Translate other spellings of values in place (those of the product documents, say).

        ``values`` are as given, by field; remarks for the user go to ``notes``.
        """

    def rules(self) -> Iterator[str]:
        """Yield one line per broken rule that holds for every provider."""
        yield from ()

    def resolve(self, provider: str) -> Self:
        """Return a copy with the model and its defaults for ``provider`` filled in, fully checked.

        Raises
        ------
        RequestInvalidError
            The provider has no such kind or model, or the model's rules are broken.
        """
        chosen = self.choose(provider)
        complete = self.fill(chosen)
        problems = complete.problems(chosen)
        if problems:
            raise RequestInvalidError(problems)
        return complete

    @property
    def mode(self) -> str:
        """What is given, in the words of :attr:`Model.modes`; ``text`` where the kind has no modes."""
        return "text"

    @property
    def mode_field(self) -> str:
        """The field that makes the mode; not for ``text``."""
        return self.mode_fields[self.mode]

    def choose(self, provider: str) -> Model:
        """Return the catalog's entry of the model asked for, else of the default one for this mode."""
        default = catalog().model(provider, self.kind, self.model)
        if self.model is not None or not default.modes or self.mode in default.modes:
            return default
        able = (model for model in catalog().models(provider, self.kind) if self.mode in model.modes)
        return next(able, default)

    def fill(self, model: Model) -> Self:
        """Return a copy with ``model`` and its defaults; kinds with model-dependent defaults extend this."""
        names = type(self).model_fields
        unset = {
            key: value for key, value in model.defaults.items() if key in names and getattr(self, key) is None
        }
        complete = self.model_copy(update={"model": model.name, **unset})
        complete._provider = model.provider
        return complete

    @property
    def chosen(self) -> Model | None:
        """The catalog's entry of the model, after :meth:`resolve`."""
        return None if self._provider is None else catalog().model(self._provider, self.kind, self.model)

    def problems(self, model: Model) -> list[str]:
        """Return one line per broken rule of the model; empty when all is well."""
        return [*self._mode_rule(model), *narrowed(self, model), *self.model_rules(model)]

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield one line per broken rule of the model that the option table does not say."""
        yield from ()

    def _mode_rule(self, model: Model) -> Iterator[str]:
        if not model.modes or self.mode in model.modes:
            return
        if self.mode == "text":
            rows = [option_of(type(self), self.mode_fields[mode]) for mode in model.modes]
            flags = one_of(row.flag for row in rows)
            yield f"{flags} is missing: {model.name} makes nothing from text alone ({origin(rows[0], model)})"
            return
        row = option_of(type(self), self.mode_field)
        able = [other.name for other in _siblings(model) if self.mode in other.modes]
        hint = f"; {one_of(able)} does" if able else ""
        words = row.name.replace("-", " ")
        yield f"{row.flag}: {model.name} takes no {words}{hint} ({origin(row, model)})"

    def warnings(self) -> Warnings:
        """Return remarks that do not stop the request (a tag that will be sung, say).

        Those that depend on the model are known after :meth:`resolve`.
        """
        found = Warnings()
        for remark in (*self._notes, *self.remarks(self.chosen)):
            found.add(remark)
        return found

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: the part that a kind extends; ``model`` is ``None`` before :meth:`resolve`."""
        if model is not None and model.status == "closed-to-new-users":
            yield f"{model.name}: {model.note or 'closed to new users'}"

    def inputs(self) -> dict[str, MediaInput]:
        """Return the media inputs by field name (``images[0]`` style for lists)."""
        found: dict[str, MediaInput] = {}
        for name, value in self:
            if isinstance(value, MediaInput):
                found[name] = value
            elif isinstance(value, tuple):
                found.update(
                    {f"{name}[{i}]": item for i, item in enumerate(value) if isinstance(item, MediaInput)}
                )
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the request as the ledger keeps it: set fields only, media as references.

        ``kinds.build(kind, None, request.to_json())`` makes an equal request again, its media as
        references without content.
        """
        dumped = self.model_dump(mode="json", exclude_none=True)
        return {name: value for name, value in dumped.items() if value != []}

    def price_facts(self) -> Mapping[str, Any]:
        """Return what prices may depend on: model, resolution, duration, counts, characters.

        ``characters`` counts code points, as the global price pages do. The pages for China count a
        Chinese character as two; what was billed is in the reply (``usage_characters``).
        """
        return {"model": self.model}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in type(self).model_fields)))

    @classmethod
    def line(cls, field: str, value: Any, rule: str, model: Model | None = None) -> str:
        """Return one line for a broken rule of an option; ``model`` where the rule is the model's."""
        row = option_of(cls, field)
        return row.problem(value, rule, None if model is None else origin(row, model))

    def needs(self, field: str, model: Model, key: str, words: str) -> Iterator[str]:
        """Yield a line when an option is used and the model's limits do not say that it is understood."""
        row, value = option_of(type(self), field), getattr(self, field)
        if not value or model.limits.get(key):
            return
        able = [other.name for other in _siblings(model) if other.limits.get(key)]
        hint = f"; {one_of(able)} does" if able else ""
        yield row.problem(value, f"{model.name} {words}{hint}", origin(row, model))


class PromptRequest(Request):
    """Base of the requests whose text is a prompt, not words to be spoken."""

    @property
    def text(self) -> str:
        """The prompt; empty when there is none."""
        prompt: str | None = getattr(self, self.text_field)
        return prompt or ""


def origin(row: Option, model: Model) -> str:
    """Return where a model's rule for an option is written: the option's own page of the same documents.

    A model with an API of its own has pages of its own.
    """
    if model.api:
        return model.source
    same = row.source.partition(",")[0] == model.source.partition(",")[0]
    return row.source if same else model.source


def _siblings(model: Model) -> tuple[Model, ...]:
    return catalog().models(model.provider, model.kind)


def narrowed(request: Request, model: Model) -> Iterator[str]:
    """Yield a line for each option that is outside what the model's limits say."""
    for row in option_table(type(request)):
        if not row.by_model:
            continue
        value = getattr(request, row.field)
        limits = {what: model.limits[key] for what, key in row.by_model.items() if key in model.limits}
        if value is None or not limits:
            continue
        source = origin(row, model)
        for one in value if row.repeated else (value,):
            if "choices" in limits and one not in limits["choices"]:
                yield row.problem(one, _choice_rule(row, one, model), source)
        if "max_length" in limits and len(value) > limits["max_length"]:
            unit = "given" if row.repeated else "characters"
            most = f"at most {limits['max_length']:,} for {model.name}"
            yield f"{row.flag}: {len(value):,} {unit}; {most} ({source})"
        low, high = limits.get("minimum"), limits.get("maximum")
        if (low is not None and value < low) or (high is not None and value > high):
            low = row.minimum if low is None else low
            yield row.problem(value, f"{within(low, high, row.unit)} for {model.name}", source)


def _choice_rule(row: Option, value: Any, model: Model) -> str:
    key = row.by_model["choices"]
    allowed = model.limits[key]
    unit = f" {row.unit}" if row.unit else ""
    able = [other.name for other in _siblings(model) if value in other.limits.get(key, ())]
    # A rule that something else narrows (long text, say) narrows every model alike.
    hint = f"; {one_of(able)} takes it" if able and model.name not in able else like(value, allowed)
    return f"{one_of(allowed)}{unit} for {model.name}{hint}"


def _problem(cls: type[Request], item: Any) -> str:
    """Return one line for one of pydantic's findings."""
    row = option_of(cls, str(item["loc"][0]))
    value = item.get("input")
    if item["type"] == "missing":
        below = row.field == cls.text_field and row.type is str
        where = " (write it below the first line)" if below else f": {row.help}"
        return f"{row.flag} is missing{where}"
    if item["type"] == "string_too_long":
        source = f" ({row.source})" if row.source else ""
        return f"{row.flag}: {len(value):,} characters; at most {row.max_length:,}{source}"
    if item["type"] == "literal_error":
        return row.problem(value, row.allowed + like(value, row.choices))
    return row.problem(value, row.allowed or str(item["msg"]))
