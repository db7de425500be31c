"""Sweeps end to end: asked for as a whole, paid once, found again, refused whole."""

from __future__ import annotations

from typing import Any

import pytest

from minimax_nb import ImageRequest, Lab
from minimax_nb.errors import (
    ApprovalNeededError,
    BudgetExceededError,
    ConfigError,
    JobFailedError,
    RequestInvalidError,
)
from minimax_nb.kinds import build
from minimax_nb.ledger.record import Charge, JobState
from tests.engine.conftest import Control

SMALL = {"width": 512, "height": 512}
GRID: dict[str, Any] = {"seed": [1, 2], "n": [1, 2]}


def test_a_sweep_is_made_once_and_found_by_its_values(lab: Lab, control: Control) -> None:
    plan = lab.plan_sweep("image", GRID, prompt="A fox", **SMALL)
    assert str(plan) == "4 jobs (seed × n), $0.021 (sandbox) in all"
    sweep = plan.start()
    assert sweep.wait(60)
    assert [len(result) for result in sweep.results] == [1, 2, 1, 2]
    assert sweep.axes == {"seed": ("1", "2"), "n": ("1", "2")}
    assert len(sweep[2, 2]) == 2
    assert sweep.at(n=1, seed=1).seed == 1
    assert sweep.problem() is None
    frame = sweep.frame()
    assert list(frame.columns) == ["seed", "n", "state", "cost", "currency", "seconds", "path", "job"]
    assert frame["cost"].sum() == pytest.approx(0.021)
    assert set(frame["state"]) == {"succeeded"}
    assert frame["seed"].tolist() == [1, 1, 2, 2]
    assert control.charges == 4
    for key, why in (((9, 1), "nothing is at seed=9"), ((1,), "give 2 values")):
        with pytest.raises(RequestInvalidError, match=why):
            sweep[key]
    with pytest.raises(RequestInvalidError, match="2 jobs are at seed=1"):
        sweep.at(seed=1)
    bundle = sweep._repr_mimebundle_()
    assert "4 of 4 done" in bundle["text/html"]
    assert "seed=1, n=2" in repr(sweep)


def test_only_what_is_missing_is_made(lab: Lab, control: Control) -> None:
    lab.sweep("image", {"seed": [1, 2]}, prompt="A fox", **SMALL).wait()
    more = lab.plan_sweep("image", {"seed": [1, 2, 3]}, prompt="A fox", **SMALL)
    assert str(more) == "3 jobs (seed), 2 of 3 already done, $0.0035 (sandbox) for the other 1"
    sweep = more.start()
    sweep.wait()
    assert (len(sweep.results), control.charges) == (3, 3)
    again = lab.sweep("image", {"seed": [1, 2]}, prompt="A fox", again=True, **SMALL)
    again.wait()
    assert control.charges == 5
    assert again.id == f"{sweep.id}-2"
    assert (
        str(lab.plan_sweep("image", {"seed": [1, 2]}, prompt="A fox", **SMALL))
        == "2 jobs (seed), 2 of 2 already done"
    )
    other = lab.plan_sweep("image", {"seed": [1, 2]}, prompt="A cat", **SMALL)
    assert other.batch != sweep.id
    found = lab.find_sweep(sweep.id)
    assert [job.id for job in found] == [job.id for job in sweep]
    assert len(lab.ledger.batch_jobs(sweep.id)) == 3
    with pytest.raises(RequestInvalidError, match="no such sweep"):
        lab.find_sweep("s-nix")


def test_a_typed_request_can_be_varied_and_rows_filled_in(lab: Lab) -> None:
    request = ImageRequest(prompt="A fox", seed=9, **SMALL)
    sweep = lab.sweep(request, {"seed": range(3)})
    sweep.wait()
    assert [job.record.request["seed"] for job in sweep] == [0, 1, 2]
    rows = [{"who": "Anna", "age": 3}, {"who": "Ben", "age": 4}, {"who": "Anna", "age": 3}]
    said = lab.sweep("speech", each=rows, text="I am {who}, {age}.")
    said.wait()
    assert [job.record.prompt for job in said] == ["I am Anna, 3.", "I am Ben, 4.", "I am Anna, 3."]
    assert [job.record.template for job in said] == ["I am {who}, {age}."] * 3
    assert said.jobs[1].record.axes == {"who": "Ben", "age": "4"}
    assert len({job.id for job in said}) == 3  # rows that are alike are two jobs


