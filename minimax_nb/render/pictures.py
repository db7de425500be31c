"""Media as a card shows them: a relative link, a small embedded preview, and facts for the caption."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from minimax_nb.render import format as fmt

if TYPE_CHECKING:
    from minimax_nb.media import Media
    from minimax_nb.media.probe import Facts

MediaKind = Literal["image", "video", "audio", "text"]

#: Longest side of an embedded image preview, by how many are shown at once.
_IMAGE_PX = ((1, 800), (4, 512), (9, 384))
#: Longest side of an input's preview, and how many get one.
_INPUT_PX = 160
_INPUTS = 9
#: Sound without a header.
UNPLAYABLE = frozenset({"audio/pcm", "audio/l16", "audio/basic", "audio/pcmu"})

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "audio/mpeg": "MP3",
    "audio/wav": "WAV",
    "audio/flac": "FLAC",
    "audio/ogg": "Ogg",
    "video/mp4": "MP4",
    "video/webm": "WebM",
    "text/markdown": "Markdown",
    "text/plain": "text",
    "text/vtt": "WebVTT",
    "application/x-subrip": "SRT",
    "application/json": "JSON",
}
_CODECS = {"h264": "H.264", "hevc": "H.265", "av1": "AV1", "vp9": "VP9", "aac": "AAC", "mp3": "MP3"}
_CHANNELS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True, slots=True)
class MediaView:
    """One file of a result.

    Parameters
    ----------
    kind
        ``image``, ``video``, ``audio`` or ``text``.
    role
        ``output``, ``preview`` or ``subtitle``.
    src
        Relative, URL-quoted path, or a data URI; empty when the file cannot be linked from the notebook.
    mime
        Media type.
    alt
        What a screen reader says.
    thumb
        Data URI of a small preview (image ≤ 80 kB; poster or waveform ≤ 40 kB).
    width, height
        Pixels.
    duration_s
        Seconds.
    facts
        (label, value) pairs for the caption; ``file`` is the only one that may differ between runs.
    note
        A remark under the player.
    """

    kind: MediaKind
    role: str
    src: str
    mime: str
    alt: str = ""
    thumb: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    facts: tuple[tuple[str, str], ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class InputView:
    """One file or address that went into a request: its option, its name, a small preview where there is one."""

    label: str
    name: str
    thumb: str | None = None


def input_views(request: Mapping[str, Any], media: Sequence[Media]) -> tuple[InputView, ...]:
    """Return what went into a request, in its order; previews come from the store that the results are in."""
    found: list[InputView] = []
    for key, value in request.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if not isinstance(item, Mapping) or not (item.get("sha256") or item.get("url")):
                continue
            kept = media[0].beside(str(item["sha256"])) if media and item.get("sha256") else None
            thumb = _thumb(kept, _INPUT_PX) if kept is not None and len(found) < _INPUTS else None
            name = str(item.get("name") or item.get("url") or "file")
            found.append(InputView(str(key).replace("_", " "), name, thumb))
    return tuple(found)


def media_views(
    media: Sequence[Media], *, alt: str = "", link_base: Path | None = None, beside: int = 0
) -> tuple[MediaView, ...]:
    """Return the views of a job's files.

    Parameters
    ----------
    media
        The files, in order.
    alt
        The prompt, for the alternative text.
    link_base
        Folder that the links are relative to; the working folder (the notebook's) by default.
    beside
        How many files of other jobs are shown with them; the more, the smaller the previews.
    """
    outputs = sum(item.role == "output" for item in media)
    longest = next((pixels for most, pixels in _IMAGE_PX if outputs + beside <= most), _IMAGE_PX[-1][1])
    base = link_base or Path.cwd()
    views = []
    for number, item in enumerate(media):
        name = item.kind if outputs < 2 or item.role != "output" else f"{item.kind} {number + 1} of {outputs}"
        views.append(_view(item, f"{name}: {fmt.shorten(alt, 120)}" if alt else name, base, longest))
    return tuple(views)


def _view(item: Media, alt: str, base: Path, longest: int) -> MediaView:
    facts, note = _facts(item)
    return MediaView(
        kind=item.kind,
        role=item.role,
        src=link(item.path, base),
        mime=item.mime,
        alt=alt,
        thumb=_thumb(item, longest),
        width=facts.width,
        height=facts.height,
        duration_s=facts.duration_s,
        facts=tuple((label, value) for label, value in _captions(item, facts) if value),
        note=note,
    )


def _facts(item: Media) -> tuple[Facts, str | None]:
    """Return the facts of a file and a remark; a file that is gone has none."""
    from minimax_nb.media.probe import Facts

    try:
        facts = item.facts
    except Exception:  # the rest of the card is still worth showing; a path of this machine is not
        return Facts(), "this file is gone, or cannot be read"
    if item.mime in UNPLAYABLE:
        return facts, "raw samples, which a browser does not play; --format mp3 or wav does"
    if facts.audio_codec == "aac" and "VSCODE_PID" in os.environ:
        return facts, "VS Code plays this without its sound (AAC); the file has it"
    return facts, None


def link(path: Path, base: Path) -> str:
    """Return ``path`` relative to ``base`` as a URL path; empty when there is no relative way."""
    try:
        relative = os.path.relpath(path, base)
    except ValueError:  # another drive
        return ""
    return quote(Path(relative).as_posix().encode("utf-8", "replace"), safe="/")


def _captions(item: Media, facts: Facts) -> Iterator[tuple[str, str]]:
    sound = item.kind == "audio"
    yield "size", fmt.pixels(facts.width, facts.height)
    yield "duration", fmt.seconds(facts.duration_s)
    yield "frame rate", fmt.frames(facts.frame_rate)
    yield "sample rate", fmt.hertz(facts.sample_rate) if sound else ""
    yield "channels", _CHANNELS.get(facts.channels or 0, "") if sound else ""
    yield "bit rate", fmt.bits(facts.bitrate) if sound else ""
    yield "format", _format(item, facts)
    yield "file", fmt.size(item.bytes_size)


def _format(item: Media, facts: Facts) -> str:
    if item.kind != "video" or not facts.codec:
        return _FORMATS.get(item.mime, item.mime)
    return " + ".join(_CODECS.get(codec, codec) for codec in (facts.codec, facts.audio_codec) if codec)


def _thumb(item: Media, longest: int) -> str | None:
    try:
        return _preview(item, longest)
    except Exception:  # a preview is a courtesy; the file is linked all the same
        return None


@lru_cache(maxsize=128)
def _preview(item: Media, longest: int) -> str | None:
    """Return the preview of a file, kept in memory: a live board asks for it many times a second."""
    return item.preview_uri(longest)
