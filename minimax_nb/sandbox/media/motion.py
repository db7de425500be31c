"""Moving pictures as planes of luma and chroma, ready for the encoder.

Three sources of frames: a scene whose layers sway past each other, a given picture that breathes, and one
picture that fades into another. The first two close on themselves, so that a few seconds of them can be
repeated without a seam; all three begin with their picture exactly as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from minimax_nb.sandbox.media.noise import Bytes, Floats
from minimax_nb.sandbox.media.palette import Mood
from minimax_nb.sandbox.media.scene import Layer, Scene
from minimax_nb.sandbox.media.words import rng_of

Planes = tuple[Bytes, Bytes, Bytes]
Words = npt.NDArray[np.uint16]

SWAY = 0.016  # how far the nearest layer swings to each side, a share of the width
ZOOM = 0.035  # how much of a still picture is cropped at the height of its breath


def planes_of(picture: Image.Image) -> Planes:
    """4:2:0 planes of a picture with even sides: BT.709, limited range, as players expect of HD video."""
    frame = av.VideoFrame.from_image(picture).reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    y, u, v = (
        np.frombuffer(bytes(p), np.uint8).reshape(p.height, p.line_size)[:, : p.width] for p in frame.planes
    )
    return y.copy(), u.copy(), v.copy()


@dataclass(slots=True)
class _Cut:
    """One plane of one layer, prepared for laying over another plane at any offset.

    Rows from ``solid`` on are opaque in every column and are copied; rows above are blended:
    ``(under * inverse + weighted) >> 8``.
    """

    top: int
    left: int
    source: Bytes
    solid: int
    weighted: Words
    inverse: Words

    @classmethod
    def of(cls, plane: Bytes, mask: Bytes | None, top: int, left: int) -> _Cut:
        if mask is None:
            none = np.zeros((0, plane.shape[1]), dtype=np.uint16)
            return cls(top, left, plane, 0, none, none)
        clear = np.flatnonzero((mask < 255).any(axis=1))
        solid = int(clear[-1]) + 1 if clear.size else 0
        weight = mask[:solid].astype(np.uint16)
        weight += weight >> 7  # 255 becomes 256: opaque is exactly opaque
        return cls(top, left, plane, solid, plane[:solid] * weight, 256 - weight)

    def lay(self, under: Bytes, shift: int, ripple: npt.NDArray[np.int64] | None = None) -> None:
        """Lay it over a plane, moved right by ``shift`` px; ``ripple`` moves each of its rows further."""
        height, width = under.shape
        if ripple is not None:
            for row, extra in enumerate(ripple[: height - self.top].tolist()):
                start = max(0, -self.left - shift - extra)
                under[self.top + row] = self.source[row, start : start + width]
            return
        x0, x1 = max(0, self.left + shift), min(width, self.left + shift + self.source.shape[1])
        y0, y1 = max(0, self.top), min(height, self.top + self.source.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        columns = slice(x0 - self.left - shift, x1 - self.left - shift)
        edge = min(max(self.top + self.solid, y0), y1)
        blended = slice(y0 - self.top, edge - self.top)
        target = under[y0:edge, x0:x1]
        mixed = target * self.inverse[blended, columns]
        mixed += self.weighted[blended, columns]
        mixed >>= 8
        target[:] = mixed
        under[edge:y1, x0:x1] = self.source[edge - self.top : y1 - self.top, columns]


def _even(layer: Layer) -> tuple[Image.Image, Image.Image | None, int, int]:
    """Return a layer's pixels, mask, top and left, padded so that all are even, as chroma at half size needs."""
    left, top = layer.left - layer.left % 2, layer.top - layer.top % 2
    width, height = layer.left - left + layer.image.width, layer.top - top + layer.image.height
    width, height = width + width % 2, height + height % 2
    if (width, height) == layer.image.size:
        return layer.image, layer.mask, top, left
    at = (layer.left - left, layer.top - top)
    image = layer.image.resize((width, height), Image.Resampling.NEAREST)  # colours the padding, too
    image.paste(layer.image, at)
    mask = Image.new("L", (width, height), 0 if layer.mask is not None else 255)
    mask.paste(
        layer.mask if layer.mask is not None else 255,
        (*at, at[0] + layer.image.width, at[1] + layer.image.height),
    )
    return image, mask, top, left


