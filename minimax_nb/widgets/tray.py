"""The tray: the running jobs of all kernels that share the ledger, on one board with buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Layout, Output, VBox

from minimax_nb.errors import MiniMaxError
from minimax_nb.lab.open_jobs import OpenJobs, stoppable
from minimax_nb.render import controls
from minimax_nb.render.bundle import board_bundle, card_bundle
from minimax_nb.widgets.board import as_output, close_tree
from minimax_nb.widgets.rows import JobRows
from minimax_nb.widgets.worker import Worker

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

EVERY = 1.0  #: seconds between two looks at the ledger
IDLE = "No job is running."


class Tray:
    """All running jobs, looked up once a second while they can be seen.

    *Cancel* stops a job of this kernel that was not sent yet; no provider takes back one that was.

    Parameters
    ----------
    lab
        The lab whose ledger is read.

    Attributes
    ----------
    box
        The widget.
    """

    def __init__(self, lab: Lab) -> None:
        _ = lab.ledger  # opened here, before two threads can ask for it at once
        self._lab = lab
        self._jobs = OpenJobs(lab)
        self._was_seen = False
        self._rows = JobRows(self._cancel, self._show, title="Running jobs of all kernels")
        self._note = HTML()
        self._shown = Output()
        self.box = VBox(
            (self._rows.box, self._note, self._shown),
            layout=Layout(width="100%", max_width="1080px", padding="4px 2px 8px 0", overflow="visible"),
        )
        self._worker = Worker("minimax-tray", self._tick, EVERY, self._failed)
        # The page tells how often the widget is on it; then nothing is looked up that nobody sees.
        self.box._view_count = 0
        self.box.observe(self._seen, names="_view_count")
        self._paint()
        self._worker.do()

    @property
    def watching(self) -> bool:
        """True while the ledger is looked at; a front end that does not tell what it shows counts as showing."""
        return not self._was_seen or bool(self.box._view_count)

    def _seen(self, change: Any) -> None:
        if change["new"]:
            self._was_seen = True
            self._worker.do()

    def _tick(self) -> bool:
        if self.watching:
            self._paint()
        return self.watching

    def _paint(self) -> None:
        views = self._jobs.read()
        self._rows.paint(views, cancellable=stoppable())
        note = "" if views else controls.remarks([IDLE])
        if self._note.value != note:
            self._note.value = note

    def _cancel(self, job_id: str) -> None:
        def cancel() -> None:
            job = self._lab.job(job_id)
            said = [] if job.cancel() else [f"Job {job_id} was sent already; it goes on and is charged."]
            self._note.value = controls.remarks(said)

        self._worker.aside(cancel)

    def _show(self, job_id: str) -> None:
        def show() -> None:
            bundle = card_bundle([self._lab.job(job_id).view()])
            self._shown.outputs = (as_output(bundle),)

        self._worker.do(show)

    def _failed(self, error: Exception) -> None:
        words = error.message if isinstance(error, MiniMaxError) else f"{type(error).__name__}: {error}"
        self._note.value = controls.remarks([words], wrong=True)

    def close(self) -> None:
        """Close every widget of the tray and end its thread; the jobs go on."""
        self._worker.close()
        close_tree(self.box)
        for widget in self._rows.loose():
            close_tree(widget)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        views = self._jobs.read()
        title, magic = "Running jobs of all kernels", "%minimax board"
        own = {
            "text/plain": board_bundle(views)["text/plain"] if views else IDLE,
            "text/html": controls.fallback(title, magic),
        }
        return {**self.box._repr_mimebundle_(), **own}

    def __repr__(self) -> str:
        return f"<Tray of {self._lab!r}>"


_open: list[Tray] = []


def open_tray(lab: Lab) -> Tray:
    """Return a fresh tray; the one before is closed, because one look a second is enough for a kernel."""
    made = Tray(lab)
    while _open:
        _open.pop().close()
    _open.append(made)
    return made
