"""What differs between two pictures, as a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minimax_nb.media.preview import data_uri

if TYPE_CHECKING:
    from minimax_nb.media.item import Media

MOST_GAIN = 16  #: by how much small differences are made brighter
SEEN = 8  #: of 255: smaller differences are not seen
_PX = 420
_COLOURS = 32


@dataclass(frozen=True, slots=True)
class Difference:
    """The picture as a data URI, and what it says in words."""

    uri: str
    words: str


def difference(one: Media, two: Media) -> Difference:
    """Return where two images differ: black where they are the same, brighter where they differ more.

    The second is scaled to the first's size when the sizes differ; the words then say so.
    """
    import numpy as np
    from PIL import Image, ImageChops

    first, second = one.pil().convert("RGB"), two.pil().convert("RGB")
    scaled = first.size != second.size
    if scaled:
        second = second.resize(first.size)
    apart = np.asarray(ImageChops.difference(first, second)).max(axis=2)
    share = float((apart > SEEN).mean())
    gain = min(MOST_GAIN, max(1, int(255 / max(1.0, float(np.percentile(apart, 99))))))
    bright = np.minimum(apart.astype(np.uint16) * gain, 255).astype(np.uint8)
    picture = Image.fromarray(bright)
    picture.thumbnail((_PX, _PX))
    buffer = io.BytesIO()
    picture.quantize(_COLOURS).save(buffer, "PNG", optimize=True)
    words = (
        f"{share * 100:.0f} % of the pixels differ visibly, by {float(apart.mean()) / 2.55:.0f} % on average"
    )
    if share == 0:
        words = "no difference that can be seen"
    if gain > 1:
        words += f"; shown {gain} times as bright"
    return Difference(
        data_uri("image/png", buffer.getvalue()), words + ("; scaled to one size" if scaled else "")
    )
