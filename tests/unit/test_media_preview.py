"""Thumbnails, posters and waveforms of real files, looked at pixel by pixel."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from minimax_nb.media import preview
from tests.unit.samples import mp3, mp4, picture, wav

pytest.importorskip("av")


def opened(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(io.BytesIO(data))


def saved(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_thumbnail_keeps_the_shape(tmp_path: Path, form: str) -> None:
    path = saved(tmp_path, "a", picture(1600, 900, form))
    small = opened(preview.thumbnail(path, 400))
    assert (small.format, small.size, small.mode) == ("JPEG", (400, 225), "RGB")
    assert small.getpixel((390, 10))[0] > 230  # the gradient still runs to the right
    assert small.getpixel((10, 10))[0] < 25


def test_a_small_image_is_not_blown_up(tmp_path: Path) -> None:
    assert opened(preview.thumbnail(saved(tmp_path, "a.png", picture(40, 30, "PNG")), 400)).size == (40, 30)


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    assert opened(preview.thumbnail(saved(tmp_path, "a.png", buffer.getvalue()))).getpixel((9, 9)) == (
        255,
        255,
        255,
    )


def test_a_thumbnail_is_turned_as_the_camera_said(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (80, 40)).save(buffer, "JPEG", exif=exif)
    assert opened(preview.thumbnail(saved(tmp_path, "a.jpg", buffer.getvalue()), 20)).size == (10, 20)


@pytest.mark.parametrize("cap", [60_000, 20_000, 5_000])
def test_a_picture_is_reduced_until_it_fits(tmp_path: Path, cap: int) -> None:
    path = saved(tmp_path, "a.png", picture(900, 900, "PNG", noise=True))
    data = preview.thumbnail(path, 800, max_bytes=cap)
    assert data is not None
    assert len(data) <= cap
    assert max(opened(data).size) >= 64


def test_a_poster_shows_the_first_frame_that_shows_something(tmp_path: Path) -> None:
    path = mp4(tmp_path / "a.mp4", seconds=2, size=(320, 180), dark=20)
    poster = opened(preview.poster(path, 160)).convert("RGB")
    assert poster.size == (160, 90)
    left, right = np.asarray(poster)[45, 20], np.asarray(poster)[45, 140]
    assert left[0] > 200
    assert left[2] < 100
    assert right.max() < 40


def test_an_all_dark_video_still_has_a_poster(tmp_path: Path) -> None:
    path = mp4(tmp_path / "a.mp4", seconds=1, size=(64, 64), dark=99)
    assert opened(preview.poster(path)).size == (64, 64)


def test_a_waveform_shows_where_the_sound_is(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.wav", wav(seconds=2, loud_half=True))
    drawn = opened(preview.waveform(path, 400, 60))
    assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "RGBA", (400, 60))
    alpha = np.asarray(drawn)[:, :, 3]
    height = (alpha > 128).sum(axis=0)
    assert height[:190].max() <= 6  # silence is a dotted line
    assert height[210:].max() >= 50
    assert alpha[0].max() == alpha[-1].max() == 0  # nothing is cut off
    assert set(map(tuple, np.asarray(drawn)[alpha > 0][:, :3].tolist())) == {preview.WAVE_COLOUR}


def test_waveforms_of_mp3_raw_and_video_sound(tmp_path: Path) -> None:
    assert preview.waveform(saved(tmp_path, "a.mp3", mp3(1))) is not None
    assert preview.waveform(mp4(tmp_path / "a.mp4", sound=True)) is not None
    assert preview.waveform(mp4(tmp_path / "b.mp4")) is None
    raw = saved(tmp_path, "a.pcm", wav(1, 16000)[44:])
    assert preview.waveform(raw) is None  # nobody knows the rate
    from_raw = preview.waveform(raw, mime="audio/pcm", hint={"sample_rate": 16000})
    from_wav = preview.waveform(saved(tmp_path, "b.wav", wav(1, 16000)))
    assert opened(from_raw).size == opened(from_wav).size
    assert abs(np.asarray(opened(from_raw), float) - np.asarray(opened(from_wav), float)).mean() < 6


def test_silence_is_a_line_and_nothing_is_nothing(tmp_path: Path) -> None:
    silent = preview.waveform(
        saved(tmp_path, "a.pcm", bytes(16000)), mime="audio/pcm", hint={"sample_rate": 8000}
    )
    assert (np.asarray(opened(silent))[:, :, 3] > 128).sum(axis=0).max() <= 6
    assert (
        preview.waveform(saved(tmp_path, "b.pcm", b""), mime="audio/pcm", hint={"sample_rate": 8000}) is None
    )


def test_without_av_there_is_less_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = mp4(tmp_path / "a.mp4", sound=True)
    monkeypatch.setitem(sys.modules, "av", None)
    assert preview.poster(clip) is None
    assert preview.waveform(clip) is None
    assert preview.waveform(saved(tmp_path, "a.mp3", mp3(1))) is None
    assert preview.waveform(saved(tmp_path, "a.wav", wav(1))) is not None


@pytest.mark.parametrize(
    ("name", "mime", "cap"),
    [("a.png", "image/png", 80_000), ("a.mp4", "video/mp4", 40_000), ("a.wav", "audio/wav", 40_000)],
)
def test_small_pictures_keep_their_cap_and_are_made_once(
    tmp_path: Path, name: str, mime: str, cap: int
) -> None:
    path = tmp_path / name
    if name == "a.mp4":
        mp4(path, size=(640, 360))
    else:
        path.write_bytes(picture(1200, 1200, "PNG", noise=True) if name == "a.png" else wav(1))
    cache = tmp_path / "store" / "previews"
    made = preview.small_picture(path, mime, cache=cache, key="k")
    assert made is not None
    assert made[0] == ("image/png" if mime == "audio/wav" else "image/jpeg")
    assert opened(made[1]).size[0] > 100
    uri = preview.data_uri(*made)
    assert len(uri) <= cap
    assert uri.startswith(f"data:{made[0]};base64,")
    assert base64.b64decode(uri.partition(",")[2]) == made[1]
    (kept,) = cache.iterdir()
    assert kept.name.startswith("k-")
    path.unlink()  # from now on only the cache can answer
    assert preview.small_picture(path, mime, cache=cache, key="k") == made


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.png", picture(40, 30, "PNG"))
    assert preview.small_picture(path, "image/png", cache=path / "previews", key="k") is not None
    assert preview.small_picture(path, "text/plain") is None
