"""Pixazo's status replies and callbacks, sequences of them, and replies that are anything at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import Reply
from tests.contract.pixazos import DESIGN, IMAGE, LOCATOR, MUSIC, PIXAZO, READS, ask, typed
from tests.contract.wires import (
    HEADERS,
    PNG64,
    RID,
    STATUSES,
    VECTORS,
    bodies,
    error,
    payload,
    reply,
    vector_reply,
)

LEGACY_ID = "a1b2c3d4-e5f6-7890-g1h2-i3j4k5l6m7n8"
LEGACY = {"request_id": LEGACY_ID, "legacy": True, "role": "preview"}


def polled(key: str) -> Outcome:
    return PIXAZO.parse_poll(
        LEGACY if key.startswith("P5") else LOCATOR,
        reply(payload(key)) if key.startswith("P8") else vector_reply(key),
    )


@pytest.mark.parametrize("key", sorted(key for key in READS if key.startswith("P4")))
def test_the_poll_of_a_vector(key: str) -> None:
    path = VECTORS[key]["req"]["path"]
    call = PIXAZO.poll({"request_id": path.rpartition("/")[2], "path": path})
    assert (call.method, call.path, call.headers, call.body) == ("GET", path, {}, None)


@pytest.mark.parametrize("key", sorted(key for key in READS if key.startswith("P5") and key != "P5-04"))
def test_the_poll_of_a_vector_at_the_older_endpoint(key: str) -> None:
    want = VECTORS[key]["req"]
    call = PIXAZO.poll(LEGACY)
    assert (call.method, call.path, call.body) == (want["m"], want["path"], want["body"])


DONE = {
    "P4-01": "audio/mpeg", "P4-02": None, "P8-01": "audio/mpeg", "P8-03": "audio/mpeg", "P8-05": "audio/mpeg",
}  # fmt: skip


@pytest.mark.parametrize(("key", "mime"), DONE.items())
def test_completed(key: str, mime: str | None) -> None:
    outcome = polled(key)
    body = payload(key)
    assert (outcome.state, outcome.raw_state, outcome.charge) == ("succeeded", "COMPLETED", "charged")
    assert [item.url for item in outcome.outputs] == body["output"]["media_url"]
    assert outcome.outputs[0].mime == mime
    assert outcome.error is None


def test_a_repeated_callback_reads_the_same() -> None:
    assert polled("P8-01") == polled("P8-03")


def test_the_role_comes_from_the_locator() -> None:
    locator = PIXAZO.parse_submit(DESIGN, vector_reply("P3-01")).locator
    outcome = PIXAZO.parse_poll(locator or {}, vector_reply("P4-02"))
    assert [item.role for item in outcome.outputs] == ["preview"]


@pytest.mark.parametrize("key", ["P4-03", "P8-02"])
def test_error_is_not_charged(key: str) -> None:
    outcome = polled(key)
    assert (outcome.state, outcome.raw_state, outcome.charge) == ("failed", "ERROR", "not_charged")
    assert (error(outcome).category, error(outcome).message) == ("provider_error", "Description of the error")


def test_failed_may_be_charged() -> None:
    outcome = polled("P4-05")
    assert (outcome.state, outcome.charge, error(outcome).category) == ("failed", "unknown", "unknown")
    assert error(outcome).message == "Processing failed: upstream provider returned an error"


def test_an_edge_block_keeps_the_job() -> None:
    outcome = polled("P4-07")
    assert (outcome.state, outcome.charge, error(outcome).category) == ("retry", "held", "edge_blocked")
    assert outcome.locator == LOCATOR


def test_completed_without_media_is_asked_again() -> None:
    outcome = polled("P4-09")
    assert (outcome.state, outcome.raw_state, error(outcome).category) == ("retry", "COMPLETED", "protocol")


@pytest.mark.parametrize(
    ("word", "state"),
    [("QUEUED", "queued"), ("queued", "queued"), (" IN_QUEUE ", "queued"), ("PROCESSING", "running"),
     ("In_Progress", "running"), ("WARMING", "running")],
)  # fmt: skip
def test_words_of_the_queue(word: str, state: str) -> None:
    outcome = PIXAZO.parse_poll(
        LOCATOR, reply({"request_id": RID, "status": word, "error": None, "output": None})
    )
    assert (outcome.state, outcome.task_id) == (state, RID)
    assert bool(outcome.warnings) is (word == "WARMING")


def test_media_may_be_a_bare_text() -> None:
    body = {"status": "COMPLETED", "output": {"media_url": "https://cdn.example/x.mp3", "media_type": None}}
    outcome = PIXAZO.parse_poll(LOCATOR, reply(body))
    assert [(item.url, item.mime) for item in outcome.outputs] == [
        ("https://cdn.example/x.mp3", "audio/mpeg")
    ]


@pytest.mark.parametrize("stamp", ["...", "2026-05-22 13:19:23", "2026-05-22T13:17:32.110Z", 5, None, {}])
def test_time_stamps_never_fail_a_job(stamp: Any) -> None:
    body = {
        **VECTORS["P4-01"]["res"]["body"],
        "created_at": stamp,
        "updated_at": stamp,
        "completed_at": stamp,
    }
    assert PIXAZO.parse_poll(LOCATOR, reply(body)).state == "succeeded"


@pytest.mark.parametrize(
    ("key", "state", "raw"),
    [("P5-01", "succeeded", "COMPLETED"), ("P5-02", "running", "IN_PROGRESS"), ("P5-03", "succeeded", "COMPLETED"),
     ("P5-07", "queued", "IN_QUEUE"), ("P5-09", "succeeded", "completed")],
)  # fmt: skip
def test_the_older_endpoint(key: str, state: str, raw: str) -> None:
    outcome = polled(key)
    assert (outcome.state, outcome.raw_state, outcome.task_id) == (state, raw, LEGACY_ID)
    if state == "succeeded":
        (output,) = outcome.outputs
        assert (output.role, output.url) == ("preview", VECTORS[key]["res"]["body"]["audio"]["url"])


def test_facts_of_the_older_endpoint() -> None:
    assert polled("P5-01").facts == {"duration_ms": 8700, "sample_rate": 24000}
    assert polled("P5-03").facts == {"duration_ms": 8700}


@pytest.mark.parametrize(
    ("key", "family"), [("P5-04", "invalid_request"), ("P5-05", "auth"), ("P5-06", "rate_limited")]
)
def test_a_failed_read_at_the_older_endpoint(key: str, family: str) -> None:
    outcome = polled(key)
    assert (outcome.state, error(outcome).category) == ("retry", family)


def test_media_without_a_status_is_a_result() -> None:
    assert (
        PIXAZO.parse_poll(LEGACY, reply({"audio": {"url": "https://cdn.example/x.wav"}})).state == "succeeded"
    )


def test_failure_at_the_older_endpoint() -> None:
    outcome = PIXAZO.parse_poll(LEGACY, reply({"status": "FAILED", "error_message": "timeout"}))
    assert (outcome.state, outcome.charge, error(outcome).message) == ("failed", "unknown", "timeout")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504])
def test_a_failed_read_never_fails_the_job(status: int) -> None:
    outcome = PIXAZO.parse_poll(
        LOCATOR, reply({"error": "Insufficient Balance"}, status, **{"retry-after": "3"})
    )
    assert (outcome.state, outcome.charge, outcome.locator, outcome.task_id) == (
        "retry",
        "held",
        LOCATOR,
        RID,
    )
    assert error(outcome).retry_after == 3.0


def test_trace_f01() -> None:
    assert VECTORS["F-01"]["req"]["steps"][:2] == ["POST P1 -> 202", "GET P4 -> QUEUED"]
    first = PIXAZO.parse_submit(ask(typed("P1-01")), vector_reply("P1-01"))
    words = ["QUEUED", "PROCESSING"]
    later = [
        PIXAZO.parse_poll(first.locator or {}, reply({"request_id": RID, "status": word})) for word in words
    ]
    last = PIXAZO.parse_poll(first.locator or {}, vector_reply("P4-01"))
    assert [item.state for item in (first, *later, last)] == ["queued", "queued", "running", "succeeded"]


def test_f05_a_500_is_unknown() -> None:
    assert VECTORS["F-05"]["req"]["steps"] == ["POST P1 -> 500"]
    outcome = PIXAZO.parse_submit(MUSIC, reply({"error": "An unexpected error occurred"}, 500))
    assert (outcome.state, outcome.charge) == ("unknown", "unknown")


BODIES = bodies(
    [
    "request_id", "status", "polling_url", "error", "error_message", "message", "output", "audio", "image_urls",
    "image_base64", "image_count", "data", "metadata", "base_resp", "id", "completed_at",
],
    [
    "media_url",
    "media_type",
    "url",
    "duration_seconds",
    "sample_rate_hz",
    "image_base64",
    "failed_count",
    "status_code",
],
    ["COMPLETED", "FAILED", "ERROR", "QUEUED", "https://x.example/a", PNG64, "3", "https://["],
)  # fmt: skip


@given(request_=st.sampled_from([MUSIC, IMAGE, DESIGN]), status=STATUSES, headers=HEADERS, content=BODIES)
def test_no_reply_to_a_paid_request_raises_or_lies(
    request_: Request, status: int, headers: dict[str, str], content: bytes
) -> None:
    heard = Reply(status, headers, content)
    outcome = PIXAZO.parse_submit(request_, heard)
    json.dumps([outcome.locator, dict(outcome.facts)])
    assert outcome.state in ("queued", "running", "succeeded", "failed", "rejected", "retry", "unknown")
    if outcome.state == "succeeded":
        assert outcome.outputs
        assert 200 <= status < 300
    if outcome.state in ("queued", "running"):
        assert PIXAZO.poll(outcome.locator or {}).path.startswith("/")
    if 200 <= status < 300:
        assert outcome.state not in ("rejected", "retry")
    if outcome.state in ("rejected", "retry"):
        assert outcome.charge == "not_charged"


@given(locator=st.sampled_from([LOCATOR, LEGACY]), status=STATUSES, headers=HEADERS, content=BODIES)
def test_no_reply_to_a_read_raises_or_lies(
    locator: dict[str, Any], status: int, headers: dict[str, str], content: bytes
) -> None:
    outcome = PIXAZO.parse_poll(locator, Reply(status, headers, content))
    assert outcome.state in ("queued", "running", "succeeded", "failed", "retry")
    assert outcome.locator == locator
    if outcome.state == "succeeded":
        assert outcome.outputs
    if not 200 <= status < 300:
        assert outcome.state == "retry"
