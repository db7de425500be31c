"""Receipts of uploads: which content a provider has already, and under which id."""

from __future__ import annotations

from concurrent.futures import Future

from minimax_nb.ledger.file import LedgerFile
from minimax_nb.ledger.writer import Transaction


class Receipts(LedgerFile):
    """The part of :class:`~minimax_nb.ledger.Ledger` that remembers uploaded files; see there."""

    def uploaded(self, account: str, purpose: str, sha256: str) -> str | None:
        """Return the id of an upload that the provider still has; ``None`` when there is none."""
        sql = (
            "SELECT file_id FROM uploads WHERE account = ? AND purpose = ? AND sha256 = ? AND expires_us > ?"
        )
        values = (account, purpose, sha256, self._clock())
        row = self._read(lambda connection: connection.execute(sql, values).fetchone())
        return None if row is None else str(row[0])

    def keep_upload(
        self, account: str, purpose: str, sha256: str, file_id: str, *, lives_us: int
    ) -> Future[None]:
        """Remember an upload for ``lives_us`` microseconds, in place of an earlier one."""
        now_us = self._clock()
        values = (account, purpose, sha256, file_id, now_us, now_us + lives_us)

        def put(tx: Transaction) -> None:
            tx.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?)", values)
            tx.execute("DELETE FROM uploads WHERE expires_us <= ?", (now_us,))

        return self._write(put)

    def forget_upload(self, account: str, purpose: str, sha256: str, file_id: str) -> Future[None]:
        """Forget an upload that the provider no longer has; a newer one of the same content stays."""
        sql = "DELETE FROM uploads WHERE account = ? AND purpose = ? AND sha256 = ? AND file_id = ?"

        def drop(tx: Transaction) -> None:
            tx.execute(sql, (account, purpose, sha256, file_id))

        return self._write(drop)

    def forget_file(self, account: str, file_id: str) -> Future[None]:
        """Forget all uploads that a deleted file stood for."""

        def drop(tx: Transaction) -> None:
            tx.execute("DELETE FROM uploads WHERE account = ? AND file_id = ?", (account, file_id))

        return self._write(drop)
