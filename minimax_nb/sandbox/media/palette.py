"""From the words of a prompt to the light, the colours and the place of a picture.

A prompt names a place ("a harbour at night") or does not ("a quiet feeling"); what it leaves open is drawn
from its hash, so that the same words always give the same kind of picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from minimax_nb.sandbox.media.words import digest, rng_of, vocabulary, words_of

Colour = tuple[float, float, float]

PLACES: Mapping[str, frozenset[str]] = {
    "abstract": vocabulary("abstract pattern texture gradient logo wallpaper silk fluid 抽象 图案"),
    "space": vocabulary("space planet galaxy nebula cosmos cosmic orbit astronaut 宇宙 星系 太空"),
    "city": vocabulary(
        "city cityscape skyline street skyscraper cyberpunk neon downtown tokyo town york market cafe café shop"
        " 城市 街 赛博朋克"
    ),
    "ocean": vocabulary(
        "ocean sea beach coast wave harbour harbor island sail sailboat boat ship lake river lighthouse whale surf"
        " water 海 湖 浪 船"
    ),
    "desert": vocabulary("desert dune sahara canyon mars camel sand 沙漠 沙丘"),
    "snow": vocabulary("snow snowy winter ice icy arctic glacier frozen frost ski 雪 冬 冰"),
    "forest": vocabulary("forest tree wood jungle pine bamboo fox deer stag wolf bear 森林 树 竹"),
    "meadow": vocabulary(
        "meadow field hill farm flower garden grass spring horse dog cat picnic village 花 草原 田野 猫 狗"
    ),
    "mountains": vocabulary("mountain alps peak valley hike himalaya cliff summit 山 峰"),
}

TIMES: Mapping[str, frozenset[str]] = {
    "aurora": vocabulary("aurora borealis northern 极光"),
    "neon": vocabulary("neon cyberpunk synthwave vaporwave retro arcade 赛博朋克 霓虹"),
    "night": vocabulary("night midnight moon moonlit moonlight star starry dark 夜 月 星空"),
    "sunset": vocabulary("sunset golden evening autumn warm 日落 夕阳 黄昏 秋"),
    "dawn": vocabulary("dawn sunrise morning pastel soft dream dreamy 日出 清晨"),
    "dusk": vocabulary("dusk twilight mystic mysterious magic magical fantasy 暮"),
    "storm": vocabulary("storm stormy rain rainy fog foggy mist misty cloudy grey gray gloomy 雨 雾"),
    "day": vocabulary("day sunny noon bright summer blue clear 晴 夏 白天"),
}

# Sky stops run from the zenith to the horizon, then: far ground, near ground, light.
_LIGHTS: Mapping[str, tuple[str, ...]] = {
    "day": ("#1f63b8", "#5b9fdd", "#a9d5f0", "#eaf5f2", "#9cc0d4", "#1d4438", "#fff8de"),
    "sunset": ("#2a2456", "#8a3d72", "#f2764c", "#ffd792", "#b8637a", "#22122c", "#fff2c4"),
    "dawn": ("#4a6aa8", "#9c98cc", "#f4b4ae", "#ffe8c8", "#b09cbc", "#2b2b4e", "#fff4dc"),
    "dusk": ("#0e1338", "#37307a", "#9a5292", "#f49a84", "#6a4e90", "#0f0d29", "#ffd8c0"),
    "night": ("#030713", "#0a1a3c", "#17386a", "#3a6a92", "#20446c", "#03060d", "#f6f2de"),
    "storm": ("#3c4956", "#6f7f8c", "#a4afb4", "#d9dcd6", "#8e9ca4", "#1d2930", "#f4f2e6"),
    "aurora": ("#02060f", "#06182c", "#0d3346", "#1f5f62", "#17425a", "#02070c", "#e8fff4"),
    "neon": ("#080418", "#241056", "#8a1f86", "#ff6aa6", "#4a2784", "#0a0516", "#ffb0cc"),
}

# The colour of the ground itself, far and near, before the light of the hour.
_GROUNDS: Mapping[str, tuple[str, str]] = {
    "mountains": ("#8fa3bd", "#24402f"),
    "snow": ("#c9dbea", "#5f7f9c"),
    "forest": ("#8fb0a0", "#12301f"),
    "meadow": ("#a8c08a", "#3f6a24"),
    "desert": ("#e8bd86", "#8f4a20"),
    "ocean": ("#86a9bd", "#1f2f36"),
    "city": ("#8d96ae", "#141a2a"),
    "space": ("#6a5a9a", "#0a0a16"),
    "abstract": ("#8fa3bd", "#24304a"),
}

_COLOURS: Mapping[str, str] = {
    "red": "#d8342c", "crimson": "#c01838", "scarlet": "#e03020", "orange": "#f07a1c", "amber": "#f0a020",
    "yellow": "#f4cc30", "gold": "#e8b030", "green": "#2f9a4c", "emerald": "#109868", "lime": "#98d030",
    "teal": "#128a8c", "turquoise": "#28b8b0", "cyan": "#20c0e0", "blue": "#2464d8", "azure": "#2890e8",
    "indigo": "#3c2cb0", "purple": "#7a30b8", "violet": "#8c48d8", "magenta": "#d828b0", "pink": "#f478b0",
    "rose": "#e85888", "brown": "#7c4c28", "white": "#f4f4f0", "black": "#181820", "silver": "#b8c0c8",
    "红": "#d8342c", "橙": "#f07a1c", "黄": "#f4cc30", "绿": "#2f9a4c", "蓝": "#2464d8", "紫": "#7a30b8",
    "粉": "#f478b0", "白": "#f4f4f0", "黑": "#181820",
}  # fmt: skip


def rgb(code: str) -> Colour:
    """``"#rrggbb"`` as three floats of 0..255."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two: all of the first at 0, all of the second at 1."""
    r, g, b = (p + (q - p) * share for p, q in zip(first, second, strict=True))
    return r, g, b


