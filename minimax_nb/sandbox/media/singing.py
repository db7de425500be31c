"""A voice that sings: each word spoken on one note, on the beat.

espeak-ng speaks; its pitch is measured and the word is resampled onto the note of the melody. Words are set
on the grid of eighths one after the other, as their own length demands.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minimax_nb.sandbox.media import espeak
from minimax_nb.sandbox.media import instruments as band
from minimax_nb.sandbox.media.score import Score, Section
from minimax_nb.sandbox.media.speech import WORD
from minimax_nb.sandbox.media.synth import Samples, Wave, hertz
from minimax_nb.sandbox.media.voices import is_woman, language_of
from minimax_nb.sandbox.media.words import digest

_MEN, _WOMEN = 92.0, 185.0  # Hz at the middle of espeak-ng's pitch scale, of which five steps are a semitone


def sing(score: Score, prompt: str, seed: int) -> Iterator[tuple[float, Wave]]:
    """Sing the words of a score: the time of each in seconds, and its wave at the band's rate.

    A section that is too short for its lines ends before their end; without espeak-ng nothing is sung.
    """
    if not espeak.available():
        return
    singer = f"{prompt} {seed}"
    woman = is_woman(singer)
    variant = f"f{1 + digest('singer', singer) % 4}" if woman else f"m{1 + digest('singer', singer) % 3}"
    for section in score.sections:
        text = " ".join(section.lines)
        words = [match[0] for match in WORD.finditer(text)][: section.bars * 8]
        if not words:
            continue
        voice = f"{language_of('', text)}+{variant}"
        yield from _line(score, section, words, voice, woman)


def _line(
    score: Score, section: Section, words: list[str], voice: str, woman: bool
) -> Iterator[tuple[float, Wave]]:
    rate = {"slow": 105, "easy": 125, "fast": 165}.get(score.feel, 140)
    middle = _WOMEN if woman else _MEN
    pitches = [_tune(score, section, i, middle * 1.25) for i in range(len(words))]
    lines = []
    for word, pitch in zip(words, pitches, strict=True):
        steps = round(50 + 60 * float(np.log2(pitch / middle)))
        lines.append((word, espeak.Manner(voice, rate=rate, pitch=min(99, max(0, steps)), reach=0)))
    eighth = score.beat / 2
    end = section.bars * 8
    at = 0
    for pitch, utterance in zip(pitches, espeak.say(lines), strict=True):
        wave = _on_pitch(utterance.samples, pitch)
        long = max(1, int(np.ceil(wave.size / band.RATE / eighth - 0.35)))
        if at + min(long, 2) > end:
            break
        yield (section.start * 8 + at) * eighth, wave
        at += long


def _tune(score: Score, section: Section, index: int, middle: float) -> float:
    """Return the note of the melody for a word, in the octave of the voice, Hz."""
    _, _, step = score.motif[index % len(score.motif)]
    pitch = hertz(score.tune(section.start + index // 3, step))
    return pitch * float(2.0 ** np.round(np.log2(middle / pitch)))


def _on_pitch(samples: Samples, pitch: float) -> Wave:
    """Move a spoken word onto a pitch and to the band's rate, with soft ends, as loud as any other word."""
    wave = samples.astype(np.float32)
    heard = _pitch_of(wave)
    shift = float(np.clip(pitch / heard, 0.84, 1.19)) if heard else 1.0
    n = int(wave.size * band.RATE / espeak.RATE / shift)
    moved = np.interp(np.arange(n) * (wave.size / max(n, 1)), np.arange(wave.size), wave).astype(np.float32)
    strength = float(np.sqrt((moved**2).mean())) if n else 0.0
    edge = min(n // 2, int(0.012 * band.RATE))
    if edge:
        moved[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
        moved[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)
    level = 0.22 / strength if strength > 1 else 0.0
    return np.asarray(moved * np.float32(level), dtype=np.float32)


def _pitch_of(wave: Wave) -> float | None:
    """Return the pitch of the loudest 50 ms, by autocorrelation; ``None`` when there is none."""
    size = int(0.05 * espeak.RATE)
    if wave.size < 2 * size:
        return None
    energy = np.convolve(wave**2, np.ones(size), "valid")
    start = int(energy.argmax())
    piece = wave[start : start + size] * np.hanning(size)
    likeness = np.fft.irfft(np.abs(np.fft.rfft(piece, 4 * size)) ** 2)
    low, high = espeak.RATE // 400, espeak.RATE // 65
    lag = low + int(likeness[low:high].argmax())
    return espeak.RATE / lag if likeness[lag] > 0.3 * likeness[0] else None
