"""What a person can decide about a job whose outcome nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from minimax_nb import Job, Lab
from minimax_nb.errors import JobFailedError, MiniMaxError, OutcomeUnknownError, RequestInvalidError
from minimax_nb.kinds import build
from minimax_nb.ledger.record import Charge, JobState

IMAGE = 3_500_000  # nano USD


@pytest.fixture
def unknown(lab: Lab, control: Any) -> Job:
    """A job that was charged once and whose reply was lost."""
    control.fault("drop", method="POST")
    job = lab.submit(build("image", "a fox", {"seed": 7}), name="fox", tags={"set": "a"})
    with pytest.raises(OutcomeUnknownError):
        job.result()
    return job


def test_resend_is_a_new_job_that_names_the_old_one(lab: Lab, control: Any, unknown: Job) -> None:
    new = unknown.resend()
    result = new.result()
    assert new.id != unknown.id
    assert (new.record.facts["resent_from"], result.seed, new.record.name) == (unknown.id, 7, "fox")
    assert new.record.tags == {"set": "a"}
    assert result.warnings == (
        f"sent again in place of job {unknown.id}, which may have been charged too ($0.0035)",
    )
    assert (control.posts, control.charges) == (2, 2)
    old = lab.job(unknown.id).record
    assert (lab.ledger.job(old.id).state, old.charge, old.cost_nano) == (
        JobState.UNKNOWN,
        Charge.UNKNOWN,
        None,
    )
    assert lab.ledger.job(old.id).lease_owner is None
    (row,) = lab.ledger.cost_sums()
    assert (row.cost_nano, row.possible_nano, row.possible_jobs) == (IMAGE, IMAGE, 1)


def test_a_cell_with_resend_that_is_run_twice_pays_once(lab: Lab, control: Any, unknown: Job) -> None:
    new = lab.resend(unknown.id[-6:])
    new.result()
    with pytest.raises(RequestInvalidError, match=f"was sent again already, as {new.id} \\(done\\)"):
        unknown.resend()
    assert control.posts == 2


def test_resend_keeps_to_budgets_and_approval(lab: Lab, control: Any, unknown: Job) -> None:
    lab.settings.set("approve", "0.001")
    with pytest.raises(MiniMaxError, match="needs a yes"):
        unknown.resend()
    lab.settings.set("approve", None)
    lab.budget("0.005", sandbox=True)
    with pytest.raises(MiniMaxError, match=r"\$0.0035 possibly spent"):
        unknown.resend()
    assert control.posts == 1
    assert "resent_as" not in lab.ledger.job(unknown.id).facts


def test_resend_takes_inputs_from_the_store(lab: Lab, control: Any, tmp_path: Any) -> None:
    picture = lab.image("a face").save(tmp_path / "face.jpg")
    control.fault("drop", method="POST", path="video_generation")
    job = lab.submit(build("video", "it moves", {"first_frame": picture}))
    with pytest.raises(OutcomeUnknownError):
        job.result()
    picture.unlink()
    assert job.resend().result()[0].kind == "video"


def test_a_failed_job_can_be_sent_again_and_a_good_one_not(lab: Lab, control: Any) -> None:
    control.fault("fail:1027", method="POST", path="video_generation")
    failed = lab.submit(build("video", "a fox", {}))
    with pytest.raises(JobFailedError):
        failed.result()
    assert failed.resend().result()[0].kind == "video"
    fine = lab.submit(build("image", "a fox", {}))
    fine.result()
    with pytest.raises(
        RequestInvalidError, match="is done and is not sent again: only a job that is unknown"
    ):
        fine.resend()


def test_a_job_of_the_sandbox_is_not_resent_for_real_money(lab: Lab, sandbox: Any, unknown: Job) -> None:
    key, host = sandbox.key["minimax"], sandbox.minimax
    words = "was asked of the sandbox, and jobs now go to minimax"
    with (
        Lab(sandbox="off", minimax_api_key=key, minimax_api_host=host) as real,
        pytest.raises(RequestInvalidError, match=words),
    ):
        real.resend(unknown.id)


def test_a_job_in_the_hands_of_another_kernel_is_not_resent(lab: Lab, control: Any, unknown: Job) -> None:
    assert lab.ledger.claim(unknown.id, "another kernel", 2**62)
    with pytest.raises(RequestInvalidError, match="in the hands of another kernel"):
        unknown.resend()
    assert control.posts == 1


def test_abandon_keeps_the_estimate_as_possibly_spent(lab: Lab, unknown: Job) -> None:
    lab.budget(1, sandbox=True)
    unknown.abandon()
    assert (unknown.state, unknown.record.charge) == (JobState.ABANDONED, Charge.UNKNOWN)
    (status,) = lab.budgets()
    assert (status.possible_nano, status.left_nano) == (IMAGE, 10**9 - IMAGE)
    assert lab.ledger.cost_sums()[0].possible_nano == IMAGE
    assert lab.jobs(state="open") == []
    assert lab.ledger.problems() == []
    with pytest.raises(RequestInvalidError, match="only a job whose outcome is unknown can be given up"):
        unknown.abandon()
    assert unknown.resend().result().cost is not None


@pytest.mark.parametrize(
    ("charged", "expected"),
    [(True, (Charge.CHARGED, IMAGE, IMAGE, 0)), (False, (Charge.NOT_CHARGED, 0, 0, 0))],
)
def test_what_the_console_says_settles_the_money(
    lab: Lab, unknown: Job, charged: bool, expected: tuple[Any, ...]
) -> None:
    lab.budget(1, sandbox=True)
    unknown.abandon()  # first nobody knew
    unknown.abandon(charged=charged)
    record = lab.ledger.job(unknown.id)
    (status,) = lab.budgets()
    assert (record.charge, record.cost_nano, status.spent_nano, status.reserved_nano) == expected
    assert record.state is JobState.ABANDONED
    assert lab.ledger.problems() == []


def test_a_job_that_runs_cannot_be_given_up(lab: Lab) -> None:
    job = lab.submit(build("video", "a fox", {}))
    with pytest.raises(RequestInvalidError):
        job.abandon()
    job.result()
