"""Speech to text: what the sandbox said itself, in four shapes, and the errors with a status."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.sandbox.hearable import SAY, SPEECH, TEXT, VOICE, events, recording

PATH = "/v1/speech_to_text"


def hear(
    box: Any,
    data: bytes,
    name: str = "said.mp3",
    *,
    fault: str | None = None,
    key: str | None = "",
    **form: str,
) -> httpx.Response:
    """Send a recording."""
    options: dict[str, Any] = {"fault": fault} if fault else {}
    if key != "":
        options["key"] = key
    body = {"model": "asr-1.0", **form}
    headers = {"language": "en-US"}
    return box.call(
        "minimax", "POST", PATH, data=body, files={"file": (name, data)}, headers=headers, **options
    )


@pytest.fixture
def said(box: Any) -> bytes:
    """Speech that the sandbox made."""
    return bytes.fromhex(box.minimax(SPEECH, SAY)["data"]["audio"])


def test_own_speech_is_recognised_to_the_letter(box: Any, said: bytes) -> None:
    before = box.charged()
    reply = hear(box, said)
    body = reply.json()
    assert reply.status_code == 200
    assert set(body) == {"text", "duration", "trace_id"}
    assert body["text"] == TEXT
    assert box.charged() - before == pytest.approx(body["duration"] * 380_000_000 / 3600, abs=60)


def test_other_speech_is_not_guessed(box: Any) -> None:
    assert "recognises only" in hear(box, recording(1), "a.wav").json()["text"]


def test_the_whole_of_a_stream_is_recognised(box: Any) -> None:
    found = events(box.call("minimax", "POST", SPEECH, {**SAY, "stream": True}))
    for data in (found[-1]["data"]["audio"], "".join(event["data"]["audio"] for event in found[:-1])):
        assert hear(box, bytes.fromhex(data)).json()["text"] == TEXT


@pytest.mark.parametrize(("level", "count"), [("sentence", 3), ("word", 10)])
def test_segments_have_times_and_speakers(box: Any, said: bytes, level: str, count: int) -> None:
    body = hear(box, said, response_format="verbose_json", timestamp_level=level).json()
    assert body["n_speakers"] == 1
    assert len(body["segments"]) == count
    assert set(body["segments"][0]) == {"id", "start", "end", "speaker", "text"}
    ends = [segment["end"] for segment in body["segments"]]
    assert ends == sorted(ends)
    assert ends[-1] <= body["duration"] + 0.05


def test_subtitles(box: Any, said: bytes) -> None:
    srt, vtt = (hear(box, said, response_format=shape).text for shape in ("srt", "vtt"))
    assert srt.startswith("1\n00:00:00,000 --> 00:00:0")
    assert srt.count(" --> ") == vtt.count(" --> ") == 3
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> ")
    assert "I am very well." in srt


def test_a_stream_of_sentences(box: Any, said: bytes) -> None:
    found = events(hear(box, said, stream="true"))
    assert [event["index"] for event in found] == list(range(4))
    assert [event["finish"] for event in found] == [False] * 3 + [True]
    assert found[0]["delta"] == "Hello there."
    assert found[-1]["duration"] > 1


@pytest.mark.parametrize(
    ("change", "status", "kind", "word"),
    [
        ({"model": "asr-2"}, 400, "bad_request_error", "model"),
        ({"response_format": "text"}, 400, "bad_request_error", "response_format"),
        ({"timestamp_level": "letter"}, 400, "bad_request_error", "timestamp_level"),
        ({"name": "a.txt"}, 400, "bad_request_error", "file"),
        ({"data": b"RIFF"}, 400, "bad_request_error", "decoded"),
        ({"data": recording(501), "name": "a.wav"}, 400, "bad_request_error", "500 seconds"),
        ({"data": bytes(50 * 2**20 + 1)}, 413, "invalid_request_error", "50 MB"),
        ({"key": None}, 401, "authorized_error", "(1004)"),
        ({"key": "wrong"}, 401, "authorized_error", "(2049)"),
        ({"fault": "balance"}, 402, "insufficient_balance_error", "(1008)"),
        ({"fault": "code:1002"}, 429, "rate_limit_error", "(1002)"),
        ({"fault": "fail"}, 500, "server_error", "(1013)"),
    ],
)
def test_errors_have_a_status(
    box: Any, said: bytes, change: dict[str, Any], status: int, kind: str, word: str
) -> None:
    before = box.charged()
    reply = hear(box, **{"data": said, **change})
    body = reply.json()
    assert reply.status_code == status
    assert (body["type"], body["error"]["type"], body["error"]["http_code"]) == ("error", kind, str(status))
    assert word in body["error"]["message"]
    assert box.charged() == before


def test_a_body_that_is_not_multipart_is_400(box: Any) -> None:
    reply = box.call("minimax", "POST", PATH, {"model": "asr-1.0"})
    assert reply.status_code == 400
    assert "multipart" in json.dumps(reply.json())


# --- the flat dialect of a product document ----------------------------------------------------------

FLAT = {
    "model": "speech-2.8-hd", "text": TEXT, "voice": "English_Warm_Bestie", "emotion": "neutral",
    "rate": 1.0, "volume": 1.0, "pitch": 1.0, "output_format": "wav",
}  # fmt: skip
FLAT_PATHS = ["/speech/speech_t2a_input", "/v1/speech/speech_t2a_input"]


@pytest.mark.parametrize("path", FLAT_PATHS)
def test_the_documents_path_is_a_404_as_in_life(box: Any, path: str) -> None:
    reply = box.call("minimax", "POST", path, FLAT)
    assert (reply.status_code, reply.text) == (404, "404 page not found")


@pytest.mark.parametrize("path", FLAT_PATHS)
def test_switched_on_the_documents_path_speaks(box: Any, path: str) -> None:
    box.control("POST", "settings", {"product_dialects": True})
    reply = box.minimax(path, FLAT)
    assert bytes.fromhex(reply["data"]["audio"])[:4] == b"RIFF"
    native = {"voice_id": "Chinese (Mandarin)_Warm_Bestie"}
    same = box.minimax(SPEECH, {**SAY, "voice_setting": native, "audio_setting": {"format": "wav"}})
    assert same["data"]["audio"] == reply["data"]["audio"]
    assert box.journal()[-2]["ignored"] == []
    higher = box.minimax(path, {**FLAT, "pitch": 1.5, "voice": VOICE, "emotion": "happy", "rate": 1.5})
    assert higher["extra_info"]["audio_length"] < reply["extra_info"]["audio_length"]
    for change in ({"voice": None}, {"emotion": "calm"}, {"rate": 3}, {"output_format": "hex"}):
        assert box.code(path, {**FLAT, **change}) == 2013


FLAT_CLONE = {"audio_url": "https://sample.example/voice.wav", "clone_name": "my_voice"}


def test_the_documents_clone_is_refused_as_in_life(box: Any) -> None:
    assert box.minimax("/v1/voice_clone", FLAT_CLONE)["base_resp"] == {
        "status_code": 2013, "status_msg": "invalid params, file_id: required",
    }  # fmt: skip


def test_switched_on_the_documents_clone_is_a_voice(box: Any) -> None:
    box.control("POST", "settings", {"product_dialects": True})
    assert box.minimax("/v1/voice_clone", FLAT_CLONE)["base_resp"]["status_code"] == 0
    assert box.charged() == 0
    assert box.code(SPEECH, {**SAY, "voice_setting": {"voice_id": "my_voice"}}) == 0
    assert box.charged() >= 1_500_000_000, "the fee falls at the first use"
    for change in (
        {"clone_name": "my_voice"},
        {"clone_name": "1"},
        {"audio_url": "voice.wav"},
        {"clone_name": None},
    ):
        assert box.code("/v1/voice_clone", {**FLAT_CLONE, **change}) in (2013, 2039)
    native = {"file_id": 1, "voice_id": "another-voice1"}
    assert box.code("/v1/voice_clone", native) == 2013, "the other form is still there"
