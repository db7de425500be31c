"""Durable jobs per second: our ledger against mlflow, wandb offline and trackio.

A job is five facts that follow one another (asked, sent, running, done with its cost, stored), as a tracker
would record them: one run with parameters and metrics. Counted are jobs whose five facts were on record
when the call that wrote the last one had returned; ours also after a power cut (synchronous=FULL). ``kept
after kill -9`` is the share of them found again when the process is killed at the end of the time.

python benchmarks/durable_jobs.py       about 90 s and a download of the peers
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEERS = ("mlflow-skinny", "sqlalchemy", "alembic", "wandb", "trackio")
SECONDS = 8.0


def ours(folder: Path, at_once: int) -> Callable[[int], None]:
    from concurrent.futures import ThreadPoolExecutor

    from minimax_nb.engine.ids import new_id, now_us
    from minimax_nb.ledger import Ledger
    from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState

    ledger = Ledger(folder / "ledger.db")

    def one(number: int) -> None:
        now = now_us()
        record = JobRecord(
            id=new_id(now),
            kind="image",
            provider="minimax",
            model="image-01",
            operation="image.generate",
            endpoint="api.minimax.io/v1/image_generation",
            account="bench",
            request={"prompt": f"a fox, take {number}", "n": 1},
            fingerprint="0" * 64,
            created_us=now,
            updated_us=now,
            prompt=f"a fox, take {number}",
            estimate_nano=3_500_000,
        )
        ledger.insert_job(record, reserve_nano=3_500_000)
        ledger.update_job(
            record.id, event="submitting", state=JobState.SUBMITTING, charge=Charge.HELD
        ).result()
        ledger.update_job(record.id, event="running", state=JobState.RUNNING).result()
        ledger.settle(
            record.id,
            charge=Charge.CHARGED,
            source="reported",
            amount_nano=3_500_000,
            event="succeeded",
            state=JobState.SUCCEEDED,
            result=ResultState.AVAILABLE,
        ).result()
        ledger.update_job(record.id, event="stored", result=ResultState.STORED, stored_us=now_us()).result()

    pool = ThreadPoolExecutor(at_once)

    def batch(number: int) -> None:
        list(pool.map(one, range(number * at_once, (number + 1) * at_once)))

    return batch


def mlflow(folder: Path, at_once: int) -> Callable[[int], None]:
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    import mlflow as package

    package.set_experiment("jobs")

    def one(number: int) -> None:
        with package.start_run():
            package.log_params({"prompt": f"a fox, take {number}", "model": "image-01"})
            for state in ("submitting", "running", "succeeded"):
                package.set_tag("state", state)
            package.log_metric("cost", 0.0035)

    return one


def wandb(folder: Path, at_once: int) -> Callable[[int], None]:
    os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=str(folder))
    import wandb as package

    run = package.init(project="jobs", dir=str(folder))

    def one(number: int) -> None:
        for state in range(5):
            run.log({"job": number, "state": state, "cost": 0.0035})

    return one


def trackio(folder: Path, at_once: int) -> Callable[[int], None]:
    os.environ.update(TRACKIO_DIR=str(folder), HF_HUB_OFFLINE="1")
    import trackio as package

    with contextlib.redirect_stdout(sys.stderr):
        package.init(project="jobs")

    def one(number: int) -> None:
        for state in range(5):
            package.log({"job": number, "state": state, "cost": 0.0035})

    return one


WAYS: dict[str, tuple[Callable[[Path, int], Callable[[int], None]], int]] = {
    "ours": (ours, 1),
    "ours, 16 at once": (ours, 16),
    "mlflow": (mlflow, 1),
    "wandb": (wandb, 1),
    "trackio": (trackio, 1),
}


def work(way: str, folder: Path) -> None:
    """Write jobs for some seconds, say how many, and die as a killed kernel does."""
    make, at_once = WAYS[way]
    one = make(folder, at_once)
    one(0)
    began, done = time.perf_counter(), 1
    while time.perf_counter() - began < SECONDS:
        one(done)
        done += 1
    took = time.perf_counter() - began
    print(json.dumps({"jobs": done * at_once, "per_s": (done - 1) * at_once / took}), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def kept(way: str, folder: Path) -> int | None:
    """Count the jobs found on disk after the kill."""
    import sqlite3

    if way == "wandb":
        return _kept_by_wandb(folder)
    name, sql = {
        "mlflow": ("mlflow.db", "SELECT COUNT(*) FROM metrics"),
        "trackio": ("jobs.db", "SELECT COUNT(*) / 5 FROM metrics"),
    }.get(way, ("ledger.db", "SELECT COUNT(*) FROM jobs WHERE result = 'stored'"))
    file = next(iter(folder.rglob(name)), None)
    if file is None:
        return 0
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(sql).fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def _kept_by_wandb(folder: Path) -> int | None:
    """Count history records in the offline file: a LevelDB log of 32 kB blocks after a header of 7 bytes."""
    from wandb.proto import wandb_internal_pb2

    file = next(iter(folder.rglob("*.wandb")), None)
    if file is None:
        return 0
    data, at, found, record = file.read_bytes(), 7, 0, b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        length, part = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        record = data[at + 7 : at + 7 + length] if part in (1, 2) else record + data[at + 7 : at + 7 + length]
        at += 7 + length
        if part in (1, 4):
            with contextlib.suppress(Exception):  # the torn end of the file
                parsed = wandb_internal_pb2.Record()
                parsed.ParseFromString(record)
                found += parsed.WhichOneof("record_type") == "history"
    return found // 5


def environment(folder: str) -> str:
    """Make the peers' environment; return its interpreter."""
    uv = [sys.executable, "-m", "uv"]
    python = str(Path(folder) / "bin" / "python")
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "--python", python, *PEERS], check=True)
    return python


def main() -> None:
    """Run each way in a process of its own and count what is left."""
    from bench import machine

    print(machine())
    print("| way | durable jobs/s | kept after kill -9 |\n|--|--|--|")
    with tempfile.TemporaryDirectory() as venv:
        peers = environment(venv)
        for way in WAYS:
            python = sys.executable if way.startswith("ours") else peers
            with tempfile.TemporaryDirectory() as folder:
                command: list[Any] = [python, __file__, way, folder]
                done = subprocess.run(command, capture_output=True, check=False)
                if not done.stdout:
                    print(f"| {way} | failed: {done.stderr.decode()[-300:]} | |")
                    continue
                said = json.loads(done.stdout.splitlines()[-1])
                count = subprocess.run(
                    [python, __file__, "kept", way, folder], stdout=subprocess.PIPE, check=True
                )
                share = int(count.stdout) / said["jobs"]
                print(f"| {way} | **{said['per_s']:.0f}** | {share:.1%} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(kept(sys.argv[2], Path(sys.argv[3])))
    elif len(sys.argv) == 3:
        work(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
