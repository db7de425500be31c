"""The sandbox's controls, for tests that make things go wrong and count what was charged."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest


class Control:
    """Faults, clock and journal of the shared sandbox; made anew for each test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._call("DELETE", "faults")
        self._call("DELETE", "journal")

    def _call(self, method: str, name: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/__sandbox__/{name}", data=data, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)

    def fault(self, fault: str, **match: Any) -> None:
        """Add one fault rule."""
        self._call("POST", "faults", {"fault": fault, **match})

    def lift_limits(self) -> None:
        """Take requests without end, for the rest of the session."""
        for provider in ("minimax", "pixazo", "apixo"):
            key = f"sandbox-{provider}-key"
            self._call("POST", "accounts", {"provider": provider, "key": key, "rpm": 0})

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock."""
        self._call("POST", "clock", {"advance": seconds})

    def requests(self, method: str | None = None) -> list[dict[str, Any]]:
        """What the sandbox saw of providers' calls, oldest first."""
        seen = self._call("GET", "journal")["requests"]
        return [item for item in seen if method in (None, item["method"])]

    @property
    def posts(self) -> int:
        """How many POSTs came, uploads not counted."""
        return len([item for item in self.requests("POST") if "/files/upload" not in item["path"]])

    @property
    def charged_nano(self) -> int:
        """The sum of all charges."""
        return sum(item["charged_nano"] for item in self.requests())

    @property
    def charges(self) -> int:
        """How many requests were charged."""
        return len([item for item in self.requests() if item["charged_nano"]])


@pytest.fixture
def control(sandbox: Any) -> Control:
    """A clean journal and no faults."""
    return Control(sandbox.url)
