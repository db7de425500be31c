"""The plain words for where a job stands, what it costs and what went wrong."""

from __future__ import annotations

from typing import Any, Literal

from minimax_nb.amounts import money
from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState

Tone = Literal["good", "busy", "idle", "warn", "bad"]

_STAGES = {
    JobState.NEW: "waiting",
    JobState.SUBMITTING: "sending",
    JobState.UNKNOWN: "outcome unknown",
    JobState.QUEUED: "queued",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
    JobState.EXPIRED: "expired",
    JobState.REJECTED: "rejected",
    JobState.ABANDONED: "given up",
    JobState.LOST: "lost",
}

TONES: dict[JobState, Tone] = {
    JobState.SUBMITTING: "busy",
    JobState.RUNNING: "busy",
    JobState.SUCCEEDED: "good",
    JobState.FAILED: "bad",
    JobState.EXPIRED: "bad",
    JobState.REJECTED: "bad",
    JobState.UNKNOWN: "warn",
    JobState.ABANDONED: "warn",
    JobState.LOST: "warn",
}

#: Said where the provider gave no reason of its own.
_REASONS = {
    JobState.FAILED: "The provider gave no reason.",
    JobState.EXPIRED: "The provider dropped the task before it was done.",
    JobState.REJECTED: "The provider refused the request.",
    JobState.UNKNOWN: "The reply to the paid request was lost: it may have been accepted and charged. "
    "It is never sent again by itself.",
    JobState.LOST: "The provider no longer knows this task.",
}

DOWNLOADING = "downloading"


def stage_of(record: JobRecord) -> str:
    """Return the stage in plain words, as far as the row tells."""
    if record.state is JobState.SUCCEEDED:
        if record.result is ResultState.AVAILABLE:
            return DOWNLOADING
        if record.result is ResultState.EXPIRED:
            return "done, result expired"
    return _STAGES.get(record.state, str(record.state))


def amount_of(record: JobRecord) -> int | None:
    """Return the nano-units that count for this job now: the cost, else the estimate; ``None`` unpriced."""
    if record.charge is Charge.NOT_CHARGED or record.cost_source == "cached":
        return 0
    known = record.cost_nano if record.cost_nano is not None else record.estimate_nano
    return known if isinstance(known, int) else None


def cost_of(record: JobRecord) -> str:
    """Return the cost in words: ``$0.28``, ``$0.28 (sandbox)``, ``not charged``, ``no price known``."""
    if record.charge is Charge.NOT_CHARGED:
        text = "not charged"
    elif record.cost_source == "cached":
        text = f"{money(0, record.currency)} (reused)"
    else:
        text = money(amount_of(record), record.currency)
        if record.cost_nano is None and (record.unit or "").endswith("-token"):
            text = f"at most {text}"
        if record.charge is Charge.UNKNOWN:
            text += ", possibly spent"
    return f"{text} (sandbox)" if record.sandbox else text


def error_of(record: JobRecord, problem: BaseException | None = None) -> tuple[str, ...]:
    """Return what happened, why, and what to do: one line each, as far as known.

    Parameters
    ----------
    record
        The job.
    problem
        An error of this process that the row does not hold (a download that failed).
    """
    lines: list[Any] = []
    info = record.error if isinstance(record.error, dict) else {}
    if info:
        code = f" ({info['code']})" if info.get("code") else ""
        lines = [f"{info.get('message') or record.state}{code}", info.get("meaning"), info.get("next_step")]
    elif problem is not None:
        known = getattr(problem, "message", None)
        detail = getattr(problem, "info", None)
        lines = [
            known or f"{type(problem).__name__}: {problem}",
            getattr(detail, "meaning", None),
            getattr(problem, "hint", None) or getattr(detail, "next_step", None),
        ]
    elif record.state in _REASONS:
        lines = [_REASONS[record.state]]
    return tuple(str(line) for line in lines if line)
