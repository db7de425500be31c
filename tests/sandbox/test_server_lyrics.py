"""Lyrics, covers, streamed music, and the day they were closed."""

from __future__ import annotations

import base64
import io
import json
import re
import wave
from typing import Any

import pytest

from minimax_nb.catalog import catalog

LYRICS = "/v1/lyrics_generation"
HEAR = "/v1/music_cover_preprocess"
MUSIC = "/v1/music_generation"
FULL = {"mode": "write_full_song", "prompt": "a soul song about trains"}
SONG = {"model": "music-2.6", "prompt": "calm lo-fi", "lyrics": "[Verse]\nHello"}
STYLE = "a slow version for piano and voice"


def recording(seconds: int = 8) -> str:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(16_000 * seconds))
    return base64.b64encode(buffer.getvalue()).decode()


def cover(**changes: Any) -> dict[str, Any]:
    return {"model": "music-cover", "prompt": STYLE, "audio_base64": recording(), **changes}


def test_a_song_is_written_with_known_tags(box: Any) -> None:
    got = box.minimax(LYRICS, FULL)
    assert set(got) == {"song_title", "style_tags", "lyrics", "base_resp"}
    known = set(catalog().model("minimax", "music").limits["structure_tags"])
    tags = re.findall(r"^\[(.+)\]$", got["lyrics"], re.MULTILINE)
    assert set(tags) <= known
    assert tags.count("Chorus") == 3
    assert "trains" in got["lyrics"]
    assert got["style_tags"] == "Soul"
    assert box.charged() == 10_000_000
    assert box.code(MUSIC, {**SONG, "lyrics": got["lyrics"]}) == 0


def test_lyrics_are_edited(box: Any) -> None:
    old = "[Verse]\nOne line\nAnother line\n\n[Chorus]\nSing\nSing"
    got = box.minimax(LYRICS, {"mode": "edit", "lyrics": old, "prompt": "rivers", "title": "Home"})
    assert got["song_title"] == "Home"
    assert got["lyrics"].startswith("[Verse]\nOne line\n")
    assert got["lyrics"] != old
    assert "rivers" in got["lyrics"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 2013),
        ({"mode": "poem"}, 2013),
        ({"mode": "edit", "prompt": "a"}, 2013),
        ({**FULL, "prompt": "a" * 2001}, 2013),
        ({"mode": "edit", "lyrics": "a" * 3501}, 2013),
        ({**FULL, "prompt": "forbidden-content"}, 1026),
    ],
)
def test_lyrics_rules(box: Any, body: dict[str, Any], code: int) -> None:
    assert box.code(LYRICS, body) == code
    assert box.charged() == 0


def test_a_song_is_heard_and_covered(box: Any) -> None:
    heard = box.minimax(HEAR, {"model": "music-cover", "audio_base64": recording()})
    assert set(heard) == {
        "cover_feature_id", "formatted_lyrics", "structure_result", "audio_duration", "trace_id", "base_resp",
    }  # fmt: skip
    assert heard["audio_duration"] == 8.0
    segments = json.loads(heard["structure_result"])["segments"]
    assert segments[-1]["end"] == 8.0
    assert box.charged() == 0
    request = cover(audio_base64=None, cover_feature_id=heard["cover_feature_id"])
    assert box.code(MUSIC, request) == 2013
    request["lyrics"] = heard["formatted_lyrics"]
    assert box.minimax(MUSIC, request)["extra_info"]["music_size"] > 1000
    box.advance(86_401)
    assert "expired" in box.minimax(MUSIC, request)["base_resp"]["status_msg"]


def test_a_cover_of_a_recording_and_of_an_address(box: Any) -> None:
    got = box.minimax(MUSIC, cover(output_format="url"))
    again = cover(audio_base64=None, audio_url=got["data"]["audio"])
    assert box.minimax(MUSIC, again)["extra_info"]["music_duration"] > 5000


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": "short"}, "10-300"),
        ({"prompt": "a" * 301}, "10-300"),
        ({"lyrics": "short"}, "10-1000"),
        ({"audio_base64": None}, "exactly one of"),
        ({"audio_url": "https://a.example/a.mp3"}, "exactly one of"),
        ({"audio_base64": "!"}, "not valid base64"),
        ({"audio_base64": recording(5)}, "6 to 360 s"),
        ({"audio_base64": "AAAA"}, "cannot be decoded"),
        ({"audio_base64": None, "cover_feature_id": "x"}, "no such feature"),
        ({"is_instrumental": True}, "is_instrumental"),
    ],
)
def test_cover_rules(box: Any, changes: dict[str, Any], word: str) -> None:
    got = box.minimax(MUSIC, cover(**changes))["base_resp"]
    assert got["status_code"] == 2013
    assert word in got["status_msg"]


def test_preprocessing_needs_one_source(box: Any) -> None:
    assert box.code(HEAR, {"model": "music-cover"}) == 2013
    both = {"model": "music-cover", "audio_base64": recording(), "audio_url": "https://a.example/a.mp3"}
    assert box.code(HEAR, both) == 2013
    assert box.code(HEAR, {"model": "music-2.6", "audio_base64": recording()}) == 2013


def test_streamed_music_comes_in_pieces_and_then_as_a_whole(box: Any) -> None:
    reply = box.call("minimax", "POST", MUSIC, {**SONG, "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    got = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: ")]
    assert [event["data"]["status"] for event in got] == [1] * (len(got) - 1) + [2]
    assert all(event["extra_info"] is None for event in got[:-1])
    pieces = "".join(event["data"]["audio"] for event in got[:-1])
    assert pieces == got[-1]["data"]["audio"]
    assert got[-1]["extra_info"]["music_size"] == len(pieces) // 2
    assert len({event["trace_id"] for event in got}) == 1
    assert box.charged() == 150_000_000
    assert box.code(MUSIC, {**SONG, "stream": True, "output_format": "url"}) == 2013


def test_closed_music_is_refused_and_free(box: Any) -> None:
    box.control("POST", "settings", {"music_sunset": True})
    requests = [
        (MUSIC, SONG),
        (LYRICS, FULL),
        (MUSIC, cover()),
        (HEAR, {"model": "music-cover", "audio_base64": recording()}),
    ]
    assert [box.code(path, body) for path, body in requests] == [2061] * 4
    assert box.code(MUSIC, {**SONG, "prompt": "a" * 2001}) == 2013
    assert box.charged() == 0
