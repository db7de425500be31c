"""What the ledger teaches of durations: the chain of beliefs, and what does not teach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.catalog import Model, catalog
from minimax_nb.engine.connection import Connection
from minimax_nb.engine.durations import typical
from minimax_nb.engine.history import believe, key_of, past_of, size_of
from minimax_nb.ledger import Charge, JobRecord, Ledger
from minimax_nb.ledger.durations import DurationKey, Took
from minimax_nb.providers import provider
from minimax_nb.settings import Secret

MODEL = catalog().model("minimax", "video", None)


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    with Ledger(tmp_path / "ledger.db") as made:
        yield made


@pytest.fixture
def teach(ledger: Ledger) -> Callable[..., None]:
    """A function that writes finished jobs of a key."""
    count = iter(range(10_000))

    def write(key: DurationKey, *seconds: float) -> None:
        for value in seconds:
            job_id = f"01KAKEZ000000000000000{next(count):04d}"
            row = {"id": job_id, "kind": key.kind, "provider": key.provider, "model": key.model}
            rest = {"operation": "", "endpoint": "", "account": "", "request": {}, "fingerprint": ""}
            ledger.insert_job(JobRecord(**row, **rest, created_us=1, updated_us=1))
            took = (key, Took(key.model, key.size, (value, value)))
            ledger.settle(job_id, charge=Charge.NONE, source="sandbox", took=took).result()

    return write


def key(model: Model = MODEL, size: str = "768P 6 s", clock: str = "") -> DurationKey:
    return DurationKey("minimax", "video", clock, model.name, size)


def test_the_chain_of_beliefs(ledger: Ledger, teach: Callable[..., None]) -> None:
    def median() -> float:
        return past_of(ledger, key(), MODEL, 1.0).whole.median

    assert median() == pytest.approx(MODEL.typical_seconds)
    fast = catalog().model("minimax", "video", "MiniMax-Hailuo-2.3-Fast")
    teach(key(fast), *[2 * fast.typical_seconds] * 5)  # everything takes twice as long as the catalog says
    assert median() == pytest.approx(2 * MODEL.typical_seconds, rel=0.1)
    teach(key(size="1080P 6 s"), *[200.0] * 5)
    assert median() == pytest.approx(200, rel=0.1)
    teach(key(), *[60.0] * 3)
    assert median() == pytest.approx(60, rel=0.15)


def test_the_sandbox_does_not_teach_life(ledger: Ledger, teach: Callable[..., None]) -> None:
    teach(key(clock="sandbox x20"), *[3.0] * 20)
    assert past_of(ledger, key(), MODEL, 1.0).whole == typical(MODEL.typical_seconds)
    assert past_of(ledger, key(clock="sandbox x20"), MODEL, 20.0).whole.median == pytest.approx(3, rel=0.1)


def test_a_model_that_the_catalog_lost_does_not_matter(ledger: Ledger, teach: Callable[..., None]) -> None:
    teach(DurationKey("minimax", "video", "", "Gone-1", ""), 5.0, 5.0)
    assert past_of(ledger, key(), MODEL, 1.0).whole == typical(MODEL.typical_seconds)


def test_a_closed_ledger_gives_the_catalogs_word(tmp_path: Path) -> None:
    closed = Ledger(tmp_path / "closed.db")
    closed.close()
    assert past_of(closed, key(), MODEL, 1.0).whole == typical(MODEL.typical_seconds)


def test_a_queue_is_looked_for_when_it_was_seen_often_enough() -> None:
    seen, unseen = Took("m", "", (90, 92), (60, 62)), Took("m", "", (60, 62))
    assert not believe([seen, seen], typical(60)).queues
    assert believe([seen, seen, seen], typical(60)).queues
    assert not believe([seen, seen, seen, *[unseen] * 10], typical(60)).queues


def test_keys_tell_apart_what_decides_the_duration() -> None:
    assert size_of({"resolution": "768P", "duration": 6, "mode": "text"}) == "768P 6 s"
    assert [size_of({"n": n}) for n in (1, 3, 9)] == ["", "2-3 images", "4-9 images"]
    assert [size_of({"characters": n}) for n in (12, 65, 10_000)] == [
        "up to 64 characters",
        "up to 256 characters",
        "up to 16384 characters",
    ]
    life = Connection(provider("minimax"), "https://api.minimax.io", Secret("k" * 12), "test", "a")
    fast = Connection(life.provider, life.host, life.key, "test", "s", sandbox=True, speed=20.0)
    assert key_of(life, MODEL, {}).clock == ""
    assert key_of(fast, MODEL, {}).clock == "sandbox x20"
