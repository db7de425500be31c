from __future__ import annotations

from collections.abc import Mapping

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.image import ImageRequest

T2I = "(MiniMax docs, api-reference/image-generation-t2i)"
I2I = "(MiniMax docs, api-reference/image-generation-i2i)"
LIVE = {"model": "image-01-live"}
URL = "https://example.com/a.png"


def refused(options: Mapping[str, object], provider: str = "minimax") -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        ImageRequest.make("A fox", **options).resolve(provider)
    return caught.value.problems


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"n": 0}, f"-n 0: 1 to 9 {T2I}"),
        ({"n": 10}, f"-n 10: 1 to 9 for image-01 {T2I}"),
        ({"n": "two"}, f"-n two: a whole number, 1 to 9 {T2I}"),
        ({"seed": 2**63}, f"--seed 9223372036854775808: a 64-bit whole number {T2I}"),
        (
            {"aspect_ratio": "16:10"},
            f"--aspect-ratio 16:10: 1:1, 16:9, 4:3, 3:2, 2:3, 3:4, 9:16 or 21:9 for image-01 {T2I}",
        ),
        (
            {"aspect_ratio": "21:9", **LIVE},
            (
                "--aspect-ratio 21:9: 1:1, 16:9, 4:3, 3:2, 2:3, 3:4 or 9:16 for image-01-live; "
                f"image-01 takes it {T2I}"
            ),
        ),
        ({"width": 1024}, f"--width 1024: --height is missing; give both or none {T2I}"),
        ({"height": 1024}, f"--height 1024: --width is missing; give both or none {T2I}"),
        ({"width": 504, "height": 512}, f"--width 504: 512 to 2048 px for image-01 {T2I}"),
        ({"width": 512, "height": 2056}, f"--height 2056: 512 to 2048 px for image-01 {T2I}"),
        ({"width": 1025, "height": 1024}, f"--width 1025: a multiple of 8, as 1024 or 1032 {T2I}"),
        (
            {"width": 1024, "height": 1024, **LIVE},
            f"--width 1024: image-01-live takes no size of your own; image-01 does {T2I}",
        ),
        ({"style": "水彩"}, f"--style 水彩: image-01 takes no style; image-01-live does {T2I}"),
        ({"style": "oil", **LIVE}, f"--style oil: 漫画, 元气, 中世纪 or 水彩 for image-01-live {T2I}"),
        ({"style_weight": 0.5}, f"--style-weight 0.5: --style is missing {T2I}"),
        (
            {"style": "水彩", "style_weight": 0, **LIVE},
            f"--style-weight 0: more than 0, at most 1 {T2I}",
        ),
        (
            {"style": "水彩", "style_weight": 1.01, **LIVE},
            f"--style-weight 1.01: more than 0, at most 1 {T2I}",
        ),
        ({"response_format": "png"}, f"--response-format png: url or base64 {T2I}"),
        ({"subject_reference": [URL, URL]}, f"--subject-reference: 2 given; at most 1 for image-01 {I2I}"),
        ({"subject": b"hello"}, f"--subject-reference bytes: of no known type; jpg, jpeg or png {I2I}"),
        (
            {"subject": URL, "subject_type": "object"},
            f"--subject-type object: character for image-01 {I2I}",
        ),
        (
            {"model": "image-02"},
            (
                "--model 'image-02' is not one of minimax's image models; allowed: image-01, image-01-live; "
                "did you mean 'image-01'?"
            ),
        ),
    ],
)
def test_one_line_for_each_broken_rule(options: Mapping[str, object], line: str) -> None:
    assert refused(options) == [line]


def test_the_prompt_is_needed_and_limited() -> None:
    with pytest.raises(RequestInvalidError) as caught:
        ImageRequest.make(None)
    assert caught.value.problems == ["--prompt is missing (write it below the first line)"]
    with pytest.raises(RequestInvalidError) as caught:
        ImageRequest.make("x" * 1501).resolve("minimax")
    assert caught.value.problems == [f"--prompt: 1,501 characters; at most 1,500 for image-01 {T2I}"]
    assert len(ImageRequest.make("狐" * 1500).resolve("minimax").prompt) == 1500


def test_all_broken_rules_are_listed() -> None:
    assert len(refused({"n": 12, "aspect_ratio": "5:4", "style": "水彩"})) == 3


@pytest.mark.parametrize(
    "options",
    [
        {"n": 1},
        {"n": 9},
        {"width": 512, "height": 2048},
        {"seed": -(2**63)},
        {"seed": 2**63 - 1},
        {"style": "漫画", "style_weight": 1, **LIVE},
        {"style": "漫画", "style_weight": 0.01, **LIVE},
        {"aspect_ratio": "21:9"},
        {"subject": URL, "subject_type": "character"},
        {"response_format": "base64", "prompt_optimizer": True, "aigc_watermark": True},
    ],
)
def test_bounds_are_allowed(options: Mapping[str, object]) -> None:
    assert ImageRequest.make("A fox", **options).resolve("minimax").model


def test_pixazo_takes_several_references_of_objects() -> None:
    request = ImageRequest.make("A fox", subject=[URL, URL + "2"], subject_type="object").resolve("pixazo")
    assert [item.url for item in request.subject_reference] == [URL, URL + "2"]
    assert request.mode == "subject"


def test_defaults() -> None:
    request = ImageRequest.make("A fox").resolve("minimax")
    assert (request.model, request.n, request.mode) == ("image-01", 1, "text")
    assert request.to_json() == {
        "model": "image-01",
        "prompt": "A fox",
        "n": 1,
        "prompt_optimizer": False,
        "subject_type": "character",
        "aigc_watermark": False,
    }


def test_a_size_beside_a_ratio_is_not_used() -> None:
    request = ImageRequest.make("A fox", aspect_ratio="16:9", width=512, height=512)
    assert request.warnings().items == [f"--aspect-ratio 16:9 wins; --width and --height are not used {T2I}"]


def test_price_facts() -> None:
    facts = ImageRequest.make("A fox", n=3, width=512, height=768).resolve("minimax").price_facts()
    assert facts == {"model": "image-01", "mode": "text", "n": 3, "width": 512, "height": 768}
    facts = ImageRequest.make("A fox", aspect_ratio="1:1", subject=URL).resolve("minimax").price_facts()
    assert facts == {"model": "image-01", "mode": "subject", "n": 1, "aspect_ratio": "1:1"}
