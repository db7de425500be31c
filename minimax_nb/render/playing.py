"""A streamed recording in the cell while it comes: one player that is left alone until it has played.

A display that is painted again loses its player, so the board stands still while somebody listens. Where
no browser comes for the sound (a kernel on another machine, a test), the board goes on as without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from minimax_nb.render.view import JobView

COME = 1.0  #: seconds that a browser has to ask for the sound
_SLICE = 0.1


class Sound(Protocol):
    """The sound of a running job."""

    def address(self) -> str | None:
        """Return where it plays."""

    def left(self) -> float | None:
        """Return the seconds until it has played; ``None`` while nobody listens."""


class Playing:
    """What one surface plays: at most one sound, once.

    Parameters
    ----------
    clock
        Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sound: Sound | None = None
        self._since = 0.0

    @property
    def holds(self) -> bool:
        """True while the display must not be painted: somebody listens, or may come."""
        if self._sound is None:
            return False
        return self._sound.left() is not None or self._clock() - self._since < COME

    def begin(self, views: Sequence[JobView]) -> Sequence[JobView]:
        """Return the views as they are to be painted: with a player, the first time that there is a sound."""
        if len(views) != 1 or self._sound is not None:
            return views
        (view,) = views
        address = view.sound.address() if view.sound is not None else None
        if address is None:
            return views
        self._sound, self._since = view.sound, self._clock()
        # The stage would stand still beside the player, which counts the seconds itself.
        return [replace(view, listen=address, stage=view.stage.partition(",")[0], eta_s=None, progress=None)]

    def wait(self) -> None:
        """Wait until it has played; an interrupt ends the listening, and nothing else."""
        try:
            while self.holds and (self._sound is None or self._sound.left() != 0.0):
                time.sleep(_SLICE)
        except KeyboardInterrupt:
            return
