"""The size of an image, as MiniMax and Pixazo both take it."""

from __future__ import annotations

from typing import Any

from minimax_nb.catalog import Model
from minimax_nb.sandbox.checks import Fields


def size_of(fields: Fields, model: Model) -> tuple[int, int]:
    """Return the size in px that a request asks for; a ratio wins over width and height."""
    limits = model.limits
    sizes = limits["sizes"]
    ratio = fields.choice("aspect_ratio", tuple(sizes))
    bounds: dict[str, Any] = {"low": limits.get("size_min", 512), "high": limits.get("size_max", 2048)}
    step = limits.get("size_step", 8)
    width = fields.integer("width", **bounds, multiple=step)
    height = fields.integer("height", **bounds, multiple=step)
    if (width is None) != (height is None):
        given, other = ("width", "height") if height is None else ("height", "width")
        raise fields.fail(given, f"must be used with {other}")
    if width is not None and not limits.get("custom_size"):
        raise fields.fail("width", f"not supported by {model.name}")
    if ratio is None and width is not None and height is not None:
        return width, height
    size = sizes[ratio or "1:1"]
    return size[0], size[1]
