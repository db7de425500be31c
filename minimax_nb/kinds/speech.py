"""Speech from text: at once, in a stream, or a long text in the background."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

from minimax_nb.catalog import Model, catalog
from minimax_nb.kinds import spoken
from minimax_nb.kinds.base import Request
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import one_of, option

_T2A = spoken.T2A
_LONG = spoken.LONG
_SOCKET = "MiniMax docs, api-reference/speech-t2a-websocket"
_BIDI = "MiniMax docs, api-reference/speech-t2a-websocket-bidi"
#: Formats whose sentences, each a recording of its own, make one recording when they are joined.
_JOINED = ("mp3", "pcm", "pcmu_raw")
_FLAT = "product document, MiniMax Generation Reference"
#: What the product document's flat request has a place for, and the codecs it names.
_FLAT_FIELDS = frozenset({"model", "text", "voice", "emotion", "speed", "volume", "pitch", "format", "wire"})
_FLAT_FORMATS = ("mp3", "wav", "pcm", "flac")
_MODIFY = ("modify_pitch", "modify_intensity", "modify_timbre", "sound_effect")
#: Sample rate of Opus from a long text, where none is asked for.
_OPUS_RATE = 24_000


class SpeechRequest(Request):
    """One recording of a text, in one voice or a mix of several.

    A text within the limit of one request is spoken at once, whole or in a stream (``stream``). A longer
    one, or one in a file, is spoken in the background and fetched when it is ready (``long``).
    """

    kind: ClassVar[str] = "speech"
    text_field: ClassVar[str] = "text"
    text_required: ClassVar[bool] = False
    word_field: ClassVar[str] = "text"
    text_instead: ClassVar[tuple[str, ...]] = ("text_file",)

    text: str | None = option(
        None,
        help="What to say. <#1.5#> is a pause of 1.5 s.",
        source=_T2A,
        by_model={"max_length": "text_file_max"},
    )
    text_file: MediaInput | None = option(
        None,
        help="Speak a txt file, or the files of a zip, as a long text.",
        source=_LONG,
        aliases=("file",),
    )
    voice: str | None = option(
        None, help="Voice id, exactly as listed (see %minimax voices).", source=_T2A, aliases=("voice-id",)
    )
    mix: str | None = option(
        None,
        help="Several voices in one, in place of --voice: 'Voice_A:70,Voice_B:30'.",
        source=_T2A,
        aliases=("timbre-weights",),
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
        None,
        help="Read numbers and dates out better, a little slower.",
        source=_T2A,
        aliases=("english-normalization",),
    )
    latex: bool = option(
        False, help="Read formulas out; speaks Chinese.", source=_T2A, aliases=("latex-read",)
    )
    pronunciation: tuple[str, ...] = option(
        (), help="How to read a word: WORD/READING, as in 'omg/oh my god'.", source=_T2A
    )
    modify_pitch: int | None = option(
        None, help="Darker (-) or brighter (+) voice.", source=_T2A, ge=-100, le=100
    )
    modify_intensity: int | None = option(
        None, help="Stronger (-) or softer (+) voice.", source=_T2A, ge=-100, le=100
    )
    modify_timbre: int | None = option(
        None, help="Fuller (-) or crisper (+) voice.", source=_T2A, ge=-100, le=100
    )
    sound_effect: str | None = option(
        None,
        help="Effect over the whole recording.",
        source=_T2A,
        aliases=("sound-effects",),
        by_model={"choices": "sound_effects"},
    )
    subtitle: bool = option(
        False, help="Also fetch captions with times.", source=_T2A, aliases=("subtitle-enable",)
    )
    subtitle_type: Literal["sentence", "word", "word_streaming"] | None = option(
        None, help="What a caption holds; word_streaming for streams alone.", source=_T2A
    )
    output: Literal["hex", "url"] = option(
        "hex", help="How the audio comes: inside the reply, or by URL (valid 24 h).", source=_T2A
    )
    stream: bool = option(False, help="Hear it while it is made.", source=_T2A)
    transport: Literal["http", "websocket", "bidi"] | None = option(
        None,
        help="How a stream comes; bidi is spoken while it is written. Both WebSockets need the extra 'stream'.",
        source=_SOCKET,
    )
    max_characters: int | None = option(
        None,
        help="Most characters of a text that is still written, with --transport bidi; they are reserved.",
        source=_BIDI,
        by_model={"maximum": "text_file_max"},
        ge=1,
    )
    continuous_sound: bool = option(
        False, help="Smoother joins between sentences; for --transport websocket.", source=_SOCKET
    )
    force_cbr: bool = option(False, help="Constant bit rate of streamed mp3.", source=_T2A)
    long: bool = option(
        False,
        help="Speak it in the background; a text too long for one request always is.",
        source=_LONG,
    )
    aigc_watermark: bool = option(
        False, help="Add a mark of generated content at the end.", source=_T2A, aliases=("watermark",)
    )
    wire: Literal["t2a_v2", "t2a_input"] | None = option(
        None, help="Form of the request; t2a_input is the product document's flat one.", source=_FLAT
    )

    @classmethod
    def rename(cls, options: dict[str, Any]) -> dict[str, Any]:
        """Tell the two meanings of ``output_format`` apart."""
        return route_output(options)

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        """Read the product document's values: emotion neutral, pitch 1.0, Cantonese; a mix as a mapping."""
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
        if "mix" in values:
            values["mix"] = spoken.mix_text(values["mix"])
        if values.get("transport") in ("websocket", "bidi"):
            values.setdefault("stream", True)
        if values.get("subtitle_type"):
            values.setdefault("subtitle", True)

    def fill(self, model: Model) -> Self:
        """Return a copy with the model's defaults; a text too long for one request becomes a long one."""
        complete = super().fill(model)
        update: dict[str, Any] = {}
        most = model.limits.get("text_max")
        too_long = most is not None and len(self.text or "") > most and not self.stream
        if self.text_file is not None or (too_long and self.wire != "t2a_input"):
            update["long"] = True
        if self.mix is not None and self.voice is None:
            update["voice"] = None
        if (
            update.get("long", self.long)
            and self.format == "opus"
            and "sample_rate" not in self.model_fields_set
        ):
            update["sample_rate"] = _OPUS_RATE
        return complete.model_copy(update=update) if update else complete

    @property
    def voices(self) -> tuple[str, ...]:
        """Who speaks: the voice, or those of the mix."""
        if self.mix is not None:
            return tuple(voice for voice, _ in spoken.mix_of(self.mix))
        return (self.voice,) if self.voice else ()

    def rules(self) -> Iterator[str]:
        """Yield broken rules: what to say, pauses, readings, the mix, and options that exclude each other."""
        if self.text is None and self.text_file is None:
            yield "--text is missing (write it below the first line)"
        if self.text is not None and self.text_file is not None:
            yield "--text-file is given and so is a text; use one"
        yield from spoken.pause_problems(self.text or "")
        for entry in self.pronunciation:
            word, slash, reading = entry.partition("/")
            if not (word.strip() and slash and reading.strip()):
                yield self.line("pronunciation", entry, "WORD/READING, as in 'omg/oh my god'")
        if self.mix is not None:
            try:
                spoken.mix_of(self.mix)
            except ValueError as error:
                yield self.line("mix", self.mix, str(error))
            if self.voice is not None:
                yield f"--mix and --voice exclude each other; name every voice in --mix ({_T2A})"
        if self.latex and self.language_boost not in (None, "Chinese"):
            yield self.line("language_boost", self.language_boost, "--latex reads formulas in Chinese only")
        yield from self._way_rules()

    def _way_rules(self) -> Iterator[str]:
        """Yield broken rules of how the audio comes."""
        if not self.stream:
            if self.transport in ("websocket", "bidi"):
                yield f"--transport {self.transport} always streams; leave --no-stream out ({_SOCKET})"
            if self.subtitle_type == "word_streaming":
                yield f"--subtitle-type word_streaming needs --stream ({_T2A})"
            if self.force_cbr:
                yield f"--force-cbr is for streamed mp3; add --stream ({_T2A})"
        else:
            if self.output == "url":
                yield f"--output url: a stream comes as hex ({_T2A})"
            if self.aigc_watermark:
                yield f"--aigc-watermark is not for streams ({_T2A})"
            if self.long or self.text_file is not None:
                flag = "--long" if self.long else "--text-file"
                yield f"--stream and {flag} exclude each other: a long text is spoken in the background ({_LONG})"
        if self.continuous_sound and self.transport != "websocket":
            yield f"--continuous-sound is for --transport websocket ({_SOCKET})"
        if self.transport == "bidi":
            yield from self._bidi_rules()
        elif self.max_characters is not None:
            yield f"--max-characters is for --transport bidi, whose text may still be written ({_BIDI})"
        if self.wire == "t2a_input":
            yield from self._flat_rules()

    def _bidi_rules(self) -> Iterator[str]:
        """Yield broken rules of a text that is spoken sentence by sentence."""
        if self.format not in _JOINED:
            yield self.line("format", self.format, f"{one_of(_JOINED)} with --transport bidi", None)
        if self.subtitle_type not in (None, "sentence"):
            yield self.line("subtitle_type", self.subtitle_type, "sentence with --transport bidi")
        if self.max_characters is not None and len(self.text or "") > self.max_characters:
            yield f"--text: {len(self.text or ''):,} characters; at most {self.max_characters:,} (--max-characters)"

    def _flat_rules(self) -> Iterator[str]:
        for name, field in type(self).model_fields.items():
            if name not in _FLAT_FIELDS and getattr(self, name) != field.get_default():
                yield f"--{name.replace('_', '-')}: --wire t2a_input has no place for it ({_FLAT})"
        if self.format not in _FLAT_FORMATS:
            yield f"--format {self.format}: {one_of(_FLAT_FORMATS)} with --wire t2a_input ({_FLAT})"

    def problems(self, model: Model) -> list[str]:
        """Return one line per broken rule of the model; Opus from a long text has rates of its own."""
        rates = model.limits.get("long_opus_rates")
        if rates and self.long and self.format == "opus":
            model = replace(model, limits={**model.limits, "sample_rates": rates})
        return super().problems(model)

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: length, mixed voices, and formats of streams."""
        limits = model.limits
        yield from self._length_rules(model)
        if self.mix is not None and len(self.voices) > limits.get("mix_max", len(self.voices)):
            yield self.line("mix", self.mix, f"{len(self.voices)} voices; at most {limits['mix_max']}", model)
        if self.stream and self.format not in limits.get("stream_formats", (self.format,)):
            yield self.line("format", self.format, f"{one_of(limits['stream_formats'])} with --stream", model)
        yield from self.needs("continuous_sound", model, "continuous_sound", "has no such option")
        if any(getattr(self, name) for name in _MODIFY):
            formats = limits.get("modify_stream_formats" if self.stream else "modify_formats", (self.format,))
            if self.format not in formats:
                used = next(name for name in _MODIFY if getattr(self, name))
                flag = f"--{used.replace('_', '-')}"
                how = " with --stream" if self.stream else ""
                yield self.line("format", self.format, f"{one_of(formats)} with {flag}{how}", model)

    def _length_rules(self, model: Model) -> Iterator[str]:
        limits, size = model.limits, len(self.text or "")
        if self.text_file is not None:
            yield from self._file_rules(model)
            return
        most = limits.get("text_socket_max" if self.transport == "websocket" else "text_max")
        if self.transport == "bidi":
            return  # it goes out in parts
        if self.long:
            most = limits.get("text_file_max", most)
        if most is not None and size > most and size <= limits.get("text_file_max", size):
            instead = "; without --stream a longer text is spoken in the background" if self.stream else ""
            yield f"--text: {size:,} characters; at most {most:,} for {model.name}{instead} ({_T2A})"

    def _file_rules(self, model: Model) -> Iterator[str]:
        assert self.text_file is not None
        if self.text_file.data is None:
            if self.text_file.url is not None:
                yield self.line("text_file", self.text_file, "a file on this machine; fetch it first")
            return
        most = model.limits.get("text_file_max")
        try:
            texts = spoken.texts_of(self.text_file)
        except ValueError as error:
            yield self.line("text_file", self.text_file, str(error))
            return
        size = sum(map(len, texts))
        if most is not None and size > most:
            yield self.line(
                "text_file", self.text_file, f"{size:,} characters; at most {most:,} for {model.name}"
            )
        if not any(map(str.strip, texts)):
            yield self.line("text_file", self.text_file, "holds no text")
        yield from spoken.pause_problems("\n".join(texts))

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: voices that are not listed, sounds that are read out, options that do nothing."""
        yield from super().remarks(model)
        for voice in self.voices:
            yield from spoken.voice_remarks("--mix" if self.mix else "--voice", voice)
        if "bitrate" in self.model_fields_set and self.format != "mp3":
            yield f"--bitrate {self.bitrate} does nothing for {self.format}; it is for mp3 ({_T2A})"
        if self.long and self.output == "url":
            yield f"--output url does nothing for a long text, whose audio is a file to fetch ({_LONG})"
        if model is not None:
            known = model.limits.get("interjections", ())
            makers = catalog().models(model.provider, self.kind)
            every = [sound for maker in makers for sound in maker.limits.get("interjections", ())]
            yield from spoken.sound_remarks(self.text or "", model.name, known, every)

    def price_facts(self) -> Mapping[str, Any]:
        """Return model and ``characters``: code points of the text, pauses included; ``max_characters`` at least.

        The pages for China count a Chinese character as two; what was billed is in the reply.
        """
        size = self._characters()
        if size is not None:
            size = max(size, self.max_characters or 0)
        facts = {"model": self.model, "characters": size, "voice": self.voice or self.mix}
        return facts | ({"long": True} if self.long else {})

    def _characters(self) -> int | None:
        if self.text_file is None:
            return len(self.text or "")
        try:
            return None if self.text_file.data is None else sum(map(len, spoken.texts_of(self.text_file)))
        except ValueError:
            return None


def route_output(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options in which ``output_format`` of ``hex`` or ``url`` is called ``output``.

    MiniMax's own pages say there how the audio comes; the product document writes the codec.
    """
    return {
        "output" if name.replace("_", "-") == "output-format" and value in ("hex", "url") else name: value
        for name, value in options.items()
    }
