"""Two pictures on top of each other, as HTML that is pulled open without a script.

The upper picture is in a box with ``resize:horizontal``, which the browser itself gives a handle. That
survives an untrusted notebook and an export; where all styles are dropped the two stand one below the other.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minimax_nb.errors import MediaError
from minimax_nb.media import preview

if TYPE_CHECKING:
    from PIL.Image import Image

    from minimax_nb.media import Media

WIDEST, HIGHEST = 640, 560  #: px of the pictures
ROOM = 110_000  #: bytes of one embedded picture


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures in the same size, as JPEG.

    The second is cut to the shape of the first where they differ, so that what is in the middle meets.
    """

    before: bytes
    after: bytes
    width: int
    height: int
    labels: tuple[str, str]


def pair_of(before: Media, after: Media, labels: tuple[str, str] = ("before", "after")) -> Pair:
    """Return two images, or frames of videos, made comparable.

    Raises
    ------
    MediaError
        One of them is no picture.
    """
    first, second = before.pil(), after.pil()
    scale = min(1.0, WIDEST / first.width, HIGHEST / first.height)
    width, height = max(40, round(first.width * scale)), max(40, round(first.height * scale))
    return Pair(_jpeg(first, width, height), _jpeg(second, width, height), width, height, labels)


def html_of(pair: Pair) -> str:
    """Return the two as HTML with a handle, without a script."""
    from minimax_nb.render.html import render

    return render(
        "before_after.html.j2",
        before=preview.data_uri("image/jpeg", pair.before),
        after=preview.data_uri("image/jpeg", pair.after),
        width=pair.width,
        height=pair.height,
        labels=pair.labels,
    )


def text_of(pair: Pair) -> str:
    """Return what is compared, in a line."""
    return f"{pair.labels[0]} | {pair.labels[1]} ({pair.width} × {pair.height})"


def _jpeg(picture: Image, width: int, height: int) -> bytes:
    from PIL import ImageOps

    fitted = ImageOps.fit(picture.convert("RGB"), (width, height))
    for quality in (86, 75, 62, 50):
        buffer = io.BytesIO()
        fitted.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= ROOM:
            return buffer.getvalue()
    raise MediaError("this picture is too full of detail to be embedded")
