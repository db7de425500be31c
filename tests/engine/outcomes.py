"""What every lost reply must come to, however its job was found again, and waiting for it."""

from __future__ import annotations

import threading
from typing import Any

from minimax_nb import Lab
from minimax_nb.lab.job import Job
from minimax_nb.lab.result import Result
from minimax_nb.ledger.record import Charge, JobState, ResultState
from tests.engine.conftest import Control


def check_paid_once(lab: Lab, control: Control, job: Job, *, found: str) -> Result:
    """Assert that one request was sent and charged, and that its result is on disk; ``found`` is the event."""
    result = job.result(30)
    record = lab.ledger.job(job.id)
    assert (control.posts, control.charges) == (1, 1)
    assert (record.state, record.charge, record.result) == (
        JobState.SUCCEEDED, Charge.CHARGED, ResultState.STORED,
    )  # fmt: skip
    assert (record.cost_nano, record.error) == (control.charged_nano, None)
    assert record.task_id == control.requests("POST")[0]["task_id"]
    assert result.media[0].path.is_file()
    assert found in [event.event for event in lab.ledger.events(job.id)]
    assert lab.ledger.problems() == []
    return result


def reached(job: Job, *states: str, timeout: float = 20) -> None:
    """Wait until the job's row is in one of these states."""
    seen = threading.Event()

    def look(live: Any) -> None:
        if live.record.state.value in states:
            seen.set()

    job.add_listener(look)
    look(job)
    assert seen.wait(timeout), f"{job.id} is {job.state}"
