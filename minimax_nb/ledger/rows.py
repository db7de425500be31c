"""Rows and the objects they become."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState

#: The columns of ``jobs``, in the order of the fields of :class:`JobRecord`.
COLUMNS = tuple(item.name for item in fields(JobRecord))
_JSON = frozenset({"request", "tags", "locator", "error", "facts", "warnings", "axes"})
_WORDS: Mapping[str, type[StrEnum]] = {"state": JobState, "charge": Charge, "result": ResultState}

#: Work is left: at the provider, or a result that is not on disk yet. Word for word the index ix_jobs_open.
OPEN = "(state IN ('new', 'submitting', 'unknown', 'queued', 'running') OR result = 'available')"

NANO = 1_000_000_000
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's history. ``state`` is the job's state after it; ``detail`` what changed."""

    job_id: str
    seq: int
    at_us: int
    event: str
    state: JobState
    actor: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of money: a charge, or a later correction of it. Never edited."""

    job_id: str
    seq: int
    at_us: int
    kind: str  #: charge | adjust | refund
    amount_nano: int
    currency: str
    source: str
    unit: str | None
    quantity: int | None
    price_id: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One input or output of a job; ``sha256`` and what follows from it are ``None`` until it is stored."""

    job_id: str
    role: str  #: input | output | preview | subtitle
    position: int
    sha256: str | None = None
    size_bytes: int | None = None
    mime: str | None = None
    ext: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    name: str | None = None  #: the readable file name beside the notebook
    url: str | None = None
    url_expires_us: int | None = None
    file_id: str | None = None


class Content(Protocol):
    """A content in the media store, as far as the ledger cares."""

    @property
    def sha256(self) -> str:
        """64 lower-case hex digits."""
        ...

    @property
    def bytes(self) -> int:
        """Size."""
        ...

    @property
    def mime(self) -> str:
        """Media type, by content."""
        ...

    @property
    def ext(self) -> str:
        """File name extension, without the dot."""
        ...


def row_of(job_id: str, role: str, position: int, stored: Content | None, **given: Any) -> MediaRow:
    """Return the row of one input or output; ``given`` are further fields of :class:`MediaRow`."""
    if stored is not None:
        given |= {"sha256": stored.sha256, "size_bytes": stored.bytes, "mime": stored.mime, "ext": stored.ext}
    return MediaRow(job_id, role, position, **given)


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """A voice this user designed or cloned."""

    account: str
    voice_id: str
    origin: str  #: designed | cloned
    provider: str
    job_id: str | None
    created_us: int
    expires_us: int | None  #: when the provider drops it, unless it speaks before
    used_us: int | None = None  #: when it first spoke; from then on it is kept
    last_us: int | None = None  #: when it last spoke
    deleted_us: int | None = None


def canonical(value: Any) -> str:
    """Return JSON text with sorted keys and no blanks; what JSON cannot say is written as its text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def cell(column: str, value: Any) -> Any:
    """Return a field of a JobRecord as its column keeps it."""
    if column == "axes" and value is not None:  # their order says something
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if column in _JSON and value is not None:
        return canonical(value)
    if column in _WORDS:
        return _WORDS[column](value).value
    return int(value) if isinstance(value, bool) else value


def cells_of(record: JobRecord) -> list[Any]:
    """Return all fields of a JobRecord as its row keeps them, in the order of :data:`COLUMNS`."""
    cells = [getattr(record, column) for column in COLUMNS]
    for index, column in _MADE:
        if cells[index] is not None:
            cells[index] = cell(column, cells[index])
    return cells


def value_of(column: str, value: Any) -> Any:
    """Return what a column keeps as a field of a JobRecord; the opposite of :func:`cell`."""
    if column in _JSON and value is not None:
        return json.loads(value)
    if column in _WORDS:
        return _WORDS[column](value)
    return bool(value) if column == "sandbox" else value


#: The columns whose fields are something else than the column keeps.
_MADE = tuple((COLUMNS.index(column), column) for column in (*_JSON, *_WORDS, "sandbox"))


def record_of(row: Sequence[Any]) -> JobRecord:
    """Return a row of all :data:`COLUMNS` as a JobRecord."""
    values = list(row)
    for index, column in _MADE:
        values[index] = value_of(column, values[index])
    return JobRecord(*values)


def media_of(row: Sequence[Any]) -> MediaRow:
    """Return a row of ``job_media`` joined with ``media`` as a MediaRow."""
    job_id, role, position, sha256, size, mime, ext, facts, *place = row
    return MediaRow(job_id, role, position, sha256, size, mime, ext, json.loads(facts or "{}"), *place)


def event_of(row: Sequence[Any]) -> Event:
    """Return a row of ``job_events`` as an Event."""
    job_id, seq, at_us, event, state, actor, detail = row
    return Event(job_id, seq, at_us, event, JobState(state), actor, json.loads(detail))


_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)")


def ago(text: str) -> timedelta | None:
    """Return ``7d``, ``36h``, ``90min``, ``2w`` as a duration; ``None`` for any other text."""
    found = _AGO.fullmatch(text.strip().lower())
    return timedelta(**{_UNITS[found[2]]: float(found[1])}) if found else None


def microseconds(when: int | datetime | date | timedelta | str, now_us: int) -> int:
    """Return a moment as microseconds since the Unix epoch.

    Parameters
    ----------
    when
        Microseconds; a datetime or an ISO text (local time when it names no zone); a date (its
        local midnight); a timedelta before now, or its text: ``7d``, ``36h``, ``90min``, ``2w``.
    now_us
        What a timedelta counts from.
    """
    if isinstance(when, int):
        return when
    if isinstance(when, str):
        past = ago(when)
        when = datetime.fromisoformat(when) if past is None else past
    if isinstance(when, timedelta):
        return now_us - when // timedelta(microseconds=1)
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day)  # noqa: DTZ001 - local midnight, as documented
    return (when.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def one(cursor: sqlite3.Cursor) -> tuple[Any, ...]:
    """Return the only row of a query that always has one."""
    row: tuple[Any, ...] = cursor.fetchone()
    return row
