"""The step to "being sent": moments and places under an account's limits, taken with the row or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.ledger import JobRecord, JobState, Ledger
from minimax_nb.ledger.sending import MINUTE_US, Limits, Wait
from tests.unit.conftest import Clock

SECOND_US = 1_000_000
TWO = Limits("a1b2c3", "music", at_once=2, lives_us=90 * SECOND_US)

Ask = Callable[..., JobRecord | Wait]


@pytest.fixture
def job(ledger: Ledger, record: Callable[..., JobRecord], clock: Clock) -> Callable[..., str]:
    """A function that writes a new job of a kernel, with a lease of a minute."""

    def make(owner: str = "A", **fields: Any) -> str:
        made = record(lease_owner=owner, lease_until_us=clock() + MINUTE_US, **fields)
        return ledger.insert_job(made).id

    return make


@pytest.fixture
def ask(ledger: Ledger) -> Ask:
    """A function that asks once for a job to be sent."""

    def begin(
        job_id: str, owner: str = "A", wanted: Limits = TWO, held_us: int | None = None
    ) -> JobRecord | Wait:
        return ledger.begin(job_id, owner, 1, wanted, held_us).result()

    return begin


def is_sent(answer: JobRecord | Wait) -> bool:
    return isinstance(answer, JobRecord) and answer.state is JobState.SUBMITTING


def end(ledger: Ledger, job_id: str, state: JobState = JobState.FAILED) -> None:
    ledger.update_job(job_id, event="over", state=state).result()


def test_no_more_than_the_limit_are_sent_and_the_next_goes_when_one_is_over(
    ledger: Ledger, job: Callable[..., str], ask: Ask
) -> None:
    first, second, third = job(), job("B"), job("C")
    assert is_sent(ask(first))
    assert is_sent(ask(second, "B"))
    assert ask(third, "C") == Wait(None)
    assert ledger.job(third).state is JobState.NEW
    end(ledger, first)
    assert is_sent(ask(third, "C"))


def test_a_job_at_the_provider_keeps_its_place_until_it_ends(
    ledger: Ledger, job: Callable[..., str], ask: Ask
) -> None:
    jobs = [job() for _ in range(3)]
    for number in jobs[:2]:
        ask(number)
        ledger.update_job(number, event="accepted", state=JobState.QUEUED).result()
    ledger.update_job(jobs[0], event="begun", state=JobState.RUNNING).result()
    assert ask(jobs[2]) == Wait(None)
    end(ledger, jobs[0], JobState.SUCCEEDED)
    assert is_sent(ask(jobs[2]))


def test_what_a_killed_kernel_held_comes_free_with_its_leases(
    ledger: Ledger, job: Callable[..., str], ask: Ask, clock: Clock
) -> None:
    dead = [job() for _ in range(2)]
    assert all(is_sent(ask(number)) for number in dead)
    clock.forward(61)
    assert is_sent(ask(job("B"), "B"))


def test_a_job_that_nobody_watches_is_taken_to_run_for_some_time(
    ledger: Ledger, job: Callable[..., str], ask: Ask, clock: Clock
) -> None:
    for number in (job(), job()):
        ask(number)
        ledger.update_job(number, event="accepted", state=JobState.RUNNING).result()
    ledger.update_job(job("B"), event="nothing").result()
    clock.forward(61)  # the leases have run out, and the provider goes on
    waiting = job("B")
    assert ask(waiting, "B") == Wait(None)
    clock.forward(30)
    assert is_sent(ask(waiting, "B"))


def test_a_refused_request_gives_its_place_back(ledger: Ledger, job: Callable[..., str], ask: Ask) -> None:
    first, second, third = job(), job(), job("B")
    ask(first), ask(second)
    ledger.update_job(first, event="retry", state=JobState.NEW).result()
    assert is_sent(ask(third, "B"))
    assert ask(first) == Wait(None)


def test_a_free_place_goes_to_the_kernel_that_has_the_fewest(
    ledger: Ledger, job: Callable[..., str], ask: Ask, clock: Clock
) -> None:
    running = [job(), job()]
    assert all(is_sent(ask(number)) for number in running)
    mine, theirs = job(), job("B")
    assert ask(mine) == Wait(None)
    clock.forward(1)
    assert ask(theirs, "B") == Wait(None)
    end(ledger, running[0])
    assert ask(mine) == Wait(None)  # it asked first, but its kernel has the other place
    assert is_sent(ask(theirs, "B"))


def test_a_kernel_that_stopped_asking_is_not_waited_for(
    ledger: Ledger, job: Callable[..., str], ask: Ask, clock: Clock
) -> None:
    running = [job(), job()]
    assert all(is_sent(ask(number)) for number in running)
    mine, theirs = job(), job("B")
    assert ask(theirs, "B") == Wait(None)
    clock.forward(6)
    end(ledger, running[0])
    assert is_sent(ask(mine))


def test_who_waits_for_a_moment_has_no_place_meanwhile(
    ledger: Ledger, job: Callable[..., str], ask: Ask, clock: Clock
) -> None:
    limits = Limits("a1b2c3", "music", rpm=1, at_once=1, lives_us=0)
    first, second = job(), job("B")
    assert is_sent(ask(first, wanted=limits))
    assert ask(second, "B", limits) == Wait(None)  # no moment is booked by who waits for a place
    end(ledger, first)
    wait = ask(second, "B", limits)
    assert isinstance(wait, Wait)
    assert wait.due_us == clock() + int(MINUTE_US * 1.02)
    clock.forward(61.2)
    assert is_sent(ask(second, "B", limits, wait.due_us))


def test_a_moment_inside_a_later_pause_is_given_back(
    ledger: Ledger, job: Callable[..., str], ask: Ask, clock: Clock
) -> None:
    limits = Limits("a1b2c3", "video", rpm=1)
    ask(job(), wanted=limits)
    waiting = job()
    wait = ask(waiting, wanted=limits)
    assert isinstance(wait, Wait)
    clock.forward(62)
    ledger.pause("a1b2c3", "video", clock() + 9 * SECOND_US).result()
    assert ask(waiting, wanted=limits, held_us=wait.due_us) == Wait(clock() + 9 * SECOND_US)


def test_a_pause_holds_where_no_rate_is_published(
    ledger: Ledger, job: Callable[..., str], ask: Ask, clock: Clock
) -> None:
    limits = Limits("a1b2c3", "video-v2")
    ledger.pause("a1b2c3", "video-v2", clock() + SECOND_US).result()
    waiting = job()
    assert ask(waiting, wanted=limits) == Wait(clock() + SECOND_US)
    clock.forward(1)
    assert is_sent(ask(waiting, wanted=limits))


def test_the_job_of_another_kernel_is_not_sent(ledger: Ledger, job: Callable[..., str], ask: Ask) -> None:
    answer = ask(job("B"), "A")
    assert isinstance(answer, JobRecord)
    assert answer.state is JobState.NEW


def test_a_job_that_goes_out_at_once_is_written_once(
    ledger: Ledger, record: Callable[..., JobRecord], clock: Clock
) -> None:
    limits = Limits("a1b2c3", "video", rpm=1)
    sent = ledger.insert_job(record(), send=limits)
    assert (sent.state, sent.attempts, sent.submitted_us) == (JobState.SUBMITTING, 1, clock())
    assert sent == ledger.job(sent.id)
    assert [(event.event, event.state.value) for event in ledger.events(sent.id)] == [
        ("created", "new"),
        ("submitting", "submitting"),
    ]
    waits = ledger.insert_job(record(), send=limits)
    assert (waits.state, waits.attempts) == (JobState.NEW, 0)
    # It took no moment: the next is there for whoever stands in line.
    assert ledger.admit("a1b2c3", "video", 1, MINUTE_US, clock()) == clock() + int(MINUTE_US * 1.02)


def test_places_are_forgotten_with_their_jobs(
    ledger: Ledger, job: Callable[..., str], ask: Ask, tmp_path: Path
) -> None:
    for _ in range(20):
        number = job()
        assert is_sent(ask(number))
        end(ledger, number)
    count = ledger._read(lambda db: db.execute("SELECT COUNT(*) FROM places").fetchone()[0])
    assert count <= 2
