"""Webhooks as the three providers send them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

MUSIC = "/minimax-music-generation-2-6/v1/generate"
SONG = {"prompt": "calm lo-fi", "is_instrumental": True}
VOICE = "/api/v1/generateTask/minimax-voice"
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SPACED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
VECTORS = {
    vector["id"]: vector
    for line in (Path(__file__).parents[1] / "data" / "vectors.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
    for vector in [json.loads(line)]
}


def submit(box: Any, url: str, **options: Any) -> str:
    """Submit a song with a webhook; return its id."""
    headers = {"X-Webhook-URL": url, **options.pop("headers", {})}
    reply = box.call("pixazo", "POST", MUSIC, options.pop("body", SONG), headers=headers, **options)
    assert reply.status_code == 202, reply.text
    return reply.json()["request_id"]


def design(url: str, prompt: str = "warm") -> dict[str, Any]:
    """Return a callback request of APIXO."""
    text = {"mode": "design", "voice_id_prefix": "warm001", "prompt": prompt, "preview_text": "Hello."}
    return {"request_type": "callback", "callback_url": url, "input": text}


def test_pixazo_terminal_is_one_post_with_mixed_timestamps(slow_box: Any, receiver: Any) -> None:
    request_id = submit(slow_box, receiver.url)
    slow_box.advance(3600)
    got = receiver.next()
    want = VECTORS["P8-01"]["req"]["body"]
    assert set(got) == set(want)
    assert (got["request_id"], got["status"], got["error"]) == (request_id, "COMPLETED", None)
    assert ISO.fullmatch(got["created_at"])
    assert SPACED.fullmatch(got["updated_at"])
    assert SPACED.fullmatch(got["completed_at"])
    assert got["output"]["media_type"] == "audio/mpeg"
    assert got["output"]["media_url"][0].endswith(f"/v1/{request_id}/output.mp3")
    slow_box.advance(3600)
    assert receiver.got.empty()
    status = slow_box.call("pixazo", "GET", f"/v2/requests/status/{request_id}").json()
    assert ISO.fullmatch(status["completed_at"])
    assert status["output"] == got["output"]


def test_pixazo_error_is_delivered_with_timestamps_and_is_free(box: Any, receiver: Any) -> None:
    request_id = submit(box, receiver.url, fault="fail:ERROR")
    box.advance(3600)
    got = receiver.next()
    assert set(got) == set(VECTORS["P8-02"]["req"]["body"])
    assert (got["request_id"], got["status"], got["output"]) == (request_id, "ERROR", None)
    assert box.charged() == 0
    polled = box.call("pixazo", "GET", f"/v2/requests/status/{request_id}").json()
    assert set(polled) == {"request_id", "status", "model_id", "error", "output"}


def test_pixazo_failed_is_charged_unless_switched_off(box: Any, receiver: Any) -> None:
    for charged in (True, False):
        box.control("POST", "settings", {"pixazo_failed_charged": charged})
        submit(box, receiver.url, body={"prompt": "a failing-task"})
        box.advance(3600)
        assert receiver.next()["status"] == "FAILED"
    assert [entry["charged_nano"] for entry in box.journal()] == [150_000_000, 0]


def test_pixazo_sync_mode_tells_every_cycle(slow_box: Any, receiver: Any) -> None:
    submit(slow_box, receiver.url, headers={"X-Webhook-Mode": "sync"})
    seen = [receiver.next()]
    while seen[-1]["status"] in {"QUEUED", "PROCESSING"}:
        slow_box.until(lambda: not receiver.got.empty(), looks=150)
        seen.append(receiver.next())
    assert [seen[0]["status"], seen[-1]["status"]] == ["QUEUED", "COMPLETED"]
    assert "PROCESSING" in {body["status"] for body in seen}
    assert all(body["output"] is None and body["completed_at"] is None for body in seen[:-1])
    assert len(seen) >= 4


def test_duplicates_and_silence_on_demand(box: Any, receiver: Any) -> None:
    twice = submit(box, receiver.url, fault="duplicate")
    box.advance(3600)
    assert receiver.next() == receiver.next()
    submit(box, receiver.url, fault="no-webhook")
    box.advance(3600)
    marker = submit(box, receiver.url)
    box.advance(3600)
    got = receiver.next()
    assert got["request_id"] == marker != twice


@pytest.mark.parametrize("url", ["http://example.com/x", "ftp://127.0.0.1/x", "x"])
def test_pixazo_refuses_plain_http_and_queues_nothing(box: Any, url: str) -> None:
    reply = box.call("pixazo", "POST", MUSIC, SONG, headers={"X-Webhook-URL": url})
    assert reply.status_code == 400
    assert reply.json() == {"error": "Bad Request", "message": "X-Webhook-URL must be an https URL"}
    assert box.charged() == 0


def test_loopback_http_needs_the_switch(box: Any, receiver: Any) -> None:
    box.control("POST", "settings", {"allow_http_webhooks": False})
    reply = box.call("pixazo", "POST", MUSIC, SONG, headers={"X-Webhook-URL": receiver.url})
    assert reply.status_code == 400
    reply = box.call("apixo", "POST", VOICE, design(receiver.url))
    assert reply.json()["data"] == {"error": "callback_url: must be a public HTTPS URL"}


def test_an_unknown_mode_is_refused(box: Any) -> None:
    headers = {"X-Webhook-URL": "https://a.example/x", "X-Webhook-Mode": "always"}
    assert box.call("pixazo", "POST", MUSIC, SONG, headers=headers).status_code == 400


def test_addresses_off_this_machine_are_written_down_and_not_contacted(box: Any) -> None:
    request_id = submit(box, "https://your-server.example/x")
    box.advance(3600)
    row = box.until(
        lambda: [r for r in box.control("GET", "journal")["webhooks"] if r["task_id"] == request_id]
    )[0]
    assert row["status"] is None
    assert "this machine only" in row["problem"]


def test_apixo_calls_back_once_with_the_status_envelope(box: Any, receiver: Any) -> None:
    submitted = box.call("apixo", "POST", VOICE, design(receiver.url)).json()["data"]
    box.advance(3600)
    got = receiver.next()
    want = VECTORS["A4-01"]["req"]["body"]
    assert (set(got), set(got["data"])) == (set(want), set(want["data"]))
    assert got["data"]["voice_id"] == submitted["voice_id"]
    status = box.call("apixo", "GET", f"/api/v1/statusTask/minimax-voice?taskId={submitted['taskId']}").json()
    assert status == got
    assert receiver.got.empty()


def test_apixo_retries_after_30_120_and_600_seconds_and_then_stops(slow_box: Any, receiver: Any) -> None:
    receiver.answer = lambda _: (500, b"")
    box = slow_box
    task_id = box.call("apixo", "POST", VOICE, design(receiver.url)).json()["data"]["taskId"]

    def rows() -> list[dict[str, Any]]:
        return [row for row in box.control("GET", "journal")["webhooks"] if row["task_id"] == task_id]

    box.until(lambda: not receiver.got.empty(), looks=20)
    receiver.next()
    for tries, wait in enumerate((30, 120, 600), start=1):
        box.soon(lambda tries=tries: len(rows()) == tries)
        box.advance(wait - 15)
        assert receiver.got.empty()
        box.advance(16)
        receiver.next()
    box.advance(10_000)
    assert receiver.got.empty()
    status = box.call("apixo", "GET", f"/api/v1/statusTask/minimax-voice?taskId={task_id}").json()
    assert status["data"]["state"] == "success"


def test_apixo_takes_only_200_for_an_answer(slow_box: Any, receiver: Any) -> None:
    receiver.answer = lambda _: (204, b"")
    slow_box.call("apixo", "POST", VOICE, design(receiver.url))
    slow_box.until(lambda: not receiver.got.empty(), looks=20)
    first = receiver.next()
    slow_box.until(lambda: not receiver.got.empty(), looks=20)
    assert receiver.next() == first


def test_apixo_failure_comes_as_code_200(box: Any, receiver: Any) -> None:
    box.call("apixo", "POST", VOICE, design(receiver.url, "a failing-task"))
    box.advance(3600)
    got = receiver.next()
    assert (got["code"], got["message"]) == (200, "success")
    assert (got["data"]["state"], got["data"]["failCode"]) == ("failed", "GENERATION_FAILED")
    assert "voice_type" not in got["data"]
    assert "costTime" not in got["data"]


def test_minimax_challenges_and_then_tells_each_state_in_lower_case(slow_box: Any, receiver: Any) -> None:
    receiver.answer = lambda body: (200, json.dumps({"challenge": body.get("challenge")}).encode())
    body = {"model": "MiniMax-Hailuo-2.3", "prompt": "a lighthouse", "callback_url": receiver.url}
    task_id = slow_box.minimax("/v1/video_generation", body)["task_id"]
    assert set(receiver.next()) == {"challenge"}
    slow_box.until(lambda: not receiver.got.empty(), looks=20)
    first = receiver.next()
    assert (first["task_id"], first["status"], first["file_id"]) == (task_id, "processing", "")
    slow_box.until(lambda: not receiver.got.empty(), looks=20)
    last = receiver.next()
    assert (last["status"], last["base_resp"]["status_code"]) == ("success", 0)
    assert last["file_id"].isdigit()


def test_minimax_tells_nothing_to_a_receiver_that_does_not_echo_the_challenge(
    box: Any, receiver: Any
) -> None:
    body = {"model": "MiniMax-Hailuo-2.3", "prompt": "a lighthouse", "callback_url": receiver.url}
    task_id = box.minimax("/v1/video_generation", body)["task_id"]
    assert set(receiver.next()) == {"challenge"}
    box.advance(3600)
    marker = submit(box, receiver.url)
    box.advance(3600)
    assert receiver.next()["request_id"] == marker
    assert box.minimax(f"/v1/query/video_generation?task_id={task_id}")["status"] == "Success"
