"""The webhook route of a real Jupyter server: no login, no file but the ledger, everything else locked."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from minimax_nb.ledger import JobRecord, Ledger
from minimax_nb.webhooks.receiver import BODY_MAX
from minimax_nb.webhooks.tokens import PATH, new_token, token_hash

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "the-login-token"


@dataclass
class Jupyter:
    """A running server under ``/user/x/``, with a webhook token that its ledger knows."""

    port: int
    token: str
    ledger: Ledger

    def send(
        self, path: str, body: bytes | None = b"{}", method: str = "POST", host: str = "hub.example"
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, {"Content-Type": "application/json", "Host": host})
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return reply.status, content


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    folder = tmp_path_factory.mktemp("server")
    config = folder / "prefix" / "etc" / "jupyter" / "jupyter_server_config.d"
    config.mkdir(parents=True)
    # The very file that the wheel installs, where Jupyter looks for such files.
    (config / "minimax_nb.json").write_text((ROOT / "jupyter-config" / "minimax_nb.json").read_text())
    token = new_token()
    ledger = Ledger(folder / "ledger.db")
    ledger.insert_job(_record())
    ledger.add_webhook(token_hash(token), _record().id, 1, "minimax").result()
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")},
        "JUPYTER_CONFIG_PATH": str(config.parent),
        "MINIMAX_NB_LEDGER": str(ledger.path),
    }
    command = [
        sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        "--ServerApp.base_url=/user/x/", f"--IdentityProvider.token={LOGIN}", f"--ServerApp.root_dir={folder}",
        "--ServerApp.allow_unauthenticated_access=False", "--ServerApp.terminals_enabled=False",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder
    )
    assert process.stderr is not None
    said, port = "", 0
    for line in process.stderr:
        said += line
        found = re.search(r"http://127\.0\.0\.1:(\d+)/user/x/", line)
        if found:
            port = int(found[1])
            break
    assert port, said
    assert f"minimax_nb takes webhooks at /user/x{PATH}, into {ledger.path}" in said
    assert "WebhookHandler" not in said  # Jupyter names routes that forgot to say who may call them
    _listening(port)
    yield Jupyter(port, token, ledger)
    process.terminate()
    process.stderr.close()
    process.wait(20)
    ledger.close()


def _listening(port: int) -> None:
    """Return when the port is open; Jupyter names it a moment before."""
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until
        else:
            return


def _record() -> JobRecord:
    return JobRecord(
        id="01KAKEZ0000000000000000001", kind="video", provider="minimax", model="MiniMax-Hailuo-2.3",
        operation="video.generate", endpoint="api.minimax.io/v1/video_generation", account="a1b2c3",
        request={"prompt": "a fox"}, fingerprint="f" * 64, created_us=1, updated_us=1,
    )  # fmt: skip


def test_a_provider_needs_no_login(jupyter: Jupyter) -> None:
    path = f"/user/x{PATH}/{jupyter.token}"
    assert jupyter.send(path, b'{"task_id":"1"}') == (200, b"{}")
    assert jupyter.ledger.deliveries(_record().id) == [{"task_id": "1"}]
    assert jupyter.send(path, b'{"challenge":"c1"}') == (200, b'{"challenge": "c1"}')


def test_everything_else_is_refused(jupyter: Jupyter) -> None:
    path = f"/user/x{PATH}/{jupyter.token}"
    before = len(jupyter.ledger.webhook_news(0))
    assert jupyter.send(f"/user/x{PATH}/{new_token()}")[0] == 404
    assert jupyter.send(f"/user/x{PATH}/")[0] in (403, 404)
    assert jupyter.send(path, b"{")[0] == 400
    assert jupyter.send(path, None, "GET")[0] == 405
    assert jupyter.send(path, b" " * (BODY_MAX + 1))[0] == 413
    assert len(jupyter.ledger.webhook_news(0)) == before


def test_the_rest_of_the_server_stays_locked(jupyter: Jupyter) -> None:
    assert jupyter.send("/user/x/api/contents", None, "GET", "127.0.0.1")[0] == 403
    assert jupyter.send("/user/x/api/kernels", b"{}", "POST", "127.0.0.1")[0] == 403
