"""A comparison as a page of its own: the question, the results, who won, what it cost. Needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minimax_nb.render import grid, html
from minimax_nb.render.costs import Section, report_html
from minimax_nb.render.leaderboard import Standings, conclusions, leaderboard_html
from minimax_nb.render.view import JobView


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its title, the names of its columns, its rows."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made of.

    Parameters
    ----------
    question
        The heading: what was to be found out.
    views
        The jobs, with media whose addresses work from the page.
    made
        When, in words.
    board, plot
        The leaderboard and its picture as a data URI, where there was a rating.
    sheets
        Measures, settings and whatever else is a table.
    costs
        What the jobs cost; the sandbox's apart.
    notes
        Lines at the end: where the media are, what is missing.
    """

    question: str
    views: Sequence[JobView]
    made: str
    board: Standings | None = None
    plot: str = ""
    sheets: Sequence[Sheet] = ()
    costs: Sequence[Section] = ()
    notes: Sequence[str] = ()


def report_page(report: Report) -> str:
    """Return the page: one HTML document without scripts and without requests to anywhere."""
    views = report.views
    gallery = (
        "sweep.html.j2" if grid.is_sweep(views) else "card.html.j2" if len(views) == 1 else "gallery.html.j2"
    )
    board = report.board
    return html.render(
        "report.html.j2",
        question=report.question,
        made=report.made,
        sandbox=bool(views) and all(view.sandbox for view in views),
        conclusion=conclusions(board) if board is not None else [],
        # Markup of our own templates, escaped where it was made.
        results=html.markup(html.render(gallery, views=views, everything=views, more="", static=False)),
        board=html.markup(leaderboard_html(board)) if board is not None else "",
        plot=report.plot,
        sheets=[
            (one.title, html.markup(html.table("", one.headers, one.rows, one.note))) for one in report.sheets
        ],
        costs=html.markup(report_html("model", report.costs, ())) if report.costs else "",
        notes=report.notes,
    )