@pytest.mark.parametrize(
    ("grid", "options", "why"),
    [
        ({"modle": ["a"]}, {}, "no option 'modle' to vary; did you mean 'model'"),
        ({"seed": [1, "x"]}, {}, "at seed=x: --seed x: a whole number"),
        ({"n": [1, 12]}, {}, "at n=12: "),
        ({"n": [11, 12]}, {}, r"^at n=11: .*12"),
        ({"model": ["image-01", "nix"], "seed": [1, 2]}, {}, "at model=nix, seed=1 and 1 more: "),
        ({"seed": [1]}, {"seed": 2}, "--seed is given and is varied too"),
        ({"prompt": ["a"]}, {}, "the text is given and is varied too"),
        ({"seed": range(2000)}, {}, "2,000 jobs, and a sweep has at most 1,000"),
        ({}, {}, "a sweep needs something that varies"),
        ({"seed": [1, 2]}, {"width": 512}, "^--width 512: --height is missing"),
        ({}, {"each": [{"a": 1}]}, "no column of the rows is used"),
        ({}, {"each": [{"who": None}], "prompt": "{who}"}, "the column who is empty"),
    ],
)
def test_mistakes_are_found_before_anything_is_sent(
    lab: Lab, control: Control, grid: dict[str, Any], options: dict[str, Any], why: str
) -> None:
    with pytest.raises(RequestInvalidError, match=why) as caught:
        lab.sweep("image", grid, **{"prompt": "A fox", **options})
    assert all("\n" not in line for line in caught.value.lines())
    assert control.posts == 0
    assert lab.ledger.jobs() == []


def test_the_budget_holds_for_the_whole(lab: Lab, control: Control) -> None:
    lab.budget("0.01", sandbox=True)
    with pytest.raises(BudgetExceededError, match=r"this can cost \$0.0105 and the budget of \$0.01"):
        lab.sweep("image", {"seed": [1, 2, 3]}, prompt="A fox", **SMALL)
    assert (control.posts, lab.ledger.jobs()) == (0, [])
    assert lab.budgets()[0].reserved_nano == 0
    plan = lab.plan_sweep("image", {"seed": [1, 2]}, prompt="A fox", **SMALL)
    assert str(plan).endswith("; $0.01 left of $0.01 in total in the sandbox")
    assert plan.start().wait(60)
    assert control.charges == 2


def test_a_sweep_can_have_a_cap_of_its_own(lab: Lab, control: Control) -> None:
    with pytest.raises(
        BudgetExceededError, match=r"this can cost \$0.0105 and the budget of \$0.007"
    ) as caught:
        lab.sweep("image", {"seed": [1, 2, 3]}, prompt="A fox", budget="0.007", **SMALL)
    assert "Raise --budget" in str(caught.value)
    assert control.posts == 0
    sweep = lab.sweep("image", {"seed": [1, 2]}, prompt="A fox", budget=0.007, **SMALL)
    sweep.wait()
    assert lab.budgets() == []  # it leaves nothing behind
    with pytest.raises(BudgetExceededError, match=r"has \$0.00 left: \$0.007 spent"):
        lab.sweep("image", {"seed": [1, 2, 3]}, prompt="A fox", budget="0.007", **SMALL)
    with pytest.raises(ConfigError, match="--budget x: must be an amount"):
        lab.sweep("image", {"seed": [1, 2]}, prompt="A fox", budget="x", **SMALL)
    with pytest.raises(BudgetExceededError, match="the budget is in CNY"):
        lab.sweep("image", {"seed": [4]}, prompt="A fox", budget="5 CNY", **SMALL)


def test_the_word_is_asked_for_the_whole(home: object, sandbox: Any, control: Control) -> None:
    with Lab(sandbox=sandbox.url, approve="0.01") as lab:
        with pytest.raises(ApprovalNeededError, match=r"this can cost \$0.0105"):
            lab.sweep("image", {"seed": [1, 2, 3]}, prompt="A fox", **SMALL)
        assert control.posts == 0
        lab.sweep("image", {"seed": [1, 2, 3]}, prompt="A fox", approved=True, **SMALL).wait()
        lab.sweep("image", {"seed": [1, 2, 3]}, prompt="A fox", **SMALL).wait()  # all there: nothing to ask
    assert control.charges == 3


