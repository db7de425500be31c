"""Files for a request: chosen from the computer, or named by a path, a URL or a variable; with a preview."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ipywidgets import HTML, Button, FileUpload, HBox, Layout, Text, Textarea, Widget

from minimax_nb.errors import GrammarError
from minimax_nb.interpolate import is_field, whole_object
from minimax_nb.kinds.checks import audio_seconds
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.render import controls
from minimax_nb.render.format import seconds, size
from minimax_nb.widgets.fields import INDENT, Changed, Entry, lines_of
from minimax_nb.widgets.form import Field, Offer

Names = Callable[[], Mapping[str, Any]]
MOST_SOUND = 300_000  #: bytes of a recording that is played in its preview
_THUMB = 160  #: pixels, the longest side


class MediaEntry(Entry):
    """A file picker.

    Parameters
    ----------
    field, changed
        As for every entry.
    names
        The notebook's variables.
    """

    wide = True

    def __init__(self, field: Field, changed: Changed, names: Names) -> None:
        self._names = names
        self._uploaded: tuple[MediaInput, ...] = ()
        super().__init__(field, changed)

    def widgets(self) -> Sequence[Widget]:
        """Make the line, the button that opens the file dialog, and the room for the preview."""
        many = self.field.option.repeated
        what = f"Path, URL or variable{', one a line' if many else ''}"
        room = Layout(flex="1 1 0", min_width="0", width="auto")
        named = self._named(placeholder=what, layout=room, tooltip=f"{self.field.option.help} {what}.")
        self._line = Textarea(rows=2, **named) if many else Text(**named)
        self._pick = FileUpload(
            accept=self.field.accept, multiple=many, description="Choose file",
            tooltip=f"{self.field.label}: choose a file of up to about 10 MB; name a larger one by its path",
            layout=Layout(width="150px", flex="0 0 auto"),
        )  # fmt: skip
        self._clear = Button(
            description="Clear", tooltip=f"{self.field.label}: take the file out", layout=Layout(width="64px")
        )
        self._clear.layout.display = "none"
        self._preview = HTML(layout=Layout(margin=f"0 0 0 {INDENT}", display="none"))
        self._line.observe(self._read, names="value")
        self._pick.observe(self._picked, names="value")
        self._clear.on_click(self._cleared)
        row = HBox((self._line, self._pick, self._clear), layout=Layout(width="auto"))
        return (row, self._preview)

    def fit(self, offer: Offer) -> None:
        """Nothing here hangs on the model; its limits are checked with the request."""

    def _picked(self, change: Any) -> None:
        self._uploaded = tuple(_uploaded(item) for item in change["new"])
        if not self.field.option.repeated and self._uploaded:
            self._quiet = True
            self._line.value = ""
            self._quiet = False
        self._read(None)

    def _cleared(self, _: Any) -> None:
        self._uploaded = ()
        self._quiet = True
        self._pick.value = ()
        self._line.value = ""
        self._quiet = False
        self._read(None)

    def _read(self, _: Any) -> None:
        if self._quiet:
            return
        typed = lines_of(self._line.value)
        found: list[MediaInput] = []
        try:
            found = [find(word, self._names()) for word in typed]
        except ValueError as error:
            self.wrong = f"{self.field.option.flag} {typed[len(found)]}: {error}"
        else:
            self.wrong = ""
        if typed and not self.field.option.repeated:
            self._uploaded = ()
        found = [*self._uploaded, *found]
        self._show(found)
        value = tuple(found) if self.field.option.repeated else next(iter(found), None)
        self.tell(value)

    wrong = ""  #: what is wrong with what was typed: it never becomes part of a request

    def _show(self, found: Sequence[MediaInput]) -> None:
        self._preview.value = "".join(preview_of(item) for item in found)
        for widget, shown in ((self._preview, bool(found)), (self._clear, bool(found))):
            widget.layout.display = None if shown else "none"


def _uploaded(item: Mapping[str, Any]) -> MediaInput:
    made = MediaInput.of(bytes(item["content"]))
    return MediaInput(name=str(item["name"]), data=made.data, mime=made.mime or item.get("type") or None)


def find(word: str, names: Mapping[str, Any]) -> MediaInput:
    """Return the medium that a word names: a variable (``hero[0]``, ``{hero[0]}``), a URL, or a file.

    Raises
    ------
    ValueError
        In words: what it is not.
    """
    braced = word if word.startswith("{") else f"{{{word}}}"
    if is_field(braced):
        try:
            return MediaInput.of(whole_object(braced, names))
        except GrammarError:
            if braced == word:
                raise ValueError("no such variable in the notebook") from None
    return MediaInput.of(word)


def preview_of(item: MediaInput) -> str:
    """Return what is shown of a chosen file: a picture, a player, or only its name and facts."""
    if item.data is None:
        return controls.preview(item.name, "read by the provider")
    mime = item.mime or ""
    facts = [mime, size(len(item.data))]
    thumb = sound = None
    if mime.startswith("image/"):
        thumb, pixels = _thumb(item.data)
        facts.insert(0, pixels)
    elif mime.startswith("audio/"):
        facts.insert(0, seconds(audio_seconds(item)))
        if len(item.data) <= MOST_SOUND:
            sound = f"data:{mime};base64,{base64.b64encode(item.data).decode()}"
    return controls.preview(item.name, " · ".join(fact for fact in facts if fact), thumb=thumb, sound=sound)


def _thumb(data: bytes) -> tuple[str | None, str]:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            words = f"{image.width} × {image.height} px"
            image.draft("RGB", (_THUMB, _THUMB))
            image.thumbnail((_THUMB, _THUMB))
            out = io.BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=80)
    except Exception:  # the request's own check says what is wrong with it
        return None, ""
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}", words
