from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from minimax_nb.sandbox.media import make_image, make_video

SMALL = {"width": 320, "height": 180, "seconds": 2, "seed": 3, "model": "MiniMax-Hailuo-2.3"}


@dataclass
class Decoded:
    codec: str
    rate: Fraction | None
    frames: list[npt.NDArray[np.uint8]]
    seconds: float
    sound: tuple[str, int] | None
    loudest: float
    sound_seconds: float


def decoded(data: bytes) -> Decoded:
    with av.open(io.BytesIO(data)) as file:
        video = file.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video)]
        seconds = float(file.duration) / 1e6
        codec, rate = video.codec_context.name, video.average_rate
    sound, loudest, length = None, 0.0, 0.0
    with av.open(io.BytesIO(data)) as file:
        if file.streams.audio:
            audio = file.streams.audio[0]
            wave = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio)])
            sound, loudest, length = (
                (audio.codec_context.name, audio.rate),
                float(np.abs(wave).max()),
                wave.size / audio.rate,
            )
    return Decoded(codec, rate, frames, seconds, sound, loudest, length)


def png(prompt: str, **options: int) -> bytes:
    size = {"width": 320, "height": 180, **options}
    return make_image(prompt, seed=1, model="m", format="PNG", **size)  # type: ignore[arg-type]


def pixels(data: bytes) -> npt.NDArray[np.float64]:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=float)


def difference(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8] | npt.NDArray[np.float64]) -> float:
    """Mean difference of 255, without the caption."""
    rows = len(one) * 9 // 10
    return float(np.abs(one[:rows].astype(float) - other[:rows].astype(float)).mean())


@pytest.mark.parametrize(
    ("width", "height", "seconds", "fps"),
    [(1366, 768, 6, 24), (178, 102, 10, 24), (320, 180, 1, 24), (180, 320, 5, 12), (640, 272, 2, 30)],
)
def test_exact_size_frames_and_length(width: int, height: int, seconds: int, fps: int) -> None:
    clip = decoded(
        make_video("calm sea", width=width, height=height, seconds=seconds, seed=1, model="m", fps=fps)
    )
    assert clip.codec == "h264"
    assert clip.rate == fps
    assert len(clip.frames) == seconds * fps
    assert clip.frames[0].shape == (height, width, 3)
    assert clip.seconds == pytest.approx(seconds, abs=0.05)
    assert clip.sound == ("aac", 44_100)
    assert clip.sound_seconds == pytest.approx(seconds, abs=0.05)
    assert 0.02 < clip.loudest < 0.5, "a quiet chord, neither silent nor loud"


def test_it_can_be_silent() -> None:
    assert decoded(make_video("calm sea", **SMALL, audio=False)).sound is None  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [1366, 322])
def test_no_edge_is_left_empty(width: int) -> None:
    size = {**SMALL, "width": width, "height": width // 4 * 2, "seconds": 1}
    frames = decoded(make_video("dunes by day", **size, audio=False)).frames  # type: ignore[arg-type]
    for frame in frames[::6]:
        wide = frame.astype(float)
        for edge, inner in ((wide[:, 0], wide[:, 2]), (wide[:, -1], wide[:, -3]), (wide[0], wide[2])):
            assert np.abs(edge - inner).mean() < 12


@pytest.mark.parametrize(
    "prompt", ["a pine forest", "a sailboat at sea", "snow in the mountains", "city in the rain"]
)
def test_it_moves_and_begins_again_without_a_seam(prompt: str) -> None:
    frames = decoded(make_video(prompt, **{**SMALL, "seconds": 6}, audio=False)).frames  # type: ignore[arg-type]
    loop = 3 * 24
    assert difference(frames[0], frames[loop // 4]) > 0.5, "the camera swings"
    assert np.array_equal(frames[5], frames[loop + 5]), "the same packets again"
    steps = [
        difference(a, b)
        for a, b in zip(frames[loop - 6 : loop + 6], frames[loop - 5 : loop + 7], strict=True)
    ]
    assert max(steps) < 3 * np.median(steps) + 1, "no jump where the loop begins again"


def test_it_differs_by_prompt_seed_and_model_and_is_reproducible() -> None:
    def make(prompt: str = "hills", **other: object) -> bytes:
        return make_video(prompt, **{**SMALL, "seconds": 1, **other})  # type: ignore[arg-type]

    first = make()
    assert first == make()
    frame = decoded(first).frames[0]
    for other in (make("a city"), make(seed=4), make(model="MiniMax-Hailuo-02")):
        assert difference(frame, decoded(other).frames[0]) > 6


def test_the_index_is_in_front_of_the_frames() -> None:
    data = make_video("calm sea", **SMALL)  # type: ignore[arg-type]
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_every_loop_begins_with_a_key_frame() -> None:
    with av.open(io.BytesIO(make_video("hills", **{**SMALL, "seconds": 6}, audio=False))) as file:  # type: ignore[arg-type]
        keys = [i for i, packet in enumerate(p for p in file.demux(video=0) if p.size) if packet.is_keyframe]
    assert keys == [0, 72]


def test_a_first_frame_is_the_first_frame() -> None:
    given = png("a cat in a garden")
    frames = decoded(make_video("x", **{**SMALL, "seconds": 3}, first_frame=given)).frames  # type: ignore[arg-type]
    assert difference(frames[0], pixels(given)) < 6
    assert difference(frames[36], frames[0]) > 2, "then it zooms in"
    assert difference(frames[71], frames[0]) < 3, "and back"


def test_a_frame_of_another_shape_is_cropped_not_squeezed() -> None:
    given = png("abstract", width=512, height=512)
    frame = decoded(make_video("x", **{**SMALL, "seconds": 1}, first_frame=given)).frames[0]  # type: ignore[arg-type]
    with Image.open(io.BytesIO(given)) as picture:
        middle = picture.crop((0, 112, 512, 400)).resize((320, 180))
    assert difference(frame, np.asarray(middle, dtype=float)) < 6


def test_first_and_last_frame_are_first_and_last() -> None:
    first, last = png("a cat in a garden by day"), png("a desert by night")
    frames = decoded(make_video("x", **SMALL, first_frame=first, last_frame=last)).frames  # type: ignore[arg-type]
    assert len(frames) == 48
    assert difference(frames[0], pixels(first)) < 6
    assert difference(frames[-1], pixels(last)) < 6
    half = (pixels(first) + pixels(last)) / 2
    assert difference(frames[24], half) < 12, "in between, something of both"


def test_a_last_frame_alone_is_reached_from_the_scene() -> None:
    last = png("a desert by night")
    frames = decoded(make_video("snow by day", **SMALL, last_frame=last)).frames  # type: ignore[arg-type]
    assert difference(frames[-1], pixels(last)) < 6
    assert difference(frames[0], frames[-1]) > 20


def test_a_subject_is_shown_on_every_frame() -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (250, 10, 10)).save(out, "PNG")
    frames = decoded(make_video("hills", **SMALL, subject=out.getvalue())).frames  # type: ignore[arg-type]
    for frame in frames[::12]:
        spot = frame[20:28, 290:298].reshape(-1, 3).mean(axis=0)
        assert spot[0] > 180
        assert spot[1] < 80


@pytest.mark.parametrize(("change", "words"), [({"width": 321}, "321 x 180"), ({"seconds": 0}, "0 s at 24")])
def test_what_cannot_be_encoded_is_refused(change: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_video("x", **{**SMALL, **change})  # type: ignore[arg-type]
