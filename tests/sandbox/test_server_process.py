"""The process: ready line, ports, parent pipe, arguments, control endpoints."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from minimax_nb.errors import ConfigError
from minimax_nb.sandbox import child

ROOT = Path(__file__).parents[2]


def launch(*arguments: str) -> subprocess.Popen[bytes]:
    """Start the module as a person would."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "minimax_nb.sandbox", *arguments]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )


def finish(process: subprocess.Popen[bytes], timeout: float = 10) -> tuple[bytes, bytes]:
    """End a process and return what it said."""
    try:
        return process.communicate(timeout=timeout)
    finally:
        process.kill()


def free_port() -> int:
    """Return the first of four free ports."""
    for port in range(20_000, 30_000, 4):
        sockets = [socket.socket() for _ in range(4)]
        try:
            for offset, sock in enumerate(sockets):
                sock.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        else:
            return port
        finally:
            for sock in sockets:
                sock.close()
    raise AssertionError("no free ports")


def test_the_ready_line_is_one_line_of_json_and_the_ports_are_adjacent() -> None:
    port = free_port()
    process = launch("--port", str(port), "--print-url", "--parent-pipe", "--speed", "7", "--seed", "3")
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready["url"] == f"http://127.0.0.1:{port}"
    assert [ready[name] for name in child.DEFAULT_KEYS] == [f"http://127.0.0.1:{port + n}" for n in (1, 2, 3)]
    assert ready["key"] == dict(child.DEFAULT_KEYS)
    assert set(ready) == {"url", "key", *child.DEFAULT_KEYS}
    assert child.connect(ready["url"]).speed == 7.0
    said, _ = finish(process)
    assert said == b""


def test_closing_the_parents_pipe_ends_the_process() -> None:
    process = launch("--print-url", "--parent-pipe")
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline()
    process.stdin.close()
    assert process.wait(timeout=10) == 0
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.close()


def test_a_killed_parent_leaves_no_orphan() -> None:
    script = (
        "import sys; from minimax_nb.sandbox import start; r = start(speed=9); "
        "print(r.process.pid, r.url, flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    pid, url = parent.stdout.readline().split()
    host, _, port = url.decode().removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(b"GET /__sandbox__/info HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        parent.send_signal(signal.SIGKILL)
        finish(parent)
        while sock.recv(65536):  # the rest of the reply, then the end: the server closed
            pass
    with pytest.raises(ConfigError, match="no sandbox answers"):
        child.connect(url.decode())
    assert int(pid) != os.getpid()


def test_an_interrupt_of_the_process_group_does_not_reach_the_child(fast: child.Running) -> None:
    assert fast.process is not None
    assert os.getpgid(fast.process.pid) != os.getpgid(0)


def test_without_print_url_it_greets_people() -> None:
    process = launch("--parent-pipe")
    said, _ = finish(process)
    assert said.decode().splitlines()[0].startswith("minimax_nb sandbox: http://127.0.0.1:")
    assert "sandbox-apixo-key" in said.decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--speed", "0"), "--speed 0.0 must be greater than 0"),
        (("--port", "70000"), "ports 70000 to 70003 cannot be opened"),
        (("--faults", "/nowhere.json"), "--faults /nowhere.json"),
    ],
)
def test_bad_arguments_say_what_is_wrong(arguments: tuple[str, ...], words: str) -> None:
    process = launch(*arguments)
    _, said = finish(process)
    assert process.returncode == 2
    assert words in said.decode()
    assert "Traceback" not in said.decode()


def test_a_port_in_use_says_so(fast: child.Running) -> None:
    port = fast.url.rpartition(":")[2]
    process = launch("--port", port)
    _, said = finish(process)
    assert process.returncode == 2
    assert "try another --port" in said.decode()


def test_a_fault_file_is_in_force_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"fault": "before-503", "provider": "pixazo", "times": null}]')
    process = launch("--print-url", "--parent-pipe", "--faults", str(file))
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert httpx.get(ready["pixazo"] + "/v2/requests/status/x", trust_env=False).status_code == 503
    assert httpx.get(ready["apixo"] + "/", trust_env=False).status_code == 401
    finish(process)


