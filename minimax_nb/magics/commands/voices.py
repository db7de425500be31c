"""``%minimax voices [FILTER] [--language L]``: the system voices."""

from __future__ import annotations

from typing import Any

from minimax_nb.magics.context import Context

SHOWN = 40


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the voices that match; the first 40, the rest by a narrower filter or ``lab.voices()``."""
    found = context.lab.voices(words[0] if words else None, options.get("language"))
    rows = [(voice.id, voice.name, voice.language, voice.gender or "") for voice in found[:SHOWN]]
    hidden = len(found) - len(rows)
    note = f"{hidden} more: narrow it down, %minimax voices warm --language English" if hidden > 0 else ""
    context.table(f"{len(found)} voices", ("voice id", "name", "language", "gender"), rows, note)
