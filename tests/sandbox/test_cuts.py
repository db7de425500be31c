"""Pieces of audio files: nothing is lost, and every piece of mp3 begins with a frame."""

from __future__ import annotations

import pytest

from minimax_nb.sandbox.cuts import mp3_frames, pieces, tagged
from minimax_nb.sandbox.media import make_speech
from tests.sandbox.hearable import samples, seconds

TEXT = "Hello there. How are you today?"


@pytest.mark.parametrize("rate", [8000, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
@pytest.mark.parametrize("bitrate", [32_000, 64_000, 128_000, 256_000])
def test_every_frame_of_an_mp3_is_found(rate: int, bitrate: int) -> None:
    clip = make_speech(TEXT, voice_id="Grinch", sample_rate=rate, bitrate=bitrate, channels=2)
    size = 1152 if rate >= 32_000 else 576
    assert len(list(mp3_frames(clip.data))) * size == samples(clip.data)[0].shape[1]
    found = pieces(clip.data, "mp3", clip.duration_ms / 1000)
    assert b"".join(found) == clip.data
    assert len(found) == pytest.approx(clip.duration_ms / 500, abs=1)
    assert all(piece[0] == 0xFF for piece in found)


@pytest.mark.parametrize(
    ("form", "size"), [("pcm", 2), ("pcmu_raw", 1), ("pcmu_wav", 1), ("flac", 1), ("opus", 1)]
)
def test_other_formats_are_cut_and_nothing_is_lost(form: str, size: int) -> None:
    clip = make_speech(TEXT, voice_id="Grinch", format=form, sample_rate=16_000)  # type: ignore[arg-type]
    found = pieces(clip.data, form, clip.duration_ms / 1000, size)
    assert b"".join(found) == clip.data
    assert len(found) > 1
    assert all(len(piece) % size == 0 for piece in found)
    if form == "opus":
        assert all(piece[:4] == b"OggS" for piece in found)


def test_a_tag_changes_the_bytes_and_not_the_sound() -> None:
    data = make_speech(TEXT, voice_id="Grinch").data
    assert tagged(data) != data
    assert seconds(tagged(data)) == seconds(data)


@pytest.mark.parametrize("data", [b"", b"\xff", b"x"])
def test_what_is_too_short_to_cut_stays_whole(data: bytes) -> None:
    assert b"".join(pieces(data, "mp3", 0.0)) == data
    assert b"".join(pieces(data, "pcm", 0.0, 2)) == data
