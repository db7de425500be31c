"""What a reply proves about a paid request, and what is read from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.providers.bodies import as_id, as_int
from minimax_nb.providers.replies import (
    classify_poll,
    classify_submit,
    clean,
    is_url,
    media_of,
    message_of,
    retry_after,
    trace_of,
)
from minimax_nb.wire import Reply

CHALLENGE = b"<!DOCTYPE html><title>Just a moment...</title>"


def reply(status: int, body: Any = None, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return Reply(status, dict(headers), content)


@pytest.mark.parametrize(
    ("status", "state", "charge", "category"),
    [
        (400, "rejected", "not_charged", "invalid_request"),
        (401, "rejected", "not_charged", "auth"),
        (402, "rejected", "not_charged", "insufficient_balance"),
        (403, "rejected", "not_charged", "forbidden"),
        (404, "rejected", "not_charged", "not_found"),
        (422, "rejected", "not_charged", "invalid_request"),
        (429, "retry", "not_charged", "rate_limited"),
        (500, "unknown", "unknown", "provider_error"),
        (502, "unknown", "unknown", "provider_error"),
        (503, "retry", "not_charged", "provider_error"),
        (504, "unknown", "unknown", "timeout"),
        (521, "retry", "not_charged", "provider_error"),
        (522, "retry", "not_charged", "provider_error"),
        (523, "retry", "not_charged", "provider_error"),
        (524, "unknown", "unknown", "timeout"),
    ],
)
def test_paid_request(status: int, state: str, charge: str, category: str) -> None:
    outcome = classify_submit(reply(status, {"message": "words"}))
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.state, outcome.charge, outcome.error.category) == (state, charge, category)
    assert outcome.error.http_status == status
    assert outcome.error.message == "words"
    assert outcome.error.meaning
    assert outcome.error.next_step


@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize(
    "html",
    [reply(200, CHALLENGE), reply(200, b" \n<HTML>"), reply(200, b"no", **{"content-type": "text/HTML; x"})],
)
def test_a_challenge_page_stopped_the_request(status: int, html: Reply) -> None:
    for judge in (classify_submit, classify_poll):
        outcome = judge(Reply(status, html.headers, html.content))
        assert outcome is not None
        assert outcome.error is not None
        assert (outcome.state, outcome.error.category) == ("retry", "edge_blocked")
        assert "<" not in outcome.error.message


@pytest.mark.parametrize("status", [500, 502, 504, 524])
def test_a_web_page_of_a_failing_proxy_is_no_challenge(status: int) -> None:
    outcome = classify_submit(reply(status, CHALLENGE))
    assert outcome is not None
    assert outcome.state == "unknown"


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"task_id": "12', b"[]", b"null", b'"x"', b"\xff\xfe", CHALLENGE, b"[" * 100_000]
)
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_unreadable_acceptance_is_unknown_and_never_rejected(content: bytes, status: int) -> None:
    paid, free = (classify_submit(reply(status, content), paid=paid) for paid in (True, False))
    assert paid is not None
    assert (paid.state, paid.charge) == ("unknown", "unknown")
    assert free is not None
    assert free.state == "retry"


def test_a_readable_acceptance_is_left_to_the_provider() -> None:
    assert classify_submit(reply(202, {"a": 1})) is None
    assert classify_poll(reply(200, {"a": 1})) is None


@given(
    status=st.integers(100, 699),
    content=st.binary(max_size=60),
    kind=st.sampled_from(["application/json", "text/html", ""]),
)
def test_a_failed_read_is_retry_whatever_it_is(status: int, content: bytes, kind: str) -> None:
    outcome = classify_poll(reply(status, content, **{"content-type": kind}))
    if outcome is not None:
        assert (outcome.state, outcome.charge) == ("retry", "held")
        assert outcome.error is not None
    else:
        assert 200 <= status < 300


def test_a_redirect_is_not_followed_and_named() -> None:
    outcome = classify_submit(reply(301, b"", location="https://elsewhere.example/v1?key=1"))
    assert outcome is not None
    assert outcome.error is not None
    assert outcome.state == "rejected"
    assert outcome.error.message == "HTTP 301 Moved Permanently to elsewhere.example"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "Fri, 21 Nov 2026 10:00:30 GMT", "date": "Fri, 21 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Fri, 21 Nov 2026 10:00:30 GMT"}, 10.0),
        ({"retry-after": "Fri, 21 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=datetime(2026, 11, 21, 10, 0, 20, tzinfo=UTC)) == seconds


@given(st.text(max_size=60))
def test_retry_after_never_raises(text: str) -> None:
    seconds = retry_after({"retry-after": text, "date": text})
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "Insufficient Balance", "message": "Required: $0.08"}, "Insufficient Balance: Required: $0.08"),
        ({"error": "Access denied"}, "Access denied"),
        ({"error": {"type": "authorized_error", "message": "login fail (1004)"}}, "login fail (1004)"),
        ({"code": 400, "message": "Invalid request", "data": {"error": "Missing x"}}, "Invalid request: Missing x"),
        ({"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, "rate limit"),
        ({"detail": "not here"}, "not here"),
        ({"statusCode": 401, "message": "Access denied due to missing subscription key."},
         "Access denied due to missing subscription key."),
        ({"error": None, "message": 5}, "HTTP 400 Bad Request"),
        (b"404 page not found", "404 page not found"),
        (b"\x00\x01binary", "HTTP 400 Bad Request"),
        (b"", "HTTP 400 Bad Request"),
        ([1, 2], "HTTP 400 Bad Request"),
    ],
)  # fmt: skip
def test_the_providers_words_are_found(body: Any, message: str) -> None:
    assert message_of(reply(400, body)) == message


@pytest.mark.parametrize(
    "secret",
    [
        "sk-api-abcdefgh12345678",
        "Bearer abc.def",
        "eyJhbGciOiJSUzI1NiIsInR5cCI6.abc.def",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_a_key_echoed_by_the_provider_is_masked(secret: str) -> None:
    text = clean(f"invalid key {secret} given")
    assert secret not in text
    assert "***" in text
    assert text.startswith("invalid key")


def test_messages_are_one_bounded_line() -> None:
    text = clean("a\nb\t" + "word " * 1000)
    assert "\n" not in text
    assert len(text) == 300
    assert text.endswith("…")


@pytest.mark.parametrize(
    "name", ["trace-id", "x-trace-id", "minimax-request-id", "x-mm-request-id", "alb_request_id"]
)
def test_trace_id_of_a_header(name: str) -> None:
    assert trace_of(reply(200, {"trace_id": "body"}, **{name: "head"})) == "head"


@pytest.mark.parametrize("body", [{"trace_id": "t"}, {"base_resp": {"trace_id": "t"}}])
def test_trace_id_of_the_body(body: Any) -> None:
    assert trace_of(reply(200, body)) == "t"


def test_media_is_a_url_or_encoded_in_the_same_field() -> None:
    url = media_of("https://cdn.example/a/b.mp3?x=1", encoding="hex")
    assert url is not None
    assert (url.url, url.data, url.mime, url.expires_in) == (
        "https://cdn.example/a/b.mp3?x=1",
        None,
        "audio/mpeg",
        86_400,
    )
    sound = media_of("494433", encoding="hex", mime="audio/mpeg")
    assert sound is not None
    assert (sound.data, sound.url, sound.mime) == (b"ID3", None, "audio/mpeg")
    for text in ("iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo=", "iVBORw0K\nGgo="):
        image = media_of(text, encoding="base64")
        assert image is not None
        assert image.data == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("text", ["", "4", "zz", "49443", "http://", "https://[", "ftp://x/y"])
def test_broken_media_is_none(text: str) -> None:
    assert media_of(text, encoding="hex") is None
    assert media_of("", encoding="base64") is None


@given(st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text())))
def test_is_url_never_raises(value: Any) -> None:
    assert is_url(value) in (True, False)


@pytest.mark.parametrize(
    ("value", "number", "name"),
    [
        (5, 5, "5"), ("5", 5, "5"), (5.0, 5, "5"), (2**62, 2**62, str(2**62)), ("abc", None, "abc"), (True, None, None),
        (0, 0, None), ("", None, None), (None, None, None), (2**63, None, None), (float("nan"), None, None),
        (float("inf"), None, None), ("9" * 5000, None, "9" * 5000), ([], None, None), (1.5, None, None),
    ],
)  # fmt: skip
def test_numbers_and_ids_of_any_type(value: Any, number: int | None, name: str | None) -> None:
    assert as_int(value) == number
    assert as_id(value) == name
