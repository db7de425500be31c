"""The voices a user made: since when, whether they have spoken, and when the provider drops them if not."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future

from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.rows import VoiceRow
from minimax_nb.ledger.writer import Transaction

_SELECT = f"SELECT {', '.join(VoiceRow.__slots__)} FROM voices"  # noqa: S608 - our own column names


class Voices(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that remembers voices; see there."""

    def add_voice(
        self,
        account: str,
        voice_id: str,
        *,
        origin: str,
        provider: str,
        job_id: str,
        expires_us: int | None = None,
    ) -> Future[None]:
        """Remember a voice that was ``designed`` or ``cloned``, and when the provider drops it if unused."""
        values = (account, voice_id, origin, provider, job_id, self._clock(), expires_us)
        sql = (
            "INSERT INTO voices (account, voice_id, origin, provider, job_id, created_us, expires_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, voice_id)"
            " DO UPDATE SET job_id = excluded.job_id, expires_us = excluded.expires_us"
        )

        def put(tx: Transaction) -> None:
            tx.execute(sql, values)

        return self._write(put)

    def use_voice(self, account: str, voice_id: str, job_id: str) -> Future[str | None]:
        """Note that a voice spoke in a job.

        Returns
        -------
        Future of str or None
            ``designed`` or ``cloned`` when this is the job it first spoke in, which is when its fee falls
            due; asking again for the same job gives the same answer. ``None`` otherwise.
        """
        key, now_us = (account, voice_id), self._clock()

        def use(tx: Transaction) -> str | None:
            tx.execute(
                "UPDATE voices SET used_us = COALESCE(used_us, ?), used_job = COALESCE(used_job, ?), last_us = ?"
                " WHERE account = ? AND voice_id = ?",
                (now_us, job_id, now_us, *key),
            )
            row = tx.execute(
                "SELECT origin FROM voices WHERE account = ? AND voice_id = ? AND used_job = ?",
                (*key, job_id),
            ).fetchone()
            return None if row is None else str(row[0])

        return self._write(use)

    def delete_voice(self, account: str, voice_id: str) -> Future[None]:
        """Note that the user deleted a voice."""
        values = (self._clock(), account, voice_id)
        sql = "UPDATE voices SET deleted_us = ? WHERE account = ? AND voice_id = ?"

        def drop(tx: Transaction) -> None:
            tx.execute(sql, values)

        return self._write(drop)

    def voices(self, account: str | None = None, *, deleted: bool = False) -> list[VoiceRow]:
        """Return the user's own voices, newest first; without those that were deleted, unless they are asked for."""
        return self._read(lambda connection: of_account(connection, account, deleted=deleted))

    def voice(self, provider: str, voice_id: str) -> VoiceRow | None:
        """Return the user's own voice of this id at a provider; ``None`` when the ledger knows of none."""
        sql = _SELECT + " WHERE provider = ? AND voice_id = ? AND deleted_us IS NULL ORDER BY created_us DESC"
        row = self._read(lambda connection: connection.execute(sql, (provider, voice_id)).fetchone())
        return None if row is None else VoiceRow(*row)


def of_account(
    connection: sqlite3.Connection, account: str | None = None, *, deleted: bool = False
) -> list[VoiceRow]:
    """Return the voices of an account, or of all, newest first; none from a file of an older version."""
    where = [] if account is None else ["account = ?"]
    where += [] if deleted else ["deleted_us IS NULL"]
    sql = _SELECT + (f" WHERE {' AND '.join(where)}" if where else "")
    values = () if account is None else (account,)
    try:
        rows = connection.execute(sql + " ORDER BY created_us DESC, voice_id", values).fetchall()
    except sqlite3.OperationalError:
        return []
    return [VoiceRow(*row) for row in rows]
