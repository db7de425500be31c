"""Webhooks end to end: what a delivery does, a forged one too, and what none does."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import ProviderError
from minimax_nb.ledger.record import JobState, ResultState
from minimax_nb.webhooks.tokens import new_token
from tests.engine.conftest import Control
from tests.engine.outcomes import reached
from tests.engine.webhooks.hooked import ASK, HARDLY_EVER, HOUR, address_of, names, polls, post


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


def test_a_refused_address_is_an_error_that_costs_nothing(lab: Lab, control: Any) -> None:
    control._call("POST", "settings", {"allow_http_webhooks": False})
    try:
        with pytest.raises(ProviderError, match="https"):
            ASK["pixazo"](lab).result(20)
    finally:
        control._call("POST", "settings", {"allow_http_webhooks": True})
    assert control.charges == 0


def test_the_embedded_sandbox_takes_a_receiver_on_this_machine(home: Path, receiver: str) -> None:
    with Lab(sandbox="on", sandbox_speed="200", webhook_url=receiver, poll_floor=HARDLY_EVER) as lab:
        ASK["pixazo"](lab).result(30)
