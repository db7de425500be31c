"""Every command's line: what it prints for people and for scripts, and what it says of mistakes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.cli import main
from minimax_nb.cli.table import NOTEBOOK, SHELL_COMMANDS
from minimax_nb.kinds import KIND_NAMES
from minimax_nb.magics.commands import COMMANDS
from tests.engine.conftest import Control, control

__all__ = ["control"]

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a line in this process; returns code, standard output and standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def data(say: Say) -> Callable[..., Any]:
    """Run a line with ``--json``; returns what it answers."""

    def run(*words: str) -> Any:
        code, out, _ = say(*words, "--json")
        assert code == 0
        return json.loads(out)

    return run


def test_every_subcommand_of_the_magic_is_here_or_says_why_not(say: Say) -> None:
    assert set(COMMANDS) <= {*SHELL_COMMANDS, *NOTEBOOK}
    for name in NOTEBOOK:
        assert say(name)[0] == 2
        assert say(name)[2].startswith(f"Grammar: {name}: ")


@pytest.mark.parametrize("name", [*KIND_NAMES, *SHELL_COMMANDS])
def test_everything_has_help(say: Say, name: str) -> None:
    code, out, _ = say(name, "--help")
    assert (code, out.startswith((f"minimax-nb {name}", "minimax-nb KIND"))) == (0, True)
    assert "%minimax" not in out
    assert say("help", name)[1] == out or name == "help"


def test_the_overview_names_all_and_the_exit_codes(say: Say) -> None:
    code, out, _ = say("--help")
    assert code == 0
    assert all(f"\n  {name} " in out for name in (*KIND_NAMES, *SHELL_COMMANDS))
    assert "\n  130  interrupted" in out
    assert say()[0] == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("paint", "Grammar: no kind or command 'paint'"),
        ("imagee", "Grammar: no kind or command 'imagee'; did you mean 'image'?"),
        ("--quiet image", "Grammar: the kind or command comes first"),
        ("image", "Grammar: no prompt: write it in quotes, or - to read it from standard input"),
        (
            "image fox --aspect-ration 1:1",
            "image has no option --aspect-ration; did you mean '--aspect-ratio'?",
        ),
        ("image fox -n", "-n needs a value (1 to 9)"),
        ("image fox -n 30", "RequestInvalid: -n 30: 1 to 9 for image-01"),
        ("image fox --strict", "image has no option --strict"),
        ("image fox --out fox.jpg", "--out fox.jpg: must be a folder"),
        ("image {a} --each none.csv", "--each none.csv: No such file or directory"),
        ("chat Hello --temperature 3", "RequestInvalid: --temperature 3: 0 to 2"),
        ("log --format xml", "Grammar: --format xml: allowed: table, csv, json"),
        ("log --json --format csv", "--json and --format csv say the opposite"),
        ("log none", "log none: must be a whole number"),
        ("cost --json --limit 3", "cost has no option --limit"),
        ("wait 01ABC", "no job"),
        ("cancel", "usage: minimax-nb cancel ID"),
        ("config nope", "Config: no setting 'nope'"),
        ("config minimax_api_key=secret", "a key is not given on the line"),
        ("config live=loud", "live=loud (minimax-nb config): allowed: auto"),
        ("sandbox --port many", "--port many"),
        ("sandbox --speed 0", "--speed 0"),
        ("export", "Grammar: export needs a file"),
        ("export x.zip --batch s-none", "--batch s-none: no job has it"),
        ("export --mlflow uri --with a.txt", "--with is for a file"),
        ("import none.zip", "none.zip"),
        ("sheet", "a terminal shows no pictures"),
        ("completion tcsh", "completion tcsh: allowed: bash, zsh, fish"),
        ("estimate imag", "estimate needs a kind; did you mean 'image'?"),
        ("help imag", "no kind or command 'imag'"),
        (
            "--task generate-vide --prompt x",
            "--task generate-vide: no such task; did you mean 'generate-video'?",
        ),
    ],
)
def test_a_mistake_is_one_line_and_code_2(lab: Lab, say: Say, line: str, said: str) -> None:
    code, out, err = say(*line.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert "%minimax" not in err
    assert "secret" not in err


def test_a_ledger_that_cannot_be_opened_is_one_line(
    home: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIMAX_NB_LEDGER", str(home.parent))
    monkeypatch.setattr("minimax_nb.lab.lab._current", None)
    code, out, err = say("log")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, say: Say) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = say("quickstart", "--execute", "--dir", str(tmp_path / "file" / "below"))
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("Config: cannot make the folder")


# --- the lines of the product documents -------------------------------------------------------------


def test_the_lines_of_the_product_documents_work(lab: Lab, say: Say, control: Control) -> None:
    for line in (
        ["generate", "--prompt", "A cyberpunk city", "--model", "image-01", "--aspect-ratio", "16:9"],
        ["generate-video", "--prompt", "A dancer", "--model", "MiniMax-Hailuo-2.3", "--duration", "6"],
        [
            "generate-music",
            "--lyrics",
            r"La la la\nOh yeah",
            "--prompt",
            "upbeat pop",
            "--model",
            "music-2.5",
        ],
    ):
        code, out, _ = say("--task", *line)
        assert (code, Path(out.strip()).is_file()) == (0, True)
    song, video, image = (job.record for job in lab.jobs())
    assert song.request["lyrics"] == "La la la\nOh yeah"
    assert (video.request["duration"], image.request["aspect_ratio"]) == (6, "16:9")
    speech = [
        "--task=generate-speech",
        "--text",
        "Hello world",
        "--model",
        "speech-2.8-hd",
        "--emotion",
        "happy",
    ]
    code, _, err = say(*speech, "--voice", "English_Warm_Bestie")
    assert (code, err.count("\n")) == (1, 1)
    assert "There is no voice 'English_Warm_Bestie'; did you mean" in err
    assert say(*speech, "--voice", "English_Graceful_Lady")[0] == 0


# --- commands that look -----------------------------------------------------------------------------


def test_the_ledger_in_three_forms(lab: Lab, say: Say, data: Callable[..., Any]) -> None:
    assert say("log")[1] == "No jobs yet.\n"
    made = lab.image("A red fox, at dawn", seed=7)
    later = lab.image("An owl", n=2)
    (row,) = csv.DictReader(io.StringIO(say("log", "--text", "fox", "--format", "csv")[1]))
    assert (row["job"], row["prompt"], row["cost"]) == (made.job_id, "A red fox, at dawn", "0.0035")
    newest, oldest = data("log")
    assert (newest["job"], newest["cost"], newest["cost_nano"]) == (later.job_id, "0.007", 7_000_000)
    assert (oldest["seed"], oldest["time"][-1], newest["options"]) == (7, "Z", {"n": 2})
    assert [row["job"] for row in data("log", "1", "--sort", "cost", "--ascending")] == [made.job_id]
    assert list(data("log", "--limit", "0", "--columns", "job,cost")[1]) == ["job", "cost"]
    assert "A red fox, at dawn" in say("log", "--limit", "1", "--ascending")[1]
    (cost,) = data("cost")
    assert (cost["provider"], cost["cost"], cost["sandbox"], cost["jobs"]) == ("minimax", "0.0105", True, 2)
    assert say("cost", "--by", "kind")[1].splitlines()[2].split()[:2] == ["image", "2"]
    assert [job["job"] for job in data("jobs")] == [later.job_id, made.job_id]
    assert later.job_id in say("jobs")[1]
    status = data("status")
    assert (status["sandbox"], status["open"], status["spent_today"][0]["cost"]) == (True, [], "0.0105")
    assert say("status")[1].startswith("minimax_nb\n")


def test_what_there_is(lab: Lab, say: Say, data: Callable[..., Any]) -> None:
    models = data("models", "image")
    assert [item["model"] for item in models if item["default"] and item["provider"] == "minimax"] == [
        "image-01"
    ]
    assert len(data("voices")) > 300  # a table shows the first 40
    assert "English_Graceful_Lady" in say("voices", "graceful")[1]
    assert {"template", "id", "images", "texts", "makes", "region"} == set(data("templates", "dive")[0])
    assert {item["provider"] for item in data("balance")} == {"minimax", "pixazo", "apixo"}
    assert data("thread") == []
    (provider,) = data("config", "provider")
    assert (provider["value"], provider["source"]) == ("minimax", "default")
    assert {item["value"] for item in data("config") if item["name"].endswith("_api_key")} == {"not set"}
    assert data("doctor")["problems"] == 0
    assert say("doctor")[1].splitlines()[0].endswith("ok")


def test_prices_and_requests_that_are_not_sent(
    lab: Lab, say: Say, data: Callable[..., Any], control: Control
) -> None:
    found = data("estimate", "image", "-n", "4", "A {fox}")
    assert (found["estimate"], found["estimate_nano"], found["unit"]) == ("0.014", 14_000_000, "image")
    assert say("estimate", "image", "A fox")[1].startswith("$0.0035 = 1 image at $0.0035")
    assert data("estimate", "image", "A fox", "--vary", "seed=1..3")["estimate"] == "0.0105"
    dry = data("image", "A {fox}", "--dry-run")
    assert (dry["body"]["prompt"], dry["estimate"]) == ("A {fox}", "0.0035")
    plan = data("image", "A {x}", "--vary", "x=fox,owl", "--dry-run")
    assert [job["prompt"] for job in plan["jobs"]] == ["A fox", "A owl"]
    assert say("image", "A {x}", "--vary", "x=fox,owl", "--dry-run")[1].startswith(
        "Nothing was sent: 2 jobs (x)"
    )
    assert control.posts == 0


# --- commands that do -------------------------------------------------------------------------------


def test_one_job_from_a_shell(lab: Lab, say: Say, data: Callable[..., Any]) -> None:
    made = lab.image("A fox")
    assert data("star", made.job_id)["job"] == made.job_id
    assert say("tag", made.job_id, "round=2")[1] == f"Job {made.job_id}: round=2\n"
    assert say("note", made.job_id, "good", "light")[0] == 0
    assert say("note", made.job_id)[1] == "good light\n"
    assert [row["job"] for row in data("log", "--starred", "--tag", "round=2")] == [made.job_id]
    assert data("wait", made.job_id)["files"] == [str(made.path)]
    assert say("wait", made.job_id)[1] == f"{made.path}\n"
    assert say("wait") == (0, "", "No job is running.\n")
    assert say("resume", "--json") == (0, "[]\n", "No open jobs.\n")
    assert "there is nothing to cancel" in say("cancel", made.job_id)[2]
    assert say("resend", made.job_id)[0] == say("abandon", made.job_id)[0] == 2
    assert "sharpness" in data("measure", made.job_id)[0]
    assert say("sheet", made.job_id, "--to", "sheet.jpg")[0] == 0
    assert Path("sheet.jpg").is_file()
    assert say("export", "all.csv") == (0, "all.csv: 1 job, 62 columns\n", "") or Path("all.csv").is_file()


def test_budgets_files_and_settings(lab: Lab, say: Say, data: Callable[..., Any]) -> None:
    (budget,) = data("budget", "5", "--per", "day", "--sandbox")
    assert (budget["hard"], budget["left"], budget["per"]) == ("5", "5", "day")
    assert say("budget", "--remove", budget["id"])[0] == 0
    assert data("budget") == []
    Path("sample.txt").write_text("Hello.")
    file = data("files", "upload", "sample.txt", "--purpose", "t2a_async_input")
    assert (file["name"], file["purpose"]) == ("sample.txt", "t2a_async_input")
    assert file["file"] in [item["file"] for item in data("files")]
    assert say("files", "get", file["file"], "--save", "back.txt")[0] == 0
    assert Path("back.txt").read_text() == "Hello."
    assert "--yes deletes it" in say("files", "delete", file["file"])[2]
    code, out, _ = say("config", "live=text")
    assert (code, "minimax_nb.toml" in out) == (0, True)
    assert Lab().settings.get("live").value == "text"


def test_a_key_is_read_from_a_pipe_and_never_shown(
    lab: Lab, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-very-secret\n"))
    monkeypatch.setattr(type(lab.settings), "save", lambda _, values: kept.update(values) or [])
    code, out, err = say("config", "pixazo_api_key")
    assert (code, kept) == (0, {"pixazo_api_key": "sk-very-secret"})
    assert "set" in out
    assert "secret" not in out + err
