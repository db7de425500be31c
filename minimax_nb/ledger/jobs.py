"""What happens to one job, as operations of the writer: intent, changes, settlement, leases, media.

Each function runs in one savepoint of one durable transaction (see ``writer``), so a job's row, its
event, its cost line and its budgets change together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger import budgets
from minimax_nb.ledger.record import Charge, JobRecord, JobState
from minimax_nb.ledger.rows import (
    COLUMNS,
    OPEN,
    CostLine,
    MediaRow,
    canonical,
    cell,
    cells_of,
    one,
    record_of,
    value_of,
)
from minimax_nb.ledger.writer import Transaction

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM jobs"  # noqa: S608 - our own column names
_INSERT = f"INSERT INTO jobs ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608

#: Set once when the job is made, or only by the functions here that keep them consistent.
_FIXED = frozenset(
    {
        "id",
        "kind",
        "provider",
        "operation",
        "request",
        "fingerprint",
        "created_us",
        "updated_us",
        "sandbox",
        "currency",
        "batch",
        "axes",
    }
)
_MONEY = frozenset({"cost_nano", "cost_source"})
CHANGEABLE = frozenset(COLUMNS) - _FIXED - _MONEY


@dataclass(frozen=True, slots=True)
class Now:
    """When and by whom an operation is done."""

    us: int
    actor: str


def insert(
    tx: Transaction,
    record: JobRecord,
    reserve_nano: int | None,
    allow_unpriced: bool,
    now: Now,
    changes: Mapping[str, Any] | None = None,
) -> JobRecord:
    """Write the intent row, its reservations and its first event; return the job as stored.

    ``changes`` are those of the step after it, where that is taken in the same breath: it is being sent.
    """
    taken, warnings = budgets.reserve(tx, record, reserve_nano, allow_unpriced=allow_unpriced, now_us=now.us)
    if warnings:
        record = replace(record, warnings=list(dict.fromkeys([*record.warnings, *warnings])))
    if changes:
        record = replace(record, **changes)
    made = cells_of(record)
    cells = tx.clean(made)
    tx.execute_clean(_INSERT, cells)
    budgets.hold(tx, record.id, taken, reserve_nano)
    detail = {"reserved_nano": reserve_nano} if taken else {}
    add_event(tx, record.id, "created", JobState.NEW if changes else record.state, detail, now)
    if changes:
        add_event(tx, record.id, "submitting", record.state, _plain(changes), now)
    return record if cells == made else record_of(cells)


def load(tx: Transaction, job_id: str) -> JobRecord:
    """Return a job inside a transaction."""
    row = tx.execute(_SELECT + " WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise no_such_job(job_id)
    return record_of(row)


def no_such_job(text: str) -> RequestInvalidError:
    """Return the error for an id the ledger does not have."""
    return RequestInvalidError(f"no job {text!r} in the ledger", hint="%minimax jobs lists the latest.")


def update(
    tx: Transaction,
    job_id: str,
    event: str,
    changes: Mapping[str, Any],
    now: Now,
    files: Sequence[MediaRow] = (),
) -> JobRecord:
    """Change a job and write the event; see ``Ledger.update_job`` for the rules."""
    for file in files:
        attach(tx, file, now.us)
    return change(tx, load(tx, job_id), event, changes, now)


def change(tx: Transaction, record: JobRecord, event: str, changes: Mapping[str, Any], now: Now) -> JobRecord:
    """Change a job that was read in this transaction, and write the event."""
    if _refused(record, changes):
        detail = {"refused": _plain(changes), "why": f"the job is {record.state} and that is final"}
        add_event(tx, record.id, event, record.state, detail, now)
        return record
    changed = _merged(record, changes, now.us)
    if changed.get("charge") == Charge.NOT_CHARGED and record.charge is not Charge.NOT_CHARGED:
        changed |= _book(tx, record, 0, _free_source(record), now=now)
    after = _write(tx, record, changed, now.us)
    add_event(tx, record.id, event, after.state, _plain(changes), now)
    return after


def write_text(tx: Transaction, job_id: str, changes: Mapping[str, Any], now: Now) -> JobRecord:
    """Change what a job that still runs was asked for; see ``Ledger.write_text``."""
    record = load(tx, job_id)
    return record if record.state.terminal else _write(tx, record, changes, now.us)


def settle(
    tx: Transaction,
    job_id: str,
    amount_nano: int | None,
    source: str,
    charge: Charge,
    line: Mapping[str, Any],
    event: str,
    changes: Mapping[str, Any],
    now: Now,
    files: Sequence[MediaRow] = (),
) -> JobRecord:
    """Write what a job cost, settle its budgets and change the row; see ``Ledger.settle``."""
    record = load(tx, job_id)
    for file in files:
        attach(tx, file, now.us)
    detail: dict[str, Any] = {**_plain(changes), **line, "charge": charge.value}
    if _refused(record, changes):
        # The money is settled all the same: what was charged does not depend on who saw the end first.
        detail["refused"] = detail.pop("state")
        changes = {key: value for key, value in changes.items() if key != "state"}
    changed = _merged(record, {**changes, **line, "charge": charge}, now.us)
    if charge in (Charge.NOT_CHARGED, Charge.NONE):
        changed |= _book(tx, record, 0, source, now=now)
    elif charge is Charge.CHARGED and amount_nano is not None:
        changed |= _book(tx, record, amount_nano, source, line=line, charged=True, now=now)
    elif charge is Charge.CHARGED and record.cost_nano is None:
        # No price is known: the cost stays unknown, and whatever was reserved stays held.
        changed["cost_source"] = source
    after = _write(tx, record, changed, now.us)
    detail |= {"cost_nano": after.cost_nano, "cost_source": after.cost_source}
    add_event(tx, job_id, event, after.state, detail, now)
    return after


def add_cost(
    tx: Transaction, job_id: str, amount_nano: int, kind: str, source: str, note: str | None, now: Now
) -> JobRecord:
    """Add a correction to what a job cost."""
    record = load(tx, job_id)
    total = (record.cost_nano or 0) + amount_nano
    booked = _book(
        tx, record, total, source, kind=kind, line={"note": note}, charged=record.charge is Charge.CHARGED, now=now
    )  # fmt: skip
    add_event(tx, job_id, "cost", record.state, {"amount_nano": amount_nano, "kind": kind, "note": note}, now)
    return _write(tx, record, booked, now.us)


def _book(
    tx: Transaction,
    record: JobRecord,
    total_nano: int,
    source: str,
    *,
    now: Now,
    kind: str | None = None,
    line: Mapping[str, Any] | None = None,
    charged: bool = False,
) -> dict[str, Any]:
    """Make the sum of a job's cost lines ``total_nano``, and its budgets agree; return what its row is to say."""
    given = line or {}
    delta = total_nano - (record.cost_nano or 0)
    lines = 0
    if record.cost_nano is not None:  # every line says what the sum is
        sql = "SELECT COALESCE(MAX(seq), 0) FROM cost_lines WHERE job_id = ?"
        lines = one(tx.execute(sql, (record.id,)))[0]
    first = lines == 0
    # A repeated settlement (a second process, a second look) adds nothing; a free job needs no line.
    if delta or (first and charged):
        values = CostLine(
            record.id, lines + 1, now.us, kind or ("charge" if first else "adjust"), delta, record.currency, source,
            given.get("unit"), given.get("quantity"), given.get("price_id"), given.get("note"),
        )  # fmt: skip
        tx.execute(
            "INSERT INTO cost_lines (job_id, seq, at_us, kind, amount_nano, currency, source, unit, quantity,"
            " price_id, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [getattr(values, name) for name in CostLine.__slots__],
        )
    budgets.settle(tx, record.id, total_nano)
    return {"cost_nano": total_nano, "cost_source": source}


