"""Video templates: what each asks for, its states, its address, its callback."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import av
import pytest
from PIL import Image

from minimax_nb.catalog import Template, catalog

CREATE = "/v1/video_template_generation"
QUERY = "/v1/query/video_template_generation?task_id="


def picture(width: int = 400) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (width, width), "teal").save(buffer, "JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def request(template: Template, **changes: Any) -> dict[str, Any]:
    return {
        "template_id": template.id,
        "media_inputs": [{"value": picture()}] * template.media_inputs,
        "text_inputs": [{"value": "a lion"}] * template.text_inputs,
        **changes,
    }


DIVING = next(template for template in catalog().templates() if template.name == "Diving")
RUN = next(template for template in catalog().templates() if template.name == "Run for Life")


@pytest.mark.parametrize("template", catalog().templates(), ids=lambda template: template.id)
def test_every_template_makes_a_video(box: Any, template: Template) -> None:
    made = box.minimax(CREATE, request(template))
    assert set(made) == {"task_id", "base_resp"}
    box.advance(3600)
    got = box.minimax(QUERY + made["task_id"])
    assert set(got) == {"task_id", "status", "video_url", "base_resp"}
    assert (got["status"], got["base_resp"]["status_code"]) == ("Success", 0)
    assert got["video_url"].endswith(".mp4")


def test_the_states_have_no_queueing(slow_box: Any) -> None:
    task_id = slow_box.minimax(CREATE, request(DIVING))["task_id"]
    seen: list[str] = []

    def look() -> bool:
        got = slow_box.minimax(QUERY + task_id)
        if got["status"] not in seen:
            seen.append(got["status"])
            assert bool(got["video_url"]) == (got["status"] == "Success")
        return got["status"] == "Success"

    slow_box.until(look)
    assert seen == ["Preparing", "Processing", "Success"]


def test_the_address_lives_nine_hours(box: Any) -> None:
    task_id = box.minimax(CREATE, request(DIVING))["task_id"]
    box.advance(3600)
    url = box.minimax(QUERY + task_id)["video_url"]
    box.advance(9 * 3600 - 60)
    with av.open(io.BytesIO(box.http.get(url).content)) as clip:
        assert clip.streams.video[0].width == 1280
    box.advance(120)
    assert box.http.get(url).status_code == 403


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "template_id"),
        (request(DIVING, template_id="1"), "no such template"),
        (request(DIVING, media_inputs=[]), "media_inputs"),
        (request(DIVING, media_inputs=[{"value": picture()}] * 2), "media_inputs"),
        (request(DIVING, media_inputs=[{"value": picture(200)}]), "media_inputs[0].value"),
        (request(DIVING, media_inputs=[{"url": "https://a.example/a.jpg"}]), "media_inputs[0].value"),
        (request(DIVING, text_inputs=[{"value": "a"}]), "text_inputs"),
        (request(RUN, text_inputs=[]), "text_inputs"),
        (request(RUN, callback_url="a"), "callback_url"),
    ],
)
def test_what_a_template_needs(box: Any, body: dict[str, Any], word: str) -> None:
    got = box.minimax(CREATE, body)
    assert got["base_resp"]["status_code"] == 2013
    assert word in got["base_resp"]["status_msg"]
    assert got["task_id"] == ""


def test_a_failed_task_may_carry_a_code(box: Any) -> None:
    for word, code in (("forbidden-content", 1026), ("failing-task", 0)):
        task_id = box.minimax(CREATE, request(RUN, text_inputs=[{"value": word}]))["task_id"]
        box.advance(3600)
        got = box.minimax(QUERY + task_id)
        assert (got["status"], got["base_resp"]["status_code"], got["video_url"]) == ("Fail", code, "")


def test_callbacks_use_the_words_of_the_query(slow_box: Any, receiver: Any) -> None:
    receiver.answer = lambda got: (200, json.dumps(got).encode())
    task_id = slow_box.minimax(CREATE, request(DIVING, callback_url=receiver.url))["task_id"]
    assert set(receiver.next()) == {"challenge"}
    slow_box.advance(3600)
    got = receiver.next()
    if got["status"] == "Processing":
        got = receiver.next()
    assert (got["task_id"], got["status"]) == (task_id, "Success")
    assert got["video_url"]


def test_an_unknown_task_is_2013(box: Any) -> None:
    assert box.code(QUERY + "1") == 2013
    other = box.minimax("/v1/video_generation", {"model": "MiniMax-Hailuo-2.3", "prompt": "a"})["task_id"]
    assert box.code(QUERY + other) == 2013
