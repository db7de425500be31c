"""Views as HTML that survives an untrusted notebook: inline styles, no script, everything escaped.

What the templates may use is what JupyterLab's sanitizer keeps (measured with apputils 4.6 and 4.7):
``src`` on the media tag itself, ``rgba()`` colours, flex and grid, ``<details>``. Separators are text,
so that a front end that drops all styles (GitHub) still shows readable lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from minimax_nb.amounts import money
from minimax_nb.render import format as fmt
from minimax_nb.render import grid, style, summary, words
from minimax_nb.render.markdown import html_of, newest
from minimax_nb.render.pictures import UNPLAYABLE, MediaView
from minimax_nb.render.text import MAX_CARDS, MAX_ROWS, Described, body_text
from minimax_nb.render.view import JobView

#: JupyterLab and nbconvert typeset ``$…$`` in HTML outputs, prices and prompts too, but not inside these classes.
NO_MATH = "mathjax_ignore tex2jax_ignore"
MAX_EMBEDDED = 1_200_000  #: bytes of previews in one card; beyond, images come from their files

_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")
_NUMBER = re.compile(r"[-$¥€£]{0,2}\d[\d,.]*( .{0,24})?")
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*:|//|\\)", re.IGNORECASE)
_EMBEDDED = re.compile(r"data:(image|audio|video)/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]*\Z")
_CODE = frozenset({"job", "id", "voice id", "file id", "option", "line", "setting", "model"})
_LEFT = _CODE | {"kept"}
#: Columns of short words that are never wrapped.
_WHOLE = frozenset(
    {"kind", "provider", "origin", "since", "asked", "cost", "what", "needs", "kept until", "status"}
)
_STATE = frozenset({"stage", "state"})
_STAGE_TONES = {str(state): tone for state, tone in words.TONES.items()} | {
    "ok": "good", "note": "warn", "problem": "bad",
    "done": "good", "outcome unknown": "warn", "given up": "warn", "sending": "busy", "downloading": "busy",
}  # fmt: skip


def card(views: Sequence[JobView], static: bool = False) -> str:
    """Return finished jobs: their media, facts, prompts and errors.

    Parameters
    ----------
    views
        The jobs; several become a gallery under one summary line, those of a sweep a grid.
    static
        The form for notebooks that are compared by a test: no ids, times or file sizes. Embedded previews
        stay, so that a committed notebook shows something; the comparison must leave base64 out, because
        two versions of a decoder encode the same picture differently.
    """
    shown, more = summary.visible(views, MAX_CARDS)
    shown = _within_budget(shown)
    several = "sweep.html.j2" if grid.is_sweep(views) else "gallery.html.j2"
    template = "card.html.j2" if len(shown) == 1 else several
    return _render(template, views=shown, everything=views, more=more, static=static)


def board(views: Sequence[JobView]) -> str:
    """Return running jobs: one row a job, and a summary line when there are several."""
    shown, more = summary.visible(views, MAX_ROWS)
    return _render("board.html.j2", views=shown, everything=views, more=more)


def figure(item: MediaView) -> str:
    """Return one file alone: its player or picture, with its facts below."""
    return _render("figure.html.j2", item=item)


def remark(text: str) -> str:
    """Return one line that stands by itself."""
    return _render("remark.html.j2", text=text)


def dry_run(run: Described, *, filled: Sequence[str] = ()) -> str:
    """Return a request that was not sent, with its price.

    Parameters
    ----------
    run
        The request.
    filled
        Names of the fields that were filled into the text.
    """
    return _render("dry_run.html.j2", run=run, body=body_text(run.body), filled=filled)


def status_page(
    rows: Sequence[tuple[str, str]],
    *,
    title: str = "minimax_nb",
    chip: str = "",
    views: Sequence[JobView] = (),
    note: str = "",
) -> str:
    """Return the status page: labelled values, the running jobs, a note.

    Parameters
    ----------
    rows
        (label, value) pairs.
    title
        The heading.
    chip
        A small mark beside the heading: ``sandbox``.
    views
        Running jobs.
    note
        A line below.
    """
    board = {"views": views, "everything": views, "more": ""}
    return _render("status.html.j2", rows=rows, title=title, chip=chip, note=note, **board)


def table(title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> str:
    """Return a table.

    Columns named ``stage`` or ``state`` get a coloured dot, columns of ids and names a fixed-width
    font, columns of numbers and prices stand on the right.

    Parameters
    ----------
    title
        The line above.
    headers
        Names of the columns; none is written when all are empty.
    rows
        The cells; a row of one cell in a table of several columns is a heading.
    note
        A line below.
    """
    columns = [
        {
            "name": name,
            "code": name in _CODE,
            "state": name in _STATE,
            "whole": name in _WHOLE,
            "right": name not in _LEFT
            and _are_numbers(row[index] for row in rows if len(row) == len(headers)),
        }
        for index, name in enumerate(headers)
    ]
    return _render("table.html.j2", title=title, columns=columns, rows=rows, note=note, tones=_STAGE_TONES)


def _are_numbers(cells: Iterable[str]) -> bool:
    """Return True where there are cells, and all that are not empty begin with a number."""
    found = list(cells)
    return bool(found) and all(_NUMBER.fullmatch(cell) for cell in found if cell and cell != fmt.NOT_KNOWN)


def frame(item: MediaView, width: int, height: int) -> tuple[int, int]:
    """Return the size in CSS pixels at which an item fits into ``width`` × ``height``, never enlarged."""
    own = (item.width or 1280, item.height or 720)
    scale = min(1.0, width / own[0], height / own[1])
    return max(1, round(own[0] * scale)), max(1, round(own[1] * scale))


def columns(count: int) -> int:
    """Return how many pictures stand in a row, so that the last row is not nearly empty."""
    return count if count <= 4 else 3 if count in (5, 6, 9) else 4


def board_columns(views: Sequence[JobView]) -> dict[str, float]:
    """Return the widths of a board's columns in em, from their longest text, so that rows line up.

    A row whose columns do not fit wraps as a whole column, never within a word.
    """
    bars = any(view.progress is not None and not view.finished for view in views)

    def room(texts: Iterable[str], extra: float, most: float) -> float:
        return round(min(most, max(map(len, texts), default=0) * 0.53 + extra), 1)

    return {
        "stage": room((view.stage for view in views), 1.8, 16),
        "model": room((f"{view.kind} {view.model}{' sandbox' * view.sandbox}" for view in views), 1, 24),
        "time": room((summary.time_line(view) for view in views), 6 if bars else 0.5, 22),
        "cost": room((view.cost.removesuffix(" (sandbox)") for view in views), 0.5, 14),
        "bars": bars,
    }


def address(src: str) -> str:
    """Return ``src`` when it is a relative path or an embedded medium, else nothing: no other scheme is linked."""
    return src if _EMBEDDED.match(src) or not _SCHEME.match(src) else ""


def render(template: str, **values: Any) -> str:
    """Return a template of this room filled in, for what has a module of its own."""
    return _render(template, **values)


def markup(text: str) -> Markup:
    """Mark HTML of our own templates, escaped where it was made, so that it is not escaped again."""
    return Markup(text)  # noqa: S704 - only ever given what render() returned


def _without_previews(view: JobView) -> JobView:
    return replace(view, media=tuple(replace(item, thumb=None) for item in view.media))


def _within_budget(views: Sequence[JobView]) -> list[JobView]:
    """Drop the previews beyond the budget; the files are linked all the same."""
    spent = 0
    kept = []
    for view in views:
        spent += sum(len(item.thumb or "") for item in view.media)
        kept.append(view if spent <= MAX_EMBEDDED else _without_previews(view))
    return kept


def _finalize(value: Any) -> Any:
    return fmt.clean(value) if type(value) is str else "" if value is None else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals.update(
        s=style.STYLES,
        tone_colour=style.TONES,
        fmt=fmt,
        money=money,
        address=address,
        board_columns=board_columns,
        frame=frame,
        unplayable=UNPLAYABLE,
        no_math=NO_MATH,
        grid_columns=columns,
        markdown=html_of,
        newest=newest,
        file_name=lambda src: unquote(src.rpartition("/")[2]),
        tables=grid.tables,
        varying=grid.varying,
        fixed=grid.fixed,
        place_of=grid.place_of,
        fact_line=summary.fact_line,
        caption=summary.caption,
        summary=summary.summary,
        time_line=summary.time_line,
        shared_prompt=summary.shared_prompt,
        shared_labels=summary.shared_labels,
        shared_line=summary.shared_line,
        advice=summary.advice,
        short_facts=summary.short_facts,
        long_facts=summary.long_facts,
    )
    return environment


def _render(template: str, **values: Any) -> str:
    html = _environment().get_template(template).render(**values)
    return _BETWEEN_TAGS.sub("><", html).strip()
