"""Small pictures of media for a notebook: thumbnails, posters, waveforms.

All return ``None`` where no installed library can read the file. They are pure; :func:`cached`
keeps what they made beside the media store.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.files import whole_file
from minimax_nb.media import decode
from minimax_nb.media.types import kind_of, media_type, type_of_extension

if TYPE_CHECKING:
    from PIL.Image import Image

#: A picture's media type and bytes.
Picture = tuple[str, bytes]

#: Largest data URI of a card's picture, in characters: of an image, and of a poster or a waveform.
IMAGE_CAP = 80_000
POSTER_CAP = 40_000

#: Grey-blue of middle lightness: readable on a light and on a dark page.
WAVE_COLOUR = (108, 134, 172)
_QUALITIES = (85, 75, 62, 50)
_SMALLEST = 64
_SMALL = 200  #: px; up to here a picture is for a list


def thumbnail(path: Path, max_px: int = 800, *, max_bytes: int | None = None) -> bytes | None:
    """Return an image as a JPEG no larger than ``max_px`` on its longest side, and no heavier than ``max_bytes``."""
    from PIL import Image

    with Image.open(path) as opened:
        opened.draft("RGB", (max_px, max_px))  # lets the JPEG decoder skip detail; others ignore it
        opened.load()
        return _jpeg(opened, max_px, max_bytes)


def poster(path: Path, max_px: int = 640, *, max_bytes: int | None = None) -> bytes | None:
    """Return the first frame of a video that shows something, as a JPEG."""
    picture = decode.frame(path)
    return None if picture is None else _jpeg(picture, max_px, max_bytes)


def waveform(
    path: Path,
    width: int = 640,
    height: int = 80,
    *,
    mime: str | None = None,
    hint: Mapping[str, Any] | None = None,
) -> bytes | None:
    """Return the outline of a sound as a transparent PNG.

    Parameters
    ----------
    path
        The file.
    width, height
        Of the picture, in px.
    mime, hint
        Type and rates of sound without a header; see :func:`~minimax_nb.media.probe.probe`.
    """
    found = decode.samples(path, mime or _type_of(path), hint=hint, rate=8000)
    if found is None or len(found[0]) == 0:
        return None
    return _bars(_loudness(found[0], width // 5), width, height)


def small_picture(
    path: Path,
    mime: str,
    *,
    max_px: int = 800,
    hint: Mapping[str, Any] | None = None,
    cache: Path | None = None,
    key: str = "",
) -> Picture | None:
    """Return a small picture of any media file, with its media type, for a notebook that keeps it.

    Parameters
    ----------
    path, mime
        The file. An image gives a thumbnail whose data URI has at most 80,000 characters, a video a
        poster and a sound a waveform of at most 40,000; text gives ``None``.
    max_px
        Longest side of the picture of an image or video; a sound has one size for cards and one for lists.
    hint
        See :func:`waveform`.
    cache, key
        Folder where the picture is kept, and the content's SHA-256.
    """
    kind = kind_of(mime)
    room = ((IMAGE_CAP if kind == "image" else POSTER_CAP) - 30) * 3 // 4  # base64 makes four of three
    if kind == "image":
        picture = cached(cache, f"{key}-{max_px}.jpg", lambda: thumbnail(path, max_px, max_bytes=room))
    elif kind == "video":
        picture = cached(cache, f"{key}-poster-{max_px}.jpg", lambda: poster(path, max_px, max_bytes=room))
    elif kind == "audio":
        width, height = (640, 80) if max_px > _SMALL else (320, 56)
        name = f"{key}-wave.png" if max_px > _SMALL else f"{key}-wave-{width}.png"
        picture = cached(cache, name, lambda: waveform(path, width, height, mime=mime, hint=hint))
    else:
        picture = None
    if picture is None or len(picture) > room:
        return None
    return "image/png" if kind == "audio" else "image/jpeg", picture


def data_uri(mime: str, data: bytes) -> str:
    """Return bytes as a ``data:`` URI."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def cached(folder: Path | None, name: str, make: Callable[[], bytes | None]) -> bytes | None:
    """Return a picture made earlier, else make and keep it; a folder that cannot be written is no reason to fail."""
    if folder is None:
        return make()
    path = folder / name
    try:
        return path.read_bytes()
    except OSError:
        made = make()
    if made is not None:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as draft:
                draft.write_bytes(made)
    return made


def _type_of(path: Path) -> str:
    with path.open("rb") as file:
        return media_type(file.read(512), type_of_extension(path.suffix[1:]))


def _jpeg(picture: Image, max_px: int, max_bytes: int | None) -> bytes:
    """Encode within the limits: less quality first, then fewer pixels."""
    from PIL import ImageOps

    flat = _on_white(ImageOps.exif_transpose(picture))
    side = max_px
    while True:
        flat.thumbnail((side, side))
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            flat.save(buffer, "JPEG", quality=quality, optimize=True)
            if max_bytes is None or buffer.tell() <= max_bytes or side <= _SMALLEST:
                return buffer.getvalue()
        side = side * 3 // 4


def _on_white(picture: Image) -> Image:
    """Return a picture as RGB; what is transparent becomes white."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    page = Image.new("RGB", layer.size, "white")
    page.paste(layer, mask=layer.getchannel("A"))
    return page


def _loudness(samples: decode.Samples, bars: int) -> list[float]:
    """Return the loudness of equal parts of a sound, the loudest being 1."""
    import numpy as np

    mono = samples.mean(axis=1)
    edges = np.linspace(0, len(mono), bars + 1).astype(int)
    levels = [float(np.sqrt(np.mean(mono[a:b] ** 2))) if b > a else 0.0 for a, b in pairwise(edges)]
    loudest = max(levels)
    # The square root lifts the quiet parts, as the ear does.
    return [(level / loudest) ** 0.5 if loudest > 1e-4 else 0.0 for level in levels]


def _bars(levels: list[float], width: int, height: int) -> bytes:
    """Draw rounded bars around the middle line, four times as large and then reduced, for smooth edges."""
    from PIL import Image, ImageDraw

    scale = 4
    mask = Image.new("L", (width * scale, height * scale), 0)
    draw = ImageDraw.Draw(mask)
    step = width * scale / len(levels)
    thick = step * 0.62
    for number, level in enumerate(levels):
        left = number * step + (step - thick) / 2
        half = max(thick, level * height * scale * 0.96) / 2
        middle = height * scale / 2
        draw.rounded_rectangle((left, middle - half, left + thick, middle + half), radius=thick / 2, fill=255)
    mask = mask.resize((width, height), Image.Resampling.BOX)
    picture = Image.new("RGBA", (width, height), (*WAVE_COLOUR, 0))
    picture.putalpha(mask)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
