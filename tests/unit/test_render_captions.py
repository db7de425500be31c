"""Subtitles and lyrics as lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.media import Media, MediaStore
from minimax_nb.render.bundle import card_bundle
from minimax_nb.render.captions import lines_of
from minimax_nb.render.view import view_of
from tests.unit.render_samples import sample_record

SENTENCES = [
    {"text": "Hello there, friend.", "time_begin": 0, "time_end": 1737},
    {"text": "The second & <last>.", "time_begin": 61_737, "time_end": 64_171},
]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (json.dumps(SENTENCES), [(0, "Hello there, friend."), (61_737, "The second & <last>.")]),
        (
            json.dumps([{"text": word, "start": at, "end": at + 0.2} for word, at in
                        (("Good", 0), ("evening", 0.3), ("After", 2), ("dark", 2.2))]),
            [(0, "Good evening"), (2000, "After dark")],
        ),
        ("1\n00:00:01,500 --> 00:00:02,000\nHello\nthere\n\n2\n01:00:02,000 --> 01:00:03,000\nBye\n",
         [(1500, "Hello there"), (3_602_000, "Bye")]),
        ("WEBVTT\n\n00:01.500 --> 00:02.000\nHello\n", [(1500, "Hello")]),
        ("[]", []), ('{"a": 1}', []), ("nothing", []), ('[1, {"text": 2}, {"text": "x"}]', []),
    ],
)  # fmt: skip
def test_every_form_of_subtitles(content: str, lines: list[tuple[int, str]]) -> None:
    assert lines_of(content) == lines


def test_subtitles_stand_under_the_player_folded(tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    file = Media.of(
        store.put_bytes(json.dumps(SENTENCES).encode(), mime_hint="application/json"), role="subtitle"
    )
    sound = Media.of(store.put_bytes(b"ID3" + bytes(400), mime_hint="audio/mpeg"))
    html = card_bundle([view_of(sample_record(kind="speech"), [sound, file])])["text/html"]
    shown = html[html.index(">subtitles</summary>") :]
    assert "0:00.0  Hello there, friend.\n1:01.7  The second &amp; &lt;last&gt;.</pre>" in shown
    assert html.index("<audio") < html.index(">subtitles</summary>")


def test_lyrics_stand_under_the_song_once_and_also_in_static_mode(tmp_path: Path) -> None:
    row: Any = sample_record(kind="music")
    row = replace(row, request={**row.request, "lyrics": "[verse]\nThe sea is <b>grey</b>"})
    sound = Media.of(MediaStore(tmp_path).put_bytes(b"ID3" + bytes(400), mime_hint="audio/mpeg"))
    for static in (False, True):
        html = card_bundle([view_of(row, [sound])], static=static)["text/html"]
        assert html.count(">lyrics</summary>") == 1
        assert "The sea is &lt;b&gt;grey" in html
