"""What a cover needs to know of a song: its words and structure, to be edited before the cover is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.catalog import Model
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.checks import audio_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import option

_DOCS = "MiniMax docs, api-reference/music-cover-preprocess"


class CoverPreprocessRequest(PromptRequest):
    """The words heard in a song, and a ``cover_feature_id`` that stands for it for 24 h; free."""

    kind: ClassVar[str] = "cover-preprocess"
    text_field: ClassVar[str] = "audio"
    text_required: ClassVar[bool] = False
    word_field: ClassVar[str] = "audio"

    audio: MediaInput = option(
        help="The song: path, URL or earlier result.", source=_DOCS, aliases=("reference-audio",)
    )

    @property
    def text(self) -> str:
        """Empty: there is no prompt."""
        return ""

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model for the song: size and length."""
        if problem := audio_problem(self.audio, model.limits):
            yield self.line("audio", self.audio, problem, model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model."""
        return {"model": self.model}
