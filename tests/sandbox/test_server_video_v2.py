"""MiniMax video V2: content rules, statuses, errors with HTTP statuses, list, cancel, prices, what is made."""

from __future__ import annotations

import io
import json
import threading
import time
from decimal import Decimal
from typing import Any

import av
import pytest

from tests.sandbox.v2_calls import (
    CENT,
    CREATE,
    QUERY,
    TEXT,
    WEEK,
    audio,
    body,
    create,
    film,
    finished,
    image,
    picture,
    post,
    refused,
    task,
)

# --- errors ------------------------------------------------------------------------------------------


def test_errors_have_a_status_of_their_own(box: Any) -> None:
    refused(post(box, body(), key=None), 401, "authorized_error", 1004)
    refused(
        post(box, body(), key=None, headers={"x-api-key": box.keys["minimax"]}), 401, "authorized_error", 1004
    )
    refused(post(box, body(), key="wrong"), 401, "authorized_error", 2049)
    refused(post(box, {}), 400, "bad_request_error", 2013)
    refused(post(box, body({**TEXT, "text": "forbidden-content"})), 422, "unprocessable_entity_error", 1026)
    refused(post(box, body(), fault="before-429:3"), 429, "rate_limit_error", 1002)
    refused(post(box, body(), fault="code:1013"), 500, "server_error", 1013)
    refused(post(box, body(), fault="before-500"), 500, "server_error", 1000)
    assert post(box, body(), fault="before-429:3").headers["retry-after"] == "3"
    assert box.charged() == 0


def test_checks_come_before_the_balance(box: Any) -> None:
    box.account("minimax", balance="0.39")
    refused(post(box, body(duration=3)), 400, "bad_request_error", 2013)
    refused(post(box, body()), 402, "insufficient_balance_error", 1008)
    create(box, body(duration=4))


def test_no_plan_covers_h3(box: Any) -> None:
    box.account("minimax", kind="plan")
    refused(post(box, body()), 500, "api_error", 2061)


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (body(model="MiniMax-H4"), "no such model"),
        (body(model="MiniMax-Hailuo-2.3"), "no such model"),
        (body(resolution=None), "resolution: required"),
        (body(duration=None), "duration: required"),
        (body(duration=16), "between 4 and 15"),
        (body(duration=3), "between 4 and 15"),
        (body(model="MiniMax-H3-Max", duration=4), "between 5 and 15"),
        (body(resolution="1080P"), "one of 768P, 2K"),
        (body(model="MiniMax-H3-Max", resolution="2K"), "one of 480P, 768P"),
        (body(model="MiniMax-H3-Highspeed", resolution="480P"), "one of 768P"),
        (body(model="MiniMax-H3-Lite", resolution="2K"), "one of 480P, 768P"),
        (body(ratio=None), "ratio: required"),
        (body(ratio="adaptive"), "adaptive is not supported"),
        (body(ratio="2:1"), "ratio: must be one of"),
        (body(content=[]), "must not be empty"),
        (body(TEXT, TEXT), "exactly one text"),
        (body(image("first_frame")), "exactly one text"),
        (body({"type": "text", "text": " "}), "length must be 1-7000"),
        (body({"type": "text", "text": "a" * 7001}), "length must be 1-7000"),
        (body({"type": "speech"}), "content[0].type"),
        (body(TEXT, image("first_frame"), image("first_frame")), "at most 1 first_frame"),
        (body(TEXT, image("last_frame")), "needs first_frame"),
        (body(TEXT, image(None), image(None)), "role: required"),
        (body(TEXT, image("first_frame"), image("reference_image")), "mutually exclusive"),
        (body(TEXT, image("first_frame"), audio()), "mutually exclusive"),
        (body(TEXT, *[image("reference_image")] * 10), "at most 9 reference_image"),
        (body(TEXT, *[film()] * 4), "at most 3 reference_video"),
        (body(TEXT, audio()), "needs a reference_image"),
        (body(TEXT, *[image("reference_image")] * 9, *[film("https://a.example/a")] * 3, audio()), "at most 12"),
        (body(TEXT, image("reference_image"), audio(8), audio(8)), "at most 15 s in total"),
        (body(TEXT, image("reference_image"), audio(1)), "2 to 15 s"),
        (body(TEXT, image("reference_video")), "content[1].role"),
        (body(TEXT, image("first_frame", picture(200, 200))), "short side"),
        (body(TEXT, image("first_frame", picture(1000, 300))), "aspect ratio"),
        (body(TEXT, image("first_frame", "data:image/gif;base64,R0lG")), "allowed image format"),
        (body(TEXT, image("first_frame", "mm_file://12")), "no such file"),
        (body(TEXT, film("data:video/mp4;base64,AAAA")), "cannot be decoded"),
        (body(TEXT, image("reference_image"), model="MiniMax-H3-Lite", ratio="adaptive"), "other than adaptive"),
        (body(extra={"prompt_expansion_mode": "quality"}), "not supported by MiniMax-H3"),
        (body(model="MiniMax-H3-Max", extra={"prompt_expansion_mode": "wild"}), "must be one of disabled"),
        (body(callback_url="ftp://a"), "callback_url"),
    ],
)  # fmt: skip
def test_content_rules(box: Any, request_: dict[str, Any], word: str) -> None:
    assert word in refused(post(box, request_), 400, "bad_request_error", 2013)
    assert box.charged() == 0


