"""What Pixazo and APIXO do beyond the vectors."""

from __future__ import annotations

import base64
import io
import json
import wave
from typing import Any

import pytest
from PIL import Image

MUSIC = "/minimax-music-generation-2-6/v1/generate"
DESIGN = "/minimax-voice-design-api-363/v1/minimax-voice-design-api-request"
LEGACY = f"{DESIGN}-result"
T2I, I2I = "/image-generation/v1/t2i", "/image-generation/v1/i2i"
STATUS = "/v2/requests/status/"
VOICE = "/api/v1/generateTask/minimax-voice"
TASK = "/api/v1/statusTask/minimax-voice?taskId="
PREVIEW = {"prompt": "a bubbly girl", "preview_text": "Oh my gosh, hi."}
CLONE = {"mode": "clone", "voice_id_prefix": "warm001", "audio_urls": ["https://a.example/reference.wav"]}


def png(form: str = "PNG") -> str:
    """Return a small picture as base64."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, form)
    return base64.b64encode(buffer.getvalue()).decode()


def design(**changes: Any) -> dict[str, Any]:
    """Return a design request of APIXO."""
    text = {"mode": "design", "voice_id_prefix": "warm001", "prompt": "warm", "preview_text": "Hello."}
    return {"request_type": "async", "input": {**text, **changes}}


# --- Pixazo ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", MUSIC), ("POST", "/minimax-voice-design-api-request"), ("POST", f"{STATUS}x"), ("GET", "/")],
)
def test_pixazo_unknown_path_or_method(box: Any, method: str, path: str) -> None:
    reply = box.call("pixazo", method, path)
    assert (reply.status_code, reply.json()) == (404, {"error": "Endpoint not found"})


@pytest.mark.parametrize("path", [MUSIC, T2I])
def test_pixazo_takes_its_own_header_only(box: Any, path: str) -> None:
    headers = {"Authorization": f"Bearer {box.keys['pixazo']}"}
    reply = box.call("pixazo", "POST", path, {"prompt": "a"}, key=None, headers=headers)
    words = {"error": "Unauthorized", "message": "Invalid or missing subscription key"}
    assert (reply.status_code, reply.json()) == (401, words)


def test_pixazo_ids_of_others_are_unknown(box: Any) -> None:
    request_id = box.call("pixazo", "POST", MUSIC, {"prompt": "a"}).json()["request_id"]
    for key in (box.keys["pixazo"], box.running.key["pixazo"]):
        wanted = request_id if key != box.keys["pixazo"] else "nothing_019d"
        reply = box.call("pixazo", "GET", STATUS + wanted, key=key)
        words = {"error": "Not Found", "message": f"Request '{wanted}' not found"}
        assert (reply.status_code, reply.json()) == (404, words)


def test_pixazo_states_follow_the_clock_alone(slow_box: Any) -> None:
    box = slow_box
    submitted = box.call("pixazo", "POST", MUSIC, {"prompt": "a", "format": "wav"}).json()
    seen: list[dict[str, Any]] = []

    def look() -> bool:
        seen.append(box.call("pixazo", "GET", STATUS + submitted["request_id"]).json())
        return seen[-1]["status"] == "COMPLETED"

    box.until(look)
    assert list(dict.fromkeys(body["status"] for body in seen)) == ["QUEUED", "PROCESSING", "COMPLETED"]
    assert all(body["output"] is None and body["error"] is None for body in seen[:-1])
    assert seen[-1]["output"]["media_type"] == "audio/wav"
    assert seen[-1]["output"]["media_url"][0].endswith("/output.wav")
    assert box.call("pixazo", "GET", STATUS + submitted["request_id"]).json() == seen[-1]


def test_pixazo_media_is_what_it_is_declared_to_be(box: Any) -> None:
    request_id = box.call("pixazo", "POST", DESIGN, PREVIEW).json()["request_id"]
    box.advance(3600)
    output = box.call("pixazo", "GET", STATUS + request_id).json()["output"]
    reply = box.http.get(output["media_url"][0])
    assert reply.headers["content-type"] == output["media_type"] == "audio/wav"
    with wave.open(io.BytesIO(reply.content)) as file:
        assert file.getframerate() == 24_000
    box.advance(86_401)
    assert box.http.get(output["media_url"][0]).status_code == 404


def test_pixazo_legacy_status_tells_a_current_task_in_its_own_words(slow_box: Any) -> None:
    box = slow_box
    request_id = box.call("pixazo", "POST", DESIGN, PREVIEW).json()["request_id"]
    seen: list[dict[str, Any]] = []

    def look() -> bool:
        seen.append(box.call("pixazo", "POST", LEGACY, {"request_id": request_id}).json())
        return seen[-1]["status"] == "COMPLETED"

    box.advance(1)
    look()
    while not look():
        box.advance(1)
    assert list(dict.fromkeys(body["status"] for body in seen)) == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    waits = [body["estimated_completion_time"] for body in seen if body["status"] == "IN_PROGRESS"]
    assert waits == sorted(waits, reverse=True)
    audio = seen[-1]["audio"]
    assert audio["voice_profile"] == PREVIEW["prompt"]
    assert audio["url"].endswith(f"/voices/{request_id}.wav")
    with wave.open(io.BytesIO(box.http.get(audio["url"]).content)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(audio["duration_seconds"], abs=0.06)


def test_pixazo_legacy_failure_has_an_error_message(box: Any) -> None:
    request_id = box.call("pixazo", "POST", DESIGN, PREVIEW, fault="fail").json()["request_id"]
    box.advance(3600)
    body = box.call("pixazo", "POST", LEGACY, {"request_id": request_id}).json()
    assert set(body) == {"status", "request_id", "error_message"}
    assert body["status"] == "FAILED"


@pytest.mark.parametrize(
    "body", [{"request_id": "unknown"}, {"request_id": "minimax-music-generation-2-6_019d"}]
)
def test_pixazo_legacy_unknown_id(box: Any, body: dict[str, str]) -> None:
    reply = box.call("pixazo", "POST", LEGACY, body)
    assert (reply.status_code, reply.json()) == (404, {"error": "Endpoint not found"})


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (MUSIC, {"prompt": "a" * 2001}, "prompt"),
        (MUSIC, {"prompt": "a", "lyrics": ""}, "lyrics"),
        (MUSIC, {"prompt": "a", "lyrics": "b" * 3501}, "lyrics"),
        (MUSIC, {"prompt": "a", "sample_rate": "44100"}, "sample_rate"),
        (MUSIC, {"prompt": "a", "sample_rate": 48_000}, "sample_rate"),
        (MUSIC, {"prompt": "a", "bitrate": 1}, "bitrate"),
        (MUSIC, {"prompt": "a", "format": "flac"}, "format"),
        (MUSIC, {"prompt": "a", "is_instrumental": "true"}, "is_instrumental"),
        (DESIGN, {"prompt": " ", "preview_text": "x"}, "prompt"),
        (DESIGN, {"prompt": "x", "preview_text": ""}, "preview_text"),
        (T2I, {"prompt": "a", "model": "image-02"}, "model"),
        (T2I, {"prompt": "a", "n": 10}, "n"),
        (T2I, {"prompt": "a", "width": 516, "height": 512}, "width"),
        (T2I, {"prompt": "a", "aspect_ratio": "5:4"}, "aspect_ratio"),
        (I2I, {"prompt": "a"}, "subject_reference"),
        (I2I, {"prompt": "a", "subject_reference": ["x"]}, "subject_reference[0]"),
        (I2I, {"prompt": "a", "subject_reference": [{"image_file": png()}]}, "subject_reference[0].type"),
        (I2I, {"prompt": "a", "subject_reference": [{"type": "a", "image_file": png("GIF")}]}, "subject_reference[0]"),
    ],
)  # fmt: skip
def test_pixazo_rules(box: Any, path: str, body: dict[str, Any], field: str) -> None:
    reply = box.call("pixazo", "POST", path, body)
    assert reply.status_code == 400
    assert reply.json()["error"] == "Bad Request"
    assert reply.json()["message"].startswith(field)
    assert box.charged() == 0


def test_pixazo_takes_references_as_base64_and_data_uris(box: Any) -> None:
    references = [
        {"type": "character", "image_file": png()},
        {"type": "object", "image_file": f"data:image/jpeg;base64,{png('JPEG')}"},
    ]
    reply = box.call("pixazo", "POST", I2I, {"prompt": "a" * 3000, "subject_reference": references})
    assert reply.status_code == 200
    assert set(reply.json()) == {"id", "image_urls", "image_count"}


def test_pixazo_a_sensitive_image_is_a_200_with_a_code_and_is_free(box: Any) -> None:
    reply = box.call("pixazo", "POST", T2I, {"prompt": "forbidden-content", "n": 2})
    assert reply.status_code == 200
    assert reply.json()["base_resp"] == {"status_code": 1026, "status_msg": "input new_sensitive"}
    assert (reply.json()["image_urls"], reply.json()["metadata"]["failed_count"]) == ([], "2")
    assert box.charged() == 0


def test_pixazo_upstream_errors_have_a_status_in_the_body(box: Any) -> None:
    reply = box.call("pixazo", "POST", T2I, {"prompt": "a"}, fault="after-502")
    assert reply.json() == {"error": "Failed to reach upstream API", "status": 502}


# --- APIXO -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Token x"}, {"Authorization": "Bearer wrong"}])
def test_apixo_wrong_key_or_scheme(box: Any, headers: dict[str, str]) -> None:
    reply = box.call("apixo", "POST", VOICE, design(), key=None, headers=headers)
    assert (reply.status_code, reply.json()) == (401, {"code": 401, "message": "Invalid or missing API key"})


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("POST", "/api/v1/generateTask/no-such-model", "Model not found"),
        ("GET", f"{TASK}task_0", "Task not found"),
        ("GET", "/api/v1/nothing", "Not found"),
    ],
)
def test_apixo_not_found(box: Any, method: str, path: str, message: str) -> None:
    reply = box.call("apixo", method, path)
    assert (reply.status_code, reply.json()) == (404, {"code": 404, "message": message})


def test_apixo_a_task_is_known_by_its_owner_and_model_path(box: Any) -> None:
    task_id = box.call("apixo", "POST", VOICE, design()).json()["data"]["taskId"]
    assert box.call("apixo", "GET", TASK + task_id).status_code == 200
    assert box.call("apixo", "GET", f"/api/v1/statusTask/hailuo-2-3?taskId={task_id}").status_code == 404
    assert box.call("apixo", "GET", TASK + task_id, key=box.running.key["apixo"]).status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Missing required field: input"),
        ({"input": {}}, "Missing required field: input.mode"),
        ({"input": {"mode": "sing"}}, "input.mode: must be one of design, clone"),
        ({"input": {"mode": "design"}}, "Missing required field: input.voice_id_prefix"),
        (design(prompt=None), "Missing required field: input.prompt"),
        (design(preview_text=None), "Missing required field: input.preview_text"),
        (design(preview_text=""), "input.preview_text: length must be 1-500 characters"),
        (design(preview_text="a" * 501), "input.preview_text: length must be 1-500 characters"),
        ({"request_type": "sync", "input": {}}, "request_type: must be one of async, callback"),
        ({**design(), "request_type": "callback"}, "Missing required field: callback_url"),
        ({"input": {**CLONE, "audio_urls": None}}, "Missing required field: input.audio_urls"),
        ({"input": {**CLONE, "accuracy": 1.01}}, "input.accuracy: must be in [0, 1]"),
        (
            {"input": {**CLONE, "preview_text": "a" * 2001}},
            "input.preview_text: length must be 1-2000 characters",
        ),
        (
            {"input": {**CLONE, "need_volume_normalization": 1}},
            "input.need_volume_normalization: must be boolean",
        ),
    ],
)
def test_apixo_rules(box: Any, body: dict[str, Any], error: str) -> None:
    reply = box.call("apixo", "POST", VOICE, body)
    assert (reply.status_code, reply.json()) == (
        400,
        {"code": 400, "message": "Invalid request", "data": {"error": error}},
    )
    assert box.charged() == 0


def test_apixo_a_language_out_of_the_list_is_refused(box: Any) -> None:
    for language, status in (("Klingon", 400), ("Chinese,Yue", 200), ("auto", 200)):
        body = {"input": {**CLONE, "language_boost": language}}
        assert box.call("apixo", "POST", VOICE, body).status_code == status


def test_apixo_without_a_request_type_and_with_unknown_keys(box: Any) -> None:
    body = {"input": {**design()["input"], "model": "speech-2.8-hd"}, "provider": "auto"}
    assert box.call("apixo", "POST", VOICE, body).json()["data"]["state"] == "processing"
    assert box.journal()[-1]["ignored"] == ["model"]


@pytest.mark.parametrize("word", ["noisy", "silent", "404"])
def test_apixo_bad_recordings_fail_later_and_are_paid(box: Any, word: str) -> None:
    body = {"input": {**CLONE, "audio_urls": [f"https://a.example/{word}.wav"]}}
    submitted = box.call("apixo", "POST", VOICE, body).json()["data"]
    box.advance(3600)
    status = box.call("apixo", "GET", TASK + submitted["taskId"]).json()
    assert (status["code"], status["message"]) == (200, "success")
    assert (status["data"]["state"], status["data"]["failCode"]) == ("failed", "VALIDATION_ERROR")
    assert status["data"]["voice_id"] == submitted["voice_id"]
    assert box.charged() == 500_000_000


@pytest.mark.parametrize(
    ("word", "code"), [("forbidden-content", "CONTENT_VIOLATION"), ("failing-task", "GENERATION_FAILED")]
)
def test_apixo_fail_codes(box: Any, word: str, code: str) -> None:
    task_id = box.call("apixo", "POST", VOICE, design(prompt=word)).json()["data"]["taskId"]
    box.advance(3600)
    assert box.call("apixo", "GET", TASK + task_id).json()["data"]["failCode"] == code


def test_apixo_pending_comes_only_where_switched_on(slow_box: Any) -> None:
    box = slow_box
    task_id = box.call("apixo", "POST", VOICE, design()).json()["data"]["taskId"]
    assert box.call("apixo", "GET", TASK + task_id).json()["data"]["state"] == "processing"
    box.control("POST", "settings", {"apixo_pending": True})
    assert box.call("apixo", "GET", TASK + task_id).json()["data"]["state"] == "pending"


def test_apixo_preview_is_a_string_in_json_and_an_mp3(box: Any) -> None:
    task_id = box.call("apixo", "POST", VOICE, design()).json()["data"]["taskId"]
    box.advance(3600)
    data = box.call("apixo", "GET", TASK + task_id).json()["data"]
    url = json.loads(data["resultJson"])["resultUrls"][0]
    assert box.http.get(url).headers["content-type"] == "audio/mpeg"
    box.advance(86_401)
    assert box.http.get(url).status_code == 404
