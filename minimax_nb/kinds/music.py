"""Songs from a description and lyrics, instrumental pieces, and covers of a song."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from minimax_nb.catalog import Model, catalog, nearest
from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.checks import audio_problem
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import option
from minimax_nb.kinds.speech import route_output

_DOCS = "MiniMax docs, api-reference/music-generation"
_TAG = re.compile(r"\[([^\[\]\n]*)\]")
#: What else sections are called.
_OTHER_NAMES = {
    "refrain": "chorus", "prechorus": "pre chorus", "postchorus": "post chorus", "instrumental": "inst",
    "opening": "intro", "ending": "outro",
}  # fmt: skip


class MusicRequest(PromptRequest):
    """One song or instrumental piece; a cover where a song is given."""

    kind: ClassVar[str] = "music"
    text_required: ClassVar[bool] = False
    mode_fields: ClassVar[Mapping[str, str]] = {"cover": "reference_audio"}

    prompt: str | None = option(
        None,
        help="Style, mood and scene. Needed for --instrumental and --lyrics-optimizer.",
        source=_DOCS,
        by_model={"max_length": "prompt_max"},
    )
    lyrics: str | None = option(
        None,
        help="Words of the song, with tags such as [Verse] and [Chorus].",
        source=_DOCS,
        by_model={"max_length": "lyrics_max"},
    )
    instrumental: bool = option(
        False, help="No vocals; lyrics are ignored.", source=_DOCS, aliases=("is-instrumental",)
    )
    lyrics_optimizer: bool = option(
        False, help="Write lyrics from the prompt when none are given.", source=_DOCS
    )
    reference_audio: MediaInput | None = option(
        None,
        help="Song to make a cover of, 6 s to 6 min: path, URL or earlier result.",
        source=_DOCS,
        aliases=("cover-of", "audio-url"),
    )
    cover_feature_id: str | None = option(
        None, help="What cover-preprocess gave for a song, in place of it; valid 24 h.", source=_DOCS
    )
    sample_rate: int = option(
        44100, help="Sample rate.", source=_DOCS, unit="Hz", by_model={"choices": "sample_rates"}
    )
    bitrate: int = option(
        256000, help="Bit rate of mp3.", source=_DOCS, unit="bit/s", by_model={"choices": "bitrates"}
    )
    format: str = option(
        "mp3",
        help="Audio format.",
        source=_DOCS,
        aliases=("output-format", "audio-format"),
        by_model={"choices": "formats"},
    )
    output: Literal["hex", "url"] = option(
        "hex", help="How the audio comes: inside the reply, or by URL (valid 24 h).", source=_DOCS
    )
    stream: bool = option(False, help="Hear it while it is made.", source=_DOCS)

    @classmethod
    def rename(cls, options: dict[str, Any]) -> dict[str, Any]:
        """Tell the two meanings of ``output_format`` apart."""
        return route_output(options)

    @classmethod
    def adapt(cls, values: dict[str, Any], notes: list[str]) -> None:
        r"""Read ``\n`` in lyrics typed on one line as the end of a line."""
        break_lines(values)

    @property
    def mode(self) -> str:
        """``cover`` with a song or what was heard in it, else ``text``."""
        return "text" if self.reference_audio is None and self.cover_feature_id is None else "cover"

    @property
    def mode_field(self) -> str:
        """The field that makes a cover."""
        return "reference_audio" if self.reference_audio is not None else "cover_feature_id"

    def rules(self) -> Iterator[str]:
        """Yield broken rules: a prompt where nothing else says what to play; one song to cover."""
        if self.stream and self.output == "url":
            yield f"--output url: a stream comes as hex ({_DOCS})"
        if self.reference_audio is not None and self.cover_feature_id is not None:
            yield f"--reference-audio and --cover-feature-id: give one of them ({_DOCS})"
        if self.cover_feature_id is not None and self.lyrics is None:
            yield f"--lyrics is missing: --cover-feature-id needs it; cover-preprocess gave some ({_DOCS})"
        if self.mode == "cover":
            return
        if self.prompt is not None:
            return
        if self.instrumental or self.lyrics_optimizer:
            flag = "--instrumental" if self.instrumental else "--lyrics-optimizer"
            yield f"--prompt is missing (write it below the first line): {flag} needs it ({_DOCS})"
        elif self.lyrics is None:
            yield f"--prompt and --lyrics are missing ({_DOCS})"

    def model_rules(self, model: Model) -> Iterator[str]:
        """Yield broken rules of the model: what it can do, and lyrics for vocal songs."""
        yield from self.needs("instrumental", model, "instrumental", "makes no instrumental")
        yield from self.needs("lyrics_optimizer", model, "lyrics_optimizer", "writes no lyrics")
        yield from self.needs("stream", model, "stream", "comes in one piece")
        if self.prompt is None and model.limits.get("prompt_min"):
            yield f"--prompt is missing (write it below the first line): {model.name} needs it ({model.source})"
        yield from self._length_rules(model)
        if self.reference_audio is not None and (
            problem := audio_problem(self.reference_audio, model.limits)
        ):
            yield self.line("reference_audio", self.reference_audio, problem, model)
        wordless = self.lyrics is None and not self.lyrics_optimizer and not self.instrumental
        if wordless and model.limits.get("lyrics_required"):
            yield f"--lyrics is missing: a song needs it, or --lyrics-optimizer, or --instrumental ({model.source})"

    def _length_rules(self, model: Model) -> Iterator[str]:
        for field in ("prompt", "lyrics"):
            value, least = getattr(self, field), model.limits.get(f"{field}_min")
            if value is not None and least is not None and len(value) < least:
                yield f"--{field}: {len(value)} characters; at least {least} for {model.name} ({model.source})"

    def remarks(self, model: Model | None) -> Iterator[str]:
        """Yield remarks: lyrics that are not used, and headings that will be sung."""
        yield from super().remarks(model)
        if self.lyrics is None:
            song = self.mode == "text" and not self.instrumental and not self.lyrics_optimizer
            if song and model is not None:
                yield f"a song without lyrics may be refused; --lyrics-optimizer writes some ({_DOCS})"
            return
        if self.instrumental:
            yield f"--lyrics are ignored with --instrumental ({_DOCS})"
            return
        if self.lyrics_optimizer:
            yield f"--lyrics are given, so --lyrics-optimizer does nothing ({_DOCS})"
        yield from _sung_headings(self.lyrics, _tags(model))

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model; a song is one unit."""
        return {"model": self.model, "instrumental": self.instrumental, "n": 1}


