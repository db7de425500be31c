"""The state machine: which moves exist, and what one provider reply changes. Pure.

::

    new → submitting → queued → running → succeeded | failed | cancelled | expired
     │        │  ├───→ unknown (the request may have been accepted) → … | abandoned
     │        │  └───→ new (certain that no job exists: may be sent again)
     └────────┴──────→ rejected (certain that nothing was charged)
                        queued, running → lost (the provider no longer knows the task)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from minimax_nb.errors import ErrorInfo
from minimax_nb.ledger.record import OPEN_STATES, Charge, JobRecord, JobState, ResultState
from minimax_nb.providers.base import Outcome

_ENDS = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED})
_GOING = frozenset({JobState.QUEUED, JobState.RUNNING})

MOVES: Mapping[JobState, frozenset[JobState]] = {
    JobState.NEW: frozenset({JobState.SUBMITTING, JobState.REJECTED, JobState.CANCELLED}),
    JobState.SUBMITTING: _ENDS | _GOING | {JobState.NEW, JobState.REJECTED, JobState.UNKNOWN},
    JobState.UNKNOWN: _ENDS | _GOING | {JobState.REJECTED, JobState.ABANDONED},
    JobState.QUEUED: _ENDS | _GOING | {JobState.LOST},
    JobState.RUNNING: _ENDS | _GOING | {JobState.LOST},
}


def may_move(old: JobState, new: JobState) -> bool:
    """Return True when a job in ``old`` may become ``new``; terminal states never move."""
    return old == new or new in MOVES.get(old, frozenset())


def changes_of(record: JobRecord, outcome: Outcome, now_us: int) -> dict[str, Any]:
    """Return the row changes that one provider reply makes.

    ``retry`` after the paid request means that no job exists: back to ``new``. ``retry`` while
    polling says nothing about the job and changes nothing.
    """
    changes: dict[str, Any] = {}
    if outcome.raw_state is not None:
        changes["raw_state"] = outcome.raw_state
    if outcome.task_id:
        changes["task_id"] = outcome.task_id
    if outcome.locator is not None:
        changes["locator"] = dict(outcome.locator)
    counts = {"asked": outcome.asked, "delivered": outcome.delivered} if outcome.asked else {}
    if outcome.facts or counts:
        changes["facts"] = {**outcome.facts, **counts}
        if outcome.facts.get("trace_id"):
            changes["trace_id"] = str(outcome.facts["trace_id"])
    if outcome.warnings:
        changes["warnings"] = list(outcome.warnings)
    if outcome.error is not None and outcome.state != "retry":
        changes["error"] = outcome.error.to_dict()
        changes["http_status"] = outcome.error.http_status
        changes.setdefault("trace_id", outcome.error.trace_id or record.trace_id)
    changes.update(_state_changes(record, outcome, now_us))
    return changes


def end_of(record: JobRecord, outcome: Outcome, now_us: int) -> dict[str, Any]:
    """Return what :func:`changes_of` does for a job that was still open; its state is the caller's business."""
    return changes_of(replace(record, state=JobState.RUNNING), outcome, now_us)


def _state_changes(record: JobRecord, outcome: Outcome, now_us: int) -> dict[str, Any]:
    if outcome.state == "retry":
        return {"state": JobState.NEW, "charge": Charge.NONE} if record.state is JobState.SUBMITTING else {}
    state = JobState(outcome.state)
    if not may_move(record.state, state):
        return {}
    changes: dict[str, Any] = {"state": state, "charge": Charge(outcome.charge)}
    if state is JobState.RUNNING and record.running_us is None:
        changes["running_us"] = now_us
    if state.terminal:
        changes["finished_us"] = now_us
    if state is JobState.SUCCEEDED:
        changes["charge"] = Charge.CHARGED
        changes["result"] = ResultState.AVAILABLE if outcome.outputs else ResultState.NONE
    elif state is JobState.REJECTED:
        changes["charge"] = Charge.NOT_CHARGED
    elif state is JobState.UNKNOWN:
        changes["charge"] = Charge.UNKNOWN
    return changes


def stored_as(outcome: Outcome) -> ResultState:
    """Return what is known of the media of a job once all that came is stored."""
    return ResultState.PARTIAL if outcome.delivered < outcome.asked else ResultState.STORED


def rejected_changes(error: ErrorInfo, now_us: int) -> dict[str, Any]:
    """Return the changes of a request that certainly created no job."""
    return {
        "state": JobState.REJECTED,
        "charge": Charge.NOT_CHARGED,
        "error": error.to_dict(),
        "finished_us": now_us,
    }


def is_settled(record: JobRecord) -> bool:
    """Return True when nothing more will happen by itself: terminal, and its media stored or hopeless."""
    return record.state not in OPEN_STATES and record.result is not ResultState.AVAILABLE
