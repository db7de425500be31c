"""Budgets, estimates, approvals, decisions on unknown jobs, reuse and replay, as they are typed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.amounts import AMOUNT_FORM
from minimax_nb.errors import OutcomeUnknownError
from minimax_nb.kinds import build
from minimax_nb.ledger.record import JobState
from tests.engine.conftest import Control
from tests.shell.conftest import Notebook
from tests.shell.test_magic_commands import other_kernel, show

pytestmark = pytest.mark.usefixtures("lab")


@pytest.fixture
def control(sandbox: Any) -> Control:
    return Control(sandbox.url)


@pytest.fixture
def unknown(lab: Lab, control: Control) -> str:
    """The id of a job whose reply was lost."""
    control.fault("drop", method="POST")
    job = lab.submit(build("image", "A red fox", {}), name="fox")
    with pytest.raises(OutcomeUnknownError):
        job.result()
    return job.id


# --- budgets ---------------------------------------------------------------------------------------


def test_budgets_are_set_shown_and_removed(notebook: Notebook, lab: Lab) -> None:
    assert show(notebook, "%minimax budget") == "No budget: %minimax budget 5 --per day sets one."
    text = show(notebook, "%minimax budget 5 --per day --kind video")
    title, headers, row, note = text.split("\n")
    assert title == "Budgets"
    assert headers.split("  ")[0] == "id"
    assert row.split()[1:] == [
        "real",
        "money,",
        "kind",
        "video",
        "$5.00",
        "day",
        "$0.00",
        "$0.00",
        "$0.00",
        "$5.00",
    ]
    assert note == "A hard limit refuses what could cross it, a soft one warns. Periods begin at midnight UTC"
    (status,) = lab.budgets()
    assert str(status.budget) == "$5.00 a day for kind video"
    assert show(notebook, f"%minimax budget --remove {status.budget.id}") == (
        "Removed: real money, kind video\nNo budget: %minimax budget 5 --per day sets one."
    )


def test_what_is_spent_possibly_spent_and_left_stands_apart(
    notebook: Notebook, lab: Lab, control: Control
) -> None:
    notebook.run("%minimax budget 0.02 --sandbox")
    notebook.run("%minimax image A fox")
    control.fault("drop", method="POST")
    notebook.run("%minimax image -n 2 A fox")
    row = show(notebook, "%minimax budget").split("\n")[2]
    assert row.split()[1:] == ["sandbox", "$0.02", "total", "$0.0035", "$0.007", "$0.00", "$0.0095"]
    assert notebook.fails("%minimax image -n 4 A fox") == [
        (
            "BudgetExceeded: this can cost $0.014 and the budget of $0.02 in total in the sandbox has $0.0095 left:"
            " $0.0035 spent + $0.007 possibly spent = $0.0105"
        ),
        (
            "Nothing was sent. Raise the budget (%minimax budget), or settle what is possibly spent"
            " (%minimax jobs --unknown)."
        ),
    ]


def test_the_setting_says_when_it_comes_back(notebook: Notebook, lab: Lab) -> None:
    lab.settings.set("budget", "5")
    text = show(notebook, "%minimax budget 10")
    assert text.split("\n")[-1] == ("The setting budget=5 (%minimax config) is applied when a kernel starts.")
    assert "$10.00 left of $10.00 in total" in show(notebook, "%minimax")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("budget five", "Config: budget five: must be an amount, or an amount for a period: 5, 5/day, 20/month"),
        ("budget -5", "Config: budget -5: must be an amount, or an amount for a period: 5, 5/day, 20/month"),
        ("budget 5 6", "Grammar: usage: %minimax budget [AMOUNT] [--per day]"),
        ("budget 5/day --per week", "Config: budget 5/day per week: give one period of total, day, week, month"),
        ("budget --soft", "Grammar: --soft needs an amount: %minimax budget 5 --per day"),
        ("budget 5 --remove ab", "Grammar: --remove stands alone: %minimax budget --remove ID"),
        ("budget 5 --provider pixaso", "Config: no provider 'pixaso'; did you mean 'pixazo'?"),
        ("cancel", "Grammar: usage: %minimax cancel ID"),
        ("resend", "Grammar: usage: %minimax resend ID [-o NAME] [--yes]"),
        ("abandon", "Grammar: usage: %minimax abandon ID [--charged yes|no]"),
        ("abandon 01NOSUCHJOB", "RequestInvalid: no job '01NOSUCHJOB' in the ledger"),
        ("replay maybe", "Grammar: replay maybe: allowed: on, off"),
        ("config reuse=perhaps", "Config: reuse=perhaps (%minimax config): allowed: on, off"),
        ("config approve=lots", f"Config: approve=lots (%minimax config): must be {AMOUNT_FORM}"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_line(notebook: Notebook, line: str, message: str) -> None:
    assert notebook.fails(f"%minimax {line}")[0] == message


def test_an_unknown_budget_id(notebook: Notebook) -> None:
    assert notebook.fails("%minimax budget --remove ab12") == [
        "Config: budget 'ab12': no such budget",
        "%minimax budget lists them with their ids",
    ]


def test_a_wrong_choice_points_at_it(notebook: Notebook) -> None:
    assert notebook.fails("%minimax budget 5 --per dya") == [
        "Grammar: --per dya: allowed: total, day, week, month; did you mean 'day'?",
        "  %minimax budget 5 --per dya",
        "                          ^",
    ]


# --- estimates and approval -------------------------------------------------------------------------


def test_an_estimate_is_one_line_and_sends_nothing(notebook: Notebook, lab: Lab, control: Control) -> None:
    show(notebook, "%minimax budget 1 --per day --sandbox")
    line = show(notebook, "%minimax estimate image -n 4 A red fox")
    assert line.startswith("$0.014 = 4 images at $0.0035 (sandbox) · image by image-01 of minimax · ")
    assert line.endswith(" · $1.00 left of $1.00 a day in the sandbox")
    assert "\n" not in line
    notebook.shell.user_ns["animal"] = "hare"
    cell = notebook.run("%%minimax estimate speech\nA {animal} runs")
    assert cell.shown[0].startswith("$0.001")
    assert control.requests() == []
    assert lab.jobs() == []


def test_an_estimate_tells_all_that_is_added_up(notebook: Notebook) -> None:
    pictures = " ".join(f"--reference-image https://example.com/{number}.jpg" for number in range(7))
    line = show(notebook, f"%minimax estimate video --model MiniMax-H3 {pictures} --duration 5 A train")
    assert line.startswith("$0.48 = 5 seconds at $0.08 + 2 reference images at $0.04 (sandbox) · ")


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("estimate", ["Grammar: estimate needs a kind, as in %minimax estimate image A fox"]),
        ("estimate imge A fox", [
            "Grammar: estimate needs a kind; did you mean 'image'?",
            "  %minimax estimate imge A fox",
            "                    ^",
        ]),
        ("estimate image --sede 7 A fox", [
            "Grammar: image has no option --sede; did you mean '--seed'?",
            "  %minimax estimate image --sede 7 A fox",
            "                          ^",
        ]),
    ],
)  # fmt: skip
def test_mistakes_in_an_estimate(notebook: Notebook, line: str, lines: list[str]) -> None:
    assert notebook.fails(f"%minimax {line}") == lines


def test_above_the_approved_amount_a_cell_needs_yes(notebook: Notebook, control: Control) -> None:
    show(notebook, "%minimax config approve=0.005")
    assert notebook.fails("%%minimax image -n 2\nA fox") == [
        (
            "ApprovalNeeded: this can cost $0.007, and above $0.005 a job needs a yes:"
            " nothing was sent; to send it add --yes"
        )
    ]
    assert control.posts == 0
    assert notebook.run("%%minimax image -n 2 --yes\nA fox").error is None
    assert control.posts == 1


def test_an_unpriced_cell_needs_permission(notebook: Notebook, control: Control) -> None:
    show(notebook, "%minimax budget 5 --sandbox")
    show(notebook, "%minimax config prices=apixo-2026")
    assert notebook.fails("%minimax image A fox") == [
        (
            "BudgetExceeded: no price is known for image with image-01,"
            " so the budget of $5.00 in total in the sandbox cannot be kept"
        ),
        "Nothing was sent. To send it all the same add --allow-unpriced.",
    ]
    assert notebook.run("%minimax image --allow-unpriced A fox").error is None
    assert control.posts == 1


# --- unknown jobs -----------------------------------------------------------------------------------


def test_unknown_jobs_are_listed_with_what_they_may_have_cost(
    notebook: Notebook, lab: Lab, unknown: str
) -> None:
    title, _, row, note = show(notebook, "%minimax jobs --unknown").split("\n")
    assert title == "Jobs of unknown outcome, newest first: nothing real possibly spent"
    assert row.startswith(unknown)
    assert "$0.0035 (sandbox)" in row
    assert "%minimax abandon ID" in note
    assert "%minimax resend ID" in note
    assert "unknown      1 job: %minimax jobs --unknown" in show(notebook, "%minimax")
    cost = notebook.run("%minimax cost").result
    assert (list(cost["cost"]), list(cost["possibly_spent"])) == ([0.0], [0.0035])
    show(notebook, f"%minimax abandon {unknown}")
    assert show(notebook, "%minimax jobs --unknown") == "No job of unknown outcome."


def test_resend_makes_a_new_job_and_says_what_it_replaces(
    notebook: Notebook, lab: Lab, control: Control, unknown: str
) -> None:
    text = show(notebook, f"%minimax resend {unknown[-8:]}")
    assert f"sent again in place of job {unknown}, which may have been charged too ($0.0035)" in text
    assert notebook["fox"].job_id != unknown
    assert control.posts == 2
    assert notebook.fails(f"%minimax resend {unknown}") == [
        f"RequestInvalid: job {unknown} was sent again already, as {notebook['fox'].job_id} (done)"
    ]
    assert notebook.fails(f"%minimax resend {notebook['fox'].job_id}") == [
        (
            f"RequestInvalid: job {notebook['fox'].job_id} is done and is not sent again:"
            " only a job that is unknown, given up, refused or failed can"
        )
    ]
    assert control.posts == 2


def test_abandon_says_what_happens_to_the_money(notebook: Notebook, lab: Lab, unknown: str) -> None:
    assert show(notebook, f"%minimax abandon {unknown}") == (
        f"Job {unknown} is given up; its $0.0035 (sandbox) stays counted as possibly spent."
    )
    assert notebook.fails(f"%minimax abandon {unknown}") == [
        f"RequestInvalid: job {unknown} is given up: only a job whose outcome is unknown can be given up"
    ]
    assert show(notebook, f"%minimax abandon {unknown} --charged no") == (
        f"Job {unknown} is given up; it is booked as not charged."
    )


def test_cancel_is_plain_about_what_it_can_do(notebook: Notebook, lab: Lab, unknown: str) -> None:
    assert notebook.fails(f"%minimax cancel {unknown}") == [
        f"RequestInvalid: job {unknown} was sent and its reply was lost, so it cannot be cancelled",
        f"%minimax abandon {unknown} gives it up",
    ]
    job = lab.submit(build("video", "A fox runs", {}))
    while not job.record.task_id:
        job.wait(0.01)
    notebook.shell.user_ns["clip"] = job
    assert notebook.fails("%minimax cancel clip") == [
        f"RequestInvalid: minimax has no cancel: job {job.id} is sent, goes on and is charged ($0.28 (sandbox))"
    ]
    job.result()
    assert notebook.fails("%minimax cancel clip") == [
        f"RequestInvalid: job {job.id} is over (done); there is nothing to cancel"
    ]


def test_cancel_stops_what_waits_for_the_limit(
    notebook: Notebook, lab: Lab, control: Control, sandbox: Any
) -> None:
    lab.ledger.pause(f"sandbox-{sandbox.instance}", "image", time.time_ns() // 1000 + 60_000_000).result()
    job = lab.submit(build("image", "A fox", {}))
    while "/min limit" not in job.stage:
        job.wait(0.01)
    assert "waiting for the 10/min limit, " in show(notebook, "%minimax")
    assert show(notebook, f"%minimax cancel {job.id}") == (
        f"Job {job.id} is cancelled: it was not sent and costs nothing."
    )
    assert (job.state, control.posts) == (JobState.CANCELLED, 0)


# --- reuse and replay -------------------------------------------------------------------------------


def test_reuse_answers_from_the_ledger_and_says_so(notebook: Notebook, lab: Lab, control: Control) -> None:
    notebook.run("%minimax image -o one --seed 7 A fox")
    text = show(notebook, "%minimax image -o two --reuse --seed 7 A fox")
    assert notebook["two"][0] == notebook["one"][0]
    assert "$0.00 (reused)" in text
    assert f"from the ledger, $0.00: job {notebook['one'].job_id}" in repr(notebook["two"])
    assert control.posts == 1
    show(notebook, "%minimax config reuse=on")
    notebook.run("%minimax image --seed 7 A fox")
    assert control.posts == 1
    notebook.run("%minimax image --again --seed 7 A fox")
    assert control.posts == 2
    assert notebook.fails("%minimax image --again --reuse A fox") == [
        "Grammar: --reuse and --again say the opposite; use one"
    ]


def test_a_replay_sends_nothing(notebook: Notebook, lab: Lab, control: Control) -> None:
    assert show(notebook, "%minimax replay") == "Replay is off: requests are sent."
    notebook.run("%minimax image A fox")
    said = "Replay is on: every request is answered from the ledger, and nothing is sent."
    assert show(notebook, "%minimax replay on") == said
    assert "replay       on: nothing is sent" in show(notebook, "%minimax")
    assert notebook.run("%%minimax image fox <<\nA fox").error is None
    assert notebook["fox"].cost == 0
    assert notebook.fails("%minimax image A hare") == [
        'RequestInvalid: replay is on and the ledger has no image "A hare" by image-01 of minimax with these options',
        "Nothing was sent. To send it ($0.0035): %minimax replay off",
    ]
    assert notebook.fails("%minimax image --again A fox")[0] == (
        "RequestInvalid: replay is on, and this asks for a new result; nothing is sent in a replay"
    )
    assert control.posts == 1
    show(notebook, "%minimax replay off")


# --- jobs of dead kernels ---------------------------------------------------------------------------


def test_the_first_command_announces_what_goes_on(notebook: Notebook, lab: Lab) -> None:
    job_id = other_kernel(lab, "die").communicate()[0].strip()
    lab.ledger.release(job_id, lab.job(job_id).record.lease_owner or "").result()
    first, table = notebook.run("%minimax jobs").shown
    assert first == "Resumed 1 job of an earlier kernel: %minimax jobs"
    assert job_id in table
    lab._arrival.wait()
    assert lab.job(job_id).result()[0].kind == "video"
    assert len(notebook.run("%minimax jobs").shown) == 1


def test_loading_the_extension_adopts_nothing(home: Path) -> None:
    source = (
        "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance();"
        "s.run_line_magic('load_ext', 'minimax_nb'); s.run_line_magic('minimax', 'help');"
        "import os, sys; assert 'minimax_nb.lab' not in sys.modules;"
        "assert not os.path.exists(os.environ['MINIMAX_NB_HOME'])"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", source], check=True, env=environ, stdout=subprocess.DEVNULL)
