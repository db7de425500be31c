"""Speech from text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from minimax_nb.catalog import Model, catalog
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.options import option

_T2A = "MiniMax docs, api-reference/speech-t2a-http"
_PAUSE = re.compile(r"<#([^<>#]{0,12})#>")
_SECONDS = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?")
#: Ids made for a user: of MiniMax's voice design, of its own clones, and of APIXO.
_OWN_VOICE = re.compile(r"(ttv-voice|moss_audio|vt)[-_].*|[A-Za-z][A-Za-z0-9]{5,}-[a-z0-9]{6}")


class SpeechRequest(Request):
    """One recording of a text, in one voice."""

    kind: ClassVar[str] = "speech"
    text_field: ClassVar[str] = "text"
    word_field: ClassVar[str] = "text"

    text: str = option(
        help="What to say. <#1.5#> is a pause of 1.5 s.", source=_T2A, by_model={"max_length": "text_max"}
    )
    voice: str | None = option(
        None, help="Voice id, exactly as listed (see %minimax voices).", source=_T2A, aliases=("voice-id",)
    )
    speed: float = option(1.0, help="Speed; 1 is usual.", source=_T2A, aliases=("rate",), ge=0.5, le=2)
    volume: float = option(1.0, help="Loudness; 1 is usual.", source=_T2A, aliases=("vol",), gt=0, le=10)
    pitch: int = option(0, help="Pitch in semitones; 0 is usual.", source=_T2A, ge=-12, le=12)
    emotion: str | None = option(
        None,
        help="Emotion; taken from the text when left out.",
        source=_T2A,
        by_model={"choices": "emotions"},
    )
    language_boost: str | None = option(
        None,
        help="Language or dialect to lean to; auto lets the model tell.",
        source=_T2A,
        aliases=("language",),
        by_model={"choices": "languages"},
    )
    sample_rate: int = option(
        32000, help="Sample rate.", source=_T2A, unit="Hz", by_model={"choices": "sample_rates"}
    )
    bitrate: int = option(
        128000, help="Bit rate of mp3.", source=_T2A, unit="bit/s", by_model={"choices": "bitrates"}
    )
    format: str = option(
        "mp3",
        help="Audio format.",
        source=_T2A,
        aliases=("output-format", "audio-format"),
        by_model={"choices": "formats"},
    )
    channel: int = option(
        1, help="Channels: 1 is mono, 2 stereo.", source=_T2A, by_model={"choices": "channels"}
    )
    text_normalization: bool | None = option(
        None, help="Read numbers and dates out better, a little slower.", source=_T2A
    )
    pronunciation: tuple[str, ...] = option(
        (), help="How to read a word: WORD/READING, as in 'omg/oh my god'.", source=_T2A
    )
    subtitle: bool = option(False, help="Also fetch captions with times.", source=_T2A)
    output: Literal["hex", "url"] = option(
        "hex", help="How the audio comes: inside the reply, or by URL (valid 24 h).", source=_T2A
    )

    @classmethod
    def rename(cls, options: dict[str, Any]) -> dict[str, Any]:
        """Tell the two meanings of ``output_format`` apart."""
        return route_output(options)

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        """Read the product document's values: emotion neutral, pitch 1.0, Cantonese."""
        if values.get("emotion") == "neutral":
            del values["emotion"]
            notes.append(
                f"--emotion neutral is the usual voice and is not sent; the models know no such value ({_T2A})"
            )
        if values.get("pitch") in (1.0, "1.0") and not isinstance(values["pitch"], int):
            notes.append(f"--pitch 1.0 is one semitone up; 0 is the usual pitch ({_T2A})")
        if values.get("language_boost") == "Cantonese":
            values["language_boost"] = "Chinese,Yue"
            notes.append(f"--language-boost Cantonese is sent as Chinese,Yue ({_T2A})")

    def rules(self) -> Iterator[str]:
        """Yield broken rules: pauses, and how readings are written."""
        yield from _pause_problems(self.text)
        for entry in self.pronunciation:
            word, slash, reading = entry.partition("/")
            if not (word.strip() and slash and reading.strip()):
                yield self.line("pronunciation", entry, "WORD/READING, as in 'omg/oh my god'")

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: a voice id that is not listed, a bit rate that does nothing."""
        yield from super().remarks(model)
        if self.voice is not None:
            yield from voice_remarks("--voice", self.voice)
        if "bitrate" in self.model_fields_set and self.format != "mp3":
            yield f"--bitrate {self.bitrate} does nothing for {self.format}; it is for mp3 ({_T2A})"

    def price_facts(self) -> Mapping[str, Any]:
        """Return model and ``characters``: code points of the text, pauses included.

        The pages for China count a Chinese character as two; what was billed is in the reply.
        """
        return {"model": self.model, "characters": len(self.text), "voice": self.voice}


def route_output(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options in which ``output_format`` of ``hex`` or ``url`` is called ``output``.

    MiniMax's own pages say there how the audio comes; the product document writes the codec.
    """
    return {
        "output" if name.replace("_", "-") == "output-format" and value in ("hex", "url") else name: value
        for name, value in options.items()
    }


def voice_remarks(flag: str, voice: str) -> Iterator[str]:
    """Yield a remark for a voice id that is not listed and does not look like one of the user's own."""
    voices = catalog().voices()
    if _OWN_VOICE.fullmatch(voice) or any(voice == known.id for known in voices):
        return
    languages = {known.language.partition(",")[0].casefold() for known in voices} | {"cantonese"}
    hint = catalog().voice_hint(voice)
    if hint or re.split("[_ ]", voice)[0].casefold() in languages:
        yield f"{flag} {voice!r} is not a listed voice{hint} (a voice of your own is fine; an unknown one answers 2054)"


def _pause_problems(text: str) -> Iterator[str]:
    pauses = list(_PAUSE.finditer(text))
    for pause in pauses:
        if not _SECONDS.fullmatch(pause[1]) or float(pause[1]) < 0.01:
            yield f"--text {pause[0]}: a pause is <#x#> with x from 0.01 to 99.99 s, at most 2 decimals ({_T2A})"
    edges = [0, *(pause.end() for pause in pauses)]
    starts = [*(pause.start() for pause in pauses), len(text)]
    spoken = [any(char.isalnum() for char in text[a:b]) for a, b in zip(edges, starts, strict=True)]
    for i, pause in enumerate(pauses):
        if not (spoken[i] and spoken[i + 1]):
            place = (
                "two pauses in a row"
                if 0 < i + (not spoken[i + 1]) < len(pauses)
                else "at the edge of the text"
            )
            yield f"--text {pause[0]}: {place}; a pause stands between words ({_T2A})"
            return
