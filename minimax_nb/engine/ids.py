"""Job ids: ULIDs, made before anything is sent, sorting by time."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(now_us: int | None = None) -> str:
    """Return a 26-character ULID: 48 bits of milliseconds, 80 random bits, Crockford base 32."""
    milliseconds = (now_us // 1000) if now_us is not None else time.time_ns() // 1_000_000
    number = (milliseconds << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def now_us() -> int:
    """Return microseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1000
