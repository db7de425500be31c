"""What is said or sung in a result, as lines under its player.

A ``<track>`` would show subtitles in the player itself, but JupyterLab takes its ``src`` away from
notebooks it does not trust, and a player of sound shows none at all; a folded text works everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minimax_nb.ledger.record import JobRecord
    from minimax_nb.media import Media

_LONGEST = 12_000  #: characters that are shown
_LINE = 60  #: characters of a line that single words are put together to
_GAP_MS = 700  #: a pause that ends such a line
_BLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3})\s*-->[^\n]*\n(.+?)(?:\n\s*\n|\Z)", re.DOTALL)

#: Begin in ms, and what is said.
Said = tuple[int, str]


def captions_of(record: JobRecord, media: Sequence[Media]) -> tuple[tuple[str, str], ...]:
    """Return (label, text) pairs: subtitles with their times, and the lyrics that were asked for."""
    found = []
    files = [text for item in media if item.role == "subtitle" if (text := _timed(item))]
    if files:
        found.append(("subtitles", "\n\n".join(files)))
    lyrics = record.request.get("lyrics")
    if isinstance(lyrics, str) and lyrics.strip() and record.kind == "music":
        found.append(("lyrics", lyrics.strip()[:_LONGEST]))
    return tuple(found)


@lru_cache(maxsize=64)
def _timed(item: Media) -> str:
    try:
        said = lines_of(item.text())
    except Exception:  # a file that is gone or odd is linked all the same
        return ""
    return "\n".join(f"{_clock(begin)}  {text}" for begin, text in said)[:_LONGEST]


def lines_of(content: str) -> list[Said]:
    """Return the lines of a file of subtitles: JSON of sentences or words, SRT or WebVTT."""
    try:
        rows = json.loads(content)
    except ValueError:
        return [(_ms(found), " ".join(found[5].split())) for found in _BLOCK.finditer(content)]
    return _sentences(list(_rows(rows)))


def _rows(rows: Any) -> Iterator[tuple[int, int, str]]:
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, Mapping) or not isinstance(row.get("text"), str):
            continue
        for first, last, factor in (("time_begin", "time_end", 1), ("start", "end", 1000)):
            begin, end = row.get(first), row.get(last)
            if isinstance(begin, int | float) and isinstance(end, int | float):
                yield round(begin * factor), round(end * factor), " ".join(row["text"].split())
                break


def _sentences(rows: Sequence[tuple[int, int, str]]) -> list[Said]:
    """Put single words together to lines; sentences stay as they are."""
    if not rows or sum(" " not in text for _, _, text in rows) < 0.8 * len(rows):
        return [(begin, text) for begin, _, text in rows]
    lines: list[Said] = []
    until = 0
    for begin, end, word in rows:
        if lines and begin - until < _GAP_MS and len(lines[-1][1]) + len(word) < _LINE:
            lines[-1] = lines[-1][0], f"{lines[-1][1]} {word}"
        else:
            lines.append((begin, word))
        until = end
    return lines


def _ms(found: re.Match[str]) -> int:
    hours, minutes, seconds, rest = (int(found[group] or 0) for group in (1, 2, 3, 4))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _clock(ms: int) -> str:
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes}:{rest / 1000:04.1f}"