def claim(tx: Transaction, job_id: str, owner: str, until_us: int, now: Now) -> bool:
    """Take or renew the lease of a job; False while another owner's runs."""
    before = tx.execute("SELECT lease_owner FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if before is None:
        raise no_such_job(job_id)
    cursor = tx.execute(
        "UPDATE jobs SET lease_owner = ?, lease_until_us = ? WHERE id = ?"
        " AND (lease_owner IS NULL OR lease_owner = ? OR lease_until_us <= ?)",
        (owner, until_us, job_id, owner, now.us),
    )
    if cursor.rowcount and before[0] not in (None, owner):
        add_event(tx, job_id, "adopted", load(tx, job_id).state, {"from": before[0], "by": owner}, now)
    return cursor.rowcount == 1


def renew(tx: Transaction, owner: str, until_us: int) -> int:
    """Extend all leases that an owner has on open jobs; return how many."""
    sql = f"UPDATE jobs SET lease_until_us = ? WHERE {OPEN} AND lease_owner = ?"  # noqa: S608 - a constant
    return tx.execute(sql, (until_us, owner)).rowcount


def release(tx: Transaction, job_id: str, owner: str) -> None:
    """Give a lease back."""
    tx.execute(
        "UPDATE jobs SET lease_owner = NULL, lease_until_us = NULL WHERE id = ? AND lease_owner = ?",
        (job_id, owner),
    )


def attach(tx: Transaction, row: MediaRow, now_us: int) -> None:
    """Write or complete one input or output of a job; fields that are ``None`` keep what is there."""
    if row.sha256 is not None:
        tx.execute(
            "INSERT INTO media (sha256, size_bytes, mime, ext, facts, created_us) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (sha256) DO UPDATE SET"
            " facts = CASE WHEN excluded.facts = '{}' THEN media.facts ELSE excluded.facts END",
            (row.sha256, row.size_bytes, row.mime, row.ext, canonical(row.facts), now_us),
        )
    columns = ("sha256", "name", "url", "url_expires_us", "file_id")
    keep = ", ".join(f"{name} = COALESCE(excluded.{name}, job_media.{name})" for name in columns)
    tx.execute(
        f"INSERT INTO job_media (job_id, role, position, {', '.join(columns)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        f" ON CONFLICT (job_id, role, position) DO UPDATE SET {keep}",
        (row.job_id, row.role, row.position, *(getattr(row, name) for name in columns)),
    )


def add_event(
    tx: Transaction, job_id: str, event: str, state: JobState, detail: Mapping[str, Any], now: Now
) -> None:
    """Append one line to a job's history."""
    tx.execute(
        "INSERT INTO job_events (job_id, seq, at_us, event, state, actor, detail)"
        " SELECT ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ?, ?, ? FROM job_events WHERE job_id = ?",
        (job_id, now.us, event, state.value, now.actor, canonical(dict(detail)), job_id),
    )


def _refused(record: JobRecord, changes: Mapping[str, Any]) -> bool:
    return record.state.terminal and changes.get("state", record.state) != record.state


def _merged(record: JobRecord, changes: Mapping[str, Any], now_us: int) -> dict[str, Any]:
    """Return the columns to write: facts and warnings add up, and a new state brings its time."""
    changed = dict(changes)
    if "facts" in changed:
        changed["facts"] = {**record.facts, **changed["facts"]}
    if "warnings" in changed:
        changed["warnings"] = list(dict.fromkeys([*record.warnings, *changed["warnings"]]))
    state = JobState(changed.get("state", record.state))
    for column, reached in (
        ("submitted_us", state is JobState.SUBMITTING),
        ("running_us", state is JobState.RUNNING),
        ("finished_us", state.terminal),
    ):
        if reached and getattr(record, column) is None:
            changed.setdefault(column, now_us)
    return changed


def _write(tx: Transaction, record: JobRecord, changed: Mapping[str, Any], now_us: int) -> JobRecord:
    """Change the row of ``record``; return it as it is now, without reading it again."""
    columns = {**changed, "updated_us": now_us}
    cells = dict(
        zip(columns, tx.clean(cell(column, value) for column, value in columns.items()), strict=True)
    )
    tx.execute_clean(
        f"UPDATE jobs SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?",  # noqa: S608 - checked names
        [*cells.values(), record.id],
    )
    return replace(record, **{column: value_of(column, value) for column, value in cells.items()})


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, JobState | Charge) else value for key, value in changes.items()
    }


def _free_source(record: JobRecord) -> str:
    return "sandbox" if record.sandbox else "reported"
