"""How long made voices are kept, and what their first use costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.catalog import catalog
from minimax_nb.engine.voices import fees, speakers
from minimax_nb.errors import BudgetExceededError
from minimax_nb.kinds import build
from minimax_nb.lab.newvoice import kept, unused
from minimax_nb.ledger import VoiceRow

DAY = 86_400 * 10**6


def row(**changes: Any) -> VoiceRow:
    values = {
        "account": "abc", "voice_id": "v1", "origin": "designed", "provider": "minimax", "job_id": None,
        "created_us": 0, "expires_us": 7 * DAY, **changes,
    }  # fmt: skip
    return VoiceRow(**values)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (0, "7 days left to use it"),
        (5 * DAY, "2 days left to use it"),
        (6 * DAY, "24 hours left to use it"),
        (7 * DAY, "not used in time, probably gone"),
    ],
)
def test_days_left(now: int, words: str) -> None:
    assert kept(row(), now) == words


def test_a_used_voice_stays_and_a_term_may_be_unknown() -> None:
    assert kept(row(used_us=5)) == "used, so kept"
    assert kept(row(expires_us=None)) == "no term is known"


def test_what_the_status_page_counts() -> None:
    far = 2**62
    rows = [
        row(voice_id="later", expires_us=far), row(voice_id="first", expires_us=far - 1), row(voice_id="gone"),
        row(voice_id="used", expires_us=far, used_us=1), row(voice_id="play", expires_us=far, account="sandbox-1"),
    ]  # fmt: skip
    assert [item.voice_id for item in unused(rows, sandbox=False)] == ["first", "later"]
    assert [item.voice_id for item in unused(rows, sandbox=True)] == ["play"]


def test_who_speaks() -> None:
    assert list(speakers("speech", {"voice": "a"})) == ["a"]
    assert list(speakers("speech", {"mix": "a:30,b:70", "voice": "c"})) == ["a", "b"]
    assert list(speakers("speech", {"mix": "??"})) == []
    assert list(speakers("voice-design", {"voice": "a"})) == []
    assert fees(["cloned", "designed", "cloned"]) == {"cloned_voices": 2, "designed_voices": 1}
    assert fees([]) == {}


def test_fees_add_to_the_price_of_the_text() -> None:
    book = catalog().book()
    facts = {"characters": 1000}

    def amount(**more: int) -> Decimal | None:
        return book.quote("minimax", "speech", "speech-2.8-hd", facts | more).amount

    assert amount() == Decimal("0.1")
    assert amount(cloned_voices=1) == Decimal("1.6")
    assert amount(cloned_voices=1, designed_voices=2) == Decimal("7.6")
    # Of a model without a price the fee alone is no price.
    assert book.quote("minimax", "speech", "speech-01-hd", facts | {"cloned_voices": 1}).amount is None


def test_the_fee_is_reserved_charged_once_and_told(lab: Lab) -> None:
    made = lab.voice_design("a warm old narrator", preview="Welcome.")
    request = build("speech", "Good evening.", {"voice": made.voice_id})
    assert lab.estimate(request).amount == Decimal("3.0013")
    lab.budget("1", sandbox=True)
    with pytest.raises(BudgetExceededError):
        lab.submit(request)
    lab.budget("10", sandbox=True)
    jobs = [lab.submit(request) for _ in range(2)]  # both take the voice for new, one of them is right
    costs = sorted(job.result().cost or 0 for job in jobs)
    assert costs == [Decimal("0.0013"), Decimal("3.0013")]
    assert lab.estimate(request).amount == Decimal("0.0013")
    [voice] = lab.ledger.voices()
    assert (voice.used_us is not None, voice.last_us is not None) == (True, True)
    assert lab.ledger.use_voice(voice.account, voice.voice_id, "another job").result() is None
    assert lab.ledger.use_voice(voice.account, voice.voice_id, _first(jobs)).result() == "designed"


def _first(jobs: list[Any]) -> str:
    return next(job.id for job in jobs if job.result().cost > 1)


def test_a_deleted_voice_is_forgotten_but_kept_in_the_record(lab: Lab) -> None:
    made = lab.voice_design("a warm old narrator", preview="Welcome.", voice_id="narrator-77")
    lab.speech("Good evening.", voice="narrator-77")
    lab.delete_voice("narrator-77")
    assert lab.ledger.voices() == []
    assert lab.ledger.voice("minimax", "narrator-77") is None
    [voice] = lab.ledger.voices(deleted=True)
    assert (voice.voice_id, voice.deleted_us is not None) == (made.voice_id, True)
