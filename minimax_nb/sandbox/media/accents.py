"""Small things that a prompt may name, as silhouettes: birds, a boat, a balloon, a figure, an animal."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from minimax_nb.sandbox.media.noise import Floats
from minimax_nb.sandbox.media.palette import Colour, Mood, mix
from minimax_nb.sandbox.media.scene import Scene
from minimax_nb.sandbox.media.words import vocabulary

_FINE = 4  # drawn this many times larger, then reduced: smooth edges from a library that draws hard ones
_INK = 255

_FIGURE = vocabulary(
    "person man woman girl boy figure child people traveler traveller hiker wanderer astronaut explorer someone hero"
    " knight dancer princess king queen samurai monk model character"
)
_SITTING = vocabulary("cat kitten dog puppy fox wolf husky")
_STANDING = vocabulary("horse deer stag elk cow sheep bear camel unicorn")
_ROUND_EARED = vocabulary("dog puppy bear")
_BOATS = vocabulary("boat sail sailboat sailing ship yacht vessel")
_BALLOONS = vocabulary("balloon airship")
_TOWERS = vocabulary("lighthouse")
_HOUSES = vocabulary("cabin house cottage hut home village library farm barn")
_BIRDS = vocabulary("bird seagull gull eagle flock crane swallow")


class Pen:
    """Draws in units of the stamp's height, so that a shape is written once for every size."""

    def __init__(self, draw: ImageDraw.ImageDraw, scale: float) -> None:
        self._draw = draw
        self._scale = scale

    def poly(self, *points: tuple[float, float]) -> None:
        """Fill a polygon."""
        self._draw.polygon([(x * self._scale, y * self._scale) for x, y in points], fill=_INK)

    def oval(self, x: float, y: float, rx: float, ry: float, ink: int = _INK) -> None:
        """Fill an ellipse around a middle; ink 0 cuts out."""
        s = self._scale
        self._draw.ellipse(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), fill=ink)

    def line(self, width: float, *points: tuple[float, float]) -> None:
        """Draw a round-jointed stroke."""
        path = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.line(path, fill=_INK, width=max(1, int(width * self._scale)), joint="curve")


def paint_far_accents(scene: Scene) -> None:
    """Paint what flies or floats, before the nearest ground is there; with nothing named, sometimes birds."""
    words = scene.mood.words
    named = bool(words & (_BALLOONS | _BOATS | _BIRDS))
    if words & _BALLOONS:
        for size in (13.0, 6.5):
            _balloon(scene, size)
    if words & _BOATS and scene.mood.place == "ocean":
        _boat(scene)
    if words & _BIRDS or (not named and not scene.mood.dark and scene.rng.random() < 0.5):
        _birds(scene)


def stands(mood: Mood) -> bool:
    """Return whether the prompt names something that stands on the ground."""
    return bool(mood.words & (_FIGURE | _SITTING | _STANDING | _TOWERS | _HOUSES))


def paint_near_accents(scene: Scene, ground: Floats) -> None:
    """Paint what stands on the nearest ground, whose profile (row per column) is given."""
    words = scene.mood.words
    inked = mix(scene.mood.near, (0, 0, 0), 0.62)
    coat = mix(mix(scene.mood.dyes[0], (226, 120, 50), 0.4), inked, 0.3) if scene.mood.dyes else inked
    if scene.mood.snowy and not scene.mood.dyes:
        coat = mix(inked, (0, 0, 0), 0.3)
    if words & _HOUSES:
        _stand(scene, ground, 9.0, 1.5, _house, inked, lamp=(0.50, 0.60, 0.13, 0.17))
    if words & _TOWERS:
        _stand(scene, ground, 26.0, 0.4, _lighthouse, inked, lamp=(0.14, 0.10, 0.12, 0.07))
    if words & _STANDING:
        _stand(scene, ground, 10.0, 1.25, _antlered if words & {"deer", "stag", "elk"} else _grazer, coat)
    if words & _SITTING:
        _stand(
            scene,
            ground,
            9.0,
            1.2,
            _hound if words & _ROUND_EARED else _fox if "fox" in words else _cat,
            coat,
        )
    if words & _FIGURE:
        _stand(scene, ground, 10.5, 0.5, _person, inked)


def _stamp(
    scene: Scene,
    w: float,
    h: float,
    at: tuple[float, float],
    depth: float,
    shape: Callable[[Pen], None],
    colour: Colour,
) -> None:
    """Add a shape in one colour; ``at`` is the middle of its foot."""
    size = max(4, int(w)), max(4, int(h))
    big = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    shape(Pen(ImageDraw.Draw(big), float(big.height)))
    tone = Image.new("RGB", size, tuple(int(c) for c in colour))
    scene.add(
        tone, big.resize(size, Image.Resampling.BOX), left=int(at[0] - w / 2), top=int(at[1] - h), depth=depth
    )


