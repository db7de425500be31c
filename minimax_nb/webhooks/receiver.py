"""What a webhook receiver answers, whatever transport it stands behind.

It answers at once and works nothing out: a delivery is kept in the ledger, and the engine of the kernel
that waits for it finds it there. Sources: product documents, Pixazo MiniMax page (2xx within a few
seconds) and APIXO MiniMax Voice; APIXO docs, api-reference/webhooks (HTTP 200, no other 2xx); MiniMax
docs, api-reference/video-generation (echo the challenge within 3 s).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minimax_nb.ledger import Ledger
from minimax_nb.webhooks.tokens import is_token, token_hash

#: Largest body taken, in bytes; a status with its URLs has a few thousand.
BODY_MAX = 64 * 1024
_CHALLENGE_MAX = 1024

#: Sent with every answer.
HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a JSON body."""

    status: int
    body: bytes = b"{}"


NOT_FOUND = Answer(404, b'{"error":"not found"}')
TOO_LARGE = Answer(413, b'{"error":"body too large"}')
NOT_JSON = Answer(415, b'{"error":"send application/json"}')
UNREADABLE = Answer(400, b'{"error":"the body is not a JSON object"}')
UNAVAILABLE = Answer(503, b'{"error":"try again later"}')
WRONG_METHOD = Answer(405, b'{"error":"POST only"}')
TOO_SLOW = Answer(408, b'{"error":"the body took too long"}')


class Receiver:
    """Keeps deliveries in a ledger.

    Parameters
    ----------
    ledger
        The ledger's file. It is opened at the first delivery, and not made: without it no token is known.
    secrets
        Keys, masked in everything that is written.
    """

    def __init__(self, ledger: Path, secrets: Iterable[str] = ()) -> None:
        self.path = ledger
        self._secrets = tuple(secrets)
        self._ledger: Ledger | None = None
        self._lock = threading.Lock()

    def receive(self, token: str, body: bytes, content_type: str | None = None) -> Answer:
        """Answer one POST. What was answered with 200 is on disk.

        Parameters
        ----------
        token
            The last part of the path.
        body
            As received.
        content_type
            The header, where there was one.
        """
        if not is_token(token):
            return NOT_FOUND
        try:
            ledger = self._open()
            if ledger is None or not ledger.knows_webhook(token_hash(token)):
                return NOT_FOUND
            read = _read(body, content_type)
            if isinstance(read, Answer):
                return read
            ledger.add_delivery(token_hash(token), read).result()
        except Exception:  # a full disk, a locked file, a bug of ours: the provider sends it again
            return UNAVAILABLE
        return Answer(200)

    def close(self) -> None:
        """Close the ledger, if it was opened."""
        with self._lock:
            ledger, self._ledger = self._ledger, None
        if ledger is not None:
            ledger.close()

    def _open(self) -> Ledger | None:
        with self._lock:
            if self._ledger is None and self.path.is_file():
                self._ledger = Ledger(self.path)
                self._ledger.guard(self._secrets)
            return self._ledger


def _read(body: bytes, content_type: str | None) -> dict[str, Any] | Answer:
    """Return the JSON object of a delivery, or the answer when there is none to keep."""
    if len(body) > BODY_MAX:
        return TOO_LARGE
    if content_type and "json" not in content_type.lower():
        return NOT_JSON
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return UNREADABLE
    if not isinstance(data, dict):
        return UNREADABLE
    challenge = data.get("challenge")
    if isinstance(challenge, str | int) and len(str(challenge)) <= _CHALLENGE_MAX:
        return Answer(200, json.dumps({"challenge": challenge}).encode())
    return data
