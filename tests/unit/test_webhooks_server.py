"""The receiver's own server, as a process that is talked to over sockets."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from minimax_nb.errors import ConfigError
from minimax_nb.ledger import JobRecord, Ledger
from minimax_nb.webhooks.receiver import BODY_MAX
from minimax_nb.webhooks.server import serve
from minimax_nb.webhooks.tokens import PATH, new_token, token_hash

JSON = {"Content-Type": "application/json"}


@dataclass
class Served:
    """A running receiver, with a token it knows."""

    port: int
    path: str
    token: str
    process: subprocess.Popen[str]
    greeting: list[str]

    def send(self, method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, JSON)
        reply = connection.getresponse()
        reply.read_body = reply.read()  # type: ignore[attr-defined]
        connection.close()
        return reply


@pytest.fixture(params=[PATH, "/hooks/"])
def served(
    request: pytest.FixtureRequest, tmp_path: Path, ledger: Ledger, record: Callable[..., JobRecord]
) -> Iterator[Served]:
    token = new_token()
    ledger.add_webhook(token_hash(token), ledger.insert_job(record()).id, 1, "minimax").result()
    command = [sys.executable, "-m", "minimax_nb", "webhook", "--port", "0", "--path", request.param]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "MINIMAX_NB_LEDGER": str(ledger.path)}
    )
    assert process.stdout is not None
    greeting = [process.stdout.readline().strip() for _ in range(3)]
    found = re.search(r"http://127\.0\.0\.1:(\d+)(\S*)/…", greeting[0])
    assert found, greeting
    yield Served(int(found[1]), found[2], token, process, greeting)
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    process.stdout.close()


def test_it_says_what_to_configure_and_takes_deliveries(served: Served, ledger: Ledger) -> None:
    assert str(ledger.path) in served.greeting[0]
    assert served.greeting[2] == f"MINIMAX_NB_WEBHOOK_URL=https://YOUR-HOST{served.path}"
    reply = served.send("POST", f"{served.path}/{served.token}", b'{"task_id":"1"}')
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert ledger.deliveries(ledger.jobs()[0].id) == [{"task_id": "1"}]
    echoed = served.send("POST", f"{served.path}/{served.token}", b'{"challenge":"c1"}')
    assert echoed.read_body == b'{"challenge": "c1"}'  # type: ignore[attr-defined]


def test_everything_else_is_refused(served: Served, ledger: Ledger) -> None:
    path = f"{served.path}/{served.token}"
    for method, target, body, status in [
        ("GET", path, None, 405),
        ("POST", f"{served.path}/{new_token()}", b"{}", 404),
        ("POST", served.path, b"{}", 404),
        ("POST", f"{path}/more", b"{}", 404),
        ("POST", "/", b"{}", 404),
        ("POST", f"/elsewhere/{served.token}", b"{}", 404),
        ("POST", path, b"{", 400),
        ("POST", path, b" " * (BODY_MAX + 1), 413),
    ]:
        assert served.send(method, target, body).status == status, (method, target)
    assert ledger.webhook_news(0) == []


def test_a_sender_that_goes_away_leaves_it_working(served: Served, ledger: Ledger) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as cut:
        head = f"POST {served.path}/{served.token} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
        cut.sendall(head.encode())
    assert served.send("POST", f"{served.path}/{served.token}", b'{"a":1}').status == 200
    assert len(ledger.webhook_news(0)) == 1


def test_a_port_in_use_and_a_path_without_a_slash_are_one_line_errors() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(ConfigError, match="cannot listen on 127.0.0.1"):
        serve(port=taken.getsockname()[1])
    with pytest.raises(ConfigError, match="begins with /"):
        serve(port=0, path="hooks")