def _stand(
    scene: Scene,
    ground: Floats,
    tall: float,
    aspect: float,
    shape: Callable[[Pen], None],
    colour: Colour,
    lamp: tuple[float, float, float, float] | None = None,
) -> None:
    """Put a shape of ``tall`` units on the ground; ``lamp`` (x, y, w, h in shape heights) is a lit window."""
    h = tall * scene.unit
    # of a few places the highest: on the rocks rather than in the dip
    places = scene.width * scene.rng.uniform(0.2, 0.8, 4)
    x = float(min(places, key=lambda at: ground[int(at)]))
    # the lowest ground under it, so that nothing floats
    left, right = int(x - aspect * h / 2), int(x + aspect * h / 2) + 1
    y = float(ground[max(left, 0) : right].max()) + 0.02 * h
    _stamp(scene, aspect * h, h, (x, y), 1.0, shape, colour)
    if lamp:
        light = Image.new("RGB", (max(2, int(lamp[2] * h)), max(2, int(lamp[3] * h))), (255, 214, 130))
        scene.add(
            light, None, left=int(x - aspect * h / 2 + lamp[0] * h), top=int(y - h + lamp[1] * h), depth=1.0
        )


def _birds(scene: Scene) -> None:
    rng, unit = scene.rng, scene.unit
    middle = scene.width * float(rng.uniform(0.3, 0.7)), scene.horizon * float(rng.uniform(0.3, 0.6))
    colour = mix(scene.mood.near, scene.mood.sky[1], 0.35)
    for _ in range(int(rng.integers(5, 11))):
        size = unit * float(rng.uniform(0.9, 2.0))
        at = (middle[0] + float(rng.normal(0, 9)) * unit, middle[1] + float(rng.normal(0, 4)) * unit)
        _stamp(scene, size * 2.4, size, at, 0.15, _bird, colour)


def _bird(pen: Pen) -> None:
    pen.poly((0, 0.30), (0.55, 0.10), (1.15, 0.62), (0.60, 0.30))
    pen.poly((2.4, 0.22), (1.80, 0.06), (1.15, 0.62), (1.75, 0.28))
    pen.oval(1.17, 0.58, 0.22, 0.12)


def _balloon(scene: Scene, size: float) -> None:
    h = size * scene.unit
    at = (
        scene.width * float(scene.rng.uniform(0.22, 0.78)),
        scene.horizon * float(scene.rng.uniform(0.35, 0.75)),
    )
    dye = scene.mood.dyes[0] if scene.mood.dyes else (216, 76, 60)
    _stamp(scene, h * 0.8, h, at, 0.25, _envelope, mix(dye, scene.mood.near, 0.25))
    _stamp(scene, h * 0.8, h, at, 0.25, _gores, mix(scene.mood.light, dye, 0.25))


def _envelope(pen: Pen) -> None:
    pen.oval(0.4, 0.37, 0.37, 0.37)
    pen.poly((0.06, 0.50), (0.74, 0.50), (0.47, 0.82), (0.33, 0.82))
    pen.line(0.008, (0.34, 0.82), (0.36, 0.90))
    pen.line(0.008, (0.46, 0.82), (0.44, 0.90))
    pen.poly((0.34, 0.89), (0.46, 0.89), (0.45, 0.99), (0.35, 0.99))


def _gores(pen: Pen) -> None:
    pen.oval(0.4, 0.37, 0.22, 0.37)
    pen.oval(0.4, 0.37, 0.12, 0.37, ink=0)
    pen.poly((0.19, 0.50), (0.29, 0.50), (0.37, 0.81), (0.35, 0.81))
    pen.poly((0.51, 0.50), (0.61, 0.50), (0.45, 0.81), (0.43, 0.81))


def _boat(scene: Scene) -> None:
    h = scene.unit * float(scene.rng.uniform(13, 19))
    at = (
        scene.width * float(scene.rng.uniform(0.3, 0.7)),
        scene.horizon + 0.26 * (scene.height - scene.horizon),
    )
    _stamp(scene, h * 0.8, h, at, 0.35, _sails, mix(scene.mood.light, scene.mood.sky[3], 0.4))
    _stamp(scene, h * 0.8, h, at, 0.35, _hull, mix(scene.mood.near, (0, 0, 0), 0.3))


def _sails(pen: Pen) -> None:
    pen.poly((0.40, 0.02), (0.40, 0.76), (0.07, 0.76), (0.20, 0.45))
    pen.poly((0.45, 0.14), (0.45, 0.76), (0.72, 0.76), (0.62, 0.50))


def _hull(pen: Pen) -> None:
    pen.line(0.014, (0.425, 0.0), (0.425, 0.85))
    pen.poly((0.04, 0.82), (0.78, 0.80), (0.66, 0.96), (0.14, 0.96))


