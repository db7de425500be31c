"""Makespan under a limit on requests a minute, with 1 and 3 kernels, against the least possible.

65 images at 10 a minute on a sandbox 8 times faster than life: 10 every 7.5 s. The least possible is six
whole windows and one image. (Much faster than that, the jitter of this machine is more than the 2 % by
which the product lengthens the window.)

python benchmarks/makespan.py        about 110 s
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time

from bench import control, machine, place

JOBS, RPM, SPEED = 65, 10, 8.0
WINDOW = 60 / SPEED
ONE = 8.0 / SPEED  #: seconds an image takes, typically


def kernel(first: int, last: int) -> None:
    """Be one kernel: submit at once, wait for all, say when the first was asked for and the last was there."""
    from minimax_nb import ImageRequest, Lab

    with Lab() as lab:
        _ = lab.ledger, lab.estimate(ImageRequest(prompt="warm up"))
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.time()
        jobs = [
            lab.submit(ImageRequest(prompt=f"A fox, take {number}", width=512, height=512))
            for number in range(first, last)
        ]
        for job in jobs:
            job.result()
        print(began, time.time(), flush=True)


def main() -> None:
    """Run with one kernel, then with three."""
    print(machine())
    ideal = ((JOBS - 1) // RPM) * WINDOW + ONE
    print("| kernels | makespan, s | ideal, s | ratio | refused for the limit |\n|--|--|--|--|--|")
    for kernels in (1, 3):
        with place(speed=SPEED, free=False) as sandbox:
            os.environ["MINIMAX_NB_SANDBOX"] = sandbox.url
            edges = [JOBS * part // kernels for part in range(kernels + 1)]
            processes = [
                subprocess.Popen(
                    [sys.executable, os.path.join(HERE, "makespan.py"), str(first), str(last)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for first, last in itertools.pairwise(edges)
            ]
            for process in processes:
                process.stdout.readline()
            for process in processes:
                process.stdin.write("go\n")
                process.stdin.flush()
            times = [list(map(float, process.communicate()[0].split())) for process in processes]
            took = max(end for _, end in times) - min(begin for begin, _ in times)
            posts = [item for item in control(sandbox, "journal")["requests"] if item["method"] == "POST"]
            refused = len(posts) - JOBS
            print(f"| {kernels} | {took:.2f} | {ideal:.2f} | **{took / ideal:.3f}** | {refused} |")


HERE = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    if len(sys.argv) == 3:
        kernel(int(sys.argv[1]), int(sys.argv[2]))
    else:
        main()
