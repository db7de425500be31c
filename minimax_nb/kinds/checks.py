"""Checks of local images and recordings against a model's limits, before anything is sent.

Only content that is here is checked: a URL is the provider's to read. What cannot be measured (a
recording of an unknown form, say) is not refused for it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import one_of

_IMAGES = {
    "image/jpeg": "jpeg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/heic": "heic",
}  # fmt: skip
_VIDEOS = {"video/mp4": "mp4", "video/quicktime": "mov"}
_AUDIO = {
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/mp4a-latm": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/flac": "flac",
    "audio/x-flac": "flac",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/aac": "aac",
    "audio/x-aac": "aac",
    "audio/aiff": "aiff",
    "audio/x-aiff": "aiff",
}
MB = 2**20
#: Seconds by which a video may be longer than asked and still count as asked.
_ROUNDING = 0.2


def image_problem(media: MediaInput, limits: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a local image, or ``None``.

    Parameters
    ----------
    media
        The input; one without content passes.
    limits
        :attr:`Model.limits` with ``image_formats``, ``image_bytes_max`` (must be smaller),
        ``image_side_min`` (px, the short side must be longer), ``image_side_max``, ``image_ratio_min``
        and ``image_ratio_max`` (width / height); those that are absent are not checked.
    """
    if media.data is None:
        return None
    formats = limits.get("image_formats")
    form = _IMAGES.get(media.mime or "")
    if formats and form not in _plain(formats):
        return f"{_called(media)}; {one_of(formats)}"
    most = limits.get("image_bytes_max")
    if most is not None and len(media.data) >= most:
        return f"{len(media.data) / MB:.4g} MB; less than {most / MB:g} MB"
    size = _pixels(media.data)
    if size is None:
        # Pillow alone opens no HEIC; its size is left to the provider.
        return None if form == "heic" else "cannot be read as an image"
    return _shape_problem(*size, limits)


def _shape_problem(width: int, height: int, limits: Mapping[str, Any]) -> str | None:
    shortest = limits.get("image_side_min")
    if shortest is not None and min(width, height) <= shortest:
        return f"{width} x {height} px; the short side must be more than {shortest} px"
    longest = limits.get("image_side_max")
    if longest is not None and max(width, height) > longest:
        return f"{width} x {height} px; the long side must be at most {longest} px"
    low, high = limits.get("image_ratio_min"), limits.get("image_ratio_max")
    ratio = width / height
    if (low is not None and ratio < low) or (high is not None and ratio > high):
        return f"{width} x {height} px; width : height must be from {_ratio(low or 0)} to {_ratio(high or 0)}"
    return None


def audio_problem(
    media: MediaInput, limits: Mapping[str, Any], *, below: float | None = None, least: bool = True
) -> str | None:
    """Return what is wrong with a local recording, or ``None``.

    Parameters
    ----------
    media
        The input; one without content passes.
    limits
        :attr:`Model.limits` with ``audio_formats``, ``audio_bytes_max``, ``audio_seconds_min`` and
        ``audio_seconds_max``; those that are absent are not checked.
    below
        In place of the seconds of ``limits``: it must be shorter than this.
    """
    if media.data is None:
        return None
    formats = limits.get("audio_formats")
    if formats and _AUDIO.get(_audio_mime(media)) not in _plain(formats):
        return f"{_called(media)}; {one_of(formats)}"
    most = limits.get("audio_bytes_max")
    if most is not None and len(media.data) > most:
        return f"{len(media.data) / MB:.4g} MB; at most {most / MB:g} MB"
    seconds = audio_seconds(media)
    if seconds is None:
        return None
    if below is not None:
        return f"{seconds:.4g} s long; less than {below:g} s" if seconds >= below else None
    low, high = limits.get("audio_seconds_min"), limits.get("audio_seconds_max")
    if (low is not None and seconds < low) or (high is not None and seconds > high):
        return f"{seconds:.4g} s long; {f'{low:g} to' if low is not None else 'at most'} {high:g} s"
    return None


@dataclass(frozen=True, slots=True)
class Clip:
    """What a local video shows of itself; a part that cannot be told is ``None``.

    Parameters
    ----------
    seconds
        Its length.
    width, height
        Size of its picture in px.
    frames, rate
        Number of frames, and frames a second.
    sound
        Whether it has sound.
    """

    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    rate: float | None = None
    sound: bool | None = None


def clip_of(media: MediaInput) -> Clip | None:
    """Return what a local video shows of itself; ``None`` when it has no content here or cannot be read.

    Without the av package its length alone is known.
    """
    if media.data is None:
        return None
    try:
        import av
    except ImportError:
        return Clip(seconds) if (seconds := audio_seconds(media)) else None
    try:
        with av.open(io.BytesIO(media.data)) as container:
            picture = container.streams.video[0]
            return Clip(
                float(container.duration or 0) / 1_000_000 or None,
                picture.width,
                picture.height,
                picture.frames or None,
                float(picture.average_rate) if picture.average_rate else None,
                bool(container.streams.audio),
            )
    except (av.FFmpegError, IndexError, ValueError):
        return None


def video_problem(media: MediaInput, limits: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a local video, or ``None``.

    Parameters
    ----------
    media
        The input; one without content passes.
    limits
        :attr:`Model.limits` with ``video_formats``, ``video_bytes_max``, ``video_seconds_min``,
        ``video_seconds_max``, ``video_rate_min`` and ``video_rate_max``; those that are absent are not checked.
    """
    if media.data is None:
        return None
    formats = limits.get("video_formats")
    if formats and _VIDEOS.get(media.mime or "") not in formats:
        return f"{_called(media)}; {one_of(formats)}"
    most = limits.get("video_bytes_max")
    if most is not None and len(media.data) > most:
        return f"{len(media.data) / MB:.4g} MB; at most {most / MB:g} MB"
    clip = clip_of(media)
    if clip is None:
        return "cannot be read as a video"
    low, high = limits.get("video_seconds_min"), limits.get("video_seconds_max")
    # A clip of fifteen seconds is a few frames longer by its own count.
    seconds = clip.seconds
    if (
        seconds is not None
        and low is not None
        and high is not None
        and not low <= seconds <= high + _ROUNDING
    ):
        return f"{seconds:.4g} s long; {low:g} to {high:g} s"
    low, high = limits.get("video_rate_min"), limits.get("video_rate_max")
    if low is not None and high is not None and clip.rate is not None and not low <= clip.rate <= high:
        return f"{clip.rate:.5g} frames/s; {low:g} to {high:g}"
    return None


def audio_seconds(media: MediaInput) -> float | None:
    """Return the length of a local recording in seconds, or ``None`` when it cannot be told."""
    if media.data is None:
        return None
    from tinytag import TinyTag, TinyTagException

    try:
        return TinyTag.get(media.name, file_obj=io.BytesIO(media.data), tags=False).duration
    except TinyTagException:
        return None


def _audio_mime(media: MediaInput) -> str:
    """Return the media type, an ``.m4a`` with the general MP4 brand (which alone says video) as audio."""
    if media.mime == "video/mp4" and media.name.lower().endswith(".m4a"):
        return "audio/mp4"
    return media.mime or ""


def _pixels(data: bytes) -> tuple[int, int] | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _plain(formats: Iterable[str]) -> set[str]:
    return {"jpeg" if name.lower() == "jpg" else name.lower() for name in formats}


def _called(media: MediaInput) -> str:
    return media.mime or "of no known type"


def _ratio(value: float) -> str:
    """0.4 → ``2:5``."""
    from fractions import Fraction

    whole = Fraction(value).limit_denominator(20)
    return f"{whole.numerator}:{whole.denominator}"
