"""Videos from text, from a first (and last) frame, or of a subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.catalog import Model, catalog, nearest
from minimax_nb.kinds.base import PromptRequest, origin
from minimax_nb.kinds.checks import image_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import one_of, option, option_of

_DOCS = "MiniMax docs, api-reference/video-generation-"
_T2V, _I2V, _FL2V, _S2V = f"{_DOCS}t2v", f"{_DOCS}i2v", f"{_DOCS}fl2v", f"{_DOCS}s2v"
_LABEL = re.compile(r"[0-9]+[pPkK]")
_BRACKET = re.compile(r"\[([^\[\]\n]*)\]")
#: The camera commands of the pages for China; the catalog lists the English ones.
_CHINESE = frozenset({
    "左移", "右移", "左摇", "右摇", "推进", "拉远", "上升", "下降", "上摇", "下摇", "变焦推近", "变焦拉远",
    "晃动", "跟随", "固定",
})  # fmt: skip
_FRAMES = ("first_frame", "last_frame", "subject_reference")


class VideoRequest(PromptRequest):
    """One video clip. What is given sets the mode: text, first frame, first and last frame, subject."""

    kind: ClassVar[str] = "video"
    text_required: ClassVar[bool] = False
    mode_fields: ClassVar[Mapping[str, str]] = {
        "first-frame": "first_frame",
        "first-last-frame": "last_frame",
        "subject": "subject_reference",
    }

    prompt: str | None = option(
        None,
        help="What happens; camera moves in brackets: [Push in]. May be left out with an image.",
        source=_T2V,
        by_model={"max_length": "prompt_max"},
    )
    duration: int | None = option(
        None, help="Length of the clip.", source=_T2V, unit="s", by_model={"choices": "durations"}
    )
    resolution: str | None = option(
        None, help="Short side of the picture.", source=_T2V, by_model={"choices": "resolutions"}
    )
    first_frame: MediaInput | None = option(
        None,
        help="Image the clip begins with: path, URL or earlier result.",
        source=_I2V,
        aliases=("first-frame-image", "image"),
    )
    last_frame: MediaInput | None = option(
        None, help="Image the clip ends with.", source=_FL2V, aliases=("last-frame-image",)
    )
    subject_reference: MediaInput | None = option(
        None, help="Image of the person the clip shows.", source=_S2V, aliases=("subject",)
    )
    prompt_optimizer: bool = option(True, help="Let the provider rewrite the prompt.", source=_T2V)
    fast_pretreatment: bool = option(False, help="Shorten the rewriting of the prompt.", source=_T2V)
    aigc_watermark: bool | None = option(None, help="Mark the clip as made by a machine.", source=_T2V)

    @property
    def mode(self) -> str:
        """``text``, ``first-frame``, ``first-last-frame`` (also with the last alone) or ``subject``."""
        if self.subject_reference is not None:
            return "subject"
        if self.last_frame is not None:
            return "first-last-frame"
        return "text" if self.first_frame is None else "first-frame"

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        """Write ``768p`` as ``768P``."""
        given = values.get("resolution")
        if isinstance(given, str) and _LABEL.fullmatch(given) and given != given.upper():
            values["resolution"] = given.upper()
            notes.append(f"--resolution {given} is sent as {given.upper()} ({_T2V})")

    def rules(self) -> Iterator[str]:
        """Yield broken rules: something to start from; a subject or frames, not both."""
        if self.prompt is None and self.mode == "text":
            yield f"--prompt is missing (write it below the first line), or give --first-frame ({_T2V})"
        if self.subject_reference is not None and (self.first_frame or self.last_frame) is not None:
            other = "--first-frame" if self.first_frame is not None else "--last-frame"
            yield f"--subject-reference and {other}: give a subject or frames, not both ({_S2V})"

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: length, resolution, options, images."""
        yield from self._size_rules(model) if model.durations else self._fixed_rules(model)
        yield from self.needs("fast_pretreatment", model, "fast_pretreatment", "does not know it")
        for field in _FRAMES:
            media = getattr(self, field)
            if media is not None and (problem := image_problem(media, model.limits)):
                yield self.line(field, media, problem, model)

    def _size_rules(self, model: Model) -> Iterator[str]:
        duration, resolution = self.duration, self.resolution
        if duration is not None and duration not in model.durations:
            allowed = _seconds(model.durations)
            yield self.line("duration", duration, f"{allowed} for {model.name}", model)
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
        if model is not None and self.prompt is not None:
            yield from _camera_remarks(self.prompt, model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return model, mode, duration (s) and resolution; the fixed ones where the model has no choice."""
        model = self.chosen
        fixed = model.limits if model is not None else {}
        return {
            "model": self.model,
            "mode": self.mode,
            "duration": self.duration if self.duration is not None else fixed.get("fixed_duration"),
            "resolution": self.resolution if self.resolution is not None else fixed.get("fixed_resolution"),
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
            yield f"{found[0]}: {model.name} knows no camera commands ({_T2V})"
        if not known:
            continue
        for move in moves:
            if move not in good:
                yield f"[{move}] is not a camera command{nearest(move, known)} ({_T2V})"
        if len(good) > 3:
            yield f"{found[0]}: at most 3 camera moves at once ({_T2V})"


def _all_commands() -> Iterable[str]:
    """Return the camera commands of any model."""
    return {
        name for model in catalog().models(kind="video") for name in model.limits.get("camera_commands", ())
    }
