"""A contact sheet: many pictures on one, with a label under each."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

_GAP = 14  #: px around and between pictures
_LINES = 2  #: of a label
_PAPER, _INK, _SHADE = (255, 255, 255), (40, 44, 52), (238, 239, 242)
#: Letters, by the names under which systems have them: for most scripts, and for East Asian ones.
_PLAIN = ("DejaVuSans.ttf", "Arial.ttf", "arial.ttf", "Helvetica.ttc", "LiberationSans-Regular.ttf")
_WIDE = ("NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc", "msyh.ttc", "PingFang.ttc")


def contact_sheet(
    cells: Sequence[tuple[Image, str]], *, columns: int | None = None, width: int = 1200, heading: str = ""
) -> bytes:
    """Return pictures as one JPEG, in rows, each with its label.

    Parameters
    ----------
    cells
        Picture and label, in order.
    columns
        Pictures in a row; by default so that the sheet is not much higher than wide.
    width
        Of the sheet, in px.
    heading
        A line above.
    """
    from PIL import Image, ImageDraw

    columns = min(columns or _columns(len(cells)), len(cells))
    side = (width - _GAP * (columns + 1)) // columns
    shape = sorted(picture.height / picture.width for picture, _ in cells)[len(cells) // 2]
    high = max(24, round(side * min(1.5, max(0.12, shape))))
    small, large = _font(13, "".join(label for _, label in cells)), _font(17, heading)
    top = 34 if heading else 0
    labels = [_wrapped(label, small, side) for _, label in cells]
    row = high + 8 + 18 * max(map(len, labels)) + _GAP
    sheet = Image.new("RGB", (width, top + _GAP + row * math.ceil(len(cells) / columns)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    if heading:
        draw.text((_GAP, _GAP), _cut(heading, large, width - 2 * _GAP), _INK, large)
    for number, (picture, _) in enumerate(cells):
        left = _GAP + number % columns * (side + _GAP)
        up = top + _GAP + number // columns * row
        draw.rectangle((left, up, left + side - 1, up + high - 1), _SHADE)
        fitted = _fitted(picture, side, high)
        sheet.paste(fitted, (left + (side - fitted.width) // 2, up + (high - fitted.height) // 2))
        for line, text in enumerate(labels[number]):
            draw.text((left, up + high + 6 + 18 * line), text, _INK, small)
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue()


def _columns(count: int) -> int:
    return count if count <= 3 else 2 if count == 4 else min(12, math.ceil(math.sqrt(count * 1.3)))


def _fitted(picture: Image, wide: int, high: int) -> Image:
    """Return a picture on paper that fits into a box, never enlarged."""
    from PIL import Image

    fitted = picture.copy()
    fitted.thumbnail((wide, high))
    if not fitted.has_transparency_data:
        return fitted.convert("RGB")
    layer = fitted.convert("RGBA")
    page = Image.new("RGB", layer.size, _SHADE)
    page.paste(layer, mask=layer.getchannel("A"))
    return page


def _font(size: int, text: str) -> Font:
    from PIL import ImageFont

    wide = any(ord(char) > 0x2E7F for char in text)
    for name in (*_WIDE, *_PLAIN) if wide else _PLAIN:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _wrapped(text: str, font: Font, room: int) -> list[str]:
    """Return a label in at most two lines, cut where it is longer."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < _LINES - 1:
        taken = 1
        while taken < len(words) and font.getlength(" ".join(words[: taken + 1])) <= room:
            taken += 1
        lines.append(_cut(" ".join(words[:taken]), font, room))
        words = words[taken:]
    return [*lines, _cut(" ".join(words), font, room)] if words else lines


def _cut(text: str, font: Font, room: int) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"
