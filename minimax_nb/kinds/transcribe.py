"""Words from a recording."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from minimax_nb.catalog import Model
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.checks import audio_problem, audio_seconds
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import option

_DOCS = "MiniMax docs, api-reference/speech-to-text"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class TranscribeRequest(PromptRequest):
    """The words of a recording: as text with its segments and their times, or as captions."""

    kind: ClassVar[str] = "transcribe"
    text_field: ClassVar[str] = "audio"
    text_required: ClassVar[bool] = False
    word_field: ClassVar[str] = "audio"

    audio: MediaInput = option(
        help="What to listen to, up to 500 s: path, URL or earlier result.", source=_DOCS, aliases=("file",)
    )
    format: Literal["text", "srt", "vtt"] = option(
        "text",
        help="Plain text with its segments, or captions of a video.",
        source=_DOCS,
        aliases=("response-format",),
    )
    times: Literal["sentence", "word"] = option(
        "sentence", help="What is given a time.", source=_DOCS, aliases=("timestamp-level",)
    )
    language: str | None = option(
        None, help="Language that is spoken, as en or zh-CN; heard when left out.", source=_DOCS
    )
    stream: bool = option(False, help="Show the words as they are heard; no segments then.", source=_DOCS)

    @property
    def text(self) -> str:
        """Empty: there is no prompt."""
        return ""

    def rules(self) -> Iterator[str]:
        """Yield broken rules: how a language is written, and what a stream does not tell."""
        if self.language is not None and not _LANGUAGE.fullmatch(self.language):
            yield self.line("language", self.language, "a language tag, as en, zh-CN or pt-BR")
        if self.stream and self.format != "text":
            yield self.line("format", self.format, "captions come whole; leave --stream out")

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model for the recording: type, size and length."""
        if problem := audio_problem(self.audio, model.limits):
            yield self.line("audio", self.audio, problem, model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return model and ``duration`` in whole seconds; without it where the recording is not here."""
        seconds = audio_seconds(self.audio)
        return {"model": self.model} | ({} if seconds is None else {"duration": math.ceil(seconds)})
