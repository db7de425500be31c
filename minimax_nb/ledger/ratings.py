"""Rating sessions and votes: what was asked of people, and what they said."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.writer import Transaction

Choice = Literal["A", "B", "tie", "both bad"]
CHOICES: tuple[Choice, ...] = ("A", "B", "tie", "both bad")

_SESSION = "SELECT id, name, project, compares, seed, items, created_us FROM rating_sessions"
_VOTE = (
    "SELECT id, session_id, rater, left_job, left_sha, right_job, right_sha, choice, left_stars, right_stars, at_us"
    " FROM votes WHERE undone_us IS NULL AND session_id = ?"
)


@dataclass(frozen=True, slots=True)
class RatingSession:
    """One question to people: which of these results is better.

    ``items`` are the results as JSON objects with ``job_id``, ``sha256``, ``contender`` and ``question``.
    """

    id: str
    name: str
    project: str
    compares: str
    seed: int
    items: tuple[dict[str, str], ...]
    created_us: int


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One standing vote; A is what was shown on the left."""

    id: int
    session_id: str
    rater: str
    left_job: str
    left_sha: str
    right_job: str
    right_sha: str
    choice: Choice
    left_stars: int | None
    right_stars: int | None
    at_us: int


class Ratings(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that keeps votes; see there."""

    def start_rating(self, session: RatingSession) -> RatingSession:
        """Write a session, or return the one that has its name already."""
        values = (
            session.id, session.name, session.project, session.compares, session.seed,
            json.dumps(session.items, ensure_ascii=False), session.created_us,
        )  # fmt: skip

        def start(tx: Transaction) -> RatingSession:
            tx.execute(
                "INSERT INTO rating_sessions VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
                values,
            )
            return _session(tx.execute(f"{_SESSION} WHERE name = ?", (session.name,)).fetchone())

        return self._write(start).result()

    def rating_session(self, name: str) -> RatingSession | None:
        """Return the session of this name, or ``None``."""
        sql = f"{_SESSION} WHERE name = ?"
        row = self._read(lambda connection: connection.execute(sql, (name,)).fetchone())
        return None if row is None else _session(row)

    def rating_sessions(self, project: str | None = None) -> list[RatingSession]:
        """Return all sessions, newest first; of one project, if given."""
        sql = f"{_SESSION} WHERE project = COALESCE(?, project) ORDER BY created_us DESC"
        return self._read(lambda connection: [_session(row) for row in connection.execute(sql, (project,))])

    def add_vote(
        self,
        session_id: str,
        rater: str,
        sides: tuple[tuple[str, str], tuple[str, str]],
        choice: Choice,
        stars: tuple[int | None, int | None] = (None, None),
    ) -> Future[int]:
        """Write one vote; ``sides`` are (job, content) of A and of B. Resolves to its number when it is on disk.

        Raises
        ------
        RequestInvalidError
            By the future, when this rater has answered this pair already.
        """
        (left_job, left_sha), (right_job, right_sha) = sides
        values = (
            session_id, rater, left_job, left_sha, right_job, right_sha, choice, *stars, self._clock(),
        )  # fmt: skip
        sql = (
            "INSERT INTO votes (session_id, rater, left_job, left_sha, right_job, right_sha, choice,"
            " left_stars, right_stars, at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )

        def add(tx: Transaction) -> int:
            try:
                return int(tx.execute(sql, values).lastrowid or 0)
            except sqlite3.IntegrityError as error:
                if "UNIQUE" in str(error):
                    raise RequestInvalidError(f"{rater} has already answered this pair") from None
                raise

        return self._write(add)

    def undo_vote(self, session_id: str, rater: str) -> VoteRow | None:
        """Take back the rater's last standing vote and return it; ``None`` when there is none."""
        now_us = self._clock()

        def undo(tx: Transaction) -> VoteRow | None:
            row = tx.execute(
                f"{_VOTE} AND rater = ? ORDER BY id DESC LIMIT 1", (session_id, rater)
            ).fetchone()
            if row is None:
                return None
            tx.execute("UPDATE votes SET undone_us = ? WHERE id = ?", (now_us, row[0]))
            return VoteRow(*row)

        return self._write(undo).result()

    def votes(self, session_ids: Sequence[str], rater: str | None = None) -> list[VoteRow]:
        """Return the standing votes of these sessions, oldest first; of one rater, if given."""

        def read(connection: sqlite3.Connection) -> list[VoteRow]:
            rows: list[Any] = []
            for session_id in session_ids:
                sql = f"{_VOTE} AND rater = COALESCE(?, rater) ORDER BY id"
                rows += connection.execute(sql, (session_id, rater)).fetchall()
            return [VoteRow(*row) for row in rows]

        return self._read(read)


def _session(row: Any) -> RatingSession:
    ident, name, project, compares, seed, items, created_us = row
    return RatingSession(ident, name, project, compares, int(seed), tuple(json.loads(items)), created_us)
