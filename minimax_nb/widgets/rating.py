"""Blind rating with buttons and keys: two results without names, one answer, the next two.

The page gets the media as bytes over the kernel's channel and makes addresses of its own for them, so
that no file name, no link and no caption tells what made which side.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display

from minimax_nb.errors import MiniMaxError
from minimax_nb.measures.sound import volumes
from minimax_nb.media import Media
from minimax_nb.widgets.worker import Worker

if TYPE_CHECKING:
    from minimax_nb.lab.rating import Rating

_HERE = Path(__file__).parent


class RatingPanel(anywidget.AnyWidget):
    """The buttons of a rating; every answer is on disk before the next pair comes.

    Handlers only hand over to a thread of the panel's own, so that they work wherever a front end runs
    them, also beside a busy cell.

    Parameters
    ----------
    rating
        Whose pairs are shown.

    Attributes
    ----------
    rating
        The same, or as another rater answers it, once a name is typed in.
    page
        What the page draws: the pair's number, the question, kinds and volumes; nothing that tells.
    """

    _esm = _HERE / "rating.js"
    page = traitlets.Dict().tag(sync=True)

    def __init__(self, rating: Rating) -> None:
        super().__init__()
        self.rating = rating
        self._handle: Any = None
        self._worker = Worker("minimax-rating", lambda: False, 1.0, self._failed)
        self.on_msg(self._heard)
        self._turn()

    def show(self) -> None:
        """Display it; after the last answer the same place shows the leaderboard, as HTML that stays."""
        data, metadata = self._repr_mimebundle_() or ({}, {})
        bundle = {**data, **self._fallback()}
        self._handle = display(bundle, metadata=metadata, raw=True, display_id=True)

    def _fallback(self) -> dict[str, str]:
        from minimax_nb.render.html import remark

        text = f"{self.rating!r}. Run the cell again to go on."
        return {"text/plain": text, "text/html": remark(text)}

    # --- what the page says ---

    def _heard(self, _: Any, content: Any, buffers: Any) -> None:
        said = dict(content) if isinstance(content, dict) else {}
        self._worker.do(lambda: self._answer(said))

    def _answer(self, said: dict[str, Any]) -> None:
        if "get" in said:
            self._give(said.get("number"))
        elif "rater" in said:
            self.rating = self.rating.of(str(said["rater"]))
            self._turn()
        elif "undo" in said:
            self.rating.undo()
            self._turn()
        elif "vote" in said and said.get("number") == self.page.get(
            "number"
        ):  # a second click is no second vote
            given = [star if isinstance(star, int) else None for star in said.get("stars") or (None, None)]
            self.rating.vote(str(said["vote"]), stars=(given[0], given[1]))
            self._turn()

    def _give(self, number: Any) -> None:
        shown = self.rating.shown
        if shown is None or shown.number != number:
            return
        for side, item in (("a", shown.a), ("b", shown.b)):
            self.send({"side": side, "number": number, "mime": item.mime}, buffers=[item.bytes()])

    # --- what is shown ---

    def _turn(self) -> None:
        shown = self.rating.shown
        if shown is None:
            self._end()
            return
        answered, total = self.rating.progress
        loud = _volumes(shown.a, shown.b)
        self.page = {
            "number": shown.number,
            "answered": answered,
            "total": total,
            "prompt": shown.prompt,
            "name": self.rating.name,
            "rater": self.rating.rater,
            "notes": list(self.rating.notes),
            "a": {"kind": shown.a.kind, "volume": loud[0]},
            "b": {"kind": shown.b.kind, "volume": loud[1]},
            "problem": "",
        }

    def _end(self) -> None:
        from minimax_nb.render.html import remark

        board = self.rating.leaderboard()
        note = remark(f"The last answer can be taken back: lab.rate({self.rating.name!r}).undo()")
        self.page = {"number": 0, "html": board.html() + note}
        if self._handle is not None:
            self._handle.update({"text/plain": repr(board), "text/html": board.html() + note}, raw=True)
            self._worker.close()
            self.close()

    def _failed(self, error: Exception) -> None:
        words = error.message if isinstance(error, MiniMaxError) else f"{type(error).__name__}: {error}"
        # Counted, so that the same problem is a change too, and the buttons work again.
        self.page = {**self.page, "problem": words, "problems": self.page.get("problems", 0) + 1}


def open_rating_panel(rating: Rating) -> RatingPanel:
    """Show the buttons of a rating."""
    panel = RatingPanel(rating)
    panel.show()
    return panel


def _volumes(a: Media, b: Media) -> tuple[float, float]:
    if a.kind == b.kind == "audio" and (found := volumes([a, b])) is not None:
        return found[0][0], found[1][0]
    return 1.0, 1.0
