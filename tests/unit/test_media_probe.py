"""Facts of real files, made here."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from minimax_nb.media import Facts, probe
from tests.unit.samples import mp3, mp4, picture, wav

av = pytest.importorskip("av")


def saved(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_image(tmp_path: Path, form: str) -> None:
    path = saved(tmp_path, f"a.{form.lower()}", picture(96, 54, form))
    assert probe(path, f"image/{form.lower()}") == Facts(width=96, height=54, codec=form.lower())


def test_an_image_turned_by_the_camera_is_measured_as_shown(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (80, 40)).save(buffer, "JPEG", exif=exif)
    facts = probe(saved(tmp_path, "a.jpg", buffer.getvalue()), "image/jpeg")
    assert (facts.width, facts.height) == (40, 80)


def test_video_with_sound(tmp_path: Path) -> None:
    facts = probe(mp4(tmp_path / "a.mp4", seconds=2, size=(160, 90), sound=True), "video/mp4")
    assert (facts.width, facts.height, facts.codec, facts.audio_codec) == (160, 90, "h264", "aac")
    assert facts.frame_rate == 24
    assert facts.duration_s == pytest.approx(2, abs=0.05)
    assert (facts.sample_rate, facts.channels) == (44100, 1)
    assert facts.bitrate is not None


def test_silent_video(tmp_path: Path) -> None:
    facts = probe(mp4(tmp_path / "a.mp4", seconds=1, size=(64, 64)), "video/mp4")
    assert (facts.audio_codec, facts.sample_rate, facts.codec) == (None, None, "h264")


def test_mp3(tmp_path: Path) -> None:
    facts = probe(saved(tmp_path, "a.mp3", mp3(seconds=3, rate=32000, bitrate=128)), "audio/mpeg")
    assert (facts.sample_rate, facts.channels, facts.codec, facts.bitrate) == (32000, 1, "mp3", 128_000)
    assert facts.duration_s == pytest.approx(3, abs=0.15)


@pytest.mark.parametrize("without", [(), ("av",), ("av", "tinytag")])
def test_wav_whatever_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: tuple[str, ...]
) -> None:
    for name in without:
        monkeypatch.setitem(sys.modules, name, None)
    facts = probe(saved(tmp_path, "a.wav", wav(seconds=1.5, rate=24000, channels=2)), "audio/wav")
    assert facts == Facts(duration_s=1.5, sample_rate=24000, channels=2, bitrate=24000 * 32, codec="pcm")


def test_video_without_av_still_has_a_duration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = mp4(tmp_path / "a.mp4", seconds=2, size=(64, 64), sound=True)
    monkeypatch.setitem(sys.modules, "av", None)
    facts = probe(path, "video/mp4")
    assert facts.duration_s == pytest.approx(2, abs=0.1)
    assert facts.width is None


@pytest.mark.parametrize(
    ("mime", "hint", "duration"),
    [
        ("audio/pcm", {"sample_rate": 16000}, 0.5),
        ("audio/pcm", {"audio_sample_rate": 16000, "audio_channel": 2}, 0.25),
        ("audio/basic", {"sample_rate": 8000, "channel": 1}, 2.0),
        ("audio/pcm", {}, None),
    ],
)
def test_sound_without_a_header_needs_its_rate(
    tmp_path: Path, mime: str, hint: dict[str, int], duration: float | None
) -> None:
    facts = probe(saved(tmp_path, "a.pcm", bytes(16000)), mime, hint=hint)
    assert facts.duration_s == duration
    assert facts.codec == ("pcm_mulaw" if mime == "audio/basic" else "pcm_s16le")


@pytest.mark.parametrize("mime", ["image/png", "video/mp4", "audio/mpeg", "audio/wav", "text/plain"])
def test_a_damaged_file_has_no_facts_and_no_error(tmp_path: Path, mime: str) -> None:
    assert probe(saved(tmp_path, "a.bin", b"\x00damaged" * 50), mime) == Facts()


def test_facts_are_json_without_what_is_not_known() -> None:
    assert Facts(width=3, duration_s=1.5).to_dict() == {"width": 3, "duration_s": 1.5}
