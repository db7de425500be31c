"""Plan keys: what is left, what they refuse, and the tools that come with them."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

REMAINS = "/v1/token_plan/remains"
SEARCH = "/v1/coding_plan/search"
LOOK = "/v1/coding_plan/vlm"
IMAGE = {"model": "image-01", "prompt": "a lighthouse"}
CHAT = {"model": "MiniMax-M2.7", "messages": [{"role": "user", "content": "Say hi"}]}
HOURS_5, WEEK = 5 * 3_600_000, 7 * 86_400_000


def picture() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 200), "teal").save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def test_remains_says_percentages_and_counts_of_zero(box: Any) -> None:
    box.account("minimax", kind="plan", quota=4)
    rows = box.minimax(REMAINS)["model_remains"]
    assert {row["current_interval_remaining_percent"] for row in rows} == {100}
    row = rows[0]
    assert row["end_time"] - row["start_time"] == HOURS_5
    assert row["weekly_end_time"] - row["weekly_start_time"] == WEEK
    assert 0 < row["remains_time"] <= HOURS_5
    counts = ("current_interval_total_count", "current_interval_usage_count", "current_weekly_total_count")
    assert [row[name] for name in counts] == [0, 0, 0]
    assert box.code("/v1/image_generation", IMAGE) == 0
    assert box.minimax(REMAINS)["model_remains"][0]["current_interval_remaining_percent"] == 75


def test_a_used_up_plan_is_2056_everywhere(box: Any) -> None:
    box.account("minimax", kind="plan", quota=0)
    assert box.code("/v1/image_generation", IMAGE) == 2056
    row = box.minimax(REMAINS)["model_remains"][0]
    assert (row["current_interval_remaining_percent"], row["current_interval_status"]) == (0, 2)
    reply = box.call("minimax", "POST", "/v1/chat/completions", CHAT)
    assert (reply.status_code, reply.json()["error"]["type"]) == (429, "rate_limit_error")
    assert reply.json()["error"]["message"].endswith("(2056)")


def test_a_model_outside_the_plan_is_2061(box: Any) -> None:
    box.account("minimax", kind="plan", models=["MiniMax-M2.7"])
    got = box.minimax("/v1/image_generation", IMAGE)["base_resp"]
    assert got == {"status_code": 2061, "status_msg": "your current token plan not support model, image-01"}
    assert box.call("minimax", "POST", "/v1/chat/completions", CHAT).status_code == 200


def test_an_expired_plan_is_2062(box: Any) -> None:
    box.account("minimax", kind="expired-plan")
    assert box.code("/v1/image_generation", IMAGE) == 2062
    assert box.code(REMAINS) == 2062
    assert box.call("minimax", "POST", "/v1/chat/completions", CHAT).status_code == 401
    assert box.call("minimax", "POST", "/anthropic/v1/messages", CHAT).status_code == 403


def test_a_pay_as_you_go_key_has_no_plan(box: Any) -> None:
    assert box.code(REMAINS) == 2062


def test_a_plan_is_not_charged(box: Any) -> None:
    box.account("minimax", kind="plan")
    assert box.call("minimax", "POST", "/v1/chat/completions", CHAT).status_code == 200
    assert box.charged() == 0


def test_the_search_finds_pages(box: Any) -> None:
    got = box.minimax(SEARCH, {"q": "lighthouse keepers"})
    assert 0 < len(got["organic"]) <= 10
    assert set(got["organic"][0]) == {"title", "link", "snippet", "date"}
    assert "lighthouse" in got["organic"][0]["link"]
    assert box.charged() == 0, "it comes with the plan"
    assert box.code(SEARCH, {}) == 2013


def test_a_picture_is_looked_at(box: Any) -> None:
    got = box.minimax(LOOK, {"prompt": "What is this about?", "image_url": picture()})
    assert got["content"].startswith("A picture of 320 × 200 px.")
    assert box.charged() == 0, "it comes with the plan"


@pytest.mark.parametrize("url", ["https://a.example/a.png", "data:image/png;base64,AAAA", "", None])
def test_a_picture_must_be_a_data_url(box: Any, url: str | None) -> None:
    assert box.code(LOOK, {"prompt": "What?", "image_url": url}) == 2013
