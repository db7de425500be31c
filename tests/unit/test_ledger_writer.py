"""The writer thread: what was told is on disk, in order, and one refusal does not undo its neighbours."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from minimax_nb.errors import ConfigError, MediaError
from minimax_nb.ledger import JobRecord, JobState, Ledger
from minimax_nb.ledger.connect import open_writer
from minimax_nb.ledger.writer import BATCH, Scrubber, Transaction, Writer


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    made = open_writer(tmp_path / "ledger.db", wal=True, now_us=0)
    made.execute("CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")
    return made


def add(text: str) -> Callable[[Transaction], int | None]:
    return lambda tx: tx.execute("INSERT INTO lines (text) VALUES (?)", (text,)).lastrowid


def lines(tmp_path: Path) -> list[str]:
    with sqlite3.connect(tmp_path / "ledger.db") as reader:
        return [row[0] for row in reader.execute("SELECT text FROM lines ORDER BY id")]


def held_up(writer: Writer) -> tuple[threading.Event, Future[None]]:
    """Keep the writer busy until the event is set, so that what follows is one batch."""
    going, release = threading.Event(), threading.Event()

    def wait(tx: Transaction) -> None:
        going.set()
        release.wait()

    future = writer.submit(wait)
    going.wait()
    return release, future


def test_operations_that_wait_are_committed_together(connection: sqlite3.Connection, tmp_path: Path) -> None:
    statements: list[str] = []
    writer = Writer(connection, Scrubber())
    release, _ = held_up(writer)
    connection.set_trace_callback(statements.append)
    futures = [writer.submit(add(f"line {number}")) for number in range(BATCH)]
    release.set()
    ids = [future.result() for future in futures]
    writer.close()
    assert ids == sorted(ids)
    assert lines(tmp_path) == [f"line {number}" for number in range(BATCH)]
    assert statements.count("COMMIT") == 2  # the one that held up, and all the rest in one


def test_files_are_flushed_before_the_transaction_that_tells_of_them(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    done: list[str] = []
    writer = Writer(connection, Scrubber())
    release, _ = held_up(writer)
    connection.set_trace_callback(done.append)

    def broken() -> None:
        raise OSError(5, "Input/output error")

    futures = [
        writer.submit(add("told"), lambda: done.append("flushed")),
        writer.submit(add("lost"), broken),
        writer.submit(add("beside")),
    ]
    release.set()
    futures[2].result()
    assert isinstance(futures[1].exception(), MediaError)
    assert str(futures[1].exception()) == "a result could not be flushed to disk: Input/output error"
    writer.close()
    assert lines(tmp_path) == ["told", "beside"]
    assert done.index("flushed") < next(i for i, text in enumerate(done) if "told" in text)


def test_what_is_to_be_done_next_is_done_before_anybody_is_told(connection: sqlite3.Connection) -> None:
    writer = Writer(connection, Scrubber())
    seen: list[tuple[int | None, bool]] = []
    future: Future[int | None] = Future()

    def then(result: int | None) -> None:
        seen.append((result, future.done()))

    release, _ = held_up(writer)
    future = writer.submit(add("a"), then=then)
    failed = writer.submit(add("b"), then=lambda _: 1 / 0)
    refused = writer.submit(add("a"), then=then)
    release.set()
    assert future.result() == 1
    assert isinstance(failed.exception(), ZeroDivisionError)
    assert isinstance(refused.exception(), sqlite3.IntegrityError)
    writer.close()
    assert seen == [(1, False)]


def test_a_refused_operation_undoes_only_itself(connection: sqlite3.Connection, tmp_path: Path) -> None:
    writer = Writer(connection, Scrubber())

    def half(tx: Transaction) -> None:
        add("half")(tx)
        raise ValueError("no")

    release, _ = held_up(writer)
    futures = [writer.submit(operation) for operation in (add("a"), half, add("a"), add("b"))]
    release.set()
    assert isinstance(futures[1].exception(), ValueError)
    assert isinstance(futures[2].exception(), sqlite3.IntegrityError)
    assert futures[3].result() == 2
    writer.close()
    assert lines(tmp_path) == ["a", "b"]


def test_a_future_resolves_after_the_commit(connection: sqlite3.Connection, tmp_path: Path) -> None:
    writer = Writer(connection, Scrubber())
    writer.submit(add("seen")).result()
    assert lines(tmp_path) == ["seen"]  # through another connection
    writer.close()


def test_a_lost_transaction_fails_everyone_in_it(connection: sqlite3.Connection, tmp_path: Path) -> None:
    writer = Writer(connection, Scrubber())

    def lose(tx: Transaction) -> None:
        tx.execute("ROLLBACK")  # what SQLite itself does when the disk is full
        raise sqlite3.OperationalError("database or disk is full")

    release, first = held_up(writer)
    futures: list[Future[object]] = [writer.submit(operation) for operation in (add("a"), lose, add("b"))]
    release.set()
    first.result()
    for future in futures:
        with pytest.raises(ConfigError, match="disk is full"):
            future.result()
    assert writer.submit(add("c")).result() == 1  # and it goes on
    writer.close()
    assert lines(tmp_path) == ["c"]


def test_closing_writes_what_is_queued_and_refuses_more(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    writer = Writer(connection, Scrubber())
    release, _ = held_up(writer)
    future = writer.submit(add("last"))
    threading.Thread(target=release.set).start()
    writer.close()
    writer.close()
    assert future.done()
    assert lines(tmp_path) == ["last"]
    with pytest.raises(ConfigError, match="closed"):
        writer.submit(add("late"))


def test_a_write_cannot_be_cancelled_halfway(connection: sqlite3.Connection, tmp_path: Path) -> None:
    writer = Writer(connection, Scrubber())
    release, _ = held_up(writer)
    future = writer.submit(add("kept"))
    assert not future.cancel()
    release.set()
    writer.close()
    assert lines(tmp_path) == ["kept"]


def test_a_fork_may_read_and_is_told_to_open_its_own_for_writing(ledger: Ledger) -> None:
    assert ledger.jobs() == []  # a connection is open when the fork comes
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            ledger.renew("me", 1)
            answer = "wrote"
        except ConfigError as error:
            answer = str(error)
        answer += f" {ledger.jobs()}"
        ledger.close()  # harmless: the parent's thread and file are not the child's
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    assert "before a fork" in answer
    assert answer.endswith("[]")
    os.waitpid(child, 0)
    assert ledger.renew("me", 1).result() == 0


def test_queued_writes_survive_an_exit_without_close(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from minimax_nb.ledger import Ledger\n"
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "for n in range(200): ledger.start_kernel(f'k{n}')\n"
    )
    path = tmp_path / "ledger.db"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
    with sqlite3.connect(path) as reader:
        assert reader.execute("SELECT COUNT(*) FROM kernels").fetchone() == (200,)


CRASHING = """
import sys
from pathlib import Path
from minimax_nb.ledger import JobRecord, Ledger
ledger = Ledger(Path(sys.argv[1]))
for n in range(100_000):
    job = f"{sys.argv[2]}-{n:06d}"
    ledger.insert_job(JobRecord(job, "image", "p", "m", "o", "e", "a", {}, "f", n, n))
    print(job, flush=True)
    ledger.update_job(job, event="accepted", state="queued", task_id=f"task {n}").result()
    print(job, "queued", flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    told: list[str] = []
    for life in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", CRASHING, str(path), f"life{life}"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        told += [process.stdout.readline() for _ in range(25 + life)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
        assert process.wait() == -signal.SIGKILL
    acknowledged = [line.split() for line in told if line.endswith("\n")]
    assert len(acknowledged) >= 78
    with Ledger(path) as ledger:
        assert ledger.problems() == []
        for job, *queued in acknowledged:
            record = ledger.job(job)
            assert record.state is JobState.QUEUED or not queued


def test_group_commit_serves_many_threads(ledger: Ledger, record: Callable[..., JobRecord]) -> None:
    records = [[record() for _ in range(20)] for _ in range(8)]

    def ask(mine: list[JobRecord]) -> None:
        for item in mine:
            ledger.insert_job(item)
            ledger.update_job(item.id, event="sending", state=JobState.SUBMITTING).result()

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ledger.jobs(limit=1000)
    assert len(found) == 160
    assert {item.state for item in found} == {JobState.SUBMITTING}


SECRET = 'sk-very/secret\\key"0123'


def test_no_registered_secret_is_ever_written(tmp_path: Path, record: Callable[..., JobRecord]) -> None:
    path = tmp_path / "guarded.db"
    with Ledger(path) as ledger:
        ledger.guard([SECRET, "short", ""])
        made = record(
            prompt=f"say {SECRET}",
            request={"prompt": f"say {SECRET}", "nested": [{"deep": SECRET}]},
            facts={"echo": SECRET},
            tags={SECRET: "short"},
        )
        ledger.insert_job(made)
        ledger.update_job(made.id, event=f"said {SECRET}", error={"message": f"bad key {SECRET}"}).result()
        ledger.attach_media(made.id, "output", 0, url=f"https://x/?key={SECRET}").result()
        stored = ledger.job(made.id)
        assert stored.prompt == "say •••"
        assert stored.request == {"prompt": "say •••", "nested": [{"deep": "•••"}]}
        assert stored.tags == {"•••": "short"}
        assert stored.error == {"message": "bad key •••"}
    content = b"".join(file.read_bytes() for file in tmp_path.glob("guarded.db*"))
    assert SECRET.encode() not in content
    assert SECRET.encode()[:12] not in content


def test_a_lone_surrogate_does_not_stop_a_paid_job(ledger: Ledger, record: Callable[..., JobRecord]) -> None:
    made = record()
    ledger.insert_job(made)
    after = ledger.update_job(
        made.id, event="failed", state="failed", error={"message": "bad \ud800"}
    ).result()
    assert after.error == {"message": "bad ?"}
