"""Speech, music and voices of the MiniMax port."""

from __future__ import annotations

import io
import json
import re
import wave
from typing import Any

import pytest

from tests.sandbox.hearable import recording, upload

SPEECH = "/v1/t2a_v2"
MUSIC = "/v1/music_generation"
VOICE = "English_expressive_narrator"
TEXT = "Hello there. How are you?"
SAY = {"model": "speech-2.8-hd", "text": TEXT, "voice_setting": {"voice_id": VOICE}}
SONG = {"model": "music-2.6", "prompt": "calm piano", "is_instrumental": True}
DESIGN = {"prompt": "a warm, calm woman", "preview_text": "Hello, welcome."}


def clone(box: Any, voice_id: str, seconds: float = 12, **options: Any) -> dict[str, Any]:
    """Upload a recording and clone it; return the reply."""
    file_id = upload(box, recording(seconds))["file"]["file_id"]
    return box.minimax("/v1/voice_clone", {"file_id": file_id, "voice_id": voice_id, **options})


def say(box: Any, voice_id: str) -> int:
    """Speak with a voice; return the code."""
    return box.code(SPEECH, {**SAY, "voice_setting": {"voice_id": voice_id}})


def charges(box: Any) -> list[int]:
    """Return what this test was charged, in order."""
    rows = box.control("GET", "journal")["charges"]
    return [row["amount_nano"] for row in rows if row["key"] == box.name]


# --- speech ------------------------------------------------------------------------------------------


def test_speech_comes_as_hex_with_its_facts(box: Any) -> None:
    reply = box.minimax(SPEECH, SAY)
    assert set(reply) == {"data", "extra_info", "trace_id", "base_resp"}
    assert set(reply["data"]) == {"audio", "status"}
    assert reply["data"]["status"] == 2
    audio = bytes.fromhex(reply["data"]["audio"])
    extra = reply["extra_info"]
    assert extra["audio_size"] == len(audio)
    assert 800 < extra["audio_length"] < 6000
    assert extra["usage_characters"] == len(TEXT)
    assert (extra["audio_sample_rate"], extra["bitrate"], extra["audio_format"], extra["audio_channel"]) == (
        32_000, 128_000, "mp3", 1,
    )  # fmt: skip
    assert audio[:3] == b"ID3" or audio[0] == 0xFF
    assert len(reply["trace_id"]) == 32


