"""What the network does to a paid request: billed once or not at all, whatever happens."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import JobFailedError, MediaError, MiniMaxError, OutcomeUnknownError, ProviderError
from minimax_nb.ledger.record import Charge, JobState, ResultState

ASK: dict[str, Callable[[Lab], Any]] = {
    "minimax image": lambda lab: lab.image("A red fox"),
    "minimax speech": lambda lab: lab.speech("Hello."),
    "minimax video": lambda lab: lab.video("A red fox runs"),
    "minimax music": lambda lab: lab.music("lo-fi", instrumental=True),
    "minimax voice-design": lambda lab: lab.voice_design("warm", preview="Hello."),
    "pixazo image": lambda lab: lab.image("A red fox", provider="pixazo"),
    "pixazo music": lambda lab: lab.music("lo-fi", instrumental=True, provider="pixazo"),
    "apixo voice-design": lambda lab: lab.voice_design(
        "warm", preview="Hello.", voice_prefix="warm001", provider="apixo"
    ),
}
LOST = ["drop", "reset:0", "truncate", "after-500", "after-502", "after-504", "garbage"]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("operation", ASK)
def test_a_lost_reply_is_billed_once_and_never_sent_again(
    lab: Lab, control: Any, operation: str, fault: str
) -> None:
    control.fault(fault, method="POST")
    with pytest.raises(OutcomeUnknownError) as caught:
        ASK[operation](lab)
    assert (control.posts, control.charges) == (1, 1)
    record = lab.jobs()[0].record
    assert (record.state, record.charge, record.cost_nano) == (JobState.UNKNOWN, Charge.UNKNOWN, None)
    assert caught.value.job_id == record.id
    assert len(caught.value.lines()) <= 3


@pytest.mark.parametrize("fault", ["before-429", "before-503", "challenge"])
@pytest.mark.parametrize("operation", ["minimax image", "pixazo music", "apixo voice-design"])
def test_certainly_no_job_is_sent_again(lab: Lab, control: Any, operation: str, fault: str) -> None:
    control.fault(fault, method="POST")
    ASK[operation](lab)
    assert (control.posts, control.charges) == (2, 1)
    assert lab.jobs()[0].record.attempts == 2


def test_rate_limit_code_in_http_200_is_sent_again(lab: Lab, control: Any) -> None:
    control.fault("code:1002", provider="minimax", method="POST")
    lab.image("A red fox")
    assert (control.posts, control.charges) == (2, 1)


@pytest.mark.parametrize("code", [1000, 1001, 1013, 1024, 1033])
def test_server_errors_in_http_200_are_unknown(lab: Lab, control: Any, code: int) -> None:
    control.fault(f"after-code:{code}", provider="minimax", method="POST")
    with pytest.raises(OutcomeUnknownError):
        lab.image("A red fox")
    assert (control.posts, control.charges) == (1, 1)


@pytest.mark.parametrize(
    ("code", "category"),
    [(1008, "insufficient_balance"), (2013, "invalid_request"), (1026, "content_rejected")],
)
def test_a_refusal_in_http_200_is_an_error_and_free(lab: Lab, control: Any, code: int, category: str) -> None:
    control.fault(f"code:{code}", provider="minimax", method="POST")
    with pytest.raises(ProviderError) as caught:
        lab.image("A red fox")
    assert (caught.value.category, control.charges) == (category, 0)
    assert lab.jobs()[0].record.charge is Charge.NOT_CHARGED


@pytest.mark.parametrize(
    "fault", ["before-500", "before-502", "before-429", "drop", "truncate", "challenge", "garbage"]
)
def test_a_failed_look_never_fails_the_job(lab: Lab, control: Any, fault: str) -> None:
    control.fault(fault, method="GET", path="query/video_generation", times=2)
    lab.video("A red fox runs")
    assert (control.posts, control.charges) == (1, 1)


@pytest.mark.parametrize("fault", ["drop", "truncate:1000", "before-500", "reset:100"])
def test_a_broken_download_is_fetched_again_and_never_paid_again(lab: Lab, control: Any, fault: str) -> None:
    control.fault(fault, method="GET", path="/media/")
    result = lab.image("A red fox")
    assert result.pil().size == (1024, 1024)
    assert (control.posts, control.charges) == (1, 1)


def test_a_result_that_cannot_be_fetched_now_is_resumed_later(lab: Lab, control: Any) -> None:
    control.fault("before-500", method="GET", path="/media/", times=None)
    with pytest.raises(MediaError, match="resume"):
        lab.video("A red fox runs")
    job = lab.jobs()[0]
    assert (job.state, job.record.result) == (JobState.SUCCEEDED, ResultState.AVAILABLE)
    control._call("DELETE", "faults")
    (resumed,) = lab.resume()
    assert resumed.id == job.id
    assert resumed.result()[0].facts.height == 768
    assert (control.posts, control.charges) == (1, 1)


def test_an_expired_link_is_refreshed(lab: Lab, control: Any) -> None:
    control.fault("before-404", method="GET", path="/media/")
    assert lab.video("A red fox runs")[0].facts.height == 768
    assert len([item for item in control.requests("GET") if "files/retrieve" in item["path"]]) == 2


def test_a_partial_batch_is_a_partial_success(lab: Lab, control: Any) -> None:
    control.fault("partial:1", method="POST")
    result = lab.image("A red fox", n=3)
    record = lab.jobs()[0].record
    assert (len(result), record.result) == (2, ResultState.PARTIAL)
    assert record.cost_nano == control.charged_nano == 2 * 3_500_000


def test_a_failed_task_says_why(lab: Lab, control: Any) -> None:
    control.fault("fail:1027", method="POST", path="video_generation")
    with pytest.raises(JobFailedError) as caught:
        lab.video("A red fox runs")
    assert caught.value.category == "content_rejected"
    assert lab.jobs()[0].state is JobState.FAILED


def test_a_hard_budget_refuses_before_sending(home: Path, sandbox: Any, control: Any) -> None:
    with Lab(sandbox=sandbox.url) as lab:
        lab.ledger.set_budget(hard_nano=10_000_000, sandbox=True)
        lab.image("A red fox", n=2)  # 0.007
        with pytest.raises(MiniMaxError, match="budget"):
            lab.image("A red fox", n=2)
        assert (control.posts, len(lab.jobs())) == (1, 1)


CRASH = """
    import os, signal, sys
    from minimax_nb import Lab, VideoRequest
    lab = Lab(sandbox=sys.argv[1])
    job = lab.submit(VideoRequest(prompt="A red fox runs"))
    wanted = sys.argv[2]
    def look(live):
        if live.record.state.value == wanted:
            os.kill(os.getpid(), signal.SIGKILL)
    job.add_listener(look)
    look(job._live)
    job.wait(60)
"""


@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
def test_a_killed_kernel_loses_nothing(lab: Lab, control: Any, sandbox: Any, state: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CRASH), sandbox.url, state], timeout=60, check=False
    )
    assert done.returncode == -9
    record = lab.jobs()[0].record
    assert record.state.value == state
    lab.ledger.release(record.id, record.lease_owner).result()  # as when the lease ran out
    (job,) = lab.resume()
    assert job.result()[0].facts.duration_s == pytest.approx(6, abs=0.1)
    assert (control.posts, control.charges) == (1, 1)
    assert lab.jobs()[0].record.cost_nano == control.charged_nano
    assert lab.resume() == []


def test_a_job_killed_while_submitting_is_unknown_and_not_sent_again(
    lab: Lab, control: Any, sandbox: Any
) -> None:
    control.fault("slow:5", method="POST", path="video_generation")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CRASH), sandbox.url, "submitting"], timeout=60, check=False
    )
    assert done.returncode == -9
    record = lab.jobs()[0].record
    lab.ledger.release(record.id, record.lease_owner).result()
    (job,) = lab.resume()
    assert job.state is JobState.UNKNOWN
    with pytest.raises(OutcomeUnknownError):
        job.result()
    assert control.posts <= 1
