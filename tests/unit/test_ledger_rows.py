"""Money and moments as people write them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from minimax_nb.ledger.rows import microseconds, money


@pytest.mark.parametrize(
    ("nano", "currency", "text"),
    [
        (280_000_000, "USD", "$0.28"),
        (0, "USD", "$0.00"),
        (3_500_000, "USD", "$0.0035"),
        (1, "USD", "$0.000000001"),
        (1_234_500_000_000, "CNY", "¥1,234.50"),
        (-80_000_000, "USD", "-$0.08"),
        (5_000_000_000, "EUR", "5.00 EUR"),
        (9_223_372_036_854_775_807, "USD", "$9,223,372,036.854775807"),
    ],
)
def test_money_is_exact(nano: int, currency: str, text: str) -> None:
    assert money(nano, currency) == text


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    "when",
    ["2026-11-21", date(2026, 11, 21), datetime.fromisoformat("2026-11-21T00:00"), "2026-11-20T23:00:00Z"],
)
def test_moments_without_a_zone_are_local(when: str | date | datetime) -> None:
    assert microseconds(when, 0) == 1_795_215_600_000_000
