"""Bad requests of :mod:`tests.engine.bad_inputs`: pictures and films, one a rule, and what the error must say."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tests.engine.bad_inputs import SONG, URL, Case, heard, sound_of
from tests.unit.samples import picture

_FOX: dict[str, Any] = {"prompt": "A fox"}
_H3: dict[str, Any] = {"prompt": "A dancer", "model": "MiniMax-H3"}
_CLIP_URL = "https://example.com/a.mp4"


def _picture(width: int, height: int) -> Callable[[], bytes]:
    return lambda: _drawn(width, height)


@cache
def _drawn(width: int, height: int) -> bytes:
    return picture(width, height)


def _clip(seconds: int, size: tuple[int, int], *, rate: int = 24, sound: bool = False) -> Callable[[], bytes]:
    return lambda: _filmed(seconds, size, rate, sound)


@cache
def _filmed(seconds: int, size: tuple[int, int], rate: int, sound: bool) -> bytes:
    """Return a black film."""
    import io

    import av
    import numpy as np

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=44100, layout="mono") if sound else None
        black = av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8), format="rgb24")
        for _ in range(seconds * rate):
            container.mux(video.encode(black))
        container.mux(video.encode())
        if audio is not None:
            silence = np.zeros((1, seconds * 44100), np.float32)
            for start in range(0, silence.shape[1], 1024):
                part = av.AudioFrame.from_ndarray(
                    silence[:, start : start + 1024], format="fltp", layout="mono"
                )
                part.rate, part.pts = 44100, start
                container.mux(audio.encode(part))
            container.mux(audio.encode())
    return buffer.getvalue()


CASES: list[Case] = [
    # image
    Case("image", "--width 1024: --height is missing; give both or none", {**_FOX, "width": 1024}),
    Case("image", "--height 1024: --width is missing; give both or none", {**_FOX, "height": 1024}),
    Case("image", f"--seed {2**63}: a 64-bit whole number", {**_FOX, "seed": 2**63}),
    Case(
        "image",
        "--subject-type: 2 given for 1 --subject-reference; give one, or one each",
        {
            **_FOX,
            "subject_reference": URL,
            "subject_type": ["character", "character"],
        },
    ),
    Case("image", "--style-weight 0.5: --style is missing", {**_FOX, "style_weight": 0.5}),
    Case(
        "image", "--style Cartoon: image-01 takes no style; image-01-live does", {**_FOX, "style": "Cartoon"}
    ),
    Case("image", "--width 513: a multiple of 8, as 512 or 520", {**_FOX, "width": 513, "height": 512}),
    Case(
        "image",
        "--width 512: image-01-live takes no size of your own; image-01 does",
        {**_FOX, "model": "image-01-live", "width": 512, "height": 512},
    ),
    Case(
        "image",
        "--subject-reference bytes: of no known type; ",
        {**_FOX, "subject_reference": b"no picture"},
    ),
    Case(
        "image",
        "--model 'nothing' is not one of minimax's image models; allowed: image-01",
        {**_FOX, "model": "nothing"},
    ),
    # video
    Case("video", "--prompt is missing (write it below the first line), or give --first-frame"),
    Case(
        "video",
        "--first-frame and --reference-image: give frames or references, not both",
        {**_H3, "first_frame": URL, "reference_image": URL},
    ),
    Case(
        "video",
        "--subject-reference and --first-frame: give a subject or frames, not both",
        {**_FOX, "first_frame": URL, "subject_reference": URL},
    ),
    Case(
        "video",
        "--first-frame is missing: MiniMax-Hailuo-2.3-Fast makes nothing from text alone",
        {**_FOX, "model": "MiniMax-Hailuo-2.3-Fast"},
    ),
    Case(
        "video",
        "--last-frame: MiniMax-Hailuo-2.3 takes no last frame; ",
        {**_FOX, "model": "MiniMax-Hailuo-2.3", "last_frame": URL},
    ),
    Case("video", "--duration 7: 6 or 10 s for MiniMax-Hailuo-2.3; ", {**_FOX, "duration": 7}),
    Case("video", "--resolution 480P: ", {**_FOX, "resolution": "480P"}),
    Case(
        "video",
        "--resolution 512P: MiniMax-Hailuo-02 makes it only with --first-frame",
        {**_FOX, "model": "MiniMax-Hailuo-02", "resolution": "512P"},
    ),
    Case(
        "video",
        "--resolution 1080P with --duration 10: MiniMax-Hailuo-2.3 makes 10 s only at 768P",
        {**_FOX, "resolution": "1080P", "duration": 10},
    ),
    Case("video", "--duration 10: T2V-01 makes 6 s only", {**_FOX, "model": "T2V-01", "duration": 10}),
    Case(
        "video", "--fast-pretreatment true: MiniMax-H3 does not know it; ", {**_H3, "fast_pretreatment": True}
    ),
    Case(
        "video", "--prompt-optimizer false: MiniMax-H3 does not know it", {**_H3, "prompt_optimizer": False}
    ),
    Case(
        "video",
        "--prompt is missing (write it below the first line): MiniMax-H3 needs it",
        {
            "model": "MiniMax-H3",
            "first_frame": URL,
        },
    ),
    Case("video", "--last-frame: MiniMax-H3 needs --first-frame too", {**_H3, "last_frame": URL}),
    Case(
        "video",
        "--reference-audio: MiniMax-H3 needs --reference-image or --reference-video too",
        {**_H3, "reference_audio": SONG},
    ),
    Case(
        "video",
        "--reference-image: 10 given; at most 9 for MiniMax-H3",
        {**_H3, "reference_image": [URL] * 10},
    ),
    Case(
        "video",
        " reference files; at most 12 for MiniMax-H3",
        {
            **_H3,
            "reference_image": [URL] * 9,
            "reference_video": [_CLIP_URL] * 3,
            "reference_audio": [SONG],
        },
    ),
    Case(
        "video",
        "--reference-audio: 18 s together; at most 15 s",
        {
            **_H3,
            "reference_image": URL,
            "reference_audio": lambda: [heard(9), heard(9)],
        },
    ),
    Case(
        "video",
        "--reference-video bytes: of no known type; mp4 or mov",
        {**_H3, "reference_video": b"no film"},
    ),
    Case(
        "video",
        "--aspect-ratio adaptive: there is nothing to adapt to; ",
        {**_H3, "aspect_ratio": "adaptive"},
    ),
    Case(
        "video",
        "--aspect-ratio adaptive: 21:9, 16:9",
        {
            "prompt": "A dancer",
            "model": "MiniMax-H3-Lite",
            "reference_image": URL,
            "aspect_ratio": "adaptive",
        },
    ),
    Case(
        "video",
        "--first-frame bytes: 400 x 300 px; the short side must be more than 300 px",
        {
            **_FOX,
            "first_frame": _picture(400, 300),
        },
    ),
    Case(
        "video",
        "--first-frame bytes: 6000 x 3000 px; the long side must be at most 5760 px",
        {
            **_H3,
            "first_frame": _picture(6000, 3000),
        },
    ),
    Case(
        "video",
        "--first-frame bytes: 1200 x 400 px; width : height must be from 2:5 to 5:2",
        {
            **_FOX,
            "first_frame": _picture(1200, 400),
        },
    ),
    Case(
        "video",
        "--first-frame bytes: 20 MB; less than 20 MB",
        {
            **_FOX,
            "first_frame": lambda: _drawn(400, 400) + b"\0" * (20 * 2**20 - len(_drawn(400, 400))),
        },
    ),
    Case(
        "video",
        "--first-frame bytes: cannot be read as an image",
        {
            **_FOX,
            "first_frame": lambda: _drawn(400, 400)[:40],
        },
    ),
    Case(
        "video",
        "--reference-video bytes: cannot be read as a video",
        {
            **_H3,
            "reference_video": b"\0\0\0\x20ftypisom" + b"\0" * 60,
        },
    ),
    Case(
        "video",
        "--reference-video bytes: 1 s long; 2 to 15 s",
        {**_H3, "reference_video": _clip(1, (320, 320))},
    ),
    Case(
        "video",
        "--reference-video bytes: 10 frames/s; ",
        {
            **_H3,
            "reference_video": _clip(3, (320, 320), rate=10),
        },
    ),
    Case(
        "video",
        "--reference-video bytes: 50 MB; at most 50 MB",
        {
            **_H3,
            "reference_video": lambda: _filmed(3, (64, 64), 24, False) + b"\0" * (50 * 2**20),
        },
    ),
    Case(
        "video",
        "--reference-audio bytes: 1 s long; 2 to 15 s",
        {
            **_H3,
            "reference_image": URL,
            "reference_audio": sound_of(1),
        },
    ),
    Case("context-ir", "--duration 3: 4 to 15 s for MiniMax-H3", {"prompt": "A dancer", "duration": 3}),
    # video made again
    Case("video-regeneration", "--base-video is missing, or give --source-task-id"),
    Case(
        "video-regeneration",
        "--source-task-id and --base-video: give one of them",
        {
            "source_task_id": "1",
            "base_video": _CLIP_URL,
        },
    ),
    Case(
        "video-regeneration",
        "--base-video bytes: 10 frames/s; 23.97 to 60",
        {
            "base_video": _clip(4, (64, 64), rate=10),
        },
    ),
    Case(
        "video-regeneration",
        "--base-video bytes: 30 frames/s; 24",
        {"base_video": _clip(4, (64, 64), rate=30)},
    ),
    Case(
        "video-regeneration",
        "--base-video bytes: has no sound; sound is needed",
        {
            "base_video": _clip(4, (1280, 768)),
        },
    ),
    Case(
        "video-regeneration",
        "both sides must be multiples of",
        {
            "base_video": _clip(4, (1286, 760), sound=True),
        },
    ),
    Case(
        "video-regeneration",
        "--base-video bytes: 128 x 128 px, 16,384 in all; ",
        {
            "base_video": _clip(4, (128, 128), sound=True),
        },
    ),
    Case(
        "video-regeneration",
        "--base-video bytes: 96 frames; 107 to 362 in steps of 17",
        {
            "base_video": _clip(4, (1024, 576), sound=True),
        },
    ),
    Case(
        "video-regeneration",
        "--reference-image: 10 given; at most 9",
        {
            "base_video": _CLIP_URL,
            "reference_image": [URL] * 10,
        },
    ),
    # templates
    Case("agent", "--template nothing: no such template", {"template": "nothing"}),
    Case("agent", "--image: Diving needs 1 image; ", {"template": "Diving"}),
    Case(
        "agent",
        "--prompt is missing (write it below the first line): Run for Life needs 1 text",
        {
            "template": "Run for Life",
            "image": URL,
        },
    ),
    Case("agent", "--image bytes: 400 x 300 px; ", {"template": "Diving", "image": _picture(400, 300)}),
]
