"""Checks of local images and recordings against a model's limits, before anything is sent.

Only content that is here is checked: a URL is the provider's to read. What cannot be measured (a
recording of an unknown form, say) is not refused for it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import one_of

_IMAGES = {"image/jpeg": "jpeg", "image/png": "png", "image/webp": "webp"}
_AUDIO = {
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/mp4a-latm": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
}
MB = 2**20


def image_problem(media: MediaInput, limits: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a local image, or ``None``.

    Parameters
    ----------
    media
        The input; one without content passes.
    limits
        :attr:`Model.limits` with ``image_formats``, ``image_bytes_max`` (must be smaller),
        ``image_side_min`` (px, the short side must be longer), ``image_ratio_min`` and
        ``image_ratio_max`` (width / height); those that are absent are not checked.
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
        return "cannot be read as an image"
    return _shape_problem(*size, limits)


def _shape_problem(width: int, height: int, limits: Mapping[str, Any]) -> str | None:
    shortest = limits.get("image_side_min")
    if shortest is not None and min(width, height) <= shortest:
        return f"{width} x {height} px; the short side must be more than {shortest} px"
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
        return f"{seconds:.4g} s long; {low:g} to {high:g} s"
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