@pytest.mark.parametrize(
    "rules", ['{"fault": "drop"}', '[{"fault": "no-such"}]', '[{"fualt": "drop"}]', "[1]", "nonsense"]
)
def test_a_bad_fault_file_is_refused(tmp_path: Path, rules: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(rules)
    process = launch("--faults", str(file))
    _, said = finish(process)
    assert process.returncode == 2
    assert str(file) in said.decode()


def test_connect_finds_a_running_sandbox_and_does_not_stop_it(fast: child.Running) -> None:
    found = child.connect(f"{fast.url}/")
    assert (found.url, found.minimax, found.pixazo, found.apixo) == (
        fast.url,
        fast.minimax,
        fast.pixazo,
        fast.apixo,
    )
    assert (found.speed, found.instance) == (fast.speed, fast.instance)
    assert found.process is None
    found.stop()
    assert child.connect(fast.url).url == fast.url


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "127.0.0.1:8000", "file:///etc/passwd"])
def test_connect_to_nothing_is_a_config_error(url: str) -> None:
    with pytest.raises(ConfigError, match="sandbox"):
        child.connect(url)


def test_connect_to_something_else_is_a_config_error(fast: child.Running) -> None:
    with pytest.raises(ConfigError, match="no sandbox answers"):
        child.connect(fast.minimax)


def test_start_names_the_extra_when_a_part_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(child._EXTRA, "surely_not_installed", "surely-not-installed")
    with pytest.raises(ConfigError) as caught:
        child.start()
    assert "surely-not-installed" in caught.value.message
    assert caught.value.hint == 'pip install "minimax-nb[sandbox]"'


def test_child_needs_the_standard_library_only() -> None:
    heavy = {"starlette", "uvicorn", "httpx", "av", "PIL", "numpy", "pandas"}
    script = "import sys, minimax_nb.sandbox.child; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert set(said.stdout.split()) & heavy == set()


def test_keys_are_in_no_repr(fast: child.Running) -> None:
    from minimax_nb.sandbox.accounts import Account

    assert "secret-key" not in repr(Account("a", "minimax", "secret-key"))


def test_a_module_of_the_notebooks_folder_does_not_break_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    running = child.start(speed=1000)
    running.stop()
    assert running.process is None


def test_home_page_says_what_this_is(box: Any) -> None:
    reply = box.http.get(box.running.url + "/")
    assert reply.headers["content-type"].startswith("text/html")
    for word in ("minimax_nb sandbox", box.running.apixo, "forbidden-content", "/__sandbox__/journal"):
        assert word in reply.text
    assert box.http.get(box.running.url + "/nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("clock", {"advance": -1}, "one way"),
        ("clock", {}, "advance"),
        ("faults", {"fault": "explode"}, "no fault 'explode'"),
        ("faults", {"fault": "drop", "path": "("}, "faults"),
        ("settings", {"nothing": True}, "no setting 'nothing'"),
        ("settings", {"apixo_pending": "yes"}, "apixo_pending"),
        ("accounts", {"provider": "openai"}, "no provider 'openai'"),
        ("accounts", {"provider": "minimax", "balance": "lots"}, "accounts"),
        ("accounts", {"provider": "minimax", "kind": "free"}, "pay-as-you-go"),
        ("tasks", {"provider": "pixazo", "id": "x", "op": "music", "stage": "odd"}, "stage"),
    ],
)
def test_controls_refuse_nonsense(box: Any, name: str, body: dict[str, Any], words: str) -> None:
    reply = box.http.post(f"{box.running.url}/__sandbox__/{name}", json=body)
    assert reply.status_code == 400
    assert words in reply.json()["error"]


def test_clock_moves_and_says_the_time(box: Any) -> None:
    before = box.control("GET", "info")["now"]
    after = box.control("POST", "clock", {"advance": 86_400})["now"]
    assert after[:10] > before[:10]
    assert after[11:16] in {before[11:16], after[11:16]}


def test_controls_are_in_no_journal_and_the_journal_can_be_cleared(box: Any) -> None:
    box.call("minimax", "GET", "/nothing")
    seen = box.control("GET", "journal")["requests"]
    assert seen[-1]["path"] == "/nothing"
    assert not [entry for entry in seen if entry["provider"] == "media" and "__sandbox__" in entry["path"]]
    box.control("DELETE", "journal")
    assert box.control("GET", "journal") == {"requests": [], "charges": [], "webhooks": []}
