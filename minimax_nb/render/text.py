"""Views as plain text: what terminals, saved notebooks without HTML and language models read."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import unquote

from minimax_nb.amounts import money
from minimax_nb.render import format as fmt
from minimax_nb.render.pictures import MediaView
from minimax_nb.render.summary import advice, caption, fact_line, shared_prompt, summary, time_line, visible
from minimax_nb.render.view import JobView

MAX_ROWS = 24  #: jobs a live board lists
MAX_CARDS = 100  #: jobs a finished card shows
_LONGEST = 2000  #: characters of a prompt that are repeated


class Priced(Protocol):
    """A price as the catalog quotes it."""

    @property
    def amount_nano(self) -> int | None:
        """Nano-units of ``currency``, or ``None``."""

    @property
    def currency(self) -> str:
        """ISO 4217 code."""

    @property
    def note(self) -> str:
        """What to know about the price."""

    @property
    def source(self) -> str:
        """Where it stands."""


class Described(Protocol):
    """A request that is described and not sent; :class:`minimax_nb.lab.dryrun.DryRun` is one."""

    @property
    def provider(self) -> str:
        """The provider's name."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def url(self) -> str:
        """Where it would go."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers without credentials."""

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON body, media shortened."""

    @property
    def uploads(self) -> tuple[str, ...]:
        """Files that would be uploaded before."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about it."""

    @property
    def quote(self) -> Priced:
        """The price."""


def card_text(views: Sequence[JobView], static: bool = False) -> str:
    """Return finished jobs as text.

    Parameters
    ----------
    views
        The jobs.
    static
        Leave out ids, times and file names, so that the same run gives the same text.
    """
    shown, more = visible(views, MAX_CARDS)
    lines = [summary(views, static=static)] if len(views) > 1 else []
    common = shared_prompt(views) if len(views) > 1 else None
    for view in shown:
        lines += _job_lines(view, static, prompt=common is None)
    if common:
        lines += _indented("prompt", common)
    return fmt.clean("\n".join([*lines, *([more] if more else [])]))


def board_text(views: Sequence[JobView]) -> str:
    """Return running jobs as text: one line a job, and a summary when there are several."""
    shown, more = visible(views, MAX_ROWS)
    lines = [line_text(view) for view in shown]
    if more:
        lines.append(more)
    if len(views) > 1:
        lines.append(summary(views))
    elif views and views[0].text:
        lines += ["", views[0].text]
    return fmt.clean("\n".join(lines))


def line_text(view: JobView) -> str:
    """Return one running job in a line: ``video MiniMax-Hailuo-2.3: running · 34 s · $0.28``."""
    return f"{view.kind} {view.model}: " + " · ".join(
        part for part in (view.stage, time_line(view), view.cost) if part
    )


def media_text(item: MediaView) -> str:
    """Return one file in a line: its facts and its name."""
    return fmt.clean(_media_line(item, 0, many=False, static=False))


def dry_run_text(run: Described, *, filled: Sequence[str] = ()) -> str:
    """Return a request that was not sent, with its price.

    Parameters
    ----------
    run
        The request.
    filled
        Names of the fields that were filled into the text.
    """
    price = money(run.quote.amount_nano, run.quote.currency)
    known = run.quote.amount_nano is not None
    lines = [
        f"Nothing was sent. {price} by {run.provider}"
        if known
        else f"Nothing was sent. {run.provider}: {price}"
    ]
    lines += [f"  {line}" for line in (run.quote.note, run.quote.source if known else "") if line]
    if filled:
        lines.append(f"  filled: {', '.join(filled)}")
    lines += [f"  uploaded first: {item}" for item in run.uploads]
    lines += [f"  note: {item}" for item in run.notes]
    lines += [f"{run.method} {run.url}", *(f"{name}: {value}" for name, value in run.headers.items())]
    return fmt.clean("\n".join([*lines, "", body_text(run.body)]))


def body_text(body: Mapping[str, Any]) -> str:
    """Return a JSON body as indented text."""
    return json.dumps(dict(body), indent=2, ensure_ascii=False, default=str)


def status_text(
    rows: Sequence[tuple[str, str]],
    *,
    title: str = "minimax_nb",
    views: Sequence[JobView] = (),
    note: str = "",
) -> str:
    """Return the status page: labelled values, the running jobs, a note."""
    parts = [table_text(title, ("", ""), rows)]
    if views:
        parts.append(board_text(views))
    return "\n".join([*parts, *([fmt.clean(note)] if note else [])])


def table_text(title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> str:
    """Return a table as aligned text, one line a row.

    Parameters
    ----------
    title
        The line above.
    headers
        Names of the columns; none is written when all are empty.
    rows
        The cells.
    note
        A line below.
    """
    head = [tuple(headers)] if any(headers) else []
    cells = [[" ".join(fmt.clean(str(cell)).split()) for cell in row] for row in (*head, *rows)]
    whole = [row for row in cells if len(row) == len(headers)]  # others are headings
    widths = [max(map(_columns, column)) for column in zip(*whole, strict=True)] if whole else []
    lines = [
        "  ".join(map(_padded, row, widths)).rstrip() if len(row) == len(headers) else row[0] for row in cells
    ]
    return "\n".join(part for part in (fmt.clean(title), *lines, fmt.clean(note)) if part)


def _job_lines(view: JobView, static: bool, *, prompt: bool) -> list[str]:
    place = [", ".join(f"{name}={fmt.shorten(value, 60)}" for name, value in view.axes)] if view.axes else []
    axes = [name for name, _ in view.axes]
    lines = [" · ".join([*place, *(words for _, words in fact_line(view, static=static, without=axes))])]
    many = sum(item.role == "output" for item in view.media) > 1
    lines += [
        f"  {_media_line(item, index, many=many, static=static)}" for index, item in enumerate(view.media)
    ]
    lines += [f"  {line}" for line in view.error]
    if hint := advice(view, static=static):
        lines.append(f"  {hint}")
    if prompt and view.prompt:
        lines += _indented("prompt", view.prompt)
    if view.filled:
        lines.append(f"  filled: {', '.join(view.filled)}")
    lines += [f"  note: {line}" for line in view.warnings]
    return [*lines, "", *view.text.strip().splitlines()] if view.text else lines


def _media_line(item: MediaView, index: int, *, many: bool, static: bool) -> str:
    place = f"[{index}]" if many and item.role == "output" else ""
    role = item.role if item.role != "output" else ""
    file = "" if static or item.src.startswith("data:") else unquote(item.src)
    facts = " · ".join(part for part in (caption(item.facts, static=static), file) if part)
    return " ".join(
        part for part in (place, role, facts or item.kind, f"({item.note})" if item.note else "") if part
    )


def _indented(label: str, text: str) -> list[str]:
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
    first, *rest = cut.strip().splitlines() or [""]
    return [f"  {label}: {first}", *(f"    {line}" for line in rest)]


def _columns(text: str) -> int:
    """Return how many terminal columns a text takes; wide characters take two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))
