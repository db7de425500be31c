"""The words and rows of the ledger: states, and one job as a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job stands. Terminal states are sticky: later events may add data, never change the state."""

    NEW = "new"  #: intent is durable, nothing was sent
    SUBMITTING = "submitting"  #: the paid request is on its way
    UNKNOWN = "unknown"  #: the paid request may have been accepted and no task id is known
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  #: the provider dropped the task
    REJECTED = "rejected"  #: certain that no job exists and nothing was charged
    ABANDONED = "abandoned"  #: the user gave up on an unknown job
    LOST = "lost"  #: the provider no longer knows the task

    @property
    def terminal(self) -> bool:
        """True when the provider's part is over."""
        return self not in OPEN_STATES


OPEN_STATES = frozenset(
    {JobState.NEW, JobState.SUBMITTING, JobState.UNKNOWN, JobState.QUEUED, JobState.RUNNING}
)


class Charge(StrEnum):
    """What is known about the money of one job."""

    NONE = "none"  #: nothing was sent
    HELD = "held"  #: reserved in our budget, not yet settled
    CHARGED = "charged"
    NOT_CHARGED = "not_charged"
    UNKNOWN = "unknown"  #: possibly spent; counts against budgets


class ResultState(StrEnum):
    """What is known about the media of one job."""

    NONE = "none"
    AVAILABLE = "available"  #: at the provider, not yet on disk
    PARTIAL = "partial"  #: stored; fewer than asked
    STORED = "stored"
    EXPIRED = "expired"  #: the provider no longer serves it


@dataclass(slots=True)
class JobRecord:
    """One job as the ledger keeps it.

    Times are microseconds since the Unix epoch, UTC; money is integer nano-units (1e-9) of
    ``currency``; ``None`` means not known, never zero.
    """

    id: str  #: ULID, made before anything is sent; sorts by time
    kind: str
    provider: str
    model: str
    operation: str  #: e.g. ``video.generate``
    endpoint: str  #: host and path, no query, no key
    account: str  #: salted hash of the key; tells keys apart, never the key. ``sandbox`` for the sandbox
    request: dict[str, Any]  #: the typed request as JSON, media as sha256 references
    fingerprint: str  #: sha256 over provider, operation and canonical request with input content hashes
    created_us: int
    updated_us: int
    state: JobState = JobState.NEW
    charge: Charge = Charge.NONE
    result: ResultState = ResultState.NONE
    sandbox: bool = False
    project: str = ""
    session_id: str | None = None
    cell_id: str | None = None
    name: str | None = None  #: the notebook variable it was asked into
    prompt: str | None = None  #: as sent
    template: str | None = None  #: as typed, when fields were filled in
    tags: dict[str, str] = field(default_factory=dict)
    raw_state: str | None = None
    task_id: str | None = None
    locator: dict[str, Any] | None = None
    trace_id: str | None = None
    attempts: int = 0
    http_status: int | None = None
    error: dict[str, Any] | None = None  #: ErrorInfo.to_dict()
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    submitted_us: int | None = None
    running_us: int | None = None
    finished_us: int | None = None
    stored_us: int | None = None
    lease_owner: str | None = None
    lease_until_us: int | None = None
    currency: str = "USD"
    unit: str | None = None
    quantity: int | None = None
    price_id: str | None = None
    estimate_nano: int | None = None
    cost_nano: int | None = None
    cost_source: str | None = None  #: reported | metered | estimated | sandbox | cached | unpriced
    cached_from: str | None = None
    batch: str | None = None  #: the sweep it belongs to
    axes: dict[str, str] | None = None  #: its place in the sweep: axis -> value, in the order of the sweep
    imported_us: int | None = None  #: when it came with a bundle; None for a job asked for here
