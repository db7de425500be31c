"""What an account holds: the free question, and its answers as the providers write them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from minimax_nb.errors import ErrorInfo
from minimax_nb.providers import provider
from minimax_nb.providers.base import Balance, HasBalance
from minimax_nb.wire import Reply


def reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(body).encode())


def parse(name: str, answer: Reply) -> Balance | ErrorInfo:
    found = provider(name)
    assert isinstance(found, HasBalance)
    return found.parse_balance(answer)


def test_who_can_be_asked() -> None:
    assert [isinstance(provider(name), HasBalance) for name in ("minimax", "pixazo", "apixo")] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("name", "path"), [("minimax", "/account/query_balance"), ("apixo", "/api/v1/apikeys/current-balance")]
)
def test_the_question_is_a_read_without_a_body(name: str, path: str) -> None:
    found = provider(name)
    assert isinstance(found, HasBalance)
    call = found.balance_call()
    assert (call.method, call.path, call.body, dict(call.query)) == ("GET", path, None, {})


@pytest.mark.parametrize(
    ("owed", "text"),
    [
        ("0.0000", "7.0500 can be spent"),
        ("1.20", "7.0500 can be spent, 1.20 owed"),
        (None, "7.0500 can be spent"),
    ],
)
def test_minimax(owed: str | None, text: str) -> None:
    body = {
        "available_amount": "7.0500",
        "owed_amount": owed,
        "base_resp": {"status_code": 0, "status_msg": "ok"},
    }
    assert parse("minimax", reply(body)) == Balance(f"{text} (the reply names no currency)", Decimal("7.05"))


@pytest.mark.parametrize(
    ("answer", "category"),
    [
        (reply({"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}}), "auth"),
        (reply({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}), "auth"),
        (reply({"base_resp": {"status_code": 0}}), "protocol"),
        (reply({"available_amount": "much", "base_resp": {"status_code": 0}}), "protocol"),
        (reply([]), "protocol"),
        (reply({}, 500), "provider_error"),
        (Reply(404, {"content-type": "text/plain"}, b"404 page not found"), "not_found"),
    ],
)
def test_minimax_says_why_not(answer: Reply, category: str) -> None:
    found = parse("minimax", answer)
    assert isinstance(found, ErrorInfo)
    assert found.category == category


def test_apixo_is_shown_as_it_comes() -> None:
    found = parse("apixo", reply({"code": 200, "data": {"balance": 4.5, "key": "sk-0123456789abcdef"}}))
    assert found == Balance('{"balance": 4.5, "key": "***"}')
    assert parse("apixo", reply({"credits": 3})) == Balance('{"credits": 3}')
    for answer in (reply({"code": 401, "message": "no"}), reply({"message": "no"}, 401)):
        refused = parse("apixo", answer)
        assert isinstance(refused, ErrorInfo)
        assert refused.category == "auth"
