"""What a video is made from: a prompt, frames or reference material, and the rules they share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from minimax_nb.catalog import Model
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.checks import audio_problem, audio_seconds, clip_of, image_problem, video_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import one_of, option, option_of

V2 = "MiniMax docs, api-reference/video-generation-v2-create"
T2V, I2V, FL2V, S2V = (
    f"MiniMax docs, api-reference/video-generation-{name}" for name in ("t2v", "i2v", "fl2v", "s2v")
)
_CHECKS = {"image": image_problem, "video": video_problem, "audio": audio_problem}
_KINDS = tuple(_CHECKS)


class Referring(PromptRequest):
    """Base of the requests that take reference images, videos and recordings."""

    text_required: ClassVar[bool] = False

    prompt: str | None = option(
        None,
        help="What happens; camera moves in brackets: [Push in]. May be left out with an image.",
        source=T2V,
        by_model={"max_length": "prompt_max"},
    )
    reference_image: tuple[MediaInput, ...] = option(
        (),
        help="Image whose look or person the clip takes up; may be repeated.",
        source=V2,
        aliases=("reference-images",),
    )
    reference_video: tuple[MediaInput, ...] = option(
        (),
        help="Video whose motion or style it takes up; may be repeated.",
        source=V2,
        aliases=("reference-videos",),
    )
    reference_audio: tuple[MediaInput, ...] = option(
        (),
        help="Recording whose sound or voice it takes up; may be repeated.",
        source=V2,
        aliases=("reference-audios",),
    )

    @property
    def references(self) -> Mapping[str, tuple[MediaInput, ...]]:
        """The reference media by kind of medium, without those that were not given."""
        found = {kind: getattr(self, f"reference_{kind}") for kind in _KINDS}
        return {kind: items for kind, items in found.items() if items}

    def reference_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model for reference media: how many, how big, how long, not sound alone."""
        most = model.limits.get("references", {})
        for kind, items in self.references.items():
            field = f"reference_{kind}"
            row = option_of(type(self), field)
            if len(items) > most.get(kind, 0):
                yield f"{row.flag}: {len(items)} given; at most {most.get(kind, 0)} for {model.name} ({row.source})"
            for item in items:
                if problem := _CHECKS[kind](item, model.limits):
                    yield self.line(field, item, problem, model)
            total, allowed = _seconds(kind, items), model.limits.get("material_seconds_max")
            if len(items) > 1 and allowed is not None and total is not None and total > allowed + 0.2:
                yield f"{row.flag}: {total:.4g} s together; at most {allowed:g} s ({row.source})"

    def reference_facts(self) -> dict[str, Any]:
        """Return what prices ask of the reference media; seconds of video are billed in whole ones, rounded up."""
        facts: dict[str, Any] = {}
        if self.reference_image:
            facts["reference_images"] = len(self.reference_image)
        if self.reference_video:
            lengths = [clip.seconds if (clip := clip_of(item)) else None for item in self.reference_video]
            known = [math.ceil(length) for length in lengths if length is not None]
            facts["reference_seconds"] = sum(known) if len(known) == len(lengths) else None
        return facts


def _seconds(kind: str, items: tuple[MediaInput, ...]) -> float | None:
    """Return how long recordings or videos are together; ``None`` when one does not tell."""
    if kind == "image":
        return None
    lengths = [
        audio_seconds(item) if kind == "audio" else clip.seconds if (clip := clip_of(item)) else None
        for item in items
    ]
    known = [length for length in lengths if length is not None]
    return sum(known) if len(known) == len(items) else None


class Scene(Referring):
    """Base of the requests for a scene. What is given sets the mode: text, frames, or references."""

    mode_fields: ClassVar[Mapping[str, str]] = {
        "first-frame": "first_frame",
        "first-last-frame": "last_frame",
        "references": "reference_image",
    }

    duration: int | None = option(
        None, help="Length of the clip.", source=T2V, unit="s", by_model={"choices": "durations"}
    )
    aspect_ratio: str | None = option(
        None,
        help="Width : height; frames decide it themselves. adaptive: as the references are.",
        source=V2,
        aliases=("ratio",),
        by_model={"choices": "aspect_ratios"},
    )
    first_frame: MediaInput | None = option(
        None,
        help="Image the clip begins with: path, URL or earlier result.",
        source=I2V,
        aliases=("first-frame-image", "image"),
    )
    last_frame: MediaInput | None = option(
        None, help="Image the clip ends with.", source=FL2V, aliases=("last-frame-image",)
    )

    @property
    def mode(self) -> str:
        """``text``, ``first-frame``, ``first-last-frame`` (also with the last alone) or ``references``."""
        if self.references:
            return "references"
        if self.last_frame is not None:
            return "first-last-frame"
        return "text" if self.first_frame is None else "first-frame"

    @property
    def mode_field(self) -> str:
        """The field that makes the mode; of several kinds of reference, the first given."""
        if self.mode == "references":
            return f"reference_{next(iter(self.references))}"
        return super().mode_field

    def rules(self) -> Iterator[str]:
        """Yield broken rules: something to start from; frames or references, not both."""
        if self.prompt is None and self.mode == "text":
            yield f"--prompt is missing (write it below the first line), or give --first-frame ({T2V})"
        frame = "first" if self.first_frame is not None else "last" if self.last_frame is not None else None
        if frame and self.references:
            other = self.mode_field.replace("_", "-")
            yield f"--{frame}-frame and --{other}: give frames or references, not both ({V2})"

    def fill(self, model: Model) -> Self:
        """Fill in the model's defaults; a ratio only where nothing given decides it."""
        complete = super().fill(model)
        free = self.mode == "text" or (self.mode == "references" and model.limits.get("concrete_ratio"))
        if free or self.aspect_ratio is not None:
            return complete
        return complete.model_copy(update={"aspect_ratio": None})

    def scene_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of a model of the second API: a prompt, whole frames, references, the ratio."""
        if self.prompt is None:
            yield f"--prompt is missing (write it below the first line): {model.name} needs it ({model.source})"
        if self.last_frame is not None and self.first_frame is None:
            yield f"--last-frame: {model.name} needs --first-frame too ({V2})"
        if set(self.references) == {"audio"}:
            yield f"--reference-audio: {model.name} needs --reference-image or --reference-video too ({V2})"
        yield from self.reference_rules(model)
        count, most = sum(map(len, self.references.values())), model.limits.get("files_max")
        if most is not None and count > most:
            yield f"{count} reference files; at most {most} for {model.name} (H3 model card)"
        if self.aspect_ratio == "adaptive" and self.mode == "text":
            yield self.line("aspect_ratio", "adaptive", f"there is nothing to adapt to; {_concrete(model)}")
        elif (
            self.aspect_ratio == "adaptive"
            and self.mode == "references"
            and model.limits.get("concrete_ratio")
        ):
            yield self.line("aspect_ratio", "adaptive", f"{_concrete(model)} for {model.name}", model)

    def frame_rules(self, model: Model, *more: str) -> Iterator[str]:
        """Yield broken rules for the single images."""
        for field in ("first_frame", "last_frame", *more):
            media = getattr(self, field)
            if media is not None and (problem := image_problem(media, model.limits)):
                yield self.line(field, media, problem, model)

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: a ratio that will not be used."""
        yield from super().remarks(model)
        ratio = self.aspect_ratio
        if model is not None and model.api and "frame" in self.mode and ratio not in (None, "adaptive"):
            yield f"--aspect-ratio {ratio} is not used: the clip has the ratio of its first frame ({V2})"


def _concrete(model: Model) -> str:
    return one_of(name for name in model.limits["aspect_ratios"] if name != "adaptive")
