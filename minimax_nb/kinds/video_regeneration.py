"""A finished H3 video made again in 2K."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from minimax_nb.catalog import Model
from minimax_nb.kinds.checks import Clip, clip_of, video_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import option
from minimax_nb.kinds.scene import Referring

_DOCS = "MiniMax docs, api-reference/video-generation-v2-regeneration"


class VideoRegenerationRequest(Referring):
    """A video again in 2K: another pass of the model over it, not an enlargement."""

    kind: ClassVar[str] = "video-regeneration"
    word_field: ClassVar[str] = "base_video"

    base_video: MediaInput | None = option(
        None, help="The video: path, URL or earlier result.", source=_DOCS, aliases=("video",)
    )
    source_task_id: str | None = option(
        None, help="MiniMax's id of the task that made it, in place of the video.", source=_DOCS
    )
    resolution: Literal["2K"] = option("2K", help="Short side of the picture.", source=_DOCS)
    aigc_watermark: bool | None = option(None, help="Mark the clip as made by a machine.", source=_DOCS)

    def rules(self) -> Iterator[str]:
        """Yield broken rules: a video or a task, and nothing beside a task."""
        if self.base_video is None and self.source_task_id is None:
            yield f"--base-video is missing, or give --source-task-id ({_DOCS})"
        elif self.source_task_id is not None:
            given = ["base_video", "prompt", *(f"reference_{kind}" for kind in self.references)]
            for field in (name for name in given if getattr(self, name)):
                yield f"--source-task-id and --{field.replace('_', '-')}: give one of them ({_DOCS})"

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: the shape of the video, references."""
        if self.base_video is not None:
            # It may be longer than a reference, and has a rule of its own for that.
            limits = {
                key: value for key, value in model.limits.items() if not key.startswith("video_seconds")
            }
            clip = clip_of(self.base_video)
            problem = video_problem(self.base_video, limits) or (clip and _unfit(clip, model.limits))
            if problem:
                yield self.line("base_video", self.base_video, problem)
        yield from self.reference_rules(model)

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: what only some accounts may do."""
        yield from super().remarks(model)
        if self.source_task_id is not None:
            yield f"--source-task-id is open to some accounts only; --base-video to all ({_DOCS})"

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model, the length of the video in whole seconds (``None`` when not known) and references."""
        clip = clip_of(self.base_video) if self.base_video is not None else None
        seconds = int(clip.seconds) if clip and clip.seconds else None
        return {
            "model": self.model,
            "duration": seconds,
            "resolution": self.resolution,
            **self.reference_facts(),
        }


def _unfit(clip: Clip, limits: Mapping[str, Any]) -> str | None:
    """Return why a video cannot be made again; what it does not tell of itself passes."""
    rate, step = limits["base_rate"], limits["base_side_step"]
    if clip.rate is not None and abs(clip.rate - rate) > 0.01:
        return f"{clip.rate:.5g} frames/s; {rate}"
    if clip.sound is False:
        return "has no sound; sound is needed"
    if clip.width is not None and clip.height is not None:
        shown, pixels = f"{clip.width} x {clip.height} px", clip.width * clip.height
        if clip.width % step or clip.height % step:
            return f"{shown}; both sides must be multiples of {step}"
        if not limits["base_pixels_min"] <= pixels <= limits["base_pixels_max"]:
            return (
                f"{shown}, {pixels:,} in all; {limits['base_pixels_min']:,} to {limits['base_pixels_max']:,}"
            )
    low, high, step = (limits[f"base_frames_{name}"] for name in ("min", "max", "step"))
    if clip.frames is not None and clip.frames not in range(low, high + 1, step):
        return f"{clip.frames} frames; {low} to {high} in steps of {step}, as H3 makes them"
    return None
