"""Three kernels start together over the open jobs of a dead one: each job has one new owner, and one bill."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from minimax_nb.ledger import Ledger
from tests.crash.rounds import CHILD, Place, check, let_go

KERNELS = 3
KINDS = ("video", "speech", "video", "image", "video", "pixazo music", "apixo design", "video")


def test_each_job_of_a_dead_kernel_is_adopted_once(tmp_path: Path, sandbox: Any, control: Any) -> None:
    control.lift_limits()
    # Nothing can be fetched, so that jobs are left in every stage; the last one to succeed ends the kernel.
    control.fault("before-500", method="GET", path="/media/", times=None)
    place = Place(tmp_path, sandbox.url)
    died = place.live(
        "submit", {"kinds": KINDS, "mark": "k", "kill_at": "after apixo voice-design: settle #1"}
    )
    assert died.killed
    control._call("DELETE", "faults")
    with sqlite3.connect(place.home / "ledger.db") as ledger:
        rows = ledger.execute(
            "SELECT id FROM jobs WHERE result = 'available' OR state <> 'succeeded'"
        ).fetchall()
    ledger.close()
    left = [job for (job,) in rows]
    assert len(left) >= 5

    kernels = [
        place.start(CHILD, "resume", place.url, json.dumps({"together": True})) for _ in range(KERNELS)
    ]
    let_go(kernels)
    said = [json.loads(kernel.communicate(timeout=60)[0].splitlines()[-1]) for kernel in kernels]

    adopted = [job for one in said for job in one["adopted"]]
    assert sorted(adopted) == sorted(left)
    with Ledger(place.home / "ledger.db") as books:
        for job in left:
            takers = {event.detail["by"] for event in books.events(job) if "by" in event.detail}
            assert len(takers) <= 1  # none, where the dead kernel had given the job up before
    last = place.live("resume", {})
    assert last.said["adopted"] == []
    posts = [item for item in control.requests("POST") if "upload" not in item["path"]]
    assert check(last.said, posts, "k") == []
