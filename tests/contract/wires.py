"""What the contract tests of the providers share: the vectors, replies in short form, and arbitrary bodies."""

from __future__ import annotations

import base64
import json
import wave
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from minimax_nb.errors import ErrorInfo
from minimax_nb.providers.base import Outcome
from minimax_nb.wire import Reply

#: Sample values of the vectors' placeholders.
HOST = "https://gateway.pixazo.ai"
RID = "minimax-music-generation-2-6_019dxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

#: One pixel, and the shortest content that is recognised as PNG.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PNG64 = "iVBORw0KGgo="


def unfold(value: Any) -> Any:
    """Put values in place of the vectors' placeholders."""
    if isinstance(value, dict):
        return {key: unfold(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unfold(item) for item in value]
    if isinstance(value, str) and value.startswith("rep:"):
        _, count, text = value.split(":")
        return text * int(count)
    return value.replace("{HOST}", HOST).replace("{RID}", RID) if isinstance(value, str) else value


_FILE = Path(__file__).resolve().parents[1] / "data" / "vectors.jsonl"
VECTORS: dict[str, Any] = {
    row["id"]: unfold(row) for row in map(json.loads, _FILE.read_text("utf-8").splitlines())
}


def reply(body: Any, status: int = 200, /, **headers: str) -> Reply:
    """Return a reply with a JSON body, or with bytes as they are."""
    return Reply(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def vector_reply(key: str) -> Reply:
    """Return the reply of a vector."""
    answer = VECTORS[key]["res"]
    body = answer["body"].encode() if isinstance(answer["body"], str) else answer["body"]
    return reply(body, answer["status"], **{"content-type": answer.get("content_type", "application/json")})


def payload(key: str) -> Any:
    """Return what the client reads of a vector: the body of a reply, or of a callback."""
    return VECTORS[key]["req" if key.startswith(("P8", "A4")) else "res"]["body"]


def error(outcome: Outcome) -> ErrorInfo:
    """Return the error that an outcome must have."""
    assert outcome.error is not None
    return outcome.error


def wav(seconds: int) -> bytes:
    """Return silence that a decoder accepts."""
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000 * seconds)
    return buffer.getvalue()


def bodies(fields: Sequence[str], inner: Sequence[str], words: Sequence[Any]) -> st.SearchStrategy[bytes]:
    """Return arbitrary reply bodies, many of them near to real ones.

    Parameters
    ----------
    fields, inner
        Names that occur in real replies, at the root and one level down.
    words
        Values that occur in real replies.
    """
    values = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=8)
        | st.sampled_from(words),
        lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=6), part, max_size=3),
        max_leaves=6,
    )
    near = st.dictionaries(
        st.sampled_from(fields),
        values | st.dictionaries(st.sampled_from(inner), values, max_size=6),
        max_size=8,
    )
    return st.one_of(near.map(_bytes), values.map(_bytes), st.binary(max_size=40))


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


STATUSES = st.sampled_from([200, 200, 200, 202, 204, 301, 400, 401, 403, 429, 500, 503, 504]) | st.integers(
    0, 999
)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "trace-id", "location", "date"]), st.text(max_size=12)
)
