"""A ledger of a million jobs, made in about a minute: what a busy team has after a year.

Days grow busier towards the end, working hours are busier than nights; nine models of three providers
in five kinds; 86 % succeed; one job in four is tagged; each has its history, cost line, media, duration
and reservation, as the engine writes them. Written past the ledger's writer, with no flush in between.

python benchmarks/million.py PATH [JOBS]
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from minimax_nb.ledger import Ledger
from minimax_nb.ledger.budgets import period_bounds

DAY = 86_400_000_000
DAYS = 365
PER_KERNEL = 250  #: jobs that one kernel asks for
#: Weight, kind, provider, model, nano-dollars a job, typical seconds.
MODELS = (
    (34, "image", "minimax", "image-01", 3_500_000, 9.0),
    (7, "image", "minimax", "image-01-live", 3_500_000, 11.0),
    (4, "image", "pixazo", "flux-1-schnell", 2_000_000, 6.0),
    (22, "speech", "minimax", "speech-2.8-hd", 10_000_000, 3.0),
    (9, "speech", "minimax", "speech-2.8-turbo", 6_000_000, 2.0),
    (12, "video", "minimax", "MiniMax-Hailuo-2.3", 280_000_000, 95.0),
    (4, "video", "minimax", "MiniMax-Hailuo-02", 260_000_000, 140.0),
    (6, "music", "minimax", "music-2.5", 30_000_000, 60.0),
    (2, "voice-design", "apixo", "voice-design", 100_000_000, 12.0),
)
#: Weight, state, charge, result.
ENDS = (
    (860, "succeeded", "charged", "stored"),
    (60, "failed", "not_charged", "none"),
    (55, "rejected", "not_charged", "none"),
    (15, "cancelled", "none", "none"),
    (8, "abandoned", "unknown", "none"),
    (2, "lost", "unknown", "none"),
)
_WORDS = (
    "red fox snow dawn library window girl distance street rain neon quiet harbour old lighthouse portrait"
    " studio soft light film grain wide angle close hands clay winter forest river mountain bird train"
    " orchestra piano warm slow whisper market morning glass copper moth garden paper boat storm"
)
WORDS = _WORDS.split()
TYPES = {"image": ("image/jpeg", "jpg"), "video": ("video/mp4", "mp4")}
_ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BATCH = 20_000

Rows = dict[str, list[dict[str, Any]]]


def make(path: Path, jobs: int, *, now_us: int | None = None, seed: int = 7, still_open: int = 24) -> None:
    """Write a ledger of so many jobs, the last of them a moment ago.

    Parameters
    ----------
    path
        A new file.
    jobs
        How many.
    now_us
        The end of the record; the present by default.
    seed
        Of everything random.
    still_open
        So many of the last jobs still run or are of unknown outcome, half of them each.
    """
    now = now_us or time.time_ns() // 1000
    with Ledger(path) as ledger:
        budget = ledger.set_budget(hard_nano=10**15, period="month").id
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -800000"):
        connection.execute(f"PRAGMA {pragma}")
    later = _take_down(connection)
    connection.execute("BEGIN")
    made = _jobs(random.Random(seed), jobs, now, still_open, budget)
    while batch := list(islice(made, _BATCH)):
        for table in batch[0]:
            _write(connection, table, [row for rows in batch for row in rows[table]])
    _periods(connection)
    for sql in later:
        connection.execute(sql)
    _roll_up(connection)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _take_down(connection: sqlite3.Connection) -> list[str]:
    """Drop indices and triggers; return what makes them again."""
    sql = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    found = connection.execute(sql).fetchall()
    for kind, name, _ in found:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("DELETE FROM budget_periods")
    return [text for _, _, text in found]


def _write(connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join("?" * len(names))
        connection.executemany(
            f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})",
            [tuple(row.values()) for row in rows],
        )


def _periods(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO budget_periods (budget_id, starts_us, spent_nano, reserved_nano)"
        " SELECT budget_id, starts_us, SUM(spent_nano), SUM(held_nano) FROM reservations GROUP BY 1, 2"
    )


def _roll_up(connection: sqlite3.Connection) -> None:
    """Fill the sums that triggers keep otherwise, job by job."""
    keys = "day, project, session_id, kind, provider, model, currency, sandbox"
    names = (
        "jobs",
        "cost_nano",
        "estimate_nano",
        "possible_nano",
        "possible_jobs",
        "open_nano",
        "unpriced_jobs",
    )
    sums = ", ".join(f"SUM({name})" for name in names)
    connection.execute(f"INSERT INTO cost_days SELECT {keys}, {sums} FROM job_costs GROUP BY {keys}")


def _moments(draw: random.Random, jobs: int, now: int) -> list[int]:
    """Return when jobs were asked: busier towards the end, and by day."""
    found = []
    while len(found) < jobs:
        back = DAYS * (1 - (draw.random() * 0.84 + 0.16) ** 0.5) / 0.6
        at = now - int(back * DAY)
        if draw.random() < (1.0 if 8 <= at % DAY / (DAY / 24) < 20 else 0.25):
            found.append(at)
    return sorted(found)


def _jobs(draw: random.Random, jobs: int, now: int, still_open: int, budget: str) -> Iterator[Rows]:
    models = draw.choices(MODELS, [row[0] for row in MODELS], k=jobs)
    ends = draw.choices(ENDS, [row[0] for row in ENDS], k=jobs)
    kernel, project = "", ""
    for number, at in enumerate(_moments(draw, jobs, now)):
        kernels = []
        if number % PER_KERNEL == 0:
            kernel, project = _id(draw, at), f"project-{draw.randrange(20):02d}"
            notebook = f"/data/{project}/notebook-{draw.randrange(12):02d}.ipynb"
            kernels = [{"id": kernel, "host": "bench", "pid": number, "started_us": at, "notebook": notebook}]
        _, state, charge, result = ends[number]
        if number >= jobs - still_open:
            state, charge, result = (
                ("running", "held", "none") if number % 2 else ("unknown", "unknown", "none")
            )
        row = _job(draw, models[number], at, (state, charge, result))
        row |= {"session_id": kernel, "project": project}
        yield {"kernels": kernels, "jobs": [row], **_beside(draw, row, models[number], budget)}


def _job(draw: random.Random, model: tuple[Any, ...], at: int, end: tuple[str, str, str]) -> dict[str, Any]:
    _, kind, provider, name, price, typical = model
    state, charge, result = end
    over = state not in ("running", "unknown")
    took = int(typical * draw.lognormvariate(0, 0.35) * 1e6)
    prompt = " ".join(draw.choices(WORDS, k=draw.randrange(4, 40)))
    request: dict[str, Any] = {"prompt": prompt, "model": name}
    if kind == "image":
        request |= {
            "aspect_ratio": draw.choice(("1:1", "16:9", "3:4")),
            "n": 1,
            "seed": draw.randrange(2**31),
        }
    elif kind == "video":
        request |= {"duration": 6, "resolution": "768P", "prompt_optimizer": True}
    elif kind == "speech":
        request |= {"voice": "English_expressive_narrator", "emotion": "happy", "speed": 1.0, "format": "mp3"}
    cost = price if charge == "charged" else 0 if charge == "not_charged" else None
    error = {"category": "content_rejected", "code": "1026", "message": "input is sensitive"}
    tags = {"round": str(draw.randrange(8)), "who": draw.choice("abc")} if draw.random() < 0.25 else {}
    identifier = _id(draw, at)
    return {
        "id": identifier,
        "kind": kind,
        "provider": provider,
        "model": name,
        "operation": f"{kind}.generate",
        "endpoint": f"api.{provider}.test/v1/{kind}",
        "account": "bench",
        "request": json.dumps(request, sort_keys=True, separators=(",", ":")),
        "fingerprint": hashlib.sha256(prompt.encode()).hexdigest(),
        "created_us": at,
        "updated_us": at + took,
        "state": state,
        "charge": charge,
        "result": result,
        "sandbox": int(draw.random() < 0.1),
        "prompt": prompt,
        "tags": json.dumps(tags, sort_keys=True, separators=(",", ":")),
        "raw_state": "Success" if state == "succeeded" else None,
        "task_id": identifier[-12:],
        "trace_id": hashlib.md5(identifier.encode()).hexdigest(),
        "attempts": 1,
        "http_status": 200,
        "error": json.dumps(error, sort_keys=True, separators=(",", ":")) if state == "failed" else None,
        "facts": json.dumps({"price_facts": {"model": name, "n": 1}}, sort_keys=True, separators=(",", ":")),
        "submitted_us": at + 90_000,
        "running_us": at + 150_000,
        "finished_us": at + took if over else None,
        "stored_us": at + took + 200_000 if result == "stored" else None,
        "unit": kind,
        "quantity": 1,
        "price_id": f"{provider}-{name}",
        "estimate_nano": price,
        "cost_nano": cost,
        "cost_source": None if cost is None else "estimated",
    }


def _beside(draw: random.Random, job: dict[str, Any], model: tuple[Any, ...], budget: str) -> Rows:
    """Return what stands in other tables because of one job."""
    at, cost, state = job["created_us"], job["cost_nano"], job["state"]
    digest = hashlib.sha256(job["id"].encode()).hexdigest()
    mime, ext = TYPES.get(job["kind"], ("audio/mpeg", "mp3"))
    names = ("created", "submitting", "running", state, "stored")
    starts = period_bounds("month", at)[0]
    rows: Rows = {
        "job_events": [
            {
                "job_id": job["id"], "seq": seq, "at_us": at + seq * 1000, "event": name,
                "state": "new" if seq == 1 else state, "actor": "bench:1", "detail": "{}",
            }
            for seq, name in enumerate(names[: 5 if job["result"] == "stored" else 4], 1)
        ],
        "cost_lines": [], "media": [], "job_media": [], "durations": [], "reservations": [],
    }  # fmt: skip
    if not job["sandbox"]:
        held = 0 if cost is not None or job["charge"] == "none" else job["estimate_nano"]
        reserved = {"job_id": job["id"], "budget_id": budget, "starts_us": starts, "held_nano": held}
        rows["reservations"] = [reserved | {"spent_nano": cost or 0}]
    if job["charge"] == "charged":
        line = {"job_id": job["id"], "seq": 1, "at_us": job["finished_us"], "kind": "charge"}
        rows["cost_lines"] = [line | {"amount_nano": cost, "currency": "USD", "source": "estimated"}]
    if job["result"] == "stored":
        facts = '{"height":768,"width":1366}'
        content = {"sha256": digest, "size_bytes": draw.randrange(40_000, 900_000), "mime": mime, "ext": ext}
        rows["media"] = [content | {"facts": facts, "created_us": at}]
        place = {"job_id": job["id"], "role": "output", "position": 0, "sha256": digest}
        rows["job_media"] = [place | {"name": f"{job['prompt'][:30].replace(' ', '-')}-{digest[:8]}.{ext}"}]
        took = job["finished_us"] - at
        key = {
            "provider": job["provider"],
            "kind": job["kind"],
            "clock": "",
            "model": job["model"],
            "size": "",
        }
        rows["durations"] = [
            {
                "job_id": job["id"],
                **key,
                "at_us": job["finished_us"],
                "over_us": took - 1000,
                "within_us": took,
            }
        ]
    return rows


def _id(draw: random.Random, at_us: int) -> str:
    """Return a ULID of a moment."""
    number = (at_us // 1000) << 80 | draw.getrandbits(80)
    return "".join(_ULID[number >> shift & 31] for shift in range(125, -1, -5))


def main() -> None:
    """Make one where it is asked for."""
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    began = time.perf_counter()
    make(Path(sys.argv[1]), jobs)
    size = Path(sys.argv[1]).stat().st_size / 1e6
    print(f"{jobs:,} jobs, {size:,.0f} MB, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
