"""Pixazo's wire contract: the request of every vector, and the replies to it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Usage
from minimax_nb.wire import HttpCall
from tests.contract.pixazos import DESIGN, IMAGE, MINE, MUSIC, PIXAZO, READS, ask, typed
from tests.contract.wires import (
    HOST,
    PNG64,
    RID,
    VECTORS,
    error,
    reply,
    vector_reply,
)

SENDABLE = [
    "P1-01", "P1-02", "P1-03", "P1-04", "P1-05", "P1-09", "P1-11", "P1-13", "P3-01", "P3-02", "P3-03", "P3-06",
    "P6-01", "P6-02", "P6-08", "P6-10", "P6-12", "P7-01", "P7-02", "P7-06",
]  # fmt: skip
REFUSED_LOCALLY = {
    "P1-07": "--prompt '': must not be blank",
    "P3-04": "--preview is missing",
    "P6-04": "1,501 characters",
    "P6-06": "--height is missing",
}
# The create call that gives the bare task id of P2 is gone, so no request carries one; its replies are
# those of any queued request. P7-04 is an image request without references, which is another operation.
REPLY_ONLY = {"P2-01", "P2-02", "P2-03", "P2-05", "P7-04"}


def test_every_vector_is_run() -> None:
    assert set(SENDABLE) | set(REFUSED_LOCALLY) | READS | REPLY_ONLY == set(MINE)


@pytest.mark.parametrize("key", SENDABLE)
def test_the_request_of_a_vector(key: str) -> None:
    want = VECTORS[key]["req"]
    call = PIXAZO.submit(ask(typed(key)), {})
    assert (call.method, call.path, call.query) == (want["m"], want["path"], {})
    # Content-Type comes with the JSON body, the key with the HTTP layer, a callback address is not offered.
    assert call.headers == {"Cache-Control": "no-cache"}
    body = dict(want["body"])
    if want["path"].startswith("/image-generation/"):
        # A request without n may bring four images; the model is the only one there is.
        body = {"model": "image-01", "n": 1} | body
    assert call.body == body


@pytest.mark.parametrize(("key", "words"), REFUSED_LOCALLY.items())
def test_what_the_server_would_refuse_is_refused_before(key: str, words: str) -> None:
    with pytest.raises(RequestInvalidError, match=words):
        ask(typed(key))


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        ("image", {"prompt": "a", "aigc_watermark": True}, "--aigc-watermark: Pixazo"),
        ("music", {"prompt": "a", "output": "url"}, "--output: Pixazo"),
        ("music", {"lyrics": "[Verse]\nla"}, "--prompt is missing"),
        ("voice-design", {"prompt": "a", "preview": "b", "voice_id": "mine-000001"}, "--voice-id: Pixazo"),
        (
            "voice-design",
            {"prompt": "a", "preview": "b", "voice_prefix": "warm001"},
            "--voice-prefix: Pixazo",
        ),
    ],
)
def test_what_pixazo_cannot_carry_is_refused_and_named(
    kind: str, options: dict[str, Any], named: str
) -> None:
    with pytest.raises(RequestInvalidError, match=named):
        PIXAZO.check(build(kind, None, options).resolve("pixazo"))


def test_other_kinds_are_refused_with_those_who_do_them() -> None:
    with pytest.raises(RequestInvalidError, match=r"pixazo has no lyrics; providers that do: .*minimax"):
        PIXAZO.check(build("lyrics", "a song of rain", {}))


def test_defaults_that_nobody_set_are_left_to_pixazo() -> None:
    assert PIXAZO.submit(MUSIC, {}).body == {"prompt": "calm lo-fi", "is_instrumental": True}


def test_a_request_read_back_from_the_ledger_is_still_accepted() -> None:
    again = build("music", None, MUSIC.to_json()).resolve("pixazo")
    PIXAZO.check(again)
    assert PIXAZO.submit(again, {}).path == "/minimax-music-generation-2-6/v1/generate"


def test_the_key_goes_into_the_subscription_header() -> None:
    assert PIXAZO.auth_headers("k") == {"Ocp-Apim-Subscription-Key": "k"}


def test_images_are_waited_for() -> None:
    assert PIXAZO.submit(IMAGE, {}).timeout >= 120


QUEUED = ["P1-01", "P1-02", "P1-05", "P1-09", "P1-13", "P3-01", "P3-02", "P3-06"]
REFUSED = {
    "P1-03": "insufficient_balance", "P1-04": "model_unavailable", "P1-11": "auth", "P3-03": "model_unavailable",
    "P7-06": "invalid_request",
}  # fmt: skip
REFUSED_REPLY = {
    "P1-07": "invalid_request", "P2-02": "insufficient_balance", "P2-03": "model_unavailable",
    "P2-05": "invalid_request", "P3-04": "invalid_request", "P6-04": "invalid_request",
    "P6-06": "invalid_request", "P7-04": "invalid_request",
}  # fmt: skip


@pytest.mark.parametrize("key", [*QUEUED, "P2-01"])
def test_queued(key: str) -> None:
    request = DESIGN if key == "P2-01" else ask(typed(key))
    outcome = PIXAZO.parse_submit(request, vector_reply(key))
    rid = VECTORS[key]["res"]["body"]["request_id"]
    assert (outcome.state, outcome.raw_state, outcome.task_id, outcome.charge) == (
        "queued",
        "QUEUED",
        rid,
        "held",
    )
    assert outcome.locator is not None
    json.dumps(outcome.locator)
    call = PIXAZO.poll(outcome.locator)
    assert call == HttpCall("GET", f"/v2/requests/status/{rid}", timeout=call.timeout)


@pytest.mark.parametrize(("key", "family"), [*REFUSED.items(), *REFUSED_REPLY.items()])
def test_refused(key: str, family: str) -> None:
    outcome = PIXAZO.parse_submit(ask(typed(key)) if key in REFUSED else MUSIC, vector_reply(key))
    assert (outcome.state, outcome.charge, error(outcome).category) == ("rejected", "not_charged", family)
    assert VECTORS[key]["res"]["body"]["message"] in error(outcome).message


def test_the_amount_that_is_missing() -> None:
    assert PIXAZO.parse_submit(MUSIC, vector_reply("P1-03")).facts == {"required_usd": "0.08"}
    assert PIXAZO.parse_submit(MUSIC, vector_reply("P2-02")).facts == {}


@pytest.mark.parametrize(
    ("key", "asked", "delivered", "warned"),
    [("P6-01", 1, 1, ""), ("P6-02", 3, 3, ""), ("P6-08", 1, 1, ""), ("P6-10", 3, 2, "2 of 3 images"),
     ("P7-01", 1, 1, "counts 4 images but sent 1"), ("P7-02", 4, 4, "")],
)  # fmt: skip
def test_images_at_once(key: str, asked: int, delivered: int, warned: str) -> None:
    outcome = PIXAZO.parse_submit(ask(typed(key)), vector_reply(key))
    assert (outcome.state, outcome.charge, outcome.asked, outcome.delivered) == (
        "succeeded",
        "charged",
        asked,
        delivered,
    )
    assert [item.url for item in outcome.outputs] == VECTORS[key]["res"]["body"]["image_urls"]
    assert {item.expires_in for item in outcome.outputs} == {86_400}
    assert outcome.usage == Usage("image", delivered)
    assert outcome.locator is None
    assert warned in "".join(outcome.warnings)
    assert bool(warned) is bool(outcome.warnings)


@pytest.mark.parametrize(
    "body",
    [
        VECTORS["P6-12"]["res"]["body"],
        {"image_base64": [PNG64]},
        {"data": {"image_base64": [PNG64]}},
        {"image_urls": [PNG64]},
        {"image_urls": [f"data:image/png;base64,{PNG64}"]},
        {"image_base64": PNG64},
    ],
)
def test_base64_in_any_of_its_forms(body: dict[str, Any]) -> None:
    outcome = PIXAZO.parse_submit(ask(typed("P6-12")), reply(body))
    (output,) = outcome.outputs
    assert (outcome.state, output.data, output.url, output.mime) == (
        "succeeded",
        base64.b64decode(PNG64),
        None,
        "image/png",
    )


def test_text_that_happens_to_be_base64_is_no_image() -> None:
    assert PIXAZO.parse_submit(IMAGE, reply({"image_urls": ["images/x"]})).state == "unknown"


def test_an_image_through_the_queue_after_all() -> None:
    outcome = PIXAZO.parse_submit(IMAGE, reply({"request_id": RID, "status": "QUEUED"}, 202))
    assert (outcome.state, outcome.task_id) == ("queued", RID)
    assert outcome.locator is not None
    done = PIXAZO.parse_poll(
        outcome.locator,
        reply({"status": "COMPLETED", "output": {"media_url": [f"{HOST}/1.png", f"{HOST}/2.png"]}}),
    )
    assert (done.state, done.asked, done.delivered) == ("succeeded", 3, 2)


def test_minimax_refused_behind_pixazo() -> None:
    body = {"image_urls": None, "base_resp": {"status_code": 1026, "status_msg": "sensitive"}}
    outcome = PIXAZO.parse_submit(IMAGE, reply(body))
    assert (outcome.state, outcome.charge, error(outcome).category) == (
        "failed",
        "unknown",
        "content_rejected",
    )


def test_a_rate_limit_behind_pixazo_is_not_sent_again() -> None:
    body = {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}
    assert PIXAZO.parse_submit(IMAGE, reply(body)).state == "failed"


def test_a_batch_of_none() -> None:
    body = {"image_urls": [], "metadata": {"success_count": "0", "failed_count": "3"}}
    outcome = PIXAZO.parse_submit(IMAGE, reply(body))
    assert (outcome.state, outcome.charge, error(outcome).category) == (
        "failed",
        "unknown",
        "content_rejected",
    )


@pytest.mark.parametrize("request_", [MUSIC, IMAGE, DESIGN])
@pytest.mark.parametrize(
    "body", [{}, {"request_id": ""}, {"request_id": None, "status": "QUEUED"}, {"error": "x"}]
)
def test_accepted_without_anything_is_unknown(request_: Request, body: dict[str, Any]) -> None:
    outcome = PIXAZO.parse_submit(request_, reply(body, 202))
    assert (outcome.state, outcome.charge, error(outcome).category) == ("unknown", "unknown", "protocol")


def test_an_acknowledgement_of_other_models() -> None:
    body = {
        "status": "QUEUED",
        "request_id": "wan_1",
        "message": "Request accepted and queued for processing",
    }
    outcome = PIXAZO.parse_submit(MUSIC, reply(body, 202))
    assert outcome.locator is not None
    assert outcome.locator["path"] == "/v2/requests/status/wan_1"


def test_an_acknowledgement_that_has_failed_already() -> None:
    outcome = PIXAZO.parse_submit(
        MUSIC, reply({"request_id": "r", "status": "ERROR", "error": "no worker"}, 202)
    )
    assert (outcome.state, outcome.charge, outcome.task_id) == ("failed", "not_charged", "r")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{HOST}/v2/requests/status/r", "/v2/requests/status/r"),
        (f"{HOST}/v3/other/r", "/v3/other/r"),
        ("http://127.0.0.1:8765/base/v2/requests/status/r", "/base/v2/requests/status/r"),
        ("http://localhost:1/x/r", "/x/r"),
        ("https://evil.example/steal/r", None),
        ("https://gateway.pixazo.ai.evil.example/steal/r", None),
        ("https://gateway.pixazo.ai@evil.example/steal/r", None),
        ("https://user@gateway.pixazo.ai/steal/r", None),
        ("https://gateway.pixazo.ai:8443/steal/r", None),
        ("http://gateway.pixazo.ai/steal/r", None),
        ("https://gateway.pixazo.ai/steal/r?x=1", None),
        ("//gateway.pixazo.ai/steal", None),
        ("/v3/other/r", None),
        ("https://[", None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_a_polling_url_is_believed_only_on_pixazos_own_host(url: Any, path: str | None) -> None:
    body = {"request_id": "r/../1", "status": "QUEUED", "polling_url": url}
    outcome = PIXAZO.parse_submit(MUSIC, reply(body, 202))
    call = PIXAZO.poll(outcome.locator or {})
    assert call.path == (path or "/v2/requests/status/r%2F..%2F1")