def test_a_single_image_without_a_role_is_the_first_frame(box: Any) -> None:
    got = finished(box, body(TEXT, image(None, picture(400, 600)), ratio="16:9"))
    assert got["ratio"] == "3:4"
    assert got["usage"]["input_image_count"] == 0


# --- the life of a task ------------------------------------------------------------------------------


def test_a_task_is_queued_runs_and_succeeds(slow_box: Any) -> None:
    box, seen = slow_box, []
    task_id = create(box, body(TEXT, image("reference_image"), model="MiniMax-H3", ratio=None))

    def look() -> bool:
        got = task(box, task_id)
        if got["status"] not in seen:
            seen.append(got["status"])
            assert (got["usage"] == {}) == (got["status"] != "succeeded")
        return got["status"] == "succeeded"

    box.until(look)
    assert seen == ["queued", "running", "succeeded"]
    got = task(box, task_id)
    assert {key: got[key] for key in ("id", "model", "resolution", "duration", "ratio")} == {
        "id": task_id, "model": "MiniMax-H3", "resolution": "768P", "duration": 5, "ratio": "16:9",
    }  # fmt: skip
    assert (got["task_type"], got["modality"]) == ("generation", "video")
    assert got["usage"] == {
        "total_seconds": 5, "input_seconds": 0, "output_seconds": 5, "input_image_count": 1,
        "input_audio_seconds": 0, "total_tokens": 0, "prompt_tokens": 0, "completion_tokens": 0,
    }  # fmt: skip
    assert got["updated_at"] >= got["created_at"]


@pytest.mark.parametrize(
    ("changes", "frames", "size"),
    [
        ({}, 124, (1344, 768)),
        ({"model": "MiniMax-H3-Lite", "resolution": "480P", "duration": 8, "ratio": "9:16"}, 192, (480, 832)),
    ],
)
def test_what_is_made(box: Any, changes: dict[str, Any], frames: int, size: tuple[int, int]) -> None:
    got = finished(box, body(**changes))
    with av.open(io.BytesIO(box.http.get(got["content"]["url"]).content)) as clip:
        video, voice = clip.streams.video[0], clip.streams.audio[0]
        assert (video.average_rate, video.frames) == (24, frames)
        assert (frames - 5) % 17 == 0
        assert (video.width, video.height) == size
        assert (voice.rate, voice.layout.name) == (32_000, "stereo")


