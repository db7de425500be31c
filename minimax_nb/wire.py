"""One HTTP request and one reply as plain data: what providers build and read, and the HTTP layer carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Json = dict[str, Any]

#: Status of a reply that is a WebSocket's conversation: all frames received, a line each.
SWITCHED = 101


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a WebSocket: a frame to send, and the frame that ends the wait after it.

    Parameters
    ----------
    send
        The frame; ``None`` where the other side speaks first.
    until
        Fields of the frame that ends the turn; ``None`` where none is waited for.
    fails
        Fields of the frame that ends the whole conversation.
    dictated
        Set where ``send`` is sent again and again, under this name each part of a text that is still being
        written; the turn ends with the text. Left out where there is no such text.
    """

    send: Json | None
    until: Json | None
    fails: Json
    dictated: str | None = None


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One HTTP request, without host and without credentials.

    Parameters
    ----------
    method
        ``GET``, ``POST`` or ``DELETE``.
    path
        Path on the provider's host, beginning with ``/``. An absolute URL is allowed only for
        addresses the provider itself returned; the HTTP layer refuses any other host.
    query, headers
        Added as given. Credentials are added by the HTTP layer.
    body
        JSON body, or ``None``.
    form, files
        Multipart fields and files (``name → (filename, bytes, mime)``); exclusive with ``body``.
    timeout
        Seconds without a byte before the read is given up; a synchronous song may take 200 s.
    turns
        Set for a WebSocket: what is said and waited for, in order. The reply is then all frames
        received, a line each, with status 101; another status is the refusal of the handshake, before
        which nothing is sent that could be paid.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes, str]] = field(default_factory=dict)
    timeout: float = 60.0
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Reply:
    """One HTTP reply as received. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or ``None`` when it is not JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    @property
    def data(self) -> Json:
        """The body as a JSON object; empty when it is anything else."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def is_html(self) -> bool:
        """True for a challenge or error page in place of an API reply."""
        start = self.content[:200].lstrip()[:9].lower()
        return "html" in self.headers.get("content-type", "").lower() or start.startswith(
            (b"<!doctype", b"<html")
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a streamed result, as it came: ``text`` and ``thinking`` in ``text``, ``audio`` in ``data``."""

    kind: Literal["text", "thinking", "audio"]
    text: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Head:
    """What a server says of a file before its bytes come.

    Parameters
    ----------
    total
        Length in bytes, when it is told.
    validator
        The version of the file: a strong ETag, else a Last-Modified date. ``None`` when the server
        names none; then a broken download begins again from nothing.
    mime
        The declared media type.
    digest
        Checksum of the whole file, as (``sha256`` or ``md5``, hex digits).
    """

    total: int | None = None
    validator: str | None = None
    mime: str | None = None
    digest: tuple[str, str] | None = None