def break_lines(values: dict[str, Any]) -> None:
    r"""Put real ends of lines for ``\n`` in lyrics of one line: a cell's first line has no other way to write them."""
    lyrics = values.get("lyrics")
    if isinstance(lyrics, str) and "\n" not in lyrics:
        values["lyrics"] = lyrics.replace("\\n", "\n")


def _tags(model: Model | None) -> tuple[str, ...]:
    """Return the section tags of the model, else those of any model of the catalog."""
    if model is not None and "structure_tags" in model.limits:
        return tuple(model.limits["structure_tags"])
    models = catalog().models(kind="music")
    return tuple(dict.fromkeys(tag for other in models for tag in other.limits.get("structure_tags", ())))


def _sung_headings(lyrics: str, tags: tuple[str, ...]) -> Iterator[str]:
    folded = {tag.casefold(): tag for tag in tags}
    unknown = [found[0] for found in _TAG.finditer(lyrics) if found[1].casefold() not in folded]
    for found in _TAG.finditer(lyrics):
        if found[1].casefold() not in folded:
            meant = folded.get(_plain(found[1]))
            hint = (
                f"; did you mean '[{meant}]'?" if meant else nearest(found[0], [f"[{tag}]" for tag in tags])
            )
            yield f"{found[0]} is not a section tag and will be sung{hint} ({_DOCS})"
    if unknown and tags:
        yield f"the section tags are {', '.join(f'[{tag}]' for tag in tags)} ({_DOCS})"
    for text in lyrics.splitlines():
        meant = folded.get(_plain(text))
        if meant and "[" not in text:
            yield f"the line {text.strip()!r} will be sung; a section begins with [{meant}] ({_DOCS})"


def _plain(heading: str) -> str:
    """``Pre-Chorus 2:`` → ``pre chorus``, ``Refrain`` → ``chorus``."""
    plain = re.sub(r"[\s\d:.()-]+$", "", heading.replace("-", " ").strip()).casefold()
    return _OTHER_NAMES.get(plain, plain)