def test_each_query_gives_a_fresh_address(box: Any) -> None:
    got = finished(box)
    first = got["content"]["url"]
    second = task(box, got["id"])["content"]["url"]
    assert first != second
    box.advance(3601)
    assert box.http.get(second).status_code == 403
    assert box.http.get(task(box, got["id"])["content"]["url"]).status_code == 200


def test_a_task_is_known_for_seven_days(box: Any) -> None:
    task_id = create(box)
    box.advance(WEEK - 60)
    assert task(box, task_id)["status"] == "succeeded"
    box.advance(120)
    reply = box.call("minimax", "GET", f"{QUERY}/{task_id}")
    assert "invalid task_id" in refused(reply, 400, "bad_request_error", 2013)
    assert box.call("minimax", "GET", QUERY).json() == {"items": [], "total": 0}
    box.control("POST", "settings", {"minimax_v2_unknown_500": True})
    reply = box.call("minimax", "GET", f"{QUERY}/{task_id}")
    assert "record not found" in refused(reply, 500, "server_error", 1000)


def test_v1_and_v2_tasks_are_two_worlds(box: Any) -> None:
    task_id = create(box)
    assert box.code(f"/v1/query/video_generation?task_id={task_id}") == 2013
    other = box.minimax("/v1/video_generation", {"model": "MiniMax-Hailuo-2.3", "prompt": "a"})["task_id"]
    assert box.call("minimax", "GET", f"{QUERY}/{other}").status_code == 400
    box.account("minimax")
    assert box.call("minimax", "GET", f"{QUERY}/{task_id}").status_code == 400


@pytest.mark.parametrize(
    ("request_", "fault", "code"),
    [
        (body({**TEXT, "text": "forbidden-output"}), None, "1027"),
        (body({**TEXT, "text": "failing-task"}), None, "1000"),
        (body(), "fail:1026", "1026"),
    ],
)
def test_a_failed_task_says_why_and_costs_nothing(
    box: Any, request_: dict[str, Any], fault: str | None, code: str
) -> None:
    got = finished(box, request_, **({"fault": fault} if fault else {}))
    assert (got["status"], got["error"]["code"], got["usage"], got["content"]) == ("failed", code, {}, {})
    assert got["error"]["message"]
    assert box.charged() == 0


# --- list and delete ---------------------------------------------------------------------------------


def test_the_list_finds_a_task_whose_reply_was_lost(box: Any) -> None:
    with pytest.raises(Exception, match="disconnected|without sending"):
        post(box, body(), fault="drop")
    lost = box.call("minimax", "GET", f"{QUERY}?page_num=1&page_size=5").json()
    assert lost["total"] == 1
    assert task(box, lost["items"][0]["id"])["model"] == "MiniMax-H3"


def test_the_list_is_newest_first_in_pages_and_filtered(slow_box: Any) -> None:
    box = slow_box
    ids = [create(box, body(model=name)) for name in ("MiniMax-H3", "MiniMax-H3-Max", "MiniMax-H3")]
    box.advance(3600)
    late = create(box)

    def listed(query: str) -> list[str]:
        reply = box.call("minimax", "GET", f"{QUERY}?{query}")
        assert reply.status_code == 200, reply.text
        return [item["id"] for item in reply.json()["items"]]

    assert listed("") == [late, *ids[::-1]]
    assert listed("page_num=2&page_size=3") == ids[:1]
    assert listed("filter.model=MiniMax-H3-Max") == [ids[1]]
    assert listed("filter.status=succeeded") == ids[::-1]
    assert listed(f"filter.task_ids={ids[0]}&filter.task_ids={ids[2]}") == [ids[2], ids[0]]
    assert listed("filter.task_type=regeneration") == []
    for bad in ("page_num=0", "page_size=101", "page_size=x", "filter.status=Success"):
        refused(box.call("minimax", "GET", f"{QUERY}?{bad}"), 400, "bad_request_error", 2013)


