"""The job board as a widget: HTML rows with Cancel and Detach, swapped for static HTML at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from IPython.display import display
from ipywidgets import HTML, Button, HBox, VBox, Widget

from minimax_nb.render.bundle import board_bundle, card_bundle
from minimax_nb.render.surface import Clock, Throttle
from minimax_nb.render.view import JobView


class WidgetSurface:
    """A live board with buttons, under one display handle.

    While jobs run the display holds the widget, with HTML for front ends that show none. At the end the
    same display becomes the static card and every widget is closed: a saved notebook keeps no widget.

    The buttons only set flags, because a handler may run in another thread than the cell; whoever waits
    for the jobs looks at them. A kernel that is busy in a cell may see a click only afterwards, so an
    interrupt must do the same.

    Parameters
    ----------
    clock
        Seconds, monotonic; for tests.

    Attributes
    ----------
    cancel_requested
        Set by *Cancel*: cancel what can still be cancelled.
    detach_requested
        Set by *Detach*: stop watching; the jobs go on.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.cancel_requested = threading.Event()
        self.detach_requested = threading.Event()
        self._throttle = Throttle(clock)
        self._owner = threading.get_ident()
        self._lock = threading.Lock()
        self._handle: Any = None
        self._over = False
        self._rows: Any = None
        self._buttons: tuple[Any, ...] = ()
        self._box: Any = None

    def show(self, views: Sequence[JobView]) -> None:
        """Paint the board, when it is time and something changed."""
        with self._lock:
            if self._over or not self._throttle.ready():
                return
            bundle = board_bundle(views)
            if self._box is None:
                self._open(bundle)
                return
            html = bundle.get("text/html", "")
            if self._rows.value != html:
                self._rows.value = html
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
                close_tree(self._box)
                self._box = self._rows = None
                self._buttons = ()

    def _open(self, bundle: dict[str, str]) -> None:
        if threading.get_ident() != self._owner:  # a display of another thread lands in the wrong cell
            return
        self._rows = HTML(bundle.get("text/html", ""))
        cancel = Button(description="Cancel", tooltip="Cancel what was not sent yet")
        detach = Button(description="Detach", tooltip="Stop watching; the jobs go on")
        cancel.on_click(lambda _: self.cancel_requested.set())
        detach.on_click(lambda _: self.detach_requested.set())
        self._buttons = (cancel, detach)
        self._box = VBox([self._rows, HBox(self._buttons)])
        self._handle = display({**self._box._repr_mimebundle_(), **bundle}, raw=True, display_id=True)


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
