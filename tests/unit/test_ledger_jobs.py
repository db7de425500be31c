"""One job's life in the ledger: intent, changes, sticky ends, settlement, leases, media."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger import OPEN_STATES, Charge, JobRecord, JobState, Ledger, ResultState
from minimax_nb.ledger.rows import OPEN
from tests.unit.conftest import NOON_US, Clock

Make = Callable[..., JobRecord]
TERMINAL = sorted(set(JobState) - OPEN_STATES)


def test_a_record_comes_back_as_it_went_in(ledger: Ledger, record: Make) -> None:
    cached = record()
    ledger.insert_job(cached)
    full = record(
        state=JobState.RUNNING, charge=Charge.HELD, result=ResultState.AVAILABLE, sandbox=True, project="demo",
        session_id="k1", cell_id="c1", name="hero", template="a {animal}", tags={"take": "1"}, raw_state="Processing",
        task_id="t1", locator={"method": "GET", "query": {"id": "t1"}}, trace_id="x", attempts=2, http_status=200,
        error={"category": "unknown", "message": "grüße"}, facts={"seed": 7}, warnings=["careful"], submitted_us=1,
        running_us=2, finished_us=3, stored_us=4, lease_owner="me", lease_until_us=9, currency="CNY", unit="clip",
        quantity=1, price_id="p", cost_nano=5, cost_source="reported", cached_from=cached.id,
    )  # fmt: skip
    assert ledger.insert_job(full) == full
    assert ledger.job(full.id) == full


def test_the_intent_and_its_event_are_one(ledger: Ledger, record: Make) -> None:
    made = record()
    ledger.insert_job(made)
    with pytest.raises(sqlite3.IntegrityError):
        ledger.insert_job(made)
    (event,) = ledger.events(made.id)
    assert (event.seq, event.event, event.state, event.at_us) == (1, "created", JobState.NEW, NOON_US)
    assert ":" in event.actor


def test_a_change_is_written_with_its_event_and_times(ledger: Ledger, record: Make, clock: Clock) -> None:
    made = record(facts={"a": 1}, warnings=["one"])
    ledger.insert_job(made)
    clock.forward(1)
    ledger.update_job(made.id, event="sending", state=JobState.SUBMITTING, attempts=1).result()
    clock.forward(2)
    ledger.update_job(made.id, event="started", state="running", task_id="t", facts={"b": 2}).result()
    clock.forward(4)
    after = ledger.update_job(
        made.id,
        event="ended",
        state=JobState.SUCCEEDED,
        result=ResultState.AVAILABLE,
        warnings=["one", "two"],
    ).result()
    assert (after.submitted_us, after.running_us, after.finished_us) == (
        NOON_US + 10**6,
        NOON_US + 3 * 10**6,
        clock(),
    )
    assert (after.facts, after.warnings, after.task_id) == ({"a": 1, "b": 2}, ["one", "two"], "t")
    assert after.updated_us == clock()
    history = ledger.events(made.id)
    assert [(item.seq, item.event, str(item.state)) for item in history] == [
        (1, "created", "new"), (2, "sending", "submitting"), (3, "started", "running"), (4, "ended", "succeeded"),
    ]  # fmt: skip
    assert history[2].detail == {"state": "running", "task_id": "t", "facts": {"b": 2}}


@pytest.mark.parametrize("state", TERMINAL)
def test_a_terminal_state_is_final(ledger: Ledger, record: Make, state: JobState) -> None:
    made = record()
    ledger.insert_job(made)
    ended = ledger.update_job(made.id, event="ended", state=state).result()
    other = JobState.RUNNING if state is not JobState.SUCCEEDED else JobState.FAILED
    after = ledger.update_job(made.id, event="late", state=other, raw_state="Processing").result()
    assert after == ended
    assert ledger.job(made.id) == ended
    late = ledger.events(made.id)[-1]
    assert (late.event, late.state) == ("late", state)
    assert late.detail["refused"] == {"state": other.value, "raw_state": "Processing"}
    more = ledger.update_job(made.id, event="found", state=state, facts={"file": 1}).result()
    assert (more.state, more.facts) == (state, {"file": 1})


def test_the_database_itself_refuses(ledger: Ledger, record: Make) -> None:
    made = record()
    ledger.insert_job(made)
    ledger.settle(
        made.id, charge=Charge.CHARGED, source="metered", amount_nano=5, state=JobState.SUCCEEDED
    ).result()
    raw = sqlite3.connect(ledger.path)
    for sql, why in (
        ("UPDATE jobs SET state = 'failed'", "final"),
        ("UPDATE jobs SET state = 'lost', charge = 'none'", "final"),
        ("DELETE FROM jobs", "never deleted"),
        ("UPDATE job_events SET event = 'x'", "append-only"),
        ("DELETE FROM job_events", "append-only"),
        ("UPDATE cost_lines SET amount_nano = 0", "append-only"),
        ("DELETE FROM cost_lines", "append-only"),
        ("UPDATE jobs SET charge = 'perhaps'", "CHECK"),
        ("UPDATE jobs SET cost_nano = 1, cost_source = NULL", "CHECK"),
    ):
        with pytest.raises(sqlite3.IntegrityError, match=why):
            raw.execute(sql)
    raw.close()
    assert ledger.problems() == []


@pytest.mark.parametrize("name", ["cost_nano", "id", "request", "sandbox", "colour"])
def test_what_is_fixed_cannot_be_changed(ledger: Ledger, record: Make, name: str) -> None:
    made = record()
    ledger.insert_job(made)
    with pytest.raises(TypeError, match=name):
        ledger.update_job(made.id, event="x", **{name: 1})


def test_an_unknown_job_is_said_so(ledger: Ledger) -> None:
    with pytest.raises(RequestInvalidError, match="no job 'nope'"):
        ledger.job("nope")
    with pytest.raises(RequestInvalidError, match="no job 'nope'"):
        ledger.update_job("nope", event="x").result()
    assert ledger.find("x") == []


def test_a_job_is_found_by_a_part_of_its_id(ledger: Ledger, record: Make) -> None:
    first, second = record(), record()
    ledger.insert_job(first)
    ledger.insert_job(second)
    assert ledger.job(first.id[-4:].lower()) == first
    assert [item.id for item in ledger.find(first.id[:12])] == [second.id, first.id]
    with pytest.raises(RequestInvalidError, match="several"):
        ledger.job(first.id[:12])
    assert ledger.find("%") == []


def test_settling_writes_a_line_once(ledger: Ledger, record: Make) -> None:
    made = record()
    ledger.insert_job(made)
    for _ in range(2):
        after = ledger.settle(
            made.id, charge=Charge.CHARGED, source="metered", amount_nano=280, unit="clip", quantity=1, price_id="p1",
            state=JobState.SUCCEEDED,
        ).result()  # fmt: skip
    assert (after.cost_nano, after.cost_source, after.charge) == (280, "metered", Charge.CHARGED)
    assert (after.unit, after.quantity, after.price_id, after.state) == ("clip", 1, "p1", JobState.SUCCEEDED)
    (line,) = ledger.costs(made.id)
    assert (line.kind, line.amount_nano, line.unit, line.quantity, line.price_id) == (
        "charge",
        280,
        "clip",
        1,
        "p1",
    )
    assert (line.currency, line.source) == ("USD", "metered")


def test_corrections_are_new_lines(ledger: Ledger, record: Make) -> None:
    made = record()
    ledger.insert_job(made)
    ledger.settle(made.id, charge=Charge.CHARGED, source="estimated", amount_nano=300).result()
    ledger.settle(made.id, charge=Charge.CHARGED, source="reported", amount_nano=280).result()
    after = ledger.add_cost(
        made.id, amount_nano=-80, source="reported", kind="refund", note="by support"
    ).result()
    assert (after.cost_nano, after.cost_source) == (200, "reported")
    lines = [(line.kind, line.amount_nano, line.note) for line in ledger.costs(made.id)]
    assert lines == [("charge", 300, None), ("adjust", -20, None), ("refund", -80, "by support")]
    taken_back = ledger.settle(made.id, charge=Charge.NOT_CHARGED, source="reported").result()
    assert taken_back.cost_nano == 0
    assert ledger.problems() == []


def test_unknown_is_never_zero(ledger: Ledger, record: Make) -> None:
    unpriced, lost, free = record(), record(), record()
    for made in (unpriced, lost, free):
        ledger.insert_job(made)
    after = ledger.settle(unpriced.id, charge=Charge.CHARGED, source="unpriced").result()
    assert (after.cost_nano, after.cost_source, after.charge) == (None, "unpriced", Charge.CHARGED)
    after = ledger.settle(lost.id, charge=Charge.UNKNOWN, source="unpriced", state=JobState.UNKNOWN).result()
    assert (after.cost_nano, after.cost_source) == (None, None)
    after = ledger.update_job(
        free.id, event="refused", state=JobState.REJECTED, charge=Charge.NOT_CHARGED
    ).result()
    assert (after.cost_nano, after.cost_source) == (0, "reported")
    assert [ledger.costs(made.id) for made in (unpriced, lost, free)] == [[], [], []]


def test_money_is_settled_whoever_saw_the_end_first(ledger: Ledger, record: Make) -> None:
    made = record()
    ledger.insert_job(made)
    ledger.update_job(made.id, event="cancelled", state=JobState.CANCELLED).result()
    after = ledger.settle(
        made.id, charge=Charge.CHARGED, source="reported", amount_nano=9, state=JobState.SUCCEEDED
    ).result()
    assert (after.state, after.cost_nano) == (JobState.CANCELLED, 9)
    assert ledger.events(made.id)[-1].detail["refused"] == "succeeded"


def test_a_lease_has_one_owner(ledger: Ledger, record: Make, clock: Clock) -> None:
    made = record()
    ledger.insert_job(made)
    later = clock() + 60_000_000
    assert ledger.claim(made.id, "one", later)
    assert not ledger.claim(made.id, "two", later)
    assert ledger.claim(made.id, "one", later + 5)
    assert ledger.renew("one", later + 10).result() == 1
    assert ledger.open_jobs(later) == []
    assert [item.id for item in ledger.open_jobs(later + 10)] == [made.id]
    clock.forward(61)
    assert ledger.claim(made.id, "two", clock() + 1)
    assert not ledger.claim(made.id, "one", clock() + 1)
    adopted = ledger.events(made.id)[-1]
    assert (adopted.event, adopted.detail) == ("adopted", {"from": "one", "by": "two"})
    ledger.release(made.id, "one").result()  # not its lease any more
    assert ledger.job(made.id).lease_owner == "two"
    ledger.release(made.id, "two").result()
    assert ledger.claim(made.id, "three", clock() + 1)


def test_only_one_of_many_processes_adopts(ledger: Ledger, record: Make, clock: Clock) -> None:
    made = record(lease_owner="dead", lease_until_us=clock() - 1)
    ledger.insert_job(made)
    others = [Ledger(ledger.path, clock=clock) for _ in range(4)]
    answers = [other.claim_async(made.id, f"k{n}", clock() + 9) for n, other in enumerate(others)]
    assert sorted(answer.result() for answer in answers) == [False, False, False, True]
    for other in others:
        other.close()


def test_open_means_work_is_left(ledger: Ledger, record: Make) -> None:
    for state in JobState:
        ledger.insert_job(record(state=state))
    waiting = record(state=JobState.SUCCEEDED, result=ResultState.AVAILABLE)
    ledger.insert_job(waiting)
    assert {item.state for item in ledger.jobs("open")} == {*OPEN_STATES, JobState.SUCCEEDED}
    assert {item.id for item in ledger.open_jobs(0)} == {item.id for item in ledger.jobs("open")}
    assert [item.state for item in ledger.jobs("lost")] == [JobState.LOST]
    with pytest.raises(RequestInvalidError, match="allowed: open, new"):
        ledger.jobs("finished")


def test_open_jobs_are_found_by_their_index(ledger: Ledger) -> None:
    with sqlite3.connect(ledger.path) as raw:
        for sql in (
            f"SELECT id FROM jobs WHERE {OPEN} ORDER BY created_us",
            f"UPDATE jobs SET name = '' WHERE {OPEN}",
        ):
            (plan,) = {row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")}
            assert plan == "SCAN jobs USING INDEX ix_jobs_open"


def test_jobs_are_filtered_and_newest_first(ledger: Ledger, record: Make, clock: Clock) -> None:
    old = record(project="a", kind="image")
    clock.forward(60)
    new = record(project="b", provider="apixo")
    ledger.insert_job(new)
    ledger.insert_job(old)
    assert [item.id for item in ledger.jobs()] == [new.id, old.id]
    assert [item.id for item in ledger.jobs(limit=1)] == [new.id]
    assert [item.id for item in ledger.jobs(since=NOON_US + 1)] == [new.id]
    for filters in ({"project": "a"}, {"kind": "image"}, {"provider": "minimax"}):
        assert [item.id for item in ledger.jobs(**filters)] == [old.id]


def test_an_identical_stored_job_is_found(ledger: Ledger, record: Make, clock: Clock) -> None:
    done = {"state": JobState.SUCCEEDED, "result": ResultState.STORED}
    assert ledger.find_stored("f" * 64) is None
    first = record(**done)
    ledger.insert_job(first)
    clock.forward(1)
    ledger.insert_job(record(state=JobState.SUCCEEDED, result=ResultState.EXPIRED))
    ledger.insert_job(record(**done, cached_from=first.id))
    ledger.insert_job(record(**done, fingerprint="e" * 64))
    found = ledger.find_stored("f" * 64)
    assert found is not None
    assert found.id == first.id


@dataclass(frozen=True)
class Stored:
    sha256: str = "c" * 64
    bytes: int = 1234
    mime: str = "video/mp4"
    ext: str = "mp4"


def test_media_rows_are_completed_step_by_step(ledger: Ledger, record: Make) -> None:
    made, twin = record(), record()
    ledger.insert_job(made)
    ledger.insert_job(twin)
    ledger.attach_media(made.id, "output", 0, url="https://x/y", url_expires_us=9, file_id="f1")
    ledger.attach_media(made.id, "output", 0, Stored(), facts={"width": 1366}, name="fox.mp4")
    ledger.attach_media(twin.id, "output", 0, Stored()).result()
    (row,) = ledger.media_of(made.id)
    assert (row.sha256, row.size_bytes, row.mime, row.ext) == ("c" * 64, 1234, "video/mp4", "mp4")
    assert (row.url, row.url_expires_us, row.file_id, row.name) == ("https://x/y", 9, "f1", "fox.mp4")
    assert row.facts == {"width": 1366}
    (same,) = ledger.media_of(twin.id)
    assert (same.facts, same.name) == ({"width": 1366}, None)  # one content, two jobs
    with pytest.raises(sqlite3.IntegrityError):
        ledger.attach_media("no such job", "output", 0, Stored()).result()


def test_voices_and_kernels_are_remembered(ledger: Ledger, record: Make, clock: Clock) -> None:
    made = record()
    ledger.insert_job(made)
    ledger.add_voice("acc", "v1", origin="designed", provider="apixo", job_id=made.id, expires_us=5)
    clock.forward(1)
    ledger.add_voice("acc", "v1", origin="designed", provider="apixo", job_id=made.id, expires_us=6)
    ledger.add_voice("other", "v2", origin="cloned", provider="minimax", job_id=made.id).result()
    assert [(voice.voice_id, voice.expires_us) for voice in ledger.voices()] == [("v2", None), ("v1", 6)]
    assert [voice.voice_id for voice in ledger.voices("acc")] == ["v1"]
    ledger.start_kernel("k1", notebook="a.ipynb", versions={"python": "3.11"})
    clock.forward(1)
    ledger.end_kernel("k1").result()
    with sqlite3.connect(ledger.path) as raw:
        row = raw.execute("SELECT started_us, ended_us, notebook, versions FROM kernels").fetchone()
    assert row == (clock() - 10**6, clock(), "a.ipynb", '{"python":"3.11"}')


def test_a_closed_ledger_says_so(ledger: Ledger, record: Make) -> None:
    ledger.close()
    for act in (lambda: ledger.insert_job(record()), ledger.jobs):
        with pytest.raises(Exception, match="closed"):
            act()


def test_reads_see_what_another_ledger_acknowledged(ledger: Ledger, record: Make, tmp_path: Path) -> None:
    made = record()
    with Ledger(ledger.path) as other:
        other.insert_job(made)
        assert replace(ledger.job(made.id)) == made
        other.update_job(made.id, event="sending", state=JobState.SUBMITTING).result()
        assert ledger.job(made.id).state is JobState.SUBMITTING
