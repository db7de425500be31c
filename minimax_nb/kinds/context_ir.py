"""A prompt written out for H3: scenes, shots and camera, from a few words and the material of the clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.catalog import Model
from minimax_nb.kinds.scene import Scene


class ContextIRRequest(Scene):
    """A written-out prompt for a video of the same length, ratio and material; its result is text."""

    kind: ClassVar[str] = "context-ir"

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: length, prompt, material."""
        if self.duration is not None and self.duration not in model.durations:
            low, high = min(model.durations), max(model.durations)
            yield self.line("duration", self.duration, f"{low} to {high} s for {model.name}", model)
        yield from self.scene_rules(model)
        yield from self.frame_rules(model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model. It is billed by tokens, which only the finished task tells."""
        return {"model": self.model}
