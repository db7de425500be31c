"""Speech as server-sent events: pieces that play, a trailer with the whole, errors on the way."""

from __future__ import annotations

import json
from typing import Any

import httpx
import numpy as np
import pytest

from tests.sandbox.hearable import SAY, SPEECH, TEXT, VOICE, events, samples, seconds

STREAM = {**SAY, "stream": True}


def pieces(found: list[dict[str, Any]]) -> list[bytes]:
    """Return the audio of all but the last event."""
    return [bytes.fromhex(event["data"]["audio"]) for event in found[:-1]]


def test_the_pieces_come_as_lines_and_the_trailer_repeats_the_whole(box: Any) -> None:
    found = events(box.call("minimax", "POST", SPEECH, STREAM))
    assert len(found) > 3
    assert [event["data"]["status"] for event in found] == [1] * (len(found) - 1) + [2]
    assert all("extra_info" not in event for event in found[:-1])
    assert len({event["trace_id"] for event in found}) == 1
    assert found[0]["base_resp"] == {"status_code": 0, "status_msg": ""}
    assert found[-1]["base_resp"] == {"status_code": 0, "status_msg": "success"}
    whole = bytes.fromhex(found[-1]["data"]["audio"])
    joined = b"".join(pieces(found))
    assert whole != joined
    assert np.array_equal(samples(whole)[0], samples(joined)[0])
    extra = found[-1]["extra_info"]
    assert extra["audio_size"] == len(whole)
    assert extra["audio_length"] / 1000 == pytest.approx(seconds(whole), abs=0.1)
    assert extra["usage_characters"] == len(TEXT)
    assert box.charged() == len(TEXT) * 100_000


def test_the_trailer_can_be_left_out(box: Any) -> None:
    body = {**STREAM, "stream_options": {"exclude_aggregated_audio": True}}
    found = events(box.call("minimax", "POST", SPEECH, body))
    assert found[-1]["data"] == {"audio": "", "status": 2}
    assert seconds(b"".join(pieces(found))) > 1


def test_every_piece_of_mp3_begins_with_a_frame_and_plays_alone(box: Any) -> None:
    found = events(box.call("minimax", "POST", SPEECH, {**STREAM, "audio_setting": {"force_cbr": True}}))
    for piece in pieces(found):
        assert piece[0] == 0xFF
        assert seconds(piece) > 0.1


@pytest.mark.parametrize("form", ["pcm", "flac", "pcmu_raw", "pcmu_wav", "opus"])
def test_the_pieces_of_other_formats_join_to_the_whole(box: Any, form: str) -> None:
    body = {**STREAM, "audio_setting": {"format": form, "sample_rate": 16_000}}
    found = events(box.call("minimax", "POST", SPEECH, body))
    joined = b"".join(pieces(found))
    assert joined.hex() == found[-1]["data"]["audio"]
    assert len(found) > 3
    assert seconds(joined, form, 16_000) == pytest.approx(
        found[-1]["extra_info"]["audio_length"] / 1000, abs=0.1
    )


def test_pieces_come_one_after_the_other_at_the_pace_of_the_clock(slow_box: Any) -> None:
    headers = {"Authorization": f"Bearer {slow_box.keys['minimax']}"}
    url = slow_box.running.minimax + SPEECH
    with slow_box.http.stream("POST", url, json=STREAM, headers=headers) as reply:
        lines = (line for line in reply.iter_lines() if line)
        first = json.loads(next(lines).removeprefix("data: "))
        assert first["data"]["status"] == 1
        assert bytes.fromhex(first["data"]["audio"])[0] == 0xFF
        slow_box.advance(60)
        assert json.loads(list(lines)[-1].removeprefix("data: "))["data"]["status"] == 2


def test_an_error_on_the_way_is_an_event(box: Any) -> None:
    found = events(box.call("minimax", "POST", SPEECH, STREAM, fault="mid-code:1013"))
    assert len(found) > 2
    assert "data" not in found[-1]
    assert found[-1]["base_resp"]["status_code"] == 1013
    assert all(event["data"]["status"] == 1 for event in found[:-1])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "forbidden-content"}, 1026),
        ({"text": "failing-task"}, 1013),
        ({"voice_setting": {"voice_id": "nobody"}}, 2054),
        ({"audio_setting": {"format": "wav"}}, 2013),
    ],
)
def test_an_error_before_the_first_piece_is_a_plain_body(box: Any, change: dict[str, Any], code: int) -> None:
    reply = box.call("minimax", "POST", SPEECH, {**STREAM, **change})
    assert reply.headers["content-type"] == "application/json"
    assert reply.json()["base_resp"]["status_code"] == code
    assert box.charged() == 0


def test_a_stream_can_break(box: Any) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        box.call("minimax", "POST", SPEECH, STREAM, fault="truncate:2000")
    entry = box.journal()[-1]
    assert entry["sent_bytes"] == 2000
    assert entry["charged_nano"] == len(TEXT) * 100_000


def test_words_come_with_their_pieces(box: Any) -> None:
    body = {**STREAM, "subtitle_enable": True, "subtitle_type": "word_streaming"}
    found = events(box.call("minimax", "POST", SPEECH, body))
    rows = [row for event in found[:-1] for row in event["data"]["subtitle"]]
    assert [row["text"] for row in rows] == TEXT.replace(".", "").replace("?", "").split()
    assert sum(1 for event in found[:-1] if event["data"]["subtitle"]) > 1
    times = [row["time_begin"] for row in rows]
    assert times == sorted(times)


