"""A picture in layers: a sky, what stands on the ground, and how far each part is.

Layers keep their distance so that a still picture stacks them once and a moving one slides them past each
other. Everything smooth is computed small and enlarged; only edges are drawn at full size.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from minimax_nb.sandbox.media.noise import Floats, below, curve, picture, ramp, smoothstep, surface
from minimax_nb.sandbox.media.palette import Colour, Mood, luma, mix


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of a picture.

    Parameters
    ----------
    image
        RGB pixels of its rectangle.
    mask
        Opacity; ``None`` for a full rectangle.
    left, top
        Where the rectangle begins, px.
    depth
        0 for what never moves (the sky) to 1 for what is at the feet of the viewer.
    water
        Whether its rows may be moved one by one.
    """

    image: Image.Image
    mask: Image.Image | None
    left: int
    top: int
    depth: float
    water: bool = False


@dataclass(slots=True)
class Scene:
    """Layers from back to front, and the canvas on which they are stacked so far.

    Parameters
    ----------
    width, height
        Pixels.
    mood
        Light and colours.
    rng
        Drawn from in painting order; the order is part of what a seed means.
    """

    width: int
    height: int
    mood: Mood
    rng: np.random.Generator
    horizon: int = 0
    sun: tuple[float, float] = (0.0, 0.0)
    canvas: Image.Image = field(init=False)
    layers: list[Layer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.canvas = Image.new("RGB", (self.width, self.height))
        low, high = (0.56, 0.70) if self.height <= self.width else (0.60, 0.72)
        self.horizon = int(self.height * self.rng.uniform(low, high))
        high_sun = {"day": (0.12, 0.34), "storm": (0.15, 0.35), "night": (0.12, 0.36), "aurora": (0.1, 0.25)}
        rise = self.rng.uniform(*high_sun.get(self.mood.time, (0.62, 0.88)))
        self.sun = (float(self.width * self.rng.uniform(0.2, 0.8)), float(self.horizon * rise))

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side, px: the measure of everything drawn."""
        return min(self.width, self.height) / 100

    @property
    def step(self) -> int:
        """Pixels for each point of a detailed raster: large pictures hold no more detail than middling ones."""
        return max(2, min(self.width, self.height) // 420)

    @property
    def sunward(self) -> float:
        """1 with the light on the right, -1 on the left: a slope of this sign (rows grow downwards) is lit."""
        return 1.0 if self.sun[0] > self.width / 2 else -1.0

    def add(
        self,
        image: Image.Image,
        mask: Image.Image | None,
        *,
        left: int = 0,
        top: int = 0,
        depth: float,
        water: bool = False,
    ) -> None:
        """Put a layer in front of all others."""
        self.layers.append(Layer(image, mask, left, top, depth, water))
        self.canvas.paste(image, (left, top), mask)

    def lit(self, colours: Floats, top: int, bottom: int, strength: float) -> Floats:
        """Let the sun colour a small raster that stands for rows ``top`` to ``bottom`` of the full width."""
        rows, columns = colours.shape[:2]
        x = (np.arange(columns, dtype=np.float32) + 0.5) * (self.width / columns) - self.sun[0]
        y = top + (np.arange(rows, dtype=np.float32) + 0.5) * ((bottom - top) / rows) - self.sun[1]
        far = np.hypot(x[None, :], y[:, None]) / (40 * self.unit)
        glow = (strength * np.exp(-far))[..., None].astype(np.float32)
        return np.asarray(colours + (np.array(self.mood.light, dtype=np.float32) - colours) * glow)

    def ridge(
        self,
        profile: Floats,
        near: float,
        *,
        bottom: int | None = None,
        mist: float = 0.5,
        colour: Colour | None = None,
    ) -> None:
        """Add a silhouette from a profile (row per column) down to ``bottom``, paler towards its foot.

        Parameters
        ----------
        near
            0 (horizon) to 1 (feet): sets the colour, the haze and the depth.
        mist
            How much of the horizon's colour its foot takes, 0..1.
        """
        bottom = self.height if bottom is None else min(bottom, self.height)
        top = max(0, min(int(profile.min()) - 2, bottom - 4))
        self.cutout(below(profile, top, bottom), near, top=top, mist=mist, colour=colour)

    def cutout(
        self, mask: Image.Image, near: float, *, top: int, mist: float, colour: Colour | None = None
    ) -> None:
        """As :meth:`ridge`, for a mask of any shape that begins at row ``top``."""
        body = colour or mix(self.mood.far, self.mood.near, near)
        foot = mix(body, self.mood.sky[3], mist)
        t = np.linspace(0, 1, max(4, mask.height // 8), dtype=np.float32)[:, None].repeat(24, axis=1)
        shades = ramp((body, foot), (0.0, 1.0), t)
        shades = self.lit(shades, top, top + mask.height, 0.4 * (1 - 0.75 * near))
        self.add(picture(shades, mask.size), mask, top=top, depth=0.08 + 0.92 * near)


def paint_sky(scene: Scene) -> None:
    """Gradient, glow, clouds, sun or moon, stars: the layer that never moves."""
    mood = scene.mood
    w, h = max(64, scene.width // 6), max(48, scene.height // 6)
    t = np.linspace(0, scene.height / max(scene.horizon, 1), h, dtype=np.float32)
    # the upper three stops share most of the sky; the last one hugs the horizon
    colours = ramp(mood.sky, (0.0, 0.42, 0.78, 1.0), t)[:, None, :].repeat(w, axis=1)
    far = _distance(scene, w, h)
    light = np.array(mood.light, dtype=np.float32)
    strength = 0.35 if mood.time in {"night", "aurora"} else 0.75
    glow = strength * np.exp(-far * 3.4) + 0.22 * strength * np.exp(-far * 1.1)
    colours += (light - colours) * glow[..., None].astype(np.float32)
    if mood.place == "space":
        colours = _nebula(scene, w, h)
    elif mood.time == "aurora":
        colours = _aurora(scene, colours)
    else:
        colours = _clouds(scene, colours, far, t)
    sky = picture(colours, (scene.width, scene.height))
    if mood.dark:
        _stars(scene, sky)
    if mood.time != "storm" and mood.place != "space":
        _disc(scene, sky)
    scene.add(sky, None, depth=0.0)


def _distance(scene: Scene, w: int, h: int) -> Floats:
    """Distance from the sun for each point of a small raster, in canvas heights."""
    x = (np.linspace(0, scene.width, w, dtype=np.float32) - scene.sun[0]) / scene.height
    y = (np.linspace(0, scene.height, h, dtype=np.float32) - scene.sun[1]) / scene.height
    return np.asarray(np.hypot(x[None, :], y[:, None]), dtype=np.float32)


def _clouds(scene: Scene, colours: Floats, far: Floats, t: Floats) -> Floats:
    """Streaks that flatten towards the horizon and catch the light on the side of the sun."""
    mood, rng = scene.mood, scene.rng
    h, w = far.shape
    aspect = scene.width / scene.height
    field_ = surface(rng, w, h * 2, 2.2 * aspect, 6.0, octaves=5, gain=0.55)
    # perspective: rows near the horizon step faster through the field
    row = (h * 1.95 * np.clip(t, 0, 0.995) ** 1.25).astype(np.int32)
    shape = field_[row]
    cover = {"storm": 0.40, "day": 0.55, "night": 0.60}.get(mood.time, 0.52) + float(rng.uniform(-0.05, 0.06))
    density = smoothstep(cover, cover + 0.22, shape) * smoothstep(1.02, 0.80, t)[:, None]
    relief = np.clip((field_[np.minimum(row + 2, len(field_) - 1)] - shape) * -9 + 0.5, 0, 1)
    near_sun = np.exp(-far * 2.0)
    bright = np.array(mix(mood.light, mood.sky[3], 0.35), dtype=np.float32)
    shade = np.array(mix(mood.sky[1], mood.sky[2], 0.55), dtype=np.float32)
    if mood.time in {"night", "neon"}:
        bright = np.array(mix(mood.sky[3], mood.light, 0.25), dtype=np.float32)
    weight = np.clip(0.25 + 0.45 * near_sun + 0.45 * (relief - 0.4), 0, 1)[..., None]
    body = shade * (1 - weight) + bright * weight
    opacity = (density * (0.55 if mood.time in {"night", "neon"} else 0.85))[..., None]
    return np.asarray(colours + (body - colours) * opacity, dtype=np.float32)


def _nebula(scene: Scene, w: int, h: int) -> Floats:
    """Gas clouds of two hues in the dark, knotted and folded by noise."""
    mood, rng = scene.mood, scene.rng
    hues = [*mood.dyes, mood.sky[2], mood.sky[3], (120.0, 70.0, 200.0)][:3]
    deep = np.array(mix(mood.sky[0], (4, 5, 14), 0.7), dtype=np.float32)
    colours = np.empty((h, w, 3), dtype=np.float32)
    colours[:] = deep
    band = np.linspace(-1, 1, h, dtype=np.float32)[:, None] * float(rng.uniform(0.8, 1.4))
    band = band + np.linspace(-1, 1, w, dtype=np.float32)[None] * float(rng.uniform(-0.9, 0.9))
    for hue in hues:
        gas = surface(rng, w, h, 4.0, 3.0, octaves=6, gain=0.58)
        folds = 1 - np.abs(2 * surface(rng, w, h, 5.0, 4.0, octaves=5, gain=0.6) - 1)
        density = smoothstep(0.38, 0.85, (gas * (0.45 + 0.75 * folds)).astype(np.float32)) * np.exp(
            -((band * 1.1) ** 2)
        )
        colours += np.array(hue, dtype=np.float32) * (0.9 * density)[..., None]
        band = band + np.float32(rng.uniform(-0.4, 0.4))
    return colours


def _aurora(scene: Scene, colours: Floats) -> Floats:
    """Curtains: a bright wavy hem with light that fades upwards from it."""
    rng = scene.rng
    h, w = colours.shape[:2]
    y = np.arange(h, dtype=np.float32)[:, None]
    for hue in ((90.0, 255.0, 170.0), (120.0, 200.0, 255.0), (200.0, 110.0, 255.0)):
        hem = h * (0.26 + 0.20 * curve(rng, w, w / 2.2, octaves=3) + float(rng.uniform(-0.06, 0.06)))
        folds = 0.35 + 0.65 * curve(rng, w, w / 26, octaves=3, gain=0.7)
        rise = hem[None] - y
        fade = np.exp(-np.abs(rise) / np.where(rise > 0, h * 0.16, h * 0.018)).astype(np.float32)
        colours = colours + np.array(hue, dtype=np.float32) * (0.42 * fade * folds[None])[..., None]
    return np.asarray(colours, dtype=np.float32)


def _stars(scene: Scene, sky: Image.Image) -> None:
    rng, draw = scene.rng, ImageDraw.Draw(sky)
    full = scene.mood.time in {"night", "aurora"} or scene.mood.place == "space"
    count = int((260 if full else 90) * max(1.0, scene.width / scene.height))
    reach = scene.height if scene.mood.place == "space" else scene.horizon
    xs, ys = rng.uniform(0, scene.width, count), reach * rng.uniform(0, 1, count) ** 1.5
    sizes = scene.unit * (0.06 + 0.16 * rng.random(count) ** 6)
    for x, y, size, shine in zip(xs, ys, sizes, rng.uniform(0.25, 1.0, count), strict=True):
        under = sky.getpixel((min(int(x), scene.width - 1), min(int(y), scene.height - 1)))
        assert isinstance(under, tuple)
        # a star does not outshine a bright sky
        tone = mix(
            (under[0], under[1], under[2]),
            (255, 252, 244),
            shine * (1 - min(1.0, luma((under[0], under[1], under[2])) / 150)),
        )
        r = max(size, 0.5)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(int(c) for c in tone))


def _disc(scene: Scene, sky: Image.Image) -> None:
    """Paint the sun, or a moon with its seas."""
    moon = scene.mood.time in {"night", "aurora"}
    radius = scene.unit * float(scene.rng.uniform(3.4, 5.6) if moon else scene.rng.uniform(4.2, 7.5))
    if scene.mood.time == "day":
        radius *= 0.75
    if scene.mood.time == "neon":
        radius *= 2.4
    side = int(radius * 2) + 6
    at = np.arange(side, dtype=np.float32) - side / 2 + 0.5
    dist = np.hypot(at[None, :], at[:, None])
    mask = np.clip(radius - dist, 0, 1)
    body = np.empty((side, side, 3), dtype=np.float32)
    body[:] = np.array(mix(scene.mood.light, (255, 255, 250), 0.35), dtype=np.float32)
    if moon:
        seas = smoothstep(0.48, 0.62, surface(scene.rng, side, side, 3.0, 3.0, octaves=3))
        body *= (1 - 0.22 * seas * smoothstep(1.0, 0.6, dist / radius))[..., None]
    elif scene.mood.time == "neon":
        fall = ((at / radius) * 0.5 + 0.5)[:, None]
        body = ramp(
            ((255, 232, 120), (255, 90, 150), (200, 40, 190)), (0.0, 0.6, 1.0), fall.repeat(side, axis=1)
        )
        bars = (fall > 0.45) & ((fall * 11) % 1 < (fall - 0.35) * 0.9)
        mask = mask * ~bars
    left, top = int(scene.sun[0] - side / 2), int(scene.sun[1] - side / 2)
    sky.paste(picture(body), (left, top), Image.fromarray((mask * 255).astype(np.uint8)))
