from __future__ import annotations

from collections.abc import Mapping

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.music import MusicRequest

DOCS = "(MiniMax docs, api-reference/music-generation)"
BELOW = "--prompt is missing (write it below the first line)"
CLOSED = "music-3.0: Closed to new users on 2026-08-20; existing payers may go on."
SONG = {"lyrics": "[Verse]\nLa la"}


def refused(text: str | None, options: Mapping[str, object], provider: str = "minimax") -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        MusicRequest.make(text, **options).resolve(provider)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "options", "line"),
    [
        (None, {}, f"--prompt and --lyrics are missing {DOCS}"),
        (None, {"instrumental": True}, f"{BELOW}: --instrumental needs it {DOCS}"),
        (None, {"lyrics_optimizer": True}, f"{BELOW}: --lyrics-optimizer needs it {DOCS}"),
        ("Pop", {}, f"--lyrics is missing: a song needs it, or --lyrics-optimizer, or --instrumental {DOCS}"),
        ("x" * 2001, SONG, f"--prompt: 2,001 characters; at most 2,000 for music-3.0 {DOCS}"),
        ("Pop", {"lyrics": "x" * 3501}, f"--lyrics: 3,501 characters; at most 3,500 for music-3.0 {DOCS}"),
        ("Pop", {"lyrics": " "}, f"--lyrics ' ': must not be blank {DOCS}"),
        (
            "Pop",
            {"instrumental": True, "model": "music-2.5"},
            "--instrumental true: music-2.5 makes no instrumental; music-3.0, music-2.6 or music-2.5+ does "
            + DOCS,
        ),
        (
            "Pop",
            {"lyrics_optimizer": True, "model": "music-2.0"},
            (
                "--lyrics-optimizer true: music-2.0 writes no lyrics; music-3.0, music-2.6, music-2.5+ or "
                f"music-2.5 does {DOCS}"
            ),
        ),
        (
            "Pop",
            {"sample_rate": 48000, **SONG},
            f"--sample-rate 48000: 16000, 24000, 32000 or 44100 Hz for music-3.0 {DOCS}",
        ),
        (
            "Pop",
            {"bitrate": 320000, **SONG},
            f"--bitrate 320000: 32000, 64000, 128000 or 256000 bit/s for music-3.0 {DOCS}",
        ),
        ("Pop", {"format": "flac", **SONG}, f"--format flac: mp3, wav or pcm for music-3.0 {DOCS}"),
        ("Pop", {"output": "file", **SONG}, f"--output file: hex or url {DOCS}"),
    ],
)
def test_one_line_for_each_broken_rule(text: str | None, options: Mapping[str, object], line: str) -> None:
    assert refused(text, options) == [line]


def test_rules_of_pixazo() -> None:
    source = "(product document, Pixazo MiniMax APIs, Music 2.6)"
    assert refused(None, SONG, "pixazo") == [f"{BELOW}: music-2.6 needs it {source}"]
    assert refused("Pop", {"format": "pcm"}, "pixazo") == [f"--format pcm: mp3 or wav for music-2.6 {source}"]
    assert MusicRequest.make("Pop").resolve("pixazo").warnings().items == [
        f"a song without lyrics may be refused; --lyrics-optimizer writes some {DOCS}"
    ]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (None, SONG),
        ("Pop", {"lyrics": "x"}),
        ("x" * 2000, {"lyrics": "x" * 3500}),
        ("Pop", {"is_instrumental": "yes"}),
        ("Pop", {"lyrics_optimizer": True}),
        ("Pop", {"format": "pcm", "sample_rate": 16000, "bitrate": 32000, **SONG}),
    ],
)
def test_good_songs(text: str | None, options: Mapping[str, object]) -> None:
    request = MusicRequest.make(text, **options).resolve("minimax")
    assert request.warnings().items == [CLOSED]


def test_the_product_documents_form() -> None:
    request = MusicRequest.make("Upbeat pop", lyrics="[Chorus]\nLa", output_format="url", audio_format="wav")
    assert (request.output, request.format) == ("url", "wav")


@pytest.mark.parametrize(
    ("lyrics", "remarks"),
    [
        ("[Intro]\n[verse]\nLa\n[Pre Chorus]\nLa", []),
        ("We sing a verse\nChorus of birds", []),
        ("[Verse 1]\nLa", ["[Verse 1] is not a section tag and will be sung; did you mean '[Verse]'?"]),
        (
            "[Pre-Chorus]\nLa",
            ["[Pre-Chorus] is not a section tag and will be sung; did you mean '[Pre Chorus]'?"],
        ),
        ("[Chrous]\nLa", ["[Chrous] is not a section tag and will be sung; did you mean '[Chorus]'?"]),
        ("[Guitar weeps]\nLa", ["[Guitar weeps] is not a section tag and will be sung"]),
        ("Verse 1\nLa", ["the line 'Verse 1' will be sung; a section begins with [Verse]"]),
        ("La\n  (Outro:)", []),
        ("La\nCHORUS:\nLa", ["the line 'CHORUS:' will be sung; a section begins with [Chorus]"]),
    ],
)
def test_headings_that_will_be_sung(lyrics: str, remarks: list[str]) -> None:
    request = MusicRequest.make("Pop", lyrics=lyrics)
    assert request.lyrics == lyrics
    if any("not a section tag" in remark for remark in remarks):
        tags = MusicRequest.make("Pop", lyrics=lyrics).resolve("minimax").chosen.limits["structure_tags"]
        remarks = [*remarks, f"the section tags are {', '.join(f'[{tag}]' for tag in tags)}"]
    assert request.warnings().items == [f"{remark} {DOCS}" for remark in remarks]


def test_lyrics_that_are_not_used() -> None:
    request = MusicRequest.make("Pop", lyrics="Verse 1", instrumental=True)
    assert request.warnings().items == [f"--lyrics are ignored with --instrumental {DOCS}"]
    request = MusicRequest.make("Pop", lyrics="La", lyrics_optimizer=True)
    assert request.warnings().items == [f"--lyrics are given, so --lyrics-optimizer does nothing {DOCS}"]


def test_price_facts() -> None:
    facts = MusicRequest.make("Pop", instrumental=True).resolve("minimax").price_facts()
    assert facts == {"model": "music-3.0", "instrumental": True, "n": 1}
