"""What the sandbox saw: every request, every charge, every webhook it sent."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

_KEPT = 20_000
_LONG = 200


@dataclass
class Entry:
    """One request as seen; the fields are those of ``GET /__sandbox__/journal``.

    ``key`` is the account's name, never the key. ``status`` is ``None`` when the connection was cut without
    a reply. ``charged_nano`` is what the request costs the account (held, then debited); it goes back to 0
    when the task fails without a charge. ``range`` is the first and last byte of a media request that was
    answered in part, ``sent_bytes`` how much of the reply's body was written. ``ignored`` are the body's keys
    that nothing reads, ``problem`` is a fault of the sandbox's own.
    """

    n: int
    time: str
    provider: str
    method: str
    path: str
    key: str | None = None
    status: int | None = None
    faults: list[str] = field(default_factory=list)
    body: Any = None
    body_bytes: int = 0
    body_sha256: str | None = None
    charged_nano: int = 0
    currency: str | None = None
    task_id: str | None = None
    leaked_key: bool = False
    range: list[int] | None = None
    sent_bytes: int = 0
    ignored: list[str] = field(default_factory=list)
    problem: str | None = None


class Journal:
    """The record that tests count billing by; bounded, newest last."""

    def __init__(self) -> None:
        self.requests: deque[Entry] = deque(maxlen=_KEPT)
        self.charges: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.webhooks: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._count = 0

    def open(self, time: str, provider: str, method: str, path: str, body: bytes) -> Entry:
        """Record a request as it comes in."""
        self._count += 1
        entry = Entry(self._count, time, provider, method, path, body_bytes=len(body))
        if body:
            entry.body_sha256 = hashlib.sha256(body).hexdigest()
            entry.body = summary(body)
        self.requests.append(entry)
        return entry

    def clear(self) -> None:
        """Forget everything seen so far."""
        self.requests.clear()
        self.charges.clear()
        self.webhooks.clear()

    def to_json(self) -> dict[str, Any]:
        """Return everything, as ``GET /__sandbox__/journal`` answers."""
        return {
            "requests": [vars(entry) for entry in self.requests],
            "charges": list(self.charges),
            "webhooks": list(self.webhooks),
        }


def summary(body: bytes) -> Any:
    """Return a JSON body with its long strings cut; for other bodies their size."""
    try:
        return _short(json.loads(body))
    except (ValueError, RecursionError):
        return f"<{len(body)} bytes>"


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:_LONG]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return value