def test_what_failed_is_named_and_made_again_alone(lab: Lab, control: Control) -> None:
    prompts = ["A fox", "A forbidden-content cat", "A dog"]
    sweep = lab.sweep("image", {"prompt": prompts}, **SMALL)
    sweep.wait()
    problem = sweep.problem()
    assert isinstance(problem, JobFailedError)
    assert "1 of 3 jobs brought no result, the first at prompt=A forbidden-content cat: " in problem.message
    assert problem.hint == "The other 2 are kept. Run the cell again to make only what is missing."
    assert [job.record.axes for job in sweep.failed] == [{"prompt": "A forbidden-content cat"}]
    posts = control.posts
    plan = lab.plan_sweep("image", {"prompt": prompts}, **SMALL)
    assert "2 of 3 already done" in str(plan)
    plan.start().wait()
    assert control.posts == posts + 1


def test_a_lost_reply_is_kept_and_never_sent_again(lab: Lab, control: Control) -> None:
    control.fault("drop", path="/v1/image_generation", times=1)
    sweep = lab.sweep("image", {"seed": [1, 2]}, prompt="A fox", **SMALL)
    sweep.wait()
    (lost,) = sweep.failed
    assert lost.state is JobState.UNKNOWN
    posts = control.posts
    plan = lab.plan_sweep("image", {"seed": [1, 2]}, prompt="A fox", **SMALL)
    assert "1 of 2 already done, 1 of unknown outcome, not sent again" in str(plan)
    plan.start().wait()
    assert control.posts == posts
    lost.resend().wait()
    again = lab.sweep("image", {"seed": [1, 2]}, prompt="A fox", **SMALL)
    assert len(again.results) == 2
    assert control.posts == posts + 1


class Still:
    """An engine that drives nothing."""

    def start(self, job: object) -> None:
        """Do nothing."""


def test_what_was_written_and_never_sent_is_sent_by_the_next_kernel(
    home: Any, sandbox: Any, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lab(sandbox=sandbox.url) as first:
        plan = first.plan_sweep("image", GRID, prompt="A fox", **SMALL)
        with monkeypatch.context() as patch:  # the kernel ends between the rows and the first request
            patch.setattr("minimax_nb.lab.sweeps.plan.engine", Still)
            plan._insert([])
        ids = {record.id for record in first.ledger.batch_jobs(plan.batch)}
        for job_id in ids:
            first.ledger.release(job_id, first.ledger.job(job_id).lease_owner or "").result()
    assert control.posts == 0
    with Lab(sandbox=sandbox.url) as second:
        sweep = second.sweep("image", GRID, prompt="A fox", **SMALL)
        sweep.wait()
        assert {job.id for job in sweep} == ids
        assert len(sweep.results) == 4
    assert control.charges == 4


def test_two_labs_that_ask_at_once_share_one_sweep(lab: Lab, sandbox: Any, control: Control) -> None:
    plan = lab.plan_sweep("image", GRID, prompt="A fox", **SMALL)
    with Lab(sandbox=sandbox.url) as other:
        theirs = other.sweep("image", GRID, prompt="A fox", **SMALL)
        ours = plan.start()
        assert ours.wait(60)
        assert theirs.wait(60)
        assert {job.id for job in ours} == {job.id for job in theirs}
        assert len(ours.results) == 4
    assert control.charges == 4


def test_reuse_takes_what_other_cells_made(lab: Lab, control: Control) -> None:
    lab.image("A fox", seed=1, **SMALL)
    plan = lab.plan_sweep("image", {"seed": [1, 2]}, prompt="A fox", reuse=True, **SMALL)
    assert str(plan) == "2 jobs (seed), 1 of 2 already done, $0.0035 (sandbox) for the other 1"
    sweep = plan.start()
    sweep.wait()
    assert control.charges == 2
    assert sweep.jobs[0].record.cached_from
    assert sweep.jobs[0].record.batch == sweep.id
    assert sweep.jobs[0].record.charge is Charge.NONE


def test_a_large_input_is_read_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from minimax_nb.lab.sweeps import cells

    read: list[object] = []
    original = cells.MediaInput._from_path.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        cells.MediaInput,
        "_from_path",
        classmethod(lambda cls, path: read.append(path) or original(cls, path)),
    )
    from tests.unit.samples import picture

    (file := lab.settings.home.parent / "work" / "fox.jpg").write_bytes(picture(640, 640))
    lab.plan_sweep("image", {"seed": range(20)}, prompt="A fox", subject_reference=str(file))
    assert len(read) == 1
    assert build("image", "A fox", {"seed": "1"}).seed == 1
