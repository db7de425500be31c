"""The schema: applied once, whoever comes first, and never backwards."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from minimax_nb.errors import ConfigError
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.connect import open_writer
from minimax_nb.ledger.migrate import APPLICATION_ID, migrations, schema_version
from minimax_nb.ledger.rows import COLUMNS

OPEN = """
import sys
from pathlib import Path
from minimax_nb.ledger import Ledger
print("ready", flush=True)
sys.stdin.readline()
with Ledger(Path(sys.argv[1])) as ledger:
    assert ledger.jobs() == []
"""


def test_versions_are_numbered_without_gaps() -> None:
    assert [item.version for item in migrations()] == list(range(1, len(migrations()) + 1))


def test_common_text_holds_no_statement_of_one_database() -> None:
    for item in migrations():
        if "sqlite" not in item.name:
            text = item.text.upper()
            assert not {
                word for word in ("TRIGGER", "PRAGMA", "AUTOINCREMENT", "WITHOUT ROWID") if word in text
            }


def test_new_file_has_every_field_of_a_record_and_is_marked(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "deep" / "ledger.db", wal=True, now_us=5)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
    assert tuple(columns) == COLUMNS
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(migrations()),)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    rows = connection.execute("SELECT version, name, sha256, applied_us FROM schema_migrations").fetchall()
    assert rows == [(item.version, item.name, item.sha256, 5) for item in migrations()]
    connection.close()
    assert (tmp_path / "deep" / "ledger.db").stat().st_mode & 0o077 == 0


def test_an_older_file_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first = migrations()[0]
    old = sqlite3.connect(path, isolation_level=None)
    old.execute(
        "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT, sha256 TEXT, applied_us BIGINT)"
    )
    for statement in first.statements():
        old.execute(statement)
    old.execute("INSERT INTO schema_migrations VALUES (1, ?, ?, 0)", (first.name, first.sha256))
    old.close()
    connection = open_writer(path, wal=True, now_us=7)
    assert schema_version(connection) == migrations()[-1].version
    triggers = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert "jobs_terminal_is_final" in triggers
    connection.close()


def test_a_newer_file_is_refused_in_one_line_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    newer = sqlite3.connect(path)
    newer.execute("INSERT INTO schema_migrations VALUES (99, 'future', '', 0)")
    newer.commit()
    newer.close()
    with pytest.raises(ConfigError, match=r"newer minimax_nb \(schema 99") as caught:
        Ledger(path)
    assert len(caught.value.lines()) == 1


@pytest.mark.parametrize("content", [b"not a database at all, just text", None])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ledger.db"
    if content is not None:
        path.write_bytes(content)
    else:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE recipes (id)")
        other.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="ledger"):
        Ledger(path)
    if content is not None:
        assert path.read_bytes() == before


def test_a_failed_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from minimax_nb.ledger import migrate

    broken = migrate.Migration(3, "0003_broken", "CREATE TABLE half (id);\nCREATE TABLE half (id);\n")
    monkeypatch.setattr(migrate, "migrations", lambda: (*migrations(), broken))
    with pytest.raises(ConfigError, match="half"):
        Ledger(tmp_path / "ledger.db")
    left = sqlite3.connect(tmp_path / "ledger.db")
    assert left.execute("SELECT name FROM sqlite_master").fetchall() == []
    left.close()


def test_thirty_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(tmp_path / "ledger.db")]
    running = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(30)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:  # all are imported and waiting: let them go together
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    failures = [errors for process in running if (errors := process.communicate(timeout=60)[1])]
    assert failures == []
    assert {process.returncode for process in running} == {0}
