"""MiniMax video V2 beside plain generation: context IR, regeneration, uploaded media."""

from __future__ import annotations

import base64
import io
from typing import Any

import av
import pytest

from tests.sandbox.v2_calls import (
    CENT,
    TEXT,
    WEEK,
    body,
    film,
    finished,
    image,
    picture,
    post,
    refused,
    task,
)

# --- context IR and regeneration ---------------------------------------------------------------------


def test_context_ir_writes_the_prompt_out(box: Any) -> None:
    request = {"model": "MiniMax-H3", "content": [TEXT], "duration": 6, "ratio": "16:9"}
    reply = box.call("minimax", "POST", "/v2/h3_context_ir", request)
    assert reply.status_code == 200, reply.text
    box.advance(3600)
    got = task(box, reply.json()["task_id"])
    assert (got["task_type"], got["status"]) == ("h3_context_ir", "succeeded")
    assert set(got["content"]) == {"prompt"}
    assert "a lighthouse at dusk" in got["content"]["prompt"]
    usage = got["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert box.charged() == 900 * usage["prompt_tokens"] + 3600 * usage["completion_tokens"]
    refused(
        box.call("minimax", "POST", "/v2/h3_context_ir", {**request, "model": "MiniMax-H3-Max"}),
        400, "bad_request_error", 2013,
    )  # fmt: skip


def test_a_video_is_made_again_in_2k(box: Any) -> None:
    source = finished(box)
    url = source["content"]["url"]
    request = {"model": "MiniMax-H3", "resolution": "2K", "content": [TEXT, film(url, "base_video")]}
    reply = box.call("minimax", "POST", "/v2/video_regeneration", request)
    assert reply.status_code == 200, reply.text
    box.advance(600)
    got = task(box, reply.json()["task_id"])
    assert (got["task_type"], got["resolution"], got["duration"]) == ("regeneration", "2K", 5)
    assert box.charged() == (40 + 25) * CENT
    with av.open(io.BytesIO(box.http.get(got["content"]["url"]).content)) as clip:
        assert clip.streams.video[0].height == 1440


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "either source_task_id or content"),
        ({"source_task_id": "1", "content": [TEXT]}, "either source_task_id or content"),
        ({"source_task_id": "1"}, "not available for this account"),
        ({"content": [TEXT]}, "exactly one video_url with role base_video"),
        ({"content": [film(role="reference_video")]}, "role"),
        ({"content": [film(role="base_video")], "resolution": "768P"}, "resolution"),
        ({"content": [{"type": "text", "text": "a" * 40_001}, film(role="base_video")]}, "40000"),
    ],
)
def test_regeneration_rules(box: Any, changes: dict[str, Any], word: str) -> None:
    request = {"model": "MiniMax-H3", "resolution": "2K", **changes}
    reply = box.call("minimax", "POST", "/v2/video_regeneration", request)
    assert word in refused(reply, 400, "bad_request_error", 2013)


def test_regeneration_by_task_needs_the_providers_leave(box: Any) -> None:
    source = finished(box)
    box.control("POST", "settings", {"minimax_regeneration": True})
    request = {"model": "MiniMax-H3", "resolution": "2K", "source_task_id": source["id"]}
    reply = box.call("minimax", "POST", "/v2/video_regeneration", request)
    assert reply.status_code == 200, reply.text
    box.advance(600)
    assert task(box, reply.json()["task_id"])["ratio"] == "16:9"


def test_a_small_base_video_is_refused(box: Any) -> None:
    url = finished(box, body(model="MiniMax-H3-Lite", resolution="480P"))["content"]["url"]
    request = {"model": "MiniMax-H3", "resolution": "2K", "content": [film(url, "base_video")]}
    reply = box.call("minimax", "POST", "/v2/video_regeneration", request)
    assert "must have 589824 to 1032192 px" in refused(reply, 400, "bad_request_error", 2013)


def test_an_uploaded_file_is_a_first_frame_for_seven_days(box: Any) -> None:
    data = base64.b64decode(picture(640, 640).partition(",")[2])
    headers = {"Authorization": f"Bearer {box.keys['minimax']}"}
    uploaded = box.http.post(
        f"{box.running.minimax}/v1/files/upload",
        data={"purpose": "video_generation_input"},
        files={"file": ("a.jpg", data)},
        headers=headers,
    ).json()
    request = body(TEXT, image("first_frame", f"mm_file://{uploaded['file']['file_id']}"))
    assert finished(box, request)["ratio"] == "1:1"
    box.advance(WEEK)
    assert "file" in refused(post(box, request), 400, "bad_request_error", 2013)
