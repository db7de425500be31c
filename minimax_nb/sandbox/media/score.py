"""A little song on paper: tempo, key, chords, sections and a melody that repeats itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from minimax_nb.sandbox.media.words import vocabulary, words_of

SHORTEST, LONGEST = 12.0, 24.0  # seconds

# MiniMax docs, api-reference/music-generation: the structure tags, with bars and how full each one sounds.
_SECTIONS: Mapping[str, tuple[int, float]] = {
    "intro": (2, 0.35), "verse": (4, 0.65), "pre chorus": (2, 0.75), "chorus": (4, 1.0), "interlude": (2, 0.5),
    "bridge": (2, 0.6), "outro": (2, 0.35), "post chorus": (2, 0.9), "transition": (1, 0.5), "break": (1, 0.3),
    "hook": (2, 1.0), "build up": (2, 0.7), "inst": (2, 0.8), "solo": (2, 0.85),
}  # fmt: skip
_TAG = re.compile(r"\[([^\[\]\n]+)\]")

_SLOW = vocabulary(
    "calm ambient lullaby slow sad gentle peaceful sleep meditation ballad melancholy soft piano dreamy"
)
_EASY = vocabulary("lofi chill hip hop jazz soul blues relaxed mellow cafe coffee rnb reggae")
_FAST = vocabulary(
    "upbeat energetic happy dance edm electronic synthwave rock punk party fast pop workout house techno disco retro"
)
_MINOR = vocabulary(
    "sad dark melancholy night lofi synthwave moody lonely rain mysterious minor dramatic epic tense"
)

_MAJOR_SCALE, _MINOR_SCALE = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_MAJOR_WAYS = ((0, 4, 5, 3), (0, 5, 3, 4), (3, 4, 2, 5), (0, 3, 5, 4), (0, 2, 3, 4))
_MINOR_WAYS = ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6), (0, 2, 6, 3))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the song: its tag, its first bar, its bars, how full it is (0..1), its lines of lyrics."""

    name: str
    start: int
    bars: int
    fullness: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The song.

    Parameters
    ----------
    bpm
        Beats a minute; a bar has four beats.
    feel
        ``"slow"``, ``"easy"``, ``"plain"`` or ``"fast"``: chooses drums and swing.
    root
        MIDI note of the key, 48 to 59.
    scale
        Semitones of its seven steps.
    chords
        For each bar the step (0..6) on which its chord stands.
    sections
        In order, without gaps.
    motif
        Two bars of melody: (eighth 0..15, length in eighths, step above the chord's root).
    """

    bpm: float
    feel: str
    root: int
    scale: tuple[int, ...]
    chords: tuple[int, ...]
    sections: tuple[Section, ...]
    motif: tuple[tuple[int, int, int], ...]

    @property
    def beat(self) -> float:
        """Seconds of a beat."""
        return 60 / self.bpm

    @property
    def bars(self) -> int:
        """Bars of the whole song."""
        return len(self.chords)

    def tune(self, bar: int, step: int) -> int:
        """Return the MIDI note of a melody step above a bar's chord; high chords are taken from below."""
        chord = self.chords[min(bar, self.bars - 1)]
        return self.note(step + (chord if chord < 4 else chord - 7))

    def note(self, step: int) -> int:
        """Return the MIDI note of a step of the scale; steps go on beyond the octave, both ways."""
        return self.root + 12 * (step // 7) + self.scale[step % 7]


def compose(prompt: str, lyrics: str | None, rng: np.random.Generator) -> Score:
    """Write a song for a prompt; the lyrics' tags give its sections, their lines stay with them."""
    words = set(words_of(prompt))
    if "lo" in words and "fi" in words:
        words.add("lofi")
    feel = _feel(words)
    bpm = _tempo(prompt, feel, rng)
    minor = bool(words & _MINOR) or (not words & _FAST and rng.random() < 0.4)
    way = (_MINOR_WAYS if minor else _MAJOR_WAYS)[int(rng.integers(4))]
    sections = _lay_out(_read(lyrics), 240 / bpm)
    bars = sections[-1].start + sections[-1].bars
    chords = [way[bar % 4] for bar in range(bars)]
    chords[-1] = 0  # home
    return Score(
        bpm=bpm,
        feel=feel,
        root=48 + int(rng.integers(12)),
        scale=_MINOR_SCALE if minor else _MAJOR_SCALE,
        chords=tuple(chords),
        sections=sections,
        motif=_motif(rng, feel),
    )


def _feel(words: set[str]) -> str:
    hits = {"slow": len(words & _SLOW), "easy": len(words & _EASY), "fast": len(words & _FAST)}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] else "plain"


def _tempo(prompt: str, feel: str, rng: np.random.Generator) -> float:
    asked = re.search(r"(\d{2,3})\s*bpm", prompt, re.IGNORECASE)
    if asked:
        return min(180.0, max(60.0, float(asked[1])))
    low, high = {"slow": (64, 76), "easy": (76, 90), "fast": (114, 128)}.get(feel, (92, 108))
    return float(rng.integers(low, high + 1))


def _read(lyrics: str | None) -> list[tuple[str, list[str]]]:
    """Tags with the lines that follow each; a bracket that is no tag is a line, and is sung."""
    parts: list[tuple[str, list[str]]] = []
    for line in (lyrics or "").splitlines():
        place = 0
        for match in _TAG.finditer(line):
            name = match[1].strip().lower().replace("-", " ")
            if name in _SECTIONS:
                _add_line(parts, line[place : match.start()])
                parts.append((name, []))
                place = match.end()
        _add_line(parts, line[place:])
    return parts or [("intro", []), ("verse", []), ("chorus", []), ("outro", [])]


def _add_line(parts: list[tuple[str, list[str]]], line: str) -> None:
    text = line.strip(" []\t")
    if text:
        if not parts:
            parts.append(("verse", []))
        parts[-1][1].append(text)


def _lay_out(parts: list[tuple[str, list[str]]], bar: float) -> tuple[Section, ...]:
    """Give each part whole bars: its usual number, shrunk or grown so that the song keeps its limits."""
    most, least = int(LONGEST / bar), int(np.ceil(SHORTEST / bar))
    parts = parts[:most]
    wanted = [_SECTIONS[name][0] + (len(lines) > 2) for name, lines in parts]
    total = min(most, max(least, sum(wanted)))
    share = np.array(wanted) * total / sum(wanted)
    bars = np.maximum(1, np.floor(share)).astype(int)
    while bars.sum() < total:
        bars[int(np.argmax(share - bars))] += 1
    while bars.sum() > total:
        bars[int(np.argmax(np.where(bars > 1, bars - share, -np.inf)))] -= 1
    starts = np.cumsum(bars) - bars
    return tuple(
        Section(name, int(start), int(count), _SECTIONS[name][1], tuple(lines))
        for (name, lines), start, count in zip(parts, starts, bars, strict=True)
    )


def _motif(rng: np.random.Generator, feel: str) -> tuple[tuple[int, int, int], ...]:
    """Walk in small steps; long notes and those on a beat belong to the chord. The second bar answers."""
    lengths = {"slow": (2, 3, 4), "easy": (1, 2, 3), "fast": (1, 1, 2)}.get(feel, (1, 2, 2))
    notes: list[tuple[int, int, int]] = []
    at, step = 0, int(rng.choice([0, 2, 4]))
    while at < 8:
        length = min(int(rng.choice(lengths)), 8 - at)
        if at % 2 == 0 or length > 1:
            step = min((0, 2, 4, 7), key=lambda tone: abs(tone - step))
        if at == 0 or rng.random() > 0.18:
            notes.append((at, length, step))
        step = int(np.clip(step + rng.choice([-2, -1, 1, 2]), -1, 8))
        at += length
    answer = [(at + 8, length, step) for at, length, step in notes if at < 4]
    return (*notes, *answer, (12, 4, int(rng.choice([0, 2]))))
