"""What is on a picture, in words; a tool that comes with a MiniMax plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.catalog import Model
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.checks import image_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import option

_DOCS = "MiniMax's MCP server for plans, understand_image"


class DescribeRequest(PromptRequest):
    """The answer to a question about one picture."""

    kind: ClassVar[str] = "describe"
    text_required: ClassVar[bool] = False
    word_field: ClassVar[str] = "image"

    image: MediaInput = option(
        help="The picture: path, URL or earlier result.", source=_DOCS, aliases=("image-url", "file")
    )
    prompt: str = option("Describe this picture.", help="What you want to know of it.", source=_DOCS)

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model for the picture: that it is one, and its size."""
        if problem := image_problem(self.image, model.limits):
            yield self.line("image", self.image, problem, model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model; a call is one unit."""
        return {"model": self.model, "n": 1}
