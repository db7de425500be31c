"""What goes into a report: the results, the newest rating of them, what was measured, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from minimax_nb._version import __version__
from minimax_nb.amounts import count, money
from minimax_nb.errors import ConfigError, RequestInvalidError
from minimax_nb.lab.comparing import worth_saying
from minimax_nb.lab.leaderboard import Leaderboard
from minimax_nb.lab.rating import open_rating
from minimax_nb.ledger.measures import means
from minimax_nb.ledger.record import JobRecord
from minimax_nb.media.preview import data_uri
from minimax_nb.render.costs import Section
from minimax_nb.render.format import seconds, shorten
from minimax_nb.render.grid import place_of
from minimax_nb.render.report import Report, Sheet
from minimax_nb.render.summary import shared_prompt
from minimax_nb.render.view import JobView, view_of

if TYPE_CHECKING:
    from minimax_nb.lab.lab import Lab

MOST = 500  #: jobs of one report; a browser shows more badly, and nobody reads them
_CELL = 60


def report(
    lab: Lab, target: Path, records: Sequence[JobRecord], question: str | None, rating: str | None
) -> str:
    """Write a report; see :meth:`minimax_nb.Lab.export`."""
    from minimax_nb.exchange.report import write_report

    if not records:
        raise RequestInvalidError("there is no job to write")
    if len(records) > MOST:
        raise RequestInvalidError(
            f"{len(records):,} jobs are too many for one page; at most {MOST}: export(target, some of them)"
        )
    views = [view_of(record) for record in records]
    board = _board(lab, records, rating)
    made = Report(
        question=question
        or shorten(shared_prompt(views) or "", 200)
        or f"Comparison of {count(len(views), 'result')}",
        views=views,
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {count(len(views), 'job')} · project {lab.project}",
        board=board,
        plot=_plot(board),
        sheets=[sheet for sheet in (_measures(lab, views), _settings(records, views)) if sheet.rows],
        costs=_costs(lab, records),
        notes=[f"Made with minimax_nb {__version__}."],
    )
    return write_report(target, made, {record.id: lab.media_of(record) for record in records})


def _board(lab: Lab, records: Sequence[JobRecord], name: str | None) -> Leaderboard | None:
    """Return the leaderboard of the rating that is named, or of the newest one over these results with a vote."""
    if name is not None:
        if lab.ledger.rating_session(name) is None:
            raise RequestInvalidError(f"there is no rating {name!r}")
        return open_rating(lab, name).leaderboard()
    ids = {record.id for record in records}
    for session in lab.ledger.rating_sessions(lab.project):
        if {item["job_id"] for item in session.items} <= ids:
            board = open_rating(lab, session.name).leaderboard()
            if board.votes:
                return board
    return None


def _plot(board: Leaderboard | None) -> str:
    if board is None or not board.votes:
        return ""
    try:
        return data_uri("image/png", board.plot().png)
    except ConfigError:  # without matplotlib the table says it
        return ""


def _label(view: JobView) -> str:
    return place_of(view) or view.name or f"{view.model} {view.id[-6:]}"


def _measures(lab: Lab, views: Sequence[JobView]) -> Sheet:
    """Return what was measured so far; nothing is worked out for a report."""
    found = means(lab.ledger.measures([view.id for view in views]))
    names = sorted({name for values in found.values() for name in values})
    rows = [
        [
            _label(view),
            *(f"{found[view.id][name]:.4g}" if name in found[view.id] else "" for name in names),
        ]
        for view in views
        if view.id in found
    ]
    return Sheet("Measures", ["result", *names], rows)


def _settings(records: Sequence[JobRecord], views: Sequence[JobView]) -> Sheet:
    settings = worth_saying(records)
    names = list(dict.fromkeys(name for one in settings for name in one))
    moving = [name for name in names if len({one.get(name) for one in settings}) > 1]
    common = ", ".join(f"{name} {shorten(settings[0][name], _CELL)}" for name in names if name not in moving)
    prompts = shared_prompt(views) is None
    rows = [
        [
            view.id,
            *(shorten(one.get(name, "–"), _CELL) for name in moving),
            *([shorten(view.prompt, _CELL)] if prompts else []),
            view.stage,
            seconds(view.elapsed_s),
            money(view.amount_nano, view.currency),
        ]
        for view, one in zip(views, settings, strict=True)
    ]
    headers = ["job", *moving, *(["prompt"] if prompts else []), "state", "took", "cost"]
    return Sheet("Settings", headers, rows, f"the same for all: {common}" if common else "")


def _costs(lab: Lab, records: Sequence[JobRecord]) -> list[Section]:
    sums = lab.ledger.cost_sums("model", None, ids=[record.id for record in records])
    return [
        Section(title, [row for row in sums if row.sandbox is sandbox])
        for title, sandbox in (("", False), ("Sandbox: nothing was paid", True))
        if any(row.sandbox is sandbox for row in sums)
    ]
