"""Webhooks end to end: a sandbox that sends them, a receiver that takes them, a lab that polls hardly ever."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from minimax_nb import Lab, MusicRequest, VideoRequest, VoiceDesignRequest
from minimax_nb.engine import webhook
from minimax_nb.errors import OutcomeUnknownError, ProviderError, RequestInvalidError
from minimax_nb.lab.job import Job
from minimax_nb.ledger.record import Charge, JobState, ResultState
from minimax_nb.webhooks.receiver import Receiver
from minimax_nb.webhooks.server import PATH, App
from minimax_nb.webhooks.tokens import new_token
from tests.engine.conftest import Control
from tests.engine.outcomes import check_paid_once

ASK: dict[str, Callable[[Lab], Job]] = {
    "minimax": lambda lab: lab.submit(VideoRequest(prompt="A red fox runs")),
    "pixazo": lambda lab: lab.submit(MusicRequest(prompt="lo-fi", instrumental=True), provider="pixazo"),
    "apixo": lambda lab: lab.submit(
        VoiceDesignRequest(prompt="warm", preview="Hello.", voice_prefix="warm001"), provider="apixo"
    ),
}
HOUR = 3600
#: Seconds between polls: in these tests whatever is seen in time is seen because of a webhook.
HARDLY_EVER = "60"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that looks for deliveries often, and waits out a lost reply for a second."""
    monkeypatch.setattr(webhook, "LOOK", 0.05)
    monkeypatch.setattr(webhook, "AGAIN", 0.5)
    monkeypatch.setattr(webhook, "HOLD", 100.0)
    monkeypatch.setattr(webhook, "SHORTEST_HOLD", 1.0)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    """A sandbox at the pace of life, moved by its clock, that may send to this machine."""
    from minimax_nb.sandbox import child

    running = child.start(speed=1, seed=0, allow_http_webhooks=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def fast() -> Iterator[Any]:
    """A sandbox so fast that whole jobs take a second."""
    from minimax_nb.sandbox import child

    running = child.start(speed=200, seed=0, allow_http_webhooks=True)
    yield running
    running.stop()


@pytest.fixture
def receiver(home: Path) -> Iterator[str]:
    """The receiver's application on a socket and a ledger of its own; its address without a token."""
    # As a process of its own it is tested in tests/unit/test_webhooks_server.py; that takes a second to start.
    keeper = Receiver(home / "ledger.db", ())
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(App(keeper, PATH), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}{PATH.rstrip('/')}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def lab(sandbox: Any, receiver: str) -> Iterator[Lab]:
    """A lab whose jobs carry webhooks."""
    with Lab(sandbox=sandbox.url, webhook_url=receiver, poll_floor=HARDLY_EVER) as made:
        yield made


def reached(job: Job, *states: str, timeout: float = 20) -> None:
    """Wait until the job's row is in one of these states."""
    seen = threading.Event()

    def look(live: Any) -> None:
        if live.record.state.value in states:
            seen.set()

    job.add_listener(look)
    look(job)
    assert seen.wait(timeout), f"{job.id} is {job.state}"


def post(url: str, body: Any) -> int:
    """POST to a webhook address as anybody could."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", parts.path, raw, {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status


def polls(control: Any) -> int:
    return len(
        [
            item
            for item in control.requests("GET")
            if re.search("query|requests/status|statusTask", item["path"])
        ]
    )


def address_of(control: Any) -> str:
    """The address that the last video request carried, from the sandbox's journal."""
    return str(control.requests("POST")[-1]["body"]["callback_url"])


def names(lab: Lab, job: Job) -> list[str]:
    return [event.event for event in lab.ledger.events(job.id)]


@pytest.mark.parametrize("provider", ASK)
def test_a_delivery_is_looked_into_at_once(lab: Lab, control: Any, provider: str) -> None:
    job = ASK[provider](lab)
    reached(job, "queued", "running")
    control.advance(HOUR)
    job.result(20)
    assert (polls(control), control.posts, control.charges) == (1, 1, 1)
    assert job.record.cost_nano == control.charged_nano
    events = names(lab, job)
    assert events.index("webhook") < len(events) - 1
    assert lab.ledger.problems() == []


def test_nothing_is_sent_when_no_address_is_set(home: Path, sandbox: Any, control: Any) -> None:
    with Lab(sandbox=sandbox.url) as lab:
        jobs = [ask(lab) for ask in ASK.values()]
        for job in jobs:
            reached(job, "queued", "running")
            assert lab.ledger.webhook_since(job.id) is None
    bodies = [item["body"] for item in control.requests("POST")]
    assert len(bodies) == len(ASK)
    assert "callback" not in json.dumps(bodies)
    control.advance(HOUR)
    assert control._call("GET", "journal")["webhooks"] == []


def test_what_answers_at_once_carries_no_address(lab: Lab, control: Any) -> None:
    lab.speech("Hello.")
    assert "callback_url" not in control.requests("POST")[0]["body"]
    assert lab.ledger.webhook_since(lab.jobs()[0].id) is None


def test_duplicates_are_one_delivery_and_one_end(lab: Lab, control: Any) -> None:
    control.fault("duplicate:4", method="POST")
    job = ASK["pixazo"](lab)
    reached(job, "queued", "running")
    control.advance(HOUR)
    job.result(20)
    assert names(lab, job).count("webhook") == 1
    assert len(lab.ledger.costs(job.id)) == 1


def test_what_is_never_delivered_is_polled(home: Path, fast: Any, receiver: str) -> None:
    control = Control(fast.url)
    control.fault("no-webhook", method="POST")
    with Lab(sandbox=fast.url, webhook_url=receiver) as lab:
        job = ASK["pixazo"](lab)
        job.result(30)
        assert lab.ledger.webhook_since(job.id) == 0
        assert (names(lab, job).count("webhook"), control.posts) == (0, 1)


def test_a_delivery_may_come_before_the_reply(home: Path, fast: Any, receiver: str) -> None:
    control = Control(fast.url)
    control.fault("slow:3", method="POST")  # three seconds, in which the song is done
    with Lab(sandbox=fast.url, webhook_url=receiver, poll_floor=HARDLY_EVER) as lab:
        job = ASK["pixazo"](lab)
        job.result(30)
        events = names(lab, job)
        assert events.index("webhook") < events.index("QUEUED")
        (body,) = lab.ledger.deliveries(job.id)
        assert body["request_id"] == job.record.task_id
        assert (control.posts, control.charges) == (1, 1)
        assert job.record.warnings == []


@pytest.mark.parametrize("word", ["success", "Success", "failed", "expired", "nonsense"])
def test_a_forged_end_does_not_end_a_job(lab: Lab, control: Any, word: str) -> None:
    job = ASK["minimax"](lab)
    reached(job, "queued", "running")
    forged = {"task_id": job.record.task_id, "status": word, "file_id": "1", "base_resp": {"status_code": 0}}
    assert post(address_of(control), forged) == 200
    looked = threading.Event()
    job.add_listener(lambda live: looked.set() if live.record.raw_state else None)
    assert looked.wait(10)
    assert polls(control) == 1
    assert not job.done
    assert job.state in (JobState.QUEUED, JobState.RUNNING)
    assert job.record.result is ResultState.NONE
    control.advance(HOUR)
    assert job.result(20)[0].facts.height == 768
    assert (control.posts, control.charges) == (1, 1)


def test_a_task_of_somebody_else_is_a_warning_and_nothing_more(lab: Lab, control: Any) -> None:
    job = ASK["minimax"](lab)
    reached(job, "queued", "running")
    mine = job.record.task_id
    assert post(address_of(control), {"task_id": "4711", "status": "success"}) == 200
    warned = threading.Event()
    job.add_listener(lambda live: warned.set() if live.record.warnings else None)
    assert warned.wait(10)
    control.advance(HOUR)
    job.result(20)
    assert job.record.task_id == mine
    assert [text for text in job.record.warnings if "second task" in text]


def test_garbage_and_unknown_tokens_are_refused_and_harmless(lab: Lab, control: Any, receiver: str) -> None:
    job = ASK["minimax"](lab)
    reached(job, "queued", "running")
    url = address_of(control)
    assert post(url, b'{"task_id": "1", "status"') == 400
    assert post(f"{receiver}/{new_token()}", {"task_id": job.record.task_id}) == 404
    assert post(url, {"challenge": "c1"}) == 200
    control.advance(HOUR)
    job.result(20)
    assert names(lab, job).count("webhook") == 1


# --- lost replies -----------------------------------------------------------------------------------


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


def test_a_refused_address_is_an_error_that_costs_nothing(lab: Lab, control: Any) -> None:
    control._call("POST", "settings", {"allow_http_webhooks": False})
    try:
        with pytest.raises(ProviderError, match="https"):
            ASK["pixazo"](lab).result(20)
    finally:
        control._call("POST", "settings", {"allow_http_webhooks": True})
    assert control.charges == 0


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


def test_the_embedded_sandbox_takes_a_receiver_on_this_machine(home: Path, receiver: str) -> None:
    with Lab(sandbox="on", sandbox_speed="200", webhook_url=receiver, poll_floor=HARDLY_EVER) as lab:
        ASK["pixazo"](lab).result(30)