def _cuts(layer: Layer, margin: int, tone: Callable[[Image.Image], Image.Image]) -> tuple[_Cut, _Cut, _Cut]:
    image, mask, top, left = _even(layer)
    y, u, v = planes_of(tone(image))
    left -= margin
    if mask is None:
        return (
            _Cut.of(y, None, top, left),
            _Cut.of(u, None, top // 2, left // 2),
            _Cut.of(v, None, top // 2, left // 2),
        )
    fine, coarse = np.asarray(mask), np.asarray(mask.reduce(2))
    return (
        _Cut.of(y, fine, top, left),
        _Cut.of(u, coarse, top // 2, left // 2),
        _Cut.of(v, coarse, top // 2, left // 2),
    )


class Overlay:
    """Layers that stand still in front of moving pictures: a caption, an inset."""

    def __init__(self, layers: list[Layer]) -> None:
        self._cuts = [_cuts(layer, 0, lambda image: image) for layer in layers]
        self._last: tuple[Planes, Planes] | None = None

    def over(self, frame: Planes) -> Planes:
        """Lay the layers over a frame; the very same frame again gives the very same result."""
        if self._last is None or self._last[0] is not frame:
            covered = frame[0].copy(), frame[1].copy(), frame[2].copy()
            for parts in self._cuts:
                for plane, cut in zip(covered, parts, strict=True):
                    cut.lay(plane, 0)
            self._last = frame, covered
        return self._last[1]


def margin_of(width: int) -> int:
    """Pixels that a scene needs beyond each side for its sway; even."""
    return 2 * int(np.ceil(width * SWAY / 2))


def sway(
    scene: Scene, width: int, count: int, tone: Callable[[Image.Image], Image.Image]
) -> Iterator[Planes]:
    """One swing of a camera to both sides of a scene, in ``count`` frames.

    Parameters
    ----------
    scene
        Painted :func:`margin_of` px wider on each side than the frames.
    width
        Of the frames, px, even.
    count
        Frames of the loop.
    tone
        Grades a layer's colours.
    """
    margin = (scene.width - width) // 2
    base: Planes | None = None
    cuts: list[tuple[float, bool, tuple[_Cut, _Cut, _Cut]]] = []
    for layer in scene.layers:
        parts = _cuts(layer, margin, tone)
        if base is None:
            y, u, v = (cut.source for cut in parts)
            half = slice(margin // 2, margin // 2 + width // 2)
            base = y[:, margin : margin + width], u[:, half], v[:, half]
        else:
            cuts.append((layer.depth, layer.water, parts))
    assert base is not None, "a scene has a sky"
    weather = _Weather(scene.mood, width, scene.height)
    for i in range(count):
        phase = 2 * np.pi * i / count
        swing = margin * np.sin(phase)
        frame = base[0].copy(), base[1].copy(), base[2].copy()
        for depth, water, parts in cuts:
            shift = round(depth * swing)
            for plane, cut, scale in zip(frame, parts, (1, 2, 2), strict=True):
                ripple = _ripple(cut.source.shape[0], phase, margin * (1 - depth) / scale) if water else None
                cut.lay(plane, int(shift / scale), ripple)
        weather.draw(frame[0], i / count)
        yield frame


def _ripple(rows: int, phase: float, most: float) -> npt.NDArray[np.int64]:
    """How far each row of water is out of place: waves that run towards the viewer and grow on the way."""
    t = np.linspace(0, 1, rows)
    wave = np.sin(2 * phase - 40 * np.sqrt(t)) - np.sin(-40 * np.sqrt(t))
    places = np.rint(wave * np.minimum(0.25 * most, 0.6 + 0.02 * rows * t))
    return np.asarray(places, dtype=np.int64)


class _Weather:
    """Snow that falls where the ground is white, and rain where the prompt says so; in luma only."""

    def __init__(self, mood: Mood, width: int, height: int) -> None:
        rng = rng_of("weather", width, height)
        self._rain = bool(mood.words & {"rain", "rainy", "rainfall", "storm", "stormy"})
        count = 150 if self._rain else 190 if mood.snowy else 0
        near = np.sort(rng.uniform(0, 1, count))
        tall = 0.035 * height * (0.4 + near) if self._rain else 0.002 * height + 0.006 * height * near**2
        wide = np.maximum(1, 0.0011 * width * near) if self._rain else tall
        spots = [
            _spot(int(w) + 1, int(h) + 1, round_=not self._rain) for w, h in zip(wide, tall, strict=True)
        ]
        owner = np.repeat(np.arange(count), [dx.size for dx, _ in spots])
        offset = [np.concatenate([pair[i] for pair in spots]) if spots else np.zeros(0) for i in (0, 1)]
        self._x = rng.uniform(0, width, count)[owner] + offset[0]
        self._y = rng.uniform(0, height, count)[owner]
        self._below = offset[1]
        # whole heights in one loop, so that its end meets its beginning
        self._falls = (np.where(near > 0.75, 2.0, 1.0) + (3.0 if self._rain else 0.0))[owner]
        self._drift = rng.uniform(0, 2 * np.pi, count)[owner]
        self._swing = 0.0 if self._rain else 0.008 * width

    def draw(self, luma: Bytes, t: float) -> None:
        """Draw the drops or flakes at time ``t`` of the loop, 0..1."""
        height, width = luma.shape
        y = ((self._y + self._falls * t * height) % height + self._below).astype(np.int64)
        x = (self._x + self._swing * np.sin(2 * np.pi * t + self._drift)).astype(np.int64)
        seen = (x >= 0) & (x < width) & (y < height)
        x, y = x[seen], y[seen]
        under = luma[y, x].astype(np.uint16)
        luma[y, x] = (under * 3 + 225) // 4 if self._rain else (under + 235 * 3) // 4


def _spot(width: int, height: int, *, round_: bool) -> tuple[Floats, Floats]:
    """Columns and rows of the pixels of a streak, or of a flake without its corners."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    if round_ and width > 2:
        inside = np.hypot(columns - (width - 1) / 2, rows - (height - 1) / 2) <= width / 2
        return columns[inside], rows[inside]
    return columns.ravel(), rows.ravel()


def breathe(picture: Image.Image, count: int) -> Iterator[Planes]:
    """Zoom slowly into a picture and back, in ``count`` frames; every second frame is a repeat.

    A zoom this slow moves less than two pixels between new frames, and resampling is what it costs.
    """
    planes = planes_of(picture)
    images = [Image.fromarray(plane) for plane in planes]
    seen: dict[int, Planes] = {}
    for i in range(count):
        near = min(i - i % 2, (count - i + i % 2) % count)  # out and back are the same frames
        if near not in seen:
            crop = 0.25 * ZOOM * (1 - np.cos(2 * np.pi * near / count))
            seen[near] = planes if near == 0 else _cropped(images, float(crop))
        yield seen[near]


def _cropped(images: list[Image.Image], crop: float) -> Planes:
    out = []
    for image in images:
        w, h = image.size
        box = (w * crop, h * crop, w * (1 - crop), h * (1 - crop))
        out.append(np.asarray(image.resize((w, h), Image.Resampling.BILINEAR, box=box)))
    return out[0], out[1], out[2]


def crossfade(first: Image.Image, last: Image.Image, count: int, steps: int = 28) -> Iterator[Planes]:
    """One picture that becomes another over ``count`` frames, in at most ``steps`` eased steps."""
    a, b = planes_of(first), planes_of(last)
    steps = min(steps, count - 1) if count > 1 else 1
    shown, frame = 0, a
    for i in range(count):
        step = round(i / max(count - 1, 1) * steps)
        if step != shown:
            t = step / steps
            weight = round(256 * t * t * (3 - 2 * t))
            y, u, v = (
                ((p * np.uint16(256 - weight)) + q * np.uint16(weight)) >> 8
                for p, q in zip(a, b, strict=True)
            )
            frame = y.astype(np.uint8), u.astype(np.uint8), v.astype(np.uint8)
            shown = step
        yield frame