def test_speech_at_an_address_is_in_the_same_field_and_lasts_a_day(box: Any) -> None:
    setting = {"format": "wav", "sample_rate": 16_000, "channel": 2}
    reply = box.minimax(SPEECH, {**SAY, "output_format": "url", "audio_setting": setting})
    url = reply["data"]["audio"]
    assert url.endswith(".wav")
    data = box.http.get(url).content
    assert len(data) == reply["extra_info"]["audio_size"]
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels()) == (16_000, 2)
        seconds = file.getnframes() / 16_000
    assert reply["extra_info"]["audio_length"] == pytest.approx(seconds * 1000, abs=2)
    box.advance(86_401)
    assert box.http.get(url).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": "speech-9"}, "model"),
        ({"text": ""}, "text"),
        ({"text": "a" * 10_001}, "text"),
        ({"text": "a <#100#> b"}, "text"),
        ({"text": "a <#0.001#> b"}, "text"),
        ({"text": "a <#1#><#1#> b"}, "text"),
        ({"text": "<#1#> b"}, "text"),
        ({"voice_setting": None}, "voice_setting.voice_id"),
        ({"voice_setting": {"voice_id": VOICE, "speed": 2.1}}, "voice_setting.speed"),
        ({"voice_setting": {"voice_id": VOICE, "vol": 0}}, "voice_setting.vol"),
        ({"voice_setting": {"voice_id": VOICE, "pitch": 1.0}}, "voice_setting.pitch"),
        ({"voice_setting": {"voice_id": VOICE, "pitch": 13}}, "voice_setting.pitch"),
        ({"voice_setting": {"voice_id": VOICE, "emotion": "neutral"}}, "voice_setting.emotion"),
        ({"voice_setting": {"voice_id": VOICE, "emotion": "whisper"}}, "voice_setting.emotion"),
        ({"audio_setting": {"sample_rate": 48_000}}, "audio_setting.sample_rate"),
        ({"audio_setting": {"bitrate": 96_000}}, "audio_setting.bitrate"),
        ({"audio_setting": {"format": "ogg"}}, "audio_setting.format"),
        ({"audio_setting": {"channel": 3}}, "audio_setting.channel"),
        ({"language_boost": "Cantonese"}, "language_boost"),
        ({"output_format": "mp3"}, "output_format"),
        ({"pronunciation_dict": {"tone": "omg/oh my god"}}, "pronunciation_dict.tone"),
        ({"timbre_weights": [{"voice_id": VOICE, "weight": 1}]}, "timbre_weights"),
        (
            {"voice_setting": {}, "timbre_weights": [{"voice_id": VOICE, "weight": 0}]},
            "timbre_weights[0].weight",
        ),
        ({"voice_setting": {}, "timbre_weights": [{"voice_id": VOICE, "weight": 1}] * 5}, "timbre_weights"),
        ({"voice_modify": {"pitch": 101}}, "voice_modify.pitch"),
        ({"voice_modify": {"pitch": 1}, "audio_setting": {"format": "pcm"}}, "voice_modify"),
        ({"subtitle_enable": True, "subtitle_type": "word_streaming"}, "subtitle_type"),
        ({"pronunciation_dict": {"tone": ["omg"]}}, "pronunciation_dict.tone[0]"),
        ({"pronunciation_dict": {"tone": ["omg/"]}}, "pronunciation_dict.tone[0]"),
        ({"voice_modify": {"sound_effects": "echo"}}, "voice_modify.sound_effects"),
        ({"stream": True, "audio_setting": {"format": "wav"}}, "audio_setting.format"),
        ({"stream": True, "voice_modify": {"pitch": 1}, "audio_setting": {"format": "flac"}}, "voice_modify"),
        ({"stream": "true"}, "stream"),
        ({"stream_options": {"exclude_aggregated_audio": 1}}, "stream_options.exclude_aggregated_audio"),
        ({"model": "speech-02-hd", "language_boost": "Tamil"}, "language_boost"),
        ({"voice_setting": {"voice_id": VOICE, "latex_read": "yes"}}, "voice_setting.latex_read"),
        ({"voice_setting": {"voice_id": VOICE, "text_normalization": 1}}, "voice_setting.text_normalization"),
    ],
)
def test_speech_rules(box: Any, change: dict[str, Any], field: str) -> None:
    reply = box.minimax(SPEECH, {**SAY, **change})
    assert reply["data"] is None
    assert reply["base_resp"]["status_code"] == 2013
    assert reply["base_resp"]["status_msg"].startswith(f"invalid params, {field}: ")


@pytest.mark.parametrize(
    "change",
    [
        {"model": "speech-2.6-turbo", "voice_setting": {"voice_id": VOICE, "emotion": "whisper"}},
        {"text": "Wait <#0.5#> now.", "language_boost": "Chinese,Yue"},
        {"voice_setting": {"voice_id": "Cantonese_ProfessionalHost（F)", "speed": 2, "vol": 10, "pitch": -12}},
        {"voice_setting": {"voice_id": "French_Female_News Anchor", "speed": 0.5}},
        {"voice_setting": {}, "timbre_weights": [{"voice_id": v, "weight": 50} for v in (VOICE, "Grinch")]},
        {"voice_modify": {"pitch": -100, "sound_effects": "robotic"}, "audio_setting": {"format": "flac"}},
        {"pronunciation_dict": {"tone": ["omg/oh my god"]}},
    ],
)  # fmt: skip
def test_speech_bounds_are_allowed(box: Any, change: dict[str, Any]) -> None:
    assert box.code(SPEECH, {**SAY, **change}) == 0


