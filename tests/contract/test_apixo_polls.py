"""APIXO's status replies and callbacks, and replies that are anything at all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import Reply
from tests.contract.apixos import APIXO, CLONE, DESIGN, LOCATOR
from tests.contract.wires import HEADERS, STATUSES, VECTORS, bodies, error, payload, reply, vector_reply


def polled(body: Any, status: int = 200, locator: dict[str, Any] = LOCATOR) -> Outcome:
    return APIXO.parse_poll(locator, reply(body, status))


@pytest.mark.parametrize("key", ["A3-01", "A3-02", "A3-03", "A3-04", "A3-06"])
def test_the_poll_of_a_vector(key: str) -> None:
    call = APIXO.poll(LOCATOR)
    assert (call.method, f"{call.path}?{urlencode(call.query)}") == ("GET", VECTORS[key]["req"]["path"])
    assert (call.body, call.headers) == (None, {})


def test_still_running() -> None:
    outcome = APIXO.parse_poll(LOCATOR, vector_reply("A3-01"))
    assert (outcome.state, outcome.charge, outcome.locator) == ("running", "held", LOCATOR)


@pytest.mark.parametrize("key", ["A3-02", "A4-01"])
def test_done(key: str) -> None:
    body = payload(key)
    outcome = polled(body)
    (output,) = outcome.outputs
    assert (outcome.state, outcome.raw_state, outcome.charge) == ("succeeded", "success", "charged")
    assert (output.role, output.url, output.mime) == (
        "preview",
        "https://file.apixo.ai/temp/preview.mp3",
        "audio/mpeg",
    )
    assert output.expires_in == 86_400
    assert outcome.facts == {"voice_id": "warm001-a1b2c3", "voice_type": "active", "provider_ms": 803}
    assert any("7 days" in text for text in outcome.warnings)


@pytest.mark.parametrize("key", ["A3-04", "A4-03"])
def test_done_without_a_sample(key: str) -> None:
    body = payload(key)
    outcome = polled(body)
    assert (outcome.state, outcome.outputs, outcome.facts["voice_id"]) == ("succeeded", (), "warm001-a1b2c3")
    assert not any("preview" in text for text in outcome.warnings)


def test_done_with_an_unreadable_sample() -> None:
    outcome = APIXO.parse_poll(LOCATOR, vector_reply("A3-06"))
    assert (outcome.state, outcome.outputs, outcome.facts["voice_id"]) == ("succeeded", (), "warm001-a1b2c3")
    assert any("preview cannot be read" in text for text in outcome.warnings)


@pytest.mark.parametrize(
    ("result", "count", "warned"),
    [
        ('{"resultUrls":["https://x.example/a.mp3"]}', 1, False),
        ({"resultUrls": ["https://x.example/a.mp3"]}, 1, False),
        ({"resultUrls": "https://x.example/a.mp3"}, 1, False),
        ("", 0, False),
        (None, 0, False),
        ("[]", 0, True),
        ("null", 0, True),
        ("[" * 100_000, 0, True),
        (5, 0, True),
        ({"resultUrls": None}, 0, False),
        ({"resultUrls": ["javascript:x", 5]}, 0, False),
    ],
)
def test_the_result_is_parsed_twice_and_may_be_anything(result: Any, count: int, warned: bool) -> None:
    outcome = polled({"code": 200, "data": {"state": "success", "voice_id": "v", "resultJson": result}})
    assert (outcome.state, len(outcome.outputs)) == ("succeeded", count)
    assert any("cannot be read" in text for text in outcome.warnings) is warned


def test_the_voice_known_since_the_submission_is_kept() -> None:
    assert polled({"code": 200, "data": {"state": "success"}}).facts["voice_id"] == "warm001-a1b2c3"


def test_success_with_nothing_at_all_is_asked_again() -> None:
    outcome = polled(
        {"code": 200, "data": {"state": "success"}}, locator={"task_id": "t", "model": "minimax-voice"}
    )
    assert (outcome.state, error(outcome).category) == ("retry", "protocol")


def test_a_voice_that_is_not_ready_is_said() -> None:
    outcome = polled({"code": 200, "data": {"state": "success", "voice_id": "v", "voice_type": "preparing"}})
    assert outcome.state == "succeeded"
    assert any("'preparing'" in text for text in outcome.warnings)


def test_failed_is_http_200_code_200_and_success() -> None:
    outcome = APIXO.parse_poll(LOCATOR, vector_reply("A3-03"))
    assert (outcome.state, outcome.charge, outcome.raw_state) == ("failed", "unknown", "failed")
    assert (error(outcome).category, error(outcome).code) == ("input_media_unusable", "VALIDATION_ERROR")
    assert error(outcome).message == "Reference audio validation failed."


def test_failed_without_a_code() -> None:
    outcome = polled({"code": 200, "data": {"state": "failed"}})
    assert (outcome.state, outcome.charge, error(outcome).category) == ("failed", "unknown", "unknown")


@pytest.mark.parametrize(
    ("word", "state"),
    [("pending", "queued"), ("processing", "running"), ("PROCESSING", "running"), ("Success", "succeeded"),
     ("thinking", "running")],
)  # fmt: skip
def test_words(word: str, state: str) -> None:
    outcome = polled({"data": {"taskId": "task_12345678", "state": word}})
    assert (outcome.state, outcome.raw_state) == (state, word)
    assert any("unknown state" in text for text in outcome.warnings) is (word == "thinking")


@pytest.mark.parametrize("code", [400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("in_body", [True, False])
def test_a_failed_read_never_fails_the_job(code: int, in_body: bool) -> None:
    outcome = polled({"code": code, "message": "Task not found"}, 200 if in_body else code)
    assert (outcome.state, outcome.charge, outcome.locator) == ("retry", "held", LOCATOR)
    assert (error(outcome).category == "not_found") is (code == 404)


def test_a_read_without_its_task_id() -> None:
    outcome = APIXO.parse_poll(LOCATOR, vector_reply("A3-08"))
    assert (outcome.state, error(outcome).category) == ("retry", "invalid_request")


BODIES = bodies(
    ["code", "message", "data", "failCode", "error"],
    [
    "taskId", "state", "voice_id", "voice_type", "resultJson", "failCode", "failMsg", "createTime", "costTime", "error",
],
    ["success", "failed", "processing", "https://x.example/a", "NSFW", 200, '{"resultUrls":["https://["]}'],
)  # fmt: skip


@given(request_=st.sampled_from([DESIGN, CLONE]), status=STATUSES, headers=HEADERS, content=BODIES)
def test_no_reply_to_a_paid_request_raises_or_lies(
    request_: Request, status: int, headers: dict[str, str], content: bytes
) -> None:
    heard = Reply(status, headers, content)
    outcome = APIXO.parse_submit(request_, heard)
    json.dumps([outcome.locator, dict(outcome.facts)])
    assert outcome.state in ("queued", "running", "succeeded", "failed", "rejected", "retry", "unknown")
    if outcome.state == "succeeded":
        assert outcome.outputs or outcome.facts["voice_id"]
    if outcome.state in ("queued", "running"):
        assert APIXO.poll(outcome.locator or {}).query["taskId"]
    if 200 <= status < 300 and not isinstance(heard.json, dict):
        assert outcome.state == "unknown"
    if outcome.state in ("rejected", "retry"):
        assert outcome.charge == "not_charged"


@given(status=STATUSES, headers=HEADERS, content=BODIES)
def test_no_reply_to_a_read_raises_or_lies(status: int, headers: dict[str, str], content: bytes) -> None:
    outcome = APIXO.parse_poll(LOCATOR, Reply(status, headers, content))
    assert outcome.state in ("queued", "running", "succeeded", "failed", "retry")
    assert outcome.locator == LOCATOR
    if outcome.state == "succeeded":
        assert outcome.outputs or outcome.facts["voice_id"]
    if not 200 <= status < 300:
        assert outcome.state == "retry"
