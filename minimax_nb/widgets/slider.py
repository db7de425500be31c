"""Before and after: two pictures on top of each other, with a slider; by itself it is HTML that is saved."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, GridBox, Image, IntSlider, Layout, VBox

from minimax_nb.errors import MediaError
from minimax_nb.render.before_after import Pair, html_of, pair_of, text_of
from minimax_nb.widgets.board import close_tree

if TYPE_CHECKING:
    from minimax_nb.lab.result import Result
    from minimax_nb.media import Media

_STEPS = 100


class BeforeAfter:
    """Two pictures and a slider, moved with the mouse or the arrow keys.

    Shows itself as HTML that needs no kernel, survives saving and is pulled open at the white line;
    :attr:`box` is the widget, for a page that is live.

    Parameters
    ----------
    pair
        The pictures.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self._box: VBox | None = None

    @property
    def box(self) -> VBox:
        """The widget, made when first asked for; only a size goes over the wire when it is moved."""
        if self._box is None:
            self._box = self._made()
        return self._box

    def close(self) -> None:
        """Take the widget away."""
        if self._box is not None:
            close_tree(self._box)
            self._box = None

    def _made(self) -> VBox:
        pair = self.pair
        size = {"width": f"{pair.width}px", "height": f"{pair.height}px"}
        whole = {"min_width": f"{pair.width}px", "max_width": f"{pair.width}px", "margin": "0", **size}
        under = Image(value=pair.after, format="jpeg", layout=Layout(grid_area="1 / 1 / 2 / 2", **whole))
        over = Image(value=pair.before, format="jpeg", layout=Layout(flex="0 0 auto", **whole))
        window = Box(
            (over,),
            layout=Layout(
                grid_area="1 / 1 / 2 / 2",
                overflow="hidden",
                height=size["height"],
                border_right="3px solid white",
            ),
        )
        slider = IntSlider(
            _STEPS // 2, 0, _STEPS, readout=False, layout=Layout(width=size["width"], margin="4px 0 0")
        )
        slider.tooltip = f"How much of {pair.labels[0]} is seen"

        def move(_: Any = None) -> None:
            window.layout.width = f"{round(pair.width * slider.value / _STEPS)}px"

        slider.observe(move, names="value")
        move()
        names = HTML(
            '<div style="display:flex;justify-content:space-between;font-size:12px;opacity:0.66">'
            f"<span>{escape(pair.labels[0])}</span><span>{escape(pair.labels[1])}</span></div>",
            layout=Layout(width=size["width"]),
        )
        grid = GridBox(
            (under, window),
            layout=Layout(
                grid_template_columns=size["width"], grid_template_rows=size["height"], overflow="hidden"
            ),
        )
        return VBox((grid, slider, names), layout=Layout(overflow="visible"))

    def __repr__(self) -> str:
        return text_of(self.pair)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": html_of(self.pair)}


def before_after(
    a: Result | Media, b: Result | Media, labels: tuple[str, str] = ("before", "after")
) -> BeforeAfter:
    """Return two pictures on top of each other.

    Parameters
    ----------
    a, b
        Results with one picture, images, or videos (their first telling frame).
    labels
        What they are called.

    Returns
    -------
    BeforeAfter
        Shows itself in any notebook, saved and untrusted ones too; ``.box`` is a widget with a slider.

    Raises
    ------
    MediaError
        One of them is no picture, or a result of several.
    """
    return BeforeAfter(pair_of(_media(a), _media(b), labels))


def _media(item: Result | Media) -> Media:
    if hasattr(item, "only"):
        only: Media = item.only()
        return only
    if not hasattr(item, "pil"):
        raise MediaError(f"{type(item).__name__} is no picture; give a result or one of its files")
    return item
