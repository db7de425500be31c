"""Images from text, or from text and a reference image of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import field_serializer

from minimax_nb.catalog import Model
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.checks import image_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import option

_T2I = "MiniMax docs, api-reference/image-generation-t2i"
_I2I = "MiniMax docs, api-reference/image-generation-i2i"


class ImageRequest(PromptRequest):
    """One to nine images. Synchronous at every provider: there is no task to poll."""

    kind: ClassVar[str] = "image"
    mode_fields: ClassVar[Mapping[str, str]] = {"subject": "subject_reference"}

    prompt: str = option(help="What to draw.", source=_T2I, by_model={"max_length": "prompt_max"})
    aspect_ratio: str | None = option(
        None,
        help="Width : height. Wins over --width and --height.",
        source=_T2I,
        by_model={"choices": "aspect_ratios"},
    )
    width: int | None = option(
        None,
        help="Width, a multiple of 8; together with --height.",
        source=_T2I,
        unit="px",
        by_model={"minimum": "size_min", "maximum": "size_max"},
    )
    height: int | None = option(
        None,
        help="Height, a multiple of 8; together with --width.",
        source=_T2I,
        unit="px",
        by_model={"minimum": "size_min", "maximum": "size_max"},
    )
    n: int = option(1, help="Number of images.", source=_T2I, ge=1, by_model={"maximum": "n_max"})
    seed: int | None = option(
        None,
        help="Same seed and options, same image; drawn by the server when left out.",
        source=_T2I,
    )
    prompt_optimizer: bool = option(False, help="Let the provider rewrite the prompt.", source=_T2I)
    subject_reference: tuple[MediaInput, ...] = option(
        (),
        help="Image whose subject to keep: path, URL or earlier result.",
        source=_I2I,
        aliases=("subject",),
        by_model={"max_length": "subject_max"},
    )
    subject_type: tuple[str, ...] = option(
        ("character",),
        help="What the reference shows; of several references one for all, or one each.",
        source=_I2I,
        by_model={"choices": "subject_types"},
    )
    style: str | None = option(None, help="Drawn style.", source=_T2I, by_model={"choices": "styles"})
    style_weight: float | None = option(
        None, help="Strength of --style; 0.8 when left out.", source=_T2I, gt=0, le=1
    )
    response_format: Literal["url", "base64"] | None = option(
        None, help="How the images come: by URL (valid 24 h) or inside the reply.", source=_T2I
    )
    aigc_watermark: bool = option(False, help="Mark the images as made by a machine.", source=_T2I)

    @field_serializer("subject_type")
    def _one_type(self, types: tuple[str, ...]) -> str | list[str]:
        """Write one type as a text, as rows of the ledger always had it."""
        return types[0] if len(types) == 1 else list(types)

    @property
    def subjects(self) -> tuple[tuple[str, MediaInput], ...]:
        """The references, each with what it shows."""
        types = self.subject_type * (len(self.subject_reference) if len(self.subject_type) == 1 else 1)
        return tuple(zip(types, self.subject_reference, strict=False))

    @property
    def mode(self) -> str:
        """``subject`` with a reference image, else ``text``."""
        return "subject" if self.subject_reference else "text"

    def rules(self) -> Iterator[str]:
        """Yield broken rules: width and height together; a weight needs a style."""
        if (self.width is None) != (self.height is None):
            field, other = ("width", "--height") if self.height is None else ("height", "--width")
            yield self.line(field, getattr(self, field), f"{other} is missing; give both or none")
        if self.seed is not None and not -(2**63) <= self.seed < 2**63:
            yield self.line("seed", self.seed, "a 64-bit whole number")
        types, references = len(self.subject_type), len(self.subject_reference)
        if types > 1 and types != references:
            yield f"--subject-type: {types} given for {references} --subject-reference; give one, or one each ({_I2I})"
        if self.style_weight is not None and self.style is None:
            yield self.line("style_weight", self.style_weight, "--style is missing")

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: styles, custom sizes, reference images."""
        yield from self.needs("style", model, "styles", "takes no style")
        yield from self._size_rules(model)
        for media in self.subject_reference:
            if problem := image_problem(media, model.limits):
                yield self.line("subject_reference", media, problem, model)

    def _size_rules(self, model: Model) -> Iterator[str]:
        if self.width is None or self.height is None:
            return
        if not model.limits.get("custom_size"):
            yield from self.needs("width", model, "custom_size", "takes no size of your own")
            return
        step = model.limits.get("size_step", 1)
        for field in ("width", "height"):
            value = getattr(self, field)
            if value % step:
                low, high = value - value % step, value + step - value % step
                yield self.line(field, value, f"a multiple of {step}, as {low} or {high}", model)

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: a size that will not be used."""
        yield from super().remarks(model)
        if self.aspect_ratio is not None and self.width is not None:
            yield f"--aspect-ratio {self.aspect_ratio} wins; --width and --height are not used ({_T2I})"

    def price_facts(self) -> Mapping[str, Any]:
        """Return model, mode, ``n`` and the size asked for."""
        facts = {"model": self.model, "mode": self.mode, "n": self.n}
        if self.aspect_ratio is not None:
            return {**facts, "aspect_ratio": self.aspect_ratio}
        return facts if self.width is None else {**facts, "width": self.width, "height": self.height}
