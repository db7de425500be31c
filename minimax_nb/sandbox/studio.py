"""Orders to the media makers, kept as data so that a file can be made late and made again."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

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

    def make(self) -> bytes:
        """Return the file."""
        from minimax_nb.sandbox.media import make_video

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
        )


_ENDS = tuple(".!?。！？")
_MIMES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "pcmu_wav": "audio/wav",
    "flac": "audio/flac",
    "opus": "audio/ogg",
}


def audio_mime(form: str) -> str:
    """Return the media type of an audio format's file."""
    return _MIMES.get(form, "application/octet-stream")


def subtitles(text: str, clip: SpeechClip, kind: str) -> bytes:
    """Return a subtitle file: a JSON list with times in ms and places in the text.

    Parameters
    ----------
    kind
        ``word`` or ``sentence``.
    """
    rows: list[dict[str, object]] = []
    place, first, since, fresh = 0, 0, 0, True
    for word, begin, end in clip.words:
        start = max(text.find(word, place), place)
        place = start + len(word)
        if kind == "word" or fresh:
            first, since = start, begin
            rows.append({})
        rows[-1] = {
            "text": text[first:place],
            "time_begin": since,
            "time_end": end,
            "text_begin": first,
            "text_end": place,
        }
        fresh = text[place - 1 : place + 1].rstrip()[-1:] in _ENDS
    return json.dumps(rows, ensure_ascii=False).encode()


def seconds_of(data: bytes) -> float | None:
    """Return the length of a recording in seconds; ``None`` when it cannot be decoded."""
    import av

    try:
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.audio[0]
            return float(sum(frame.samples / frame.sample_rate for frame in container.decode(stream)))
    except (av.FFmpegError, IndexError, ValueError):
        return None
