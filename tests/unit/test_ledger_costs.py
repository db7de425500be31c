"""Sums by day that triggers keep: always those of the jobs, whatever happens to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger import Charge, JobRecord, JobState, Ledger
from minimax_nb.ledger.costs import WAYS, cost_sums
from minimax_nb.ledger.filter import Filter
from minimax_nb.ledger.migrate import migrations
from minimax_nb.ledger.rows import DAY_US
from tests.unit.conftest import NOON_US, Clock

Make = Callable[..., JobRecord]
_SUMS = "jobs, cost_nano, estimate_nano, possible_nano, possible_jobs, open_nano, unpriced_jobs"

STEPS = ["send", "lose", "charge 5", "charge 9", "unpriced", "free", "refund", "rename", "give up"]
#: One job: how old in days, its kind, project, price, and what becomes of it.
JOBS = st.lists(
    st.tuples(
        st.floats(0, 3),
        st.sampled_from(["image", "video"]),
        st.sampled_from(["", "demo"]),
        st.sampled_from([None, 0, 5, 7]),
        st.lists(
            st.sampled_from(
                ["send", "lose", "charge 5", "charge 9", "unpriced", "free", "refund", "rename", "give up"]
            ),
            max_size=4,
        ),
        st.booleans(),
    ),
    max_size=8,
)


def live(ledger: Ledger, job: JobRecord, step: str) -> None:
    """Let one thing happen to a job."""
    if step == "send":
        ledger.update_job(job.id, event=step, state=JobState.SUBMITTING, charge=Charge.HELD)
    elif step == "lose":
        ledger.update_job(job.id, event=step, state=JobState.UNKNOWN, charge=Charge.UNKNOWN)
    elif step.startswith("charge"):
        nano = int(step.split()[1])
        ledger.settle(
            job.id, charge=Charge.CHARGED, source="reported", amount_nano=nano, state=JobState.SUCCEEDED
        )
    elif step == "unpriced":
        ledger.settle(job.id, charge=Charge.CHARGED, source="unpriced")
    elif step == "free":
        ledger.update_job(job.id, event=step, state=JobState.FAILED, charge=Charge.NOT_CHARGED)
    elif step == "refund":
        ledger.add_cost(job.id, amount_nano=-2, source="reported", kind="refund")
    elif step == "rename":
        ledger.update_job(job.id, event=step, project="renamed", model="other")
    else:
        ledger.update_job(job.id, event=step, state=JobState.ABANDONED)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JOBS, st.floats(0, 3), st.floats(0, 3))
def test_sums_are_those_of_the_jobs(
    tmp_path_factory: pytest.TempPathFactory,
    record: Make,
    lives: list[tuple[float, str, str, int | None, list[str], bool]],
    since: float,
    until: float,
) -> None:
    path = tmp_path_factory.mktemp("sums") / "ledger.db"
    with Ledger(path, clock=Clock()) as ledger:
        for age, kind, project, price, steps, sandbox in lives:
            at = NOON_US - int(age * DAY_US)
            job = record(kind=kind, project=project, estimate_nano=price, sandbox=sandbox, created_us=at)
            ledger.insert_job(job)
            for step in steps:
                live(ledger, job, step)
        ledger.insert_job(record())  # after all that was queued
        assert ledger.problems() == []
        wanted = Filter(since_us=NOON_US - int(since * DAY_US), until_us=NOON_US - int(until * DAY_US))
        with sqlite3.connect(path) as connection:
            for limits in (wanted, Filter(since_us=wanted.since_us), Filter(until_us=wanted.until_us)):
                for by in ("day", "kind", "project"):
                    assert cost_sums(connection, by, limits) == plain(connection, by, limits)  # type: ignore[arg-type]


def plain(connection: sqlite3.Connection, by: str, wanted: Filter) -> list[object]:
    """Sum up job by job: a text that all prompts have makes every job be looked at."""
    from dataclasses import replace

    return list(cost_sums(connection, by, replace(wanted, text="fox")))  # type: ignore[arg-type]


def test_a_broken_sum_is_found(ledger: Ledger, record: Make) -> None:
    ledger.insert_job(record())
    assert ledger.problems() == []
    with sqlite3.connect(ledger.path) as other:
        other.execute("UPDATE cost_days SET cost_nano = cost_nano + 1")
    assert ledger.problems() == ["the sums of costs by day are not those of the jobs"]


def test_an_older_ledger_is_summed_up_when_it_is_opened(tmp_path: Path, record: Make) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        ledger.insert_job(record())
    with sqlite3.connect(path) as old:
        old.execute("DELETE FROM cost_days")
        text = next(item.text for item in migrations() if "INSERT INTO cost_days" in item.text)
        fill = text[text.index("INSERT INTO cost_days\n") :].partition(";")[0]
        old.execute(fill)
    with Ledger(path) as ledger:
        assert ledger.problems() == []
        assert ledger.cost_sums("kind")[0].jobs == 1


def test_costs_by_month_notebook_and_tag(ledger: Ledger, record: Make, clock: Clock) -> None:
    ledger.start_kernel("k1", notebook="/books/foxes.ipynb")
    clock.forward(20 * 86_400)
    for number, tags in enumerate(({"round": "1"}, {"round": "1", "who": "ada"}, {})):
        job = record(session_id="k1" if number else None, tags=tags)
        ledger.insert_job(job)
        ledger.settle(job.id, charge=Charge.CHARGED, source="reported", amount_nano=10**number).result()
    costs = {
        by: {row.key: row.cost_nano for row in ledger.cost_sums(by)} for by in ("month", "notebook", "tag")
    }  # type: ignore[arg-type]
    assert costs == {
        "month": {"2026-12": 111},
        "notebook": {"": 1, "/books/foxes.ipynb": 110},
        "tag": {"round=1": 11, "who=ada": 10},
    }
    with pytest.raises(RequestInvalidError, match="cost by 'mood'; allowed: provider, model"):
        ledger.cost_sums("mood")  # type: ignore[arg-type]
    assert "tag" in WAYS


def test_what_nobody_knows_the_price_of_is_not_free(ledger: Ledger, record: Make) -> None:
    for kind, price, source in (
        ("agent", None, "unpriced"),
        ("image", 5, "metered"),
        ("search", 0, "metered"),
    ):
        job = record(kind=kind, estimate_nano=price)
        ledger.insert_job(job)
        ledger.settle(job.id, charge=Charge.CHARGED, source=source, amount_nano=price)
    frame = ledger.cost_summary("kind").set_index("kind")
    assert frame["cost"].isna().to_dict() == {"agent": True, "image": False, "search": False}
    assert frame["cost_nano"].isna().to_dict() == {"agent": True, "image": False, "search": False}
    assert (frame["cost_nano"]["image"], frame["cost"]["search"]) == (5, 0.0)


def test_estimate_stands_against_the_bill(ledger: Ledger, record: Make) -> None:
    charged, free, lost = record(), record(), record()
    for job in (charged, free, lost):
        ledger.insert_job(job)
    ledger.settle(charged.id, charge=Charge.CHARGED, source="metered", amount_nano=300_000_000)
    ledger.settle(free.id, charge=Charge.NOT_CHARGED, source="reported")
    ledger.update_job(lost.id, event="lost", state=JobState.UNKNOWN, charge=Charge.UNKNOWN).result()
    [row] = ledger.cost_sums("kind")
    assert (row.estimate_nano, row.cost_nano, row.possible_nano) == (280_000_000, 300_000_000, 280_000_000)
    frame = ledger.cost_summary("kind")
    assert (frame.cost[0], frame.estimated[0], frame.cost_nano[0]) == (0.3, 0.28, 300_000_000)


def test_summary_tells_jobs_and_seconds(ledger: Ledger, record: Make, clock: Clock) -> None:
    for seconds in (1, 2, 3, 4, 5):
        job = record(created_us=clock(), updated_us=clock())
        ledger.insert_job(job)
        clock.forward(seconds)
        state = JobState.FAILED if seconds == 5 else JobState.SUCCEEDED
        charge = Charge.NOT_CHARGED if seconds == 5 else Charge.CHARGED
        ledger.settle(
            job.id, charge=charge, source="reported", amount_nano=1_000_000_000, state=state
        ).result()
    [row] = ledger.summary().to_dict("records")
    assert (row["jobs"], row["done"], row["failed"], row["cost"]) == (5, 4, 1, 4.0)
    assert (row["p50_s"], row["p95_s"]) == (2.5, pytest.approx(3.85))
    assert len(ledger.summary(since=timedelta(0))) == 0
    with pytest.raises(RequestInvalidError, match="summary by 'mood'"):
        ledger.summary("mood")


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(state="unknown"), "ix_jobs_not_done"),
        (Filter(session_id="k"), "ix_jobs_session"),
        (Filter(state="open"), "ix_jobs_open"),
        (Filter(project="demo"), "ix_jobs_project"),
        (Filter(since_us=1), "ix_jobs_created"),
        (Filter(starred=True), "sqlite_autoindex_jobs_1"),
    ],
)
def test_a_long_ledger_is_not_walked_through(ledger: Ledger, wanted: Filter, index: str) -> None:
    where, values = wanted.where()
    sql = f"EXPLAIN QUERY PLAN SELECT * FROM jobs{where} ORDER BY created_us DESC, id DESC LIMIT 20"
    with sqlite3.connect(ledger.path) as connection:
        plan = " / ".join(row[3] for row in connection.execute(sql, values))
    assert index in plan
