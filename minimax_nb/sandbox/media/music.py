"""Songs for music requests: a composed score, played by a small band, sung when there are words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minimax_nb.sandbox.media import instruments as band
from minimax_nb.sandbox.media.audio import AudioFormat, encode_audio
from minimax_nb.sandbox.media.score import Score, Section, compose
from minimax_nb.sandbox.media.singing import sing
from minimax_nb.sandbox.media.synth import Wave, to_samples
from minimax_nb.sandbox.media.words import rng_of


@dataclass(frozen=True, slots=True)
class MusicClip:
    """An encoded song: the file, and its length in ms without the padding that an encoder adds."""

    data: bytes
    duration_ms: int


def make_music(
    prompt: str,
    *,
    lyrics: str | None,
    instrumental: bool,
    seed: int,
    format: AudioFormat = "mp3",  # noqa: A002 - the API's word
    sample_rate: int = 44_100,
    bitrate: int = 256_000,
) -> MusicClip:
    """Compose, play and encode a song of 12 to 24 seconds, in stereo.

    Parameters
    ----------
    prompt
        Its words choose tempo, mode and drums: "calm", "lo-fi", "upbeat", "sad", "120 BPM"…
    lyrics
        Lines to sing, with structure tags such as ``[Verse]``, which give the sections. Without any, and not
        instrumental, the prompt itself is sung.
    instrumental
        Nothing is sung; tags still count.
    seed
        Another key, progression and melody.
    format, sample_rate, bitrate
        As in :func:`~minimax_nb.sandbox.media.encode_audio`.

    Returns
    -------
    MusicClip
        The same arguments give the same bytes.
    """
    words = (
        lyrics if (lyrics or "").strip() else None if instrumental else f"[Intro]\n[Verse]\n{prompt}\n[Outro]"
    )
    rng = rng_of("music", prompt, words, seed)
    score = compose(prompt, words, rng)
    mix = _Mix(score)
    sung: set[int] = set()
    for at, voice in () if instrumental else sing(score, prompt, seed):
        mix.add(at, voice, 0.75, send=0.28)
        sung |= {int(moment / (4 * score.beat)) for moment in (at, at + voice.size / band.RATE)}
    for section in score.sections:
        _play(mix, score, section, sung)
    samples = to_samples(mix.down(), 0.92)
    data = encode_audio(
        samples, band.RATE, format=format, sample_rate=sample_rate, bitrate=bitrate, channels=2
    )
    return MusicClip(data, round(len(samples) * 1000 / band.RATE))


class _Mix:
    """A stereo sum with a send to the room."""

    def __init__(self, score: Score) -> None:
        self.score = score
        count = int(min(score.bars * 4 * score.beat + 0.8, 24.0) * band.RATE)
        self._dry = np.zeros((count, 2), dtype=np.float32)
        self._send = np.zeros(count, dtype=np.float32)

    def add(self, at: float, wave: Wave, level: float, *, pan: float = 0.0, send: float = 0.12) -> None:
        """Add a wave at a time in seconds; ``pan`` from -1 (left) to 1 (right)."""
        start = int(at * band.RATE)
        wave = wave[: max(0, len(self._send) - start)] * np.float32(level)
        end = start + wave.size
        self._dry[start:end, 0] += wave * np.float32(1 - max(0.0, pan))
        self._dry[start:end, 1] += wave * np.float32(1 + min(0.0, pan))
        self._send[start:end] += wave * np.float32(send)

    def beat(self, bar: int, eighth: float) -> float:
        """Return the time of an eighth in a bar; an easy feel drags the off-beats."""
        swing = 0.16 if self.score.feel == "easy" and eighth % 2 == 1 else 0.0
        return (bar * 4 + (eighth + swing) / 2) * self.score.beat

    def down(self) -> Wave:
        """Return the song: room added, end faded, loud places bent rather than clipped."""
        wave = self._dry + 1.1 * band.reverberate(self._send)
        if self.score.feel == "easy":
            wave = band.mellow(wave, 4200)
        n = len(wave)
        fade = np.ones(n, dtype=np.float32)
        tail = min(n // 3, int(2.2 * band.RATE))
        fade[-tail:] = np.cos(np.linspace(0, np.pi / 2, tail)) ** 2
        loud = float(np.abs(wave).max()) or 1.0
        return np.asarray(np.tanh(wave * (1.5 / loud)) * fade[:, None], dtype=np.float32)


def _play(mix: _Mix, score: Score, section: Section, sung: set[int]) -> None:
    """Let the band play a section; the lead is silent in the bars that are sung."""
    full = section.fullness
    for bar in range(section.start, section.start + section.bars):
        chord = score.chords[bar]
        _harmony(mix, score, bar, chord, full)
        if full >= 0.5:
            _bass(mix, score, bar, chord)
        if full >= 0.6 or section.name == "break":
            _drums(mix, score, bar, full, last=bar == section.start + section.bars - 1)
        if bar not in sung and full >= 0.5:
            _melody(mix, score, bar, full)


def _harmony(mix: _Mix, score: Score, bar: int, chord: int, full: float) -> None:
    length = 4 * score.beat
    for i, step in enumerate((0, 2, 4)):
        note = score.note(chord + step)
        note -= 12 * (note > 67)
        mix.add(mix.beat(bar, 0), band.pad(note, length), 0.055, pan=(i - 1) * 0.5, send=0.04)
    order = (0, 2, 4, 7, 4, 2, 4, 2) if score.feel != "slow" else (0, 4, 7, 4)
    each = 8 / len(order)
    for i, step in enumerate(order):
        soft = 0.75 if i % 2 else 1.0
        note = score.note(chord + step) + 12
        note -= 12 * (note > 81)
        mix.add(mix.beat(bar, i * each), band.keys(note, 0.4), 0.085 * soft * (0.7 + 0.3 * full), pan=0.35)


def _bass(mix: _Mix, score: Score, bar: int, chord: int) -> None:
    root = score.note(chord) - 24
    root += 12 * (root < 33)
    patterns = {"slow": (0,), "easy": (0, 3, 5), "fast": (0, 1, 2, 3, 4, 5, 6, 7)}
    hits = patterns.get(score.feel, (0, 3, 4, 6))
    for i, eighth in enumerate(hits):
        until = (*hits[1:], 8)[i]
        fifth = 7 if score.feel in {"easy", "plain"} and i == len(hits) - 1 else 0
        mix.add(
            mix.beat(bar, eighth), band.bass(root + fifth, (until - eighth) * score.beat / 2), 0.30, send=0.0
        )


def _drums(mix: _Mix, score: Score, bar: int, full: float, *, last: bool) -> None:
    if score.feel == "slow":
        hits = {"kick": (0.0,), "rim": (4.0,), "hat": ()}
    elif score.feel == "easy":
        hits = {"kick": (0.0, 5.0), "snare": (2.0, 6.0), "hat": tuple(float(i) for i in range(8))}
    elif score.feel == "fast":
        hits = {"kick": (0.0, 2.0, 4.0, 6.0), "snare": (2.0, 6.0), "hat": (1.0, 3.0, 5.0, 7.0)}
    else:
        hits = {"kick": (0.0, 3.0, 4.0), "snare": (2.0, 6.0), "hat": (0.0, 2.0, 4.0, 6.0)}
    if last and full >= 0.6 and score.feel != "slow":
        hits["snare"] = (*hits["snare"], 7.0, 7.5)
    levels = {"kick": 0.42, "snare": 0.30, "hat": 0.13, "rim": 0.15}
    for name, times in hits.items():
        for eighth in times:
            mix.add(
                mix.beat(bar, eighth),
                band.drum(name),
                levels[name],
                pan=0.25 if name == "hat" else 0.0,
                send=0.03,
            )


def _melody(mix: _Mix, score: Score, bar: int, full: float) -> None:
    """Half of the two-bar motif on this bar's chord; a full section doubles it an octave above."""
    for at, length, step in score.motif:
        if at // 8 != bar % 2:
            continue
        note = score.tune(bar, step) + 12
        seconds = length * score.beat / 2
        mix.add(mix.beat(bar, at % 8), band.lead(note, seconds), 0.13, pan=-0.15, send=0.05)
        if full >= 1.0:
            mix.add(mix.beat(bar, at % 8), band.keys(note + 12, seconds), 0.05, pan=-0.3)
