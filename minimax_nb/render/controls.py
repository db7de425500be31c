"""The HTML inside widgets: a price, a remark, a cell to copy, a file's preview, rows of running jobs.

What stands in a widget is only shown live, so it may have a button of its own: *Copy* works in the
browser alone, and needs neither the kernel nor an extension of the front end.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from minimax_nb.render import html
from minimax_nb.render.summary import summary, visible
from minimax_nb.render.view import JobView

ROW_HEIGHT = 46  #: pixels of a job's row; the buttons beside it stand in rows of the same height
ROWS = 12  #: rows of one board of widgets; more make a page slow and nobody reads them

_STYLES = MappingProxyType(
    {
        "row": f"height:{ROW_HEIGHT}px;box-sizing:border-box;padding:4px 0 0;overflow:hidden;line-height:19px;"
        "border-bottom:1px solid rgba(127,127,127,0.14)",
        "top": f"height:{ROW_HEIGHT}px;box-sizing:border-box;padding:4px 0 0;overflow:hidden;line-height:20px",
        "line": "display:flex;gap:0 12px;align-items:center;white-space:nowrap;overflow:hidden",
        "cut": "min-width:0;overflow:hidden;text-overflow:ellipsis",
        "grow": "flex:1 1 0;min-width:0;overflow:hidden;text-overflow:ellipsis",
        "button": "font:inherit;font-size:12px;padding:1px 8px;cursor:pointer;color:inherit;opacity:0.8;"
        "border:1px solid rgba(127,127,127,0.45);border-radius:4px;background:transparent",
        "plain_button": "font:inherit;padding:0;border:none;background:transparent;cursor:pointer;color:inherit;"
        "text-decoration:underline dotted;text-underline-offset:2px",
        "problem": "margin:1px 0 3px;font-size:12px;line-height:1.4;color:rgba(214,69,65,1);overflow-wrap:break-word",
        "hint": "margin:1px 0 3px;font-size:12px;line-height:1.4;opacity:0.66;overflow-wrap:break-word",
        "preview": "display:flex;gap:10px;align-items:center;margin:2px 0 6px;flex-wrap:wrap",
        "thumb": "height:64px;width:auto;max-width:160px;border-radius:4px;background:rgba(127,127,127,0.1)",
        "sound": "height:36px;width:240px;max-width:100%",
        "head": "display:flex;gap:8px;align-items:center;margin:0 0 4px",
    }
)
#: Selects the text beside the button and copies it: the way that also works on a page without https.
_COPY = (
    "const range=document.createRange();"
    "range.selectNodeContents(this.closest('[data-copy]').querySelector('[data-text]'));"
    "const chosen=getSelection();chosen.removeAllRanges();chosen.addRange(range);"
    "document.execCommand('copy');"
)


def price(amount: str, detail: str, *, sandbox: bool = False) -> str:
    """Return a price, with how it comes about and what is left of the budgets.

    Parameters
    ----------
    amount
        In words; empty while the request is not complete.
    detail
        The rest, dimmed.
    sandbox
        True when nothing is paid.
    """
    return _render("price", amount=amount, detail=detail, sandbox=sandbox)


def remarks(lines: Sequence[str], *, wrong: bool = False) -> str:
    """Return lines under a field or a form; ``wrong`` ones are mistakes, others hints."""
    return _render("remarks", lines=lines, wrong=wrong)


def command(cell: str) -> str:
    """Return a cell's text with a button that copies it."""
    return _render("command", cell=cell)


def preview(name: str, facts: str, *, thumb: str | None = None, sound: str | None = None) -> str:
    """Return a chosen file: a small picture or a player, its name and its facts.

    Parameters
    ----------
    name, facts
        In words.
    thumb, sound
        ``data:`` URIs.
    """
    return _render("preview", name=name, facts=facts, thumb=thumb, sound=sound)


def job_rows(views: Sequence[JobView], *, title: str = "", limit: int = ROWS) -> tuple[str, list[JobView]]:
    """Return a head and rows of jobs, all of :data:`ROW_HEIGHT`, each row with a button that copies its id.

    Parameters
    ----------
    views
        All jobs; the head sums them up.
    title
        Said first.
    limit
        Most rows; the head says what the others do.

    Returns
    -------
    tuple
        The HTML, and the jobs that have a row.
    """
    shown, more = visible(views, limit)
    words = summary(views).replace(" (sandbox)", "") if views else ""
    sandbox = bool(views) and all(view.sandbox for view in views)
    return _render("rows", views=shown, title=title, words=words, more=more, sandbox=sandbox), shown


def heading(title: str, note: str = "", chip: str = "") -> str:
    """Return the line at the top of a panel."""
    return _render("heading", title=title, note=note, chip=chip)


def fallback(title: str, magic: str, cell: str = "") -> str:
    """Return what a saved notebook shows in a panel's place: how to open it again, and its last cell."""
    return _render("fallback", title=title, magic=magic, cell=cell)


def _render(part: str, **values: Any) -> str:
    return html._render("controls.html.j2", part=part, c=_STYLES, copy=_COPY, **values)
