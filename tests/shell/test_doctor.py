"""``%minimax doctor`` and ``minimax-nb doctor``: every finding is made to happen for real where it can be."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.doctor import Finding, Report, accounts, examine
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.record import Charge, JobState, ResultState
from minimax_nb.providers import provider
from minimax_nb.sandbox import child
from tests.shell.conftest import Notebook

KEY = "sk-api-secret-0123456789"


def control(sandbox: Any, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{sandbox.url}/__sandbox__/{what}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


@pytest.fixture
def real(home: Path, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Lab]]:
    """Makes labs that take the sandbox for the real MiniMax."""
    made: list[Lab] = []

    def make(key: str = KEY, host: str = sandbox.minimax, **settings: str) -> Lab:
        monkeypatch.setenv("MINIMAX_API_KEY", key)
        monkeypatch.setenv("MINIMAX_API_HOST", host)
        made.append(Lab(sandbox="off", **settings))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def account(sandbox: Any) -> Callable[..., None]:
    """Opens (or changes) the account of KEY."""

    def change(**facts: object) -> None:
        control(sandbox, "POST", "accounts", {"provider": "minimax", "key": KEY, **facts})

    return change


@pytest.fixture
def hour(request: pytest.FixtureRequest) -> Iterator[str]:
    """A host whose clock differs by ``request.param`` seconds."""

    class Late(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"available_amount": "5.0000", "base_resp": {"status_code": 0}}'
            self.send_response_only(200)
            self.send_header("Date", formatdate(time.time() + request.param, usegmt=True))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def found(report: Report, topic: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.topic == topic]


def one(report: Report, topic: str) -> Finding:
    [finding] = found(report, topic)
    return finding


def run() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minimax_nb", "doctor"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_without_a_key_the_sandbox_is_looked_at(lab: Lab, notebook: Notebook) -> None:
    report = examine(lab)
    assert report.of("problem") == []
    assert one(report, "sandbox").text.startswith("answers at http://127.0.0.1:")
    assert one(report, "key of MiniMax") == Finding(
        "note",
        "key of MiniMax",
        "not set: jobs run on the sandbox, nothing is paid",
        f"For real jobs set MINIMAX_API_KEY (keys: {provider('minimax').key_url})",
    )
    assert one(report, "key of APIXO").level == "ok"
    ran = notebook.run("%minimax doctor")
    assert ran.error is None
    assert ran.printed == ""
    [text] = ran.shown
    assert text.split("\n")[0] == report.title == f"1 note, {len(report.findings) - 1} ok"
    assert "note     key of MiniMax      not set: jobs run on the sandbox, nothing is paid" in text
    assert "→ For real jobs set MINIMAX_API_KEY" in ran.html


def test_nothing_paid_is_called_and_no_key_is_shown(
    real: Callable[..., Lab], account: Callable[..., None], sandbox: Any, notebook: Notebook
) -> None:
    account(balance="12.5")
    control(sandbox, "DELETE", "journal")
    report = examine(real())
    asked = [(row["method"], row["path"]) for row in control(sandbox, "GET", "journal")["requests"]]
    assert asked == [("GET", "/account/query_balance")]
    assert KEY not in str(report)
    assert one(report, "key of MiniMax").text == "set, from: environment MINIMAX_API_KEY"
    assert one(report, "account at MiniMax").text == "12.5000 can be spent (the reply names no currency)"
    assert one(report, "clock") == Finding("ok", "clock", "agrees with MiniMax's")
    assert one(report, "budget").todo == "Set one: %minimax budget 5 --per day"
    assert report.of("problem") == []


def test_an_empty_account(real: Callable[..., Lab], account: Callable[..., None]) -> None:
    account(balance="0")
    assert one(examine(real()), "account at MiniMax") == Finding(
        "problem",
        "account at MiniMax",
        "0.0000 can be spent (the reply names no currency): paid requests are refused",
        "Top up the account",
    )


def test_a_key_of_the_other_region(home: Path, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-api-of-the-other-region")
    monkeypatch.setenv("MINIMAX_API_HOST", sandbox.minimax)
    done = run()
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.split("\n")
    assert lines[0].startswith("1 problem, ")
    assert " ".join(lines[1].split()) == (
        "problem account at MiniMax "
        "MiniMax does not know the key; often it belongs to the other region. (code 2049)"
    )
    assert lines[2].strip() == (
        "→ Probably the other region: set MINIMAX_API_HOST=https://api.minimax.io for a key of platform.minimax.io, "
        "or MINIMAX_API_HOST=https://api.minimaxi.com for a key of platform.minimaxi.com; else copy the key again"
    )
    assert "of-the-other-region" not in done.stdout


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("https://api.minimax.io", "https://api.minimaxi.com"),
        ("https://api-uw.minimax.io", "https://api.minimaxi.com"),
        ("https://api.minimaxi.com", "https://api.minimax.io"),
    ],
)
def test_the_other_region_is_named(host: str, other: str) -> None:
    domain = other.removeprefix("https://api.")
    assert accounts._region(provider("minimax"), host) == (
        f"Probably the other region: set MINIMAX_API_HOST={other} for a key of platform.{domain}; "
        "else copy the key again"
    )
    assert accounts._region(provider("pixazo"), host) == ""


def test_a_host_that_is_not_there(real: Callable[..., Lab]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    finding = one(examine(real(host=f"http://127.0.0.1:{port}")), "host of MiniMax")
    assert finding.level == "problem"
    assert finding.text == f"cannot reach 127.0.0.1:{port} (connection refused)"
    assert finding.todo == "Check the network, a proxy (HTTPS_PROXY), and MINIMAX_API_HOST"


def test_a_host_that_is_refused(real: Callable[..., Lab]) -> None:
    report = examine(real(host="http://api.minimax.io"))
    assert "must be https" in one(report, "host of MiniMax").text


def test_a_host_without_a_free_question_gets_no_key(
    real: Callable[..., Lab], sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXAZO_API_KEY", KEY)
    monkeypatch.setenv("PIXAZO_API_HOST", sandbox.pixazo)
    control(sandbox, "DELETE", "journal")
    report = examine(real())
    assert one(report, "host of Pixazo").level == "ok"
    assert "cannot be checked for nothing" in one(report, "account at Pixazo").text
    [seen] = [row for row in control(sandbox, "GET", "journal")["requests"] if row["provider"] == "pixazo"]
    assert (seen["method"], seen["path"]) == ("GET", "/")
    assert KEY not in json.dumps(seen)


def test_apixos_balance_is_shown_as_it_comes(
    home: Path, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APIXO_API_KEY", sandbox.key["apixo"])
    monkeypatch.setenv("APIXO_API_HOST", sandbox.apixo)
    with Lab("apixo", sandbox="off") as lab:
        assert '"balance": ' in one(examine(lab), "account at APIXO").text
    monkeypatch.setenv("APIXO_API_KEY", KEY)
    with Lab("apixo", sandbox="off") as lab:
        finding = one(examine(lab), "account at APIXO")
    assert (finding.level, finding.text) == ("problem", "The provider does not accept the key.")


@pytest.mark.parametrize(("hour", "level"), [(3600, "problem"), (-90, "note"), (3, "ok")], indirect=["hour"])
def test_a_clock_that_is_off(real: Callable[..., Lab], hour: str, level: str) -> None:
    report = examine(real(host=hour))
    assert one(report, "clock").level == level
    assert one(report, "account at MiniMax").level == "ok"
    if level == "problem":
        assert " behind MiniMax's" in one(report, "clock").text
        assert one(report, "clock").todo == "Let the system set its time (NTP)"


@pytest.mark.parametrize(
    ("key", "what"),
    [
        (f'"{KEY}"', "holds a blank, a quote or another sign that no key has"),
        ("sk", "is too short to be a key"),
    ],
)
def test_a_key_that_cannot_be_one(real: Callable[..., Lab], key: str, what: str) -> None:
    finding = one(examine(real(key=key)), "key of MiniMax")
    assert (finding.level, finding.text) == ("problem", f"set, from: environment MINIMAX_API_KEY; it {what}")
    assert finding.todo.startswith("Copy it again: set MINIMAX_API_KEY (keys: https://")


def test_no_key_for_the_provider_in_use(home: Path) -> None:
    with Lab(sandbox="off") as lab:
        finding = one(examine(lab), "key of MiniMax")
    assert finding.level == "problem"
    assert finding.text.startswith(
        "not set; looked in: argument, %minimax config, environment MINIMAX_API_KEY, .env"
    )
    assert finding.todo.startswith("Set MINIMAX_API_KEY (keys: ")


def test_a_key_that_the_sandbox_hides(real: Callable[..., Lab], sandbox: Any) -> None:
    lab = real()
    lab.settings._arguments["sandbox"] = sandbox.url
    finding = [item for item in found(examine(lab), "sandbox") if item.level == "note"]
    assert [item.text for item in finding] == [f"a key is set, but sandbox={sandbox.url} (argument) wins"]


def test_a_sandbox_that_does_not_answer(home: Path) -> None:
    with Lab(sandbox="http://127.0.0.1:9") as lab:
        [problem] = examine(lab).of("problem")
    assert problem.text.startswith("no sandbox answers at http://127.0.0.1:9")
    assert problem.todo == "start one with `minimax-nb sandbox`"


def test_a_sandbox_that_is_not_installed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(child._EXTRA, "no_such_module_here", "no-such-package")  # type: ignore[index]
    with Lab() as lab:
        [problem] = examine(lab).of("problem")
    assert problem.text == "the sandbox needs no-such-package, which the extra 'sandbox' brings"
    assert problem.todo == 'pip install "minimax-nb[sandbox]"'


def test_a_provider_that_does_not_exist(lab: Lab) -> None:
    lab.settings.set("provider", "pixaso")
    assert "no provider 'pixaso'; did you mean 'pixazo'?" in one(examine(lab), "keys").text


def test_a_damaged_ledger_is_said_once(lab: Lab, home: Path) -> None:
    home.mkdir()
    (home / "ledger.db").write_text("this is no database " * 100)
    report = examine(lab)
    assert one(report, "ledger").level == "problem"
    assert str(home / "ledger.db") in one(report, "ledger").text
    assert [item for topic in ("budgets", "jobs", "media") for item in found(report, topic)] == []


def test_books_that_do_not_add_up(lab: Lab) -> None:
    made = lab.image("A fox")
    lab.ledger._write(lambda tx: tx.execute("UPDATE jobs SET cost_nano = 1")).result()
    finding = one(examine(lab), "ledger")
    assert finding.text == f"job {made.job_id}: the cost on the row is not the sum of its cost lines"
    assert finding.todo == f"Copy {lab.ledger.path} away first, then report it"


def test_jobs_that_need_somebody(lab: Lab) -> None:
    done = lab.job(lab.image("A fox").job_id).record
    fresh = replace(
        done, state=JobState.NEW, charge=Charge.NONE, result=ResultState.NONE, cost_nano=None, lease_owner=None,
        lease_until_us=None,
    )  # fmt: skip
    lost, left = (lab.ledger.insert_job(replace(fresh, id=done.id[:-1] + last)) for last in "!?")
    lab.ledger.update_job(lost.id, event="lost", state=JobState.UNKNOWN).result()
    unknown, dead, running = found(examine(lab), "jobs")
    assert (unknown.level, dead.level, running.text) == ("note", "note", "0 jobs under way")
    assert lost.id in unknown.text
    assert unknown.todo == "Look in the provider's console; then %minimax resend ID or %minimax abandon ID"
    assert dead.text == f"1 job that no kernel looks after: {left.id}"
    assert dead.todo == "Go on with them: %minimax resume, or minimax-nb resume"


def test_media_that_are_gone(lab: Lab) -> None:
    kept, gone = lab.image("A fox"), lab.image("A hare")
    assert one(examine(lab), "media") == Finding("ok", "media", f"2 result files in {lab.store.root}")
    [file] = [path for path in lab.store.root.rglob("*.*") if path.samefile(gone[0].path)]
    file.unlink()
    finding = one(examine(lab), "media")
    assert finding.level == "problem"
    assert finding.text == f"1 of 2 result files are not in {lab.store.root}: job {gone.job_id}"
    assert kept.job_id not in finding.text
    assert finding.todo == "If the store was moved, set MINIMAX_NB_MEDIA to where it is"


def test_a_budget_that_is_used_up(lab: Lab) -> None:
    lab.image("A fox")
    lab.ledger.set_budget(hard_nano=0, sandbox=True)
    finding = one(examine(lab), "budget")
    assert finding.level == "note"
    assert finding.text.endswith("left of $0.00 in total in the sandbox")


Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free", "level"), [(10 * 2**20, "problem"), (2**30, "note"), (2**40, "ok")])
def test_a_disk_that_is_full(lab: Lab, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**41, 0, free))
    assert [item.level for item in found(examine(lab), "disk")] == [level]


def test_a_check_that_breaks_does_not_hide_the_others(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "problems", lambda _: 1 / 0)
    report = examine(lab)
    assert one(report, "ledger").text == "cannot be checked: ZeroDivisionError: division by zero"
    assert one(report, "versions").level == "ok"


def test_versions_of_kernel_and_front_end(lab: Lab) -> None:
    text = one(examine(lab), "versions").text
    for name in ("minimax_nb", "python", "ipython", "ipykernel", "ipywidgets", "jupyterlab"):
        assert f"{name} " in text


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("%minimax doctor now", "Grammar: usage: %minimax doctor"),
        ("%minimax docter", "Grammar: no kind or subcommand 'docter'; did you mean 'doctor'?"),
        ("%minimax doctor --fix", "Grammar: doctor has no option --fix"),
    ],
)
def test_mistakes(notebook: Notebook, line: str, first: str) -> None:
    assert notebook.fails(line)[0] == first


def test_the_command_ends_well_when_all_is_well(lab: Lab, sandbox: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "minimax_nb", "doctor"],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "MINIMAX_NB_SANDBOX": sandbox.url},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\n")[0].endswith(" ok")
