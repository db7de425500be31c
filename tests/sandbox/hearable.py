"""What the speech tests share: bodies, uploads, decoded audio, events."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from typing import Any

import av
import httpx
import numpy as np

SPEECH = "/v1/t2a_v2"
VOICE = "English_expressive_narrator"
TEXT = "Hello there. How are you today? I am very well."
SAY = {"model": "speech-2.8-hd", "text": TEXT, "voice_setting": {"voice_id": VOICE}}


def recording(seconds: float, rate: int = 8000) -> bytes:
    """Return a wav of a rising tone."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = (int(9000 * math.sin(n * n / 4e4)) for n in range(int(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return buffer.getvalue()


def upload(box: Any, data: bytes, purpose: str = "voice_clone", name: str = "sample.wav") -> dict[str, Any]:
    """Upload a file; return the reply."""
    reply = box.call(
        "minimax", "POST", "/v1/files/upload", data={"purpose": purpose}, files={"file": (name, data)}
    )
    assert reply.status_code == 200
    return reply.json()


def events(reply: httpx.Response) -> list[dict[str, Any]]:
    """Return the server-sent events of a reply."""
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.text.endswith("\n\n")
    lines = reply.text.split("\n\n")[:-1]
    assert all(line.startswith("data: ") and "\n" not in line for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def samples(data: bytes, form: str | None = None, rate: int = 0) -> tuple[Any, int, int]:
    """Return decoded samples (channels by time), rate and channels; raw formats need ``form`` and ``rate``."""
    raw = {"pcm": "s16le", "pcmu_raw": "mulaw"}.get(form or "")
    options = {"sample_rate": str(rate)} if raw else {}
    with av.open(io.BytesIO(data), format=raw, options=options) as container:
        stream = container.streams.audio[0]
        blocks = [frame.to_ndarray() for frame in container.decode(stream)]
        channels = stream.channels
        packed = not stream.format.is_planar
        rate = stream.rate
    whole = np.concatenate([block.astype(np.float64) for block in blocks], axis=1)
    return (whole.reshape(-1, channels).T if packed else whole), rate, channels


def seconds(data: bytes, form: str | None = None, rate: int = 0) -> float:
    """Return the length of the decoded audio."""
    sound, found, _ = samples(data, form, rate)
    return sound.shape[1] / found
