"""Price books: exact money, conditions, dates, and ambiguity refused when a book is loaded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.catalog.prices import PriceBook, amount_nano, load
from minimax_nb.errors import ConfigError

HEAD = '[book]\nname = "test"\ncurrency = "EUR"\nsource = "here"\nretrieved = 2026-11-21\n'


def price(
    extra: str = "", *, model: str = '"m"', unit: str = "clip", amount: str = "1", kind: str = "video"
) -> str:
    what = f'provider = "p"\nkind = "{kind}"\nmodel = {model}'
    return f'\n[[price]]\n{what}\nunit = "{unit}"\nprice = "{amount}"\n{extra}\n'


def book(folder: Path, *prices: str, head: str = HEAD) -> PriceBook:
    file = folder / "test.toml"
    file.write_text(head + "".join(prices), encoding="utf-8")
    return load(file)


def test_a_quote_carries_what_it_was_made_of(tmp_path: Path) -> None:
    line = price('per = 1000\nwhen = { resolution = "768P" }\nnote = "so"', unit="character", amount="0.5")
    quote = book(tmp_path, line).quote("p", "video", "m", {"resolution": "768P", "characters": 250})
    assert (quote.amount_nano, quote.amount) == (125_000_000, Decimal("0.125"))
    assert (quote.currency, quote.unit, quote.quantity, quote.unit_price, quote.per) == (
        "EUR", "character", 250, Decimal("0.5"), 1000,
    )  # fmt: skip
    assert (quote.price_id, quote.book, quote.source, quote.note) == (
        "test:p/video/m?resolution=768P", "test", "here", "so",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "facts", "quantity"),
    [
        ("image", {"n": 4, "duration": 6}, 4),
        ("second", {"n": 4, "duration": 6}, 6),
        ("character", {"characters": 0}, 0),
        ("clip", {"n": 4}, 1),
        ("song", {}, 1),
        ("request", {}, 1),
        ("voice", {}, 1),
    ],
)
def test_the_fact_that_says_how_many(tmp_path: Path, unit: str, facts: dict[str, int], quantity: int) -> None:
    quote = book(tmp_path, price(unit=unit, amount="2")).quote("p", "video", "m", facts)
    assert quote.quantity == quantity
    assert quote.amount == 2 * quantity


def test_an_unknown_quantity_is_an_unknown_amount_never_zero(tmp_path: Path) -> None:
    quote = book(tmp_path, price(unit="character")).quote("p", "video", "m", {})
    assert (quote.amount_nano, quote.amount, quote.unit) == (None, None, "character")
    assert "how many is not known" in quote.note


@pytest.mark.parametrize(
    ("provider", "kind", "model"), [("p", "video", "other"), ("p", "image", "m"), ("q", "video", "m")]
)
def test_no_price_is_an_unknown_amount(tmp_path: Path, provider: str, kind: str, model: str) -> None:
    quote = book(tmp_path, price()).quote(provider, kind, model, {})
    assert (quote.amount_nano, quote.price_id) == (None, None)
    assert model in quote.note


@given(
    cents=st.decimals(min_value=0, max_value=1000, places=12),
    quantity=st.integers(0, 10**7),
    per=st.integers(1, 10**6),
)
def test_amounts_are_exact_and_rounded_up(cents: Decimal, quantity: int, per: int) -> None:
    assert amount_nano(cents, quantity, per) == ceil(Fraction(cents) * quantity * 10**9 / per)


def test_conditions_choose_the_price(tmp_path: Path) -> None:
    prices = book(
        tmp_path,
        price("when = { characters = { max = 99 } }", amount="1"),
        price("when = { characters = { min = 100 } }", amount="2"),
        price('when = { mode = ["text", "subject"] }', model='["a", "b"]', amount="3"),
    )
    found = {n: prices.quote("p", "video", "m", {"characters": n}).amount for n in (0, 99, 100)}
    assert found == {0: 1, 99: 1, 100: 2}
    assert prices.quote("p", "video", "m", {}).amount is None
    assert prices.quote("p", "video", "b", {"mode": "subject"}).amount == 3
    assert prices.quote("p", "video", "b", {"mode": "first-frame"}).amount is None


def test_parts_add_up_and_the_first_ones_may_be_free(tmp_path: Path) -> None:
    prices = book(
        tmp_path,
        price(unit="second", amount="2"),
        price("free = 5", unit="reference-image", amount="0.5"),
        price(unit="reference-second", amount="3"),
    )
    facts = {"duration": 4, "reference_images": 7, "reference_seconds": 1}
    quote = prices.quote("p", "video", "m", facts)
    assert (quote.amount, quote.unit, quote.quantity) == (8 + 1 + 3, "second", 4)
    assert [(part.quantity, part.unit) for part in quote.parts] == [
        (4, "second"), (2, "reference-image"), (1, "reference-second"),
    ]  # fmt: skip
    assert prices.quote("p", "video", "m", {"duration": 4, "reference_images": 5}).amount == 8
    assert prices.quote("p", "video", "m", {"reference_images": 7}).amount is None


def test_tokens_must_be_known_but_cached_ones_need_not(tmp_path: Path) -> None:
    units = {"input-token": "1", "output-token": "2", "cache-read-token": "3", "cache-write-token": "4"}
    prices = book(tmp_path, *[price(unit=unit, amount=amount) for unit, amount in units.items()])
    facts = {"input_tokens": 10, "output_tokens": 1}
    assert prices.quote("p", "video", "m", facts).amount == 12
    cached = {**facts, "cache_read_tokens": 1, "cache_write_tokens": 1}
    assert prices.quote("p", "video", "m", cached).amount == 19
    assert prices.quote("p", "video", "m", {"input_tokens": 10}).amount is None
    with pytest.raises(ConfigError, match="two prices could both apply"):
        book(tmp_path, price(unit="input-token"), price(unit="input-token", amount="2"))


def test_dates_choose_the_price(tmp_path: Path) -> None:
    prices = book(
        tmp_path, price("valid_to = 2026-06-30", amount="1"), price("valid_from = 2026-07-01", amount="2")
    )
    days = (date(2026, 6, 30), date(2026, 7, 1))
    assert [prices.quote("p", "video", "m", {}, on=day).amount for day in days] == [1, 2]
    assert prices.quote("p", "video", "m", {}).amount == 2
    assert prices.quote("p", "video", "m", {}).price_id == "test:p/video/m@2026-07-01"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (price(), price(amount="2")),
        (price('when = { resolution = "768P" }'), price("when = { duration = 6 }")),
        (price('when = { resolution = "768P" }'), price()),
        (price("when = { duration = [6, 10] }"), price("when = { duration = { min = 10 } }")),
        (price("when = { n = { max = 5 } }"), price("when = { n = { min = 5, max = 9 } }")),
        (price("when = { n = { min = 1 } }"), price("when = { n = { min = 7 } }")),
        (price(model='["m", "x"]'), price(model='["x", "y"]')),
        (price("valid_from = 2026-07-01"), price("valid_to = 2026-07-01")),
        (price("valid_from = 2026-07-01"), price()),
    ],
)
def test_two_prices_that_could_both_apply_are_refused(tmp_path: Path, one: str, other: str) -> None:
    for lines in ((one, other), (other, one)):
        with pytest.raises(ConfigError, match=r"test\.toml: two prices could both apply: p/video/") as caught:
            book(tmp_path, *lines)
        assert "valid_from" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (price('when = { resolution = "768P" }'), price('when = { resolution = "1080P" }')),
        (
            price('when = { resolution = "768P", duration = 6 }'),
            price('when = { resolution = "768P", duration = 10 }'),
        ),
        (price("when = { n = { max = 4 } }"), price("when = { n = { min = 5 } }")),
        (price("when = { characters = 0 }"), price("when = { characters = { min = 1 } }")),
        (price(model='"a"'), price(model='"b"')),
        (price(), price(kind="image")),
        (price("valid_to = 2026-06-30"), price("valid_from = 2026-07-01")),
    ],
)
def test_prices_that_exclude_each_other_are_fine(tmp_path: Path, one: str, other: str) -> None:
    assert len(book(tmp_path, one, other).prices) == 2


@given(
    bounds=st.tuples(*[st.one_of(st.none(), st.integers(0, 6)) for _ in range(4)]),
    values=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    listed=st.booleans(),
)
def test_prices_overlap_exactly_when_one_value_meets_both(
    bounds: tuple[int | None, ...], values: list[int], listed: bool
) -> None:
    from minimax_nb.catalog.prices import Wanted

    one = Wanted(low=bounds[0], high=bounds[1])
    other = Wanted(values=tuple(values)) if listed else Wanted(low=bounds[2], high=bounds[3])
    both = any(one.meets(value) and other.meets(value) for value in range(-1, 8))
    assert one.overlaps(other) == other.overlaps(one) == both


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (price("pric = 3"), r"price 1 \(video m\): unknown key 'pric'; did you mean 'price'"),
        (price(unit="minute"), "unit 'minute' is not one of image, clip"),
        (price(amount="a lot"), "'a lot' is not a decimal number"),
        (price(amount="-1"), "0 or more"),
        (price(amount="NaN"), "0 or more"),
        (price().replace('"1"', "0.1"), "price must be text, not 0.1"),
        (price("per = 0"), "per must be at least 1"),
        (price("free = -1"), "free must be 0 or more"),
        (price("when = { n = {} }"), "give min, max or both"),
        (price("when = { n = { least = 1 } }"), "unknown key 'least'"),
        (price("valid_from = 2026-07-01T00:00:00"), "valid_from must be a date"),
        (price().replace('unit = "clip"\n', ""), "unit missing"),
        (price(model="3"), "model must be a list of text"),
    ],
)
def test_mistakes_name_the_file_and_the_entry(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"test\.toml: price 1 .*{message}|test\.toml: {message}"):
        book(tmp_path, line)


def test_a_book_without_a_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"test\.toml: book: source, retrieved missing"):
        book(tmp_path, head='[book]\nname = "x"\ncurrency = "USD"\n')
