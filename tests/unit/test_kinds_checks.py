from __future__ import annotations

import io
import wave

import av
import lameenc
import numpy as np
import pytest
from PIL import Image

from minimax_nb.catalog import catalog
from minimax_nb.kinds.checks import MB, audio_problem, audio_seconds, image_problem
from minimax_nb.kinds.inputs import MediaInput

FRAME = catalog().model("minimax", "video").limits
SUBJECT = catalog().model("minimax", "image").limits
CLONE = catalog().model("minimax", "voice-clone").limits


def picture(width: int, height: int, form: str = "PNG") -> MediaInput:
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, form)
    return MediaInput.of(buffer.getvalue())


def padded(media: MediaInput, size: int) -> MediaInput:
    assert media.data is not None
    return MediaInput.of(media.data + b"\x00" * (size - len(media.data)))


def wav(seconds: float, rate: int = 8000) -> MediaInput:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(b"\x80" * round(seconds * rate))
    return MediaInput.of(buffer.getvalue())


def mp3(seconds: float) -> MediaInput:
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(16000)
    encoder.set_channels(1)
    encoder.silence()
    return MediaInput.of(bytes(encoder.encode(b"\x00\x00" * round(seconds * 16000)) + encoder.flush()))


def m4a(seconds: float, brand: str = "ipod") -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=brand) as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        for _ in range(round(seconds * 16000 / 1024)):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate = 16000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_frames_of_all_forms(form: str) -> None:
    assert image_problem(picture(301, 301, form), FRAME) is None


@pytest.mark.parametrize(
    ("media", "problem"),
    [
        (picture(301, 752), None),
        (picture(1000, 400), None),
        (picture(300, 301), "300 x 301 px; the short side must be more than 300 px"),
        (picture(301, 753), "301 x 753 px; width : height must be from 2:5 to 5:2"),
        (picture(1001, 400), "1001 x 400 px; width : height must be from 2:5 to 5:2"),
        (picture(400, 400, "GIF"), "image/gif; jpg, jpeg, png or webp"),
        (wav(0.1), "audio/wav; jpg, jpeg, png or webp"),
        (MediaInput.of(b"\x89PNG\r\n\x1a\n" + b"x" * 30), "cannot be read as an image"),
        (MediaInput.of("https://example.com/a.gif"), None),
        (MediaInput.of({"sha256": "ab", "mime": "image/gif"}), None),
        (padded(picture(400, 400), 20 * MB - 1), None),
        (padded(picture(400, 400), 20 * MB), "20 MB; less than 20 MB"),
    ],
    ids=range(12),
)
def test_frames(media: MediaInput, problem: str | None) -> None:
    assert image_problem(media, FRAME) == problem


@pytest.mark.parametrize(
    ("media", "problem"),
    [
        (picture(8, 800), None),
        (picture(8, 8, "JPEG"), None),
        (picture(8, 8, "WEBP"), "image/webp; jpg, jpeg or png"),
        (padded(picture(8, 8), 10 * MB), "10 MB; less than 10 MB"),
    ],
    ids=range(4),
)
def test_subjects(media: MediaInput, problem: str | None) -> None:
    assert image_problem(media, SUBJECT) == problem


def test_a_limit_that_is_absent_is_not_checked() -> None:
    assert image_problem(picture(1, 900, "GIF"), {}) is None
    assert audio_problem(wav(900), {}) is None


@pytest.mark.parametrize(
    "make", [wav, mp3, lambda seconds: MediaInput.of(m4a(seconds))], ids=["wav", "mp3", "m4a"]
)
def test_lengths_of_all_forms(make) -> None:  # type: ignore[no-untyped-def]
    assert audio_seconds(make(12)) == pytest.approx(12, abs=0.2)
    assert audio_problem(make(12), CLONE) is None
    assert "10 to 300 s" in (audio_problem(make(8), CLONE) or "")


@pytest.mark.parametrize(
    ("media", "problem"),
    [
        (wav(10), None),
        (wav(300), None),
        (wav(9.99), "9.99 s long; 10 to 300 s"),
        (wav(300.1), "300.1 s long; 10 to 300 s"),
        (picture(400, 400), "image/png; mp3, m4a or wav"),
        (MediaInput.of(b"fLaC" + b"\x00" * 60), "audio/flac; mp3, m4a or wav"),
        (MediaInput.of("https://example.com/a.ogg"), None),
        (padded(wav(12), 20 * MB), None),
        (padded(wav(12), 20 * MB + MB // 8), "20.12 MB; at most 20 MB"),
    ],
    ids=range(9),
)
def test_recordings(media: MediaInput, problem: str | None) -> None:
    assert audio_problem(media, CLONE) == problem


def test_a_prompt_recording_is_shorter_than_its_limit() -> None:
    assert audio_problem(wav(7.99), CLONE, below=8) is None
    assert audio_problem(wav(8), CLONE, below=8) == "8 s long; less than 8 s"


def test_what_cannot_be_measured_is_let_through() -> None:
    broken = MediaInput.of(b"ID3\x04" + b"\x00" * 200)
    assert audio_seconds(broken) is None
    assert audio_problem(broken, CLONE) is None
    assert audio_seconds(MediaInput(name="a.mp3", data=b"plain text", mime="audio/mpeg")) is None
    assert audio_seconds(MediaInput(name="a", data=b"plain text", mime="audio/mpeg")) is None
    assert audio_seconds(MediaInput.of("https://example.com/a.mp3")) is None


def test_an_m4a_of_the_general_brand_is_audio_by_its_name() -> None:
    data = m4a(12, "mp4")
    assert audio_problem(MediaInput.of(data), CLONE) == "video/mp4; mp3, m4a or wav"
    named = MediaInput(name="voice.M4A", data=data, mime="video/mp4")
    assert audio_problem(named, CLONE) is None