@pytest.mark.parametrize(
    "voice_id", ["English_Warm_Bestie", "english_expressive_narrator", "Cantonese_ProfessionalHost (F)"]
)
def test_voice_ids_are_byte_exact_and_unknown_ones_are_2054(box: Any, voice_id: str) -> None:
    reply = box.minimax(SPEECH, {**SAY, "voice_setting": {"voice_id": voice_id}})
    assert reply["base_resp"] == {"status_code": 2054, "status_msg": "voice id not exist"}
    assert box.charged() == 0


def test_invisible_characters_are_1042(box: Any) -> None:
    assert box.code(SPEECH, {**SAY, "text": "abc\u200b\u200b"}) == 1042
    assert box.code(SPEECH, {**SAY, "text": "abcdefghijklmnop\u200b"}) == 0


def test_speech_is_billed_by_character(box: Any) -> None:
    box.minimax(SPEECH, SAY)
    box.minimax(SPEECH, {**SAY, "model": "speech-02-turbo"})
    assert charges(box) == [len(TEXT) * 100_000, len(TEXT) * 60_000]


def test_chinese_characters_count_two_where_switched_on(box: Any) -> None:
    body = {**SAY, "text": "你好 you"}
    assert box.minimax(SPEECH, body)["extra_info"]["usage_characters"] == 6
    box.control("POST", "settings", {"minimax_cjk_double": True})
    assert box.minimax(SPEECH, body)["extra_info"]["usage_characters"] == 8


@pytest.mark.parametrize(
    ("kind", "texts"), [("sentence", ["Hello there.", "How are you?"]), ("word", TEXT.split())]
)
def test_subtitles_are_a_file_of_times(box: Any, kind: str, texts: list[str]) -> None:
    reply = box.minimax(SPEECH, {**SAY, "subtitle_enable": True, "subtitle_type": kind})
    rows = json.loads(box.http.get(reply["data"]["subtitle_file"]).content)
    assert [re.sub(r"\W", "", row["text"]) for row in rows] == [re.sub(r"\W", "", text) for text in texts]
    times = [time for row in rows for time in (row["time_begin"], row["time_end"])]
    assert times == sorted(times)
    assert times[-1] <= reply["extra_info"]["audio_length"] + 50


# --- music -------------------------------------------------------------------------------------------


def test_a_song_comes_with_its_facts(box: Any) -> None:
    reply = box.minimax(
        MUSIC, {**SONG, "audio_setting": {"format": "wav", "sample_rate": 24_000}, "output_format": "url"}
    )
    assert reply["data"]["status"] == 2
    data = box.http.get(reply["data"]["audio"]).content
    extra = reply["extra_info"]
    assert extra["music_size"] == len(data)
    assert extra["music_sample_rate"] == 24_000
    with wave.open(io.BytesIO(data)) as file:
        assert file.getframerate() == 24_000
        assert file.getnchannels() == extra["music_channel"]
        assert file.getnframes() / 24 == pytest.approx(extra["music_duration"], abs=2)
    assert charges(box) == [150_000_000]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": "music-9", "prompt": "a"}, "model"),
        ({"model": "music-2.6", "prompt": "a"}, "lyrics"),
        ({"model": "music-2.6", "is_instrumental": True}, "prompt"),
        ({"model": "music-2.6", "lyrics_optimizer": True}, "prompt"),
        ({"model": "music-2.6", "prompt": "a" * 2001, "is_instrumental": True}, "prompt"),
        ({"model": "music-2.6", "prompt": "a", "lyrics": "b" * 3501}, "lyrics"),
        ({"model": "music-2.0", "prompt": "a", "is_instrumental": True}, "is_instrumental"),
        ({**SONG, "audio_setting": {"sample_rate": 22_050}}, "audio_setting.sample_rate"),
        ({**SONG, "audio_setting": {"format": "flac"}}, "audio_setting.format"),
    ],
)
def test_music_rules(box: Any, body: dict[str, Any], field: str) -> None:
    answer = box.minimax(MUSIC, body)["base_resp"]
    assert answer["status_code"] == 2013
    assert answer["status_msg"].startswith(f"invalid params, {field}: ")


