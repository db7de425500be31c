"""The log as a table with small pictures and players: one row a job, or one picture a result.

The rows are plain HTML, so that a saved or untrusted notebook and GitHub show them as they are. Where the
notebook is trusted, a few lines of script beside the table let a click on a heading sort it, and a field
above filter it; without them nothing is missing but that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from minimax_nb.render import format as fmt
from minimax_nb.render import html
from minimax_nb.render.pictures import UNPLAYABLE, link
from minimax_nb.render.text import table_text
from minimax_nb.render.words import Tone

if TYPE_CHECKING:
    from pathlib import Path

    from minimax_nb.media import Media

MAX_PICTURES = 2_000_000  #: characters of embedded pictures in one table: a thousand of the smallest
PLAYERS = 200  #: rows that get players; more make a page slow
#: Longest side of a picture in px, by how many rows there are; shown at half of it, for sharp screens.
_SIDES = ((30, 144), (120, 112), (400, 80))
_SMALLEST = 56
_PROMPT = 260
_GREY = "rgba(127,127,127,{})"
_LOOK = {
    "picture": "display:inline-block;height:auto;border-radius:5px;vertical-align:top;"
    f"background:{_GREY.format('0.1')}",
    "wave": "display:block;width:170px;height:30px;margin:0 0 3px",
    "audio": "display:block;width:180px;height:32px",
    "star": "color:rgba(222,160,20,1)",
    "note": f"font-size:12px;margin:3px 0 0;padding:0 0 0 8px;border-left:3px solid {_GREY.format('0.35')}",
    "grid": "line-height:0;margin:6px 0 0",
    "blank": f"display:inline-block;margin:0 3px 3px 0;border-radius:5px;background:{_GREY.format('0.14')};"
    "text-align:center;font-size:11px;opacity:0.66;vertical-align:top;overflow:hidden",
}
_TEXT_PROMPT = 40
TEXT_HEADERS = ("", "job", "asked", "kind", "model", "stage", "took", "cost", "prompt")


@dataclass(frozen=True, slots=True)
class Picture:
    """A file of a row: its small picture as a data URI, and where the file is."""

    kind: str
    mime: str
    src: str = ""
    thumb: str | None = None

    @property
    def playable(self) -> bool:
        """True for what a browser plays."""
        return self.kind in ("audio", "video") and bool(self.src) and self.mime not in UNPLAYABLE


@dataclass(frozen=True, slots=True)
class LogRow:
    """One job as the log shows it; ``took_s`` and ``amount`` are what its columns sort by."""

    id: str
    asked: str
    kind: str
    provider: str
    model: str
    stage: str
    tone: Tone
    cost: str
    prompt: str = ""
    options: str = ""
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    starred: bool = False
    sandbox: bool = False
    took_s: float | None = None
    amount: float | None = None
    picture: Picture | None = None
    more: int = 0  #: files beside the first


def side(rows: int) -> int:
    """Return the longest side of a picture in px for so many rows."""
    return next((px for most, px in _SIDES if rows <= most), _SMALLEST)


def picture_of(item: Media, base: Path, px: int) -> Picture:
    """Return the picture of a file; one that cannot be read or linked has none."""
    try:
        return Picture(item.kind, item.mime, link(item.path, base), item.preview_uri(px))
    except Exception:  # a row without its picture is still worth showing
        return Picture(item.kind, item.mime)


def log_html(rows: Sequence[LogRow], *, title: str, note: str = "", grid: bool = False) -> str:
    """Return the table, or with ``grid`` the pictures alone, as one page of small ones.

    Parameters
    ----------
    rows
        In the order in which they are shown.
    title
        The line above.
    note
        A line below.
    grid
        One picture a result.
    """
    shown = [_bare(row) if left < 0 else row for row, left in zip(rows, _left(rows), strict=True)]
    name = "mm" + hashlib.sha256(" ".join(row.id for row in rows).encode()).hexdigest()[:12]
    template = "log_grid.html.j2" if grid else "log.html.j2"
    px = max(_SMALLEST, side(len(rows)) // 2)
    return html.render(
        template,
        rows=shown,
        title=title,
        note=note,
        name=name,
        px=px,
        players=PLAYERS,
        cut=_PROMPT,
        look=_LOOK,
    )


def _left(rows: Sequence[LogRow]) -> list[int]:
    """Return what is left of the room for pictures after each row."""
    left, found = MAX_PICTURES, []
    for row in rows:
        left -= len(row.picture.thumb or "") if row.picture else 0
        found.append(left)
    return found


def _bare(row: LogRow) -> LogRow:
    return replace(row, picture=replace(row.picture, thumb=None)) if row.picture else row


def log_text(rows: Sequence[LogRow], *, title: str, note: str = "", static: bool = False) -> str:
    """Return the table as text; ``static`` leaves out ids and times, so that the same run gives the same text."""
    cells = [
        (
            "*" if row.starred else "",
            "" if static else row.id,
            "" if static else row.asked,
            row.kind,
            row.model,
            row.stage,
            "" if static else fmt.seconds(row.took_s),
            row.cost,
            fmt.shorten(row.prompt, _TEXT_PROMPT),
        )
        for row in rows
    ]
    return table_text(title, *_without_empty(TEXT_HEADERS, cells), note)


def _without_empty(
    headers: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    kept = [index for index in range(len(headers)) if any(row[index] for row in rows)]
    return [headers[index] for index in kept], [[row[index] for index in kept] for row in rows]


def options_line(options: Mapping[str, Any]) -> str:
    """Return options in a line: ``aspect ratio 16:9 · n 2``."""
    return " · ".join(
        f"{key.replace('_', ' ')} {fmt.shorten(_word(value), 40)}" for key, value in options.items()
    )


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("url") or "file")
    if isinstance(value, list):
        return f"{len(value)} values" if len(value) > 3 else ", ".join(map(_word, value))
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
