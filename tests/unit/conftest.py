"""Shared by the ledger's tests: rows, clocks and ledgers on a real file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.ledger import JobRecord, Ledger

#: 2026-11-21 12:00:00 UTC, a Saturday.
NOON_US = 1_795_262_400_000_000


class Clock:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.us = NOON_US

    def __call__(self) -> int:
        return self.us

    def forward(self, seconds: float) -> None:
        self.us += int(seconds * 1e6)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", clock=clock) as made:
        yield made


@pytest.fixture
def record(clock: Clock) -> Callable[..., JobRecord]:
    """A function that makes a video job with a fresh id; keywords replace fields."""
    made = 0

    def make(**fields: Any) -> JobRecord:
        nonlocal made
        made += 1
        values: dict[str, Any] = {
            "id": f"01KAKEZ000000000000000{made:04d}",
            "kind": "video",
            "provider": "minimax",
            "model": "MiniMax-Hailuo-2.3",
            "operation": "video.generate",
            "endpoint": "api.minimax.io/v1/video_generation",
            "account": "a1b2c3",
            "request": {"prompt": "a fox", "model": "MiniMax-Hailuo-2.3", "duration": 6},
            "fingerprint": "f" * 64,
            "created_us": clock(),
            "updated_us": clock(),
            "prompt": "a fox",
            "estimate_nano": 280_000_000,
        }
        return JobRecord(**{**values, **fields})

    return make
