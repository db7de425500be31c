"""Clips for video requests: H.264 and AAC in an mp4 that begins to play before it is loaded.

A clip repeats a loop of a few seconds. Only the loop is encoded, as one closed group of pictures, and its
packets are written again with later times: ten seconds cost hardly more than three.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from PIL import Image, ImageOps

from minimax_nb.sandbox.media import motion
from minimax_nb.sandbox.media.image import caption, compose, grade, inset
from minimax_nb.sandbox.media.noise import Bytes
from minimax_nb.sandbox.media.synth import Samples, pad
from minimax_nb.sandbox.media.words import rng_of

LOOP_SECONDS = 3


@dataclass(frozen=True)
class Sound:
    """The form of a clip's sound: samples a second in Hz, and one channel or two."""

    rate: int = 44_100
    stereo: bool = False


def make_video(
    prompt: str,
    *,
    width: int,
    height: int,
    seconds: int,
    seed: int,
    model: str,
    first_frame: bytes | None = None,
    last_frame: bytes | None = None,
    subject: bytes | None = None,
    fps: int = 24,
    frames: int | None = None,
    audio: bool = True,
    sound: Sound | None = None,
) -> bytes:
    """Film a prompt.

    Parameters
    ----------
    prompt
        Chooses the scene, as in :func:`~minimax_nb.sandbox.media.make_image`.
    width, height
        Pixels, even.
    seconds
        Length; the clip has exactly ``seconds * fps`` frames, or ``frames`` where they are said.
    seed, model
        Change the composition and the grading.
    first_frame
        An encoded picture to begin with; without a last frame, a slow zoom into it and back.
    last_frame
        An encoded picture to end with; from the first frame or, without one, from the prompt's scene.
    subject
        An encoded picture shown in a round inset (a subject reference).
    fps
        Frames per second.
    audio, sound
        Whether there is sound, a quiet chord, and its form; mono at 44.1 kHz unless said.

    Returns
    -------
    bytes
        An mp4 with its index at the front; the same arguments give the same bytes.

    Raises
    ------
    ValueError
        If a side is odd, or the clip would have no frame.
    """
    if width % 2 or height % 2:
        msg = f"H.264 with 4:2:0 chroma needs even sides, got {width} x {height}"
        raise ValueError(msg)
    size, total = (width, height), frames or seconds * fps
    if total < 1:
        msg = f"a clip of {seconds} s at {fps} frames/s has no frame"
        raise ValueError(msg)
    count = total if last_frame is not None else min(LOOP_SECONDS * fps, total)
    if last_frame is not None:
        first = _fit(first_frame, size) if first_frame else _still(prompt, size, seed, model)
        pictures = motion.crossfade(first, _fit(last_frame, size), count)
    elif first_frame is not None:
        pictures = motion.breathe(_fit(first_frame, size), count)
    else:
        wide = width + 2 * motion.margin_of(width)
        scene = compose(prompt, width=wide, height=height, seed=seed, model=model)
        pictures = motion.sway(scene, width, count, lambda image: grade(image, model))
    layers = [caption(size, f"{model} · seed {seed} · {prompt}")]
    if subject is not None:
        layers.append(inset(size, subject))
    overlay = motion.Overlay(layers)
    form = sound or Sound()
    chord = pad(rng_of("pad", prompt, seed, model), total / fps, form.rate) if audio else None
    return _film(map(overlay.over, pictures), size, count, total, fps, chord, form)


def _fit(data: bytes, size: tuple[int, int]) -> Image.Image:
    """Decode a picture, crop it around its middle to the shape of the clip, and scale it."""
    with Image.open(io.BytesIO(data)) as source:
        return ImageOps.fit(source.convert("RGB"), size)


def _still(prompt: str, size: tuple[int, int], seed: int, model: str) -> Image.Image:
    scene = compose(prompt, width=size[0], height=size[1], seed=seed, model=model)
    return grade(scene.canvas, model)


def _film(
    frames: Iterable[motion.Planes],
    size: tuple[int, int],
    count: int,
    total: int,
    fps: int,
    sound: Samples | None,
    form: Sound,
) -> bytes:
    """Encode ``count`` frames, write them over and over until there are ``total``, add the sound.

    A file rather than memory: moving the index to the front needs to read back what was written.
    """
    handle, path = tempfile.mkstemp(suffix=".mp4")
    os.close(handle)
    try:
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        with av.open(path, "w", format="mp4", options=options) as out:
            video = _video_stream(out, size, fps, min(count, LOOP_SECONDS * fps))
            loop = [(bytes(packet), packet.is_keyframe) for packet in _packets(video, frames, size, fps)]
            voice = list(_voice(out, sound, form)) if sound is not None else []
            for i in range(total):
                data, key = loop[i % count]
                packet = av.Packet(data)
                packet.pts = packet.dts = i
                packet.duration, packet.time_base = 1, Fraction(1, fps)
                packet.is_keyframe, packet.stream = key, video
                out.mux(packet)
                while voice and float(voice[0].pts * voice[0].time_base) <= (i + 1) / fps:
                    out.mux(voice.pop(0))
            for packet in voice:
                out.mux(packet)
        with open(path, "rb") as file:
            return file.read()
    finally:
        os.unlink(path)


def _video_stream(
    out: av.container.OutputContainer, size: tuple[int, int], fps: int, keyframes: int
) -> av.VideoStream:
    """Set up H.264 with one thread and no B frames: the same bytes each time, a loop that needs no other.

    A constant quantiser costs a third less than a constant rate factor, which looks at each frame twice.
    """
    stream = out.add_stream("libx264", rate=fps)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.options = {"preset": "ultrafast", "tune": "zerolatency", "qp": "26"}
    context = stream.codec_context
    context.thread_count, context.gop_size, context.max_b_frames = 1, keyframes, 0
    context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
    context.color_range = 1  # limited
    return stream


def _packets(
    stream: av.VideoStream, frames: Iterable[motion.Planes], size: tuple[int, int], fps: int
) -> Iterator[av.Packet]:
    shown: motion.Planes | None = None
    frame: av.VideoFrame | None = None
    for i, planes in enumerate(frames):
        if frame is None or planes is not shown:
            frame, shown = av.VideoFrame(*size, "yuv420p"), planes
            for plane, pixels in zip(frame.planes, planes, strict=True):
                plane.update(_rows(pixels, plane.line_size))
        frame.pts, frame.time_base = i, Fraction(1, fps)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _rows(pixels: Bytes, line: int) -> Bytes:
    """Rows of the length that the encoder's memory has."""
    if pixels.shape[1] == line:
        return np.ascontiguousarray(pixels)
    wide = np.zeros((pixels.shape[0], line), dtype=np.uint8)
    wide[:, : pixels.shape[1]] = pixels
    return wide


def _voice(out: av.container.OutputContainer, sound: Samples, form: Sound) -> Iterator[av.Packet]:
    stream = out.add_stream("aac", rate=form.rate, options={"aac_coder": "fast"})
    stream.layout, stream.bit_rate = "stereo" if form.stereo else "mono", 64_000
    samples = np.repeat(sound, 2)[None, :] if form.stereo else sound[None, :]
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=stream.layout.name)
    frame.sample_rate, frame.pts = form.rate, 0
    yield from stream.encode(frame)
    yield from stream.encode(None)
