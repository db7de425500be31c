"""The receiver keeps what comes for a token it knows, and answers at once whatever comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.ledger import JobRecord, JobState, Ledger
from minimax_nb.ledger.hooks import MOST_DELIVERIES
from minimax_nb.webhooks.receiver import BODY_MAX, Receiver
from minimax_nb.webhooks.tokens import is_token, new_token, token_hash
from tests.contract.wires import payload

DONE = {"task_id": "106916112212032", "status": "success", "file_id": "1"}


@pytest.fixture
def token(ledger: Ledger, record: Callable[..., JobRecord]) -> str:
    """A token that was given out for a queued job."""
    made = new_token()
    job = ledger.insert_job(record())
    ledger.update_job(job.id, event="sent", state=JobState.SUBMITTING).result()
    assert ledger.add_webhook(token_hash(made), job.id, 1, "minimax").result() == 0
    return made


@pytest.fixture
def receiver(ledger: Ledger) -> Any:
    made = Receiver(ledger.path, ["a-registered-secret"])
    yield made
    made.close()


def only_job(ledger: Ledger) -> JobRecord:
    (job,) = ledger.jobs()
    return job


def post(receiver: Receiver, token: str, body: Any, kind: str | None = "application/json") -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = receiver.receive(token, raw, kind)
    return answer.status, json.loads(answer.body)


def test_a_token_has_128_bits_and_the_ledger_has_only_its_hash(token: str, ledger: Ledger) -> None:
    assert is_token(token)
    assert len(token) * 4 == 128
    assert new_token() != token
    assert ledger.knows_webhook(token_hash(token))
    ledger.close()
    files = [path.read_bytes() for path in ledger.path.parent.iterdir()]
    assert not any(token.encode() in content for content in files)


def test_a_delivery_is_kept_and_changes_nothing_of_the_job(
    receiver: Receiver, ledger: Ledger, token: str
) -> None:
    before = only_job(ledger)
    assert post(receiver, token, DONE) == (200, {})
    job = only_job(ledger)
    assert (job.state, job.charge, job.result, job.task_id) == (
        before.state,
        before.charge,
        before.result,
        None,
    )
    assert ledger.deliveries(job.id) == [DONE]
    assert ledger.webhook_news(0) == [(1, job.id)]
    assert ledger.events(job.id)[-1].event == "webhook"


@pytest.mark.parametrize("key", ["P8-01", "P8-02", "P8-05", "A4-01", "A4-03"])
def test_what_the_gateways_send_is_taken(receiver: Receiver, ledger: Ledger, token: str, key: str) -> None:
    assert post(receiver, token, payload(key)) == (200, {})
    assert ledger.deliveries(only_job(ledger).id) == [payload(key)]


def test_a_duplicate_is_one_delivery_in_whatever_order_its_keys_come(
    receiver: Receiver, ledger: Ledger, token: str
) -> None:
    body = payload("P8-03")
    for again in (body, body, dict(reversed(body.items()))):
        assert post(receiver, token, again)[0] == 200
    job = only_job(ledger)
    assert ledger.deliveries(job.id) == [body]
    assert [event.event for event in ledger.events(job.id)].count("webhook") == 1
    assert len(ledger.webhook_news(0)) == 1


def test_later_and_earlier_states_are_all_kept_in_the_order_they_came(
    receiver: Receiver, ledger: Ledger, token: str
) -> None:
    bodies = [DONE, {**DONE, "status": "processing"}]
    for body in bodies:
        assert post(receiver, token, body)[0] == 200
    assert ledger.deliveries(only_job(ledger).id) == bodies
    assert ledger.webhook_news(1) == [(2, only_job(ledger).id)]


@pytest.mark.parametrize("challenge", ["f00d", 12345, "ünicode ✓"])
def test_a_challenge_is_echoed_and_not_kept(
    receiver: Receiver, ledger: Ledger, token: str, challenge: str | int
) -> None:
    assert post(receiver, token, {"challenge": challenge}) == (200, {"challenge": challenge})
    assert ledger.webhook_news(0) == []


@pytest.mark.parametrize(
    "wrong", ["", "x", "0" * 31, "0" * 32, "0" * 33, "A" * 32, "../../etc/passwd", "é" * 32]
)
def test_an_unknown_token_is_not_found_whatever_it_brings(
    receiver: Receiver, ledger: Ledger, token: str, wrong: str
) -> None:
    for body in (DONE, {"challenge": "f00d"}, b"{", b"x" * (BODY_MAX + 1)):
        assert post(receiver, wrong, body) == (404, {"error": "not found"})
    assert ledger.webhook_news(0) == []


def test_the_hash_of_a_token_is_no_token(receiver: Receiver, token: str) -> None:
    assert post(receiver, token_hash(token), DONE)[0] == 404


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 40_000, "application/json", 400),
        (b"{}", "text/html", 415),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}" + b" " * BODY_MAX, "application/json", 413),
        (b'{"status":"success"}', None, 200),
        (b'{"status":"success"}', "application/json; charset=utf-8", 200),
        (b'{"a":"\\ud800"}', "application/json", 200),
        (b'{"a":NaN}', "application/json", 200),
    ],
)
def test_what_is_no_json_object_is_refused(
    receiver: Receiver, ledger: Ledger, token: str, body: bytes, kind: str | None, status: int
) -> None:
    assert post(receiver, token, body, kind)[0] == status
    assert len(ledger.webhook_news(0)) == (status == 200)


def test_whoever_knows_an_address_cannot_fill_the_disk(
    receiver: Receiver, ledger: Ledger, token: str
) -> None:
    for number in range(MOST_DELIVERIES + 5):
        assert post(receiver, token, {"status": number})[0] == 200
    assert len(ledger.deliveries(only_job(ledger).id)) == MOST_DELIVERIES


def test_secrets_are_masked_in_what_is_kept(receiver: Receiver, ledger: Ledger, token: str) -> None:
    assert post(receiver, token, {"note": "it is a-registered-secret"})[0] == 200
    assert ledger.deliveries(only_job(ledger).id) == [{"note": "it is •••"}]


def test_without_a_ledger_nothing_is_known_and_nothing_is_made(tmp_path: Path) -> None:
    receiver = Receiver(tmp_path / "none.db")
    assert post(receiver, new_token(), DONE)[0] == 404
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_ledger_is_a_reason_to_send_it_again(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"not a database, but long enough to look at" * 10)
    assert post(Receiver(tmp_path / "other.db"), new_token(), DONE)[0] == 503


def test_a_closed_receiver_opens_again(receiver: Receiver, ledger: Ledger, token: str) -> None:
    assert post(receiver, token, DONE)[0] == 200
    receiver.close()
    assert post(receiver, token, {**DONE, "status": "failed"})[0] == 200
    assert len(ledger.webhook_news(0)) == 2


def test_jobs_and_tasks_are_found_by_what_they_have(
    ledger: Ledger, token: str, record: Callable[..., JobRecord]
) -> None:
    first = only_job(ledger)
    other = ledger.insert_job(record(task_id="t1"))
    assert (ledger.webhook_since(first.id), ledger.webhook_since(other.id)) == (0, None)
    assert (ledger.task_holder("minimax", "t1"), ledger.task_holder("pixazo", "t1")) == (other.id, None)
