"""Facts of a media file: size in pixels, duration, rates, codec."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from minimax_nb.media.types import RAW_AUDIO, kind_of

#: The tag by which a camera says how it was held.
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file; ``None`` where nothing is."""

    width: int | None = None  #: px, as shown
    height: int | None = None  #: px, as shown
    duration_s: float | None = None
    frame_rate: float | None = None  #: frames per second
    sample_rate: int | None = None  #: Hz
    channels: int | None = None
    bitrate: int | None = None  #: bit/s
    codec: str | None = None  #: of the picture, or of the sound where there is none
    audio_codec: str | None = None  #: of a video's sound track

    def to_dict(self) -> dict[str, Any]:
        """Return the known facts as a JSON-ready dict."""
        known = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in known if value is not None}


def probe(
    path: Path, mime: str, *, hint: Mapping[str, Any] | None = None, content: bytes | None = None
) -> Facts:
    """Return the facts of a file; what no installed library can read is left unknown.

    Parameters
    ----------
    path
        The file.
    mime
        Its media type.
    hint
        For sound without a header: ``sample_rate`` (or ``audio_sample_rate``) in Hz and ``channels``
        (or ``channel``, ``audio_channel``) as they were asked for.
    content
        The bytes of the file, where they are at hand.
    """
    readers = {
        "image": (_image,),
        # tinytag reads the header of a sound file in a millisecond; av costs 0.2 s to import.
        "audio": (_tagged, _container, _wave),
        "video": (_container, _tagged),
        "text": (),
    }[kind_of(mime)]
    if mime in RAW_AUDIO:
        return _raw(path, mime, hint or {})
    for reader in readers:
        try:
            found = reader(path, None if content is None else BytesIO(content))
        except Exception:  # noqa: S112 - a damaged file is somebody's result all the same
            continue
        if found is not None:
            return found
    return Facts()


def raw_format(mime: str, hint: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """Return (Hz, channels, bytes a sample) of sound without a header; ``None`` when the rate is not known."""
    rate = hint.get("sample_rate") or hint.get("audio_sample_rate")
    channels = hint.get("channels") or hint.get("channel") or hint.get("audio_channel") or 1
    return (int(rate), int(channels), 2 if RAW_AUDIO[mime] == "pcm" else 1) if rate else None


def _raw(path: Path, mime: str, hint: Mapping[str, Any]) -> Facts:
    codec = {"pcm": "pcm_s16le", "ulaw": "pcm_mulaw"}[RAW_AUDIO[mime]]
    form = raw_format(mime, hint)
    if form is None:
        return Facts(codec=codec)
    rate, channels, width = form
    duration = path.stat().st_size / (rate * channels * width)
    return Facts(None, None, duration, None, rate, channels, rate * channels * width * 8, codec)


def _image(path: Path, content: BinaryIO | None) -> Facts:
    from PIL import Image

    with Image.open(content or path) as image:
        sideways = image.getexif().get(_ORIENTATION, 1) >= 5  # it is shown turned by a quarter
        width, height = image.size[::-1] if sideways else image.size
        return Facts(width=width, height=height, codec=(image.format or "").lower() or None)


def _tagged(path: Path, content: BinaryIO | None) -> Facts | None:
    from tinytag import TinyTag

    tag = TinyTag.get(path, file_obj=content, tags=False)
    if not tag.duration:
        return None
    return Facts(
        duration_s=tag.duration,
        sample_rate=tag.samplerate,
        channels=tag.channels,
        bitrate=round(tag.bitrate * 1000) if tag.bitrate else None,
        codec={"mp3": "mp3", "wav": "pcm", "flac": "flac", "m4a": "aac"}.get(path.suffix[1:]),
    )


def _container(path: Path, content: BinaryIO | None) -> Facts | None:
    try:
        import av
    except ImportError:
        return None
    with av.open(content or str(path)) as container:
        video = next(iter(container.streams.video), None)
        audio = next(iter(container.streams.audio), None)
        main = video or audio
        if main is None:
            return None
        duration = main.duration * main.time_base if main.duration and main.time_base else None
        if duration is None and container.duration:
            duration = container.duration / av.time_base
        sound = {
            "sample_rate": audio.rate if audio else None,
            "channels": audio.channels if audio else None,
        }
        return Facts(
            width=video.width if video else None,
            height=video.height if video else None,
            duration_s=float(duration) if duration else None,
            frame_rate=float(video.average_rate) if video and video.average_rate else None,
            bitrate=container.bit_rate or main.bit_rate or None,
            codec=main.codec_context.name,
            audio_codec=audio.codec_context.name if video and audio else None,
            **sound,
        )


def _wave(path: Path, content: BinaryIO | None) -> Facts:
    with wave.open(content or str(path)) as file:
        rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
        bitrate = rate * channels * width * 8
        return Facts(None, None, file.getnframes() / rate, None, rate, channels, bitrate, "pcm")
