"""A report on disk: one HTML file with its media inside, or with a folder beside it when they are large."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from minimax_nb.amounts import count
from minimax_nb.files import whole_file
from minimax_nb.media import Media
from minimax_nb.media.store import copy_file
from minimax_nb.render.format import size
from minimax_nb.render.pictures import MediaView, media_views
from minimax_nb.render.report import Report, report_page
from minimax_nb.render.view import JobView

EMBEDDED = 25_000_000  #: bytes of media that go into the page itself; more go into a folder beside it
_INSIDE = frozenset({"image", "video", "audio"})


def write_report(
    target: Path, report: Report, media: Mapping[str, Sequence[Media]], *, embedded: int = EMBEDDED
) -> str:
    """Write the page; a half-written one is never left under its name.

    Parameters
    ----------
    target
        The file; an existing one is replaced.
    report
        What it tells; its views get their media here.
    media
        The files of each job, by the job's id.
    embedded
        Most bytes of media inside the page; with more, all go into ``NAME_files`` beside it.

    Returns
    -------
    str
        One line: what was written, and where its media are.
    """
    shown = {job: [item for item in items if item.role != "thinking"] for job, items in media.items()}
    total = sum(item.bytes_size for items in shown.values() for item in items)
    inside = total <= embedded
    folder = target.with_name(f"{target.stem}_files")
    target.parent.mkdir(parents=True, exist_ok=True)
    views = [_with_media(view, shown.get(view.id, ()), None if inside else folder) for view in report.views]
    where = (
        "All media are inside this file."
        if inside
        else f"Its media are in the folder {folder.name} beside it ({size(total)}); give both away together."
    )
    page = report_page(replace(report, views=views, notes=[*report.notes, where]))
    with whole_file(target) as draft:
        draft.write_text(page, "utf-8")
    beside = "" if inside else f", media in {folder.name}"
    return f"{target}: {count(len(views), 'job')}, {size(target.stat().st_size)}{beside}"


def _with_media(view: JobView, items: Sequence[Media], folder: Path | None) -> JobView:
    """Return the view with media that the page finds: inside it, or in the folder."""
    drawn = media_views(items, alt=view.prompt)
    place = _inside if folder is None else _beside
    return replace(
        view, media=tuple(place(one, item, folder) for one, item in zip(drawn, items, strict=True))
    )


def _inside(view: MediaView, item: Media, _: Path | None) -> MediaView:
    if item.kind not in _INSIDE:
        return replace(view, src="")
    try:
        content = f"data:{item.mime};base64,{base64.b64encode(item.bytes()).decode()}"
    except Exception:  # a file that is gone: its caption says so
        return replace(view, src="")
    # A picture is there once, in full: a link to it could not be opened, and would double its weight.
    return replace(view, thumb=content, src="") if item.kind == "image" else replace(view, src=content)


def _beside(view: MediaView, item: Media, folder: Path | None) -> MediaView:
    assert folder is not None
    name = f"{item.sha256[:12]}{item.path.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copy_file(Path(item), folder / name)
    except Exception:  # a file that is gone: its caption says so
        return replace(view, src="")
    return replace(view, src=f"{quote(folder.name)}/{name}")
