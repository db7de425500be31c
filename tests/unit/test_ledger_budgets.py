"""Budgets: reserved with the intent, settled with the cost, never crossed by an admission."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from minimax_nb.errors import BudgetExceededError, ConfigError
from minimax_nb.ledger import BudgetStatus, Charge, JobRecord, JobState, Ledger
from minimax_nb.ledger.budgets import Period, period_bounds
from tests.unit.conftest import Clock

Make = Callable[..., JobRecord]
DOLLAR = 1_000_000_000


def status(ledger: Ledger) -> BudgetStatus:
    (only,) = ledger.budgets()
    return only


def counted(ledger: Ledger) -> tuple[int, int, int | None]:
    now = status(ledger)
    return now.spent_nano, now.reserved_nano, now.left_nano


def test_what_would_cross_a_hard_budget_is_refused_and_leaves_nothing(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(hard_nano=5 * DOLLAR, period="day", scope={"project": "demo"})
    ledger.insert_job(record(project="demo"), reserve_nano=4 * DOLLAR)
    settled = record(project="demo")
    ledger.insert_job(settled, reserve_nano=DOLLAR // 2)
    ledger.settle(settled.id, charge=Charge.CHARGED, source="metered", amount_nano=DOLLAR // 4).result()
    refused = record(project="demo")
    with pytest.raises(BudgetExceededError) as caught:
        ledger.insert_job(refused, reserve_nano=800_000_000)
    assert caught.value.message == (
        "this can cost $0.80 and the budget of $5.00 a day for project demo has $0.75 left:"
        " $0.25 spent + $4.00 reserved for running jobs = $4.25"
    )
    assert caught.value.hint == (
        "Nothing was sent. Raise the budget (%minimax budget), or wait: the next day begins 2026-11-22 00:00 UTC."
    )
    assert ledger.find(refused.id) == []
    assert counted(ledger) == (DOLLAR // 4, 4 * DOLLAR, 750_000_000)
    ledger.insert_job(record(project="demo"), reserve_nano=750_000_000)  # exactly what is left
    ledger.insert_job(record(project="demo"), reserve_nano=0)  # from the cache
    ledger.insert_job(record(project="other"), reserve_nano=99 * DOLLAR)
    assert counted(ledger)[2] == 0
    assert ledger.problems() == []


@pytest.mark.parametrize(
    ("charge", "amount", "expected"),
    [
        (Charge.CHARGED, DOLLAR, (DOLLAR, 0)),
        (Charge.CHARGED, 3 * DOLLAR, (3 * DOLLAR, 0)),  # an overrun is recorded, not hidden
        (Charge.CHARGED, None, (0, 2 * DOLLAR)),  # no price is known: what was held stays held
        (Charge.NOT_CHARGED, None, (0, 0)),
        (Charge.NONE, None, (0, 0)),
        (Charge.UNKNOWN, None, (0, 2 * DOLLAR)),  # possibly spent
    ],
)
def test_settlement_moves_the_reservation(
    ledger: Ledger, record: Make, charge: Charge, amount: int | None, expected: tuple[int, int]
) -> None:
    ledger.set_budget(hard_nano=10 * DOLLAR)
    made = record()
    ledger.insert_job(made, reserve_nano=2 * DOLLAR)
    for _ in range(2):
        ledger.settle(made.id, charge=charge, source="reported", amount_nano=amount).result()
        assert counted(ledger)[:2] == expected
    assert ledger.problems() == []


def test_a_refusal_by_the_provider_gives_the_reservation_back(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(hard_nano=DOLLAR)
    made = record()
    ledger.insert_job(made, reserve_nano=DOLLAR)
    ledger.update_job(made.id, event="refused", state=JobState.REJECTED, charge=Charge.NOT_CHARGED).result()
    assert counted(ledger) == (0, 0, DOLLAR)


def test_a_late_decision_and_a_refund_reach_the_budget(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(hard_nano=10 * DOLLAR)
    made = record()
    ledger.insert_job(made, reserve_nano=2 * DOLLAR)
    ledger.update_job(made.id, event="gave up", state=JobState.ABANDONED, charge=Charge.UNKNOWN).result()
    assert counted(ledger)[:2] == (0, 2 * DOLLAR)
    ledger.settle(made.id, charge=Charge.CHARGED, source="reported", amount_nano=2 * DOLLAR).result()
    ledger.add_cost(made.id, amount_nano=-DOLLAR, source="reported", kind="refund").result()
    assert counted(ledger)[:2] == (DOLLAR, 0)
    assert ledger.job(made.id).state is JobState.ABANDONED


def test_an_overrun_is_seen_by_the_next_job(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(hard_nano=2 * DOLLAR)
    made = record()
    ledger.insert_job(made, reserve_nano=DOLLAR)
    ledger.settle(made.id, charge=Charge.CHARGED, source="reported", amount_nano=3 * DOLLAR).result()
    assert status(ledger).left_nano == -DOLLAR
    with pytest.raises(BudgetExceededError, match=r"has \$0.00 left: \$3.00 spent"):
        ledger.insert_job(record(), reserve_nano=1)


def test_an_unpriced_job_needs_permission(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(soft_nano=DOLLAR, scope={"kind": "music"})
    ledger.insert_job(record(kind="music"))  # a soft budget refuses nothing
    ledger.set_budget(hard_nano=DOLLAR)
    with pytest.raises(BudgetExceededError, match="no price is known for video with MiniMax-Hailuo-2.3"):
        ledger.insert_job(record())
    made = record()
    ledger.insert_job(made, allow_unpriced=True)
    ledger.settle(made.id, charge=Charge.CHARGED, source="reported", amount_nano=7).result()
    assert {str(item.budget): item.spent_nano for item in ledger.budgets()} == {
        "$1.00 in total for kind music": 0,
        "$1.00 in total": 7,
    }


def test_sandbox_and_real_money_are_apart(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(hard_nano=DOLLAR)
    ledger.set_budget(hard_nano=2 * DOLLAR, sandbox=True)
    ledger.insert_job(record(sandbox=True), reserve_nano=2 * DOLLAR)
    ledger.insert_job(record(), reserve_nano=DOLLAR)
    with pytest.raises(BudgetExceededError, match=r"budget of \$2.00 in total in the sandbox"):
        ledger.insert_job(record(sandbox=True), reserve_nano=1)


def test_currencies_are_apart(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(hard_nano=DOLLAR, currency="CNY")
    ledger.insert_job(record(currency="USD"), reserve_nano=50 * DOLLAR)
    with pytest.raises(BudgetExceededError, match=r"cost ¥2.00 and the budget of ¥1.00 in total"):
        ledger.insert_job(record(currency="CNY"), reserve_nano=2 * DOLLAR)


def test_a_budget_of_a_sweep_counts_its_jobs_alone(ledger: Ledger, record: Make) -> None:
    first = record(batch="b1", estimate_nano=DOLLAR // 2)
    ledger.insert_job(first, reserve_nano=DOLLAR // 2)  # before the budget: it counts all the same
    ledger.set_budget(hard_nano=DOLLAR, scope={"batch": "b1"})
    ledger.insert_job(record(), reserve_nano=5 * DOLLAR)
    ledger.insert_job(record(batch="b2"), reserve_nano=5 * DOLLAR)
    ledger.insert_job(record(batch="b1"), reserve_nano=DOLLAR // 2)
    with pytest.raises(BudgetExceededError, match=r"budget of \$1.00 in total for batch b1 has \$0.00 left"):
        ledger.insert_job(record(batch="b1"), reserve_nano=1)
    ledger.settle(first.id, charge=Charge.NOT_CHARGED, source="reported", state=JobState.FAILED).result()
    ledger.insert_job(record(batch="b1"), reserve_nano=DOLLAR // 2)


def test_every_budget_that_applies_must_allow_it(ledger: Ledger, record: Make) -> None:
    ledger.set_budget(hard_nano=10 * DOLLAR)
    ledger.set_budget(hard_nano=DOLLAR, scope={"provider": "apixo"})
    with pytest.raises(BudgetExceededError, match="for provider apixo"):
        ledger.insert_job(record(provider="apixo"), reserve_nano=2 * DOLLAR)
    assert {item.reserved_nano for item in ledger.budgets()} == {0}
    ledger.insert_job(record(), reserve_nano=2 * DOLLAR)
    reserved = {item.budget.scope.get("provider"): item.reserved_nano for item in ledger.budgets()}
    assert reserved == {"apixo": 0, None: 2 * DOLLAR}


def test_a_new_period_begins_empty_and_the_old_one_settles(
    ledger: Ledger, record: Make, clock: Clock
) -> None:
    ledger.set_budget(hard_nano=DOLLAR, period="day")
    made = record()
    ledger.insert_job(made, reserve_nano=DOLLAR)
    clock.forward(12 * 3600)
    assert counted(ledger) == (0, 0, DOLLAR)
    ledger.insert_job(record(), reserve_nano=DOLLAR // 2)
    ledger.settle(made.id, charge=Charge.CHARGED, source="metered", amount_nano=DOLLAR).result()
    assert counted(ledger) == (0, DOLLAR // 2, DOLLAR // 2)  # yesterday's job is yesterday's money
    assert ledger.problems() == []


def test_what_was_spent_before_the_budget_counts(ledger: Ledger, record: Make, clock: Clock) -> None:
    yesterday = record(created_us=clock() - 86_400_000_000)
    paid, running, lost, refused, foreign = record(), record(), record(), record(), record(project="else")
    for made in (yesterday, paid, running, lost, refused, foreign):
        ledger.insert_job(made, reserve_nano=made.estimate_nano)
    for made in (yesterday, paid, foreign):
        ledger.settle(made.id, charge=Charge.CHARGED, source="metered", amount_nano=200_000_000).result()
    ledger.update_job(lost.id, event="lost", state=JobState.LOST, charge=Charge.UNKNOWN).result()
    ledger.update_job(
        refused.id, event="refused", state=JobState.REJECTED, charge=Charge.NOT_CHARGED
    ).result()
    ledger.set_budget(hard_nano=DOLLAR, period="day", scope={"project": ""})
    assert counted(ledger)[:2] == (200_000_000, 2 * 280_000_000)  # paid; running and possibly spent
    ledger.settle(running.id, charge=Charge.CHARGED, source="metered", amount_nano=280_000_000).result()
    assert counted(ledger)[:2] == (480_000_000, 280_000_000)
    assert ledger.problems() == []


def test_a_budget_is_changed_removed_and_put_back(ledger: Ledger, record: Make) -> None:
    first = ledger.set_budget(hard_nano=DOLLAR, period="month")
    assert ledger.set_budget(hard_nano=2 * DOLLAR, period="month").id == first.id
    ledger.remove_budget(first.id)
    assert ledger.budgets() == []
    ledger.insert_job(record(), reserve_nano=280_000_000)
    ledger.set_budget(hard_nano=DOLLAR, period="month")
    assert counted(ledger)[:2] == (0, 280_000_000)


def test_a_soft_limit_warns_once_a_period(ledger: Ledger, record: Make, clock: Clock) -> None:
    ledger.set_budget(soft_nano=DOLLAR, period="day")
    assert ledger.insert_job(record(), reserve_nano=DOLLAR).warnings == []
    warned = ledger.insert_job(record(warnings=["a tag"]), reserve_nano=DOLLAR)
    assert warned.warnings == ["a tag", "the soft limit of $1.00 a day is crossed: $2.00 spent or reserved"]
    assert ledger.insert_job(record(), reserve_nano=DOLLAR).warnings == []
    clock.forward(86_400)
    assert len(ledger.insert_job(record(), reserve_nano=2 * DOLLAR).warnings) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "soft limit, a hard limit or both"),
        ({"hard_nano": -1}, "negative"),
        ({"hard_nano": 1, "period": "year"}, "'year'; allowed: total, day, week, month"),
        ({"hard_nano": 1, "scope": {"mood": "good"}}, "limited to 'mood'"),
    ],
)
def test_budgets_without_sense_are_refused(
    ledger: Ledger, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        ledger.set_budget(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("period", "moment", "starts", "ends"),
    [
        ("day", "2026-11-21T23:59:59", "2026-11-21", "2026-11-22"),
        ("week", "2026-11-22T23:59:59", "2026-11-16", "2026-11-23"),
        ("week", "2026-11-16T00:00:00", "2026-11-16", "2026-11-23"),
        ("month", "2026-12-31T12:00:00", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29T12:00:00", "2028-02-01", "2028-03-01"),
    ],
)
def test_periods_begin_at_midnight_utc(period: Period, moment: str, starts: str, ends: str) -> None:
    def us(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000

    assert period_bounds(period, us(moment)) == (us(starts), us(ends))


SPENDING = """
import json, random, sys
from pathlib import Path
from minimax_nb.errors import BudgetExceededError
from minimax_nb.ledger import Charge, JobRecord, Ledger
ledger, me = Ledger(Path(sys.argv[1])), sys.argv[2]
dice, paid, refused = random.Random(me), 0, 0
print("ready", flush=True)
sys.stdin.readline()
for n in range(50):
    job = f"{me}-{n:03d}"
    record = JobRecord(job, "image", "p", "m", "o", "e", "a", {}, "f", n, n, estimate_nano=500)
    try:
        ledger.insert_job(record, reserve_nano=500)
    except BudgetExceededError:
        refused += 1
        continue
    cost = dice.choice((0, 300, 400, 500))  # what the provider takes
    paid += cost
    print(json.dumps([paid, refused]), flush=True)
    charge = Charge.CHARGED if cost else Charge.NOT_CHARGED
    ledger.settle(job, charge=charge, source="reported", amount_nano=cost).result()
print(json.dumps([paid, refused]), flush=True)
ledger.close()
"""


@pytest.mark.parametrize("killed", [0, 2])
def test_four_processes_never_overshoot(ledger: Ledger, killed: int) -> None:
    budget = 20_000
    ledger.set_budget(hard_nano=budget)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SPENDING, str(ledger.path), f"p{number}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    for process in running[:killed]:
        process.stdout.readline()  # type: ignore[union-attr]
        process.send_signal(signal.SIGKILL)
    totals = [process.communicate(timeout=60)[0].splitlines() for process in running]
    paid, refused = (
        sum(numbers) for numbers in zip(*(json.loads(lines[-1]) for lines in totals if lines), strict=True)
    )
    now = status(ledger)
    assert paid <= now.spent_nano + now.reserved_nano <= budget
    assert refused > 0
    if not killed:
        assert (now.spent_nano, now.reserved_nano) == (paid, 0)
        assert budget - paid < 500
    assert ledger.problems() == []
