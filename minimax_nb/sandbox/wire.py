"""One request as the rooms see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from minimax_nb.sandbox.accounts import Account
from minimax_nb.sandbox.faults import Active
from minimax_nb.sandbox.journal import Entry
from minimax_nb.sandbox.state import World

Json = dict[str, Any]

#: The content that every provider of this sandbox refuses, and how.
REFUSED_INPUT = "forbidden-content"
REFUSED_OUTPUT = "forbidden-output"
REFUSED_PART = "forbidden-part"
FAILING = "failing-task"


@dataclass
class Call:
    """One request with its body read, its faults looked up, and its place in the journal.

    Parameters
    ----------
    world, request, body
        Where it came, what it says, and its raw body.
    entry
        The journal's row.
    faults
        What is to go wrong.
    account
        Set by the room once the key is known.
    """

    world: World
    request: Request
    body: bytes
    entry: Entry
    faults: Active
    _account: Account | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.request.method

    @property
    def path(self) -> str:
        """The decoded path."""
        return str(self.request.scope["path"])

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters."""
        return self.request.query_params

    @property
    def account(self) -> Account:
        """The account whose key was sent."""
        assert self._account is not None
        return self._account

    @account.setter
    def account(self, account: Account) -> None:
        self._account = account
        self.entry.key = account.name

    def bearer(self) -> str | None:
        """Return the key of an ``Authorization: Bearer`` header."""
        scheme, _, key = self.request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" and key.strip() else None

    def json_object(self) -> Json | None:
        """Return the body as a JSON object; ``None`` when it is anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


class Room(Protocol):
    """One port of the sandbox; ``name`` is what rules and the journal call it."""

    name: str

    def is_control(self, path: str) -> bool:
        """Return whether ``path`` belongs to the sandbox itself: no faults, no journal."""
        ...

    async def handle(self, call: Call) -> Response:
        """Answer a request."""
        ...

    def refuse(self, call: Call, status: int, retry_after: float | None) -> Response:
        """Return HTTP ``status`` in this provider's words."""
        ...


def json_reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return ``body`` as JSON, non-ASCII characters unescaped."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, headers, media_type="application/json")
