"""Price books: what a request costs by a dated list, exactly, or not at all.

A book is a TOML file::

    [book]
    name = "minimax-2026-11"
    currency = "USD"
    default = true
    source = "MiniMax docs, guides/pricing-paygo"
    retrieved = 2026-11-21

    [[price]]
    provider = "minimax"
    kind = "video"
    model = ["MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02"]
    unit = "clip"
    price = "0.28"
    when = { resolution = "768P", duration = 6 }

``price`` is for ``per`` units (1 where it is left out). In ``when`` a value is the one wanted, a list
the values wanted, and ``{ min = …, max = … }`` a range, ends included. Two prices of one book that could
both match the same request are an error when the book is loaded, unless they price different parts of it
(:data:`PARTS`: tokens in and out, reference material, the fee of a new voice); those add up. The first
``free`` units of a line cost nothing. A book that ``extends`` another is asked first, and the other one
for what it leaves open: how a contract's prices lie over the published ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from minimax_nb.catalog import tables
from minimax_nb.errors import ConfigError

#: Billing unit → the fact that says how many; ``None`` means always one.
QUANTITY_OF: Mapping[str, str | None] = {
    "image": "n",
    "clip": None,
    "song": None,
    "request": None,
    "voice": None,
    "new-cloned-voice": "cloned_voices",
    "new-designed-voice": "designed_voices",
    "second": "duration",
    "character": "characters",
    "reference-image": "reference_images",
    "reference-second": "reference_seconds",
    "input-token": "input_tokens",
    "output-token": "output_tokens",
    "cache-read-token": "cache_read_tokens",
    "cache-write-token": "cache_write_tokens",
}

#: Units whose lines add up with the others that apply, rather than excluding them.
PARTS = frozenset(
    unit for unit in QUANTITY_OF if unit.startswith(("reference-", "input-", "output-", "cache-", "new-"))
)
#: Parts of which a request has none unless its facts say otherwise.
_OPTIONAL = frozenset(unit for unit in PARTS if unit.startswith(("reference-", "cache-", "new-")))

NANO = 10**9

_BOOK: dict[str, type] = {
    "name": str, "currency": str, "default": bool, "extends": str, "source": str, "retrieved": date,
}  # fmt: skip
_PRICE: dict[str, type] = {
    "provider": str, "kind": str, "model": object, "unit": str, "per": int, "price": str, "free": int, "when": dict,
    "valid_from": date, "valid_to": date, "source": str, "note": str,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one fact must be for a price to apply: one of ``values``, or within ``low`` and ``high``."""

    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None

    def meets(self, value: Any) -> bool:
        """Return whether a fact's value is wanted; a fact that is not known never is."""
        if self.values:
            return value in self.values
        return isinstance(value, int | float) and self._holds(value)

    def overlaps(self, other: Wanted) -> bool:
        """Return whether some value is wanted by both."""
        if self.values:
            return any(other.meets(value) for value in self.values)
        if other.values:
            return other.overlaps(self)
        lows = [low for low in (self.low, other.low) if low is not None]
        highs = [high for high in (self.high, other.high) if high is not None]
        return not lows or not highs or max(lows) <= min(highs)

    def _holds(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        if self.values:
            return "|".join(str(value) for value in self.values)
        return f"{'' if self.low is None else self.low}..{'' if self.high is None else self.high}"


@dataclass(frozen=True, slots=True)
class Price:
    """One line of a book: ``price`` for ``per`` units of ``unit`` after ``free`` ones, when ``when`` is met."""

    provider: str
    kind: str
    models: tuple[str, ...]
    unit: str
    per: int
    price: Decimal
    when: Mapping[str, Wanted]
    valid_from: date | None
    valid_to: date | None
    source: str
    note: str
    free: int = 0

    @property
    def part(self) -> str:
        """What of a request it prices: its unit for a part, ``""`` for the whole."""
        return self.unit if self.unit in PARTS else ""

    def applies(self, facts: Mapping[str, Any], on: date) -> bool:
        """Return whether this line prices a request of its kind for one of its models on that day."""
        return (
            (self.valid_from is None or on >= self.valid_from)
            and (self.valid_to is None or on <= self.valid_to)
            and all(wanted.meets(facts.get(name)) for name, wanted in self.when.items())
        )

    def clashes(self, other: Price) -> bool:
        """Return whether some request could match both lines on some day."""
        return (
            (self.provider, self.kind, self.part) == (other.provider, other.kind, other.part)
            and not set(self.models).isdisjoint(other.models)
            and (self.valid_to is None or other.valid_from is None or other.valid_from <= self.valid_to)
            and (other.valid_to is None or self.valid_from is None or self.valid_from <= other.valid_to)
            and all(
                wanted.overlaps(other.when[name]) for name, wanted in self.when.items() if name in other.when
            )
        )

    def label(self, model: str | None = None) -> str:
        """Name the line: ``minimax/video/MiniMax-Hailuo-2.3?resolution=768P&duration=6``."""
        conditions = "&".join(f"{name}={wanted}" for name, wanted in self.when.items())
        since = f"@{self.valid_from}" if self.valid_from else ""
        name = model or "|".join(self.models)
        return f"{self.provider}/{self.kind}/{name}{f'?{conditions}' if conditions else ''}{since}"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a request would cost by one book.

    Parameters
    ----------
    amount_nano
        Nano-units (1e-9) of ``currency``, rounded up; ``None`` when not known, which is never 0.
    currency, unit, quantity, unit_price, per
        ``quantity`` units that are not free, at ``unit_price`` for ``per`` of them.
    price_id
        The line of the book that applied, or ``None``.
    book, source, note
        Where the price stands, and what to know about it.
    parts
        What the amount is the sum of, where it is a sum of several.
    """

    amount_nano: int | None
    currency: str
    unit: str | None
    quantity: int | None
    unit_price: Decimal | None
    per: int
    price_id: str | None
    book: str
    source: str
    note: str
    parts: tuple[Quote, ...] = ()

    @property
    def amount(self) -> Decimal | None:
        """The amount in whole units of the currency, exact; ``None`` when not known."""
        return None if self.amount_nano is None else Decimal(self.amount_nano).scaleb(-9)


@dataclass(frozen=True)
class PriceBook:
    """One dated price list.

    ``own`` are its own lines; ``base``, named by ``extends``, is asked for what they leave open.
    """

    name: str
    currency: str
    default: bool
    source: str
    retrieved: date
    own: tuple[Price, ...]
    extends: str | None = None
    base: PriceBook | None = None

    @property
    def prices(self) -> tuple[Price, ...]:
        """All lines, this book's own first."""
        return self.own + (self.base.prices if self.base else ())

    @property
    def providers(self) -> frozenset[str]:
        """The providers this book has prices for."""
        return frozenset(price.provider for price in self.prices)

    def quote(
        self, provider: str, kind: str, model: str, facts: Mapping[str, Any], *, on: date | None = None
    ) -> Quote:
        """Return what a request costs, or a quote without an amount where this book does not know.

        Parameters
        ----------
        provider, kind, model
            What is asked; ``model`` by its catalog name.
        facts
            What prices depend on: ``resolution``, ``duration`` (s), ``n``, ``characters``, ``mode`` ….
        on
            The day of the price; today (UTC) by default.
        """
        day = on or _today()
        lines = self._lines.get((provider, kind, model), ())
        found = [price for price in lines if price.applies(facts, day)]
        if found:
            return self._sum([self._of(price, model, facts) for price in found])
        if self.base:
            quote = self.base.quote(provider, kind, model, facts, on=day)
            if quote.price_id:
                return quote
        note = (
            f"the price book {self.name} lists no price for this request ({kind} with {model} at {provider})"
        )
        return Quote(None, self.currency, None, None, None, 1, None, self.name, self.source, note)

    @cached_property
    def _lines(self) -> dict[tuple[str, str, str], list[Price]]:
        found: dict[tuple[str, str, str], list[Price]] = {}
        for price in self.own:
            for model in dict.fromkeys(price.models):
                found.setdefault((price.provider, price.kind, model), []).append(price)
        return found

    def _of(self, price: Price, model: str, facts: Mapping[str, Any]) -> Quote:
        fact = QUANTITY_OF[price.unit]
        quantity = 1 if fact is None else facts.get(fact, 0 if price.unit in _OPTIONAL else None)
        known = isinstance(quantity, int) and quantity >= 0
        quantity = max(0, quantity - price.free) if known else None
        return Quote(
            amount_nano=None if quantity is None else amount_nano(price.price, quantity, price.per),
            currency=self.currency,
            unit=price.unit,
            quantity=quantity,
            unit_price=price.price,
            per=price.per,
            price_id=f"{self.name}:{price.label(model)}",
            book=self.name,
            source=price.source or self.source,
            note=price.note
            if quantity is not None
            else f"priced per {price.unit}, and how many is not known",
        )

    @staticmethod
    def _sum(quotes: list[Quote]) -> Quote:
        """Return the first quote with the amount of all of them; of parts alone no quantity tells the whole."""
        if len(quotes) == 1:
            return quotes[0]
        amounts = [quote.amount_nano for quote in quotes]
        total = None if None in amounts else sum(amount for amount in amounts if amount is not None)
        notes = "; ".join(dict.fromkeys(quote.note for quote in quotes if quote.note))
        parts = tuple(quote for quote in quotes if quote.amount_nano)
        summed = replace(quotes[0], amount_nano=total, note=notes, parts=parts if len(parts) > 1 else ())
        return replace(summed, quantity=None, unit_price=None) if summed.unit in PARTS else summed


def amount_nano(price: Decimal, quantity: int, per: int = 1) -> int:
    """Return ``quantity`` units at ``price`` for ``per``, in nano-units, rounded up to a whole one."""
    top, bottom = price.as_integer_ratio()
    return -(-top * quantity * NANO // (bottom * per))


def _today() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def load(file: Path) -> PriceBook:
    """Read one book.

    Raises
    ------
    ConfigError
        For an unknown key, a price that is not exact, or two prices that could both match.
    """
    content = tables.read(file)
    tables.check(file, "", content, {"book": dict, "price": list}, ("book",))
    head = content["book"]
    tables.check(file, "book", head, _BOOK, ("name", "currency", "source", "retrieved"))
    prices = tuple(
        _price(file, number, table) for number, table in enumerate(tables.listed(file, content, "price"), 1)
    )
    ambiguous(file, prices)
    return PriceBook(
        name=head["name"],
        currency=head["currency"],
        default=head.get("default", False),
        source=head["source"],
        retrieved=head["retrieved"],
        own=prices,
        extends=head.get("extends"),
    )


def ambiguous(file: Path, prices: Iterable[Price]) -> None:
    """Raise ConfigError when two prices could both match one request."""
    for one, other in combinations(prices, 2):
        if one.clashes(other):
            lines = f"{one.label()} at {one.price}, and {other.label()} at {other.price}"
            raise ConfigError(
                f"{file}: two prices could both apply: {lines}",
                hint="Give them conditions (when) or dates (valid_from, valid_to) that cannot both hold.",
            )


def _price(file: Path, number: int, table: tables.Table) -> Price:
    entry = f"price {number} ({table.get('kind', '?')} {table.get('model', '?')})"
    tables.check(file, entry, table, _PRICE, ("provider", "kind", "model", "unit", "price"))
    if table["unit"] not in QUANTITY_OF:
        tables.fail(file, entry, f"unit {table['unit']!r} is not one of {', '.join(QUANTITY_OF)}")
    per = table.get("per", 1)
    if per < 1:
        tables.fail(file, entry, f"per must be at least 1, not {per}")
    if table.get("free", 0) < 0:
        tables.fail(file, entry, f"free must be 0 or more, not {table['free']}")
    return Price(
        provider=table["provider"],
        kind=table["kind"],
        models=tables.strings(file, entry, "model", table["model"]),
        unit=table["unit"],
        per=per,
        price=_exact(file, entry, table["price"]),
        when={name: _wanted(file, entry, name, value) for name, value in table.get("when", {}).items()},
        valid_from=table.get("valid_from"),
        valid_to=table.get("valid_to"),
        source=table.get("source", ""),
        note=table.get("note", ""),
        free=table.get("free", 0),
    )


def _exact(file: Path, entry: str, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        tables.fail(file, entry, f"price {text!r} is not a decimal number")
    if not value.is_finite() or value < 0:
        tables.fail(file, entry, f"price {text!r} must be a number, 0 or more")
    return value


def _wanted(file: Path, entry: str, name: str, value: Any) -> Wanted:
    if isinstance(value, dict):
        tables.check(file, f"{entry}, when {name}", value, {"min": float, "max": float})
        if not value:
            tables.fail(file, f"{entry}, when {name}", "give min, max or both")
        return Wanted(low=value.get("min"), high=value.get("max"))
    values = tuple(value) if isinstance(value, list) else (value,)
    if not values:
        tables.fail(file, f"{entry}, when {name}", "an empty list is never met")
    return Wanted(values=values)
