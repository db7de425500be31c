"""1,000 jobs in flight: how late the engine's loop runs, and what that costs in CPU and memory.

python benchmarks/inflight.py        about 75 s
"""

from __future__ import annotations

import asyncio
import os
import time

from bench import control, cpu_s, machine, place, quantile, rss_mb

JOBS = 1000
WATCHED = 40.0  #: seconds


async def lag(samples: list[float], stop: asyncio.Event) -> None:
    """Note how much later than asked the loop wakes this coroutine."""
    while not stop.is_set():
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        samples.append((time.perf_counter() - due) * 1000)


def main() -> None:
    """Submit, then watch."""
    print(machine())
    with place(
        speed=0.5, first=2, every=2.5, quick=10
    ) as sandbox:  # a video takes three minutes: none ends meanwhile
        from minimax_nb import Lab, VideoRequest
        from minimax_nb.engine.loop import engine

        start_rss = rss_mb()
        lab = Lab(sandbox=sandbox.url)
        _ = lab.ledger
        loop = engine()._loop
        stop = asyncio.Event()
        for phase in ("submitting", "watching"):
            samples: list[float] = []
            stop.clear()
            task = asyncio.run_coroutine_threadsafe(lag(samples, stop), loop)
            seen = len(control(sandbox, "journal")["requests"])
            began, cpu = time.perf_counter(), cpu_s()
            if phase == "submitting":
                jobs = [lab.submit(VideoRequest(prompt=f"A fox, take {number}")) for number in range(JOBS)]
                while any(job.state in ("new", "submitting") for job in jobs):
                    jobs[0].wait(0.1)
            else:
                jobs[0].wait(WATCHED)
            wall, used = time.perf_counter() - began, cpu_s() - cpu
            loop.call_soon_threadsafe(stop.set)
            task.result()
            polls = len(control(sandbox, "journal")["requests"]) - seen
            going = sum(job.state in ("queued", "running") for job in jobs)
            print(
                f"{phase}: {wall:.1f} s, {going} in flight, {polls / wall:.0f} requests/s,"
                f" lag p50 {quantile(samples, 0.5):.1f} ms, p99 {quantile(samples, 0.99):.1f} ms,"
                f" worst {max(samples):.0f} ms; CPU {used / wall:.0%} of a core,"
                f" {used / max(polls, 1) * 1000:.2f} ms a request; RSS {rss_mb():.0f} MB (before: {start_rss:.0f})"
            )
        os._exit(0)  # the jobs are not waited for


if __name__ == "__main__":
    main()
