"""Sound from arithmetic: notes, chords and the little that makes them pleasant."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float32]


def hertz(note: float) -> float:
    """Return the frequency of a MIDI note number (69 is A at 440 Hz)."""
    return float(440.0 * 2 ** ((note - 69) / 12))


def to_samples(wave: Wave, peak: float = 0.9) -> Samples:
    """16-bit samples whose loudest is ``peak`` of full scale; silence stays silence."""
    most = float(np.abs(wave).max()) if wave.size else 0.0
    scale = 32767 * peak / most if most > 0 else 0.0
    return np.asarray(np.rint(wave * np.float32(scale)), dtype=np.int16)


def pad(rng: np.random.Generator, seconds: float, rate: int) -> Samples:
    """Play a quiet chord that swells and fades: root, fifth, octave, a third or a second above.

    Parameters
    ----------
    rng
        Draws root and colour.
    seconds, rate
        Length, and samples per second.
    """
    n = round(seconds * rate)
    t = np.arange(n, dtype=np.float32) / np.float32(rate)
    root = 45 + int(rng.integers(0, 9))
    colour = (0, 7, 12, int(rng.choice([14, 15, 16, 19])))
    wave = np.zeros(n, dtype=np.float32)
    for position, step in enumerate(colour):
        pitch = hertz(root + step)
        beat = 1 + 0.3 * np.sin(np.float32(2 * np.pi * float(rng.uniform(0.1, 0.35))) * t)
        tone = np.sin(np.float32(2 * np.pi * pitch) * t) + 0.25 * np.sin(np.float32(4 * np.pi * pitch) * t)
        wave += (beat * tone / (1 + 0.5 * position)).astype(np.float32)
    edge = min(1.2, seconds / 3)
    wave *= np.clip(np.minimum(t, seconds - t) / np.float32(edge), 0, 1)
    return to_samples(wave, 0.16)


def murmur(text: str, pitch: float, rate_of_words: int, rate: int) -> Samples:
    """Murmur without words, for where no synthesiser is installed: a buzz through moving formants.

    Each group of vowels (or each character of a script without letters) is a syllable of the length that the
    pace gives it, so that the length grows with the text and shrinks with the speed.
    """
    groups = re.findall(r"[aeiouyäöüàéèáíóú]+|[^\x00-\u024f\s]|[.,;:!?\n]", text.lower()) or ["a"]
    span = round(rate * 60 / rate_of_words / 1.6)
    t = np.arange(span) / rate
    envelope = np.sin(np.pi * np.arange(span) / span) ** 0.7
    rng = np.random.default_rng([len(text), *text.encode(errors="replace")[:64]])
    sound = []
    for group in groups:
        if group in ".,;:!?\n":
            sound.append(np.zeros(span))
            continue
        hum = pitch * float(rng.uniform(0.9, 1.12))
        first, second = rng.uniform((300, 900), (800, 2200))
        wave = np.zeros(span)
        for k in range(1, int(3200 / hum)):
            gain = sum(np.exp(-(((hum * k - formant) / 220) ** 2)) for formant in (first, second)) + 0.04
            wave += gain * np.sin(2 * np.pi * hum * k * t)
        sound.append(wave * envelope)
    return to_samples(np.concatenate(sound).astype(np.float32), 0.5)
