"""Videos by the H3 models: what they take, in one line where they do not, and what prices ask of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from tests.unit.samples import mp4, picture, wav

DOCS = "(MiniMax docs, api-reference/video-generation-"
V2 = f"{DOCS}v2-create)"
AGAIN = f"{DOCS}v2-regeneration)"
CHINA = "(MiniMax docs (China), api-reference/video-generation-v2-create)"
URL = "https://example.com/a"
H3 = {"model": "MiniMax-H3"}
LITE = {"model": "MiniMax-H3-Lite"}
ALL = "MiniMax-H3, MiniMax-H3-Max, MiniMax-H3-Highspeed or MiniMax-H3-Lite"


def refused(kind: str, text: str | None, options: Mapping[str, Any]) -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        build(kind, text, options).resolve("minimax")
    return caught.value.problems


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"duration": 16, **H3}, f"--duration 16: 4 to 15 s for MiniMax-H3 {V2}"),
        (
            {"duration": 4, "model": "MiniMax-H3-Max"},
            f"--duration 4: 5 to 15 s for MiniMax-H3-Max; MiniMax-H3 makes it {V2}",
        ),
        ({"resolution": "1080P", **H3}, f"--resolution 1080P: 768P or 2K for MiniMax-H3 {V2}"),
        ({"resolution": "2K", **LITE}, f"--resolution 2K: 480P or 768P for MiniMax-H3-Lite {CHINA}"),
        (
            {"ratio": "2:1", **H3},
            f"--aspect-ratio 2:1: adaptive, 21:9, 16:9, 4:3, 1:1, 3:4 or 9:16 for MiniMax-H3 {V2}",
        ),
        (
            {"ratio": "adaptive", **H3},
            f"--aspect-ratio adaptive: there is nothing to adapt to; 21:9, 16:9, 4:3, 1:1, 3:4 or 9:16 {V2}",
        ),
        (
            {"ratio": "adaptive", "reference_image": URL, **LITE},
            f"--aspect-ratio adaptive: 21:9, 16:9, 4:3, 1:1, 3:4 or 9:16 for MiniMax-H3-Lite {CHINA}",
        ),
        (
            {"ratio": "16:9"},
            f"--aspect-ratio 16:9: MiniMax-Hailuo-2.3 takes no ratio; {ALL} does {V2}",
        ),
        ({"last_frame": URL, **H3}, f"--last-frame: MiniMax-H3 needs --first-frame too {V2}"),
        (
            {"first_frame": URL, "reference_image": URL},
            f"--first-frame and --reference-image: give frames or references, not both {V2}",
        ),
        (
            {"subject": URL, "reference_video": URL},
            f"--subject-reference and --reference-video: give a subject or references, not both {DOCS}s2v)",
        ),
        ({"subject": URL, **H3}, f"--subject-reference: MiniMax-H3 takes no subject reference; S2V-01 does {V2}"),
        (
            {"reference_audio": URL, **H3},
            f"--reference-audio: MiniMax-H3 needs --reference-image or --reference-video too {V2}",
        ),
        (
            {"reference_video": URL, "model": "MiniMax-Hailuo-02"},
            f"--reference-video: MiniMax-Hailuo-02 takes no reference video; {ALL} does {V2}",
        ),
        ({"reference_image": [URL] * 10, **H3}, f"--reference-image: 10 given; at most 9 for MiniMax-H3 {V2}"),
        ({"reference_video": [URL] * 4, **H3}, f"--reference-video: 4 given; at most 3 for MiniMax-H3 {V2}"),
        (
            {"reference_image": [URL] * 9, "reference_video": [URL] * 3, "reference_audio": URL, **H3},
            "13 reference files; at most 12 for MiniMax-H3 (H3 model card)",
        ),
        (
            {"reference_image": b"hello", **H3},
            f"--reference-image bytes: of no known type; jpg, jpeg, png, webp, heic or heif {V2}",
        ),
        (
            {"reference_image": picture(6000, 3000), **H3},
            f"--reference-image bytes: 6000 x 3000 px; the long side must be at most 5760 px {V2}",
        ),
        (
            {"first_frame": picture(255, 300), **H3},
            f"--first-frame bytes: 255 x 300 px; the short side must be more than 255 px {V2}",
        ),
        (
            {"reference_video": b"hello", "reference_image": URL},
            f"--reference-video bytes: of no known type; mp4 or mov {V2}",
        ),
        (
            {"reference_audio": wav(1), "reference_image": URL},
            f"--reference-audio bytes: 1 s long; 2 to 15 s {V2}",
        ),
        (
            {"reference_audio": [wav(8), wav(9)], "reference_image": URL},
            f"--reference-audio: 17 s together; at most 15 s {V2}",
        ),
        (
            {"prompt_expansion_mode": "quality", **H3},
            f"--prompt-expansion-mode quality: MiniMax-H3 does not know it; MiniMax-H3-Max does {V2}",
        ),
        (
            {"prompt_expansion_mode": "best", "model": "MiniMax-H3-Max"},
            f"--prompt-expansion-mode best: disabled, balanced or quality for MiniMax-H3-Max {V2}",
        ),
        ({"prompt_optimizer": False, **H3}, f"--prompt-optimizer false: MiniMax-H3 does not know it {V2}"),
        (
            {"fast_pretreatment": True, **H3},
            (
                "--fast-pretreatment true: MiniMax-H3 does not know it; MiniMax-Hailuo-2.3, "
                f"MiniMax-Hailuo-2.3-Fast or MiniMax-Hailuo-02 does {V2}"
            ),
        ),
    ],
)  # fmt: skip
def test_one_line_for_each_broken_rule(options: Mapping[str, Any], line: str) -> None:
    assert refused("video", "A dancer", options) == [line]


def test_a_prompt_is_always_needed() -> None:
    missing = f"--prompt is missing (write it below the first line): MiniMax-H3 needs it {V2}"
    assert refused("video", None, {"first_frame": URL, **H3}) == [missing]
    (line,) = refused("context-ir", None, {"first_frame": URL})
    assert line == missing.replace("v2-create", "v2-h3-context-ir")


def test_a_reference_video_is_looked_into(tmp_path: Path) -> None:
    short = mp4(tmp_path / "short.mp4", 1)
    (line,) = refused("video", "A dancer", {"reference_video": str(short)})
    assert line == f"--reference-video short.mp4: 1 s long; 2 to 15 s {V2}"


def test_references_choose_a_model_that_takes_them() -> None:
    found = build("video", "A dancer", {"reference_image": [URL, URL]}).resolve("minimax")
    assert (found.model, found.mode, found.price_facts()["reference_images"]) == (
        "MiniMax-H3",
        "references",
        2,
    )
    assert found.price_facts()["duration"] == 5


def test_seconds_of_a_reference_video_are_billed_in_whole_ones(tmp_path: Path) -> None:
    clip = mp4(tmp_path / "clip.mp4", 3)
    found = build("video", "A dancer", {"reference_video": str(clip)}).resolve("minimax")
    assert found.price_facts()["reference_seconds"] == 3
    remote = build("video", "A dancer", {"reference_video": [str(clip), f"{URL}.mp4"]}).resolve("minimax")
    assert remote.price_facts()["reference_seconds"] is None


@pytest.mark.parametrize(
    ("options", "ratio"),
    [
        (H3, "16:9"),
        ({"ratio": "9:16", **H3}, "9:16"),
        ({"first_frame": URL, **H3}, None),
        ({"reference_image": URL, **H3}, None),
        ({"reference_image": URL, **LITE}, "16:9"),
    ],
)
def test_a_ratio_is_filled_in_where_nothing_else_decides_it(
    options: Mapping[str, Any], ratio: str | None
) -> None:
    assert build("video", "A dancer", options).resolve("minimax").aspect_ratio == ratio


def test_a_ratio_beside_a_frame_is_said_to_be_unused() -> None:
    found = build("video", "A dancer", {"first_frame": URL, "ratio": "1:1", **H3}).resolve("minimax")
    assert found.warnings().items == [
        f"--aspect-ratio 1:1 is not used: the clip has the ratio of its first frame {V2}"
    ]


def test_brackets_are_no_camera_commands_here() -> None:
    assert build("video", "[Spin] A dancer", H3).resolve("minimax").warnings().items == []


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({}, f"--base-video is missing, or give --source-task-id {AGAIN}"),
        (
            {"base_video": URL, "source_task_id": "1"},
            f"--source-task-id and --base-video: give one of them {AGAIN}",
        ),
        (
            {"source_task_id": "1", "reference_image": URL},
            f"--source-task-id and --reference-image: give one of them {AGAIN}",
        ),
        ({"base_video": URL, "resolution": "768P"}, f"--resolution 768P: 2K; did you mean '2K'? {AGAIN}"),
        ({"base_video": b"hello"}, f"--base-video bytes: of no known type; mp4 or mov {AGAIN}"),
    ],
)
def test_regeneration_needs_one_source(options: Mapping[str, Any], line: str) -> None:
    (found,) = refused("video-regeneration", None, options)
    assert found.replace("; did you mean '2K'?", "") == line.replace("; did you mean '2K'?", "")


def test_regeneration_takes_h3_videos_only(tmp_path: Path) -> None:
    clip = mp4(tmp_path / "clip.mp4", 5, (640, 360))
    (line,) = refused("video-regeneration", None, {"base_video": str(clip)})
    assert line.startswith("--base-video clip.mp4: ")
    assert line.endswith(AGAIN)


def test_context_ir_has_the_lengths_of_h3() -> None:
    assert refused("context-ir", "A dancer", {"duration": 3}) == [
        f"--duration 3: 4 to 15 s for MiniMax-H3 {DOCS}v2-h3-context-ir)"
    ]
    assert build("context-ir", "A dancer", {}).resolve("minimax").duration == 5
