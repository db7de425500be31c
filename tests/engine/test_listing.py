"""Lost replies whose task the provider lists, and tasks that are cancelled while they wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minimax_nb import Job, Lab
from minimax_nb.engine import listing, webhook
from minimax_nb.errors import JobFailedError, OutcomeUnknownError
from minimax_nb.kinds import build
from minimax_nb.ledger.record import Charge, JobState
from tests.engine.conftest import Control
from tests.engine.outcomes import check_paid_once, reached

QUERY = "/v2/query/video_generation"


@pytest.fixture(scope="module")
def slow() -> Iterator[Any]:
    """A sandbox at the pace of life, moved by its clock."""
    from minimax_nb.sandbox import child

    running = child.start(speed=1, seed=0)
    yield running
    running.stop()


def ask(lab: Lab, seconds: int, prompt: str = "A fox runs", **options: Any) -> Job:
    """Ask for an H3 video. Tests of one sandbox are told apart in its list by the length alone."""
    return lab.submit(build("video", prompt, {"model": "MiniMax-H3", "duration": seconds, **options}))


def events(lab: Lab, job: Job) -> list[str]:
    return [event.event for event in lab.ledger.events(job.id)]


def check_found(lab: Lab, control: Control, job: Job) -> None:
    result = check_paid_once(lab, control, job, found="found by list")
    assert result.path.is_file()
    assert listing.NOTE in result.warnings


@pytest.mark.parametrize(
    ("fault", "seconds"), [("drop", 4), ("truncate", 5), ("reset", 6), ("after-502", 7), ("garbage", 8)]
)
def test_a_lost_reply_is_found_in_the_list(lab: Lab, control: Control, fault: str, seconds: int) -> None:
    control.fault(fault, method="POST")
    check_found(lab, control, ask(lab, seconds))


def test_the_providers_clock_may_be_another(lab: Lab, control: Control) -> None:
    control.advance(5000)
    control.fault("drop", method="POST")
    check_found(lab, control, ask(lab, 9))


def test_a_written_out_prompt_is_found_too(lab: Lab, control: Control) -> None:
    control.fault("drop", method="POST")
    job = lab.submit(build("context-ir", "a lighthouse", {"duration": 12}))
    check_found(lab, control, job)


def test_what_is_not_listed_stays_unknown(
    lab: Lab, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "HOLD", 0.5)
    control.fault("drop-before", method="POST")
    job = ask(lab, 10)
    with pytest.raises(OutcomeUnknownError):
        job.result(30)
    assert (job.state, job.record.charge, job.record.task_id) == (JobState.UNKNOWN, Charge.UNKNOWN, None)
    assert (control.posts, control.charges) == (1, 0)


def test_a_task_of_another_job_is_not_taken(
    lab: Lab, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "HOLD", 0.5)
    other = ask(lab, 11)
    other.result(30)
    control.fault("drop-before", method="POST")
    job = ask(lab, 11)
    with pytest.raises(OutcomeUnknownError):
        job.result(30)
    assert other.record.task_id is not None
    assert job.record.task_id is None
    assert (control.posts, control.charges) == (2, 1)


@pytest.mark.parametrize(("seconds", "second"), [(13, "drop"), (14, "drop-before")])
def test_two_lost_replies_that_cannot_be_told_apart_stay_unknown(
    lab: Lab, control: Control, monkeypatch: pytest.MonkeyPatch, seconds: int, second: str
) -> None:
    monkeypatch.setattr(listing, "HOLD", 1.5)
    monkeypatch.setattr(webhook, "AGAIN", 0.3)
    control.fault("before-500", method="GET", path=QUERY, times=100)
    jobs = []
    for fault in ("drop", second):
        control.fault(fault, method="POST")
        jobs.append(ask(lab, seconds))
        reached(jobs[-1], "unknown")
    control._call("DELETE", "faults")
    for job in jobs:
        with pytest.raises(OutcomeUnknownError):
            job.result(30)
    assert [job.record.task_id for job in jobs] == [None, None]
    assert (control.posts, control.charges) == (2, 2 if second == "drop" else 1)


def test_the_next_kernel_looks_into_the_list(
    lab: Lab, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "HOLD", 0.5)
    control.fault("drop", method="POST")
    control.fault("before-500", method="GET", path=QUERY, times=100)
    job = ask(lab, 15)
    with pytest.raises(OutcomeUnknownError):
        job.result(30)
    control._call("DELETE", "faults")
    (again,) = lab.resume()
    check_found(lab, control, again)


# --- cancelling -------------------------------------------------------------------------------------


@pytest.fixture
def patient(home: Any, slow: Any) -> Iterator[tuple[Lab, Control]]:
    """A lab whose jobs wait until the sandbox's clock is moved."""
    with Lab(sandbox=slow.url) as made:
        yield made, Control(slow.url)


def deletions(control: Control) -> int:
    return len(control.requests("DELETE"))


def test_a_task_that_waits_is_cancelled_at_no_cost(patient: tuple[Lab, Control]) -> None:
    lab, control = patient
    job = ask(lab, 5)
    reached(job, "queued")
    assert job.cancel()
    with pytest.raises(JobFailedError, match="cancelled"):
        job.result(20)
    assert (job.state, job.record.charge, job.record.cost_nano) == (JobState.CANCELLED, Charge.NOT_CHARGED, 0)
    assert (control.posts, deletions(control), control.charged_nano) == (1, 1, 0)
    assert lab.ledger.problems() == []


@pytest.mark.parametrize("later", [60, 3600])
def test_work_that_has_begun_is_neither_cancelled_nor_deleted(
    patient: tuple[Lab, Control], later: int
) -> None:
    lab, control = patient
    job = ask(lab, 5)
    reached(job, "queued")
    control.advance(later)
    assert not job.cancel()
    assert deletions(control) == 0
    if later == 3600:
        assert job.result(30).path.is_file()


def test_the_first_api_has_no_cancel(patient: tuple[Lab, Control]) -> None:
    lab, control = patient
    job = lab.submit(build("video", "A fox runs", {}))
    reached(job, "queued")
    assert not job.cancel()
    assert deletions(control) == 0
