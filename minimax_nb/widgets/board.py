"""The job board as a widget: rows with buttons, swapped for static HTML at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from IPython.display import display
from ipywidgets import Button, HBox, Output, VBox, Widget

from minimax_nb.ledger.record import JobState
from minimax_nb.render.bundle import board_bundle, card_bundle
from minimax_nb.render.surface import Clock, Throttle
from minimax_nb.render.view import JobView
from minimax_nb.widgets.rows import JobRows


class WidgetSurface:
    """A live board with buttons, under one display handle.

    While jobs run the display holds the widget, with HTML for front ends that show none. At the end the
    same display becomes the static card and every widget is closed: a saved notebook keeps no widget.

    Each job has *Show* (its card so far, with links to its files) and *Cancel*; below stand *Cancel all*
    and *Detach*. Cancelling and detaching only set flags, because a handler may run in another thread than
    the cell; whoever waits for the jobs looks at them. A kernel that is busy in a cell may see a click only
    afterwards, so an interrupt must do the same.

    Parameters
    ----------
    clock
        Seconds, monotonic; for tests.

    Attributes
    ----------
    cancel_requested
        Set by *Cancel all*: cancel what can still be cancelled.
    detach_requested
        Set by *Detach*: stop watching; the jobs go on.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.cancel_requested = threading.Event()
        self.detach_requested = threading.Event()
        self._asked: set[str] = set()  #: ids whose *Cancel* was pressed
        self._told: set[str] = set()  #: ids that were handed out by to_cancel
        self._throttle = Throttle(clock)
        self._owner = threading.get_ident()
        self._lock = threading.Lock()
        self._handle: Any = None
        self._over = False
        self._views: Mapping[str, JobView] = {}
        self._rows: Any = None
        self._shown: Any = None
        self._buttons: tuple[Any, ...] = ()
        self._box: Any = None

    @property
    def due(self) -> bool:
        """True when the next :meth:`show` may paint; making views for another is wasted."""
        return self._throttle.due

    def to_cancel(self, going: Sequence[str]) -> frozenset[str]:
        """Return which of the jobs shall be cancelled; each is named once."""
        wanted = set(going) if self.cancel_requested.is_set() else self._asked & set(going)
        fresh = frozenset(wanted - self._told)
        self._told |= fresh
        return fresh

    def show(self, views: Sequence[JobView]) -> None:
        """Paint the board, when it is time and something changed."""
        with self._lock:
            if self._over or not self._throttle.ready():
                return
            self._views = {view.id: view for view in views}
            if self._box is None:
                self._open(views)
                return
            self._rows.paint(views, cancellable=self._cancellable(views))
            flags = (self.cancel_requested, self.detach_requested)
            for button, flag in zip(self._buttons, flags, strict=True):
                if button.disabled != flag.is_set():
                    button.disabled = flag.is_set()

    def finish(self, views: Sequence[JobView]) -> None:
        """Swap the widget for the finished card, and close it."""
        with self._lock:
            self._over = True
            bundle = card_bundle(views)
            if self._handle is not None:
                self._handle.update(bundle, raw=True)
            elif threading.get_ident() == self._owner:
                self._handle = display(bundle, raw=True, display_id=True)
            if self._box is not None:
                for widget in (self._box, *self._rows.loose()):
                    close_tree(widget)
                self._box = self._rows = self._shown = None
                self._buttons = ()

    def _open(self, views: Sequence[JobView]) -> None:
        if threading.get_ident() != self._owner:  # a display of another thread lands in the wrong cell
            return
        alone = len(views) == 1
        self._rows = JobRows(None if alone else self._asked.add, self._show_one)
        self._rows.paint(views, cancellable=self._cancellable(views))
        cancel = Button(
            description="Cancel" if alone else "Cancel all", tooltip="Cancel what was not sent yet"
        )
        detach = Button(description="Detach", tooltip="Stop watching; the jobs go on")
        cancel.on_click(lambda _: self.cancel_requested.set())
        detach.on_click(lambda _: self.detach_requested.set())
        self._buttons = (cancel, detach)
        self._shown = Output()
        self._box = VBox([self._rows.box, HBox(self._buttons), self._shown])
        bundle = {**self._box._repr_mimebundle_(), **board_bundle(views)}
        self._handle = display(bundle, raw=True, display_id=True)

    def _cancellable(self, views: Sequence[JobView]) -> frozenset[str]:
        gone = self._asked | self._told
        return frozenset(view.id for view in views if view.state is JobState.NEW and view.id not in gone)

    def _show_one(self, job_id: str) -> None:
        view, shown = self._views.get(job_id), self._shown
        if view is not None and shown is not None:
            shown.outputs = (as_output(card_bundle([view])),)


def as_output(bundle: Mapping[str, str]) -> dict[str, Any]:
    """Return a mime bundle as an ``Output`` widget keeps it; the front end shows it as a cell's own output.

    So the links to files beside the notebook work, which they do not in an ``HTML`` widget.
    """
    return {"output_type": "display_data", "data": dict(bundle), "metadata": {}}


def close_tree(widget: Any) -> int:
    """Close a widget with everything it holds: children, layouts, styles.

    ``Widget.close`` closes one model alone; the rest would stay alive in the kernel and in the saved
    notebook.

    Parameters
    ----------
    widget
        The root.

    Returns
    -------
    int
        How many widgets were closed.
    """
    tree: dict[int, Any] = {}
    waiting = [widget]
    while waiting:
        item = waiting.pop()
        if id(item) not in tree:
            tree[id(item)] = item
            waiting += _held(item)
    for item in tree.values():
        item.close()
    return len(tree)


def _held(widget: Any) -> list[Any]:
    """Return the widgets in a widget's own traits, alone or in a list."""
    found = []
    for name in widget.keys:
        value = getattr(widget, name)
        items = value if isinstance(value, list | tuple) else [value]
        found += [item for item in items if isinstance(item, Widget)]
    return found
