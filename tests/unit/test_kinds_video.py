from __future__ import annotations

from collections.abc import Mapping

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.video import VideoRequest

DOCS = "(MiniMax docs, api-reference/video-generation-"
T2V, I2V, FL2V, S2V = (f"{DOCS}{page})" for page in ("t2v", "i2v", "fl2v", "s2v"))
URL = "https://example.com/a.png"
HAILUO_02 = {"model": "MiniMax-Hailuo-02"}
T2V_01 = {"model": "T2V-01"}


def refused(options: Mapping[str, object], text: str | None = "A dancer") -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        VideoRequest.make(text, **options).resolve("minimax")
    return caught.value.problems


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"duration": 7}, f"--duration 7: 6 or 10 s for MiniMax-Hailuo-2.3; MiniMax-H3 makes it {T2V}"),
        ({"duration": "6s"}, f"--duration 6s: a whole number, 4 to 15 s {T2V}"),
        (
            {"duration": 10, "resolution": "1080P"},
            f"--resolution 1080P with --duration 10: MiniMax-Hailuo-2.3 makes 10 s only at 768P {T2V}",
        ),
        (
            {"duration": 10, "resolution": "1080P", "first_frame": URL, **HAILUO_02},
            f"--resolution 1080P with --duration 10: MiniMax-Hailuo-02 makes 10 s only at 512P or 768P {T2V}",
        ),
        (
            {"resolution": "720p"},
            f"--resolution 720P: 768P or 1080P for MiniMax-Hailuo-2.3; did you mean '768P'? {T2V}",
        ),
        ({"resolution": "4K"}, f"--resolution 4K: 768P or 1080P for MiniMax-Hailuo-2.3 {T2V}"),
        (
            {"resolution": "1080"},
            f"--resolution 1080: 768P or 1080P for MiniMax-Hailuo-2.3; did you mean '1080P'? {T2V}",
        ),
        (
            {"resolution": "512P", **HAILUO_02},
            f"--resolution 512P: MiniMax-Hailuo-02 makes it only with --first-frame alone {T2V}",
        ),
        (
            {"resolution": "512P", "first_frame": URL, "last_frame": URL},
            f"--resolution 512P: MiniMax-Hailuo-02 makes it only with --first-frame alone {T2V}",
        ),
        (
            {"model": "MiniMax-Hailuo-2.3-Fast"},
            f"--first-frame is missing: MiniMax-Hailuo-2.3-Fast makes nothing from text alone {I2V}",
        ),
        (
            {"model": "S2V-01"},
            f"--subject-reference is missing: S2V-01 makes nothing from text alone {S2V}",
        ),
        (
            {"model": "MiniMax-Hailuo-2.3", "first_frame": URL, "last_frame": URL},
            (
                "--last-frame: MiniMax-Hailuo-2.3 takes no last frame; MiniMax-Hailuo-02, MiniMax-H3, MiniMax-H3-Max, "
                f"MiniMax-H3-Highspeed or MiniMax-H3-Lite does {FL2V}"
            ),
        ),
        (
            {"subject": URL, **HAILUO_02},
            f"--subject-reference: MiniMax-Hailuo-02 takes no subject reference; S2V-01 does {S2V}",
        ),
        (
            {"subject": URL, "first_frame": URL},
            f"--subject-reference and --first-frame: give a subject or frames, not both {S2V}",
        ),
        (
            {"subject": URL, "last_frame": URL},
            f"--subject-reference and --last-frame: give a subject or frames, not both {S2V}",
        ),
        ({"duration": 10, **T2V_01}, f"--duration 10: T2V-01 makes 6 s only {T2V}"),
        ({"resolution": "1080P", **T2V_01}, f"--resolution 1080P: T2V-01 makes 720P only {T2V}"),
        (
            {"fast_pretreatment": True, **T2V_01},
            (
                "--fast-pretreatment true: T2V-01 does not know it; MiniMax-Hailuo-2.3, MiniMax-Hailuo-2.3-Fast "
                f"or MiniMax-Hailuo-02 does {T2V}"
            ),
        ),
        ({"first_frame": b"hello"}, f"--first-frame bytes: of no known type; jpg, jpeg, png or webp {I2V}"),
        ({"last_frame": b"hello"}, f"--last-frame bytes: of no known type; jpg, jpeg, png or webp {FL2V}"),
        ({"subject": b"hello"}, f"--subject-reference bytes: of no known type; jpg, jpeg, png or webp {S2V}"),
    ],
)
def test_one_line_for_each_broken_rule(options: Mapping[str, object], line: str) -> None:
    assert refused(options) == [line]


