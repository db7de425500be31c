"""Smooth random curves and surfaces, and the small raster tools that the scenes share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_BICUBIC = Image.Resampling.BICUBIC


def curve(
    rng: np.random.Generator, n: int, cell: float, *, octaves: int = 4, gain: float = 0.5, sharp: bool = False
) -> Floats:
    """Return a random curve of ``n`` points in 0..1.

    Parameters
    ----------
    cell
        Points between two knots of the first octave; each further octave halves it.
    gain
        Amplitude of an octave relative to the one before: 0.3 is smooth, 0.6 is rough.
    sharp
        Straight lines between knots (crags) instead of eased ones (hills).
    """
    at = np.arange(n, dtype=np.float32)
    total = np.zeros(n, dtype=np.float32)
    weight = 1.0
    for octave in range(octaves):
        step = max(cell / 2**octave, 1.0)
        knots = rng.random(int(n / step) + 3).astype(np.float32)
        position = at / step + np.float32(rng.random())
        low = position.astype(np.int32)
        share = position - low
        if not sharp:
            share = share * share * (3 - 2 * share)
        total += weight * (knots[low] * (1 - share) + knots[low + 1] * share)
        weight *= gain
    span = float(total.max() - total.min()) or 1.0
    return np.asarray((total - total.min()) / span, dtype=np.float32)


def surface(
    rng: np.random.Generator,
    width: int,
    height: int,
    columns: float,
    rows: float,
    *,
    octaves: int = 4,
    gain: float = 0.5,
) -> Floats:
    """Return a random surface ``(height, width)`` in 0..1 whose first octave has ``columns`` x ``rows`` blobs."""
    total = np.zeros((height, width), dtype=np.float32)
    weight, norm = 1.0, 0.0
    for octave in range(octaves):
        grid = rng.random((int(rows * 2**octave) + 2, int(columns * 2**octave) + 2), dtype=np.float32)
        total += weight * np.asarray(Image.fromarray(grid).resize((width, height), _BICUBIC))
        norm += weight
        weight *= gain
    return np.asarray(total / norm, dtype=np.float32)


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    """0 below ``low``, 1 above ``high``, eased between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def ramp(stops: Sequence[tuple[float, float, float]], positions: Sequence[float], t: Floats) -> Floats:
    """Colours along ``t``: linear between ``stops`` at ``positions``; a last axis of three is added."""
    return np.stack([np.interp(t, positions, [s[c] for s in stops]) for c in range(3)], axis=-1).astype(
        np.float32
    )


def picture(values: Floats, size: tuple[int, int] | None = None, *, fine: bool = False) -> Image.Image:
    """Turn floats of 0..255 ``(h, w, 3)`` into an RGB picture, enlarged to ``size``.

    Gradients are enlarged smoothly to half the size and doubled, which shows in no gradient and costs a
    third; ``fine`` rasters, which hold detail, are enlarged smoothly all the way.
    """
    small = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    if size is None or size == small.size:
        return small
    if fine:
        return small.resize(size, Image.Resampling.BILINEAR)
    half = (size[0] + 1) // 2, (size[1] + 1) // 2
    return small.resize(half, _BICUBIC).resize(size, Image.Resampling.NEAREST)


def below(profile: Floats, top: int, bottom: int) -> Image.Image:
    """Return the anti-aliased mask of what lies below a profile (row per column), from row ``top`` to ``bottom``.

    Coverage is measured across the edge, not down the column, so that steep edges are smooth too.
    """
    edge = max(top, min(int(np.ceil(profile.max())) + 2, bottom))
    slope = (255 / np.sqrt(1 + np.gradient(profile) ** 2)).astype(np.float32)
    start = (127.5 - (profile - 0.5) * slope).astype(np.float32)
    cover = np.arange(top, edge, dtype=np.float32)[:, None] * slope
    cover += start
    np.clip(cover, 0, 255, out=cover)
    mask = np.full((bottom - top, profile.size), 255, dtype=np.uint8)
    mask[: edge - top] = cover
    return Image.fromarray(mask)
