"""Stars, tags, notes: what a person says of a job, kept with its history and found again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger import JobRecord, Ledger
from minimax_nb.ledger.marks import Marks
from tests.unit.conftest import Clock

Make = Callable[..., JobRecord]


@pytest.fixture
def job(ledger: Ledger, record: Make) -> JobRecord:
    return ledger.insert_job(record(tags={"round": "1"}))


def test_a_star_is_set_once_and_taken_away(ledger: Ledger, job: JobRecord) -> None:
    ledger.star(job.id).result()
    ledger.star(job.id).result()
    assert ledger.marks([job.id, "other"]) == {job.id: Marks(starred=True)}
    assert [found.id for found in ledger.jobs(starred=True)] == [job.id]
    assert ledger.jobs(starred=False) == []
    ledger.star(job.id, False).result()
    assert ledger.marks([job.id]) == {}
    assert [event.event for event in ledger.events(job.id)] == ["created", "starred", "star taken away"]


def test_tags_are_set_changed_and_taken_away(ledger: Ledger, job: JobRecord, clock: Clock) -> None:
    clock.forward(60)
    changed = ledger.tag(job.id, {"who": "ada", "round": None}).result()
    assert changed.tags == {"who": "ada"}
    assert changed.updated_us == job.updated_us  # the engine's, and of use for jobs of unknown outcome
    ledger.tag(job.id, {"who": "ada"}).result()
    assert [event.event for event in ledger.events(job.id)] == ["created", "tagged"]
    with pytest.raises(RequestInvalidError, match="tag 'a=b'"):
        ledger.tag(job.id, {"a=b": "c"})


def test_notes_are_kept_in_order(ledger: Ledger, job: JobRecord) -> None:
    ledger.note(job.id, " too fast ")
    ledger.note(job.id, "better than the other").result()
    assert ledger.marks([job.id])[job.id].notes == ("too fast", "better than the other")
    assert list(ledger.frame(["notes", "starred", "tags"]).iloc[0]) == [
        "too fast\nbetter than the other", False, '{"round":"1"}',
    ]  # fmt: skip
    for text in ("  ", "x" * 20_001):
        with pytest.raises(RequestInvalidError, match="a note has 1 to 20,000 characters"):
            ledger.note(job.id, text)


def test_what_is_marked_must_exist(ledger: Ledger) -> None:
    for write in (ledger.star("nix"), ledger.note("nix", "x"), ledger.tag("nix", {})):
        with pytest.raises(RequestInvalidError, match="no job 'nix'"):
            write.result()


def test_secrets_stay_out_of_notes(ledger: Ledger, job: JobRecord) -> None:
    ledger.guard(["sk-very-secret"])
    ledger.note(job.id, "used sk-very-secret here").result()
    assert ledger.marks([job.id])[job.id].notes == ("used ••• here",)
