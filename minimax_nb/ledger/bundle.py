"""Rows of some jobs as plain data, out of one ledger and into another."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.migrate import schema_version
from minimax_nb.ledger.record import JobState, ResultState
from minimax_nb.ledger.writer import Transaction

Row = dict[str, Any]

#: What belongs to a job, parents first, and the column that names the job.
_OF_A_JOB = {
    "jobs": "id",
    "job_events": "job_id",
    "cost_lines": "job_id",
    "job_media": "job_id",
    "measures": "job_id",
}
#: Left behind: who drove it, where the provider served it (such an address may carry a signature), whose key.
_PRIVATE = {
    "jobs": ("lease_owner", "lease_until_us", "session_id", "cell_id", "locator", "task_id", "account"),
    "job_events": ("detail", "actor"),
    "job_media": ("url", "url_expires_us", "file_id"),
}
#: What stands in the place of what was left behind, where the column must say something.
_INSTEAD: Mapping[str, Row] = {
    "jobs": {"account": "imported"},
    "job_events": {"actor": "imported", "detail": "{}"},
}
#: What a column of JSON holds; anything else could never be read again.
_JSON: Mapping[str, Mapping[str, type]] = {
    "jobs": {"request": dict, "tags": dict, "error": dict, "facts": dict, "warnings": list, "axes": dict},
    "job_events": {"detail": dict},
    "media": {"facts": dict},
    "rating_sessions": {"items": list},
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "TEXT": (str,), "BIGINT": (int,), "INTEGER": (int,), "DOUBLE PRECISION": (int, float),
}  # fmt: skip
_ID = re.compile(r"[0-9A-Z]{26}")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by table, and the schema they are of."""

    schema: int
    tables: dict[str, list[Row]] = field(default_factory=dict)


