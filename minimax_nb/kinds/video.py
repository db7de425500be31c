"""Videos from text, from a first (and last) frame, of a subject, or from reference material."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.catalog import Model, catalog, nearest
from minimax_nb.kinds.base import origin
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import one_of, option, option_of
from minimax_nb.kinds.scene import S2V, T2V, V2, Scene

_LABEL = re.compile(r"[0-9]+[pPkK]")
_BRACKET = re.compile(r"\[([^\[\]\n]*)\]")
#: The camera commands of the pages for China; the catalog lists the English ones.
_CHINESE = frozenset({
    "左移", "右移", "左摇", "右摇", "推进", "拉远", "上升", "下降", "上摇", "下摇", "变焦推近", "变焦拉远",
    "晃动", "跟随", "固定",
})  # fmt: skip


class VideoRequest(Scene):
    """One video clip. What is given sets the mode: text, frames, subject, or references (``MiniMax-H3`` models)."""

    kind: ClassVar[str] = "video"
    mode_fields: ClassVar[Mapping[str, str]] = {**Scene.mode_fields, "subject": "subject_reference"}

    resolution: str | None = option(
        None, help="Short side of the picture.", source=T2V, by_model={"choices": "resolutions"}
    )
    subject_reference: MediaInput | None = option(
        None, help="Image of the person the clip shows.", source=S2V, aliases=("subject",)
    )
    prompt_optimizer: bool = option(True, help="Let the provider rewrite the prompt.", source=T2V)
    fast_pretreatment: bool = option(False, help="Shorten the rewriting of the prompt.", source=T2V)
    prompt_expansion_mode: str | None = option(
        None,
        help="How far the provider writes the prompt out.",
        source=V2,
        by_model={"choices": "prompt_expansion"},
    )
    aigc_watermark: bool | None = option(None, help="Mark the clip as made by a machine.", source=T2V)

    @property
    def mode(self) -> str:
        """``text``, ``first-frame``, ``first-last-frame``, ``references`` or ``subject``."""
        return super().mode if self.subject_reference is None else "subject"

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        """Write ``768p`` as ``768P``."""
        given = values.get("resolution")
        if isinstance(given, str) and _LABEL.fullmatch(given) and given != given.upper():
            values["resolution"] = given.upper()
            notes.append(f"--resolution {given} is sent as {given.upper()} ({T2V})")

    def rules(self) -> Iterator[str]:
        """Yield broken rules: something to start from; one of subject, frames and references."""
        yield from super().rules()
        frame = "first" if self.first_frame is not None else "last" if self.last_frame is not None else None
        if self.subject_reference is not None and (frame or self.references):
            other = f"{frame}-frame" if frame else f"reference-{next(iter(self.references))}"
            what = "frames" if frame else "references"
            yield f"--subject-reference and --{other}: give a subject or {what}, not both ({S2V})"

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: length, resolution, options, images."""
        yield from self._size_rules(model) if model.durations else self._fixed_rules(model)
        yield from self.needs("fast_pretreatment", model, "fast_pretreatment", "does not know it")
        yield from self.needs("prompt_expansion_mode", model, "prompt_expansion", "does not know it")
        if model.api:
            yield from self.scene_rules(model)
            if not self.prompt_optimizer:
                yield self.line("prompt_optimizer", False, f"{model.name} does not know it", model)
        else:
            yield from self.needs("aspect_ratio", model, "aspect_ratios", "takes no ratio")
        yield from self.frame_rules(model, "subject_reference")

    def _size_rules(self, model: Model) -> Iterator[str]:
        duration, resolution = self.duration, self.resolution
        if duration is not None and duration not in model.durations:
            others = catalog().models(model.provider, self.kind)
            able = next((other.name for other in others if duration in other.durations), None)
            hint = f"; {able} makes it" if able else ""
            yield self.line(
                "duration", duration, f"{_seconds(model.durations)} for {model.name}{hint}", model
            )
            duration = None
        modes = model.limits.get("resolution_modes", {})
        everywhere = dict.fromkeys(size for sizes in model.durations.values() for size in sizes)
        open_ = [size for size in everywhere if self.mode in modes.get(size, (self.mode,))]
        if resolution is None:
            return
        if resolution in everywhere and resolution not in open_:
            flags = one_of(f"--{self.mode_fields[mode].replace('_', '-')}" for mode in modes[resolution])
            yield self.line("resolution", resolution, f"{model.name} makes it only with {flags} alone", model)
        elif resolution not in open_:
            yield self.line("resolution", resolution, _other_size(resolution, open_, model), model)
        elif duration is not None and resolution not in model.durations[duration]:
            sizes = one_of(size for size in model.durations[duration] if size in open_)
            rule = f"{model.name} makes {duration} s only at {sizes}"
            source = origin(option_of(type(self), "resolution"), model)
            yield f"--resolution {resolution} with --duration {duration}: {rule} ({source})"

    def _fixed_rules(self, model: Model) -> Iterator[str]:
        """Yield a line where the model takes neither length nor resolution and another was asked."""
        for field, unit in (("duration", " s"), ("resolution", "")):
            value, fixed = getattr(self, field), model.limits.get(f"fixed_{field}")
            if value is not None and value != fixed:
                made = "takes none; leave it out" if fixed is None else f"makes {fixed}{unit} only"
                yield self.line(field, value, f"{model.name} {made}", model)

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: bracketed words that are no camera command, and commands a model does not know."""
        yield from super().remarks(model)
        if model is not None and self.prompt is not None and not model.api:
            yield from _camera_remarks(self.prompt, model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return model, mode, duration (s), resolution and references; the fixed ones where there is no choice."""
        model = self.chosen
        fixed = model.limits if model is not None else {}
        return {
            "model": self.model,
            "mode": self.mode,
            "duration": self.duration if self.duration is not None else fixed.get("fixed_duration"),
            "resolution": self.resolution if self.resolution is not None else fixed.get("fixed_resolution"),
            **self.reference_facts(),
        }


def _seconds(durations: Iterable[int]) -> str:
    """``6 or 10 s``; ``4 to 15 s`` for a run of whole seconds."""
    found = sorted(durations)
    run = len(found) > 2 and found[-1] - found[0] == len(found) - 1
    return f"{found[0]} to {found[-1]} s" if run else f"{one_of(found)} s"


def _other_size(asked: str, allowed: list[str], model: Model) -> str:
    """Say what the model makes instead; the product document labels 768P as 720p."""
    hint = "; did you mean '768P'?" if asked == "720P" and "768P" in allowed else nearest(asked, allowed)
    return f"{one_of(allowed)} for {model.name}{hint}"


def _camera_remarks(prompt: str, model: Model) -> Iterator[str]:
    known: tuple[str, ...] = model.limits.get("camera_commands", ())
    folded = _CHINESE | {name.casefold() for name in known or _all_commands()}
    for found in _BRACKET.finditer(prompt):
        moves = [move.strip() for move in re.split("[,，]", found[1])]
        good = [move for move in moves if move.casefold() in folded]
        if not known and good:
            yield f"{found[0]}: {model.name} knows no camera commands ({T2V})"
        if not known:
            continue
        for move in moves:
            if move not in good:
                yield f"[{move}] is not a camera command{nearest(move, known)} ({T2V})"
        if len(good) > 3:
            yield f"{found[0]}: at most 3 camera moves at once ({T2V})"


def _all_commands() -> Iterable[str]:
    """Return the camera commands of any model."""
    return {
        name for model in catalog().models(kind="video") for name in model.limits.get("camera_commands", ())
    }
