"""Real media files, small and made on the spot."""

from __future__ import annotations

import io
import math
import wave
from pathlib import Path


def picture(width: int, height: int, form: str = "JPEG", *, seed: int = 1, noise: bool = False) -> bytes:
    """A gradient, or noise that no encoder can make small."""
    import numpy as np
    from PIL import Image

    if noise:
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    else:
        across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
        pixels = np.stack([across, down, np.full_like(across, seed * 40 % 256)], axis=2).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def wav(seconds: float = 1, rate: int = 24000, channels: int = 1, *, loud_half: bool = False) -> bytes:
    """A 220 Hz tone; ``loud_half``: silence first, then the tone."""
    frames = bytearray()
    for number in range(int(seconds * rate)):
        level = 0 if loud_half and number < seconds * rate / 2 else 12000
        frames += (
            int(level * math.sin(2 * math.pi * 220 * number / rate)).to_bytes(2, "little", signed=True)
            * channels
        )
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(frames))
    return buffer.getvalue()


def mp3(seconds: float = 1, rate: int = 32000, bitrate: int = 128) -> bytes:
    """The tone of :func:`wav` as constant-rate MP3."""
    import lameenc

    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(bitrate)
    encoder.set_in_sample_rate(rate)
    encoder.set_channels(1)
    with wave.open(io.BytesIO(wav(seconds, rate))) as file:
        samples = file.readframes(file.getnframes())
    return bytes(encoder.encode(samples) + encoder.flush())


def mp4(
    path: Path, seconds: int = 1, size: tuple[int, int] = (64, 64), *, sound: bool = False, dark: int = 0
) -> Path:
    """H.264 at 24 frames a second, a key frame every 12; the first ``dark`` frames are black."""
    import av
    import numpy as np

    width, height = size
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24, options={"preset": "ultrafast", "g": "12"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = container.add_stream("aac", rate=44100, layout="mono") if sound else None
        for number in range(seconds * 24):
            pixels = np.zeros((height, width, 3), np.uint8)
            if number >= dark:
                pixels[:, : width // 2] = (250, 200, 40)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode())
        if audio is not None:
            tone = np.sin(np.arange(seconds * 44100) * 0.03).astype(np.float32)[None]
            for start in range(0, tone.shape[1], 1024):
                part = av.AudioFrame.from_ndarray(tone[:, start : start + 1024], format="fltp", layout="mono")
                part.rate, part.pts = 44100, start
                container.mux(audio.encode(part))
            container.mux(audio.encode())
    return path
