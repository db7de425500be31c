"""Numbers and texts in the short forms people read: sums, bytes, seconds, pixels, rates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import timedelta

from minimax_nb.amounts import UNPRICED, money

NOT_KNOWN = "not known"  #: an amount in a table

#: Control characters (all but tab and newline) and lone surrogates: no output channel carries them safely.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    r"""Return ``text`` with control characters and lone surrogates made harmless.

    A provider's words could otherwise move a terminal's cursor, and a lone surrogate cannot be sent to
    the front end at all. Line ends become ``\n``.
    """
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def shorten(text: str, limit: int) -> str:
    """Return ``text`` on one line, at most ``limit`` characters, with ``…`` where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def total(amounts: Iterable[tuple[int | None, str]]) -> str:
    """Return the sum of (nano, currency) pairs: one part a currency, unknown prices counted apart.

    Examples
    --------
    >>> total([(280_000_000, "USD"), (2_000_000_000, "CNY"), (None, "USD")])
    '$0.28 + ¥2.00 + 1 unpriced'
    """
    sums: dict[str, int] = {}
    unpriced = 0
    for nano, currency in amounts:
        if nano is None:
            unpriced += 1
        else:
            sums[currency] = sums.get(currency, 0) + nano
    parts = [money(nano, currency) for currency, nano in sums.items() if nano] or [
        money(0, currency) for currency in list(sums)[:1]
    ]
    if unpriced:
        parts.append(f"{unpriced} unpriced" if parts else UNPRICED)
    return " + ".join(parts)


def size(count: int | None) -> str:
    """Return a number of bytes in decimal units: ``812 B``, ``41 kB``, ``1.2 MB``; empty when not known."""
    if count is None or count < 0:
        return ""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            return f"{value:.1f} {unit}" if unit != "kB" and value < 9.95 else f"{value:.0f} {unit}"
    raise AssertionError("unreachable")


def seconds(value: float | None) -> str:
    """Return a duration: ``5.9 s``, ``6 s``, ``1 min 12 s``, ``2 h 5 min``; empty when not known."""
    if value is None or not math.isfinite(value) or value < 0:
        return ""
    if value < 9.95:
        return f"{value:.1f}".removesuffix(".0") + " s"
    return _minutes(round(value))


def elapsed(value: float | None) -> str:
    """Return a running time in whole seconds, rounded down so that it changes once a second."""
    if value is None or not math.isfinite(value) or value < 0:
        return ""
    return _minutes(int(value))


def left(value: float | None) -> str:
    """Return a rough remaining time: ``about 40 s left``; coarse, so that it does not flicker."""
    if value is None or not math.isfinite(value):
        return ""
    if value < 2:
        return "any moment"
    step = 1 if value < 10 else 5 if value < 60 else 10 if value < 600 else 60
    return f"about {_minutes(max(step, round(value / step) * step))} left"


def _minutes(whole: int) -> str:
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole // 60, 60)
    if hours >= 48:
        return f"{timedelta(hours=min(hours, 24 * 9999)).days} days"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def pixels(width: int | None, height: int | None) -> str:
    """Return ``1280 × 720 px``; empty when not known."""
    return f"{width} × {height} px" if width and height else ""


def hertz(rate: float | None) -> str:
    """Return a sample rate: ``32 kHz``, ``44.1 kHz``; empty when not known."""
    return f"{rate / 1000:g} kHz" if rate and math.isfinite(rate) and rate > 0 else ""


def bits(rate: float | None) -> str:
    """Return a bit rate: ``128 kbit/s``; empty when not known."""
    return f"{rate / 1000:.0f} kbit/s" if rate and math.isfinite(rate) and rate >= 500 else ""


def frames(rate: float | None) -> str:
    """Return a frame rate: ``24 fps``, ``29.97 fps``; empty when not known."""
    return f"{round(rate, 2):g} fps" if rate and math.isfinite(rate) and rate > 0 else ""
