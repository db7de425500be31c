"""Amounts and limits as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.amounts import Amount, Limit, amount_of, count, limit_of, money
from minimax_nb.settings import Settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", Amount(5_000_000_000)),
        (5, Amount(5_000_000_000)),
        (0.1, Amount(100_000_000)),
        (Decimal("0.000000001"), Amount(1)),
        ("$0.50", Amount(500_000_000)),
        ("¥20", Amount(20_000_000_000, "CNY")),
        ("20 cny", Amount(20_000_000_000, "CNY")),
        ("0", Amount(0)),
    ],
)
def test_amounts(text: object, expected: Amount) -> None:
    assert amount_of(text) == expected


@pytest.mark.parametrize(
    "text", ["", "-1", "1,000", "1e3", "nan", "inf", "0.0000000001", "$5 USD", "five", "9999999999"]
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="an amount of money, 0 or more"):
        amount_of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", Limit(5_000_000_000, "USD", "total")),
        ("5/total", Limit(5_000_000_000, "USD", "total")),
        ("5 / Day", Limit(5_000_000_000, "USD", "day")),
        ("20 CNY/month", Limit(20_000_000_000, "CNY", "month")),
        ("0.5/week", Limit(500_000_000, "USD", "week")),
    ],
)
def test_limits(text: str, expected: Limit) -> None:
    assert limit_of(text) == expected


@pytest.mark.parametrize("text", ["5/", "5/year", "/day", "5/day/week", "a/day"])
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="an amount for a period"):
        limit_of(text)


def test_a_switch_may_be_a_truth_value() -> None:
    assert Settings({"reuse": True, "replay": False}, environ={}).value("reuse") == "on"
    assert Settings({"reuse": True, "replay": False}, environ={}).value("replay") == "off"


@pytest.mark.parametrize(
    ("nano", "currency", "text"),
    [
        (280_000_000, "USD", "$0.28"),
        (3_500_000, "USD", "$0.0035"),
        (2_000_000_000, "CNY", "¥2.00"),
        (0, "USD", "$0.00"),
        (1, "USD", "$0.000000001"),
        (1_234_500_000_000, "USD", "$1,234.50"),
        (100_000_000, "USD", "$0.10"),
        (-280_000_000, "USD", "-$0.28"),
        (1_000_000_000, "CHF", "CHF 1.00"),
        (5_000_000_000, "EUR", "€5.00"),
        (9_223_372_036_854_775_807, "USD", "$9,223,372,036.854775807"),
        (1_234_500_000_000, "CNY", "¥1,234.50"),
        (None, "USD", "no price known"),
    ],
)
def test_money(nano: int | None, currency: str, text: str) -> None:
    assert money(nano, currency) == text


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_is_exact(nano: int) -> None:
    read = Decimal(money(nano).replace("$", "").replace(",", ""))
    assert read == Decimal(nano).scaleb(-9)


def test_counts() -> None:
    assert count(1, "job") == "1 job"
    assert count(0, "job") == "0 jobs"
    assert count(1200, "job") == "1,200 jobs"
