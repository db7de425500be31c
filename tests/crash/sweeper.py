"""One kernel that asks for a sweep and dies at a commit point; the next one asks for the same sweep again.

Run as ``python sweeper.py SANDBOX_URL OPTIONS_AS_JSON``; the last line it prints is JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from minimax_nb import Lab
from minimax_nb.ledger import Ledger

#: Where the row of a job is changed on its way from being sent to its end.
_CHANGES = ("begin", "update_job", "settle")


def die_at(number: int) -> None:
    """Kill this process at its n-th write of a job's change, before or after it as the number is odd or even."""
    seen, lock = [0], threading.Lock()

    def counting(original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def counted(*args: Any, **given: Any) -> Any:
            with lock:
                seen[0] += 1
                last = seen[0] == number
            if last and number % 2:
                os.kill(os.getpid(), signal.SIGKILL)
            written = original(*args, **given)
            if last:
                written.result()
                os.kill(os.getpid(), signal.SIGKILL)
            return written

        return counted

    for name in _CHANGES:
        setattr(Ledger, name, counting(getattr(Ledger, name)))


def main() -> None:
    """Ask for the sweep, and wait for it when nothing kills it."""
    url, options = sys.argv[1], json.loads(sys.argv[2])
    if options.get("die_at"):
        die_at(options["die_at"])
    with Lab(sandbox=url, webhook_url=options["webhook"]) as lab:
        rows = [{"who": f"voice{number}x"} for number in range(options["count"])]
        plan = lab.plan_sweep(
            "voice-design",
            each=rows,
            prompt="{who} warm",
            preview="Hi.",
            voice_prefix="warm001",
            provider="apixo",
        )
        before = plan.line()
        sweep = plan.start()
        sweep.wait()
        said = {
            "line": before,
            "batch": sweep.id,
            "results": len(sweep.results),
            "unknown": [job.id for job in sweep.failed if job.state == "unknown"],
            "failed": [
                f"{job!r} {job.state} {job._live and repr(job._live.problem)}"
                for job in sweep.failed
                if job.state != "unknown"
            ],
            "problems": lab.ledger.problems(),
        }
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
