"""Questions to the ledger, answered on read-only connections; filters run in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.costs import problems as sums_problems
from minimax_nb.ledger.filter import Filter
from minimax_nb.ledger.jobs import no_such_job
from minimax_nb.ledger.record import JobRecord
from minimax_nb.ledger.rows import (
    COLUMNS,
    OPEN,
    CostLine,
    Event,
    MediaRow,
    canonical,
    event_of,
    media_of,
    record_of,
)

_JOBS = f"SELECT {', '.join(COLUMNS)} FROM jobs"  # noqa: S608 - our own column names

_MEDIA = (
    "SELECT job_media.job_id, role, position, job_media.sha256, size_bytes, mime, ext, facts,"
    " name, url, url_expires_us, file_id FROM job_media LEFT JOIN media ON media.sha256 = job_media.sha256"
)


def find(connection: sqlite3.Connection, text: str) -> list[JobRecord]:
    """Return the job with an id, else up to 10 whose ids begin or end with the text, newest first."""
    row = connection.execute(_JOBS + " WHERE id = ?", (text,)).fetchone()
    if row is not None:
        return [record_of(row)]
    if len(text) < 4 or not text.isalnum():
        return []
    # Two questions that the index of ids answers alone; together they would read the whole table.
    begin = "SELECT id FROM jobs WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 10"
    end = "SELECT id FROM jobs WHERE id LIKE ? ORDER BY id DESC LIMIT 10"
    first = text.upper()
    found = {row[0] for row in connection.execute(begin, (first, first + "~"))}
    found |= {row[0] for row in connection.execute(end, (f"%{text}",))}
    marks = ", ".join("?" * len(found))
    sql = f"{_JOBS} WHERE id IN ({marks}) ORDER BY created_us DESC, id DESC LIMIT 10"
    return [record_of(row) for row in connection.execute(sql, sorted(found))]


def job(connection: sqlite3.Connection, text: str) -> JobRecord:
    """Return the one job that :func:`find` finds."""
    found = find(connection, text)
    if not found:
        raise no_such_job(text)
    if len(found) > 1:
        raise RequestInvalidError(f"{text!r} is the beginning or end of several job ids; give more of it")
    return found[0]


#: What jobs can be put in order by.
ORDERS = {
    "time": "created_us",
    "cost": "COALESCE(cost_nano, estimate_nano)",
    "seconds": "COALESCE(stored_us, finished_us) - created_us",
    "model": "model",
    "kind": "kind",
    "prompt": "prompt",
    "state": "state",
}


def jobs(
    connection: sqlite3.Connection, wanted: Filter, limit: int, sort: str = "time", *, ascending: bool = False
) -> list[JobRecord]:
    """Return jobs, newest first, or by another of :data:`ORDERS`; ``ascending`` turns the order round."""
    if sort not in ORDERS:
        raise RequestInvalidError(f"sort by {sort!r}; allowed: {', '.join(ORDERS)}")
    where, values = wanted.where()
    way = "ASC" if ascending else "DESC"
    first = "" if sort == "time" else f"{ORDERS[sort]} {way} NULLS LAST, "
    sql = f"{_JOBS}{where} ORDER BY {first}created_us {way}, id {way} LIMIT ?"
    return [record_of(row) for row in connection.execute(sql, [*values, limit])]


def open_jobs(connection: sqlite3.Connection, adoptable_at_us: int) -> list[JobRecord]:
    """Return the jobs with work left that no running process holds, oldest first."""
    sql = f"{_JOBS} WHERE {OPEN} AND (lease_until_us IS NULL OR lease_until_us <= ?) ORDER BY created_us, id"
    return [record_of(row) for row in connection.execute(sql, (adoptable_at_us,))]


def leases(connection: sqlite3.Connection, at_us: int) -> list[tuple[str, int]]:
    """Return the owners of leases on open jobs that run at a moment, each with the end of its last one."""
    sql = f"SELECT lease_owner, MAX(lease_until_us) FROM jobs WHERE {OPEN} AND lease_until_us > ? GROUP BY 1"  # noqa: S608 - a constant
    return connection.execute(sql, (at_us,)).fetchall()


def given_up(connection: sqlite3.Connection, since_us: int, at_us: int) -> list[JobRecord]:
    """Return the jobs that were given up since a moment, and of which a result may turn up yet, oldest first."""
    sql = (
        f"{_JOBS} WHERE state = 'abandoned' AND result = 'none' AND raw_state IS NULL AND created_us >= ?"
        " AND imported_us IS NULL AND submitted_us IS NOT NULL"
        " AND (lease_until_us IS NULL OR lease_until_us <= ?) ORDER BY created_us, id"
    )
    return [record_of(row) for row in connection.execute(sql, (since_us, at_us))]


def thread(connection: sqlite3.Connection, project: str, name: str | None, limit: int) -> list[JobRecord]:
    """Return the turns of a project's conversation, or of all when ``name`` is ``None``, newest first."""
    # In the row's JSON a quote inside a text is escaped, so this is a key; _ stands for any character in LIKE.
    wanted = '%"thread":"%' if name is None else f'%"thread":{canonical(name)}%'
    sql = f"{_JOBS} WHERE kind = 'chat' AND project = ? AND request LIKE ? ORDER BY created_us DESC, id DESC LIMIT ?"
    found = [record_of(row) for row in connection.execute(sql, (project, wanted, limit))]
    return [record for record in found if name in (None, record.request.get("thread"))]


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


def maker(connection: sqlite3.Connection, sha256: str) -> JobRecord | None:
    """Return the job that first gave back this content."""
    sql = (
        f"{_JOBS} WHERE id IN (SELECT job_id FROM job_media WHERE sha256 = ? AND role <> 'input')"  # noqa: S608
        " ORDER BY created_us, id LIMIT 1"
    )
    row = connection.execute(sql, (sha256,)).fetchone()
    return None if row is None else record_of(row)


def media(connection: sqlite3.Connection, job_id: str) -> list[MediaRow]:
    """Return the inputs and outputs of a job by role and position."""
    sql = _MEDIA + " WHERE job_id = ? ORDER BY role, position"
    return [media_of(row) for row in connection.execute(sql, (job_id,))]


def outputs(connection: sqlite3.Connection, job_ids: Sequence[str]) -> dict[str, list[MediaRow]]:
    """Return what is stored of each of these jobs, inputs left out, by role and position."""
    sql = (
        f"{_MEDIA} WHERE job_id IN (SELECT value FROM json_each(?)) AND role <> 'input'"  # noqa: S608 - a constant
        " AND job_media.sha256 IS NOT NULL ORDER BY job_id, role, position"
    )
    found: dict[str, list[MediaRow]] = {}
    for row in connection.execute(sql, (canonical(list(job_ids)),)):
        found.setdefault(row[0], []).append(media_of(row))
    return found


def stored_media(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return (digest, job) of every result that was stored, newest first."""
    sql = "SELECT sha256, job_id FROM job_media WHERE sha256 IS NOT NULL AND role <> 'input' ORDER BY job_id DESC"
    return [(digest, job_id) for digest, job_id in connection.execute(sql)]


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
    return found + sums_problems(connection)