def test_the_prompt() -> None:
    assert refused({}, None) == [
        f"--prompt is missing (write it below the first line), or give --first-frame {T2V}"
    ]
    assert refused({}, "x" * 2001) == [
        f"--prompt: 2,001 characters; at most 2,000 for MiniMax-Hailuo-2.3 {T2V}"
    ]
    assert VideoRequest.make(None, first_frame=URL).resolve("minimax").text == ""


@pytest.mark.parametrize(
    "options",
    [
        {"duration": 6, "resolution": "768P"},
        {"duration": 6, "resolution": "1080P"},
        {"duration": 10, "resolution": "768P"},
        {"duration": 10, "resolution": "512P", "first_frame": URL, **HAILUO_02},
        {"model": "MiniMax-Hailuo-2.3-Fast", "first_frame": URL, "resolution": "1080P"},
        {"fast_pretreatment": True},
        {"duration": 6, "resolution": "720P", **T2V_01},
        {"first_frame": URL, "last_frame": URL, "duration": 6, "resolution": "1080P"},
    ],
)
def test_the_matrix_allows(options: Mapping[str, object]) -> None:
    assert VideoRequest.make("A dancer", **options).resolve("minimax").model


@pytest.mark.parametrize(
    ("options", "mode", "model", "size"),
    [
        ({}, "text", "MiniMax-Hailuo-2.3", (6, "768P")),
        ({"image": URL}, "first-frame", "MiniMax-Hailuo-2.3", (6, "768P")),
        ({"first-frame-image": URL, "last_frame": URL}, "first-last-frame", "MiniMax-Hailuo-02", (6, "768P")),
        ({"last_frame": URL}, "first-last-frame", "MiniMax-Hailuo-02", (6, "768P")),
        ({"subject": URL}, "subject", "S2V-01", (None, None)),
    ],
)
def test_what_is_given_chooses_the_model(
    options: Mapping[str, object], mode: str, model: str, size: tuple[int | None, str | None]
) -> None:
    request = VideoRequest.make("A dancer", **options).resolve("minimax")
    assert (request.mode, request.model, (request.duration, request.resolution)) == (mode, model, size)


def test_lower_case_resolutions_are_meant_as_written_on_the_wire() -> None:
    request = VideoRequest.make("A dancer", resolution="768p").resolve("minimax")
    assert request.resolution == "768P"
    assert request.warnings().items == [f"--resolution 768p is sent as 768P {T2V}"]
    assert VideoRequest.make("A dancer", resolution="768P").warnings().items == []


@pytest.mark.parametrize(
    ("prompt", "model", "remarks"),
    [
        ("[Push in] she turns", "MiniMax-Hailuo-2.3", []),
        ("[pan left, Pedestal up] she turns [推进]", "MiniMax-Hailuo-2.3", []),
        (
            "[Push-in] she turns",
            "MiniMax-Hailuo-2.3",
            [f"[Push-in] is not a camera command; did you mean 'Push in'? {T2V}"],
        ),
        (
            "[a sign]",
            "T2V-01-Director",
            [f"[a sign] is not a camera command {T2V}"],
        ),
        (
            "[Pan left,Tilt up,Zoom in,Shake]",
            "MiniMax-Hailuo-2.3",
            [f"[Pan left,Tilt up,Zoom in,Shake]: at most 3 camera moves at once {T2V}"],
        ),
        ("[Push in] she turns", "T2V-01", [f"[Push in]: T2V-01 knows no camera commands {T2V}"]),
        ("[a sign]", "T2V-01", []),
    ],
)
def test_camera_commands(prompt: str, model: str, remarks: list[str]) -> None:
    request = VideoRequest.make(prompt, model=model)
    assert request.warnings().items == []  # the model is not known yet
    assert request.resolve("minimax").warnings().items == remarks


def test_price_facts_tell_the_size_that_is_made() -> None:
    facts = VideoRequest.make("A dancer", duration=10).resolve("minimax").price_facts()
    assert facts == {"model": "MiniMax-Hailuo-2.3", "mode": "text", "duration": 10, "resolution": "768P"}
    facts = VideoRequest.make("A dancer", subject=URL).resolve("minimax").price_facts()
    assert facts == {"model": "S2V-01", "mode": "subject", "duration": 6, "resolution": "720P"}
