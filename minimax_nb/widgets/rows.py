"""Running jobs as rows with buttons: one HTML widget for all texts, and a column of buttons beside it.

An update is one message, however many rows there are. A button belongs to a job and not to a place:
whatever moves between looking and clicking, a click means the job it was aimed at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipywidgets import HTML, Button, HBox, Layout, VBox

from minimax_nb.render import controls
from minimax_nb.render.view import JobView

OnJob = Callable[[str], None]


class JobRows:
    """Rows of jobs, the ones that need attention first when there are too many.

    Parameters
    ----------
    cancel, show
        Called with the job's id by its buttons; without ``cancel`` there is only the other button.
    title
        Said at the beginning of the line above.
    limit
        Most rows.

    Attributes
    ----------
    box
        The widget to place.
    """

    def __init__(
        self, cancel: OnJob | None, show: OnJob, *, title: str = "", limit: int = controls.ROWS
    ) -> None:
        self._cancel, self._show = cancel, show
        self._title, self._limit = title, limit
        self._buttons: dict[str, HBox] = {}
        self._shape = Layout(width="74px", height="28px", margin="0 0 0 4px")
        self._row = Layout(height=f"{controls.ROW_HEIGHT}px", align_items="center", overflow="hidden")
        self._texts = HTML(layout=Layout(flex="1 1 0", min_width="0", margin="0"))
        below_head = f"{controls.ROW_HEIGHT}px 0 0"
        self._column = VBox(layout=Layout(flex="0 0 auto", overflow="hidden", padding=below_head))
        room = Layout(align_items="flex-start", width="auto", max_width="1080px")
        self.box = HBox((self._texts, self._column), layout=room)

    def paint(self, views: Sequence[JobView], *, cancellable: frozenset[str] = frozenset()) -> None:
        """Show the jobs; what did not change sends nothing.

        Parameters
        ----------
        views
            All of them.
        cancellable
            Ids of those that this kernel can still stop.
        """
        text, shown = controls.job_rows(views, title=self._title, limit=self._limit)
        if self._texts.value != text:
            self._texts.value = text
        rows = tuple(self._row_of(view, view.id in cancellable) for view in shown)
        if rows != self._column.children:
            self._column.children = rows
        for job_id in self._buttons.keys() - {view.id for view in shown}:
            self._drop(self._buttons.pop(job_id))

    def _row_of(self, view: JobView, can_cancel: bool) -> HBox:
        row = self._buttons.get(view.id)
        if row is None:
            row = self._buttons[view.id] = self._made(view)
        for stop in row.children[1:]:
            if stop.disabled == can_cancel:
                stop.disabled = not can_cancel
        return row

    def _made(self, view: JobView) -> HBox:
        what, job_id, cancel = f"{view.kind} {view.id[-6:]}", view.id, self._cancel
        show = Button(description="Show", tooltip=f"Show {what}", layout=self._shape)
        show.on_click(lambda _: self._show(job_id))
        if cancel is None:
            return HBox((show,), layout=self._row)
        stop = Button(
            description="Cancel", tooltip=f"Cancel {what}, while it is not sent", layout=self._shape
        )
        stop.on_click(lambda _: cancel(job_id))
        return HBox((show, stop), layout=self._row)

    def loose(self) -> tuple[Layout, ...]:
        """Return the widgets that are not in :attr:`box` while no row is shown; they must be closed too."""
        return (self._shape, self._row)

    @staticmethod
    def _drop(row: HBox) -> None:
        for button in row.children:
            button.style.close()
            button.close()
        row.close()
