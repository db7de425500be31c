"""Questions to the ledger, answered on read-only connections; filters run in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.jobs import no_such_job
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.ledger.rows import (
    COLUMNS,
    OPEN,
    CostLine,
    Event,
    MediaRow,
    VoiceRow,
    event_of,
    media_of,
    record_of,
)

_JOBS = f"SELECT {', '.join(COLUMNS)} FROM jobs"  # noqa: S608 - our own column names

_MEDIA = (
    "SELECT job_media.job_id, role, position, job_media.sha256, size_bytes, mime, ext, facts,"
    " name, url, url_expires_us, file_id FROM job_media LEFT JOIN media ON media.sha256 = job_media.sha256"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs; every part that is ``None`` does not limit."""

    state: str | None = None
    since_us: int | None = None
    provider: str | None = None
    kind: str | None = None
    project: str | None = None

    def where(self) -> tuple[str, list[Any]]:
        """Return a WHERE clause (or nothing) and its values."""
        parts: list[str] = []
        values: list[Any] = []
        if self.state == "open":
            parts.append(OPEN)
        elif self.state is not None:
            if self.state not in set(JobState):
                raise RequestInvalidError(f"state {self.state!r}; allowed: open, {', '.join(JobState)}")
            parts.append("state = ?")
            values.append(str(self.state))
        if self.since_us is not None:
            parts.append("created_us >= ?")
            values.append(self.since_us)
        for column in ("provider", "kind", "project"):
            value = getattr(self, column)
            if value is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        return (f" WHERE {' AND '.join(parts)}" if parts else ""), values


def find(connection: sqlite3.Connection, text: str) -> list[JobRecord]:
    """Return the job with an id, else up to 10 whose ids begin or end with the text, newest first."""
    row = connection.execute(_JOBS + " WHERE id = ?", (text,)).fetchone()
    if row is not None:
        return [record_of(row)]
    if len(text) < 4 or not text.isalnum():
        return []
    sql = _JOBS + " WHERE id LIKE ? OR id LIKE ? ORDER BY created_us DESC, id DESC LIMIT 10"
    return [record_of(row) for row in connection.execute(sql, (f"{text}%", f"%{text}"))]


def job(connection: sqlite3.Connection, text: str) -> JobRecord:
    """Return the one job that :func:`find` finds."""
    found = find(connection, text)
    if not found:
        raise no_such_job(text)
    if len(found) > 1:
        raise RequestInvalidError(f"{text!r} is the beginning or end of several job ids; give more of it")
    return found[0]


def jobs(connection: sqlite3.Connection, wanted: Filter, limit: int) -> list[JobRecord]:
    """Return jobs, newest first."""
    where, values = wanted.where()
    sql = f"{_JOBS}{where} ORDER BY created_us DESC, id DESC LIMIT ?"
    return [record_of(row) for row in connection.execute(sql, [*values, limit])]


def open_jobs(connection: sqlite3.Connection, adoptable_at_us: int) -> list[JobRecord]:
    """Return the jobs with work left that no running process holds, oldest first."""
    sql = f"{_JOBS} WHERE {OPEN} AND (lease_until_us IS NULL OR lease_until_us <= ?) ORDER BY created_us, id"
    return [record_of(row) for row in connection.execute(sql, (adoptable_at_us,))]


def find_stored(connection: sqlite3.Connection, fingerprint: str) -> JobRecord | None:
    """Return the newest finished job with the same request whose result is on disk."""
    sql = (
        f"{_JOBS} WHERE fingerprint = ? AND state = 'succeeded' AND result = 'stored' AND cached_from IS NULL"
        " ORDER BY created_us DESC, id DESC LIMIT 1"
    )
    row = connection.execute(sql, (fingerprint,)).fetchone()
    return None if row is None else record_of(row)


def events(connection: sqlite3.Connection, job_id: str) -> list[Event]:
    """Return the history of a job, oldest first."""
    sql = (
        "SELECT job_id, seq, at_us, event, state, actor, detail FROM job_events WHERE job_id = ? ORDER BY seq"
    )
    return [event_of(row) for row in connection.execute(sql, (job_id,))]


def costs(connection: sqlite3.Connection, job_id: str) -> list[CostLine]:
    """Return the money lines of a job, oldest first."""
    sql = (
        "SELECT job_id, seq, at_us, kind, amount_nano, currency, source, unit, quantity, price_id, note"
        " FROM cost_lines WHERE job_id = ? ORDER BY seq"
    )
    return [CostLine(*row) for row in connection.execute(sql, (job_id,))]


def media(connection: sqlite3.Connection, job_id: str) -> list[MediaRow]:
    """Return the inputs and outputs of a job by role and position."""
    sql = _MEDIA + " WHERE job_id = ? ORDER BY role, position"
    return [media_of(row) for row in connection.execute(sql, (job_id,))]


def stored_media(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return (digest, job) of every result that was stored, newest first."""
    sql = "SELECT sha256, job_id FROM job_media WHERE sha256 IS NOT NULL AND role <> 'input' ORDER BY job_id DESC"
    return [(digest, job_id) for digest, job_id in connection.execute(sql)]


def voices(connection: sqlite3.Connection, account: str | None) -> list[VoiceRow]:
    """Return the voices of an account, or of all, newest first."""
    sql = "SELECT account, voice_id, origin, provider, job_id, created_us, expires_us FROM voices"
    values: Sequence[str] = ()
    if account is not None:
        sql, values = sql + " WHERE account = ?", (account,)
    return [VoiceRow(*row) for row in connection.execute(sql + " ORDER BY created_us DESC, voice_id", values)]


def problems(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the file or its books, one sentence each; empty when all is well."""
    found = [
        f"the file is damaged: {row[0]}" for row in connection.execute("PRAGMA quick_check") if row[0] != "ok"
    ]
    found += [
        f"a row of {row[0]} refers to nothing" for row in connection.execute("PRAGMA foreign_key_check")
    ]
    found += [
        f"job {job_id}: the cost on the row is not the sum of its cost lines"
        for (job_id,) in connection.execute(
            "SELECT id FROM jobs WHERE COALESCE(cost_nano, 0) <>"
            " (SELECT COALESCE(SUM(amount_nano), 0) FROM cost_lines WHERE job_id = id)"
        )
    ]
    found += [
        f"budget {budget_id}: its counters are not the sum of its reservations"
        for (budget_id,) in connection.execute(
            "SELECT p.budget_id FROM budget_periods p LEFT JOIN reservations r"
            " ON r.budget_id = p.budget_id AND r.starts_us = p.starts_us GROUP BY p.budget_id, p.starts_us"
            " HAVING p.spent_nano <> COALESCE(SUM(r.spent_nano), 0) OR p.reserved_nano <> COALESCE(SUM(r.held_nano), 0)"
        )
    ]
    return found
