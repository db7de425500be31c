"""Orders to the media makers, kept as data so that a file can be made late and made again."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from minimax_nb.sandbox.timbre import Timbre
from minimax_nb.sandbox.wire import REFUSED_PART, Call

if TYPE_CHECKING:
    from minimax_nb.sandbox.media import AudioFormat, ImageFormat, MusicClip, SpeechClip


@dataclass(frozen=True)
class ImageWork:
    """A batch of images.

    Parameters
    ----------
    prompt, width, height, seed, model
        What the pictures show, their size in px, and what tells batches apart.
    subject
        The reference image, where there is one.
    style
        A drawn style, where there is one.
    format
        ``JPEG`` or ``PNG``.
    """

    prompt: str
    width: int
    height: int
    seed: int
    model: str
    subject: bytes | None = None
    style: str | None = None
    format: str = "JPEG"

    def make(self, index: int) -> bytes:
        """Return image ``index`` of the batch."""
        from minimax_nb.sandbox.media import make_image

        return make_image(
            self.prompt,
            width=self.width,
            height=self.height,
            seed=self.seed,
            model=self.model,
            index=index,
            subject=self.subject,
            style=self.style,
            format=cast("ImageFormat", self.format),
        )


def lost_images(call: Call, prompt: str, count: int) -> set[int]:
    """Return the images of a batch that a content filter takes: the second of several, then its followers."""
    lost = int(call.faults.number("partial", 1)) if "partial" in call.faults else int(REFUSED_PART in prompt)
    order = [*range(1, count), 0]
    return set(order[:lost]) if count > 1 or "partial" in call.faults else set()


@dataclass(frozen=True)
class SpeechWork:
    """A spoken text.

    Parameters
    ----------
    text, voice
        What is said, and by whom: a voice id, or a description for a made voice.
    speed, pitch, volume, emotion, language
        As the API has them.
    format, sample_rate, bitrate, channels
        Of the file.
    mix, tones, change, interjections
        A mixed voice, a pronunciation dictionary, a changed voice, and whether ``(laughs)`` is a laugh.
    """

    text: str
    voice: str
    speed: float = 1.0
    pitch: int = 0
    volume: float = 1.0
    emotion: str | None = None
    language: str | None = None
    format: str = "mp3"
    sample_rate: int = 32_000
    bitrate: int = 128_000
    channels: int = 1
    mix: tuple[tuple[str, int], ...] = ()
    tones: tuple[str, ...] = ()
    change: Timbre | None = None
    interjections: bool = True

    def clip(self) -> SpeechClip:
        """Return the recording with its length and words."""
        from minimax_nb.sandbox.media import make_speech

        return make_speech(
            self.text,
            voice_id=self.voice,
            speed=self.speed,
            pitch=self.pitch,
            volume=self.volume,
            emotion=self.emotion,
            language=self.language,
            format=cast("AudioFormat", self.format),
            sample_rate=self.sample_rate,
            bitrate=self.bitrate,
            channels=self.channels,
            mix=self.mix,
            tones=self.tones,
            change=self.change,
            interjections=self.interjections,
        )

    def make(self) -> bytes:
        """Return the file."""
        return self.clip().data


@dataclass(frozen=True)
class MusicWork:
    """A song.

    Parameters
    ----------
    prompt, lyrics, instrumental, seed
        What it is about, and what tells songs apart.
    format, sample_rate, bitrate
        Of the file.
    """

    prompt: str
    lyrics: str | None
    instrumental: bool
    seed: int
    format: str
    sample_rate: int
    bitrate: int

    def clip(self) -> MusicClip:
        """Return the recording with its length."""
        from minimax_nb.sandbox.media import make_music

        return make_music(
            self.prompt,
            lyrics=self.lyrics,
            instrumental=self.instrumental,
            seed=self.seed,
            format=cast("AudioFormat", self.format),
            sample_rate=self.sample_rate,
            bitrate=self.bitrate,
        )

    def make(self) -> bytes:
        """Return the file."""
        return self.clip().data


@dataclass(frozen=True)
class VideoWork:
    """A clip.

    Parameters
    ----------
    prompt, width, height, seconds, seed, model
        What it shows, its size in px and length in s, and what tells clips apart.
    first, last, subject
        Pictures it starts from, ends at, or is about.
    h3
        Whether a model of the H3 family makes it: 24 frames/s, 17 n + 5 of them, sound in stereo at 32 kHz.
    """

    prompt: str
    width: int
    height: int
    seconds: int
    seed: int
    model: str
    first: bytes | None
    last: bytes | None
    subject: bytes | None
    h3: bool = False

    @property
    def frames(self) -> int:
        """Frames of the clip; an H3 model makes 17 n + 5 of them, the least that last as long as asked."""
        plain = 24 * self.seconds
        return 5 + 17 * -(-(plain - 5) // 17) if self.h3 else plain

    def make(self) -> bytes:
        """Return the file."""
        from minimax_nb.sandbox.media import make_video
        from minimax_nb.sandbox.media.video import Sound

        return make_video(
            self.prompt,
            width=self.width,
            height=self.height,
            seconds=self.seconds,
            seed=self.seed,
            model=self.model,
            first_frame=self.first,
            last_frame=self.last,
            subject=self.subject,
            frames=self.frames,
            sound=Sound(32_000, stereo=True) if self.h3 else None,
        )


_ENDS = ".!?。！？"
#: What belongs to the word before it.
_POINTS = re.compile(r"[.!?。！？…,;:，；：、\"'”’)）]*")


def audio_mime(form: str) -> str:
    """Return the media type of an audio format's file."""
    from minimax_nb.sandbox.media import mime_of

    return mime_of(form)


def subtitle_rows(
    text: str, words: Sequence[tuple[str, int, int]], kind: str = "sentence"
) -> list[dict[str, object]]:
    """Return subtitles: for each sentence (or ``word``) its times in ms and its place in the text."""
    rows: list[dict[str, object]] = []
    place, first, since, fresh = 0, 0, 0, True
    for word, begin, end in words:
        start = max(text.find(word, place), place)
        place = start + len(word)
        points = _POINTS.match(text, place)
        assert points is not None
        if kind == "word" or fresh:
            first, since = start, begin
            rows.append({})
        last = place if kind == "word" else points.end()
        rows[-1] = {
            "text": text[first:last],
            "pronounce_text": text[first:last],
            "time_begin": since,
            "time_end": end,
            "text_begin": first,
            "text_end": last,
        }
        fresh = any(point in _ENDS for point in points[0])
    return rows


def subtitles(text: str, clip: SpeechClip, kind: str) -> bytes:
    """Return a subtitle file: a JSON list of the rows of :func:`subtitle_rows`."""
    return json.dumps(subtitle_rows(text, clip.words, kind), ensure_ascii=False).encode()


def seconds_of(data: bytes) -> float | None:
    """Return the length of a recording in seconds; ``None`` when it cannot be decoded."""
    import av

    try:
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.audio[0]
            return float(sum(frame.samples / frame.sample_rate for frame in container.decode(stream)))
    except (av.FFmpegError, IndexError, ValueError):
        return None


def is_media(data: bytes, kind: str) -> bool:
    """Return whether a file decodes as an ``image``, a ``video`` or ``audio``."""
    import av

    if kind == "audio":
        return bool(seconds_of(data))
    try:
        if kind == "image":
            from PIL import Image

            with Image.open(io.BytesIO(data)) as image:
                image.load()
            return True
        with av.open(io.BytesIO(data)) as container:
            return next(container.decode(container.streams.video[0]), None) is not None
    except (OSError, ValueError, IndexError, SyntaxError, av.FFmpegError):
        return False
