"""The ledger at a million jobs: frames, sums, the log, what each job asks of it, and a gallery of 1,000 pictures.

python benchmarks/ledger_scale.py [PATH]      about 5 minutes and 3 GB; PATH keeps the ledger for the next time
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import machine, rss_mb
from million import make

from minimax_nb import Lab
from minimax_nb.engine.ids import new_id, now_us
from minimax_nb.ledger import Charge, JobRecord, JobState, Ledger, ResultState

RUNS = 10_000
PICTURES = 1000


def took(work: Callable[[], Any], times: int = 5) -> float:
    """Return the median seconds of a call, after one that is not counted."""
    work()
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def frames(ledger: Ledger) -> None:
    """Print the log as a DataFrame against read_sql of the same rows."""
    import pandas as pd

    print("\n| rows | read_sql, all columns | slim | main | full | slim / read_sql |\n|--|--|--|--|--|--|")
    with sqlite3.connect(ledger.path) as connection:
        for rows in (1_000, 100_000, 1_000_000):
            sql = "SELECT created_us FROM jobs ORDER BY created_us DESC LIMIT 1 OFFSET ?"
            (since,) = connection.execute(sql, (rows - 1,)).fetchone()
            # One after the other in each round, so that a busy moment meets all of them.
            ways: dict[str, Callable[[], Any]] = {
                "read_sql": lambda: pd.read_sql(
                    "SELECT * FROM jobs WHERE created_us >= ?", connection, params=(since,)
                ),
                "slim": lambda: ledger.frame("slim", since),
                "main": lambda: ledger.frame("main", since),
                "full": lambda: ledger.frame("full", since),
            }
            spent: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(5 if rows < 1_000_000 else 1):
                for name, work in ways.items():
                    began = time.perf_counter()
                    work()
                    spent[name].append(time.perf_counter() - began)
            all_of, slim, main, full = (statistics.median(times) for times in spent.values())
            told = " | ".join(_seconds(value) for value in (all_of, slim, main, full))
            print(f"| {rows:,} | {told} | **{slim / all_of:.3f}** |", flush=True)


def questions(ledger: Ledger, path: Path) -> None:
    """Print how long each question takes at this size."""
    last = ledger.jobs(limit=1)[0]
    old = ledger.jobs(limit=1, until=now_us() - 200 * 86_400_000_000)[0]
    fingerprint = ledger.job(old.id).fingerprint
    asked: dict[str, Callable[[], Any]] = {
        "last day by model: jobs, cost, p50, p95": lambda: ledger.summary(),
        "whole ledger by month: cost": lambda: ledger.cost_sums("month"),
        "whole ledger by model: cost": lambda: ledger.cost_sums("model"),
        "whole ledger by notebook: cost": lambda: ledger.cost_sums("notebook"),
        "last 7 days by model: cost": lambda: ledger.cost_sums("model", "7d"),
        "whole ledger by tag: cost": lambda: ledger.cost_sums("tag"),
        "whole ledger by model: jobs, cost, p50, p95": lambda: ledger.summary(since=None),
        "reuse: a result of the same request": lambda: ledger.find_stored(fingerprint),
        "budgets and what is left": ledger.budgets,
        "spent today (status page)": ledger.spent_today,
        "jobs to adopt": lambda: ledger.open_jobs(now_us()),
        "jobs of unknown outcome": lambda: ledger.jobs("unknown", 1000),
        "last 20 failed jobs": lambda: ledger.jobs("failed", 20),
        "last 20 of a text that is common": lambda: ledger.jobs(text="fox", limit=20),
        "last 20 of a text that nothing has": lambda: ledger.jobs(text="zebra", limit=20),
        "a job by the end of its id": lambda: ledger.find(last.id[-8:]),
    }
    print("\n| question | time |\n|--|--|")
    for name, work in asked.items():
        print(f"| {name} | {_seconds(took(work))} |", flush=True)
    code = (
        "import time; began = time.perf_counter()\n"
        "from minimax_nb import Lab\n"
        f"lab = Lab(sandbox='on', ledger={str(path)!r})\n"
        "bundle = lab.table()._repr_mimebundle_()\n"
        "print(time.perf_counter() - began)"
    )
    cold = min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3))
    with Lab(sandbox="on", ledger=str(path)) as lab:
        warm = took(lambda: lab.table()._repr_mimebundle_())
    print(f"| `%minimax log`, drawn, in a fresh kernel | **{_seconds(cold)}** |")
    print(f"| the same again | {_seconds(warm)} |", flush=True)


def per_job(big: Path, folder: Path) -> None:
    """Print what one job's life costs in a new ledger and in the big one, in turns."""
    ledgers = {"new": Ledger(folder / "new.db"), "big": Ledger(big)}
    ledgers["new"].set_budget(hard_nano=10**15, period="month")
    spent: dict[str, list[float]] = {name: [] for name in ledgers}
    for round_ in range(6):
        for name, ledger in ledgers.items():
            began = time.perf_counter()
            for _ in range(100):
                _life(ledger)
            if round_:
                spent[name].append((time.perf_counter() - began) / 100)
    for ledger in ledgers.values():
        ledger.close()
    new, grown = (statistics.median(spent[name]) * 1e3 for name in ("new", "big"))
    print("\n| one job: asked, sent, running, charged, stored | time |\n|--|--|")
    print(f"| in a new ledger | {new:.2f} ms |\n| after a million jobs | {grown:.2f} ms |")
    print(f"| ratio | **{grown / new:.2f}** |", flush=True)


