"""Requests per minute, shared by all processes: a strict sliding window of reserved moments.

A token bucket lets nearly twice the limit through in one window; this admits at most ``limit`` in
any window, whoever asks.
"""

from __future__ import annotations

import secrets
import sqlite3

from minimax_nb.ledger.rows import one
from minimax_nb.ledger.writer import Transaction

#: The window is kept this much longer than the provider's, for the jitter between sending and arrival.
GUARD = 1.02


def admit(
    tx: Transaction,
    account: str,
    rpm_class: str,
    *,
    limit: int,
    window_us: int,
    now_us: int,
    paused_us: int | None = None,
) -> int:
    """Reserve the next moment at which a request may be sent, and return it in microseconds.

    Parameters
    ----------
    account, rpm_class
        What the provider counts together.
    limit
        Requests allowed in a window; at least 1.
    window_us
        Length of the window.
    now_us
        The present.
    paused_us
        The end of the last pause, where the caller has read it.
    """
    if limit < 1:
        raise ValueError(f"limit {limit} must be at least 1")
    window = int(window_us * GUARD)
    key = (account, rpm_class)
    paused = paused_until(tx, *key) if paused_us is None else paused_us
    earlier = tx.execute(
        "SELECT due_us FROM admissions WHERE account = ? AND rpm_class = ? ORDER BY due_us DESC LIMIT 1 OFFSET ?",
        (*key, limit - 1),
    ).fetchone()
    due = max(now_us, paused, earlier[0] + window if earlier else 0)
    sql = "INSERT INTO admissions (account, rpm_class, due_us, id) VALUES (?, ?, ?, ?)"
    tx.execute(sql, (*key, due, secrets.token_hex(8)))
    if earlier:
        # Only the last `limit` moments matter, but some of them may yet be withdrawn.
        tx.execute(
            "DELETE FROM admissions WHERE account = ? AND rpm_class = ? AND due_us < ?",
            (*key, min(earlier[0], now_us - 2 * window)),
        )
    return due


def withdraw(tx: Transaction, account: str, rpm_class: str, due_us: int) -> None:
    """Give a moment back that will not be used."""
    tx.execute(
        "DELETE FROM admissions WHERE account = ? AND rpm_class = ? AND due_us = ? AND id ="
        " (SELECT MIN(id) FROM admissions WHERE account = ? AND rpm_class = ? AND due_us = ?)",
        (account, rpm_class, due_us) * 2,
    )


def paused_until(tx: Transaction | sqlite3.Connection, account: str, rpm_class: str) -> int:
    """Return the end of the last pause, in microseconds; 0 when there was none."""
    sql = "SELECT COALESCE(MAX(until_us), 0) FROM pauses WHERE account = ? AND rpm_class = ?"
    return int(one(tx.execute(sql, (account, rpm_class)))[0])


def pause(tx: Transaction, account: str, rpm_class: str, until_us: int) -> None:
    """Admit nothing before a moment; a later end already set stays."""
    tx.execute(
        "INSERT INTO pauses VALUES (?, ?, ?) ON CONFLICT (account, rpm_class)"
        " DO UPDATE SET until_us = excluded.until_us WHERE excluded.until_us > pauses.until_us",
        (account, rpm_class, until_us),
    )
