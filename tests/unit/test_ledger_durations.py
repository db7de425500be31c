"""What the ledger keeps of durations: by key, newest first, and found without a scan."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from minimax_nb.ledger import Charge, JobRecord, Ledger
from minimax_nb.ledger.durations import OF_KEY, OF_KIND, DurationKey, Took

KEY = DurationKey("minimax", "video", "", "MiniMax-Hailuo-2.3", "768P 6 s")


def settle(
    ledger: Ledger,
    job_id: str,
    key: DurationKey,
    whole: tuple[float, float],
    run: tuple[float, float] | None = None,
) -> None:
    took = (key, Took(key.model, key.size, whole, run))
    ledger.settle(job_id, charge=Charge.NONE, source="sandbox", took=took).result()


def remember(
    ledger: Ledger, record: Callable[..., JobRecord], clock: Any, key: DurationKey, *seconds: float
) -> None:
    for value in seconds:
        clock.forward(1)
        job = ledger.insert_job(record())
        settle(ledger, job.id, key, (value / 2, value))


def test_the_last_jobs_of_a_key_newest_first(
    ledger: Ledger, record: Callable[..., JobRecord], clock: Any
) -> None:
    remember(ledger, record, clock, KEY, 10, 20, 30)
    remember(ledger, record, clock, replace(KEY, size="1080P 6 s"), 40)
    assert [took.whole for took in ledger.durations(KEY, 2)] == [(15, 30), (10, 20)]
    everything = ledger.durations(KEY, 9, any_model=True)
    assert [took.size for took in everything] == ["1080P 6 s", "768P 6 s", "768P 6 s", "768P 6 s"]


@pytest.mark.parametrize(
    "other",
    [
        {"clock": "sandbox x20"},
        {"provider": "pixazo"},
        {"kind": "music"},
    ],
)
def test_other_keys_do_not_teach(
    ledger: Ledger, record: Callable[..., JobRecord], clock: Any, other: dict[str, str]
) -> None:
    remember(ledger, record, clock, replace(KEY, **other), 10)
    assert ledger.durations(KEY, 9) == []
    assert ledger.durations(KEY, 9, any_model=True) == []


def test_the_run_is_kept_to_the_microsecond_and_the_first_word_stays(
    ledger: Ledger, record: Callable[..., JobRecord]
) -> None:
    job = ledger.insert_job(record())
    settle(ledger, job.id, KEY, (50.000001, 61.5), (20, 31.25))
    settle(ledger, job.id, KEY, (1, 2))
    assert ledger.durations(KEY, 9) == [Took(KEY.model, KEY.size, (50.000001, 61.5), (20, 31.25))]


@pytest.mark.parametrize(
    ("sql", "values", "index"),
    [
        (OF_KEY, ("minimax", "video", "", "m", "", 100), "ix_durations_key"),
        (OF_KIND, ("minimax", "video", "", 100), "ix_durations_kind"),
    ],
)
def test_the_question_is_answered_from_an_index_without_sorting(
    ledger: Ledger, sql: str, values: tuple[Any, ...], index: str
) -> None:
    connection = sqlite3.connect(ledger.path)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    connection.close()
    assert len(plan) == 1
    assert plan[0].startswith(f"SEARCH durations USING INDEX {index} ")
