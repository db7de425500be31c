"""Lyrics, covers and what is heard in a song: rules and remarks, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from tests.unit.samples import wav

DOCS = "(MiniMax docs, api-reference/"
MUSIC, LYRICS, HEAR = (
    f"{DOCS}music-generation)",
    f"{DOCS}lyrics-generation)",
    f"{DOCS}music-cover-preprocess)",
)
BELOW = "--prompt is missing (write it below the first line)"
COVER, WRITER = f"for music-cover {MUSIC}", f"for lyrics-generation {LYRICS}"
URL = "https://example.com/song.mp3"
STYLE = "a calm jazz cover"


def refused(kind: str, text: str | None, options: Mapping[str, Any]) -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        build(kind, text, options).resolve("minimax")
    return caught.value.problems


@pytest.mark.parametrize(
    ("kind", "text", "options", "line"),
    [
        ("lyrics", None, {}, f"{BELOW}, or give --lyrics to edit {LYRICS}"),
        ("lyrics", "x" * 2001, {}, f"--prompt: 2,001 characters; at most 2,000 {WRITER}"),
        ("lyrics", None, {"lyrics": "x" * 3501}, f"--lyrics: 3,501 characters; at most 3,500 {WRITER}"),
        ("cover-preprocess", None, {}, "--audio is missing: The song: path, URL or earlier result."),
        ("cover-preprocess", None, {"audio": wav(5)}, f"--audio bytes: 5 s long; 6 to 360 s {HEAR}"),
        ("music", "jazz", {"reference_audio": URL}, f"--prompt: 4 characters; at least 10 {COVER}"),
        ("music", None, {"reference_audio": URL}, f"{BELOW}: music-cover needs it {MUSIC}"),
        ("music", STYLE, {"reference_audio": wav(5)}, f"--reference-audio bytes: 5 s long; 6 to 360 s {MUSIC}"),
        ("music", STYLE, {"reference_audio": URL, "lyrics": "la"}, f"--lyrics: 2 characters; at least 10 {COVER}"),
        (
            "music", STYLE, {"reference_audio": URL, "cover_feature_id": "1", "lyrics": "[Verse]\nla la la"},
            f"--reference-audio and --cover-feature-id: give one of them {MUSIC}",
        ),
        (
            "music", STYLE, {"cover_feature_id": "1"},
            f"--lyrics is missing: --cover-feature-id needs it; cover-preprocess gave some {MUSIC}",
        ),
        (
            "music", STYLE, {"reference_audio": URL, "model": "music-2.6", "lyrics": "[Verse]\nla la la"},
            f"--reference-audio: music-2.6 takes no reference audio; music-cover does {MUSIC}",
        ),
        (
            "music", STYLE, {"reference_audio": URL, "lyrics_optimizer": True},
            (
                "--lyrics-optimizer true: music-cover writes no lyrics; music-3.0, music-2.6, music-2.5+ or "
                f"music-2.5 does {MUSIC}"
            ),
        ),
    ],
)  # fmt: skip
def test_one_line_for_each_broken_rule(
    kind: str, text: str | None, options: Mapping[str, Any], line: str
) -> None:
    assert refused(kind, text, options) == [line]


def test_a_song_to_cover_chooses_the_model_that_can() -> None:
    assert build("music", STYLE, {"cover-of": URL}).resolve("minimax").model == "music-cover"
    assert build("music", STYLE, {"lyrics": "[Verse]\nla"}).resolve("minimax").model == "music-3.0"


def test_the_task_follows_from_what_is_given() -> None:
    assert build("lyrics", "the sea", {}).task == "write_full_song"
    assert build("lyrics", "make it sad", {"lyrics": "[Verse]\nla"}).task == "edit"


@pytest.mark.parametrize("kind", ["music", "lyrics"])
def test_what_is_closed_to_new_users_says_so(kind: str) -> None:
    options = {"lyrics": "[Verse]\nla"} if kind == "music" else {}
    (line,) = build(kind, "the sea", options).resolve("minimax").warnings().items
    assert line.endswith("Closed to new users on 2026-08-20; existing payers may go on.")


def test_a_tag_with_a_number_would_be_sung() -> None:
    request = build("music", "pop", {"lyrics": "[Verse 1]\nla\n[Refrain]\nlo"}).resolve("minimax")
    sung = [line for line in request.warnings().items if "sung" in line]
    assert sung[0] == f"[Verse 1] is not a section tag and will be sung; did you mean '[Verse]'? {MUSIC}"
    assert "[Refrain] is not a section tag" in sung[1]
    tags = next(line for line in request.warnings().items if line.startswith("the section tags are "))
    assert "[Intro], [Verse], [Pre Chorus], [Chorus]," in tags


@pytest.mark.parametrize("kind", ["music", "lyrics"])
@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        (r"[Verse]\nLa la", "[Verse]\nLa la"),
        ("[Verse]\nLa\\nla", "[Verse]\nLa\\nla"),
        ("La la", "La la"),
    ],
)
def test_a_line_end_typed_as_two_characters_is_one(kind: str, typed: str, sent: str) -> None:
    assert build(kind, "Pop", {"lyrics": typed}).lyrics == sent
