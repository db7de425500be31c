"""The ``minimax-nb`` command, as a process: what a shell and its scripts get."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from minimax_nb import Lab, __version__
from minimax_nb.ledger.record import JobState
from tests.engine.conftest import Control, control

__all__ = ["control"]

COMMAND = [sys.executable, "-m", "minimax_nb"]


def run(
    *arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True, text=True, timeout=120, cwd=cwd, check=False, env={**os.environ, **(env or {})},
    )  # fmt: skip


@pytest.fixture
def place(home: Path, sandbox: Any, control: Control, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A home on the shared sandbox for processes, and a lab that looks at the same ledger."""
    monkeypatch.setenv("MINIMAX_NB_SANDBOX", sandbox.url)
    control.lift_limits()
    with Lab() as lab:
        yield lab


def started(lab: Lab, *arguments: str, until: JobState) -> subprocess.Popen[str]:
    """Start the command, and return when its job stands there."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not any(job.state is until for job in lab.jobs()):
        assert process.poll() is None, process.communicate()
    return process


# --- making -----------------------------------------------------------------------------------------


def test_files_are_printed_a_path_a_line_where_they_shall_go(place: Lab) -> None:
    done = run("image", "A {red} fox", "-n", "2", "--out", "pics")
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(paths), done.stderr) == (0, 2, "")
    assert all(path.is_file() and path.parent == Path("pics").absolute() for path in paths)
    assert place.jobs()[0].record.prompt == "A {red} fox"


def test_json_is_one_exact_object(place: Lab) -> None:
    done = run("speech", "-", "--json", "--tag", "round=2", stdin="It's a fox,\nat dawn\n")
    job = json.loads(done.stdout)
    (made,) = place.jobs()
    assert (job["job"], job["state"], job["prompt"]) == (made.id, "succeeded", "It's a fox,\nat dawn")
    assert (job["cost"], job["cost_nano"], job["currency"]) == ("0.0019", 1_900_000, "USD")
    assert (job["tags"], job["error"], Path(job["files"][0]).is_file()) == ({"round": "2"}, None, True)
    assert "\x1b" not in done.stdout + done.stderr


def test_an_answer_is_printed_while_it_comes(place: Lab) -> None:
    first = run("chat", "My name is Ada.", "--thread", "us")
    assert (first.returncode, first.stdout, first.stderr) == (0, "Nice to meet you, Ada.\n", "")
    second = run("chat", "--thread=us", "--no-stream", "--json", "What is my name?")
    assert json.loads(second.stdout)["text"] == "Your name is Ada."


def test_a_sweep_of_a_file_says_its_price_first(place: Lab, control: Control) -> None:
    Path("animals.csv").write_text("animal,at\nfox,1\nowl,2\n", "utf-8")
    words = ("image", "An {animal}", "--seed", "{at}", "--each", "animals.csv", "--vary", "n=1,2")
    done = run(*words, "--json")
    assert done.stderr.startswith("4 jobs (animal × at × n), $0.021 (sandbox) in all")
    sweep = json.loads(done.stdout)
    assert [job["prompt"] for job in sweep["jobs"]] == ["An fox", "An fox", "An owl", "An owl"]
    assert [len(job["files"]) for job in sweep["jobs"]] == [1, 2, 1, 2]
    again = run("wait", sweep["sweep"])
    assert (len(again.stdout.splitlines()), control.charges) == (6, 4)


def test_a_person_at_a_terminal_sees_the_card(place: Lab) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "image", "A fox"], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # what reading gives when the other side has closed
        while part := os.read(ours, 4096):
            seen += part
    os.close(ours)
    assert process.wait(timeout=20) == 0
    (job,) = place.jobs()
    shown = seen.decode()
    assert shown.startswith("\rimage image-01: ")
    assert f"$0.0035 (sandbox) · job {job.id}" in shown
    assert "media/a-fox-" in shown
    assert "\x1b" not in shown


# --- what a caller is told by the exit code ---------------------------------------------------------


def test_exit_codes(place: Lab, control: Control) -> None:
    control.fault("fail:1027", path="video_generation")
    failed = run("video", "A dancer", "--json")
    assert (failed.returncode, json.loads(failed.stdout)["state"]) == (1, "failed")
    place.budget("0.001", sandbox=True)
    refused = run("image", "A fox")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr.startswith("BudgetExceeded: this can cost $0.0035")
    place.remove_budget(place.budgets()[0].budget.id)
    control.fault("drop", method="POST", path="image_generation")
    unknown = run("image", "A fox")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (4, 1)
    listed = json.loads(run("jobs", "--unknown", "--json").stdout)
    assert [job["state"] for job in listed] == ["unknown"]
    given_up = run("abandon", listed[0]["job"], "--charged", "no", "--json")
    assert json.loads(given_up.stdout)["charge"] == "not_charged"


def test_a_reader_that_ends_early_is_no_error(place: Lab) -> None:
    shell = f"set -o pipefail; {sys.executable} -m minimax_nb voices --format csv | head -1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("voice,name,language,gender\n", "")


# --- leaving and coming back ------------------------------------------------------------------------


def test_an_interrupt_leaves_the_job_and_resume_gets_it(place: Lab, control: Control) -> None:
    control.fault("slow:20", method="GET", path="query/video_generation", times=None)
    process = started(place, "video", "A dancer", until=JobState.QUEUED)
    while not control.requests("GET"):  # the ledger says so a moment before the process knows
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    printed, told = process.communicate(timeout=20)
    (job,) = place.jobs()
    assert (process.returncode, printed) == (130, "")
    assert told == f"Detached: job {job.id} goes on; minimax-nb wait {job.id} gets it\n"
    control._call("DELETE", "faults")
    back = run("resume", "--json")
    (got,) = json.loads(back.stdout)
    assert (got["job"], got["result"], len(got["files"])) == (job.id, "stored", 1)
    assert (back.stderr, control.charges) == ("1 open job taken over.\n", 1)


def test_an_interrupt_waits_for_the_reply_to_a_paid_request(place: Lab, control: Control) -> None:
    control.fault("slow:1", method="POST", path="image_generation")
    process = started(place, "image", "A fox", until=JobState.SUBMITTING)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert told.startswith("Waiting for the reply to a paid request")
    (job,) = place.jobs()
    assert (job.state, control.charges) == (JobState.SUCCEEDED, 1)
    got = run("wait", job.id)
    assert (got.returncode, Path(got.stdout.strip()).is_file(), control.charges) == (0, True, 1)


def test_a_detached_job_is_waited_for_by_its_id(place: Lab) -> None:
    handed = run("video", "A dancer", "--detach")
    job_id = handed.stdout.strip()
    assert (handed.returncode, place.job(job_id).record.task_id is not None) == (0, True)
    got = run("wait", job_id, "--out", "clips")
    assert Path(got.stdout.strip()).parent == Path("clips").absolute()


def test_the_embedded_sandbox_does_not_outlive_its_command(home: Path) -> None:
    done = run("video", "A dancer", "--detach", env={"MINIMAX_NB_SANDBOX": "on"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "the embedded sandbox ends with this command" in done.stderr


# --- giving away ------------------------------------------------------------------------------------


def test_a_bundle_goes_to_a_colleague_and_costs_nothing_there(place: Lab, tmp_path: Path) -> None:
    made = place.image("A fox")
    Path("notes.txt").write_text("ours")
    packed = run("export", "fox.zip", made.job_id, "--with", "notes.txt", "--json")
    assert json.loads(packed.stdout)["file"] == "fox.zip"
    there = {"MINIMAX_NB_HOME": str(tmp_path / "colleague")}
    taken = json.loads(run("import", "fox.zip", "--folder", "from", "--json", env=there).stdout)
    assert (taken["jobs"], taken["files"]) == ([made.job_id], ["from/notes.txt"])
    assert run("cost", "--json", env=there).stdout == "[]\n"
    assert json.loads(run("log", "--json", env=there).stdout)[0]["job"] == made.job_id


# --- servers and the rest ---------------------------------------------------------------------------


def test_version_and_the_installed_command() -> None:
    installed = Path(sys.executable).parent / "minimax-nb"
    done = subprocess.run([installed, "--version"], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == f"minimax-nb {__version__}\n"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from minimax_nb.cli import main; main(['--help']); main(['__complete', 'zsh', 'im'])\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'IPython', 'httpx', 'pandas', 'pydantic',"
        " 'numpy', 'sqlite3', 'jinja2', 'asyncio', 'argparse'}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "\n")
    assert done.stdout.endswith("image\tkind\nimport\tsubcommand\n")


def test_the_sandbox_prints_one_line_when_ready_and_ends_with_ctrl_c() -> None:
    command = [*COMMAND, "sandbox", "--port", "0", "--print-url"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert set(ready) == {"url", "minimax", "pixazo", "apixo", "key"}
        assert set(ready["key"]) == {"minimax", "pixazo", "apixo"}
        assert len({ready[name] for name in ("url", "minimax", "pixazo", "apixo")}) == 4
        request = urllib.request.Request(f"{ready['minimax']}/v1/get_voice", data=b'{"voice_type": "system"}')
        request.add_header("Authorization", f"Bearer {ready['key']['minimax']}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert len(json.load(reply)["system_voice"]) > 300
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
    assert rest == ""


def test_quickstart_executes_without_a_screen(home: Path, sandbox: Any, tmp_path: Path) -> None:
    environ = {"MINIMAX_NB_SANDBOX": sandbox.url, "PYTEST_VERSION": "", "PYTEST_CURRENT_TEST": ""}
    done = run("quickstart", "--execute", "--dir", str(tmp_path / "quick"), env=environ)
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(tmp_path / "quick" / "01_quickstart.ipynb", as_version=4)
    errors = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert [error.ename for error in errors] == ["RequestInvalidError"]
    report = (tmp_path / "quick" / "01_quickstart.html").read_text("utf-8")
    assert report.count("<video") == 1
    assert report.count("<audio") == 3
    media = sorted(path.suffix for path in (tmp_path / "quick" / "media").iterdir())
    assert media == [".jpg", ".jpg", ".mp3", ".mp3", ".mp3", ".mp4", ".png"]


def test_quickstart_does_not_replace_ones_own_work(home: Path, tmp_path: Path) -> None:
    from minimax_nb.quickstart import NOTEBOOK, prepare

    place = prepare(str(tmp_path / "quick"))
    (place / NOTEBOOK).write_text("mine")
    assert prepare(str(tmp_path / "quick")) == place
    assert (place / NOTEBOOK).read_text() == "mine"
