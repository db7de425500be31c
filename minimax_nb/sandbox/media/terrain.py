"""The ground of a landscape: mountains, woods, water, sand and flowers, each a painter or a profile."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from minimax_nb.sandbox.media.noise import Bytes, Floats, below, curve, picture, ramp, smoothstep, surface
from minimax_nb.sandbox.media.palette import Colour, mix
from minimax_nb.sandbox.media.scene import Scene


def hills(scene: Scene, level: float, swing: float, cell: float) -> Floats:
    """Return a rolling profile: ``level`` and ``swing`` as shares of the height, ``cell`` of the width."""
    shape = curve(scene.rng, scene.width, scene.width * cell, octaves=3, gain=0.32)
    return np.asarray(scene.height * (level - swing * shape), dtype=np.float32)


def covered_from(scene: Scene, profile: Floats) -> int:
    """Return the row from which on the ground of a profile hides everything behind it."""
    return min(scene.height, int(profile.max()) + 3)


def massif(scene: Scene, rise: float, near: float, snow: float) -> None:
    """Paint a range whose faces turn to or from the light; ``snow`` is the share of its height in white."""
    w, rng = scene.width, scene.rng
    crest = curve(rng, w, scene.height * 0.55, octaves=7, gain=0.48, sharp=True)
    profile = (scene.horizon + 2 - rise * scene.height * (0.15 + 0.85 * crest**1.25)).astype(np.float32)
    top = max(0, int(profile.min()) - 2)
    bottom = min(scene.height, scene.horizon + int(0.06 * scene.height))
    columns, rows = max(64, w // scene.step), max(8, (bottom - top) // scene.step)
    small = np.interp(np.linspace(0, w - 1, columns), np.arange(w), profile).astype(np.float32)
    y = np.linspace(top, bottom, rows, dtype=np.float32)[:, None]
    depth = np.clip((y - small[None]) / (rise * scene.height), 0, 1)
    sunlit = _faces(scene, small, depth.astype(np.float32))
    base = mix(scene.mood.far, scene.mood.near, near)
    shadow = np.array(mix(base, scene.mood.sky[1], 0.25), dtype=np.float32)
    bright = np.array(mix(mix(base, scene.mood.light, 0.42), scene.mood.sky[3], 0.15), dtype=np.float32)
    colours = shadow + (bright - shadow) * sunlit[..., None]
    if snow > 0:
        line = snow * (0.55 + 0.9 * curve(rng, columns, columns / 14, octaves=4, gain=0.6))
        ragged = surface(rng, columns, rows, 30.0, 14.0, octaves=3, gain=0.6) - 0.5
        white = smoothstep(0.05, -0.05, (depth - line[None] + ragged * 0.5).astype(np.float32))[..., None]
        day = 0.85 if scene.mood.time in {"day", "dawn", "storm"} else 0.6
        ice = np.array(mix(scene.mood.sky[3], (250, 252, 255), 0.6), dtype=np.float32)
        blue = np.array(mix(scene.mood.sky[1], (200, 214, 236), 0.45), dtype=np.float32)
        cap = blue + (ice - blue) * sunlit[..., None]
        colours = colours + (cap - colours) * white * day
    haze = (0.12 + 0.75 * smoothstep(0.25, 1.05, depth.astype(np.float32)))[..., None]
    air = np.array(mix(scene.mood.sky[3], scene.mood.far, 0.35), dtype=np.float32)
    colours = scene.lit(colours + (air - colours) * haze, top, bottom, 0.25)
    scene.add(
        picture(colours, (w, bottom - top), fine=True),
        below(profile, top, bottom),
        top=top,
        depth=0.1 + 0.3 * near,
    )


def _faces(scene: Scene, crest: Floats, depth: Floats) -> Floats:
    """How much each point below a crest is turned to the light, 0..1.

    The slope of the crest is carried down the mountain: that of whole peaks all the way, that of a notch
    only a little. Lines of equal slope are bent by noise, which gives ribs and gullies.
    """
    rows, columns = depth.shape
    bend = surface(scene.rng, columns, rows, 16.0, 7.0, octaves=4, gain=0.55) - 0.5
    at = np.arange(columns)[None, :] + (bend * columns * 0.10 * depth**0.6).astype(np.int32)
    at = np.clip(at, 0, columns - 1)
    face = np.zeros_like(depth)
    for width, weight, fade in ((0.05, 1.2, 4.0), (0.016, 0.8, 0.55), (0.004, 0.5, 0.2)):
        reach = max(1, int(columns * width / 2))
        smooth = np.convolve(
            np.pad(crest, reach, mode="edge"), np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid"
        )
        face += weight * np.gradient(smooth).astype(np.float32)[at] * np.exp(-depth / fade)
    rock = np.diff(surface(scene.rng, columns, rows, 40.0, 16.0, octaves=3, gain=0.65), axis=1, prepend=0.5)
    rock[:, 0] = 0
    return smoothstep(-0.22, 0.40, (face * scene.sunward + rock * 5.0).astype(np.float32))


def pine_line(scene: Scene, ground: Floats, height: float, gap: float) -> Floats:
    """Raise a profile by a row of pines ``height`` px tall, ``gap`` px apart."""
    rng, w = scene.rng, scene.width
    profile = ground.copy()
    x = -gap
    while x < w + gap:
        x += gap * float(rng.uniform(0.35, 1.5))
        tall = height * float(rng.uniform(0.55, 1.1))
        half = tall * float(rng.uniform(0.17, 0.24))
        left, right = max(0, int(x - half)), min(w, int(x + half) + 1)
        if right <= left:
            continue
        d = np.abs(np.arange(left, right) - x) / half
        tiers = 7.0
        droop = ((d * tiers) % 1.0) * 0.11
        crown = tall * np.clip(1 - d - droop + 0.06, 0.0, None)
        foot = float(ground[min(max(int(x), 0), w - 1)]) + 0.04 * tall
        profile[left:right] = np.minimum(profile[left:right], foot - crown)
    return profile


def grove(
    scene: Scene,
    ground: Floats,
    height: float,
    gap: float,
    near: float,
    *,
    mist: float,
    clear: float = 0.0,
    bottom: int | None = None,
) -> None:
    """Pines with branches on their ground; ``clear`` is the half-width of the open middle, a share of the width.

    On snow the trees stay dark and the ground is white, so these are two layers.
    """
    rng, w, mood = scene.rng, scene.width, scene.mood
    top = max(0, int(ground.min() - 1.1 * height))
    bottom = scene.height if bottom is None else bottom
    mask = np.array(below(ground, top, bottom))
    x = -0.5 * gap
    while x < w + gap:
        if abs(x / w - 0.5) > clear * float(rng.uniform(0.75, 1.0)):
            tall = height * float(rng.uniform(0.5, 1.08))
            foot = float(ground[min(max(int(x), 0), w - 1)]) + 0.03 * tall
            _pine(mask, rng, x, foot - top, tall)
        x += gap * float(rng.uniform(0.4, 1.3))
    colour = mix(mix(mood.far, mood.near, near), (0, 0, 0), 0.42 * near**3)
    scene.cutout(Image.fromarray(mask), near, top=top, mist=mist, colour=colour)
    if mood.snowy:
        scene.ridge(ground, near, mist=mist * 0.5, colour=mood.snow(near), bottom=bottom)


def _pine(mask: Bytes, rng: np.random.Generator, x: float, foot: float, tall: float) -> None:
    """Add one pine to a mask: tiers of branches that droop, each side with lengths of its own."""
    rows = np.arange(max(0, int(foot - tall)), min(mask.shape[0], int(foot)))
    half = tall * float(rng.uniform(0.17, 0.23))
    columns = np.arange(max(0, int(x - 1.3 * half)), min(mask.shape[1], int(x + 1.3 * half) + 1))
    if not rows.size or not columns.size:
        return
    y = np.clip((rows - (foot - tall)) / tall, 0, 1).astype(np.float32)
    tiers = int(rng.integers(11, 16))
    tier = np.clip((y**0.85 * tiers).astype(np.int32), 0, tiers - 1)
    within = (y**0.85 * tiers) % 1.0
    sides = []
    for _ in range(2):
        length = rng.uniform(0.7, 1.15, tiers)[tier] * (0.42 + 0.58 * within**1.4)
        frayed = 1 + 0.24 * (curve(rng, rows.size, max(2.0, tall / 90), octaves=1, sharp=True) - 0.5)
        sides.append((half * y**0.9 * length * frayed + 0.004 * tall)[:, None])
    off = (columns - x).astype(np.float32)[None]
    cover = np.clip(np.where(off < 0, sides[0] + off, sides[1] - off) + 0.5, 0, 1) * 255
    patch = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    np.maximum(patch, cover.astype(np.uint8), out=patch)


def water(scene: Scene, *, bottom: int | None = None, calm: float = 0.5) -> None:
    """Mirror what is above the horizon, broken by ripples, with a path of light under the sun."""
    rng, w, mood = scene.rng, scene.width, scene.mood
    top = scene.horizon
    bottom = scene.height if bottom is None else bottom
    rows, columns = max(8, (bottom - top) // scene.step), max(32, w // (scene.step + 1))
    reach = min(top, int((bottom - top) * 1.25))
    mirror = (
        scene.canvas.crop((0, top - reach, w, top))
        .resize((columns, rows))
        .transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    )
    pixels = np.asarray(mirror, dtype=np.float32)
    t = np.linspace(0, 1, rows, dtype=np.float32)
    near = surface(rng, columns, rows, 5.0, 46.0, octaves=3, gain=0.6) - 0.5
    # far ripples are thin: sample the field faster towards the horizon
    ripple = near[(rows * 0.98 * (1 - (1 - t) ** 2.2)).astype(np.int32)]
    shift = (ripple * columns * (0.02 + 0.10 * t[:, None]) * (1.4 - calm)).astype(np.int32)
    pixels = pixels[np.arange(rows)[:, None], np.clip(np.arange(columns)[None] + shift, 0, columns - 1)]
    deep = ramp((mix(mood.sky[2], mood.sky[1], 0.4), mix(mood.near, mood.sky[0], 0.55)), (0.0, 1.0), t)[
        :, None
    ]
    pixels += (deep - pixels) * (0.20 + 0.45 * t)[:, None, None]
    pixels *= (1 + ripple * (0.25 + 0.5 * t[:, None]))[..., None]
    if mood.time != "storm":
        x = np.linspace(0, w, columns, dtype=np.float32)[None] - scene.sun[0]
        path = np.exp(-((x / (scene.unit * (4 + 20 * t[:, None]))) ** 2))
        sparkle = smoothstep(0.02, 0.16, (ripple + 0.22 * path - 0.10).astype(np.float32)) * path
        glare = 0.5 if mood.time in {"night", "aurora"} else 0.85
        pixels += (np.array(mood.light, dtype=np.float32) - pixels) * (glare * sparkle)[..., None]
    line = np.exp(-t * rows / 2.5)[:, None, None] * 0.5
    pixels += (np.array(mood.sky[3], dtype=np.float32) - pixels) * line
    scene.add(picture(pixels, (w, bottom - top), fine=True), None, top=top, depth=0.12, water=True)


def dune(scene: Scene, profile: Floats, near: float, bottom: int) -> None:
    """Sand with a lit and a shaded flank, and the ripples that wind leaves."""
    w, rng = scene.width, scene.rng
    top = max(0, min(int(profile.min()) - 2, bottom - 4))
    columns, rows = max(64, w // (2 * scene.step)), max(8, (bottom - top) // (2 * scene.step))
    small = np.interp(np.linspace(0, w - 1, columns), np.arange(w), profile).astype(np.float32)
    y = np.linspace(top, bottom, rows, dtype=np.float32)[:, None]
    depth = (y - small[None]) / scene.height
    slope = np.gradient(small) * 2.2
    lean = np.clip(
        np.arange(columns)[None] - (depth * columns * 0.55 * scene.sunward).astype(np.int32), 0, columns - 1
    )
    flank = smoothstep(-0.5, 0.5, (scene.sunward * slope[lean]).astype(np.float32))
    ripple = np.sin((depth * 130 / (0.35 + near) + 3 * surface(rng, columns, rows, 6, 4, octaves=2)) * 6.28)
    flank = np.clip(flank + 0.05 * ripple * smoothstep(0.0, 0.1, depth.astype(np.float32)), 0, 1)
    body = mix(scene.mood.far, scene.mood.near, near * 0.8)
    shade = np.array(mix(body, scene.mood.near, 0.45), dtype=np.float32)
    bright = np.array(mix(body, scene.mood.light, 0.38), dtype=np.float32)
    colours = scene.lit(shade + (bright - shade) * flank[..., None], top, bottom, 0.25)
    scene.add(
        picture(colours, (w, bottom - top), fine=True),
        below(profile, top, bottom),
        top=top,
        depth=0.08 + 0.92 * near,
    )


def flowers(scene: Scene, ground: Floats) -> None:
    """Blossoms and blades on the nearest hill, larger towards the viewer."""
    rng, w, unit = scene.rng, scene.width, scene.unit
    top = int(ground.min() - 3 * unit)
    image = Image.new("RGB", (w, scene.height - top))
    mask = Image.new("L", image.size)
    ink, cover = ImageDraw.Draw(image), ImageDraw.Draw(mask)
    dyes: tuple[Colour, ...] = scene.mood.dyes or (
        (250, 214, 90),
        (240, 120, 140),
        (245, 240, 230),
        (170, 130, 230),
    )
    for near in np.sort(rng.uniform(0, 1, 420) ** 0.8):
        x = float(rng.uniform(0, w))
        foot = float(ground[int(x)])
        y = foot + (scene.height - foot) * float(near) - top
        size = unit * (0.12 + 0.75 * float(near) ** 2) * float(rng.uniform(0.7, 1.2))
        stem = mix(scene.mood.near, scene.mood.light, 0.12)
        dye = mix(dyes[int(rng.integers(len(dyes)))], scene.mood.near, 0.15 if not scene.mood.dark else 0.55)
        box = (x - size, y - size * 0.8, x + size, y + size * 0.8)
        for draw, green, bloom in ((ink, tuple(map(int, stem)), tuple(map(int, dye))), (cover, 255, 255)):
            draw.line((x, y, x + size * 0.3, y + size * 4), fill=green, width=max(1, int(size * 0.3)))
            draw.ellipse(box, fill=bloom)
    scene.add(image, mask, top=top, depth=1.0)