def luma(colour: Colour) -> float:
    """Perceived brightness, 0..255 (BT.601 weights)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def tint(colour: Colour, dye: Colour, share: float) -> Colour:
    """Dye a colour without changing how bright it is, so that a red night stays a night."""
    scale = luma(colour) / max(luma(dye), 1.0)
    r, g, b = (min(255.0, channel * scale) for channel in dye)
    return mix(colour, (r, g, b), share)


@dataclass(frozen=True, slots=True)
class Mood:
    """What the words of a prompt say about its picture.

    Parameters
    ----------
    place, time
        Keys of :data:`PLACES` and :data:`TIMES`.
    words
        The words of the prompt, lower case, singular where a plural ``s`` could be dropped.
    sky
        Four colours from the zenith to the horizon.
    far, near
        Ground colour at the horizon and at the feet of the viewer.
    light
        Colour of the sun or the moon.
    dyes
        Colours that the prompt names, in its order.
    """

    place: str
    time: str
    words: frozenset[str]
    sky: tuple[Colour, Colour, Colour, Colour]
    far: Colour
    near: Colour
    light: Colour
    dyes: tuple[Colour, ...]

    @property
    def dark(self) -> bool:
        """Whether stars, a moon and lit windows belong in the picture."""
        return self.time in {"night", "aurora", "neon", "dusk"}

    @property
    def snowy(self) -> bool:
        """Whether the ground is white."""
        return self.place == "snow" or bool(self.words & PLACES["snow"])

    def snow(self, near: float) -> Colour:
        """Return the colour of snow in this light: clear by day, blue by night, a little darker when near."""
        bright = mix(self.sky[3], (246, 249, 255), 0.65)
        share = {"day": 0.12, "dawn": 0.2, "storm": 0.2, "sunset": 0.38}.get(self.time, 0.55)
        return mix(bright, self.sky[1], share * (0.6 + 0.6 * near))


def _first_match(table: Mapping[str, frozenset[str]], words: list[str], prompt: str) -> str | None:
    """Return the entry with most hits; Chinese has no spaces, so its marks are searched as substrings."""
    score = {
        name: sum(mark in words if mark.isascii() else mark in prompt for mark in marks)
        for name, marks in table.items()
    }
    best = max(score, key=lambda name: score[name])
    return best if score[best] else None


def mood_of(prompt: str, *, seed: int, model: str) -> Mood:
    """Read a prompt; what it does not say is drawn from it, and the seed shifts the hues a little.

    Parameters
    ----------
    prompt
        Any text, also empty.
    seed
        Varies hues, never place or time that the words name.
    model
        Each model has a palette bias of its own, as real models do.
    """
    words = words_of(prompt)
    place = _first_match(PLACES, words, prompt)
    if place is None:
        open_places = ("mountains", "ocean", "forest", "meadow", "mountains", "snow")
        place = open_places[digest("place", prompt) % len(open_places)]
    time = _first_match(TIMES, words, prompt)
    if time is None:
        usual = ("night", "dusk") if place == "space" else ("sunset", "day", "dawn", "dusk", "day", "sunset")
        time = usual[digest("time", prompt) % len(usual)]
    dyes = tuple(
        rgb(_COLOURS[key])
        for word in words
        for key in _COLOURS
        if (word == key if key.isascii() else key in word)
    )
    return _colour_in(place, time, frozenset(words), dyes, rng_of("mood", prompt, seed, model))


def _colour_in(
    place: str, time: str, words: frozenset[str], dyes: tuple[Colour, ...], rng: np.random.Generator
) -> Mood:
    stops = [rgb(code) for code in _LIGHTS[time]]
    far_ground, near_ground = (rgb(code) for code in _GROUNDS[place])
    day = 0.62 if time in {"day", "storm", "dawn"} else 0.3
    # Far ground keeps the light of the hour (air between); near ground keeps more of its own colour.
    stops[4] = tint(mix(stops[4], far_ground, day * 0.5), far_ground, 0.25)
    stops[5] = tint(mix(stops[5], near_ground, day), near_ground, 0.35)
    accent = rgb(("#ff8a5c", "#5cc8ff", "#b98cff", "#7fe0b0", "#ffcf6a", "#ff7fb0")[int(rng.integers(6))])
    stops = [tint(stop, accent, float(rng.uniform(0.03, 0.16))) for stop in stops]
    for position, dye in enumerate(dyes[:2]):
        reach = range(4) if position == 0 else range(4, 6)
        for i in reach:
            stops[i] = tint(stops[i], dye, 0.34 if i < 4 else 0.5)
    sky = (stops[0], stops[1], stops[2], stops[3])
    return Mood(place, time, words, sky, stops[4], stops[5], stops[6], dyes)
