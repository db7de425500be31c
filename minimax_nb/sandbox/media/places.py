"""What stands under the sky: one painter for each place that a prompt can name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from minimax_nb.sandbox.media.accents import paint_far_accents, paint_near_accents, stands
from minimax_nb.sandbox.media.noise import Floats, below, curve, picture, ramp, smoothstep, surface
from minimax_nb.sandbox.media.palette import Mood, mix
from minimax_nb.sandbox.media.scene import Scene, paint_sky
from minimax_nb.sandbox.media.terrain import (
    covered_from,
    dune,
    flowers,
    grove,
    hills,
    massif,
    pine_line,
    water,
)
from minimax_nb.sandbox.media.words import rng_of


def build(mood: Mood, width: int, height: int, seed_parts: tuple[object, ...]) -> Scene:
    """Paint the whole scene of a mood; the parts fix its geometry."""
    scene = Scene(width, height, mood, rng_of("scene", *seed_parts))
    if mood.place == "abstract":
        _abstract(scene)
        return scene
    paint_sky(scene)
    _PLACES[mood.place](scene)
    return scene


def _mountains(scene: Scene) -> None:
    rng, unit, mood = scene.rng, scene.unit, scene.mood
    front = hills(scene, 0.97, 0.07, 0.6)
    cap = 0.75 if mood.snowy else float(rng.choice([0.0, 0.25, 0.4]))
    massif(scene, float(rng.uniform(0.30, 0.42)), 0.05, cap)
    massif(scene, float(rng.uniform(0.14, 0.22)), 0.3, cap * 0.6)
    if float(rng.random()) < 0.5:
        water(scene, calm=0.9)
        shore = hills(scene, scene.horizon / scene.height + 0.008, 0.014, 0.3)
        scene.ridge(pine_line(scene, shore, 3.2 * unit, 1.1 * unit), 0.45, bottom=scene.horizon + 3, mist=0.2)
    else:
        far = hills(scene, scene.horizon / scene.height + 0.04, 0.06, 0.35)
        middle = hills(scene, scene.horizon / scene.height + 0.16, 0.10, 0.5)
        scene.ridge(
            pine_line(scene, far, 4.2 * unit, 1.5 * unit), 0.42, mist=0.5, bottom=covered_from(scene, middle)
        )
        grove(
            scene, middle, 13 * unit, 5 * unit, 0.68, mist=0.35, clear=0.12, bottom=covered_from(scene, front)
        )
    paint_far_accents(scene)
    grove(scene, front, 40 * unit, 9 * unit, 1.0, mist=0.0, clear=0.30)
    paint_near_accents(scene, front)


def _ocean(scene: Scene) -> None:
    rng = scene.rng
    for near in (0.05, 0.25)[: int(rng.integers(1, 3))]:
        shape = curve(rng, scene.width, scene.width * 0.3, octaves=6, gain=0.45, sharp=True)
        isle = np.clip(shape - float(rng.uniform(0.35, 0.6)), 0, None)
        rise = scene.height * float(rng.uniform(0.10, 0.30))
        scene.ridge(
            (scene.horizon + 2 - rise * isle).astype(np.float32), near, bottom=scene.horizon + 2, mist=0.55
        )
    water(scene)
    paint_far_accents(scene)
    side = 1 if scene.sun[0] < scene.width / 2 else -1
    x = np.linspace(-1, 1, scene.width, dtype=np.float32) * side
    rocks = curve(rng, scene.width, scene.width * 0.12, octaves=6, gain=0.5, sharp=True)
    bank = smoothstep(-0.25, 1.1, x) * (0.16 + 0.13 * rocks)
    front = scene.height * (1.015 - bank)
    scene.ridge(front.astype(np.float32), 0.95, mist=0.05, colour=mix(scene.mood.near, (0, 0, 0), 0.3))
    paint_near_accents(scene, front.astype(np.float32))


def _forest(scene: Scene) -> None:
    base, unit = scene.horizon / scene.height, scene.unit
    if scene.rng.random() < 0.4:
        massif(scene, float(scene.rng.uniform(0.18, 0.32)), 0.0, 0.5 if scene.mood.snowy else 0.0)
    grounds = [hills(scene, base + 0.02 + 0.10 * step, 0.10 + 0.03 * step, 0.4) for step in range(4)]
    grounds.append(hills(scene, 0.97, 0.05, 0.6))
    for step, near in enumerate((0.08, 0.25, 0.48, 0.74)):
        ground, bottom = grounds[step], covered_from(scene, grounds[step + 1])
        tall, mist = unit * (8 + 7.0 * step), 0.75 - 0.14 * step
        if step < 2:
            scene.ridge(pine_line(scene, ground, tall, tall * 0.30), near, mist=mist, bottom=bottom)
        else:
            grove(scene, ground, tall, tall * 0.42, near, mist=mist, clear=0.10 * (step - 1), bottom=bottom)
    paint_far_accents(scene)
    grove(scene, grounds[4], 66 * unit, 13 * unit, 1.0, mist=0.0, clear=0.34)
    paint_near_accents(scene, grounds[4])


def _meadow(scene: Scene) -> None:
    base = scene.horizon / scene.height
    massif(scene, float(scene.rng.uniform(0.06, 0.16)), 0.1, 0.0)
    grounds = [hills(scene, base + 0.03 + 0.10 * step, 0.07, 0.35 + 0.12 * step) for step in range(3)]
    grounds.append(hills(scene, 0.92, 0.10, 0.7))
    for step, near in enumerate((0.2, 0.42, 0.64)):
        bottom = covered_from(scene, grounds[step + 1])
        crest = (
            pine_line(scene, grounds[0], 2.6 * scene.unit, 2.2 * scene.unit) if step == 0 else grounds[step]
        )
        scene.ridge(crest, near, mist=0.35 - 0.1 * step, bottom=bottom)
    paint_far_accents(scene)
    scene.ridge(grounds[3], 0.92, mist=0.0, colour=mix(scene.mood.near, (0, 0, 0), 0.12))
    flowers(scene, grounds[3])
    paint_near_accents(scene, grounds[3])


def _desert(scene: Scene) -> None:
    rng, w = scene.rng, scene.width
    base = scene.horizon / scene.height
    shape = curve(rng, w, w * 0.22, octaves=4, gain=0.5)
    mesa = scene.height * (base + 0.01 - 0.13 * smoothstep(0.62, 0.70, shape) - 0.03 * shape)
    scene.ridge(mesa.astype(np.float32), 0.1, mist=0.4, bottom=int(scene.height * (base + 0.06)))
    crests = [
        hills(scene, base + 0.05 + 0.11 * step, 0.05 + 0.035 * step, 0.42 + 0.1 * step) for step in range(4)
    ]
    for step, near in enumerate((0.25, 0.45, 0.68)):
        dune(scene, crests[step], near, covered_from(scene, crests[step + 1]))
    paint_far_accents(scene)
    dune(scene, crests[3], 0.95, scene.height)
    paint_near_accents(scene, crests[3])


def _city(scene: Scene) -> None:
    for near, tall in ((0.1, 0.44), (0.42, 0.36), (0.8, 0.24)):
        _blocks(scene, near, tall)
    water(scene, calm=0.3)
    quay = hills(scene, scene.horizon / scene.height + 0.006, 0.004, 0.3)
    scene.ridge(quay, 0.9, bottom=scene.horizon + 4, mist=0.0)
    paint_far_accents(scene)
    if stands(scene.mood):
        _roof(scene)


def _roof(scene: Scene) -> None:
    """Paint the edge of a roof on one side, for someone to stand on."""
    level, reach = (float(v) for v in scene.rng.uniform((0.89, 0.32), (0.93, 0.55)))
    x = np.linspace(0, 1, scene.width, dtype=np.float32)[:: 1 if scene.rng.random() < 0.5 else -1]
    roof = np.where(x < reach, scene.height * level, scene.height * 2).astype(np.float32)
    roof[(x < reach) & (x > reach - 0.012)] -= 1.2 * scene.unit
    scene.ridge(roof, 1.0, mist=0.0)
    paint_near_accents(scene, np.minimum(roof, scene.height * 0.99))


def _blocks(scene: Scene, near: float, tall: float) -> None:
    """Paint a row of towers, tallest somewhere near the middle, with lit windows."""
    rng, w, unit = scene.rng, scene.width, scene.unit
    foot = scene.horizon + 2
    profile = np.full(w, float(foot), dtype=np.float32)
    centre, x = float(rng.uniform(0.3, 0.7)), 0
    while x < w:
        wide = int(unit * rng.uniform(2.5, 7.5) * (0.7 + near * 0.8)) + 2
        hump = np.exp(-(((x / w - centre) / 0.32) ** 2))
        rise = scene.height * tall * (0.25 + 0.75 * float(hump)) * float(rng.uniform(0.35, 1.0))
        profile[x : x + wide] = foot - rise
        if rng.random() < 0.25:
            mast = x + wide // 2
            profile[mast : mast + max(1, int(unit * 0.25))] -= unit * float(rng.uniform(2, 6))
        elif rng.random() < 0.4:
            profile[x + wide // 4 : x + wide * 3 // 4] -= unit * float(rng.uniform(0.8, 2.5))
        x += wide + int(unit * rng.uniform(0, 0.5))
    top = max(0, int(profile.min()) - 2)
    columns, rows = max(32, w // 8), max(8, (foot - top) // 8)
    t = np.linspace(0, 1, rows, dtype=np.float32)[:, None].repeat(columns, axis=1)
    body = mix(scene.mood.far, scene.mood.near, near)
    shades = scene.lit(
        ramp((body, mix(body, scene.mood.sky[3], 0.45 * (1 - near))), (0.0, 1.0), t),
        top,
        foot,
        0.3 * (1 - near),
    )
    image = picture(shades, (w, foot - top))
    _windows(scene, image, near)
    scene.add(image, below(profile, top, foot), top=top, depth=0.08 + 0.6 * near)


def _windows(scene: Scene, image: Image.Image, near: float) -> None:
    """Light some windows on a regular grid; the mask of the towers cuts away what hangs in the air."""
    rng, unit = scene.rng, scene.unit
    cell = max(3, int(unit * (0.55 + 0.5 * near)))
    columns, rows = image.width // cell + 1, image.height // cell + 1
    share = (0.30 if scene.mood.dark else 0.10) * (0.55 + 0.45 * near)
    columns_lit = rng.random((1, columns)) ** 2
    lamp = (rng.random((rows, columns)) < share * 2 * columns_lit) * rng.uniform(0.35, 1.0, (rows, columns))
    mask = Image.fromarray((lamp * 235).astype(np.uint8)).resize(
        (columns * cell, rows * cell), Image.Resampling.NEAREST
    )
    frame = np.zeros((cell, cell), dtype=np.uint8)
    frame[cell // 4 : cell - cell // 4, cell // 5 : max(cell - cell // 5 - 1, cell // 5 + 1)] = 1
    cut = (
        np.asarray(mask)[: image.height, : image.width]
        * np.tile(frame, (rows, columns))[: image.height, : image.width]
    )
    tones = (
        ((255, 214, 140), (255, 236, 200), (150, 220, 255))
        if scene.mood.time != "neon"
        else ((255, 90, 190), (80, 230, 255), (255, 220, 120))
    )
    hues = np.array(tones, dtype=np.uint8)[rng.integers(3, size=(max(2, rows // 3), max(2, columns // 2)))]
    glow = Image.fromarray(hues).resize(image.size, Image.Resampling.NEAREST)
    image.paste(glow, (0, 0), Image.fromarray(cut))


def _space(scene: Scene) -> None:
    rng, unit = scene.rng, scene.unit
    radius = unit * float(rng.uniform(17, 30))
    left = int(scene.width * rng.uniform(0.2, 0.8) - radius)
    top = int(scene.height * rng.uniform(0.28, 0.48) - radius)
    _planet(scene, left, top, radius)
    if scene.mood.words & {"ring", "ringed", "saturn"} or rng.random() < 0.4:
        _ring(scene, (left + radius, top + radius), radius)
    shape = curve(rng, scene.width, scene.width * 0.3, octaves=6, gain=0.42, sharp=True)
    scene.ridge((scene.height * (0.86 - 0.13 * shape)).astype(np.float32), 0.5, mist=0.35)
    paint_far_accents(scene)
    near = hills(scene, 0.97, 0.08, 0.5)
    scene.ridge(near, 1.0, mist=0.0)
    paint_near_accents(scene, near)


def _planet(scene: Scene, left: int, top: int, radius: float) -> None:
    """Paint a banded ball, lit from one side, computed at half size under an edge at full size."""
    rng, side = scene.rng, max(8, int(radius * 2))
    small = side // 2
    at = (np.arange(small, dtype=np.float32) - small / 2 + 0.5) / (small / 2)
    x, y = at[None, :], at[:, None]
    dist = np.hypot(x, y)
    z = np.sqrt(np.clip(1 - dist**2, 0, 1))
    angle = float(rng.uniform(-2.6, -0.5))
    lit = np.clip(0.75 * (np.cos(angle) * x + np.sin(angle) * y) + 0.75 * z, 0.03, 1)
    bands = surface(rng, small, small, 2.0, float(rng.uniform(4, 9)), octaves=4)
    dyes = scene.mood.dyes or (scene.mood.sky[2], scene.mood.sky[3])
    tones = mix(dyes[0], (20, 20, 40), 0.3), dyes[0], mix(dyes[-1], scene.mood.light, 0.4)
    body = ramp(tones, (0.3, 0.5, 0.7), bands) * (lit**0.8)[..., None] * 1.15
    body += (
        np.array(scene.mood.sky[3], dtype=np.float32) * (0.5 * smoothstep(0.82, 1.0, dist) * lit)[..., None]
    )
    full = np.arange(side, dtype=np.float32) - side / 2 + 0.5
    edge = np.clip(side / 2 - np.hypot(full[None, :], full[:, None]), 0, 1)
    disc = Image.fromarray((edge * 255).astype(np.uint8))
    scene.add(picture(body, (side, side), fine=True), disc, left=left, top=top, depth=0.05)


def _ring(scene: Scene, centre: tuple[float, float], radius: float) -> None:
    """Paint the ring of a planet, whose far half the planet hides."""
    rng, coarse = scene.rng, 3
    tilt, lean = float(rng.uniform(0.16, 0.34)), float(rng.uniform(-0.3, 0.3))
    half = int(radius * 2.15 / coarse), int(radius * 1.25 / coarse)
    x = np.arange(-half[0], half[0] + 1, dtype=np.float32)[None] * np.float32(coarse / radius)
    y = np.arange(-half[1], half[1] + 1, dtype=np.float32)[:, None] * np.float32(coarse / radius)
    along, across = x * np.cos(lean) + y * np.sin(lean), y * np.cos(lean) - x * np.sin(lean)
    out = np.hypot(along, across / tilt)
    gaps = curve(rng, 256, 26, octaves=3, gain=0.7)[np.clip((out - 1.3) / 0.8 * 255, 0, 255).astype(np.int32)]
    cover = smoothstep(1.30, 1.34, out) * smoothstep(2.10, 2.02, out) * (0.25 + 0.7 * gaps)
    cover = np.where((across < 0) & (np.hypot(x, y) < 1), 0, cover)
    size = cover.shape[1] * coarse, cover.shape[0] * coarse
    mask = Image.fromarray((cover * 255).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    tone = mix(scene.mood.sky[3], scene.mood.light, 0.55)
    image = Image.new("RGB", size, tuple(int(c) for c in tone))
    scene.add(image, mask, left=int(centre[0]) - size[0] // 2, top=int(centre[1]) - size[1] // 2, depth=0.05)


def _abstract(scene: Scene) -> None:
    """Paint silk: overlapping ribbons, each lit along its upper edge, over a gradient."""
    rng, w, h, mood = scene.rng, scene.width, scene.height, scene.mood
    ground = surface(rng, max(48, w // 12), max(48, h // 12), 1.6, 1.6, octaves=2)
    tones = [*mood.dyes, *mood.sky][:5]
    scene.add(
        picture(ramp(tones, np.linspace(0.2, 0.8, len(tones)).tolist(), ground), (w, h)), None, depth=0.0
    )
    count = 7
    profiles: list[Floats] = []
    for step in range(count):
        wave = curve(rng, w, w * float(rng.uniform(0.35, 0.8)), octaves=2, gain=0.3) - 0.5
        profiles.append((h * (0.16 + 0.80 * step / count + 0.30 * wave)).astype(np.float32))
    for step, profile in enumerate(profiles):
        bottom = covered_from(scene, profiles[step + 1]) if step + 1 < count else h
        top = max(0, min(int(profile.min()) - 2, bottom - 4))
        tone = tones[int(rng.integers(len(tones)))]
        y = np.linspace(top, bottom, max(8, (bottom - top) // 8), dtype=np.float32)[:, None]
        fall = (y - np.interp(np.linspace(0, w, 96), np.arange(w), profile)[None]) / h
        stops = mix(tone, mood.light, 0.55), tone, mix(tone, mood.near, 0.75)
        shades = ramp(stops, (0.0, 0.05, 0.36), fall.astype(np.float32))
        image = picture(shades, (w, bottom - top))
        scene.add(image, below(profile, top, bottom), top=top, depth=(step + 1) / count)


_PLACES: Mapping[str, Callable[[Scene], None]] = {
    "mountains": _mountains,
    "snow": _mountains,
    "ocean": _ocean,
    "forest": _forest,
    "meadow": _meadow,
    "desert": _desert,
    "city": _city,
    "space": _space,
}
