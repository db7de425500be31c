"""Long texts, which MiniMax speaks as tasks: the requests, and where a task stands."""

from __future__ import annotations

import json

import pytest

from minimax_nb.wire import Reply
from tests.contract.minimaxes import MINIMAX, OK, ask, submitted

LATE = ask("speech", "Hello there", long=True)
CREATED = {"task_id": "95157322514444", "file_id": 95157322496444, "usage_characters": 101, "base_resp": OK}


def test_a_long_text_has_other_names() -> None:
    call = MINIMAX.submit(ask("speech", "Hi", long=True, channel=2, text_normalization=True), {})
    assert (call.method, call.path) == ("POST", "/v1/t2a_async_v2")
    body = call.body or {}
    assert body["text"] == "Hi"
    assert body["audio_setting"] == {
        "audio_sample_rate": 32000,
        "bitrate": 128000,
        "format": "mp3",
        "channel": 2,
    }
    assert body["voice_setting"]["english_normalization"] is True
    assert not {"stream", "output_format"} & set(body)


@pytest.mark.parametrize(("size", "uploaded"), [(50_000, False), (50_001, True)])
def test_a_very_long_text_goes_as_a_file(size: int, uploaded: bool) -> None:
    request = ask("speech", "x" * size)
    found = MINIMAX.uploads(request)
    assert [(item.field, item.purpose, item.media.name) for item in found] == (
        [("text_file", "t2a_async_input", "text.txt")] if uploaded else []
    )
    body = MINIMAX.submit(request, {item.field: "9007199254740993" for item in found}).body or {}
    assert body.get("text_file_id") == (9007199254740993 if uploaded else None)
    assert ("text" in body) is not uploaded


def test_a_file_is_named_by_what_it_is() -> None:
    (upload,) = MINIMAX.uploads(ask("speech", text_file=b"A story."))
    call = MINIMAX.upload_call(upload)
    assert call.form == {"purpose": "t2a_async_input"}
    assert call.files["file"] == ("text.txt", b"A story.", "text/plain")


def test_a_long_text_is_a_task() -> None:
    outcome = submitted(LATE, CREATED)
    assert (outcome.state, outcome.task_id, outcome.charge) == ("queued", "95157322514444", "held")
    assert outcome.locator == {
        "task_id": "95157322514444",
        "of": "speech",
        "format": "mp3",
        "characters": 101,
    }
    call = MINIMAX.poll(outcome.locator or {})
    assert (call.path, call.query) == ("/v1/query/t2a_async_query_v2", {"task_id": "95157322514444"})


@pytest.mark.parametrize(
    ("status", "state", "charge"),
    [
        ("Processing", "running", "held"),
        ("processing", "running", "held"),
        ("Success", "succeeded", "charged"),
        ("success", "succeeded", "charged"),
        ("Failed", "failed", "unknown"),
        ("Expired", "expired", "unknown"),
        ("Resting", "running", "held"),
    ],
)
def test_where_a_long_text_stands(status: str, state: str, charge: str) -> None:
    locator = submitted(LATE, CREATED).locator or {}
    body = {"task_id": 95157322514444, "status": status, "file_id": 95157322496444, "base_resp": OK}
    outcome = MINIMAX.parse_poll(locator, Reply(200, {}, json.dumps(body).encode()))
    assert (outcome.state, outcome.charge, outcome.task_id) == (state, charge, "95157322514444")
    if state == "succeeded":
        (output,) = outcome.outputs
        assert (output.file_id, output.archive, output.mime) == ("95157322496444", True, "audio/mpeg")
        assert outcome.usage is not None
        assert outcome.usage.quantity == 101


def test_a_text_that_is_gone_is_uploaded_again() -> None:
    request = ask("speech", text_file=b"A story.")
    outcome = submitted(
        request, {"base_resp": {"status_code": 2013, "status_msg": "invalid params, no such file"}}
    )
    assert (outcome.state, outcome.stale_upload) == ("rejected", True)
