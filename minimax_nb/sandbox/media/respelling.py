"""A pronunciation dictionary: what is said in place of what is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WITHIN = rf"[^\W_{_CJK}]"
#: A reading, as ``(chu3)(li3)``: espeak-ng takes none, so the written form is said.
_READING = re.compile(r"(\([A-Za-z\u00fc:]+[1-6]?\))+")


def entry(tone: str) -> tuple[str, str] | None:
    """Return source and target of ``"omg/oh my god"``; ``None`` for anything that is no entry."""
    source, slash, target = tone.partition("/")
    source, target = source.strip(), target.strip()
    return (source, target) if slash and source and target else None


def respell(text: str, tones: Sequence[str]) -> list[tuple[str, str]]:
    """Cut a text into pieces as written and as said; whole words only, the longest entry first."""
    said: dict[str, str] = {}
    for found in map(entry, tones):
        if found is not None and not _READING.fullmatch(found[1]):
            said[found[0].lower()] = found[1]
    if not said:
        return [(text, text)]
    pieces, end = [], 0
    for match in re.finditer(
        "|".join(map(_bounded, sorted(said, key=len, reverse=True))), text, re.IGNORECASE
    ):
        pieces += [(text[end : match.start()],) * 2, (match[0], said[match[0].lower()])]
        end = match.end()
    pieces.append((text[end:],) * 2)
    return [piece for piece in pieces if piece[0]]


def _bounded(source: str) -> str:
    """Return a pattern for a source that is no part of a longer word; Chinese has no such bounds."""
    before = rf"(?<!{_WITHIN})" if re.match(_WITHIN, source) else ""
    after = rf"(?!{_WITHIN})" if re.match(_WITHIN, source[-1]) else ""
    return f"{before}{re.escape(source)}{after}"
