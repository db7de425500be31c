"""The ``content`` of a V2 video request: its items, their roles, and the media they name.

Limits: MiniMax docs, api-reference/video-generation-v2-create; at most 12 files in all: the model card.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from minimax_nb.catalog import Model
from minimax_nb.sandbox.checks import Fields
from minimax_nb.sandbox.minimax import v2_media
from minimax_nb.sandbox.minimax.v2_media import Medium
from minimax_nb.sandbox.wire import Call

_TYPES = {"image_url": "image", "video_url": "video", "audio_url": "audio"}
_ROLES = {
    "image": ("first_frame", "last_frame", "reference_image"),
    "video": ("reference_video",),
    "audio": ("reference_audio",),
}
_FRAMES = ("first_frame", "last_frame")
_FILES_MAX = 12
_SECONDS_MAX = 15


@dataclass
class Material:
    """What a request is made from.

    Parameters
    ----------
    text
        The prompt.
    media
        ``(role, medium)`` in the order of the request.
    """

    text: str = ""
    media: list[tuple[str, Medium]] = field(default_factory=list)

    def of(self, role: str) -> list[Medium]:
        """Return the media with a role."""
        return [medium for name, medium in self.media if name == role]

    @property
    def mode(self) -> str:
        """``text``, ``frames`` or ``references``."""
        if not self.media:
            return "text"
        return "frames" if any(role in _FRAMES for role, _ in self.media) else "references"

    @property
    def input_seconds(self) -> int:
        """Seconds of reference video, rounded up, as they are billed."""
        return sum(math.ceil(medium.seconds) for medium in self.of("reference_video"))

    @property
    def audio_seconds(self) -> int:
        """Seconds of reference audio, rounded up."""
        return sum(math.ceil(medium.seconds) for medium in self.of("reference_audio"))

    def usage(self, output_seconds: int) -> dict[str, int]:
        """Return the ``usage`` of a finished task."""
        return {
            "total_seconds": self.input_seconds + output_seconds,
            "input_seconds": self.input_seconds,
            "output_seconds": output_seconds,
            "input_image_count": len(self.of("reference_image")),
            "input_audio_seconds": self.audio_seconds,
            "total_tokens": 0,
            "prompt_tokens": 0,
            "completion_tokens": 0,
        }


async def read(call: Call, fields: Fields, model: Model, *, base_video: bool = False) -> Material:
    """Return the checked content of a request.

    Parameters
    ----------
    base_video
        Whether it regenerates a video: then there is one with the role ``base_video``, and no text is needed.
    """
    items = fields.items("content", required=True)
    if not items:
        raise fields.fail("content", "must not be empty")
    found = Material()
    texts = 0
    images = sum(isinstance(item, dict) and item.get("type") == "image_url" for item in items)
    for index, raw in enumerate(items):
        if not isinstance(raw, dict):
            raise fields.fail(f"content[{index}]", "must be an object")
        item = Fields(raw, f"content[{index}].")
        kind = item.choice("type", ("text", *_TYPES), required=True)
        if kind == "text":
            texts += 1
            found.text = item.text("text", required=True, low=1, high=model.limits["prompt_max"]) or ""
        elif kind is not None:
            found.media.append(await _medium(call, item, model, _TYPES[kind], base_video, images == 1))
    if texts != 1 and not (base_video and texts == 0):
        raise fields.fail("content", "exactly one text item is required")
    _whole(fields, found, model, base_video)
    return found


async def _medium(
    call: Call, item: Fields, model: Model, kind: str, base_video: bool, alone: bool
) -> tuple[str, Medium]:
    url = item.child(f"{kind}_url", required=True).text("url", required=True, low=1) or ""
    roles = _ROLES[kind] if not (base_video and kind == "video") else ("base_video",)
    role = item.choice("role", roles)
    if role is None:
        if kind != "image" or not alone:
            raise item.fail("role", f"required, one of {', '.join(roles)}")
        role = "first_frame"
    try:
        return role, await v2_media.read(call, url, kind, model.limits)
    except ValueError as error:
        raise item.fail(f"{kind}_url.url", str(error)) from None


def _whole(fields: Fields, found: Material, model: Model, base_video: bool) -> None:
    """Check the counts and what excludes what."""
    roles = [role for role, _ in found.media]
    most: dict[str, Any] = {f"reference_{kind}": n for kind, n in model.limits["references"].items()}
    most |= {"first_frame": 1, "last_frame": 1, "base_video": 1}
    for role in dict.fromkeys(roles):
        if roles.count(role) > most[role]:
            raise fields.fail("content", f"at most {most[role]} {role}")
    if base_video:
        if "base_video" not in roles:
            raise fields.fail("content", "exactly one video_url with role base_video is required")
        if set(roles) & set(_FRAMES):
            raise fields.fail("content", "frames cannot be used with base_video")
        return
    frames, references = set(roles) & set(_FRAMES), set(roles) - set(_FRAMES)
    if frames and references:
        raise fields.fail("content", "first_frame/last_frame and reference media are mutually exclusive")
    if "last_frame" in frames and "first_frame" not in frames:
        raise fields.fail("content", "last_frame needs first_frame")
    if references == {"reference_audio"}:
        raise fields.fail("content", "reference_audio needs a reference_image or reference_video")
    if len(roles) > _FILES_MAX:
        raise fields.fail("content", f"at most {_FILES_MAX} files")
    for role in ("reference_video", "reference_audio"):
        if sum(medium.seconds for medium in found.of(role)) > _SECONDS_MAX:
            raise fields.fail("content", f"{role}: at most {_SECONDS_MAX} s in total")


def ratio(fields: Fields, model: Model, found: Material) -> str:
    """Return the ratio the clip will have, by the rules of what it is made from."""
    allowed = model.limits["aspect_ratios"]
    asked = fields.choice("ratio", allowed)
    if found.mode == "text":
        if asked is None:
            raise fields.fail("ratio", "required for text to video")
        if asked == "adaptive":
            raise fields.fail("ratio", "adaptive is not supported for text to video")
        return asked
    if found.mode == "references":
        if model.limits.get("concrete_ratio") and asked in (None, "adaptive"):
            raise fields.fail("ratio", f"{model.name} needs a ratio other than adaptive with references")
        if asked not in (None, "adaptive"):
            return asked
    shapes = [medium.ratio for _, medium in found.media if medium.ratio]
    shape = shapes[0] if shapes else 16 / 9
    names: list[str] = [name for name in allowed if name != "adaptive"]
    return min(names, key=lambda name: abs(_value(name) - shape))


def _value(name: str) -> float:
    width, height = name.split(":")
    return int(width) / int(height)


def size(name: str, resolution: str) -> tuple[int, int]:
    """Return width and height in px, multiples of 32 but for the short side of 2K."""
    short = {"480P": 480, "768P": 768, "2K": 1440}[resolution]
    value = _value(name)
    long = int(short * max(value, 1 / value)) // 32 * 32
    return (long, short) if value >= 1 else (short, long)
