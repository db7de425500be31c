"""Webhooks in the ledger: tokens by their hash, and deliveries as hints that another process reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.jobs import Now, add_event, load
from minimax_nb.ledger.rows import canonical, one
from minimax_nb.ledger.writer import Transaction

#: Different bodies kept for one token; a provider sends a handful, more is noise.
MOST_DELIVERIES = 50

_LAST = "SELECT COALESCE(MAX(seq), 0) FROM webhook_deliveries"


class Hooks(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that the webhook receiver writes; see there."""

    def add_webhook(self, token_sha256: str, job_id: str, attempt: int, provider: str) -> Future[int]:
        """Remember the hash of the token that one paid request is about to carry.

        Returns
        -------
        Future[int]
            The ``seq`` of the last delivery so far; resolves when the token is on disk.
        """
        values = (token_sha256, job_id, attempt, provider, self._clock())

        def add(tx: Transaction) -> int:
            # A kernel that died before it sent this attempt had a token for it, which nobody was told.
            tx.execute("DELETE FROM webhook_tokens WHERE job_id = ? AND attempt = ?", (job_id, attempt))
            tx.execute("INSERT INTO webhook_tokens VALUES (?, ?, ?, ?, ?)", values)
            return int(one(tx.execute(_LAST))[0])

        return self._write(add)

    def knows_webhook(self, token_sha256: str) -> bool:
        """Return True for the hash of a token that was given out."""
        sql = "SELECT 1 FROM webhook_tokens WHERE token_sha256 = ?"
        return self._read(lambda connection: connection.execute(sql, (token_sha256,)).fetchone() is not None)

    def add_delivery(self, token_sha256: str, body: Mapping[str, Any]) -> Future[bool]:
        """Keep what came in under a known token; True when it says something new.

        The same body again is only counted, and what comes after :data:`MOST_DELIVERIES` different
        ones is dropped: whoever knows an address cannot fill the disk.
        """
        now = self._now()
        return self._write(lambda tx: _deliver(tx, token_sha256, canonical(dict(body)), now))

    def webhook_since(self, job_id: str) -> int | None:
        """Return the ``seq`` of the last delivery of all jobs; ``None`` for a job sent without a webhook."""
        sql = f"SELECT ({_LAST}) FROM webhook_tokens WHERE job_id = ? LIMIT 1"  # noqa: S608 - a constant
        row = self._read(lambda connection: connection.execute(sql, (job_id,)).fetchone())
        return None if row is None else int(row[0])

    def webhook_news(self, after: int, limit: int = 500) -> list[tuple[int, str]]:
        """Return (seq, job id) of the deliveries after a ``seq``, oldest first."""
        sql = (
            "SELECT seq, job_id FROM webhook_deliveries JOIN webhook_tokens USING (token_sha256)"
            " WHERE seq > ? ORDER BY seq LIMIT ?"
        )
        return self._read(lambda connection: connection.execute(sql, (after, limit)).fetchall())

    def deliveries(self, job_id: str) -> list[dict[str, Any]]:
        """Return the bodies that came for a job, oldest first. They are not to be believed, only checked."""
        sql = (
            "SELECT body FROM webhook_deliveries JOIN webhook_tokens USING (token_sha256)"
            " WHERE job_id = ? ORDER BY seq"
        )
        rows = self._read(lambda connection: connection.execute(sql, (job_id,)).fetchall())
        return [json.loads(row[0]) for row in rows]

    def task_holder(self, provider: str, task_id: str) -> str | None:
        """Return the id of the job that has this task at its provider."""
        sql = "SELECT id FROM jobs WHERE provider = ? AND task_id = ? LIMIT 1"
        row = self._read(lambda connection: connection.execute(sql, (provider, task_id)).fetchone())
        return None if row is None else str(row[0])


def _deliver(tx: Transaction, token_sha256: str, body: str, now: Now) -> bool:
    digest = hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()
    again = tx.execute(
        "UPDATE webhook_deliveries SET repeats = repeats + 1 WHERE token_sha256 = ? AND body_sha256 = ?",
        (token_sha256, digest),
    )
    if again.rowcount:
        return False
    sql = "SELECT COUNT(*) FROM webhook_deliveries WHERE token_sha256 = ?"
    if one(tx.execute(sql, (token_sha256,)))[0] >= MOST_DELIVERIES:
        return False
    seq = int(one(tx.execute(_LAST))[0]) + 1
    tx.execute(
        "INSERT INTO webhook_deliveries (seq, token_sha256, received_us, body_sha256, body) VALUES (?, ?, ?, ?, ?)",
        (seq, token_sha256, now.us, digest, body),
    )
    found = tx.execute("SELECT job_id, attempt FROM webhook_tokens WHERE token_sha256 = ?", (token_sha256,))
    job_id, attempt = one(found)
    add_event(tx, job_id, "webhook", load(tx, job_id).state, {"delivery": seq, "attempt": attempt}, now)
    return True
