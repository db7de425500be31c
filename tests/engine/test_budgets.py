"""Budgets, estimates and approvals, where a request is asked for: refused with a reason and never sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.engine.session import session_id
from minimax_nb.errors import ApprovalNeededError, BudgetExceededError, ConfigError, OutcomeUnknownError
from minimax_nb.kinds import build
from minimax_nb.ledger.record import JobState

IMAGE = 3_500_000  # nano USD


@pytest.fixture
def real(home: Path, sandbox: Any) -> Iterator[Lab]:
    """A lab that takes the sandbox for the real provider: with a key, and money that counts."""
    with Lab(sandbox="off", minimax_api_key=sandbox.key["minimax"], minimax_api_host=sandbox.minimax) as made:
        yield made


def test_the_setting_is_a_hard_limit_on_real_money(real: Lab, control: Any) -> None:
    real.settings.set("budget", "0.01")
    real.image("a fox", n=2)
    with pytest.raises(BudgetExceededError) as caught:
        real.image("a hare")
    assert caught.value.lines() == [
        "BudgetExceeded: this can cost $0.0035 and the budget of $0.01 in total has $0.003 left: $0.007 spent",
        "Nothing was sent. Raise the budget (%minimax budget).",
    ]
    assert (control.posts, control.charged_nano) == (1, 2 * IMAGE)
    assert real.ledger.problems() == []


def test_sandbox_jobs_do_not_eat_a_real_budget(lab: Lab) -> None:
    lab.settings.set("budget", "0.001")
    lab.image("a fox")
    (status,) = lab.budgets()
    assert (status.spent_nano, status.budget.hard_nano) == (0, 1_000_000)
    lab.budget("0.005", sandbox=True)
    with pytest.raises(BudgetExceededError, match=r"\$0.005 in total in the sandbox has \$0.0015 left"):
        lab.image("a hare")


def test_the_setting_follows_its_value_and_is_written_once(lab: Lab) -> None:
    lab.settings.set("budget", "5/day")
    (first,) = lab.budgets()
    (again,) = lab.budgets()
    assert first.budget == again.budget
    assert str(first.budget) == "$5.00 a day"
    lab.settings.set("budget", "20/month")
    assert [str(item.budget) for item in lab.budgets()] == ["$20.00 a month"]
    lab.settings.set("budget", None)
    assert lab.budgets() == []


@pytest.mark.parametrize(
    "value", ["abc", "-5", "5/year", "5/", "nan", "1e3", " ", "5 USD/day/week", "$5 USD"]
)
def test_a_setting_that_is_no_limit_stops_everything(lab: Lab, control: Any, value: str) -> None:
    wrong = Lab(budget=value, sandbox=lab.settings.value("sandbox"))
    with pytest.raises(ConfigError, match="must be an amount, or an amount for a period: 5, 5/day, 20/month"):
        wrong.image("a fox")
    wrong.close()
    assert control.posts == 0


def test_limits_by_kind_provider_project_and_session(lab: Lab, control: Any) -> None:
    lab.budget(0, kind="video", sandbox=True)
    lab.budget(0, project="elsewhere", sandbox=True)
    lab.budget(0, provider="pixazo", sandbox=True)
    lab.image("a fox")
    with pytest.raises(BudgetExceededError, match="for kind video"):
        lab.video("a fox")
    with pytest.raises(BudgetExceededError, match="for provider pixazo"):
        lab.image("a fox", provider="pixazo")
    assert control.posts == 1
    lab.budget(0, session=True, sandbox=True)
    with pytest.raises(BudgetExceededError, match="for session"):
        lab.image("a fox")
    assert lab.jobs()[0].record.session_id == session_id()


def test_a_name_that_is_mistyped_makes_no_budget(lab: Lab) -> None:
    with pytest.raises(Exception, match="did you mean 'video'"):
        lab.budget(5, kind="vidoe")
    with pytest.raises(ConfigError, match="did you mean 'pixazo'"):
        lab.budget(5, provider="pixaso")
    with pytest.raises(ConfigError, match="give one period"):
        lab.budget("5/day", per="week")
    assert lab.budgets() == []


def test_a_soft_limit_beside_a_hard_one_leaves_it_in_force(lab: Lab) -> None:
    lab.budget(5, per="day")
    lab.budget(4, per="day", soft=True)
    (status,) = lab.budgets()
    assert (status.budget.hard_nano, status.budget.soft_nano) == (5 * 10**9, 4 * 10**9)
    assert lab.remove_budget(status.budget.id[:4]).id == status.budget.id
    assert lab.budgets() == []
    with pytest.raises(ConfigError, match="no such budget"):
        lab.remove_budget(status.budget.id)


def test_a_soft_limit_warns_on_the_card_once(lab: Lab) -> None:
    lab.budget("0.005", soft=True, sandbox=True)
    warnings = [lab.image(f"fox {number}").warnings for number in range(3)]
    assert [len(found) for found in warnings] == [0, 1, 0]
    assert warnings[1][0].startswith("the soft limit of $0.005 in total is crossed")


def test_what_may_have_been_spent_is_told_apart(real: Lab, control: Any) -> None:
    real.budget("0.006")
    control.fault("drop", method="POST")
    with pytest.raises(OutcomeUnknownError):
        real.image("a fox")
    (status,) = real.budgets()
    assert (status.spent_nano, status.reserved_nano, status.possible_nano) == (0, IMAGE, IMAGE)
    with pytest.raises(BudgetExceededError) as caught:
        real.image("a fox")
    assert caught.value.message.endswith("has $0.0025 left: $0.00 spent + $0.0035 possibly spent = $0.0035")
    assert "%minimax jobs --unknown" in (caught.value.hint or "")
    assert control.posts == 1


CHINESE = """
[book]
name = "cn"
currency = "CNY"
source = "a test"
retrieved = 2026-11-01

