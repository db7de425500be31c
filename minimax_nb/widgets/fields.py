"""The controls of a form: one widget a field, made from its row of the option table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ipywidgets import (
    HTML,
    BoundedFloatText,
    BoundedIntText,
    Checkbox,
    Dropdown,
    FloatSlider,
    HBox,
    IntSlider,
    Layout,
    Text,
    Textarea,
    VBox,
    Widget,
)

from minimax_nb.render import controls
from minimax_nb.widgets.form import Control, Field, Offer, range_words

Changed = Callable[[str, Any], None]
LABEL = "132px"  #: width of the labels, so that the controls stand in line
INDENT = "142px"  #: where the controls begin: behind the label, its margin and their own
#: The whole row of a grid. Not ``grid_column``: a front end that also sets the empty ``grid_area`` undoes that.
WIDE = "auto / 1 / auto / -1"
NUMBER = "216px"  #: width of a label with the box for a number
_ROOM = "auto"
_SHORT = 48  #: characters of a placeholder that are not cut off


class Entry:
    """A field's widget: shows what the model takes, and says what is wrong beside it.

    Parameters
    ----------
    field
        The field.
    changed
        Called with the field's name and its new value, in whatever thread the handler runs.

    Attributes
    ----------
    box
        The widget that a panel places.
    """

    wide = False  #: True where it takes the whole row

    def __init__(self, field: Field, changed: Changed) -> None:
        self.field = field
        self._changed = changed
        self._offered: Offer | None = None
        self._note: HTML | None = None
        self._quiet = False
        self.box = VBox(
            self.widgets(), layout=Layout(overflow="visible", grid_area=WIDE if self.wide else None)
        )

    def widgets(self) -> Sequence[Widget]:
        """Make the widgets; called once."""
        raise NotImplementedError

    def fit(self, offer: Offer) -> None:
        """Take over what the model allows."""

    def offer(self, offer: Offer) -> None:
        """Show what the model takes; hide the field when the model does not know it."""
        if offer == self._offered:
            return
        self._offered = offer
        display = None if offer.usable else "none"
        if self.box.layout.display != display:
            self.box.layout.display = display
        if offer.usable:
            self._quiet = True
            try:
                self.fit(offer)
            finally:
                self._quiet = False

    def say(self, lines: Sequence[str], *, wrong: bool) -> None:
        """Say something under the control; nothing takes it away."""
        if self._note is None and not lines:
            return
        if self._note is None:
            self._note = HTML(layout=Layout(margin=f"0 0 0 {INDENT}"))
        text = controls.remarks(lines, wrong=wrong) if lines else ""
        if self._note.value != text:
            self._note.value = text
        shown = self._note in self.box.children
        if bool(lines) != shown:
            rest = tuple(child for child in self.box.children if child is not self._note)
            self.box.children = (*rest, self._note) if lines else rest

    def loose(self) -> tuple[Widget, ...]:
        """Return the widgets that are not in :attr:`box` at the moment; they must be closed too."""
        return () if self._note is None or self._note in self.box.children else (self._note,)

    def tell(self, value: Any) -> None:
        """Hand a new value on, unless it is this class that sets it."""
        if not self._quiet:
            self._changed(self.field.name, value)

    def _named(self, **more: Any) -> dict[str, Any]:
        """Return what every control has: its label, its help, and room."""
        if "layout" not in more:
            more["layout"] = Layout(width=_ROOM)
        own = {"description": self.field.label, "tooltip": self.field.help}
        return own | {"style": {"description_width": LABEL}} | more


class _Words(Entry):
    """One or several lines of text; numbers without a range too."""

    def __init__(self, field: Field, changed: Changed) -> None:
        self.wide = field.control is Control.TEXT
        super().__init__(field, changed)

    def widgets(self) -> Sequence[Widget]:
        if self.wide:
            self._main = Textarea(**self._named(rows=3, placeholder=self.field.option.help))
        else:
            self._main = Text(**self._named(placeholder=clause(self.field.option.help)))
        self._main.observe(self._typed, names="value")
        return (self._main,)

    def _typed(self, change: Any) -> None:
        value = change["new"]
        self._count(value)
        self.tell(value if value.strip() else None)

    def fit(self, offer: Offer) -> None:
        self._most = offer.max_length
        self._count(self._main.value)

    def _count(self, value: str) -> None:
        """Warn when the end is near; the count itself is noise before."""
        most = getattr(self, "_most", None)
        if most and len(value) > 0.9 * most:
            self._main.tooltip = f"{len(value):,} of {most:,} characters"


class _Slide(Entry):
    """A slider with a box for its number, which is what a screen reader reads; one that may be off has a check box."""

    def widgets(self) -> Sequence[Widget]:
        row, label = self.field.option, self.field.label
        whole = row.type is int
        self._maybe = self.field.control is Control.MAYBE
        self._main = (BoundedIntText if whole else BoundedFloatText)(
            **self._named(layout=Layout(width=NUMBER, flex="0 0 auto"))
        )
        self._slider = (IntSlider if whole else FloatSlider)(
            readout=False, tooltip=self.field.help, layout=Layout(width="auto", flex="1 1 0", min_width="0")
        )
        self._main.observe(self._moved, names="value")
        self._slider.observe(self._slid, names="value")
        parts = [self._main, self._slider]
        if self._maybe:
            self._enable(on=False)
            self._on = Checkbox(
                value=False, description=f"Set {label}", indent=False, tooltip=f"Set {label}",
                layout=Layout(width="22px", min_width="22px", overflow="hidden"),
            )  # fmt: skip
            self._on.observe(self._switched, names="value")
            parts.append(self._on)
        return (HBox(parts, layout=Layout(align_items="center", width="auto")),)

    def fit(self, offer: Offer) -> None:
        row = self.field.option
        cast = int if row.type is int else float
        low, high = cast(offer.minimum), cast(offer.maximum)
        value = self._main.value if self._fitted else row.default
        if value is None:
            value = round(round((low + high) / 2 / offer.step) * offer.step, 6)
        value = min(max(cast(value), low), high)
        for widget in (self._main, self._slider):
            if low > widget.max:  # the order matters: a minimum above the maximum is refused
                widget.max, widget.min = high, low
            else:
                widget.min, widget.max = low, high
            widget.step, widget.value = cast(offer.step), value
        self._main.tooltip = f"{row.help} {range_words(offer, row.unit)}."
        self._fitted = True

    _fitted = False

    def _slid(self, change: Any) -> None:
        value = change["new"]
        self._main.value = round(value, 6) if isinstance(value, float) else value

    def _moved(self, change: Any) -> None:
        if self._slider.value != change["new"]:
            self._slider.value = change["new"]
        if not self._maybe or self._on.value:
            self.tell(change["new"])

    def _switched(self, change: Any) -> None:
        self._enable(on=change["new"])
        self.tell(self._main.value if change["new"] else None)

    def _enable(self, *, on: bool) -> None:
        self._main.disabled = self._slider.disabled = not on


class _Choose(Entry):
    """A list to choose one of."""

    def widgets(self) -> Sequence[Widget]:
        self._main = Dropdown(**self._named())
        self._main.observe(lambda change: self.tell(_given(change["new"])), names="value")
        return (self._main,)

    def fit(self, offer: Offer) -> None:
        kept = _given(self._main.value) if self._main.options else self.field.option.default
        values = [value for _, value in offer.choices]
        if not values:
            return
        self._main.options = choosable(offer.choices)
        now = kept if kept in values else values[0]
        self._main.value = NOTHING if now is None else now
        if kept != now:
            self._changed(self.field.name, now)


#: A drop-down list shows an empty line for ``None``, whatever words it has.
NOTHING = ""


def choosable(choices: Sequence[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """Return choices as a drop-down list takes them."""
    return tuple((words, NOTHING if value is None else value) for words, value in choices)


def _given(value: Any) -> Any:
    return None if value is None or (isinstance(value, str) and value == NOTHING) else value


class _Check(Entry):
    """On or off."""

    def widgets(self) -> Sequence[Widget]:
        self._main = Checkbox(
            value=bool(self.field.option.default), description=self.field.label, tooltip=self.field.help,
            indent=True, style={"description_width": LABEL}, layout=Layout(width=_ROOM),
        )  # fmt: skip
        self._main.observe(lambda change: self.tell(change["new"]), names="value")
        return (self._main,)


class _List(Entry):
    """Several short texts."""

    def widgets(self) -> Sequence[Widget]:
        choices = [str(choice) for choice in self.field.option.choices]
        some = f": {', '.join(choices)}" if 0 < len(choices) < 6 else ""
        self._main = Textarea(**self._named(rows=2, placeholder=f"One a line{some}"))
        self._main.observe(lambda change: self.tell(lines_of(change["new"])), names="value")
        return (self._main,)


def clause(text: str) -> str:
    """Return the first words of a help line that fit into an empty field; nothing when they do not."""
    first = re.split(r"[;:.,] |\.$", text, maxsplit=1)[0]
    return first if len(first) <= _SHORT else ""


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text that hold something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


_CONTROLS: dict[Control, type[Entry]] = {
    Control.TEXT: _Words,
    Control.LINE: _Words,
    Control.SLIDER: _Slide,
    Control.MAYBE: _Slide,
    Control.CHOICE: _Choose,
    Control.CHECK: _Check,
    Control.LIST: _List,
}


def control(field: Field, changed: Changed) -> Entry:
    """Return the widget of a field that needs nothing but its row."""
    return _CONTROLS[field.control](field, changed)
