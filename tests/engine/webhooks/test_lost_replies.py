"""Lost replies that a webhook brings back: at once, late, to the next kernel, and after the job was given up."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import OutcomeUnknownError, RequestInvalidError
from minimax_nb.lab.job import Job
from minimax_nb.ledger.record import Charge, JobState, ResultState
from tests.engine.conftest import Control
from tests.engine.outcomes import check_paid_once, reached
from tests.engine.webhooks.hooked import ASK, HARDLY_EVER, HOUR, address_of, names, post


@pytest.mark.parametrize("fault", ["drop", "truncate", "after-502"])
@pytest.mark.parametrize("provider", ASK)
def test_a_lost_reply_is_found_again(lab: Lab, control: Any, provider: str, fault: str) -> None:
    control.fault(fault, method="POST")
    job = ASK[provider](lab)
    reached(job, "unknown")
    assert not job.done
    control.advance(HOUR)
    check_paid_once(lab, control, job, found="found by webhook")


def test_a_lost_reply_of_a_task_that_failed_is_a_failure_that_says_why(lab: Lab, control: Any) -> None:
    control.fault("drop", method="POST")
    control.fault("fail:ERROR", method="POST")
    job = ASK["pixazo"](lab)
    reached(job, "unknown")
    control.advance(HOUR)
    assert job.wait(20)
    assert (job.state, job.record.charge, control.charged_nano) == (JobState.FAILED, Charge.NOT_CHARGED, 0)


def test_a_lost_reply_takes_neither_a_made_up_task_nor_that_of_another_job(lab: Lab, control: Any) -> None:
    other = ASK["minimax"](lab)
    reached(other, "queued", "running")
    control.fault("drop", method="POST")
    job = ASK["minimax"](lab)
    reached(job, "unknown")
    url = address_of(control)
    taken = other.record.task_id
    for task_id in (taken, "1" * 300, "no such task\n"):
        assert post(url, {"task_id": task_id, "status": "success"}) == 200
    control.advance(HOUR)
    job.result(150)
    assert job.record.task_id not in (taken, None)
    assert other.result(20)[0].path != job.media[0].path
    assert (control.posts, control.charges) == (2, 2)


CRASH = """
    import os, signal, sys
    from minimax_nb import Lab, MusicRequest
    lab = Lab(sandbox=sys.argv[1], webhook_url=sys.argv[2])
    job = lab.submit(MusicRequest(prompt="lo-fi", instrumental=True), provider="pixazo")
    def look(live):
        if live.record.state.value == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)
    job.add_listener(look)
    look(job._live)
    job.wait(60)
"""


def test_a_lost_reply_of_a_killed_kernel_is_found_by_the_next(
    lab: Lab, control: Any, sandbox: Any, receiver: str
) -> None:
    control.fault("drop", method="POST")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CRASH), sandbox.url, receiver, "unknown"],
        timeout=60,
        check=False,
    )
    assert done.returncode == -9
    record = lab.jobs()[0].record
    assert record.state is JobState.UNKNOWN
    lab.ledger.release(record.id, record.lease_owner).result()
    control.advance(HOUR)
    (job,) = lab.resume()
    check_paid_once(lab, control, job, found="found by webhook")
    assert lab.resume() == []


def test_a_job_killed_while_submitting_is_found_by_the_next(
    lab: Lab, control: Any, sandbox: Any, receiver: str
) -> None:
    control.fault("slow:30", method="POST")
    command = [sys.executable, "-c", textwrap.dedent(CRASH), sandbox.url, receiver, "never"]
    kernel = subprocess.Popen(command, env=dict(os.environ))
    for _ in range(2000):
        if control.posts and control.charges:
            break
    kernel.kill()
    kernel.wait(10)
    record = lab.jobs()[0].record
    assert record.state is JobState.SUBMITTING
    lab.ledger.release(record.id, record.lease_owner).result()
    (job,) = lab.resume()
    reached(job, "unknown")
    control.advance(HOUR)
    check_paid_once(lab, control, job, found="found by webhook")


def test_a_delivery_after_the_hold_still_finds_the_result(home: Path, fast: Any, receiver: str) -> None:
    control = Control(fast.url)
    control.fault("drop", method="POST")
    control.fault("no-webhook", method="POST")
    with Lab(sandbox=fast.url, webhook_url=receiver, poll_floor=HARDLY_EVER) as lab:
        job = ASK["minimax"](lab)
        with pytest.raises(OutcomeUnknownError):
            job.result(30)
        assert (job.state, job.done) == (JobState.UNKNOWN, True)
        assert post(address_of(control), {"task_id": control.requests("POST")[0]["task_id"]}) == 200
        reached(job, "succeeded")
        check_paid_once(lab, control, job, found="found by webhook")


def late(control: Any) -> None:
    """Send what the sandbox was told to keep back."""
    assert post(address_of(control), {"task_id": control.requests("POST")[0]["task_id"]}) == 200


@pytest.fixture
def given_up(home: Path, fast: Any, receiver: str) -> Iterator[tuple[Lab, Job, Control]]:
    """A job that was paid, whose reply and webhook were lost, and that its user gave up."""
    control = Control(fast.url)
    control.fault("drop", method="POST")
    control.fault("no-webhook", method="POST")
    with Lab(sandbox=fast.url, webhook_url=receiver, poll_floor=HARDLY_EVER) as lab:
        job = ASK["minimax"](lab)
        reached(job, "unknown")
        lab.abandon(job.id)
        yield lab, job, control


def check_found_late(lab: Lab, job: Job, control: Control) -> None:
    record = lab.ledger.job(job.id)
    assert (record.state, record.charge, record.result) == (
        JobState.ABANDONED, Charge.CHARGED, ResultState.STORED,
    )  # fmt: skip
    assert record.cost_nano == control.charged_nano
    assert "its result came after the job was given up" in record.warnings
    assert lab.job(job.id).result()[0].path.is_file()
    assert lab.ledger.problems() == []


def test_a_result_that_comes_after_the_job_was_given_up_is_kept(
    given_up: tuple[Lab, Job, Control],
) -> None:
    lab, job, control = given_up
    assert job.wait(20)  # the hold ends
    stored = threading.Event()
    job.add_listener(lambda live: live.record.result is ResultState.STORED and stored.set())
    late(control)
    assert stored.wait(20)
    check_found_late(lab, job, control)
    assert names(lab, job)[-2:] == ["Success, after it was given up", "stored"]
    with pytest.raises(RequestInvalidError, match="has a result"):
        job.resend()


def test_the_next_kernel_finds_a_late_result_too(
    given_up: tuple[Lab, Job, Control], fast: Any, receiver: str
) -> None:
    lab, job, control = given_up
    again = lab.resend(job.id)
    again.result(20)
    lab.close()
    assert post(str(control.requests("POST")[0]["body"]["callback_url"]), {
        "task_id": control.requests("POST")[0]["task_id"]
    }) == 200  # fmt: skip
    with Lab(sandbox=fast.url, webhook_url=receiver, poll_floor=HARDLY_EVER) as other:
        (found,) = other.resume()
        assert found.wait(20)
        record = other.ledger.job(job.id)
        assert (record.state, record.result) == (JobState.ABANDONED, ResultState.STORED)
        assert (
            f"it was sent again as job {again.id}: both exist, and both may have been charged"
            in record.warnings
        )
        assert sum(row.cost_nano for row in other.ledger.cost_sums()) == control.charged_nano
        assert (control.posts, control.charges) == (2, 2)
        assert other.resume() == []
