from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from minimax_nb.sandbox.media import make_image
from minimax_nb.sandbox.media.palette import PLACES, mood_of

PROMPTS = {
    "mountains": "a mountain valley at sunset",
    "snow": "a snowy peak on a clear day",
    "forest": "a pine forest in the mist",
    "meadow": "a cat in a flower garden",
    "ocean": "a sailboat on a calm sea by moonlight",
    "desert": "hot air balloons over the dunes at dawn",
    "city": "a cyberpunk city, neon lights",
    "space": "an astronaut before a ringed planet",
    "abstract": "an abstract pattern in teal and orange",
}


def opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


def picture_of(prompt: str, **options: object) -> Image.Image:
    settings: dict[str, object] = {"width": 320, "height": 180, "seed": 1, "model": "image-01", **options}
    return opened(make_image(prompt, **settings)).convert("RGB")  # type: ignore[arg-type]


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the pixels, of 255, without the caption strip."""
    a, b = (np.asarray(p.crop((0, 0, p.width, p.height * 9 // 10)), dtype=float) for p in (one, other))
    return float(np.abs(a - b).mean())


@pytest.mark.parametrize("size", [(512, 512), (1344, 576), (720, 1280), (2048, 2048), (520, 1000)])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_exact_pixels_in_the_format_asked_for(size: tuple[int, int], form: str) -> None:
    data = make_image("a quiet harbour", width=size[0], height=size[1], seed=1, model="m", format=form)  # type: ignore[arg-type]
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert (picture.format, picture.size, picture.mode) == (form, size, "RGB")


@pytest.mark.parametrize(("place", "prompt"), PROMPTS.items())
def test_a_place_that_is_named_is_painted(place: str, prompt: str) -> None:
    assert mood_of(prompt, seed=1, model="m").place == place
    pixels = np.asarray(picture_of(prompt))
    assert pixels.std() > 20, "a picture has contrast"
    assert len(np.unique(pixels.reshape(-1, 3) // 16, axis=0)) > 40, "and many tones"


def test_every_place_has_a_prompt_here() -> None:
    assert set(PROMPTS) == set(PLACES)


def test_chinese_words_are_understood() -> None:
    mood = mood_of("日落时的海边小船", seed=1, model="m")
    assert (mood.place, mood.time) == ("ocean", "sunset")


def test_what_a_prompt_leaves_open_is_the_same_for_every_seed() -> None:
    moods = {(mood_of("a quiet feeling", seed=seed, model="m").place) for seed in range(8)}
    assert len(moods) == 1


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"model": "image-01-live"}, {"index": 1}],
    ids=["seed", "model", "index"],
)
@pytest.mark.parametrize("prompt", [PROMPTS["mountains"], PROMPTS["ocean"], PROMPTS["abstract"]])
def test_pictures_differ_visibly(prompt: str, other: dict[str, object]) -> None:
    assert distance(picture_of(prompt), picture_of(prompt, **other)) > 6


def test_prompts_differ_visibly() -> None:
    pictures = [picture_of(prompt) for prompt in PROMPTS.values()]
    assert min(distance(a, b) for a, b in pairwise(pictures)) > 15


def test_night_is_darker_than_day() -> None:
    day, night = (np.asarray(picture_of(f"mountains by {time}")).mean() for time in ("day", "night"))
    assert night < 0.6 * day


def test_a_named_colour_is_seen() -> None:
    red, blue = (
        np.asarray(picture_of(f"{colour} hills at dusk"), dtype=float).mean((0, 1))
        for colour in ("red", "blue")
    )
    assert red[0] - red[2] > blue[0] - blue[2] + 30


def test_a_caption_lies_on_a_dark_strip_at_the_bottom() -> None:
    plain = np.asarray(
        picture_of("snow by day", width=640, height=360, model="white-model").convert("L"), dtype=float
    )
    strip, above = plain[-12:], plain[-30:-18]
    assert strip.mean() < 0.75 * above.mean()
    assert strip[:, :200].max() > 180, "with light letters at its left"


def test_a_long_prompt_is_shortened_and_foreign_letters_are_left_out() -> None:
    assert picture_of("word " * 300).size == (320, 180)
    assert picture_of("日落 🌅 \n\t \ud800", seed=2**62).size == (320, 180)


def test_a_subject_is_shown_in_a_round_inset() -> None:
    red = Image.new("RGB", (200, 300), (250, 10, 10))
    out = io.BytesIO()
    red.save(out, "PNG")
    plain, shown = picture_of("a field"), picture_of("a field", subject=out.getvalue())
    change = np.abs(np.asarray(plain, dtype=float) - np.asarray(shown, dtype=float)).max(axis=2) > 40
    rows, columns = np.nonzero(change)
    assert columns.min() > 200, "in the right"
    assert rows.max() < 60, "upper corner"
    middle = np.asarray(shown)[(rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2]
    assert middle[0] > 200
    assert middle[1] < 60
    assert not change[rows.min(), columns.min()], "round: the corner of its square is untouched"


def test_each_style_of_the_live_model_changes_the_picture() -> None:
    styles = [None, "漫画", "元气", "中世纪", "水彩"]
    pictures = [picture_of("a girl in front of mountains", style=style) for style in styles]
    for i, one in enumerate(pictures):
        assert all(distance(one, other) > 4 for other in pictures[i + 1 :])
    assert distance(pictures[0], picture_of("a girl in front of mountains", style="unknown")) == 0


def test_the_same_arguments_give_the_same_bytes_in_another_process() -> None:
    call = "make_image('a red fox in the snow', width=256, height=192, seed=5, model='m')"
    code = f"import hashlib;from minimax_nb.sandbox.media import make_image;print(hashlib.sha256({call}).hexdigest())"
    here = hashlib.sha256(
        make_image("a red fox in the snow", width=256, height=192, seed=5, model="m")
    ).hexdigest()
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_a_picture_costs_little() -> None:
    make_image("warm up", width=1280, height=720, seed=1, model="m")
    costs = []
    for prompt in PROMPTS.values():
        start = time.process_time()
        make_image(prompt, width=1280, height=720, seed=1, model="m")
        costs.append(time.process_time() - start)
    assert sorted(costs)[len(costs) // 2] < 0.15, "about 0.03 s on the machine it was tuned on"