[[price]]
provider = "minimax"
kind = "image"
model = "image-01"
unit = "image"
price = "0.025"
"""


def test_a_price_in_another_currency_cannot_slip_through_a_budget(
    real: Lab, control: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "catalog" / "prices"
    folder.mkdir(parents=True)
    (folder / "cn.toml").write_text(CHINESE)
    monkeypatch.setenv("MINIMAX_NB_CATALOG", str(folder.parent))
    real.settings.set("prices", "cn")
    real.settings.set("approve", "0.50")
    real.budget(5)
    with pytest.raises(ApprovalNeededError, match=r"this can cost ¥0.025, and approve=0.50 is in USD"):
        real.image("a fox")
    with pytest.raises(BudgetExceededError, match="priced in CNY, so the budget of") as caught:
        real.image("a fox", approved=True)
    assert "%minimax budget '5 CNY'" in (caught.value.hint or "")
    real.budget("5 CNY")
    real.image("a fox", approved=True)
    spent = {item.budget.currency: item.spent_nano for item in real.budgets()}
    assert spent == {"CNY": 25_000_000, "USD": 0}
    assert control.posts == 1


def test_an_unpriced_job_passes_a_hard_budget_only_with_permission(real: Lab, control: Any) -> None:
    request = build("image", "a fox", {})
    real.settings.set("prices", "apixo-2026")  # knows no image of MiniMax
    real.budget(5)
    with pytest.raises(BudgetExceededError, match="no price is known") as caught:
        real.submit(request)
    assert "--allow-unpriced" in (caught.value.hint or "")
    assert real.submit(request, allow_unpriced=True).result().cost is None
    assert control.posts == 1


def test_above_the_approved_amount_a_job_needs_a_yes(lab: Lab, control: Any) -> None:
    lab.settings.set("approve", "0.005")
    lab.image("a fox")
    with pytest.raises(ApprovalNeededError) as caught:
        lab.image("a fox", n=2)
    (line,) = caught.value.lines()
    assert line.startswith("ApprovalNeeded: this can cost $0.007, and above $0.005 a job needs a yes: ")
    assert line.endswith("nothing was sent; to send it add --yes")
    assert control.posts == 1
    assert len(lab.image("a fox", n=2, approved=True)) == 2


def test_a_refusal_starts_no_sandbox(home: Path) -> None:
    with Lab(approve="0.001") as lab:
        with pytest.raises(ApprovalNeededError):
            lab.image("a fox")
        assert lab._connections._running is None


def test_the_forecast_says_price_source_and_what_is_left(lab: Lab, control: Any) -> None:
    lab.budget(1, per="day", sandbox=True)
    lab.budget(2, per="day", sandbox=True, kind="video")
    lab.budget(3)  # real money: not these jobs
    line = str(lab.forecast(build("image", "a fox", {"n": 4})))
    first, *_, left = line.split(" · ")
    assert first == "$0.014 = 4 images at $0.0035 (sandbox)"
    assert left == "$1.00 left of $1.00 a day in the sandbox"
    assert "image by image-01 of minimax" in line
    assert "\n" not in line
    assert control.requests() == []


def test_a_kernel_is_written_down_with_its_first_job(lab: Lab) -> None:
    lab.budgets()
    assert lab.ledger._read(lambda db: db.execute("SELECT COUNT(*) FROM kernels").fetchone())[0] == 0
    lab.image("a fox")
    lab.image("a hare")
    rows = lab.ledger._read(lambda db: db.execute("SELECT id, ended_us FROM kernels").fetchall())
    assert rows == [(session_id(), None)]
    assert {job.record.session_id for job in lab.jobs()} == {session_id()}
    assert all(job.state is JobState.SUCCEEDED for job in lab.jobs())
