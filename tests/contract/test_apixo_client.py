"""APIXO's wire contract: the request of every vector, and the replies to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from tests.contract.apixos import APIXO, CLONE, DESIGN, LOCATOR, MINE, READS, ask, typed
from tests.contract.wires import VECTORS, error, reply, vector_reply

SENDABLE = ["A1-01", "A1-02", "A1-03", "A1-09", "A1-13", "A1-17"]
REFUSED_LOCALLY = {
    "A1-07": "--voice-prefix abcd1: ",
    "A1-11": "--audio",
    "A1-15": "--voice-id: APIXO makes the voice id itself",
}
# A callback address is not offered, so a wrong one cannot be sent.
REPLY_ONLY = {"A1-05"}


def test_every_vector_is_run() -> None:
    assert set(SENDABLE) | set(REFUSED_LOCALLY) | READS | REPLY_ONLY == set(MINE)


@pytest.mark.parametrize("key", SENDABLE)
def test_the_request_of_a_vector(key: str) -> None:
    want = VECTORS[key]["req"]
    call = APIXO.submit(ask(typed(key)), {})
    assert (call.method, call.path, call.query, call.headers) == (want["m"], want["path"], {}, {})
    body = dict(want["body"])
    if key == "A1-03":
        # The engine polls; without a callback address the request type is the other one.
        del body["callback_url"]
        body["request_type"] = "async"
    if key == "A1-13":
        # The typed request reads "true"; text for a truth value cannot leave the client.
        body["input"] = {**body["input"], "need_noise_reduction": True}
    assert call.body == body


@pytest.mark.parametrize(("key", "words"), REFUSED_LOCALLY.items())
def test_what_the_server_would_refuse_is_refused_before(key: str, words: str) -> None:
    with pytest.raises(RequestInvalidError, match=words):
        ask(typed(key))


@pytest.mark.parametrize("prefix", ["1warm01", "warm_01", "warm-001", "abcde", ""])
def test_prefix_rule(prefix: str) -> None:
    with pytest.raises(RequestInvalidError, match="--voice-prefix"):
        ask(build("voice-design", "warm", {"preview": "Hi.", "voice_prefix": prefix}))


def test_prefix_is_needed() -> None:
    for request in (
        build("voice-design", "warm", {"preview": "Hi."}),
        build("voice-clone", None, {"audio": "https://e.com/a.wav"}),
    ):
        with pytest.raises(RequestInvalidError, match="--voice-prefix is missing"):
            ask(request)


def test_a_local_recording_cannot_be_sent_and_the_way_out_is_said(tmp_path: Path) -> None:
    file = tmp_path / "me.mp3"
    file.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x00")
    request = build("voice-clone", None, {"audio": file, "voice_prefix": "warm001"}).model_copy(
        update={"model": "minimax-voice"}
    )
    with pytest.raises(RequestInvalidError) as caught:
        APIXO.check(request)
    assert "'me.mp3'" in caught.value.message
    assert "a local file cannot be sent" in caught.value.message
    assert "public" in (caught.value.hint or "")
    assert "--provider minimax" in (caught.value.hint or "")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        ("voice-clone", {"text_validation": "one two"}, "--text-validation: APIXO"),
        (
            "voice-clone",
            {"prompt_audio": "https://e.com/p.wav", "prompt_text": "One."},
            "--prompt-audio: APIXO",
        ),
        ("voice-clone", {"voice_id": "mine-000001"}, "--voice-id: APIXO"),
        ("voice-design", {"voice_id": "mine-000001"}, "--voice-id: APIXO"),
    ],
)
def test_what_apixo_cannot_carry_is_refused_and_named(kind: str, options: dict[str, Any], named: str) -> None:
    base = {"voice_prefix": "warm001"}
    base |= (
        {"audio": "https://e.com/a.wav"} if kind == "voice-clone" else {"prompt": "warm", "preview": "Hi."}
    )
    with pytest.raises(RequestInvalidError, match=named):
        APIXO.check(build(kind, None, {**base, **options}).resolve("apixo"))


def test_other_kinds_are_refused() -> None:
    with pytest.raises(RequestInvalidError, match=r"apixo has no image; providers that do: minimax, pixazo"):
        APIXO.check(build("image", "a", {}))


def test_what_nobody_set_is_not_sent() -> None:
    request = ask(build("voice-clone", None, {"audio": "https://e.com/a.wav", "voice_prefix": "warm001"}))
    body = APIXO.submit(request, {}).body
    assert body == {
        "request_type": "async",
        "input": {"mode": "clone", "audio_urls": ["https://e.com/a.wav"], "voice_id_prefix": "warm001"},
    }


def test_a_request_read_back_from_the_ledger_is_still_accepted() -> None:
    APIXO.check(type(CLONE)(**CLONE.to_json()).resolve("apixo"))


def test_the_key_goes_into_the_bearer_header() -> None:
    assert APIXO.auth_headers("k") == {"Authorization": "Bearer k"}


@pytest.mark.parametrize("key", ["A1-01", "A1-02", "A1-03", "A1-09"])
def test_accepted(key: str) -> None:
    outcome = APIXO.parse_submit(ask(typed(key)), vector_reply(key))
    assert (outcome.state, outcome.raw_state, outcome.task_id) == ("running", "processing", "task_12345678")
    assert outcome.locator == LOCATOR
    assert outcome.facts == {"voice_id": "warm001-a1b2c3", "voice_type": "preparing"}
    assert (outcome.charge, outcome.warnings) == ("held", ())


def test_accepted_with_the_documented_fields_only() -> None:
    outcome = APIXO.parse_submit(DESIGN, reply({"code": 200, "message": "success", "data": {"taskId": "t"}}))
    assert (outcome.state, outcome.task_id, outcome.facts) == ("queued", "t", {})


@pytest.mark.parametrize(
    ("key", "family", "words"),
    [
        ("A1-05", "invalid_request", "callback_url: must be a public HTTPS URL"),
        ("A1-07", "invalid_request", "input.voice_id_prefix: must start with a letter"),
        ("A1-11", "invalid_request", "exactly one non-empty URL"),
        ("A1-13", "invalid_request", "must be boolean"),
        ("A1-15", "invalid_request", "generated by the platform"),
        ("A1-17", "insufficient_balance", "Insufficient balance"),
    ],
)
def test_refused(key: str, family: str, words: str) -> None:
    outcome = APIXO.parse_submit(DESIGN, vector_reply(key))
    assert (outcome.state, outcome.charge, error(outcome).category) == ("rejected", "not_charged", family)
    assert words in error(outcome).message


@pytest.mark.parametrize(
    ("code", "state"),
    [(400, "rejected"), (401, "rejected"), (402, "rejected"), (403, "rejected"), (404, "rejected"), (429, "retry"),
     (500, "unknown"), (502, "unknown"), (503, "retry"), (504, "unknown"), (0, "unknown"), (201, "unknown"),
     ("x", "unknown"), (None, "unknown"), ("402", "rejected")],
)  # fmt: skip
def test_http_200_is_not_enough(code: Any, state: str) -> None:
    for data in (None, {}, {"taskId": ""}):
        outcome = APIXO.parse_submit(DESIGN, reply({"code": code, "message": "words", "data": data}))
        assert outcome.state == state


def test_code_200_without_a_task_is_unknown() -> None:
    outcome = APIXO.parse_submit(DESIGN, reply({"code": 200, "message": "success", "data": {}}))
    assert (outcome.state, outcome.charge, error(outcome).category) == ("unknown", "unknown", "protocol")


def test_a_task_beside_an_error_code_is_looked_up_and_never_sent_again() -> None:
    outcome = APIXO.parse_submit(DESIGN, reply({"code": 504, "message": "timeout", "data": {"taskId": "t"}}))
    assert (outcome.state, outcome.task_id) == ("queued", "t")
    assert "504" in outcome.warnings[0]


@pytest.mark.parametrize(
    ("status", "state"),
    [(400, "rejected"), (401, "rejected"), (402, "rejected"), (403, "rejected"), (404, "rejected"), (429, "retry"),
     (500, "unknown"), (502, "unknown"), (503, "retry"), (504, "unknown")],
)  # fmt: skip
def test_http_errors(status: int, state: str) -> None:
    outcome = APIXO.parse_submit(DESIGN, reply({"code": status, "message": "words"}, status))
    assert outcome.state == state


@pytest.mark.parametrize(
    ("message", "family"),
    [("API key lacks permission", "forbidden"), ("Content violates policy", "content_rejected"),
     ("sensitive text", "content_rejected")],
)  # fmt: skip
def test_403_by_its_words(message: str, family: str) -> None:
    outcome = APIXO.parse_submit(DESIGN, reply({"code": 403, "message": message}, 403))
    assert (outcome.state, error(outcome).category) == ("rejected", family)


@pytest.mark.parametrize(
    "body",
    [
        {"code": 400, "message": "no", "data": {"failCode": "SensitiveContent"}},
        {"code": 400, "message": "no", "failCode": "SensitiveContent"},
        {"code": "SensitiveContent", "message": "no"},
        {"code": 400, "message": "no", "data": {"error": "SensitiveContent"}},
    ],
)
def test_a_fail_code_in_an_immediate_error(body: dict[str, Any]) -> None:
    outcome = APIXO.parse_submit(DESIGN, reply(body, 400))
    assert (outcome.state, error(outcome).category, error(outcome).code) == (
        "rejected",
        "content_rejected",
        "SensitiveContent",
    )


def test_f03_a_429_is_sent_again_after_the_wait() -> None:
    assert VECTORS["F-03"]["req"]["steps"] == ["POST A1 -> 429 Retry-After: 2", "POST A1 -> 200"]
    first = APIXO.parse_submit(
        DESIGN, reply({"code": 429, "message": "Rate limit exceeded"}, 429, **{"retry-after": "2"})
    )
    assert (first.state, error(first).retry_after) == ("retry", 2.0)
    assert APIXO.parse_submit(DESIGN, vector_reply("A1-02")).task_id == "task_12345678"
