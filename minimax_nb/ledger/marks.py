"""What a person says of a job afterwards: a star, tags, notes. Each is a line of the job's history too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.jobs import Now, add_event, load
from minimax_nb.ledger.record import JobRecord
from minimax_nb.ledger.rows import canonical
from minimax_nb.ledger.writer import Transaction

LONGEST = 20_000  #: characters of one note
_NAME = re.compile(r"[^=\"\\\x00-\x1f]{1,100}")


@dataclass(frozen=True, slots=True)
class Marks:
    """The star and the notes of a job, oldest note first."""

    starred: bool = False
    notes: tuple[str, ...] = ()


class Marking(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that keeps stars, tags and notes; see there."""

    def star(self, job_id: str, on: bool = True) -> Future[None]:
        """Star a job, or take its star away."""
        now = self._now()
        return self._write(lambda tx: _star(tx, job_id, on, now))

    def tag(self, job_id: str, tags: Mapping[str, str | None]) -> Future[JobRecord]:
        """Set tags of a job; ``None`` takes one away. Resolves to the job as it is then."""
        for name in tags:
            if not _NAME.fullmatch(name):
                raise RequestInvalidError(f'tag {name!r}: 1 to 100 characters without =, ", \\ and line ends')
        now = self._now()
        return self._write(lambda tx: _tag(tx, job_id, tags, now))

    def note(self, job_id: str, text: str) -> Future[None]:
        """Add a note to a job; notes are never changed."""
        told = text.strip()
        if not told or len(told) > LONGEST:
            raise RequestInvalidError(f"a note has 1 to {LONGEST:,} characters, this one {len(told):,}")
        now = self._now()
        return self._write(lambda tx: _note(tx, job_id, told, now))

    def marks(self, job_ids: Sequence[str]) -> dict[str, Marks]:
        """Return the marks of those jobs that have any."""
        listed = canonical(list(job_ids))
        stars = "SELECT job_id FROM stars WHERE job_id IN (SELECT value FROM json_each(?))"
        notes = "SELECT job_id, text FROM notes WHERE job_id IN (SELECT value FROM json_each(?)) ORDER BY job_id, seq"
        starred = {row[0] for row in self._read(lambda found: found.execute(stars, (listed,)).fetchall())}
        told: dict[str, list[str]] = {}
        for job_id, text in self._read(lambda found: found.execute(notes, (listed,)).fetchall()):
            told.setdefault(job_id, []).append(text)
        return {key: Marks(key in starred, tuple(told.get(key, ()))) for key in starred | told.keys()}


def _star(tx: Transaction, job_id: str, on: bool, now: Now) -> None:
    record = load(tx, job_id)
    if on:
        changed = tx.execute("INSERT INTO stars VALUES (?, ?) ON CONFLICT DO NOTHING", (job_id, now.us))
    else:
        changed = tx.execute("DELETE FROM stars WHERE job_id = ?", (job_id,))
    if changed.rowcount:
        add_event(tx, job_id, "starred" if on else "star taken away", record.state, {}, now)


def _tag(tx: Transaction, job_id: str, tags: Mapping[str, str | None], now: Now) -> JobRecord:
    record = load(tx, job_id)
    kept = {name: value for name, value in {**record.tags, **tags}.items() if value is not None}
    if kept != record.tags:
        # The row's time of change is the engine's, and stays.
        tx.execute("UPDATE jobs SET tags = ? WHERE id = ?", (canonical(kept), job_id))
        add_event(tx, job_id, "tagged", record.state, dict(tags), now)
    return load(tx, job_id)


def _note(tx: Transaction, job_id: str, text: str, now: Now) -> None:
    record = load(tx, job_id)
    tx.execute(
        "INSERT INTO notes (job_id, seq, at_us, actor, text)"
        " SELECT ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ? FROM notes WHERE job_id = ?",
        (job_id, now.us, now.actor, text, job_id),
    )
    add_event(tx, job_id, "note", record.state, {"text": text}, now)
