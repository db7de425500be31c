"""What a file is: its media type by content, and the file name extension that goes with it."""

from __future__ import annotations

import mimetypes
from typing import Literal

from minimax_nb.errors import MediaError
from minimax_nb.kinds.inputs import sniff

MediaKind = Literal["image", "video", "audio", "text"]

#: How many leading bytes :func:`media_type` wants to see.
HEAD = 512

#: Sound without a header: nothing in the bytes tells, so the declared type is believed.
RAW_AUDIO = {
    "audio/pcm": "pcm",
    "audio/l16": "pcm",
    "audio/basic": "ulaw",
    "audio/pcmu": "ulaw",
}

_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/tiff": "tiff",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/x-tar": "tar",
    "application/zip": "zip",
    "text/plain": "txt",
    "text/markdown": "md",
    "text/vtt": "vtt",
    "application/x-subrip": "srt",
    "application/octet-stream": "bin",
    **RAW_AUDIO,
}
_TYPES = {ext: mime for mime, ext in reversed(_EXTENSIONS.items())}


def media_type(head: bytes, hint: str | None = None) -> str:
    """Return the media type of a file.

    Parameters
    ----------
    head
        The first :data:`HEAD` bytes; what they show wins over what was declared.
    hint
        The declared type, believed where the bytes do not tell.

    Raises
    ------
    MediaError
        For a web page, or for text where an image, sound or video was declared: an error message in
        place of the result.
    """
    declared = (hint or "").partition(";")[0].strip().lower()
    if declared == "text/markdown":
        return declared  # an answer may be JSON, a web page or anything else that was asked for
    text = _text_type(head)
    if text == "text/html":
        raise MediaError(f"expected {declared or 'media'}, got a web page")
    if text and declared.startswith(("image/", "audio/", "video/")):
        raise MediaError(f"expected {declared}, got {'JSON' if text == 'application/json' else 'XML'} text")
    found = sniff(head)
    if found == "application/x-tar":
        return found
    if declared in RAW_AUDIO and (found is None or not head.startswith((b"RIFF", b"fLaC", b"OggS", b"ID3"))):
        return declared  # samples may look like an MPEG frame or anything else
    return found or text or declared or "application/octet-stream"


def _text_type(head: bytes) -> str | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "text/html"
    if start.startswith((b'{"', b"{}", b"{ ", b"{\n", b"{\r", b"[{", b"[]", b'["')):
        return "application/json"
    return "application/xml" if start.startswith(b"<?xml") else None


def extension(mime: str) -> str:
    """Return the file name extension of a media type, without the dot."""
    return _EXTENSIONS.get(mime) or (mimetypes.guess_extension(mime) or ".bin")[1:]


def type_of_extension(ext: str) -> str:
    """Return the media type that :func:`extension` gave ``ext`` for."""
    return _TYPES.get(ext) or mimetypes.guess_type(f"x.{ext}")[0] or "application/octet-stream"


def kind_of(mime: str) -> MediaKind:
    """Return the family of a media type; whatever is no image, video or audio is ``text``."""
    family = mime.partition("/")[0]
    return family if family in ("image", "video", "audio") else "text"  # type: ignore[return-value]
