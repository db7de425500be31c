"""Contact sheets: the pictures of many results on one, each with what it differs in."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.errors import MediaError, RequestInvalidError
from minimax_nb.lab.subjects import axes_of, records_of
from minimax_nb.ledger.record import JobRecord
from minimax_nb.render.format import shorten

if TYPE_CHECKING:
    from PIL.Image import Image

    from minimax_nb.lab.lab import Lab
    from minimax_nb.media import Media

MOST = 240  #: pictures on a sheet
_WIDTHS = (200, 6000)


class Sheet:
    """A contact sheet, as a JPEG that shows itself in any notebook.

    Parameters
    ----------
    data
        The JPEG.
    count
        How many pictures are on it.
    """

    def __init__(self, data: bytes, count: int) -> None:
        self.data = data
        self.count = count

    def save(self, to: str | Path) -> Path:
        """Write it; returns where it went. A name without an extension gets ``.jpg``."""
        target = Path(to).expanduser()
        target = target if target.suffix else target.with_suffix(".jpg")
        if target.suffix.lower() not in (".jpg", ".jpeg"):
            raise MediaError(
                f"a contact sheet is a JPEG; {target.name} is not called so", hint="End it in .jpg"
            )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.data)
        except OSError as error:
            raise MediaError(f"cannot save to {target}: {error.strerror}") from error
        return target

    def pil(self) -> Image:
        """Return it as a PIL image."""
        from PIL import Image

        return Image.open(io.BytesIO(self.data))

    def __repr__(self) -> str:
        return f"contact sheet: {count(self.count, 'picture')}, {len(self.data) / 1e3:.0f} kB"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "image/jpeg": base64.b64encode(self.data).decode()}


def sheet_of(lab: Lab, what: Any, columns: int | None, width: int) -> Sheet:
    """Return the contact sheet of results; see :meth:`minimax_nb.Lab.contact_sheet`."""
    from minimax_nb.media.sheet import contact_sheet

    if not _WIDTHS[0] <= width <= _WIDTHS[1]:
        raise RequestInvalidError(f"width {width}: {_WIDTHS[0]} to {_WIDTHS[1]} px")
    if columns is not None and not 1 <= columns <= 24:
        raise RequestInvalidError(f"columns {columns}: 1 to 24")
    records = records_of(lab, what)
    cells = []
    for record in records:
        outputs = [item for item in lab.media_of(record) if item.role == "output"]
        for number, item in enumerate(outputs):
            if (picture := _picture(item, width)) is not None:
                cells.append((picture, _label(record, records, number if len(outputs) > 1 else None)))
    if not cells:
        raise RequestInvalidError("there is no picture, video or sound among these results")
    if len(cells) > MOST:
        raise RequestInvalidError(f"{len(cells)} pictures are too many for a sheet; at most {MOST}")
    prompts = {record.prompt for record in records}
    heading = shorten(next(iter(prompts)) or "", 200) if len(prompts) == 1 else ""
    return Sheet(contact_sheet(cells, columns=columns, width=width, heading=heading), len(cells))


def _picture(item: Media, width: int) -> Image | None:
    """Return an image, a frame of a video or the waveform of a sound; ``None`` for what cannot be read."""
    from PIL import Image

    from minimax_nb.media.preview import waveform

    try:
        if item.kind in ("image", "video"):
            picture = item.pil()
            picture.thumbnail((width, width))
            return picture
        if item.kind == "audio" and (found := waveform(Path(item), 480, 96, mime=item.mime)) is not None:
            return Image.open(io.BytesIO(found))
    except MediaError:  # a frame that cannot be read; the other pictures are still worth having
        return None
    return None


def _label(record: JobRecord, records: Sequence[JobRecord], number: int | None) -> str:
    """Return in what a result differs from the others: its place in a sweep, else voice, model, seed or prompt."""
    parts = [f"{name} {value}" for name, value in axes_of(record).items()]
    if not parts:
        if len({one.model for one in records}) > 1 or len(records) == 1:
            parts.append(record.model)
        for name in ("voice", "seed"):
            value = record.request.get(name)
            if value is not None and (
                len(records) == 1 or len({one.request.get(name) for one in records}) > 1
            ):
                parts.append(f"{name} {value}")
    if len({one.prompt for one in records}) > 1 and not axes_of(record):
        parts.append(shorten(record.prompt or "", 70))
    if number is not None:
        parts.insert(0, f"[{number}]")
    return " · ".join(parts) or record.id[-6:]
