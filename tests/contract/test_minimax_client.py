"""MiniMax's native API: the requests as its documents show them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from minimax_nb.wire import Reply
from tests.contract.minimaxes import (
    ALL,
    CLONE,
    MINIMAX,
    SAMPLE,
    SPEECH,
    VIDEO,
    ask,
)
from tests.contract.wires import PIXEL, wav


def test_the_key_goes_into_the_bearer_header() -> None:
    assert MINIMAX.auth_headers("k") == {"Authorization": "Bearer k"}


def test_image_request() -> None:
    call = MINIMAX.submit(
        ask("image", "a window", aspect_ratio="16:9", n=2, seed=7, response_format="base64"), {}
    )
    assert (call.method, call.path) == ("POST", "/v1/image_generation")
    assert call.body == {
        "model": "image-01", "prompt": "a window", "aspect_ratio": "16:9", "n": 2, "seed": 7,
        "prompt_optimizer": False, "response_format": "base64",
    }  # fmt: skip
    assert call.timeout >= 120


def test_image_style_and_watermark() -> None:
    request = ask(
        "image", "a window", model="image-01-live", style="水彩", style_weight=0.5, aigc_watermark=True
    )
    body = MINIMAX.submit(request, {}).body
    assert body is not None
    assert body["style"] == {"style_type": "水彩", "style_weight": 0.5}
    assert body["aigc_watermark"] is True


def test_image_subject_is_a_text_named_image_file() -> None:
    body = MINIMAX.submit(ask("image", "a girl", subject="https://example.com/face.jpg"), {}).body
    assert body is not None
    assert body["subject_reference"] == [{"type": "character", "image_file": "https://example.com/face.jpg"}]


def test_a_local_image_travels_as_a_data_uri() -> None:
    body = MINIMAX.submit(ask("image", "a girl", subject=PIXEL), {}).body
    assert body is not None
    head, _, payload = body["subject_reference"][0]["image_file"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(payload) == PIXEL


def test_speech_request() -> None:
    request = ask(
        "speech", "omg <#0.5#> hello", model="speech-2.8-turbo", voice="English_Graceful_Lady", speed=1.2,
        volume=2, pitch=-3, emotion="happy", language="English", format="flac", sample_rate=44100, channel=2,
        pronunciation=["omg/oh my god"], subtitle=True, output="url", text_normalization=True,
    )  # fmt: skip
    call = MINIMAX.submit(request, {})
    assert (call.method, call.path) == ("POST", "/v1/t2a_v2")
    assert call.body == {
        "model": "speech-2.8-turbo", "text": "omg <#0.5#> hello", "stream": False,
        "voice_setting": {
            "voice_id": "English_Graceful_Lady", "speed": 1.2, "vol": 2.0, "pitch": -3, "emotion": "happy",
            "text_normalization": True,
        },
        "audio_setting": {"sample_rate": 44100, "format": "flac", "channel": 2},
        "language_boost": "English", "subtitle_enable": True, "output_format": "url",
        "pronunciation_dict": {"tone": ["omg/oh my god"]},
    }  # fmt: skip


def test_pitch_is_an_int_and_bit_rate_goes_with_mp3() -> None:
    body = MINIMAX.submit(SPEECH, {}).body
    assert body is not None
    assert type(body["voice_setting"]["pitch"]) is int
    assert body["audio_setting"] == {"sample_rate": 32000, "bitrate": 128000, "format": "mp3", "channel": 1}


def test_voice_ids_are_sent_byte_for_byte() -> None:
    body = MINIMAX.submit(ask("speech", "早晨", voice="Cantonese_ProfessionalHost（F)"), {}).body
    assert body is not None
    assert body["voice_setting"]["voice_id"] == "Cantonese_ProfessionalHost（F)"


def test_video_from_text() -> None:
    call = MINIMAX.submit(VIDEO, {})
    assert (call.method, call.path) == ("POST", "/v1/video_generation")
    assert call.body == {
        "model": "MiniMax-Hailuo-2.3", "prompt": "[Push in] She turns", "prompt_optimizer": True,
        "duration": 6, "resolution": "768P",
    }  # fmt: skip


def test_video_frames() -> None:
    frame = "https://example.com/a.png"
    body = MINIMAX.submit(ask("video", first_frame=frame, last_frame=frame, duration=10), {}).body
    assert body == {
        "model": "MiniMax-Hailuo-02", "prompt_optimizer": True, "duration": 10, "resolution": "768P",
        "first_frame_image": frame, "last_frame_image": frame,
    }  # fmt: skip


def test_video_subject_is_a_list_and_takes_no_size() -> None:
    body = MINIMAX.submit(ask("video", "she waves", subject="https://example.com/a.png"), {}).body
    assert body == {
        "model": "S2V-01", "prompt": "she waves", "prompt_optimizer": True,
        "subject_reference": [{"type": "character", "image": ["https://example.com/a.png"]}],
    }  # fmt: skip


@pytest.mark.parametrize("model", ["T2V-01", "T2V-01-Director"])
def test_the_01_series_gets_no_size_even_when_asked_for_its_own(model: str) -> None:
    body = MINIMAX.submit(ask("video", "a cat", model=model, duration=6, resolution="720P"), {}).body
    assert body == {"model": model, "prompt": "a cat", "prompt_optimizer": True}


def test_music_request_waits_long_enough() -> None:
    call = MINIMAX.submit(ask("music", "folk", lyrics="[Verse]\nla", model="music-2.6", format="wav"), {})
    assert (call.method, call.path) == ("POST", "/v1/music_generation")
    assert call.body == {
        "model": "music-2.6", "prompt": "folk", "lyrics": "[Verse]\nla", "output_format": "hex",
        "audio_setting": {"sample_rate": 44100, "bitrate": 256000, "format": "wav"},
    }  # fmt: skip
    assert call.timeout >= 600


def test_instrumental_music_sends_no_lyrics() -> None:
    body = MINIMAX.submit(ask("music", "calm", lyrics="[Verse]\nla", instrumental=True), {}).body
    assert body is not None
    assert body["is_instrumental"] is True
    assert "lyrics" not in body


def test_voice_design_request_has_no_model() -> None:
    call = MINIMAX.submit(ask("voice-design", "a warm narrator", preview="Hello.", voice_id="narrator01"), {})
    assert (call.method, call.path) == ("POST", "/v1/voice_design")
    assert call.body == {"prompt": "a warm narrator", "preview_text": "Hello.", "voice_id": "narrator01"}


def test_clone_uploads_then_names_the_files() -> None:
    request = ask(
        "voice-clone", "Hi, it is me.", audio=SAMPLE, prompt_audio=wav(3), prompt_text="One two.",
        voice_id="warm-voice01", noise_reduction=True, accuracy=0.8, text_validation="One two",
    )  # fmt: skip
    first, second = MINIMAX.uploads(request)
    assert [(item.field, item.purpose) for item in (first, second)] == [
        ("audio", "voice_clone"), ("prompt_audio", "prompt_audio"),
    ]  # fmt: skip
    upload = MINIMAX.upload_call(first)
    assert (upload.method, upload.path, upload.form, upload.body) == (
        "POST", "/v1/files/upload", {"purpose": "voice_clone"}, None,
    )  # fmt: skip
    assert upload.files == {"file": ("bytes.wav", SAMPLE, "audio/wav")}
    call = MINIMAX.submit(request, {"audio": "9007199254740993", "prompt_audio": "12"})
    assert (call.method, call.path) == ("POST", "/v1/voice_clone")
    assert call.body == {
        "file_id": 9007199254740993, "voice_id": "warm-voice01", "text": "Hi, it is me.", "model": "speech-2.8-hd",
        "text_validation": "One two", "accuracy": 0.8, "need_noise_reduction": True,
        "clone_prompt": {"prompt_audio": 12, "prompt_text": "One two."},
    }  # fmt: skip


def test_clone_without_a_sample_names_no_model() -> None:
    assert MINIMAX.submit(CLONE, {"audio": "5"}).body == {"file_id": 5, "voice_id": "warm-voice01"}


@pytest.mark.parametrize("kind", sorted(set(ALL) - {"voice-clone", "transcribe"}))
def test_only_clones_upload(kind: str) -> None:
    assert MINIMAX.uploads(ALL[kind]) == ()


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        ("voice-clone", {"audio": SAMPLE}, "--voice-id is missing"),
        (
            "voice-clone",
            {"audio": SAMPLE, "voice_id": "warm-voice01", "voice_prefix": "warm001"},
            "--voice-prefix",
        ),
        ("voice-design", {"prompt": "warm", "preview": "Hi.", "voice_prefix": "warm001"}, "--voice-prefix"),
    ],
)
def test_what_minimax_cannot_do_is_refused_and_named(kind: str, options: dict[str, Any], named: str) -> None:
    request = build(kind, None, options).resolve("minimax")
    with pytest.raises(RequestInvalidError, match=named):
        MINIMAX.check(request)


def test_a_recording_at_a_url_is_for_the_engine_to_fetch() -> None:
    remote = build("voice-clone", None, {"audio": "https://example.com/a.wav", "voice_id": "warm-voice01"})
    MINIMAX.check(remote.resolve("minimax"))
    (upload,) = MINIMAX.uploads(remote)
    assert upload.media.url == "https://example.com/a.wav"
    assert upload.lives == 6 * 86_400  # MiniMax keeps it for 7 days


@pytest.mark.parametrize(
    ("code", "said", "stale"),
    [
        (2013, "invalid params, file_id: no such file", True),
        (2013, "invalid params, prompt_audio is not valid", True),
        (1000, "file expired", False),
        (2038, "the file has expired", True),
        (2013, "invalid params, voice_id", False),
        (2037, "voice duration too short", False),
        (0, "success", False),
    ],
)
def test_a_refusal_that_speaks_of_a_file_says_that_it_is_gone(code: int, said: str, stale: bool) -> None:
    body = json.dumps({"base_resp": {"status_code": code, "status_msg": said}}).encode()
    outcome = MINIMAX.parse_submit(CLONE, Reply(200, {"content-type": "application/json"}, body))
    assert outcome.stale_upload is stale
    assert not stale or (outcome.state, outcome.charge) == ("rejected", "not_charged")


def test_upload_needs_content() -> None:
    remote = build("voice-clone", None, {"audio": "https://example.com/a.wav", "voice_id": "warm-voice01"})
    with pytest.raises(RequestInvalidError, match="does not fetch URLs"):
        MINIMAX.upload_call(MINIMAX.uploads(remote)[0])