# --- voices ------------------------------------------------------------------------------------------


def test_a_designed_voice_speaks_and_is_paid_for_and_listed_at_first_use(box: Any) -> None:
    reply = box.minimax("/v1/voice_design", DESIGN)
    assert set(reply) == {"voice_id", "trial_audio", "base_resp"}
    voice_id = reply["voice_id"]
    assert re.fullmatch(r"ttv-voice-\d{16}-[A-Za-z0-9]{8}", voice_id)
    assert len(bytes.fromhex(reply["trial_audio"])) > 2000
    assert box.minimax("/v1/get_voice", {"voice_type": "voice_generation"})["voice_generation"] == []
    assert say(box, voice_id) == 0
    assert say(box, voice_id) == 0
    preview, speech = len(DESIGN["preview_text"]) * 60_000, len(TEXT) * 100_000
    assert charges(box) == [preview, 3_000_000_000 + speech, speech]
    listed = box.minimax("/v1/get_voice", {"voice_type": "all"})
    assert [voice["voice_id"] for voice in listed["voice_generation"]] == [voice_id]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", listed["voice_generation"][0]["created_time"])


def test_a_cloned_voice_speaks_with_the_fee_at_first_use(box: Any) -> None:
    reply = clone(box, "my-clone-01")
    assert reply["demo_audio"] == ""
    assert (reply["input_sensitive"], reply["input_sensitive_type"]) == (False, 0)
    assert "voice_id" not in reply
    assert charges(box) == []
    assert say(box, "my-clone-01") == 0
    assert charges(box) == [1_500_000_000 + len(TEXT) * 100_000]
    listed = box.minimax("/v1/get_voice", {"voice_type": "voice_cloning"})["voice_cloning"]
    assert [voice["voice_id"] for voice in listed] == ["my-clone-01"]


def test_a_clones_preview_is_billed_and_served(box: Any) -> None:
    reply = clone(box, "my-clone-02", text="Hello again.", model="speech-02-hd")
    assert reply["extra_info"]["usage_characters"] == 12
    assert box.http.get(reply["demo_audio"]).headers["content-type"] == "audio/mpeg"
    assert charges(box) == [1_200_000]


@pytest.mark.parametrize(("seconds", "code"), [(9, 2037), (301, 2037), (10.5, 0)])
def test_the_length_of_a_recording_is_checked(box: Any, seconds: float, code: int) -> None:
    assert clone(box, "long-enough-1", seconds)["base_resp"]["status_code"] == code


def test_an_unusable_recording_is_1000(box: Any) -> None:
    file_id = upload(box, b"not audio at all")["file"]["file_id"]
    assert box.code("/v1/voice_clone", {"file_id": file_id, "voice_id": "noise-0001"}) == 1000


