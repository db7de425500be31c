"""The state machine: which moves exist, and what a reply changes."""

from __future__ import annotations

import itertools

import pytest

from minimax_nb.engine.state import MOVES, changes_of, is_settled, may_move
from minimax_nb.errors import ErrorInfo
from minimax_nb.ledger.record import OPEN_STATES, Charge, JobRecord, JobState, ResultState
from minimax_nb.providers.base import Outcome, Output

NOW = 5_000_000


def record(state: JobState = JobState.SUBMITTING, **values: object) -> JobRecord:
    base = {
        "id": "01J", "kind": "image", "provider": "minimax", "model": "image-01", "operation": "image.generate",
        "endpoint": "h/p", "account": "a", "request": {}, "fingerprint": "f", "created_us": 1, "updated_us": 1,
    }  # fmt: skip
    return JobRecord(**{**base, **values}, state=state)


@pytest.mark.parametrize(("old", "new"), itertools.product(JobState, JobState))
def test_terminal_states_never_move(old: JobState, new: JobState) -> None:
    if old.terminal:
        assert may_move(old, new) == (old == new)


def test_every_open_state_can_end() -> None:
    for state in OPEN_STATES:
        assert any(other.terminal for other in MOVES[state]), state


def test_every_end_can_be_reached() -> None:
    reached = {other for moves in MOVES.values() for other in moves}
    assert {state for state in JobState if state.terminal} <= reached


def test_success_is_charged_and_available() -> None:
    outcome = Outcome(
        "succeeded", raw_state="Success", task_id="7", outputs=(Output(url="https://x/y"),), charge="charged"
    )
    changes = changes_of(record(JobState.RUNNING), outcome, NOW)
    assert changes["state"] is JobState.SUCCEEDED
    assert changes["charge"] is Charge.CHARGED
    assert changes["result"] is ResultState.AVAILABLE
    assert changes["finished_us"] == NOW
    assert changes["task_id"] == "7"


def test_retry_after_the_paid_request_means_no_job_exists() -> None:
    outcome = Outcome("retry", error=ErrorInfo("rate_limited", "slow down"), charge="none")
    assert changes_of(record(JobState.SUBMITTING), outcome, NOW) == {
        "state": JobState.NEW,
        "charge": Charge.NONE,
    }


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_a_failed_look_changes_nothing(state: JobState) -> None:
    outcome = Outcome("retry", error=ErrorInfo("provider_error", "502"))
    assert changes_of(record(state), outcome, NOW) == {}


def test_a_lost_reply_is_possibly_spent() -> None:
    changes = changes_of(record(), Outcome("unknown", error=ErrorInfo("timeout", "t"), charge="unknown"), NOW)
    assert (changes["state"], changes["charge"]) == (JobState.UNKNOWN, Charge.UNKNOWN)
    assert "finished_us" not in changes


def test_a_refusal_is_not_charged() -> None:
    changes = changes_of(record(), Outcome("rejected", error=ErrorInfo("auth", "no"), charge="held"), NOW)
    assert (changes["state"], changes["charge"]) == (JobState.REJECTED, Charge.NOT_CHARGED)


def test_the_clock_of_running_starts_once() -> None:
    first = changes_of(record(JobState.QUEUED), Outcome("running"), NOW)
    assert first["running_us"] == NOW
    assert "running_us" not in changes_of(
        record(JobState.RUNNING, running_us=NOW), Outcome("running"), NOW + 1
    )


def test_a_late_word_does_not_move_a_finished_job() -> None:
    assert "state" not in changes_of(record(JobState.SUCCEEDED), Outcome("failed", charge="unknown"), NOW)


@pytest.mark.parametrize(
    ("state", "result", "settled"),
    [
        (JobState.SUCCEEDED, ResultState.AVAILABLE, False),
        (JobState.SUCCEEDED, ResultState.STORED, True),
        (JobState.FAILED, ResultState.NONE, True),
        (JobState.UNKNOWN, ResultState.NONE, False),
        (JobState.RUNNING, ResultState.NONE, False),
    ],
)
def test_settled_means_nothing_more_happens_by_itself(
    state: JobState, result: ResultState, settled: bool
) -> None:
    assert is_settled(record(state, result=result)) is settled