class Bundles(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that gives rows away and takes them in; see there."""

    def take_out(self, job_ids: Sequence[str]) -> Rows:
        """Return all rows of these jobs, with the ratings whose results are all among them."""
        return self._read(lambda connection: _take_out(connection, job_ids))

    def bring_in(self, rows: Rows) -> list[str]:
        """Add rows of another ledger; what is there already stays as it is.

        They count against no budget and into no cost: nothing of it was paid here.

        Returns
        -------
        list of str
            The ids of the jobs that are new here.

        Raises
        ------
        RequestInvalidError
            The rows are of a newer schema, or not whole; nothing was added.
        """
        now_us = self._clock()
        return self._write(lambda tx: _bring_in(tx, rows, now_us)).result()


def _take_out(connection: sqlite3.Connection, job_ids: Sequence[str]) -> Rows:
    tables: dict[str, list[Row]] = {}
    for table, key in _OF_A_JOB.items():
        sql = f"SELECT * FROM {table} WHERE {key} = ?"  # noqa: S608 - names from the list above
        found = [row for job_id in job_ids for row in _rows(connection.execute(sql, (job_id,)))]
        tables[table] = [_public(table, row) for row in found]
    digests = dict.fromkeys(row["sha256"] for row in tables["job_media"] if row["sha256"])
    sql = "SELECT * FROM media WHERE sha256 = ?"
    tables["media"] = [row for digest in digests for row in _rows(connection.execute(sql, (digest,)))]
    tables["rating_sessions"], tables["votes"] = _ratings(connection, set(job_ids))
    # An answer from the ledger points to the job that made it, which may not come along.
    there = set(job_ids)
    for row in tables["jobs"]:
        row["cached_from"] = row["cached_from"] if row["cached_from"] in there else None
    return Rows(schema_version(connection), tables)


def _public(table: str, row: Row) -> Row:
    kept = {key: value for key, value in row.items() if key not in _PRIVATE.get(table, ())}
    return {**kept, **_INSTEAD.get(table, {})}


def _ratings(connection: sqlite3.Connection, job_ids: set[str]) -> tuple[list[Row], list[Row]]:
    sessions = [
        row
        for row in _rows(connection.execute("SELECT * FROM rating_sessions"))
        if {item["job_id"] for item in json.loads(row["items"])} <= job_ids
    ]
    sql = "SELECT * FROM votes WHERE session_id = ? ORDER BY id"
    votes = [row for one in sessions for row in _rows(connection.execute(sql, (one["id"],)))]
    for vote in votes:
        del vote["id"]  # a number of that ledger
    return sessions, votes


def _bring_in(tx: Transaction, rows: Rows, now_us: int) -> list[str]:
    (version,) = tx.execute("SELECT MAX(version) FROM schema_migrations").fetchone()
    if rows.schema > version:
        raise RequestInvalidError(
            f"the bundle was made by a newer minimax_nb (schema {rows.schema}, this one knows {version})",
            hint="Upgrade minimax_nb, then import it again.",
        )
    try:
        return _add(tx, {table: _clean(tx, table, found) for table, found in rows.tables.items()}, now_us)
    except (sqlite3.Error, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise RequestInvalidError(
            f"the bundle's rows do not fit together ({error}); nothing was imported"
        ) from error


def _clean(tx: Transaction, table: str, rows: Iterable[Row]) -> list[Row]:
    """Return rows as :func:`_take_out` would have given them, whoever wrote them.

    Raises
    ------
    ValueError
        One could not be read again, and rows are never deleted.
    """
    types = {row[1]: row[2] for row in tx.execute(f"PRAGMA table_info({table})")}
    return [_checked(table, types, _public(table, row)) for row in rows]


def _checked(table: str, types: Mapping[str, str], row: Row) -> Row:
    # An older bundle has fewer columns; one that is not ours could name any.
    kept = {name: value for name, value in row.items() if name in types}
    for name, value in kept.items():
        made_of = _JSON.get(table, {}).get(name)
        fits = value is None or (isinstance(value, _TYPES[types[name]]) and not isinstance(value, bool))
        if not fits or (value is not None and made_of and not isinstance(json.loads(value), made_of)):
            raise ValueError(f"{table}.{name}")
    if table == "job_events":
        JobState(kept["state"])
    if table == "jobs" and not _ID.fullmatch(kept["id"]):
        raise ValueError("jobs.id")
    if table == "job_media" and kept.get("name"):  # a file beside the notebook, and nowhere else
        kept["name"] = PurePosixPath(kept["name"].replace("\\", "/")).name
    return kept


def _add(tx: Transaction, tables: Mapping[str, list[Row]], now_us: int) -> list[str]:
    jobs, sessions = tables["jobs"], tables["rating_sessions"]
    for row in jobs:
        if not JobState(row["state"]).terminal or row["result"] == ResultState.AVAILABLE:
            raise RequestInvalidError(f"job {row['id']} of the bundle is not finished; nothing was imported")
    ids, rated = {row["id"] for row in jobs}, {row["id"] for row in sessions}
    there = {job_id for job_id in ids if _has(tx, "jobs", "id", job_id)}
    known = {session_id for session_id in rated if _has(tx, "rating_sessions", "id", session_id)}
    names = {row["id"] for row in sessions if _has(tx, "rating_sessions", "name", row["name"])}
    _insert(tx, "media", tables["media"], "ON CONFLICT DO NOTHING")
    # Parents first: an answer points to its source, which is in the bundle as well.
    jobs = sorted(jobs, key=lambda row: row["cached_from"] is not None)
    _insert(
        tx, "jobs", [{**_source(row, ids), "imported_us": now_us} for row in jobs if row["id"] not in there]
    )
    for table, key in _OF_A_JOB.items():
        if table != "jobs":
            _insert(tx, table, _new_of(table, tables[table], key, ids, there))
    fresh = [row for row in sessions if row["id"] not in known]
    _insert(tx, "rating_sessions", [_renamed(row) if row["id"] in names else row for row in fresh])
    _insert(tx, "votes", _new_of("votes", tables["votes"], "session_id", rated, known))
    return [row["id"] for row in jobs if row["id"] not in there]


def _source(job: Row, ids: set[str]) -> Row:
    return {**job, "cached_from": job["cached_from"] if job["cached_from"] in ids else None}


def _new_of(table: str, rows: Iterable[Row], key: str, parents: set[str], there: set[str]) -> list[Row]:
    """Return the rows whose parent is new; the books of what is here already are nobody else's to write."""
    rows = list(rows)
    if strange := {row[key] for row in rows} - parents:
        raise ValueError(f"{table} of {min(strange)}, which is not in the bundle")
    return [row for row in rows if row[key] not in there]


def _renamed(session: Row) -> Row:
    return {**session, "name": f"{session['name']}-{str(session['id'])[-6:].lower()}"}


def _has(tx: Transaction, table: str, key: str, value: str) -> bool:
    sql = f"SELECT 1 FROM {table} WHERE {key} = ?"  # noqa: S608 - names from this file
    return tx.execute(sql, (value,)).fetchone() is not None


def _insert(tx: Transaction, table: str, rows: Iterable[Row], otherwise: str = "") -> None:
    for row in rows:
        names = list(row)
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) {otherwise}"  # noqa: S608 - known names
        tx.execute(sql, [row[name] for name in names])


def _rows(cursor: sqlite3.Cursor) -> list[Row]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