def _life(ledger: Ledger) -> None:
    now = now_us()
    record = JobRecord(
        id=new_id(now), kind="image", provider="minimax", model="image-01", operation="image.generate",
        endpoint="bench", account="bench", request={"prompt": "a fox"}, fingerprint="0" * 64, created_us=now,
        updated_us=now, prompt="a fox", estimate_nano=3_500_000, session_id="bench", project="bench",
    )  # fmt: skip
    ledger.insert_job(record, reserve_nano=3_500_000)
    ledger.update_job(record.id, event="sent", state=JobState.SUBMITTING, charge=Charge.HELD).result()
    ledger.update_job(record.id, event="running", state=JobState.RUNNING).result()
    ledger.settle(
        record.id, charge=Charge.CHARGED, source="reported", amount_nano=3_500_000,
        state=JobState.SUCCEEDED, result=ResultState.AVAILABLE,
    ).result()  # fmt: skip
    ledger.update_job(record.id, event="stored", result=ResultState.STORED, stored_us=now_us()).result()


def mlflow(folder: Path) -> None:
    """Print mlflow.search_runs against our frame, at 10,000 runs of the same jobs."""
    version, theirs = search_runs(folder)
    make(folder / "ten.db", RUNS)
    with Ledger(folder / "ten.db") as ledger:
        ours = {
            name: took(lambda: ledger.frame(name, options=name == "full"))
            for name in ("slim", "main", "full")
        }
    print(f"\n| {RUNS:,} rows | time | of mlflow's |\n|--|--|--|")
    print(f"| mlflow {version} search_runs | {_seconds(theirs)} | 1 |")
    for name, seconds in ours.items():
        told = "full, with every option as a column" if name == "full" else name
        print(f"| lab.log(), {told} | {_seconds(seconds)} | {seconds / theirs:.4f} |", flush=True)


