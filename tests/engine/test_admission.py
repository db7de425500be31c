"""The request limit between kernels: nobody books the future, a pause holds for all, and a wait is told."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from minimax_nb import Lab
from minimax_nb.engine.admission import Gate, Tell
from minimax_nb.engine.ids import new_id, now_us
from minimax_nb.kinds import build
from minimax_nb.ledger import JobRecord, Ledger
from minimax_nb.ledger.limits import GUARD
from minimax_nb.ledger.sending import Limits, Wait

LIMIT, WINDOW_US = 2, 200_000

KERNEL = """
import asyncio, sys
from pathlib import Path
from minimax_nb.engine.ids import now_us
from minimax_nb.ledger import Ledger
from tests.engine.test_admission import gate_of, pass_through

async def main():
    with Ledger(Path(sys.argv[1])) as ledger:
        gate = gate_of(ledger, 2, 200_000)
        async def one():
            assert await pass_through(gate)
            print(now_us(), flush=True)
        await asyncio.gather(*(one() for _ in range(int(sys.argv[2]))))

asyncio.run(main())
"""


def gate_of(ledger: Ledger, limit: int, window_us: int) -> Gate:
    """Return a gate to the moments of one class."""
    return Gate(ledger, Limits("a", "image", limit, window_us))


async def pass_through(
    gate: Gate, tell: Tell = lambda left: None, cancelled: Callable[[], bool] = lambda: False
) -> JobRecord | None:
    """Write a job and bring it through the gate, as the engine does."""
    now = now_us()
    row = JobRecord(
        id=new_id(now), kind="image", provider="minimax", model="image-01", operation="image.generate",
        endpoint="", account="a", request={}, fingerprint="f", created_us=now, updated_us=now,
    )  # fmt: skip
    gate.ledger.insert_job_async(row)

    async def ask(held: int | None) -> JobRecord | Wait:
        return await asyncio.wrap_future(gate.ledger.begin(row.id, None, 1, gate.limits, held))

    return await gate.enter(ask, tell, cancelled)


def kernel(path: Path, jobs: int) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", KERNEL, str(path), str(jobs)]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def test_a_second_kernel_waits_its_turn_and_not_the_whole_queue(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(path):
        pass
    first = kernel(path, 24)
    assert first.stdout is not None
    moments = [int(first.stdout.readline()) for _ in range(4)]  # it has begun on its twenty-four
    second = kernel(path, 4)
    late = sorted(int(line) for line in second.communicate(timeout=60)[0].split())
    moments += [int(line) for line in first.communicate(timeout=60)[0].split()]
    assert (len(moments), len(late)) == (24, 4)
    between = [moment for moment in moments if late[0] < moment < late[-1]]
    assert len(between) <= 8  # turn by turn: about one of the other's for each of its own
    assert sum(moment > late[-1] for moment in moments) >= 8
    together = sorted([*moments, *late])
    # The moments are strict; when a process comes to print is not, so a little is allowed for.
    gaps = [later - earlier for earlier, later in zip(together, together[LIMIT:], strict=False)]
    assert sum(gaps) / len(gaps) >= WINDOW_US * 0.98
    assert together[-1] - together[0] <= 1.1 * (len(together) / LIMIT) * WINDOW_US * GUARD


def test_a_moment_inside_a_pause_is_given_back_and_asked_for_again(tmp_path: Path) -> None:
    async def main() -> tuple[int, int]:
        with Ledger(tmp_path / "ledger.db") as ledger:
            gate = gate_of(ledger, 1, 300_000)
            assert await pass_through(gate)
            waiting = asyncio.ensure_future(pass_through(gate))
            while not gate._due_us > now_us():  # it holds the next moment
                await asyncio.sleep(0)
            held = gate._due_us
            until = held + 500_000
            await asyncio.to_thread(ledger.pause, "a", "image", until)
            assert await waiting
            came = now_us()
            left = ledger._read(lambda db: [row[0] for row in db.execute("SELECT due_us FROM admissions")])
            assert held not in left
            return came, until

    came, until = asyncio.run(main())
    assert came >= until


def test_cancelled_jobs_give_their_moments_back(tmp_path: Path) -> None:
    async def main() -> None:
        with Ledger(tmp_path / "ledger.db") as ledger:
            gate = gate_of(ledger, 1, 60_000_000)
            assert await pass_through(gate)
            told: list[float] = []

            def tell(left: float | None) -> None:
                assert left is not None
                told.append(left)

            waiting = [
                asyncio.ensure_future(pass_through(gate, tell, lambda: len(told) > 5)) for _ in range(3)
            ]
            assert await asyncio.gather(*waiting) == [None] * 3
            # One behind the other: a window each.
            assert any(60 < left < 62 for left in told)
            assert any(120 < left < 123 for left in told)
            count = ledger._read(lambda db: db.execute("SELECT COUNT(*) FROM admissions").fetchone()[0])
            assert count == 1

    asyncio.run(main())


def paused(lab: Lab, sandbox: Any, seconds: float) -> None:
    account = f"sandbox-{sandbox.instance}"
    lab.ledger.pause(account, "image", now_us() + int(seconds * 1e6)).result()


def test_the_card_says_what_a_job_waits_for(lab: Lab, control: Any, sandbox: Any) -> None:
    paused(lab, sandbox, 1.5)
    jobs = [lab.submit(build("image", f"fox {number}", {})) for number in range(12)]
    shown = set()
    while not all(job.done for job in jobs):
        jobs[-1].wait(0.02)
        shown |= {job.view().stage for job in jobs}
    assert all(job.result() for job in jobs)
    assert "waiting for the 10/min limit, 2 s" in shown
    assert "waiting for the 10/min limit, 1 s" in shown
    assert control.posts == 12


def test_a_waiting_job_can_be_cancelled(lab: Lab, control: Any, sandbox: Any) -> None:
    paused(lab, sandbox, 60)
    jobs = [lab.submit(build("image", f"fox {number}", {})) for number in range(3)]
    while not all("/min limit" in job.stage for job in jobs):
        jobs[-1].wait(0.01)
    assert all(job.cancel() for job in reversed(jobs))
    assert {job.record.charge.value for job in jobs} == {"not_charged"}
    assert control.posts == 0
