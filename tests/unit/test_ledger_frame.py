"""The ledger as a DataFrame: typed columns, filters in SQL, sums that never mix moneys."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger import Charge, JobRecord, JobState, Ledger, arrow
from minimax_nb.ledger.frame import FULL, MAIN, SLIM
from tests.unit.conftest import NOON_US, Clock

Make = Callable[..., JobRecord]
DOLLAR = 1_000_000_000


@dataclass(frozen=True)
class Stored:
    sha256: str
    bytes: int = 1000
    mime: str = "image/jpeg"
    ext: str = "jpg"


@pytest.fixture
def filled(ledger: Ledger, record: Make, clock: Clock) -> Ledger:
    """Three jobs: a stored image, a failed video, and a clip whose reply was lost."""
    image = record(
        kind="image", model="image-01", project="demo", tags={"batch": "b1"}, template="a {x}", price_id="p1",
        request={"prompt": "a fox", "model": "image-01", "n": 2, "seed": 7, "aspect_ratio": "16:9"},
        submitted_us=NOON_US + 500_000,
    )  # fmt: skip
    ledger.insert_job(image)
    clock.forward(2)
    ledger.update_job(image.id, event="running", state=JobState.RUNNING)
    clock.forward(3)
    ledger.settle(
        image.id, charge=Charge.CHARGED, source="metered", amount_nano=7_000_000, unit="image", quantity=2,
        state=JobState.SUCCEEDED, facts={"seed": 8},
    )  # fmt: skip
    ledger.attach_media(image.id, "input", 0, Stored("e" * 64))
    ledger.attach_media(image.id, "output", 1, Stored("d" * 64), name="fox-2.jpg")
    ledger.attach_media(
        image.id, "output", 0, Stored("c" * 64), name="fox-1.jpg", facts={"width": 64, "height": 36}
    )
    failed = record(sandbox=True)
    ledger.insert_job(failed)
    error = {"category": "content_rejected", "message": "input sensitive", "code": "1026"}
    ledger.settle(failed.id, charge=Charge.NOT_CHARGED, source="sandbox", state=JobState.FAILED, error=error)
    lost = record(prompt=None)
    ledger.insert_job(lost)
    ledger.update_job(lost.id, event="lost", state=JobState.UNKNOWN, charge=Charge.UNKNOWN).result()
    return ledger


def test_main_has_what_one_compares(filled: Ledger) -> None:
    frame = filled.frame()
    assert tuple(frame.columns) == MAIN
    assert MAIN == (
        "job", "time", "kind", "provider", "model", "prompt", "options", "state", "queued_s", "run_s", "total_s",
        "cost", "currency", "cost_nano", "cost_source", "seed", "file", "bytes", "error",
    )  # fmt: skip
    assert SLIM == (
        "job", "time", "kind", "provider", "model", "prompt", "state", "total_s", "cost", "currency", "cost_nano",
        "cost_source", "error",
    )  # fmt: skip
    assert tuple(filled.frame("slim").columns) == SLIM
    row = frame.iloc[0]
    assert (row.kind, row.model, row.prompt, row.state) == ("image", "image-01", "a fox", "succeeded")
    assert row.time == pd.Timestamp("2026-11-21 12:00:00", tz="UTC")
    assert row.total_s == 5.0
    assert (row.cost, row.currency, row.cost_nano, row.cost_source) == (0.007, "USD", 7_000_000, "metered")
    assert list(frame.error[1:]) == ["1026: input sensitive", pd.NA]
    assert list(frame.cost[1:].isna()) == [False, True]  # free is 0, not known is NaN
    assert pd.isna(frame.prompt[2])


def test_dtypes_do_not_depend_on_the_rows(ledger: Ledger, filled: Ledger) -> None:
    empty = ledger.frame("full", since=NOON_US * 2)
    full = filled.frame("full")
    assert len(empty) == 0
    assert tuple(full.columns) == FULL
    assert dict(empty.dtypes) == dict(full.dtypes)
    kinds = {name: str(dtype) for name, dtype in full.dtypes.items()}
    assert kinds["time"] == kinds["finished"] == "datetime64[us, UTC]"
    assert kinds["cost"] == kinds["estimate"] == kinds["run_s"] == "float64"
    assert kinds["cost_nano"] == kinds["seed"] == kinds["bytes"] == "Int64"
    assert kinds["sandbox"] == "bool"
    assert kinds["prompt"].startswith("string")


def test_full_has_everything_else(filled: Ledger) -> None:
    row = filled.frame("full").iloc[0]
    assert (row.cost_nano, row.charge, row.result, row.unit, row.quantity) == (
        7_000_000,
        "charged",
        "none",
        "image",
        2,
    )
    assert (row.queued_s, row.run_s, row.seed, row.file, row.bytes) == (1.5, 3.0, 8, "fox-1.jpg", 2000)
    assert (row.batch, row.template, row.price_id, row.project) == ("b1", "a {x}", "p1", "demo")
    assert (row.width, row.height, row.files, row.sha256, row.mime) == (64, 36, 2, "c" * 64, "image/jpeg")
    assert json.loads(row.tags) == {"batch": "b1"}
    assert json.loads(row.request)["n"] == 2
    assert row.estimate == 0.28
    assert pd.isna(row.stored)


def test_options_are_what_was_asked_beyond_prompt_model_and_defaults(ledger: Ledger, record: Make) -> None:
    from minimax_nb.kinds import request_class

    request = request_class("image").make("a fox", n=3, aspect_ratio="16:9", seed=5)
    ledger.insert_job(record(kind="image", request=request.to_json()))
    ledger.insert_job(record(kind="holograms", request={"prompt": "x", "model": "m", "depth": 3}))
    options = [json.loads(text) for text in ledger.frame(["options"]).options]
    assert options == [{"n": 3, "aspect_ratio": "16:9"}, {"depth": 3}]


def test_columns_are_chosen_by_name(filled: Ledger) -> None:
    assert list(filled.frame(["model", "cost"]).columns) == ["model", "cost"]
    with pytest.raises(RequestInvalidError, match="no column 'price'; there are: main, slim, full, job"):
        filled.frame(["price"])


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ({"kind": "image"}, [0]),
        ({"project": "demo"}, [0]),
        ({"provider": "apixo"}, []),
        ({"state": "open"}, [2]),
        ({"state": JobState.FAILED}, [1]),
        ({"since": NOON_US + 1}, [1, 2]),
        ({"since": datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)}, [1, 2]),
        ({"since": "2026-11-21T12:00:01+00:00"}, [1, 2]),
        ({"since": "2026-11-21T13:00:01+01:00", "state": "failed"}, [1]),
        ({"since": timedelta(seconds=1)}, [1, 2]),
        ({"since": date(2026, 11, 18)}, [0, 1, 2]),
        ({"since": "1 s"}, [1, 2]),
        ({"since": "2h", "until": NOON_US + 1}, [0]),
        ({"model": "image-01"}, [0]),
        ({"text": "A FOX"}, [0, 1]),
        ({"text": "a%x"}, []),
        ({"tag": "batch=b1"}, [0]),
        ({"tag": {"batch": "b2"}}, []),
        ({"tag": ["batch"]}, [0]),
        ({"sandbox": True}, [1]),
        ({"starred": False}, [0, 1, 2]),
        ({"session": "k"}, []),
        ({"batch": "b1"}, []),
        ({"latest": 2}, [1, 2]),
        ({"latest": 9}, [0, 1, 2]),
        ({"latest": 1, "sandbox": False}, [2]),
    ],
)
def test_filters_run_in_sql(filled: Ledger, filters: dict[str, object], rows: list[int]) -> None:
    everything = list(filled.frame().job)
    assert list(filled.frame(**filters).job) == [everything[row] for row in rows]  # type: ignore[arg-type]


def test_a_moment_that_is_none_is_one_line(filled: Ledger) -> None:
    with pytest.raises(RequestInvalidError, match="since 'yesterday': a date"):
        filled.frame(since="yesterday")
    with pytest.raises(RequestInvalidError, match="tag 'a\"b'"):
        filled.frame(tag='a"b')


def test_arrow_and_the_plain_way_agree(filled: Ledger, record: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = ["say \"x\", 'y'", "", "a\nb\r\nc,d", "ünï 🎬 \u2028", ",", None, '""', "%s %d", "\\N", "NULL"]
    for number, prompt in enumerate(odd):
        request = {
            "prompt": prompt,
            "model": 'm"1,',
            "n": number,
            "speed": 1.5,
            "loop": True,
            "words": ["a", "b"],
        }
        error = {"code": "1", "message": prompt} if number % 2 else None
        filled.insert_job(record(kind="odd", prompt=prompt, model='m"1,', request=request, error=error))
    fast = filled.frame("full", options=True)
    assert list(fast.prompt[3:]) == [pd.NA if prompt is None else prompt for prompt in odd]
    monkeypatch.setattr(arrow, "PORTION", 3)
    pd.testing.assert_frame_equal(fast, filled.frame("full", options=True))
    monkeypatch.setattr(arrow, "fetch", lambda *_: None)
    pd.testing.assert_frame_equal(fast, filled.frame("full", options=True))


def test_options_become_columns(filled: Ledger) -> None:
    frame = filled.frame(["kind"], options=True)
    assert list(frame.columns) == ["kind", "opt.aspect_ratio", "opt.duration", "opt.n", "opt.seed"]
    assert [str(dtype) for dtype in frame.dtypes[1:]] == ["string", "Int64", "Int64", "Int64"]
    assert list(frame["opt.seed"]) == [7, pd.NA, pd.NA]
    assert list(filled.frame(["kind"], options=True, kind="none").columns) == ["kind"]


def test_rows_stand_in_order_of_time(ledger: Ledger, record: Make, clock: Clock) -> None:
    ages = [3, 1, 2, 1, 0]
    ids = [ledger.insert_job(record(created_us=clock() - age)).id for age in ages]
    assert list(ledger.frame().job) == [ids[index] for index in (0, 2, 1, 3, 4)]


def test_moneys_are_never_summed_together(filled: Ledger, record: Make, clock: Clock) -> None:
    for currency, sandbox, nano in (
        ("USD", False, DOLLAR),
        ("CNY", False, DOLLAR),
        ("USD", True, 5 * DOLLAR),
    ):
        made = record(currency=currency, sandbox=sandbox)
        filled.insert_job(made)
        filled.settle(made.id, charge=Charge.CHARGED, source="metered", amount_nano=nano).result()
    unpriced = record()
    filled.insert_job(unpriced)
    filled.settle(unpriced.id, charge=Charge.CHARGED, source="unpriced")
    filled.insert_job(record())  # still running
    sums = filled.cost_sums("provider")
    assert [(row.key, row.currency, row.sandbox, row.jobs, row.cost_nano) for row in sums] == [
        ("minimax", "CNY", False, 1, DOLLAR),
        ("minimax", "USD", False, 5, 1_007_000_000),
        ("minimax", "USD", True, 2, 5 * DOLLAR),
    ]
    real = sums[1]
    assert (real.possible_jobs, real.possible_nano) == (1, 280_000_000)
    assert (real.open_nano, real.unpriced_jobs) == (280_000_000, 1)
    assert filled.spent_today() == [
        ("CNY", Decimal(1), False),
        ("USD", Decimal("1.007"), False),
        ("USD", Decimal(5), True),
    ]


def test_costs_are_grouped_as_asked(filled: Ledger, clock: Clock, record: Make) -> None:
    clock.forward(86_400)
    later = record(kind="music", model="music-2.0", project="songs")
    filled.insert_job(later)
    filled.settle(later.id, charge=Charge.CHARGED, source="metered", amount_nano=30_000_000).result()
    by_day = {(row.key, row.sandbox): row.cost_nano for row in filled.cost_sums("day")}
    assert by_day == {
        ("2026-11-21", False): 7_000_000,
        ("2026-11-22", False): 30_000_000,
        ("2026-11-21", True): 0,
    }
    assert {row.key for row in filled.cost_sums("model")} == {"image-01", "MiniMax-Hailuo-2.3", "music-2.0"}
    assert {row.key for row in filled.cost_sums("project")} == {"", "demo", "songs"}
    assert [row.key for row in filled.cost_sums("kind", project="songs")] == ["music"]
    with pytest.raises(RequestInvalidError, match="cost by 'mood'; allowed: provider, model"):
        filled.cost_sums("mood")  # type: ignore[arg-type]


def test_the_summary_is_a_typed_frame(filled: Ledger) -> None:
    frame = filled.cost_summary("model")
    assert list(frame.columns) == [
        "model", "money", "currency", "jobs", "cost", "estimated", "possibly_spent", "running", "unpriced_jobs",
        "cost_nano",
    ]  # fmt: skip
    assert list(frame.money) == ["real", "real", "sandbox"]
    assert frame.cost.sum() == 0.007
    assert list(frame.possibly_spent) == [0.28, 0, 0]
    assert dict(filled.cost_summary("model", kind="none").dtypes) == dict(frame.dtypes)


def test_the_ledger_does_not_import_pandas() -> None:
    code = "import sys, minimax_nb.ledger; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
