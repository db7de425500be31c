"""Numbered SQL files, applied and recorded in one transaction; forward only.

``0001_initial.sql`` is common to SQLite and PostgreSQL; ``NNNN_name.sqlite.sql`` is SQLite's alone.
A released file is never edited.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from minimax_nb.errors import ConfigError

#: Marks a SQLite file as ours, for ``file`` and for :func:`migrate`: the letters "mmnb".
APPLICATION_ID = 0x6D6D6E62

_RECORD = """CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_us BIGINT NOT NULL
)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    version: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Digest of the text, recorded with it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self) -> Iterator[str]:
        """Yield the statements one by one (a script call would commit the transaction it runs in)."""
        part = ""
        for line in self.text.splitlines(keepends=True):
            part += line
            if sqlite3.complete_statement(part):
                yield part
                part = ""


@cache
def migrations() -> tuple[Migration, ...]:
    """Return the files of this package in order of version."""
    folder = files("minimax_nb.ledger") / "migrations"
    scripts = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name
    )
    return tuple(
        Migration(int(item.name[:4]), item.name.removesuffix(".sql"), item.read_text(encoding="utf-8"))
        for item in scripts
    )


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the version the file is at; 0 for a new file.

    Raises
    ------
    ConfigError
        When the file is a database of some other program.
    """
    # One look: between two, another process could bring the schema that the first did not see.
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not names:
        return 0
    if "schema_migrations" not in names:
        raise ConfigError(f"{_name(connection)} is a database of another program, not a ledger")
    (version,) = connection.execute("SELECT COALESCE(MAX(version), 0) FROM schema_migrations").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, now_us: int) -> None:
    """Bring a file to this package's schema; safe when many processes do it at once.

    Parameters
    ----------
    connection
        In autocommit mode (``isolation_level=None``).
    now_us
        Recorded as the time of application.

    Raises
    ------
    ConfigError
        When the file is newer than this package, or not a ledger.
    """
    newest = migrations()[-1].version
    found = schema_version(connection)
    if found < newest:
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = _apply(connection, now_us)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    if found > newest:
        raise ConfigError(
            f"{_name(connection)} was written by a newer minimax_nb (schema {found}, this one knows {newest}); "
            "upgrade minimax_nb, or name another ledger"
        )


def _apply(connection: sqlite3.Connection, now_us: int) -> int:
    """Apply what is missing and return the version then; runs inside the caller's transaction."""
    # Read again under the write lock: another process may have been first.
    current = schema_version(connection)
    connection.execute(_RECORD)
    for migration in migrations():
        if migration.version <= current:
            continue
        for statement in migration.statements():
            connection.execute(statement)
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, ?, ?)",
            (migration.version, migration.name, migration.sha256, now_us),
        )
        connection.execute(f"PRAGMA user_version = {migration.version}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return schema_version(connection)


def _name(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA database_list").fetchone()[2])
