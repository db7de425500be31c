"""Speech that speaks: a text in a voice, with pauses, emotions and interjections.

espeak-ng does the talking. Without its wheel a murmur of the right length and rhythm takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from minimax_nb.sandbox.media import espeak
from minimax_nb.sandbox.media.audio import AudioFormat, encode_audio
from minimax_nb.sandbox.media.effects import changed
from minimax_nb.sandbox.media.respelling import respell
from minimax_nb.sandbox.media.synth import Samples, murmur
from minimax_nb.sandbox.media.voices import blend, is_woman, manner_of
from minimax_nb.sandbox.media.words import rng_of, vocabulary
from minimax_nb.sandbox.timbre import Timbre

_PAUSE = re.compile(r"<#(\d+(?:\.\d+)?)#>")
# MiniMax docs, api-reference/speech-t2a-http: interjection tags of speech-2.8, and three of the Chinese page.
_TAGS = vocabulary(
    "laughs chuckle coughs clear-throat groans breath pant inhale exhale gasps sniffs sighs snorts burps"
    " lip-smacking humming hissing emm sneezes whistles crying applause"
)
_TAG = re.compile(rf"\((?:{'|'.join(sorted(_TAGS))})\)", re.IGNORECASE)
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
# vowel signs and accents, which are no letters to the re module
_SIGNS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0b82\u0bbe-\u0bcd\u0e31-\u0e4e"
_LETTER = rf"(?:[^\W_{_CJK}]|[{_SIGNS}])"
WORD = re.compile(rf"[{_CJK}]|{_LETTER}+(?:['’-]{_LETTER}+)*")
_BREATH = 0.30  # seconds that an interjection takes


class SpokenWord(NamedTuple):
    """A word and when it is heard, in ms from the beginning."""

    text: str
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SpeechClip:
    """An encoded recording.

    Parameters
    ----------
    data
        The file.
    duration_ms
        Length of the sound, without the padding that an encoder adds.
    words
        The words in order, with their times; ``len(clip.words)`` is the word count. A Chinese, Japanese or
        Korean character counts as a word.
    """

    data: bytes
    duration_ms: int
    words: tuple[SpokenWord, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples (mono, 16 bit) at ``rate`` Hz, and the words in them."""

    samples: Samples
    rate: int
    words: tuple[SpokenWord, ...]


def speak(
    text: str,
    *,
    voice_id: str,
    speed: float = 1.0,
    pitch: int = 0,
    volume: float = 1.0,
    emotion: str | None = None,
    language: str | None = None,
) -> tuple[Samples, int]:
    """Say a text.

    Parameters
    ----------
    text
        Any language. ``<#0.5#>`` is a pause of that many seconds; ``(laughs)`` and its like are a breath.
    voice_id
        A voice id, or a description; chooses the language, a woman's or a man's voice, and its character.
    speed
        0.5 to 2; 1 is the voice's own pace.
    pitch
        Semitones, -12 to 12.
    volume
        Above 0 to 10; 1 leaves headroom, loud ones are limited rather than clipped hard.
    emotion
        One of the API's emotions; others change nothing.
    language
        A value of ``language_boost``.

    Returns
    -------
    tuple
        Mono 16-bit samples and their rate in Hz; the same arguments give the same samples.
    """
    recording = record(
        text, voice_id=voice_id, speed=speed, pitch=pitch, volume=volume, emotion=emotion, language=language
    )
    return recording.samples, recording.rate


def record(
    text: str,
    *,
    voice_id: str,
    speed: float = 1.0,
    pitch: int = 0,
    volume: float = 1.0,
    emotion: str | None = None,
    language: str | None = None,
    mix: Sequence[tuple[str, int]] = (),
    tones: Sequence[str] = (),
    change: Timbre | None = None,
    interjections: bool = True,
) -> Recording:
    """As :func:`speak`, with the time of each word.

    Parameters
    ----------
    mix
        Voice ids and weights of a mixed voice, ``voice_id`` among them.
    tones
        A pronunciation dictionary: ``"omg/oh my god"``.
    change
        How the voice is changed after it spoke.
    interjections
        Whether ``(laughs)`` is a laugh; older models read it out.
    """
    pieces = respell(text, tones)
    clean, inserts = _without_marks("".join(said for _, said in pieces), interjections)
    manner = blend(
        [
            (manner_of(one, clean, speed=speed, pitch=pitch, emotion=emotion, language=language), weight)
            for one, weight in mix or [(voice_id, 1)]
        ],
        change.pitch if change else 0,
    )
    utterance = _say(clean, manner, voice_id)
    found, begins = _begins(clean, utterance)
    sound: list[Samples] = []
    shifts = [0] * len(found)
    cut = 0
    for place, piece in inserts:
        index = next((i for i, match in enumerate(found) if match.start() >= place), len(found))
        at = begins[index] if index < len(found) else utterance.samples.size
        sound += [_faded(utterance.samples[cut:at]), piece]
        shifts[index:] = [shift + piece.size for shift in shifts[index:]]
        cut = at
    sound.append(_faded(utterance.samples[cut:]) if inserts else utterance.samples)
    samples = _louder(np.concatenate(sound), volume)
    if change is not None:
        samples = changed(samples, espeak.RATE, change)
    ends = [*begins, utterance.samples.size][1:]
    words = tuple(
        SpokenWord(match[0], _ms(begin + shift), _ms(end + shift))
        for match, begin, end, shift in zip(found, begins, ends, shifts, strict=True)
    )
    return Recording(samples, espeak.RATE, _as_written(words, pieces, interjections))


