"""Webhooks on the wire: how a paid request asks for one, and what a delivery's body is good for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.kinds.base import Request
from minimax_nb.providers import provider
from minimax_nb.providers.base import Outcome, ReportsProgress
from tests.contract import apixos, minimaxes, pixazos
from tests.contract.wires import RID, VECTORS, payload, reply

URL = "https://hooks.example/minimax-nb/webhook/0123456789abcdef0123456789abcdef"
CARRIERS: dict[str, Request] = {
    "minimax": minimaxes.VIDEO,
    "pixazo": pixazos.MUSIC,
    "apixo": apixos.DESIGN,
}


def test_minimax_videos_carry_a_callback_url() -> None:
    call = minimaxes.MINIMAX.submit(minimaxes.VIDEO, {}, URL)
    plain = minimaxes.MINIMAX.submit(minimaxes.VIDEO, {})
    assert call.body == {**(plain.body or {}), "callback_url": URL}
    assert (call.path, call.headers) == (plain.path, plain.headers)


@pytest.mark.parametrize("request_", [pixazos.MUSIC, pixazos.DESIGN], ids=["music", "voice-design"])
def test_pixazo_carries_two_headers(request_: Request) -> None:
    call = pixazos.PIXAZO.submit(request_, {}, URL)
    plain = pixazos.PIXAZO.submit(request_, {})
    assert call.headers == {**plain.headers, "X-Webhook-URL": URL, "X-Webhook-Mode": "terminal"}
    assert call.body == plain.body
    assert not [name for name in plain.headers if "webhook" in name.lower()]


def test_apixo_asks_for_a_callback_as_documented() -> None:
    wanted = VECTORS["A1-03"]["req"]["body"]
    request = apixos.ask(apixos.typed("A1-03"))
    assert apixos.APIXO.submit(request, {}, wanted["callback_url"]).body == wanted
    plain = apixos.APIXO.submit(request, {}).body or {}
    assert (plain["request_type"], "callback_url" in plain) == ("async", False)


def test_only_queued_kinds_can_carry_one() -> None:
    for name, kinds in {
        "minimax": {"video", "video-regeneration", "context-ir", "agent"},
        "pixazo": {"music", "voice-design", "speech", "audio-result", "video"},
        "apixo": {"voice-design", "voice-clone", "speech", "video"},
    }.items():
        assert provider(name).webhook_kinds == kinds <= provider(name).kinds


@pytest.mark.parametrize("key", ["P8-01", "P8-02", "P8-03", "P8-05"])
def test_a_pixazo_delivery_names_a_task_and_nothing_more(key: str) -> None:
    submitted = pixazos.PIXAZO.parse_submit(
        pixazos.MUSIC, reply({"request_id": RID, "status": "QUEUED"}, 202)
    )
    found = pixazos.PIXAZO.adopt(pixazos.MUSIC, payload(key))
    assert found == Outcome("queued", task_id=RID, locator=submitted.locator)


def test_where_to_ask_is_not_taken_from_a_delivery() -> None:
    found = pixazos.PIXAZO.adopt(
        pixazos.MUSIC, {"request_id": RID, "polling_url": "https://gateway.pixazo.ai/v1/delete"}
    )
    assert found is not None
    assert pixazos.PIXAZO.poll(found.locator or {}).path == f"/v2/requests/status/{RID}"


@pytest.mark.parametrize("key", ["A4-01", "A4-03"])
def test_an_apixo_delivery_names_a_task_and_not_the_voice(key: str) -> None:
    found = apixos.APIXO.adopt(apixos.DESIGN, payload(key))
    locator = {"task_id": "task_12345678", "model": "minimax-voice", "voice_id": None}
    assert found == Outcome("queued", task_id="task_12345678", locator=locator)
    assert apixos.APIXO.poll(locator).query == {"taskId": "task_12345678"}


@pytest.mark.parametrize("task_id", ["106916112212032", 106916112212032])
def test_a_minimax_delivery_names_a_task(task_id: str | int) -> None:
    body = {"task_id": task_id, "status": "success", "file_id": "9", "base_resp": {"status_code": 0}}
    found = minimaxes.MINIMAX.adopt(minimaxes.VIDEO, body)
    assert found == Outcome("queued", task_id="106916112212032", locator=minimaxes.POLL)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=6), part, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["task_id", "taskId", "request_id", "data", "status", "state", "output", "challenge"])


@pytest.mark.parametrize("name", CARRIERS)
@given(body=st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=4), max_size=6))
def test_whatever_a_delivery_says_it_is_a_task_to_ask_for_or_nothing(name: str, body: dict[str, Any]) -> None:
    found = provider(name).adopt(CARRIERS[name], body)
    if found is None:
        return
    assert (found.state, found.outputs, found.charge, found.error) == ("queued", (), "held", None)
    assert found.task_id
    assert provider(name).poll(found.locator or {}).path.startswith("/")


def test_pixazo_reports_every_step_on_the_users_word() -> None:
    call = pixazos.PIXAZO.submit(pixazos.MUSIC, {}, "https://example.com/hook")
    assert isinstance(pixazos.PIXAZO, ReportsProgress)
    assert call.headers["X-Webhook-Mode"] == "terminal"
    asked = pixazos.PIXAZO.with_progress(call)
    assert asked.headers == {**call.headers, "X-Webhook-Mode": "sync"}
    assert not isinstance(provider("minimax"), ReportsProgress)
