"""New voices from a description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from minimax_nb.catalog import Model
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.options import option, option_of
from minimax_nb.kinds.voice_clone import prefix_rule

_DOCS = "MiniMax docs, api-reference/voice-design-design"
_APIXO = "product document, APIXO minimax-voice"


class VoiceDesignRequest(PromptRequest):
    """A voice made from words, and a sample of it. The voice is lost after 7 days unused."""

    kind: ClassVar[str] = "voice-design"

    prompt: str = option(
        help="The voice in words: age, gender, mood, manner.",
        source=_DOCS,
        by_model={"max_length": "prompt_max"},
    )
    preview: str = option(
        help="What the new voice says in its sample; billed.",
        source=_DOCS,
        aliases=("preview-text",),
        by_model={"max_length": "preview_max"},
    )
    voice_id: str | None = option(
        None, help="Your own id for the voice; made up when left out.", source=_DOCS
    )
    voice_prefix: str | None = option(
        None, help="Beginning of the id that APIXO makes.", source=_APIXO, aliases=("voice-id-prefix",)
    )

    def rules(self) -> Iterator[str]:
        """Yield broken rules: how a prefix is written."""
        yield from prefix_rule(self, self.voice_prefix)

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: a preview that is long for a provider which does not state its limit."""
        yield from super().remarks(model)
        usual = option_of(type(self), "preview").max_length
        if model is not None and "preview_max" not in model.limits and usual and len(self.preview) > usual:
            yield f"--preview: {len(self.preview):,} characters; the model behind takes at most {usual:,} ({_DOCS})"

    def price_facts(self) -> Mapping[str, Any]:
        """Return model and ``characters``: code points of the sample's text, which is what is billed."""
        return {"model": self.model, "characters": len(self.preview)}
