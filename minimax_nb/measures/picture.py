"""Measures of pictures."""

from __future__ import annotations

from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media

WIDTH = 512  #: pixels; pictures of other sizes are scaled, so that their numbers can be compared


def sharpness(media: Media, _: JobRecord) -> float | None:
    """Return the variance of the Laplacian of the brightness (0 to 255), at :data:`WIDTH`; more is sharper."""
    import numpy as np

    picture = media.pil().convert("L")
    height = max(3, round(picture.height * WIDTH / picture.width))
    grey = np.asarray(picture.resize((WIDTH, height)), dtype=np.float64)
    edges = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return float(edges.var())


def colourfulness(media: Media, _: JobRecord) -> float | None:
    """Return D. Hasler and S. Süsstrunk's metric (2003, "Measuring colourfulness in natural images")."""
    import numpy as np

    colours = np.asarray(media.pil().convert("RGB"), dtype=np.float64)
    red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
    one, two = red - green, (red + green) / 2 - blue
    spread = np.hypot(one.std(), two.std())
    return float(spread + 0.3 * np.hypot(one.mean(), two.mean()))
