"""Two real sandbox processes, a fast one and a slow one, and a plain client that keeps its own account on it."""

from __future__ import annotations

import http.server
import itertools
import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from minimax_nb.sandbox import child

_NUMBERS = itertools.count(1)


class Box:
    """A client of one sandbox; each test has accounts of its own."""

    def __init__(self, running: child.Running) -> None:
        self.running = running
        self.http = httpx.Client(timeout=20, trust_env=False, verify=False)
        self.name = f"test {next(_NUMBERS)}"
        self.keys = {name: self.account(name) for name in ("minimax", "pixazo", "apixo")}

    def account(self, provider: str, **facts: Any) -> str:
        """Make an account and use it from now on; return its key."""
        made = self.control("POST", "accounts", {"provider": provider, "name": self.name, **facts})
        if hasattr(self, "keys"):
            self.keys[provider] = made["key"]
        return made["key"]

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """Call one of the sandbox's own controls."""
        reply = self.http.request(method, f"{self.running.url}/__sandbox__/{name}", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def call(self, provider: str, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a request with the test's own key; ``fault`` goes into the header."""
        key = options.pop("key", self.keys[provider])
        headers: dict[str, str] = {}
        if key is not None and provider == "pixazo":
            headers["Ocp-Apim-Subscription-Key"] = key
        elif key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if "fault" in options:
            headers["X-Sandbox-Fault"] = options.pop("fault")
        headers |= options.pop("headers", {})
        base = getattr(self.running, provider)
        if body is not None:
            options["json"] = body
        return self.http.request(method, base + path, headers=headers, **options)

    def minimax(self, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """POST (or GET without a body) to the MiniMax port; return the JSON."""
        reply = self.call("minimax", "GET" if body is None else "POST", path, body, **options)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def code(self, path: str, body: Any = None, **options: Any) -> int:
        """Return ``base_resp.status_code`` of a MiniMax reply."""
        return self.minimax(path, body, **options)["base_resp"]["status_code"]

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock."""
        self.control("POST", "clock", {"advance": seconds})

    def journal(self) -> list[dict[str, Any]]:
        """Return the requests of this test's accounts."""
        return [entry for entry in self.control("GET", "journal")["requests"] if entry["key"] == self.name]

    def charged(self) -> int:
        """Return what this test's requests cost, in billionths."""
        return sum(entry["charged_nano"] for entry in self.journal())

    def until(self, look: Callable[[], Any], *, looks: int = 1) -> Any:
        """Move the clock until ``look`` returns something; look ``looks`` times before each move."""
        for _ in range(400):
            for _ in range(looks):
                found = look()
                if found:
                    return found
                self.control("GET", "faults")
            self.advance(5)
        raise AssertionError("it never came")

    def soon(self, look: Callable[[], Any]) -> Any:
        """Ask again, without moving the clock, until ``look`` returns something."""
        for _ in range(5000):
            found = look()
            if found:
                return found
        raise AssertionError("it never came")


def _running(**options: Any) -> Iterator[child.Running]:
    running = child.start(allow_http_webhooks=True, **options)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def fast() -> Iterator[child.Running]:
    """A sandbox so fast that synchronous operations answer at once and limits never bite."""
    yield from _running(speed=5000)


@pytest.fixture(scope="session")
def slow() -> Iterator[child.Running]:
    """A sandbox at the pace of life, moved by its clock."""
    yield from _running(speed=1)


def _box(running: child.Running) -> Iterator[Box]:
    box = Box(running)
    before = box.control("GET", "info")["settings"]
    yield box
    box.control("DELETE", "faults")
    box.control("POST", "settings", before)
    box.http.close()


@pytest.fixture
def box(fast: child.Running) -> Iterator[Box]:
    """A client of the fast sandbox."""
    yield from _box(fast)


@pytest.fixture
def slow_box(slow: child.Running) -> Iterator[Box]:
    """A client of the sandbox at the pace of life."""
    yield from _box(slow)


@pytest.fixture
def new_box() -> type[Box]:
    """Make a client of a sandbox that a test started itself."""
    return Box


class Receiver:
    """A webhook receiver on loopback; answers what ``answer`` says."""

    def __init__(self) -> None:
        self.got: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self.answer: Callable[[dict[str, Any]], tuple[int, bytes]] = lambda _: (200, b"{}")
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, reply = receiver.answer(body)
                receiver.got.put((self.path, body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/test"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def next(self) -> dict[str, Any]:
        """Return the next body delivered."""
        return self.got.get(timeout=10)[1]

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver."""
    made = Receiver()
    yield made
    made.close()
