"""Media that a V2 video request names: by address, as a ``data:`` URI, or as an uploaded file."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minimax_nb.sandbox import media_links
from minimax_nb.sandbox.minimax.files import StoredFile
from minimax_nb.sandbox.wire import Call

_MB = 2**20
_KEPT_S = 7 * 86_400
_SIDE_MAX = 5760
#: What media at an outside address are taken to last, s; the sandbox opens none.
_UNSEEN_S = 5.0
_BYTES_MAX = {"video": 50 * _MB, "audio": 15 * _MB}
_DATA = {
    "image": r"data:image/(?:jpe?g|png|webp|heic|heif);base64,",
    "video": r"data:video/mp4;base64,",
    "audio": r"data:audio/(?:wav|x-wav|mp3|mpeg);base64,",
}
_FORMS = {"video": ("mp4", "mov"), "audio": ("wav", "mp3")}


@dataclass(frozen=True)
class Medium:
    """One input.

    Parameters
    ----------
    data
        Its bytes; ``None`` behind an outside address.
    seconds
        Its length, 0 for an image.
    ratio
        Width over height, where it is known.
    clip
        What is known of a video.
    """

    data: bytes | None = None
    seconds: float = 0.0
    ratio: float | None = None
    clip: Clip | None = None


@dataclass(frozen=True)
class Clip:
    """A video as decoded: size in px, frames, frames per second, codecs."""

    width: int
    height: int
    frames: int
    rate: float
    codec: str
    sound: str | None


async def read(call: Call, url: str, kind: str, limits: Mapping[str, Any]) -> Medium:
    """Return the medium at ``url``; raise ValueError saying what is wrong with it.

    Parameters
    ----------
    kind
        ``image``, ``video`` or ``audio``.
    limits
        The model's, for images.
    """
    data = await _bytes(call, url, kind)
    if data is None:
        return Medium(seconds=0.0 if kind == "image" else _UNSEEN_S)
    check = {
        "image": lambda: _image(data, limits),
        "video": lambda: _video(data),
        "audio": lambda: _audio(data),
    }
    return await call.world.blobs.run(check[kind])


async def _bytes(call: Call, url: str, kind: str) -> bytes | None:
    if url.startswith(("http://", "https://")):
        address = call.world.blobs.by_url(url)
        return None if address is None else await call.world.blobs.read(address.blob)
    if url.startswith("mm_file://"):
        number = url.removeprefix("mm_file://")
        found = call.account.files.get(int(number)) if number.isdigit() else None
        if not isinstance(found, StoredFile) or found.purpose != "video_generation_input":
            raise ValueError("no such file of purpose video_generation_input")
        if call.world.clock.now() > found.created + _KEPT_S:
            raise ValueError("file expired")
        return found.data
    if not re.match(_DATA[kind], url):
        raise ValueError(f"must be a URL, mm_file://, or a base64 data URI of an allowed {kind} format")
    return media_links.decode(url)


def _image(data: bytes, limits: Mapping[str, Any]) -> Medium:
    if data[4:12] in (b"ftypheic", b"ftypheif", b"ftypmif1"):
        return Medium(data)
    rule = media_links.ImageRule(
        ("jpg", "png", "webp"),
        limits["image_bytes_max"],
        limits["image_side_min"],
        limits["image_ratio_min"],
        limits["image_ratio_max"],
    )
    problem = rule.problem(data)
    if problem:
        raise ValueError(problem)
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    if max(width, height) > _SIDE_MAX:
        raise ValueError(f"sides must be at most {_SIDE_MAX} px")
    return Medium(data, ratio=width / height)


def _video(data: bytes) -> Medium:
    import av

    try:
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.video[0]
            sounds = container.streams.audio
            clip = Clip(
                stream.width, stream.height, stream.frames, float(stream.average_rate or 0),
                stream.codec_context.name, sounds[0].codec_context.name if sounds else None,
            )  # fmt: skip
            form, seconds = container.format.name, float((container.duration or 0) / 1_000_000)
    except (av.FFmpegError, IndexError, ValueError):
        raise ValueError("cannot be decoded") from None
    _limits(data, "video", form, seconds)
    if clip.codec not in {"h264", "hevc", "libx264"}:
        raise ValueError("must be H.264 or H.265")
    if clip.sound not in {None, "aac", "mp3", "mp3float"}:
        raise ValueError("sound must be AAC or MP3")
    if not 23.97 <= clip.rate <= 60:
        raise ValueError("must have 23.976 to 60 frames per second")
    return Medium(data, seconds, clip.width / clip.height, clip)


def _audio(data: bytes) -> Medium:
    import av

    try:
        with av.open(io.BytesIO(data)) as container:
            _ = container.streams.audio[0]
            form, seconds = container.format.name, float((container.duration or 0) / 1_000_000)
    except (av.FFmpegError, IndexError, ValueError):
        raise ValueError("cannot be decoded") from None
    _limits(data, "audio", form, seconds)
    return Medium(data, seconds)


def _limits(data: bytes, kind: str, form: str, seconds: float) -> None:
    if not set(form.split(",")) & set(_FORMS[kind]):
        raise ValueError(f"must be {' or '.join(_FORMS[kind])}")
    if len(data) > _BYTES_MAX[kind]:
        raise ValueError(f"must be at most {_BYTES_MAX[kind] // _MB} MB")
    if not 2 <= seconds <= 15.2:
        raise ValueError("must last 2 to 15 s")


def base_problem(clip: Clip | None) -> str | None:
    """Return why a video cannot be regenerated; ``None`` when it can, or was not seen."""
    if clip is None:
        return None
    if abs(clip.rate - 24) > 0.01:
        return "must have 24 frames per second"
    if clip.sound is None:
        return "must have sound"
    if clip.width % 32 or clip.height % 32:
        return "sides must be divisible by 32"
    if not 589_824 <= clip.width * clip.height <= 1_032_192:
        return "must have 589824 to 1032192 px"
    if clip.frames not in range(107, 363, 17):
        return "must have 107 to 362 frames, in steps of 17"
    return None
