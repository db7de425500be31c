"""Every error of MiniMax on every path, and replies that are anything at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.errors import ErrorInfo
from minimax_nb.providers import codes
from minimax_nb.providers.base import Output
from minimax_nb.wire import Reply
from tests.contract.minimaxes import (
    ALL,
    CLONE,
    MINIMAX,
    POLL,
    SPEECH,
    ask,
    polled,
    submitted,
)
from tests.contract.wires import HEADERS, STATUSES, bodies, error


@pytest.mark.parametrize("kind", sorted(ALL))
@pytest.mark.parametrize("code", [*codes.MINIMAX, 9999, -1])
def test_every_code_on_every_paid_path(kind: str, code: int) -> None:
    body = {"data": None, "base_resp": {"status_code": code, "status_msg": "words"}}
    outcome = submitted(ALL[kind], body, **{"trace-id": "t1"})
    row = codes.minimax_code(code)
    info = error(outcome)
    assert outcome.state == row.paid
    assert outcome.charge == ("unknown" if row.paid == "unknown" else "not_charged")
    assert (info.code, info.category, info.message, info.trace_id) == (str(code), row.category, "words", "t1")
    assert info.meaning
    assert info.next_step
    assert outcome.outputs == ()


@pytest.mark.parametrize("code", [*codes.MINIMAX, 9999])
@pytest.mark.parametrize("word", [None, ""])
def test_no_code_but_refused_content_fails_a_task(code: int, word: str | None) -> None:
    outcome = polled({"status": word, "base_resp": {"status_code": code, "status_msg": "words"}})
    assert outcome.state == ("failed" if code in (1026, 1027) else "retry")
    assert error(outcome).code == str(code)
    assert outcome.locator == POLL


@pytest.mark.parametrize(
    ("status", "message", "code", "state"),
    [
        (401, "login fail: ... (1004)", "1004", "rejected"),
        (402, "insufficient balance (1008)", "1008", "rejected"),
        (429, "rate limit (1002)", "1002", "retry"),
        (422, "sensitive (1026)", "1026", "rejected"),
        (500, "unknown (1000)", "1000", "unknown"),
        (500, "your plan does not support this model (2061)", "2061", "rejected"),
        (500, "no code at all", None, "unknown"),
        (529, "overloaded", None, "unknown"),
    ],
)
def test_the_newer_error_convention(status: int, message: str, code: str | None, state: str) -> None:
    body = {
        "type": "error",
        "error": {"type": "x_error", "message": message, "http_code": str(status)},
        "request_id": "r",
    }
    outcome = submitted(SPEECH, body, status)
    said = message.removesuffix(f" ({code})")  # the code is told beside it
    assert (outcome.state, error(outcome).code, error(outcome).message) == (state, code, said)


def test_unknown_path_is_a_text() -> None:
    outcome = submitted(SPEECH, b"404 page not found", 404)
    assert (outcome.state, error(outcome).category, error(outcome).message) == (
        "rejected",
        "not_found",
        "404 page not found",
    )


def test_a_code_without_words_is_named() -> None:
    assert (
        error(submitted(SPEECH, {"base_resp": {"status_code": 1008, "status_msg": ""}})).message
        == "MiniMax answers with code 1008"
    )


@pytest.mark.parametrize(
    ("voice", "hint"),
    [
        ("English_Warm_Bestie", "Chinese (Mandarin)_Warm_Bestie"),
        ("English_Graceful_Ladi", "English_Graceful_Lady"),
    ],
)
def test_an_unknown_voice_gets_the_nearest_one(voice: str, hint: str) -> None:
    request = ask("speech", "Hello", voice=voice)
    info = error(submitted(request, {"base_resp": {"status_code": 2054, "status_msg": "voice id not exist"}}))
    assert info.category == "not_found"
    assert voice in (info.meaning or "")
    assert hint in (info.meaning or "")


def test_an_unknown_error_of_a_clone_points_at_the_recording() -> None:
    body = {"base_resp": {"status_code": 1000, "status_msg": "unknown error"}}
    assert "recording" in (error(submitted(CLONE, body)).meaning or "")
    assert "recording" not in (error(submitted(SPEECH, body)).meaning or "")


def test_retry_after_is_carried() -> None:
    outcome = submitted(SPEECH, {"base_resp": {"status_code": 1002}}, **{"retry-after": "7"})
    assert (outcome.state, error(outcome).retry_after) == ("retry", 7.0)


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"data":{"audio":"4944', b"[]", b"null", b"\xff"])
@pytest.mark.parametrize("kind", sorted(ALL))
def test_a_truncated_acceptance_is_unknown(kind: str, content: bytes) -> None:
    outcome = submitted(ALL[kind], content)
    assert (outcome.state, outcome.charge) == ("unknown", "unknown")


BODIES = bodies(
    [
    "base_resp", "data", "task_id", "status", "file_id", "file", "metadata", "extra_info", "voice_id", "trial_audio",
    "demo_audio", "input_sensitive", "input_sensitive_type", "trace_id", "id", "error", "message",
],
    [
    "status_code",
    "status_msg",
    "audio",
    "image_urls",
    "image_base64",
    "file_id",
    "download_url",
    "failed_count",
    "type",
],
    ["Success", "Fail", "https://x.example/a", "494433", "iVBORw0KGgo=", "0", "https://["],
)  # fmt: skip


@given(kind=st.sampled_from(sorted(ALL)), status=STATUSES, headers=HEADERS, content=BODIES)
def test_no_reply_to_a_paid_request_raises_or_lies(
    kind: str, status: int, headers: dict[str, str], content: bytes
) -> None:
    heard = Reply(status, headers, content)
    outcome = MINIMAX.parse_submit(ALL[kind], heard)
    json.dumps([outcome.locator, dict(outcome.facts)])
    assert outcome.state in ("queued", "succeeded", "failed", "rejected", "retry", "unknown")
    if outcome.state == "succeeded":
        assert 200 <= status < 300
        assert outcome.outputs or outcome.facts.get("voice_id")
    if 200 <= status < 300 and not isinstance(heard.json, dict):
        assert outcome.state == "unknown"
    if outcome.state in ("rejected", "retry"):
        assert outcome.charge == "not_charged"
    assert (outcome.error is None) == (outcome.state in ("queued", "succeeded"))


@given(status=STATUSES, headers=HEADERS, content=BODIES)
def test_no_reply_to_a_read_raises_or_lies(status: int, headers: dict[str, str], content: bytes) -> None:
    heard = Reply(status, headers, content)
    outcome = MINIMAX.parse_poll(POLL, heard)
    assert outcome.state in ("queued", "running", "succeeded", "failed", "retry")
    assert outcome.locator == POLL
    if outcome.state == "succeeded":
        assert outcome.outputs
    if not 200 <= status < 300:
        assert outcome.state == "retry"
    fetched = MINIMAX.parse_fetch(Output(file_id="5"), heard)
    assert isinstance(fetched, ErrorInfo) or fetched.url
    stored = MINIMAX.parse_upload(heard)
    assert isinstance(stored, ErrorInfo) or stored
