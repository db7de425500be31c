"""MiniMax's replies as its documents and real calls show them, with all their quirks."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from minimax_nb.errors import ErrorInfo
from minimax_nb.providers.base import Output, Usage
from tests.contract.minimaxes import (
    CLONE,
    DESIGN,
    IMAGE,
    MINIMAX,
    MUSIC,
    OK,
    POLL,
    SPEECH,
    VIDEO,
    polled,
    submitted,
)
from tests.contract.wires import PIXEL, error, reply

URLS = [f"https://cdn.example.com/{i}.jpeg" for i in range(3)]


@pytest.mark.parametrize(("success", "failed"), [("3", "0"), (3, 0), (None, None)])
def test_image_urls(success: Any, failed: Any) -> None:
    outcome = submitted(
        IMAGE,
        {"id": "03ff3cd0820949eb8a410056b5f21d38", "data": {"image_urls": URLS},
         "metadata": {"success_count": success, "failed_count": failed}, "base_resp": OK},
    )  # fmt: skip
    assert (outcome.state, outcome.charge, outcome.asked, outcome.delivered) == ("succeeded", "charged", 3, 3)
    assert [item.url for item in outcome.outputs] == URLS
    assert {item.expires_in for item in outcome.outputs} == {86_400}
    assert outcome.usage == Usage("image", 3)
    assert outcome.warnings == ()
    assert outcome.facts["seed"] == 7


def test_image_base64() -> None:
    outcome = submitted(
        IMAGE, {"data": {"image_base64": [base64.b64encode(PIXEL).decode()] * 3}, "base_resp": OK}
    )
    assert [item.data for item in outcome.outputs] == [PIXEL] * 3


def test_partial_batch_is_charged_by_what_came() -> None:
    outcome = submitted(
        IMAGE,
        {
            "data": {"image_urls": URLS[:2]},
            "metadata": {"success_count": "2", "failed_count": "1"},
            "base_resp": OK,
        },
    )
    assert (outcome.state, outcome.asked, outcome.delivered) == ("succeeded", 3, 2)
    assert outcome.usage == Usage("image", 2)
    assert "2 of 3 images" in outcome.warnings[0]


def test_a_batch_of_none_is_refused_content_and_costs_nothing() -> None:
    outcome = submitted(
        IMAGE, {"data": None, "metadata": {"success_count": "0", "failed_count": "3"}, "base_resp": OK}
    )
    assert (outcome.state, outcome.charge, error(outcome).category) == (
        "failed",
        "not_charged",
        "content_rejected",
    )


@pytest.mark.parametrize(
    "data", [None, {}, [], {"image_urls": None}, {"image_urls": ["", 5, "ftp://x/y"]}, "x"]
)
def test_accepted_without_images_is_unknown(data: Any) -> None:
    outcome = submitted(IMAGE, {"data": data, "base_resp": OK})
    assert (outcome.state, outcome.charge, error(outcome).category) == ("unknown", "unknown", "protocol")


SPOKEN = {
    "data": {"audio": "494433040000", "subtitle_file": "https://cdn.example.com/s.json", "status": 2},
    "extra_info": {
        "audio_length": 11124, "audio_sample_rate": 32000, "audio_size": 6, "bitrate": 128000, "word_count": 163,
        "invisible_character_ratio": 0, "usage_characters": 163, "audio_format": "mp3", "audio_channel": 1,
    },
    "trace_id": "04ece790375f3ca2edbb44e8c4c200bf",
    "base_resp": OK,
}  # fmt: skip


def test_speech_as_hex() -> None:
    outcome = submitted(SPEECH, SPOKEN)
    audio, captions = outcome.outputs
    assert (outcome.state, outcome.charge) == ("succeeded", "charged")
    assert (audio.role, audio.data, audio.mime) == ("output", bytes.fromhex("494433040000"), "audio/mpeg")
    assert (captions.role, captions.url) == ("subtitle", "https://cdn.example.com/s.json")
    assert outcome.usage == Usage("character", 163)
    assert outcome.facts == {
        "duration_ms": 11124, "sample_rate": 32000, "channels": 1, "bitrate": 128000,
        "trace_id": "04ece790375f3ca2edbb44e8c4c200bf",
    }  # fmt: skip
    assert outcome.warnings == ()


def test_speech_as_url_in_the_same_field() -> None:
    body = {**SPOKEN, "data": {"audio": "https://cdn.example.com/a.mp3?sig=1", "status": 2}}
    (audio,) = submitted(SPEECH, body).outputs
    assert (audio.url, audio.data, audio.expires_in) == ("https://cdn.example.com/a.mp3?sig=1", None, 86_400)


def test_cut_off_audio_is_said() -> None:
    outcome = submitted(SPEECH, {**SPOKEN, "extra_info": {"audio_size": 179926}})
    assert outcome.state == "succeeded"
    assert outcome.warnings == ("the audio is cut off: 6 of 179,926 bytes came",)


@pytest.mark.parametrize("audio", [None, "", "4944334", "not hex", 5, ["49"]])
def test_accepted_without_usable_audio_is_unknown(audio: Any) -> None:
    for request in (SPEECH, MUSIC):
        outcome = submitted(request, {"data": {"audio": audio, "status": 2}, "base_resp": OK})
        assert (outcome.state, error(outcome).category) == ("unknown", "protocol")


def test_numbers_may_come_as_text() -> None:
    body = {
        **SPOKEN,
        "extra_info": {"usage_characters": "163", "audio_length": "11124"},
        "base_resp": {"status_code": "0"},
    }
    outcome = submitted(SPEECH, body)
    assert outcome.usage == Usage("character", 163)
    assert outcome.facts["duration_ms"] == 11124


def test_music() -> None:
    outcome = submitted(
        MUSIC,
        {"data": {"audio": "494433", "status": 2}, "trace_id": "t",
         "extra_info": {"music_duration": 25364, "music_sample_rate": 44100, "music_channel": 2, "bitrate": 256000,
                        "music_size": 3},
         "analysis_info": None, "base_resp": OK},
    )  # fmt: skip
    assert outcome.outputs == (Output(data=b"ID3", mime="audio/mpeg"),)
    assert outcome.facts == {
        "duration_ms": 25364, "sample_rate": 44100, "channels": 2, "bitrate": 256000, "trace_id": "t",
    }  # fmt: skip
    assert outcome.usage == Usage("song", 1)


def test_voice_design() -> None:
    body = {"voice_id": "ttv-voice-2025060717322425-xxxxxxxx", "trial_audio": "494433", "base_resp": OK}
    outcome = submitted(DESIGN, body)
    assert outcome.state == "succeeded"
    assert outcome.outputs == (Output("preview", data=b"ID3", mime="audio/mpeg"),)
    assert outcome.facts["voice_id"] == "ttv-voice-2025060717322425-xxxxxxxx"
    assert outcome.usage == Usage("character", len("Hello, welcome."))
    assert "7 days" in outcome.warnings[0]


def test_a_designed_voice_counts_without_its_sample_and_the_other_way_round() -> None:
    voice = submitted(DESIGN, {"voice_id": "v-1", "trial_audio": "", "base_resp": OK})
    assert (voice.state, voice.outputs, voice.facts["voice_id"]) == ("succeeded", (), "v-1")
    sample = submitted(DESIGN, {"voice_id": "", "trial_audio": "494433", "base_resp": OK})
    assert (sample.state, len(sample.outputs)) == ("succeeded", 1)
    assert "no voice id" in sample.warnings[0]
    assert submitted(DESIGN, {"voice_id": "", "trial_audio": None, "base_resp": OK}).state == "unknown"


@pytest.mark.parametrize(
    ("body", "warned"),
    [
        ({"input_sensitive": {"type": 0}, "demo_audio": ""}, False),
        ({"input_sensitive": False, "input_sensitive_type": 0, "demo_audio": ""}, False),
        ({"input_sensitive": {"type": "2"}, "demo_audio": None}, True),
        ({"input_sensitive": True, "input_sensitive_type": 3}, True),
        ({}, False),
    ],
)
def test_clone_without_a_sample(body: dict[str, Any], warned: bool) -> None:
    outcome = submitted(CLONE, {**body, "base_resp": OK})
    assert (outcome.state, outcome.outputs) == ("succeeded", ())
    assert outcome.facts["voice_id"] == "warm-voice01"
    assert any("sensitive" in text for text in outcome.warnings) is warned


def test_clone_with_a_sample() -> None:
    body = {
        "demo_audio": "https://cdn.example.com/d.mp3",
        "extra_info": {"usage_characters": 13},
        "base_resp": OK,
    }
    outcome = submitted(CLONE, body)
    assert outcome.outputs == (Output("preview", url="https://cdn.example.com/d.mp3", mime="audio/mpeg"),)
    assert outcome.facts["preview_characters"] == 13


def test_a_clone_without_a_verdict_is_unknown() -> None:
    assert submitted(CLONE, {"demo_audio": ""}).state == "unknown"


@pytest.mark.parametrize("file_id", [9007199254740993, "9007199254740993"])
def test_upload_reply(file_id: Any) -> None:
    body = {"file": {"file_id": file_id, "bytes": 1, "purpose": "voice_clone"}, "base_resp": OK}
    assert MINIMAX.parse_upload(reply(body)) == "9007199254740993"


@pytest.mark.parametrize(
    ("body", "status", "category"),
    [
        (
            {"file": None, "base_resp": {"status_code": 2013, "status_msg": "invalid params"}},
            200,
            "invalid_request",
        ),
        ({"file": {"file_id": 0}, "base_resp": OK}, 200, "protocol"),
        (b"oops", 200, "protocol"),
        (b"", 502, "provider_error"),
    ],
)
def test_upload_that_failed(body: Any, status: int, category: str) -> None:
    answer = MINIMAX.parse_upload(reply(body, status))
    assert isinstance(answer, ErrorInfo)
    assert answer.category == category


@pytest.mark.parametrize("task_id", ["106916112212032", 106916112212032])
def test_video_is_queued(task_id: Any) -> None:
    outcome = submitted(VIDEO, {"task_id": task_id, "base_resp": OK}, **{"trace-id": "t1"})
    assert (outcome.state, outcome.task_id, outcome.locator) == ("queued", "106916112212032", POLL)
    assert (outcome.charge, outcome.facts) == ("held", {"trace_id": "t1"})
    call = MINIMAX.poll(outcome.locator or {})
    assert (call.method, call.path, call.query) == ("GET", "/v1/query/video_generation", POLL)


@pytest.mark.parametrize("task_id", ["", None, 0, {}])
def test_accepted_without_a_task_id_is_unknown(task_id: Any) -> None:
    assert submitted(VIDEO, {"task_id": task_id, "base_resp": OK}).state == "unknown"


def test_a_task_id_beside_a_code_is_looked_up_and_never_sent_again() -> None:
    outcome = submitted(
        VIDEO, {"task_id": "5", "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}
    )
    assert (outcome.state, outcome.locator) == ("queued", {"task_id": "5"})
    assert "1002" in outcome.warnings[0]


def test_a_plan_without_the_model() -> None:
    message = "your current token plan not support model, video-01"
    outcome = submitted(VIDEO, {"task_id": "", "base_resp": {"status_code": 2061, "status_msg": message}})
    assert (outcome.state, outcome.charge) == ("rejected", "not_charged")
    assert (error(outcome).code, error(outcome).message, error(outcome).category) == (
        "2061",
        message,
        "model_unavailable",
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Preparing", "queued"), ("Queueing", "queued"), ("Processing", "running"),
        ("processing", "running"), ("PREPARING", "queued"), ("Rendering", "running"),
    ],
)  # fmt: skip
def test_video_words(word: str, state: str) -> None:
    outcome = polled({"task_id": "106916112212032", "status": word, "file_id": "", "base_resp": OK})
    assert (outcome.state, outcome.raw_state, outcome.charge) == (state, word, "held")
    assert outcome.task_id == "106916112212032"
    assert bool(outcome.warnings) is (word == "Rendering")


@pytest.mark.parametrize("file_id", ["176844028768320", 176844028768320])
def test_video_done_is_fetched_by_its_file_id(file_id: Any) -> None:
    outcome = polled(
        {"task_id": "176843862716480", "status": "Success", "file_id": file_id, "video_width": 1920,
         "video_height": 1080, "base_resp": OK}
    )  # fmt: skip
    (output,) = outcome.outputs
    assert (outcome.state, outcome.charge) == ("succeeded", "charged")
    assert (output.file_id, output.url) == ("176844028768320", None)
    assert outcome.facts == {"width": 1920, "height": 1080}
    call = MINIMAX.fetch(output)
    assert (call.method, call.path, call.query) == (
        "GET",
        "/v1/files/retrieve",
        {"file_id": "176844028768320"},
    )


def test_video_done_without_a_file_is_asked_again() -> None:
    outcome = polled({"status": "Success", "file_id": "", "base_resp": OK})
    assert (outcome.state, error(outcome).category) == ("retry", "protocol")


@pytest.mark.parametrize("code", [1026, 1027])
@pytest.mark.parametrize("word", ["Fail", "fail", "Failed", ""])
def test_refused_content_beside_a_code(code: int, word: str) -> None:
    outcome = polled(
        {"status": word, "file_id": "", "base_resp": {"status_code": code, "status_msg": "sensitive"}}
    )
    assert (outcome.state, outcome.charge) == ("failed", "unknown")
    assert (error(outcome).category, error(outcome).code) == ("content_rejected", str(code))


def test_fail_without_a_code() -> None:
    outcome = polled({"status": "Fail", "file_id": "", "base_resp": OK})
    assert (outcome.state, error(outcome).category, error(outcome).code) == ("failed", "provider_error", None)


def test_the_status_counts_also_beside_a_code() -> None:
    assert polled({"status": "Processing", "base_resp": {"status_code": 1002}}).state == "running"
    done = polled({"status": "Success", "file_id": "5", "base_resp": {"status_code": 1000}})
    assert (done.state, done.outputs[0].file_id) == ("succeeded", "5")


def test_an_unknown_task_is_not_found_and_not_failed() -> None:
    outcome = polled(
        {"task_id": "", "status": "", "base_resp": {"status_code": 2013, "status_msg": "invalid params"}}
    )
    assert (outcome.state, error(outcome).category) == ("retry", "not_found")


FILE = {"file_id": 176844028768320, "bytes": 0, "created_at": 1700469398, "filename": "output_aigc.mp4"}


@pytest.mark.parametrize("field", ["download_url", "backup_download_url"])
def test_fetched_url(field: str) -> None:
    output = Output(file_id="176844028768320", mime="video/mp4")
    answer = MINIMAX.parse_fetch(
        output, reply({"file": {**FILE, field: "https://cdn.example.com/v.mp4"}, "base_resp": OK})
    )
    assert answer == Output(url="https://cdn.example.com/v.mp4", mime="video/mp4", expires_in=3600)


@pytest.mark.parametrize(
    ("body", "status", "category"),
    [
        ({"file": FILE, "base_resp": OK}, 200, "protocol"),
        (
            {"file": None, "base_resp": {"status_code": 2013, "status_msg": "invalid params, file_id"}},
            200,
            "not_found",
        ),
        ({"base_resp": {"status_code": 1013, "status_msg": "file expired"}}, 200, "result_expired"),
        ({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}, 200, "auth"),
        (b"404 page not found", 404, "not_found"),
    ],
)
def test_fetch_that_failed(body: Any, status: int, category: str) -> None:
    answer = MINIMAX.parse_fetch(Output(file_id="5"), reply(body, status))
    assert isinstance(answer, ErrorInfo)
    assert answer.category == category