def _as_written(
    words: tuple[SpokenWord, ...], pieces: Sequence[tuple[str, str]], interjections: bool
) -> tuple[SpokenWord, ...]:
    """Return the words as the text has them, where a dictionary had others said."""
    if all(written == said for written, said in pieces):
        return words
    found: list[SpokenWord] = []
    place = 0
    for written, said in pieces:
        taken = words[place : place + len(WORD.findall(_without_marks(said, interjections)[0]))]
        place += len(taken)
        if written == said or not taken:
            found += taken
        else:
            found.append(SpokenWord(written, taken[0].begin_ms, taken[-1].end_ms))
    return tuple(found)


def make_speech(
    text: str,
    *,
    voice_id: str,
    speed: float = 1.0,
    pitch: int = 0,
    volume: float = 1.0,
    emotion: str | None = None,
    language: str | None = None,
    format: AudioFormat = "mp3",  # noqa: A002 - the API's word
    sample_rate: int = 32_000,
    bitrate: int = 128_000,
    channels: int = 1,
    mix: Sequence[tuple[str, int]] = (),
    tones: Sequence[str] = (),
    change: Timbre | None = None,
    interjections: bool = True,
) -> SpeechClip:
    """Say a text and encode it; see :func:`record` and :func:`~minimax_nb.sandbox.media.encode_audio`."""
    recording = record(
        text,
        voice_id=voice_id,
        speed=speed,
        pitch=pitch,
        volume=volume,
        emotion=emotion,
        language=language,
        mix=mix,
        tones=tones,
        change=change,
        interjections=interjections,
    )
    data = encode_audio(
        recording.samples,
        recording.rate,
        format=format,
        sample_rate=sample_rate,
        bitrate=bitrate,
        channels=channels,
    )
    return SpeechClip(data, _ms(recording.samples.size), recording.words)


def _without_marks(text: str, interjections: bool = True) -> tuple[str, list[tuple[int, Samples]]]:
    """Return the text without pauses and interjections, and what to insert at which place of it."""
    clean, inserts, end = "", [], 0
    tags = _TAG.finditer(text) if interjections else ()
    for match in sorted([*_PAUSE.finditer(text), *tags], key=lambda found: found.start()):
        clean += text[end : match.start()]
        if match.re is _PAUSE:
            piece = np.zeros(round(float(match[1]) * espeak.RATE), dtype=np.int16)
        else:
            piece = _breath(match.start())
        inserts.append((len(clean) + 1, piece))
        clean += " "
        end = match.end()
    return clean + text[end:], inserts


def _say(text: str, manner: espeak.Manner, voice_id: str) -> espeak.Utterance:
    """Say a text, and add a quarter of a second of silence."""
    silence = np.zeros(round(0.25 * espeak.RATE), dtype=np.int16)
    if not WORD.search(text):
        return espeak.Utterance(silence, ())
    if espeak.available():
        utterance = espeak.say([(text.replace("\0", " "), manner)])[0]
    else:
        hum = 185.0 if is_woman(voice_id) else 105.0
        utterance = espeak.Utterance(murmur(text, hum, manner.rate, espeak.RATE), ())
    return espeak.Utterance(np.concatenate([utterance.samples, silence]), utterance.words)


def _begins(text: str, utterance: espeak.Utterance) -> tuple[list[re.Match[str]], list[int]]:
    """Return the words of a text and the samples at which they begin: at espeak-ng's marks, evenly between."""
    found = list(WORD.finditer(text))
    marks = {0: 0, len(text): utterance.samples.size}
    for place, sample in utterance.words:
        marks[place] = min(sample, marks.get(place, sample))
    places = sorted(marks)
    times = np.maximum.accumulate([marks[place] for place in places])
    begins = np.interp([match.start() for match in found], places, times)
    return found, begins.astype(int).tolist()


def _ms(samples: int) -> int:
    return round(samples * 1000 / espeak.RATE)


def _faded(piece: Samples) -> Samples:
    """With edges too short to hear as fades, long enough not to click."""
    edge = min(piece.size // 2, round(0.006 * espeak.RATE))
    if not edge:
        return piece
    shape = np.ones(piece.size, dtype=np.float32)
    shape[:edge] = np.linspace(0, 1, edge)
    shape[-edge:] = shape[:edge][::-1]
    return np.asarray(piece * shape, dtype=np.int16)


def _breath(place: int) -> Samples:
    """Return a soft breath in place of a laugh or a sigh: noise that swells and fades."""
    n = round(_BREATH * espeak.RATE)
    noise = np.convolve(rng_of("breath", place).normal(0, 1, n), np.full(5, 0.2), "same")
    swell = np.sin(np.linspace(0, np.pi, n)) ** 2
    return np.asarray(noise * swell * 1400, dtype=np.int16)


def _louder(samples: Samples, volume: float) -> Samples:
    """Scaled by a volume, and bent instead of clipped where it would leave the 16 bits."""
    if volume == 1.0:
        return samples
    wave = samples.astype(np.float32) * np.float32(volume / 32768)
    loud = np.abs(wave)
    bent = np.sign(wave) * (0.7 + 0.3 * np.tanh((loud - 0.7) / 0.3))
    return np.asarray(np.where(loud > 0.7, bent, wave) * 32767, dtype=np.int16)
