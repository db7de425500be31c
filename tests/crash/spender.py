"""A process that spends: speech of three characters, again and again, against a budget it shares.

Run as ``python spender.py SANDBOX_URL PROGRESS_FILE COUNT``. A byte a request goes to the progress
file, so that whoever follows after a kill knows how many are left.
"""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path

from minimax_nb import Lab, SpeechRequest
from minimax_nb.errors import BudgetExceededError
from minimax_nb.lab.job import Job

IN_FLIGHT = 12


def main() -> None:
    """Resume what a killed one left, then spend on."""
    url, progress, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    with Lab(sandbox=url) as lab, progress.open("ab", buffering=0) as file:
        waiting: deque[Job] = deque(lab.resume())
        while file.tell() < count:
            file.write(b".")
            try:
                waiting.append(lab.submit(SpeechRequest(text="abc")))
            except BudgetExceededError:
                continue
            if len(waiting) > IN_FLIGHT:
                waiting.popleft().wait()
        for job in waiting:
            job.wait()


if __name__ == "__main__":
    main()