def test_a_prompt_recording_must_be_shorter_than_eight_seconds(box: Any) -> None:
    for number, (seconds, code) in enumerate([(8.1, 2048), (4, 0)]):
        prompt = upload(box, recording(seconds), "prompt_audio")["file"]["file_id"]
        part = {"prompt_audio": prompt, "prompt_text": "Hello."}
        assert clone(box, f"with-prompt-{number}", clone_prompt=part)["base_resp"]["status_code"] == code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"voice_id": "short01"}, "voice_id"),
        ({"voice_id": "1starts-with-digit"}, "voice_id"),
        ({"voice_id": "ends-with-dash-"}, "voice_id"),
        ({"voice_id": "has space in it"}, "voice_id"),
        ({"voice_id": "a" * 257}, "voice_id"),
        ({"voice_id": None}, "voice_id"),
        ({"file_id": "123"}, "file_id"),
        ({"file_id": 123}, "file_id"),
        ({"text": "Hello."}, "model"),
        ({"text": "a" * 1001, "model": "speech-02-hd"}, "text"),
        ({"accuracy": 1.5}, "accuracy"),
        ({"need_noise_reduction": "true"}, "need_noise_reduction"),
        ({"clone_prompt": {"prompt_text": "Hi."}}, "clone_prompt.prompt_audio"),
        ({"clone_prompt": {"prompt_audio": 1, "prompt_text": "no end"}}, "clone_prompt.prompt_text"),
    ],
)
def test_clone_rules(box: Any, change: dict[str, Any], field: str) -> None:
    file_id = upload(box, recording(1))["file"]["file_id"]
    answer = box.minimax("/v1/voice_clone", {"file_id": file_id, "voice_id": "a-good-voice-id", **change})[
        "base_resp"
    ]
    assert answer["status_code"] == 2013
    assert answer["status_msg"].startswith(f"invalid params, {field}: ")


def test_an_id_is_used_once_even_after_it_was_deleted(box: Any) -> None:
    assert clone(box, "taken-voice-1")["base_resp"]["status_code"] == 0
    assert clone(box, "taken-voice-1")["base_resp"]["status_code"] == 2039
    body = {"voice_type": "voice_cloning", "voice_id": "taken-voice-1"}
    assert box.minimax("/v1/delete_voice", body)["voice_id"] == "taken-voice-1"
    assert say(box, "taken-voice-1") == 2054
    assert box.code("/v1/delete_voice", body) == 2013
    assert clone(box, "taken-voice-1")["base_resp"]["status_code"] == 2039
    assert box.code("/v1/voice_design", {**DESIGN, "voice_id": "taken-voice-1"}) == 2039


def test_a_voice_that_never_spoke_is_gone_after_seven_days(box: Any) -> None:
    clone(box, "silent-voice-1")
    clone(box, "spoken-voice-1")
    say(box, "spoken-voice-1")
    box.advance(7 * 86_400 + 1)
    assert say(box, "silent-voice-1") == 2054
    assert say(box, "spoken-voice-1") == 0


def test_voices_belong_to_their_account(box: Any) -> None:
    clone(box, "private-voice-1")
    body = {**SAY, "voice_setting": {"voice_id": "private-voice-1"}}
    assert box.code(SPEECH, body, key=box.running.key["minimax"]) == 2054


def test_designed_voices_sound_apart(box: Any) -> None:
    prompts = ["a warm, calm woman", "a gruff old man"]
    tries = [
        box.minimax("/v1/voice_design", {**DESIGN, "prompt": prompt})["trial_audio"] for prompt in prompts
    ]
    assert tries[0] != tries[1]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompt": None}, "prompt"),
        ({"preview_text": None}, "preview_text"),
        ({"preview_text": "a" * 501}, "preview_text"),
        ({"voice_id": "short"}, "voice_id"),
    ],
)
def test_design_rules(box: Any, change: dict[str, Any], field: str) -> None:
    answer = box.minimax("/v1/voice_design", {**DESIGN, **change})["base_resp"]
    assert (answer["status_code"], answer["status_msg"].split(", ")[1].split(":")[0]) == (2013, field)


def test_system_voices_are_all_listed(box: Any) -> None:
    voices = box.minimax("/v1/get_voice", {"voice_type": "system"})["system_voice"]
    ids = [voice["voice_id"] for voice in voices]
    assert len(ids) == len(set(ids)) > 300
    assert {VOICE, "Cantonese_ProfessionalHost（F)", "French_Female_News Anchor"} <= set(ids)
    assert set(voices[0]) == {"voice_id", "voice_name", "description"}
    assert box.code("/v1/get_voice", {"voice_type": "mine"}) == 2013
