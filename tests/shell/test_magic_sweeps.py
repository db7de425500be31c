"""``--vary`` and ``--each`` in cells: the line before, the grid after, mistakes, and the sweep as a variable."""

from __future__ import annotations

from typing import Any

import pytest

from minimax_nb import Lab
from tests.engine.conftest import Control
from tests.shell.conftest import Notebook

SIZE = "--width 512 --height 512"


@pytest.fixture
def control(sandbox: Any) -> Control:
    return Control(sandbox.url)


def test_a_cell_says_the_price_then_shows_the_grid(notebook: Notebook, lab: Lab, control: Control) -> None:
    cell = f"%%minimax image g << {SIZE} --vary n=1,2 --vary seed=1..2\nA red fox"
    ran = notebook.run(cell)
    assert ran.error is None
    said, card = ran.shown
    assert said == "4 jobs (n × seed), $0.021 (sandbox) in all"
    assert card.startswith("4 of 4 done · $0.021 (sandbox)\nn=1, seed=1 · image")
    assert "<table" in ran.html
    assert len(notebook["g"][2, 1]) == 2
    assert lab.last is not None
    again = notebook.run(cell)
    assert again.shown == ["4 jobs (n × seed), 4 of 4 already done", card]
    assert control.charges == 4
    assert notebook.run(f"%minimax wait {notebook['g'].id[:6]} -o h").error is None
    assert [job.id for job in notebook["h"]] == [job.id for job in notebook["g"]]
    (listed,) = notebook.run("%minimax jobs").shown
    assert "n=2, seed=2 (sweep s-" in listed


def test_rows_axes_and_variables_are_filled_in(notebook: Notebook, lab: Lab) -> None:
    notebook.run(
        "rows = [{'who': 'Anna', 'v': 'English_expressive_narrator'}, {'who': 'Ben', 'v': 'English_Trustworthy_Man'}]"
    )
    notebook.run("place = 'Rome'")
    line = "%%minimax speech s << --each rows --voice {v} --vary mood=happily,sadly"
    cell = line + "\n{who} of {place} speaks {mood}, {unknown}."
    ran = notebook.run(cell)
    assert ran.error is None
    assert [job.record.prompt for job in notebook["s"]] == [
        f"{who} of Rome speaks {mood}, {{unknown}}."
        for who in ("Anna", "Ben")
        for mood in ("happily", "sadly")
    ]
    assert {job.record.request["voice"] for job in notebook["s"]} == {
        "English_expressive_narrator", "English_Trustworthy_Man",
    }  # fmt: skip
    assert notebook["s"].jobs[0].record.axes == {
        "who": "Anna", "v": "English_expressive_narrator", "mood": "happily",
    }  # fmt: skip
    assert notebook["s"].jobs[0].record.template == "{who} of {place} speaks {mood}, {unknown}."
    notebook.run("rows.append({'who': 'Cid', 'v': 'English_Trustworthy_Man'})")
    assert notebook.run(cell).shown[0].startswith("6 jobs (who × v × mood), 4 of 6 already done, ")


def test_nothing_is_sent_by_a_dry_run_or_an_estimate(notebook: Notebook, lab: Lab, control: Control) -> None:
    (shown,) = notebook.run(f"%%minimax image --dry-run {SIZE} --vary seed=1..2\nA fox").shown
    assert shown.splitlines() == [
        "Nothing was sent: 2 jobs (seed), $0.007 (sandbox) in all",
        "seed  price    stage",
        "1     $0.0035  to be sent",
        "2     $0.0035  to be sent",
    ]
    (shown,) = notebook.run(f"%minimax estimate image {SIZE} --vary seed=1..20 A fox").shown
    assert shown == "20 jobs (seed), $0.07 (sandbox) in all"
    assert control.posts == 0


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        (
            "%%minimax image --vary seed=1..\nA fox",
            "Grammar: 1..: a range ends with a number, as in 1..4 or 0.8..1.2:0.1",
        ),
        (
            "%%minimax image --vary modle=a,b\nA fox",
            "Grammar: image has no option 'modle' to vary; did you mean 'model'?; or write {modle} in the text",
        ),
        ("%%minimax image --each nix\nA {who}", "Grammar: {nix}: no variable 'nix' in the notebook"),
        (
            "%%minimax image --vary provider=minimax,pixaso\nA fox",
            "Config: no provider 'pixaso'; did you mean 'pixazo'?",
        ),
        ("%%minimax image --budget 2\nA fox", "Grammar: --budget limits a sweep"),
        (
            "%%minimax image --vary seed=1..9 --max-jobs 4\nA fox",
            "RequestInvalid: 9 jobs, and a sweep has at most 4",
        ),
        (
            "%%minimax image --vary seed=1..9 --max-jobs x\nA fox",
            "Grammar: --max-jobs x: must be a whole number",
        ),
        (
            "%minimax image --vary seed=1..2",
            "RequestInvalid: no prompt: write it after the options, or vary it",
        ),
        (
            "%%minimax image --vary seed=1..2 --strict\nA {colour} fox",
            "Grammar: --strict: {colour} is not filled",
        ),
        ("%minimax wait s-nix", "RequestInvalid: sweep 's-nix': no such sweep"),
    ],
)
def test_mistakes_are_short_and_send_nothing(
    notebook: Notebook, lab: Lab, control: Control, cell: str, line: str
) -> None:
    lines = notebook.fails(cell)
    assert lines[0].startswith(line)
    assert len(lines) <= 3
    assert control.posts == 0


def test_the_price_stands_before_a_refusal(notebook: Notebook, lab: Lab, control: Control) -> None:
    ran = notebook.run(f"%%minimax image {SIZE} --vary seed=1..3 --budget 0.001\nA fox")
    assert ran.shown == ["3 jobs (seed), $0.0105 (sandbox) in all"]
    assert ran.printed.startswith("BudgetExceeded: this can cost $0.0105 and the budget of $0.001")
    assert control.posts == 0


def test_the_cell_fails_in_one_line_and_keeps_the_rest(notebook: Notebook, lab: Lab) -> None:
    notebook.run("prompts = ['A fox', 'A forbidden-content cat']")
    ran = notebook.run(f"%minimax image p << {SIZE} --vary prompt={{prompts}}")
    assert ran.error is not None
    lines = ran.printed.splitlines()
    assert lines[0].startswith(
        "JobFailed: 1 of 2 jobs brought no result, the first at prompt=A forbidden-content cat: "
    )
    assert len(lines) == 2
    assert notebook["p"]["A fox"].path.exists()
    assert ran.shown[1].startswith("1 of 2 done · 1 failed")


def test_a_sweep_in_the_background_and_an_interrupted_one(
    notebook: Notebook, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = notebook.run(f"%%minimax image b << {SIZE} --vary seed=1..2 --background\nA fox")
    assert ran.error is None
    assert notebook["b"].wait(60)
    from minimax_nb.magics import run

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "follow", interrupt)
        ran = notebook.run(f"%%minimax image i << {SIZE} --vary seed=1..2\nA wolf")
    assert "go on; get the sweep with %minimax wait s-" in ran.printed
    done = notebook.run(f"%minimax wait {notebook['i'].id}")
    assert done.error is None
    assert done.shown[0].startswith("2 of 2 done")