def test_a_queued_task_is_cancelled_without_a_charge(slow_box: Any, receiver: Any) -> None:
    box = slow_box
    receiver.answer = lambda got: (200, json.dumps(got).encode())
    task_id = create(box, body(callback_url=receiver.url))
    receiver.next()
    assert box.charged() == 40 * CENT
    reply = box.call("minimax", "DELETE", f"{CREATE}/{task_id}")
    assert reply.json() == {"task_id": task_id, "action": "cancelled", "status": "cancelled"}
    assert receiver.next()["task"]["status"] == "cancelled"
    assert box.charged() == 0
    refused(box.call("minimax", "DELETE", f"{CREATE}/{task_id}"), 400, "bad_request_error", 2013)
    box.advance(3600)
    assert task(box, task_id)["status"] == "cancelled"
    assert box.charged() == 0


def test_a_running_task_cannot_be_deleted_and_a_finished_one_can(slow_box: Any) -> None:
    box = slow_box
    task_id = create(box)
    box.until(lambda: task(box, task_id)["status"] == "running")
    refused(box.call("minimax", "DELETE", f"{CREATE}/{task_id}"), 400, "bad_request_error", 2013)
    box.advance(3600)
    reply = box.call("minimax", "DELETE", f"{CREATE}/{task_id}").json()
    assert reply == {"task_id": task_id, "action": "deleted", "status": "succeeded"}
    assert box.call("minimax", "GET", f"{QUERY}/{task_id}").status_code == 400
    assert box.charged() == 40 * CENT


def test_callbacks_use_the_words_of_v2(slow_box: Any, receiver: Any) -> None:
    receiver.answer = lambda got: (200, json.dumps(got).encode())
    task_id = create(slow_box, body(callback_url=receiver.url))
    assert set(receiver.next()) == {"challenge"}
    slow_box.until(lambda: not receiver.got.empty(), looks=20)
    assert receiver.next()["task"]["status"] == "running"
    slow_box.until(lambda: not receiver.got.empty(), looks=20)
    last = receiver.next()["task"]
    assert (last["id"], last["status"]) == (task_id, "succeeded")


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        (CREATE, body()),
        ("/v1/video_generation", {"model": "MiniMax-Hailuo-2.3", "prompt": "a lighthouse"}),
    ],
)
def test_a_challenge_not_answered_within_3_s_ends_the_callbacks(
    slow_box: Any, receiver: Any, path: str, request_: dict[str, Any]
) -> None:
    late = threading.Event()
    receiver.answer = lambda got: (200, json.dumps(got).encode()) if late.wait(30) else (500, b"")
    task_id = slow_box.call("minimax", "POST", path, {**request_, "callback_url": receiver.url}).json()[
        "task_id"
    ]

    def rows() -> list[dict[str, Any]]:
        return [row for row in slow_box.control("GET", "journal")["webhooks"] if row["task_id"] == task_id]

    begun = time.monotonic()
    slow_box.soon(rows)
    assert 2.5 < time.monotonic() - begun < 10
    assert "timed out" in rows()[0]["problem"]
    late.set()
    receiver.next()
    slow_box.advance(3600)
    assert len(rows()) == 1
    assert receiver.got.empty()


# --- money -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "price"),
    [
        (body(), "0.40"),
        (body(duration=8, resolution="2K"), "1.04"),
        (body(model="MiniMax-H3-Max", resolution="480P"), "0.25"),
        (body(TEXT, *[image("reference_image")] * 5), "0.40"),
        (body(TEXT, *[image("reference_image")] * 7), "0.48"),
        (body(TEXT, *[image("reference_image")] * 3, model="MiniMax-H3-Max"), "0.474"),
        (body(TEXT, film()), "0.80"),
        (body(TEXT, film(), resolution="2K"), "1.30"),
        (body(TEXT, image("reference_image"), audio()), "0.40"),
        (body(model="MiniMax-H3-Lite"), "0"),
    ],
)
def test_prices_by_second_and_reference(box: Any, request_: dict[str, Any], price: str) -> None:
    finished(box, request_)
    assert box.charged() == int(Decimal(price) * 10**9)
