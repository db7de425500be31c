"""Where jobs are shown, and how often: one display a cell, few updates, a static card at the end.

The engine's thread may call :meth:`Surface.show` and :meth:`Surface.finish` once the first display
stands: a surface then only updates its own handle. Nothing here prints beside it.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TextIO

from minimax_nb.render.bundle import Bundle, board_bundle, card_bundle
from minimax_nb.render.format import clean
from minimax_nb.render.playing import Playing
from minimax_nb.render.still import is_still
from minimax_nb.render.summary import summary
from minimax_nb.render.text import card_text, line_text
from minimax_nb.render.view import JobView

Clock = Callable[[], float]


class Surface(Protocol):
    """One place where jobs are shown while they run and when they are over."""

    def show(self, views: Sequence[JobView]) -> None:
        """Show how the jobs stand. Cheap to call often: it paints seldom, and only what changed."""

    def finish(self, views: Sequence[JobView]) -> None:
        """Show the end: always painted, and nothing after it."""


class Throttle:
    """Says when the next update may be painted: 4 a second, after a minute 1 a second.

    Parameters
    ----------
    clock
        Seconds, monotonic.
    """

    FAST = 0.25  #: seconds between updates
    SLOW = 1.0  #: seconds between updates of what has run for long
    SLOW_AFTER = 60.0  #: seconds

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._first: float | None = None
        self._last = 0.0

    @property
    def due(self) -> bool:
        """True when enough time has passed."""
        now = self._clock()
        if self._first is None:
            return True
        return now - self._last >= (self.SLOW if now - self._first >= self.SLOW_AFTER else self.FAST)

    def ready(self) -> bool:
        """Return :attr:`due`; when it is, the asking counts as a painting."""
        if not self.due:
            return False
        self._last = self._clock()
        if self._first is None:
            self._first = self._last
        return True


class HtmlSurface:
    """HTML and text under one display handle; survives saving, and needs no widgets.

    The first :meth:`show` or :meth:`finish` must come from the thread that runs the cell: it makes the
    display. Later calls may come from any thread, and only update it.

    Parameters
    ----------
    clock
        Seconds, monotonic; for tests.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._throttle = Throttle(clock)
        self._owner = threading.get_ident()
        self._lock = threading.Lock()
        self._handle: Any = None
        self._painted: Bundle | None = None
        self._over = False
        self._playing = Playing(clock)

    @property
    def due(self) -> bool:
        """True when the next :meth:`show` may paint; making views for another is wasted."""
        return self._throttle.due

    def show(self, views: Sequence[JobView]) -> None:
        """Paint the board, when it is time and something changed."""
        with self._lock:
            if self._over or self._playing.holds or not self._throttle.ready():
                return
            bundle = board_bundle(self._playing.begin(views))
            if bundle != self._painted:
                self._paint(bundle)

    def finish(self, views: Sequence[JobView]) -> None:
        """Paint the finished card in the board's place, once what is being listened to has played."""
        with self._lock:
            self._over = True
        if all(view.finished for view in views):
            self._playing.wait()
        with self._lock:
            self._paint(card_bundle(views))

    def _paint(self, bundle: Bundle) -> None:
        self._painted = bundle
        if self._handle is not None:
            self._handle.update(bundle, raw=True)
        elif threading.get_ident() == self._owner:  # a display of another thread lands in the wrong cell
            from IPython.display import DisplayHandle

            handle = DisplayHandle()
            try:
                handle.display(bundle, raw=True)
            finally:  # an interrupt just after it was sent must not lead to a second card
                self._handle = handle


class StaticSurface:
    """Nothing while jobs run, then exactly one display that is the same on every run.

    For notebooks that are compared with their saved outputs: nbval does not apply updates.
    """

    def __init__(self) -> None:
        self._shown = False

    def show(self, views: Sequence[JobView]) -> None:
        """Show nothing."""

    def finish(self, views: Sequence[JobView]) -> None:
        """Display the card, once."""
        if self._shown:
            return
        self._shown = True
        from IPython.display import display

        display(card_bundle(views, static=True), raw=True)


class TextSurface:
    r"""A terminal: one line that rewrites itself with ``\r``, then the card as text.

    Parameters
    ----------
    stream
        Where to write; standard output by default. Without a terminal no running line is written.
    static
        Write only the end, in the form that is the same on every run.
    clock
        Seconds, monotonic; for tests.
    """

    def __init__(
        self, stream: TextIO | None = None, *, static: bool = False, clock: Clock = time.monotonic
    ) -> None:
        self._stream = stream or sys.stdout
        self._static = static
        self._live = not static and self._stream.isatty()
        self._throttle = Throttle(clock)
        self._line = ""
        self._over = False

    def show(self, views: Sequence[JobView]) -> None:
        """Rewrite the line, when it is time and something changed."""
        if not self._live or self._over or not views or not self._throttle.ready():
            return
        text = clean(line_text(views[0]) if len(views) == 1 else summary(views))
        line = text[: shutil.get_terminal_size().columns - 1]
        if line != self._line:
            self._write("\r" + line.ljust(len(self._line)))
            self._line = line

    def finish(self, views: Sequence[JobView]) -> None:
        """Replace the line by the card."""
        self._over = True
        erase = "\r" + " " * len(self._line) + "\r" if self._line else ""
        self._line = ""
        self._write(f"{erase}{card_text(views, static=self._static)}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def choose(
    mode: str,
    shell: Any,
    *,
    widget: Callable[[], Surface] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Surface:
    """Return the surface for a front end.

    Parameters
    ----------
    mode
        ``auto``, ``html``, ``widget``, ``text`` or ``off`` (the setting ``live``).
    shell
        The running ``InteractiveShell``; ``None`` outside IPython.
    widget
        Makes the widget surface; without it ``widget`` is shown as HTML.
    environ
        Under pytest and nbval every mode is static; see :func:`~minimax_nb.render.still.is_still`.
    """
    static = is_still(mode, environ)
    if shell is None:
        return TextSurface(static=static)
    if static:
        return StaticSurface()
    if mode == "widget" and widget is not None:
        return widget()
    in_kernel = getattr(shell, "kernel", None) is not None
    if mode == "text" or (mode == "auto" and not in_kernel):
        return TextSurface()
    return HtmlSurface()
