"""Moments as people write them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from minimax_nb.ledger.rows import microseconds


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
