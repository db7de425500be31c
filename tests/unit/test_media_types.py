"""What a file is, by its bytes first."""

from __future__ import annotations

import pytest

from minimax_nb.media.types import extension, kind_of, media_type, type_of_extension

#: Samples that look like the start of an MPEG frame.
FRAME_LIKE = b"\xff\xfb\x90\x00" + bytes(100)


@pytest.mark.parametrize(
    ("head", "hint", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/jpeg", "image/png"),
        (b"\x00\x00\x00\x20ftypisom", None, "video/mp4"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/pcm", "audio/wav"),
        (FRAME_LIKE, "audio/mpeg", "audio/mpeg"),
        (FRAME_LIKE, None, "audio/mpeg"),
        (FRAME_LIKE, "audio/pcm", "audio/pcm"),
        (FRAME_LIKE, "audio/basic", "audio/basic"),
        (b"ID3\x04", "audio/pcm", "audio/mpeg"),
        (b'[{"text": "Hello", "time_begin": 0}]', None, "application/json"),
        (b"[00:01.00] la la", "text/plain", "text/plain"),
        (b"1\n00:00:00,000 --> 00:00:01,000\nHello", "application/x-subrip", "application/x-subrip"),
        (b"\x01\x02\x03", "image/x-new", "image/x-new"),
        (b"\x01\x02\x03", None, "application/octet-stream"),
    ],
)
def test_bytes_win_where_they_tell(head: bytes, hint: str | None, expected: str) -> None:
    assert media_type(head, hint) == expected


@pytest.mark.parametrize(
    ("mime", "ext"),
    [
        ("image/jpeg", "jpg"), ("audio/mpeg", "mp3"), ("audio/mp4", "m4a"), ("audio/pcm", "pcm"),
        ("audio/basic", "ulaw"), ("application/json", "json"), ("video/x-msvideo", "avi"),
    ],
)  # fmt: skip
def test_extensions_lead_back_to_their_type(mime: str, ext: str) -> None:
    assert extension(mime) == ext
    assert kind_of(type_of_extension(ext)) == kind_of(mime)


def test_two_names_of_raw_sound_lead_back_to_the_common_one() -> None:
    assert type_of_extension("pcm") == "audio/pcm"
    assert type_of_extension("ulaw") == "audio/basic"
    assert extension("image/x-new") == "bin"


@pytest.mark.parametrize(
    ("mime", "kind"),
    [("image/webp", "image"), ("video/mp4", "video"), ("audio/ogg", "audio"), ("application/json", "text")],
)
def test_kinds_are_families(mime: str, kind: str) -> None:
    assert kind_of(mime) == kind