def _lighthouse(pen: Pen) -> None:
    pen.poly((0.14, 0.2), (0.26, 0.2), (0.31, 1.0), (0.09, 1.0))
    pen.poly((0.10, 0.18), (0.30, 0.18), (0.30, 0.205), (0.10, 0.205))
    pen.poly((0.12, 0.09), (0.28, 0.09), (0.20, 0.02))
    pen.line(0.012, (0.135, 0.09), (0.135, 0.19))
    pen.line(0.012, (0.265, 0.09), (0.265, 0.19))


def _house(pen: Pen) -> None:
    pen.poly((0.18, 0.42), (1.32, 0.42), (1.32, 1.0), (0.18, 1.0))
    pen.poly((0.04, 0.47), (0.42, 0.08), (1.10, 0.08), (1.46, 0.47))
    pen.poly((0.95, 0.0), (1.08, 0.0), (1.08, 0.25), (0.95, 0.25))


def _person(pen: Pen) -> None:
    pen.oval(0.25, 0.09, 0.062, 0.078)
    pen.poly((0.17, 0.19), (0.33, 0.19), (0.36, 0.45), (0.39, 0.72), (0.11, 0.72), (0.14, 0.45))
    pen.oval(0.25, 0.21, 0.085, 0.05)
    pen.line(0.055, (0.17, 0.23), (0.11, 0.42), (0.13, 0.53))
    pen.line(0.055, (0.33, 0.23), (0.39, 0.42), (0.37, 0.53))
    pen.line(0.075, (0.20, 0.68), (0.19, 0.99))
    pen.line(0.075, (0.30, 0.68), (0.31, 0.99))


def _cat(pen: Pen) -> None:
    _sitter(pen, tail=0.05, ears=0.15)


def _fox(pen: Pen) -> None:
    _sitter(pen, tail=0.12, ears=0.19)


def _sitter(pen: Pen, *, tail: float, ears: float) -> None:
    """Draw a sitting animal seen from behind, its tail laid aside."""
    pen.oval(0.52, 0.72, 0.27, 0.29)
    pen.poly((0.36, 0.40), (0.68, 0.40), (0.78, 0.76), (0.26, 0.76))
    pen.oval(0.52, 0.29, 0.175, 0.155)
    pen.poly((0.355, 0.27), (0.36, 0.29 - 0.13 - ears * 0.7), (0.50, 0.16))
    pen.poly((0.685, 0.27), (0.68, 0.29 - 0.13 - ears * 0.7), (0.54, 0.16))
    pen.line(tail * 1.5, (0.62, 0.94), (0.82, 0.955 - tail * 0.3), (0.98, 0.90 - tail * 0.4), (1.08, 0.76))
    pen.oval(1.07, 0.79, tail * 0.72, tail * 1.1)


def _hound(pen: Pen) -> None:
    pen.oval(0.52, 0.72, 0.27, 0.29)
    pen.poly((0.37, 0.40), (0.67, 0.40), (0.78, 0.76), (0.26, 0.76))
    pen.oval(0.52, 0.27, 0.17, 0.17)
    pen.oval(0.355, 0.29, 0.06, 0.13)
    pen.oval(0.685, 0.29, 0.06, 0.13)
    pen.line(0.07, (0.66, 0.95), (0.92, 0.93), (1.08, 0.80))


def _grazer(pen: Pen) -> None:
    """Draw a four-legged animal from the side, head to the right."""
    pen.oval(0.52, 0.50, 0.34, 0.155)
    pen.oval(0.76, 0.47, 0.14, 0.15)
    pen.oval(0.29, 0.48, 0.14, 0.145)
    pen.poly((0.72, 0.38), (0.86, 0.52), (1.06, 0.22), (0.95, 0.12))
    pen.poly((0.93, 0.13), (1.05, 0.10), (1.22, 0.27), (1.17, 0.33), (1.02, 0.27))
    pen.poly((0.955, 0.14), (0.965, 0.04), (1.02, 0.12))
    for hip, foot in ((0.24, 0.20), (0.36, 0.37), (0.70, 0.69), (0.82, 0.85)):
        pen.line(0.062, (hip, 0.52), (hip - 0.01, 0.76), (foot, 0.99))
    pen.line(0.05, (0.18, 0.42), (0.10, 0.52), (0.09, 0.70))


def _antlered(pen: Pen) -> None:
    _grazer(pen)
    for lean in (-0.05, 0.06):
        pen.line(0.022, (0.98, 0.12), (0.95 + lean, 0.05), (0.98 + lean * 2, 0.0))
        pen.line(0.018, (0.95 + lean, 0.06), (0.90 + lean, 0.0))
