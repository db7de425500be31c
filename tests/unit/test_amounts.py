"""Amounts and limits as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from minimax_nb.amounts import Amount, Limit, amount_of, limit_of
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
