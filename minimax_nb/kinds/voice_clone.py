"""Voices cloned from a recording."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from minimax_nb.catalog import Model, nearest
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.checks import audio_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import option, option_of

_CLONE = "MiniMax docs, api-reference/voice-cloning-clone"
_AUDIO = "MiniMax docs, api-reference/voice-cloning-uploadcloneaudio"
_PROMPT = "MiniMax docs, api-reference/voice-cloning-uploadprompt"
_FLAT = "product document, MiniMax Generation Reference"
_FLAT_FIELDS = frozenset({"model", "audio", "voice_id", "wire"})
_APIXO = "product document, APIXO minimax-voice"
_VOICE_ID = re.compile(r"[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]{5,}")


class VoiceCloneRequest(Request):
    """A voice made from a recording, and a sample of it where a text is given.

    MiniMax charges the voice at its first use in speech; a voice unused for 7 days is lost.
    """

    kind: ClassVar[str] = "voice-clone"
    text_field: ClassVar[str] = "text"
    text_required: ClassVar[bool] = False
    word_field: ClassVar[str] = "audio"

    text: str | None = option(
        None,
        help="What the new voice says in a sample; billed. No sample when left out.",
        source=_CLONE,
        aliases=("preview", "preview-text"),
        by_model={"max_length": "text_max"},
    )
    audio: MediaInput = option(
        help="Recording to clone, 10 s to 5 min of clear speech: mp3, m4a or wav; a path, URL or earlier result.",
        source=_AUDIO,
        aliases=("audio-url", "file"),
    )
    voice_id: str | None = option(
        None, help="Your id for the new voice.", source=_CLONE, aliases=("clone-name",)
    )
    voice_prefix: str | None = option(
        None, help="Beginning of the id that APIXO makes.", source=_APIXO, aliases=("voice-id-prefix",)
    )
    prompt_audio: MediaInput | None = option(
        None, help="Second recording under 8 s, for likeness; together with --prompt-text.", source=_PROMPT
    )
    prompt_text: str | None = option(
        None, help="What --prompt-audio says, with its final full stop.", source=_CLONE
    )
    language_boost: str | None = option(
        None,
        help="Language or dialect to lean to; auto lets the model tell.",
        source=_CLONE,
        aliases=("language",),
        by_model={"choices": "languages"},
    )
    text_validation: str | None = option(
        None, help="What the recording says; refused when it does not.", source=_CLONE, max_length=200
    )
    accuracy: float | None = option(
        None, help="How exactly --text-validation must fit; 0.7 when left out.", source=_CLONE, ge=0, le=1
    )
    noise_reduction: bool = option(
        False, help="Clean the recording first.", source=_CLONE, aliases=("need-noise-reduction",)
    )
    volume_normalization: bool = option(
        False, help="Even out its loudness first.", source=_CLONE, aliases=("need-volume-normalization",)
    )
    wire: Literal["file_id", "clone_url"] | None = option(
        None, help="Form of the request; clone_url sends the recording's address as it is.", source=_FLAT
    )

    def rules(self) -> Iterator[str]:
        """Yield broken rules: prompt recording and its text together; how a prefix is written."""
        if (self.prompt_audio is None) != (self.prompt_text is None):
            given, missing = "--prompt-audio", "--prompt-text"
            if self.prompt_audio is None:
                given, missing = missing, given
            yield f"{given} without {missing}: give both or none ({_CLONE})"
        last = (self.prompt_text or "").rstrip()[-1:]
        if last and not unicodedata.category(last).startswith("P"):
            yield self.line("prompt_text", self.prompt_text, "must end with punctuation")
        yield from prefix_rule(self, self.voice_prefix)
        if self.wire == "clone_url":
            yield from self._flat_rules()

    def _flat_rules(self) -> Iterator[str]:
        if self.audio.url is None:
            yield self.line("audio", self.audio, "a URL with --wire clone_url")
        for name, field in type(self).model_fields.items():
            if name not in _FLAT_FIELDS and getattr(self, name) != field.get_default():
                yield f"--{name.replace('_', '-')}: --wire clone_url has no place for it ({_FLAT})"

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: the chosen id and the recordings."""
        yield from self._voice_id_rule(model)
        if problem := audio_problem(self.audio, model.limits):
            yield self.line("audio", self.audio, problem)
        if self.prompt_audio is not None:
            below = model.limits.get("prompt_audio_seconds_max")
            if problem := audio_problem(self.prompt_audio, model.limits, below=below):
                yield self.line("prompt_audio", self.prompt_audio, problem)

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: a language that MiniMax does not list, where the provider lists none."""
        yield from super().remarks(model)
        known = option_of(type(self), "language_boost").choices
        if (
            model is not None
            and "languages" not in model.limits
            and self.language_boost not in (None, *known)
        ):
            hint = nearest(str(self.language_boost), known)
            yield f"--language-boost {self.language_boost!r} is not one that MiniMax knows{hint} ({_CLONE})"

    def _voice_id_rule(self, model: Model) -> Iterator[str]:
        low, high = model.limits.get("voice_id_min"), model.limits.get("voice_id_max")
        if self.voice_id is None or low is None or high is None:
            return
        if not (_VOICE_ID.fullmatch(self.voice_id) and low <= len(self.voice_id) <= high):
            rule = f"{low} to {high} of A-Z, a-z, 0-9, - and _; a letter first, no - or _ last"
            yield self.line("voice_id", self.voice_id, rule, model)

    def price_facts(self) -> Mapping[str, Any]:
        """Return model and ``characters``: code points of the sample's text, 0 without one."""
        return {"model": self.model, "characters": len(self.text or "")}


def prefix_rule(request: Request, prefix: str | None) -> Iterator[str]:
    """Yield a line when the prefix of an APIXO voice id is not written as it must be."""
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        yield request.line("voice_prefix", prefix, "at least 6 of A-Z, a-z and 0-9; a letter first")
