"""HTML and text together, as a display takes them; never raises, because what is shown is paid for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from minimax_nb.render import text
from minimax_nb.render.view import JobView

if TYPE_CHECKING:
    from minimax_nb.media import Media

Bundle = dict[str, str]


def card_bundle(views: Sequence[JobView], *, static: bool = False) -> Bundle:
    """Return finished jobs as a mime bundle; see :func:`minimax_nb.render.html.card`."""
    from minimax_nb.render import html

    return _bundle(views, lambda shown: text.card_text(shown, static), lambda shown: html.card(shown, static))


def board_bundle(views: Sequence[JobView]) -> Bundle:
    """Return running jobs as a mime bundle; see :func:`minimax_nb.render.html.board`."""
    from minimax_nb.render import html

    return _bundle(views, text.board_text, html.board)


def media_bundle(item: Media, *, link_base: Path | None = None) -> Bundle:
    """Return one file as a mime bundle: its player or picture, and its facts.

    Parameters
    ----------
    item
        The file.
    link_base
        Folder that the link is relative to; the working folder (the notebook's) by default.
    """
    from minimax_nb.render import html
    from minimax_nb.render.pictures import media_views

    try:
        (view,) = media_views([item], link_base=link_base)
        return {"text/plain": text.media_text(view), "text/html": html.figure(view)}
    except Exception:  # a repr never raises
        return {"text/plain": repr(item)}


def _bundle(
    views: Sequence[JobView],
    as_text: Callable[[Sequence[JobView]], str],
    as_html: Callable[[Sequence[JobView]], str],
) -> Bundle:
    try:
        bundle = {"text/plain": as_text(views)}
    except Exception as error:  # an odd value must not hide that the job is done
        ids = ", ".join(str(getattr(view, "id", "?")) for view in views)
        return {"text/plain": f"jobs {ids} (could not be shown: {type(error).__name__})"}
    try:
        bundle["text/html"] = as_html(views)
    except Exception:  # the text says the same
        return bundle
    return bundle
