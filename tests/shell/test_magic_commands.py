"""The subcommands of ``%minimax``, on a real lab and a real sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from minimax_nb import Lab
from minimax_nb.kinds import KIND_NAMES, option_table, request_class
from minimax_nb.magics.commands import COMMANDS, GROUPS
from minimax_nb.magics.options import MAGIC_OPTIONS
from tests.shell.conftest import Notebook
from tests.unit.samples import picture

pytestmark = pytest.mark.usefixtures("lab")

SUBMIT = """
import os, sys
from minimax_nb import Lab
from minimax_nb.kinds import build
lab = Lab(sandbox=sys.argv[1])
job = lab.submit(build("video", "A fox runs", {}), name="clip")
while not job.record.task_id:
    job.wait(0.01)
print(job.id, flush=True)
if sys.argv[2] == "die":
    os._exit(1)
job.wait()
sys.stdin.read()
lab.close()
"""


def other_kernel(lab: Lab, end: str) -> subprocess.Popen[str]:
    """Start another process on the same ledger that asks for a video."""
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    arguments = [sys.executable, "-c", SUBMIT, str(lab.settings.value("sandbox")), end]
    return subprocess.Popen(arguments, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def show(notebook: Notebook, line: str) -> str:
    """Run a line that must succeed and show one thing, and return its text."""
    ran = notebook.run(line)
    assert ran.error is None, ran.printed
    assert ran.printed == ""
    assert ran.result is None
    [text] = ran.shown
    return str(text)


def test_where_am_i(notebook: Notebook, lab: Lab) -> None:
    text = show(notebook, "%minimax")
    assert text == show(notebook, "%minimax status")
    for part in (
        "provider     minimax, on the embedded sandbox",
        "key          no key needed",
        "running      nothing",
        "spent today  nothing",
    ):
        assert part in text
    notebook.run("%minimax image A fox")
    assert "spent today  $0.0035 (sandbox)" in show(notebook, "%minimax")
    show(notebook, "%minimax config budget=5")
    assert "budget       $5.00 left of $5.00 in total" in show(notebook, "%minimax")


def test_jobs(notebook: Notebook, lab: Lab) -> None:
    assert show(notebook, "%minimax jobs") == "No jobs yet."
    notebook.run("%minimax image A red fox")
    notebook.run("%minimax image -n 2 A blue fox")
    newest, oldest = (job.id for job in lab.jobs())
    _, headers, first, second, note = show(notebook, "%minimax jobs").split("\n")
    assert headers.split() == ["job", "kind", "provider", "model", "stage", "cost", "prompt"]
    assert first.startswith(newest)
    assert second.startswith(oldest)
    assert second.endswith("A red fox")
    assert "%minimax wait ID" in note


def test_log_and_cost_have_data_frames(notebook: Notebook) -> None:
    for prompt in ("one", "two", "three"):
        notebook.run(f"%minimax image {prompt}")
    log = notebook.run("%minimax log")
    assert isinstance(log.result.frame, pd.DataFrame)
    assert len(log.result) == 3
    assert list(notebook.run("%minimax log 2").result["prompt"]) == ["three", "two"]
    cost = notebook.run("%minimax cost --by kind")
    assert isinstance(cost.result.frame, pd.DataFrame)
    assert list(cost.result["kind"]) == ["image"]
    assert notebook.run("table = %minimax log").result is None
    assert len(notebook["table"].frame) == 3


def test_models(notebook: Notebook) -> None:
    everything, video = show(notebook, "%minimax models"), show(notebook, "%minimax models video")
    assert "speech-2.8-hd" in everything
    assert "speech-2.8-hd" not in video
    [default] = [line for line in video.split("\n") if "default" in line and line.startswith("minimax ")]
    assert "MiniMax-Hailuo-2.3 " in default
    assert "6 s 768P/1080P" in default
    assert notebook.fails("%minimax models vido")[0].endswith("did you mean 'video'?")


def test_voices(notebook: Notebook, lab: Lab) -> None:
    text = show(notebook, "%minimax voices")
    assert text.startswith(f"{len(lab.voices())} voices")
    assert f"{len(lab.voices()) - 40} more: narrow it down" in text
    warm = show(notebook, "%minimax voices warm --language Chinese")
    assert "Chinese (Mandarin)_Warm_Bestie" in warm
    assert "more:" not in warm


def test_config(notebook: Notebook, lab: Lab) -> None:
    everything = show(notebook, "%minimax config")
    assert all(setting.name in everything for setting in lab.settings.all())
    assert show(notebook, "%minimax config project=fox live=off").split("\n")[2:] == [
        "project  fox    %minimax config           name that groups jobs in the ledger; the working folder's name",
        "live     off    %minimax config  auto     how a running job is shown",
    ]
    assert lab.settings.value("project") == "fox"
    assert "fox" in show(notebook, "%minimax config project")
    show(notebook, "%minimax config project=")
    assert lab.settings.get("project").source == "default"


def test_config_refuses_what_it_cannot_take(notebook: Notebook, lab: Lab) -> None:
    assert notebook.fails("%minimax config live=bogus")[0].startswith("Config: live=bogus")
    [message, *_] = notebook.fails("%minimax config project=x budgte=5")
    assert "no setting 'budgte'; did you mean 'budget'?" in message
    assert lab.settings.get("project").source == "default"
    refusal = notebook.fails("%minimax config project=x MINIMAX_API_KEY=sk-secret")
    assert refusal == [
        "Config: a key is not set in a cell, because it would be saved with the notebook",
        "%minimax config minimax_api_key asks for it and does not show it",
    ]
    assert not lab.settings.value("minimax_api_key")
    assert lab.settings.get("project").source == "default"


def test_help_lists_every_kind_and_subcommand(notebook: Notebook) -> None:
    text = show(notebook, "%minimax help")
    assert text == show(notebook, "%minimax --help")
    assert all(f"%%minimax {kind} " in text for kind in KIND_NAMES)
    assert all(f"%minimax {name}" in text for name in COMMANDS if name != "status")


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_help_of_a_kind_is_its_option_table(notebook: Notebook, kind: str) -> None:
    ran = notebook.run(f"%minimax help {kind}")
    text = ran.shown[0]
    assert text == show(notebook, f"%minimax {kind} --help")
    assert text == show(notebook, f"%%minimax {kind} -h\nany text")
    for row in (*option_table(request_class(kind)), *MAGIC_OPTIONS):
        shown = any(
            line.split(" ")[0].rstrip(",").replace("[no-]", "").lstrip("-") == row.name
            for line in text.split("\n")
        )
        assert shown is not row.hidden, row.name
        if not row.hidden:
            assert row.name in ran.html


@pytest.mark.parametrize("name", COMMANDS)
def test_every_subcommand_has_help(notebook: Notebook, name: str) -> None:
    text = show(notebook, f"%minimax help {name}")
    assert text == show(notebook, f"%minimax {name} --help")
    assert COMMANDS[name].help in text
    assert all(f"--{option.name}" in text for option in COMMANDS[name].options)


def test_wait_without_a_running_job(notebook: Notebook) -> None:
    assert show(notebook, "%minimax wait") == "No job is running."
    assert notebook.fails("%minimax wait 01NOSUCHJOB")[0].count("01NOSUCHJOB") == 1
    assert notebook.fails("%minimax wait -o x") == ["Grammar: -o takes the result of one job; name one"]


def test_wait_takes_several_jobs_on_one_board(notebook: Notebook, lab: Lab) -> None:
    notebook.run("%minimax image -o one --background --quiet A fox")
    notebook.run("%minimax image -o two --background --quiet A hare")
    text = show(notebook, "%minimax wait one two")
    assert text.startswith("2 of 2 done")
    assert notebook["one"].job_id != notebook["two"].job_id
    assert lab.last is not None
    assert lab.last.job_id == notebook["two"].job_id


def test_wait_keeps_what_succeeded_when_another_job_failed(notebook: Notebook, lab: Lab) -> None:
    notebook.run("%minimax image -o bad --background --quiet forbidden-content")
    notebook.run("%minimax image -o fine --background --quiet A hare")
    ran = notebook.run("%minimax wait bad fine")
    assert "1026" in ran.printed.split("\n")[0]
    assert ran.shown[0].startswith("1 of 2 done")
    assert notebook["fine"][0].path.is_file()


def test_wait_watches_the_job_of_another_kernel(notebook: Notebook, lab: Lab) -> None:
    other = other_kernel(lab, "stay")
    assert other.stdout is not None
    try:
        job_id = other.stdout.readline().strip()
        show(notebook, f"%minimax wait {job_id}")
        assert notebook["clip"].job_id == job_id
        assert notebook["clip"][0].path.is_file()
        assert other.poll() is None
    finally:
        other.communicate("")


def test_wait_takes_over_the_job_of_a_dead_kernel(notebook: Notebook, lab: Lab) -> None:
    other = other_kernel(lab, "die")
    job_id = other.communicate()[0].strip()
    owner = lab.job(job_id).record.lease_owner
    lab.ledger.renew(owner, 1).result()  # as if the lease had run out
    show(notebook, f"%minimax wait {job_id}")
    assert notebook["clip"].job_id == job_id
    assert notebook["clip"][0].path.is_file()


def test_resume(notebook: Notebook, lab: Lab) -> None:
    assert show(notebook, "%minimax resume") == "Nothing to resume: no job of a dead kernel is open."
    job_id = other_kernel(lab, "die").communicate()[0].strip()
    lab.ledger.renew(lab.job(job_id).record.lease_owner, 1).result()
    text = show(notebook, "%minimax resume")
    assert text.startswith("Resumed\n")
    assert job_id in text
    show(notebook, "%minimax wait")
    assert notebook["clip"].job_id == job_id


def test_every_group_of_help_is_of_subcommands_and_none_is_listed_twice() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(set(grouped)) == len(grouped)
    assert set(grouped) < set(COMMANDS)


def test_a_result_is_as_good_as_its_jobs_id(notebook: Notebook, lab: Lab) -> None:
    notebook.run("%minimax image hero << A red fox")
    job_id = notebook["hero"].job_id
    assert job_id in show(notebook, "%minimax star hero")
    assert job_id in show(notebook, "%minimax tag {hero} round=1")
    assert notebook.run("%minimax wait hero").error is None
    assert "price_facts" not in notebook["hero"].facts


def test_what_no_price_is_known_of_is_never_called_free(notebook: Notebook, lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "pet.png"
    file.write_bytes(picture(640, 400))
    notebook.run(f"%minimax agent --template Diving --image {file}")
    assert "spent today  1 job at a price not known" in show(notebook, "%minimax")
    told = repr(notebook.run("%minimax cost").result)
    assert "not known" in told
    assert "$0.00" not in told