def test_a_stream_ends_with_its_subtitle_file(box: Any) -> None:
    found = events(box.call("minimax", "POST", SPEECH, {**STREAM, "subtitle_enable": True}))
    rows = box.http.get(found[-1]["data"]["subtitle_file"]).json()
    assert len(rows) == 3
    assert set(rows[0]) == {
        "text", "pronounce_text", "time_begin", "time_end", "text_begin", "text_end",
    }  # fmt: skip


# --- what is heard -----------------------------------------------------------------------------------


def audio(box: Any, **change: Any) -> bytes:
    """Speak; return the file."""
    reply = box.minimax(SPEECH, {**SAY, "audio_setting": {"format": "wav"}, **change})
    assert reply["base_resp"]["status_code"] == 0, reply
    return bytes.fromhex(reply["data"]["audio"])


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 24_000, 32_000, 44_100])
@pytest.mark.parametrize("form", ["mp3", "pcm", "flac", "wav", "pcmu_raw", "pcmu_wav", "opus"])
def test_all_formats_at_all_rates_decode(box: Any, form: str, rate: int) -> None:
    setting = {"format": form, "sample_rate": rate, "channel": 1, "bitrate": 64_000}
    reply = box.minimax(SPEECH, {**SAY, "text": "Hello there.", "audio_setting": setting})
    sound, found, channels = samples(bytes.fromhex(reply["data"]["audio"]), form, rate)
    assert channels == 1
    assert found == (48_000 if form == "opus" else rate)
    assert np.abs(sound).max() > 0
    assert sound.shape[1] / found == pytest.approx(reply["extra_info"]["audio_length"] / 1000, abs=0.25)


def test_a_mix_sounds_like_neither_of_its_voices(box: Any) -> None:
    def mixed(weight: int) -> bytes:
        parts = [{"voice_id": VOICE, "weight": weight}, {"voice_id": "Grinch", "weight": 100 - weight}]
        return audio(box, voice_setting={}, timbre_weights=parts)

    alone = [audio(box), audio(box, voice_setting={"voice_id": "Grinch"})]
    assert len({mixed(70), mixed(40), *alone}) == 4
    unknown = [{"voice_id": VOICE, "weight": 50}, {"voice_id": "nobody", "weight": 50}]
    assert box.code(SPEECH, {**SAY, "voice_setting": {}, "timbre_weights": unknown}) == 2054


@pytest.mark.parametrize(
    "change",
    [
        {"pitch": 50},
        {"intensity": -80},
        {"timbre": 90},
        *({"sound_effects": name} for name in ("spacious_echo", "auditorium_echo", "lofi_telephone", "robotic")),
    ],
)  # fmt: skip
def test_a_changed_voice_is_heard(box: Any, change: dict[str, Any]) -> None:
    plain, other = samples(audio(box))[0][0], samples(audio(box, voice_modify=change))[0][0]
    size = min(plain.size, other.size)
    assert np.abs(plain[:size] - other[:size]).mean() > 30
    assert np.abs(other).max() < 32_768


def test_a_telephone_has_no_high_tones(box: Any) -> None:
    def treble(data: bytes) -> float:
        sound, rate, _ = samples(data)
        spectrum = np.abs(np.fft.rfft(sound[0])) ** 2
        return float(spectrum[int(5000 * sound.shape[1] / rate) :].sum() / spectrum.sum())

    assert treble(audio(box, voice_modify={"sound_effects": "lofi_telephone"})) < treble(audio(box)) / 3


def test_a_dictionary_changes_what_is_said_and_not_what_is_written(box: Any) -> None:
    body = {
        **SAY,
        "text": "Well, omg it works. Omgx too.",
        "pronunciation_dict": {"tone": ["omg/oh my god", "处理/(chu3)(li3)"]},
        "subtitle_enable": True,
        "subtitle_type": "word",
    }
    reply = box.minimax(SPEECH, body)
    rows = box.http.get(reply["data"]["subtitle_file"]).json()
    assert [row["text"] for row in rows] == ["Well", "omg", "it", "works", "Omgx", "too"]
    assert rows[1]["time_end"] - rows[1]["time_begin"] > 300
    assert reply["extra_info"]["word_count"] == 6
    del body["pronunciation_dict"]
    assert box.minimax(SPEECH, body)["extra_info"]["audio_length"] < reply["extra_info"]["audio_length"]


def test_a_pause_is_as_long_as_it_says(box: Any) -> None:
    def length(text: str) -> float:
        return box.minimax(SPEECH, {**SAY, "text": text})["extra_info"]["audio_length"]

    assert length("Wait <#2.5#> now.") - length("Wait   now.") == pytest.approx(2500, abs=120)


def test_only_the_newest_models_laugh(box: Any) -> None:
    def words(model: str) -> int:
        reply = box.minimax(SPEECH, {**SAY, "model": model, "text": "Well (laughs) yes (clear-throat) no."})
        return reply["extra_info"]["word_count"]

    assert words("speech-2.8-turbo") == 3
    assert words("speech-2.6-turbo") == 5


@pytest.mark.parametrize(
    ("model", "count"), [("speech-2.8-hd", 41), ("speech-2.6-turbo", 41), ("speech-02-hd", 38)]
)
def test_every_language_of_a_model_is_taken(box: Any, model: str, count: int) -> None:
    from minimax_nb.catalog import catalog

    languages = catalog().model("minimax", "speech", model).limits["languages"]
    assert len(languages) == count
    for language in languages:
        assert box.code(SPEECH, {**SAY, "model": model, "text": "Hi.", "language_boost": language}) == 0


def test_formulas_are_read_in_chinese(box: Any) -> None:
    setting = {"voice_id": VOICE, "latex_read": True, "text_normalization": True}
    said = audio(box, text="公式 $x$", voice_setting=setting)
    assert said == audio(box, text="公式 $x$", language_boost="Chinese")