def search_runs(folder: Path) -> tuple[str, float]:
    """Fill mlflow's database past its API, then ask it; return its version and the seconds."""
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    import mlflow as package

    package.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    experiment = package.set_experiment("jobs").experiment_id
    connection = sqlite3.connect(folder / "mlflow.db")
    for number in range(RUNS):
        run, at = f"{number:032x}", 1_760_000_000_000 + number * 1000
        connection.execute(
            "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
            " artifact_uri, experiment_id) VALUES (?, ?, 'LOCAL', 'bench', 'FINISHED', ?, ?, 'active', '', ?)",
            (run, f"job {number}", at, at + 9000, experiment),
        )
        params = {
            "prompt": "a red fox in the snow",
            "model": "image-01",
            "seed": number,
            "aspect_ratio": "16:9",
        }
        connection.executemany(
            "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
            [(key, str(value), run) for key, value in params.items()],
        )
        tags = {"kind": "image", "provider": "minimax", "state": "succeeded", "currency": "USD"}
        connection.executemany(
            "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", [(*tag, run) for tag in tags.items()]
        )
        connection.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, 0, 0, ?)",
            [("cost", 0.0035, at, run), ("total_s", 9.0, at, run)],
        )
    connection.commit()

    def ask() -> None:
        assert len(package.search_runs(max_results=RUNS)) == RUNS

    return package.__version__, took(ask, 3)


def gallery(folder: Path) -> None:
    """Print time and memory of a page of 1,000 pictures, made for the first time and again."""
    _pictures(folder)
    print(
        f"\n| {PICTURES:,} pictures of 1024 x 1024 on one page | time | memory beyond the start | HTML |\n|--|--|--|--|"
    )
    for name in ("made for the first time", "again, in another kernel"):
        said = json.loads(
            subprocess.check_output([sys.executable, __file__, "--gallery", str(folder)], text=True)
        )
        print(
            f"| {name} | {_seconds(said['s'])} | {said['mb']:.0f} MB | {said['html_mb']:.1f} MB |", flush=True
        )


def _pictures(folder: Path) -> None:
    from PIL import Image

    from minimax_nb.sandbox.media import make_image

    with Lab(sandbox="on", home=str(folder / "home")) as lab:
        painted = [
            make_image(f"scene {number}", width=1024, height=1024, seed=number, model="image-01")
            for number in range(20)
        ]
        scenes = [Image.open(io.BytesIO(data)) for data in painted]
        for number in range(PICTURES):
            buffer = io.BytesIO()
            scenes[number % 20].rotate(number // 20 * 7).save(buffer, "JPEG", quality=90)
            stored = lab.store.put_bytes(buffer.getvalue())
            now = now_us()
            record = JobRecord(
                id=new_id(now), kind="image", provider="minimax", model="image-01", operation="image.generate",
                endpoint="bench", account="bench", request={"prompt": "a"}, fingerprint="0" * 64, created_us=now,
                updated_us=now, prompt=f"scene {number}", state=JobState.SUCCEEDED, charge=Charge.CHARGED,
                result=ResultState.STORED, cost_nano=3_500_000, cost_source="sandbox", sandbox=True,
            )  # fmt: skip
            lab.ledger.insert_job_async(record)
            lab.ledger.attach_media(record.id, "output", 0, stored, name=stored.path.name)
        lab.ledger.open_jobs(0)  # after all that is queued


def draw(folder: Path) -> None:
    """Run in a process of its own: draw the page and tell what it took."""
    with Lab(sandbox="on", home=str(folder / "home")) as lab:
        lab.ledger.jobs(limit=1)
        before, began = rss_mb(), time.perf_counter()
        html = lab.table(PICTURES, grid=True).html()
        spent = time.perf_counter() - began
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
        assert html.count("<img src=") == PICTURES
        print(json.dumps({"s": spent, "mb": peak - before, "html_mb": len(html) / 1e6}))


def _seconds(value: float) -> str:
    return (
        f"{value * 1e3:.1f} ms"
        if value < 0.0995
        else f"{value * 1e3:.0f} ms"
        if value < 1
        else f"{value:.2f} s"
    )


def main() -> None:
    """Make the ledger and run everything."""
    print(machine())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["MINIMAX_NB_HOME"] = str(folder / "home")
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "million.db"
        if not path.exists():
            make(path, 1_000_000)
        with Ledger(path) as ledger:
            frames(ledger)
            questions(ledger, path)
        per_job(path, folder)
        gallery(folder)
        mlflow(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--gallery"]:
        draw(Path(sys.argv[2]))
    else:
        main()
