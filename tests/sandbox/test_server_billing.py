"""Accounts, limits, charges, and that results repeat."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from minimax_nb.sandbox import child

IMAGES = "/v1/image_generation"
VIDEOS = "/v1/video_generation"
IMAGE = {"model": "image-01", "prompt": "a lighthouse"}
VIDEO = {"model": "MiniMax-Hailuo-2.3", "prompt": "a lighthouse"}
MUSIC = "/minimax-music-generation-2-6/v1/generate"
VOICE = "/api/v1/generateTask/minimax-voice"
DESIGN = {
    "request_type": "async",
    "input": {"mode": "design", "voice_id_prefix": "warm001", "prompt": "warm", "preview_text": "Hello."},
}


def wallet(box: Any, provider: str) -> dict[str, Any]:
    """Return the account of this test."""
    rows = box.control("GET", "accounts")["accounts"]
    return [row for row in rows if row["name"] == box.name and row["provider"] == provider][-1]


# --- money -------------------------------------------------------------------------------------------


def test_a_wallet_goes_down_to_zero_and_then_refuses(box: Any) -> None:
    box.account("minimax", balance="0.01")
    codes = [box.code(IMAGES, IMAGE) for _ in range(3)]
    assert codes == [0, 0, 1008]
    assert box.minimax("/account/query_balance")["available_amount"] == "0.0030"
    assert box.charged() == 7_000_000


def test_the_balance_reply_has_every_key(box: Any) -> None:
    box.account("minimax", balance="12.5")
    reply = box.minimax("/account/query_balance")
    assert set(reply) == {
        "available_amount", "cash_balance", "voucher_balance", "credit_balance", "owed_amount",
        "balance_alert_switch", "balance_alert_threshold", "base_resp",
    }  # fmt: skip
    assert reply["available_amount"] == "12.5000"


def test_money_is_held_for_a_task_and_debited_at_its_end(slow_box: Any) -> None:
    box = slow_box
    box.account("minimax", balance="0.30")
    task_id = box.minimax(VIDEOS, VIDEO)["task_id"]
    assert (wallet(box, "minimax")["balance"], wallet(box, "minimax")["held"]) == ("0.3", "0.28")
    assert box.code(VIDEOS, VIDEO) == 1008
    box.advance(3600)
    box.minimax(f"/v1/query/video_generation?task_id={task_id}")
    assert (wallet(box, "minimax")["balance"], wallet(box, "minimax")["held"]) == ("0.02", "0")


def test_pixazo_holds_debits_and_releases(slow_box: Any) -> None:
    box = slow_box
    box.account("pixazo", balance="0.16")
    reply = box.call("pixazo", "POST", MUSIC, {"prompt": "a"}, fault="fail:ERROR").json()
    assert wallet(box, "pixazo")["held"] == "0.15"
    assert box.call("pixazo", "POST", MUSIC, {"prompt": "a"}).status_code == 402
    box.advance(3600)
    box.call("pixazo", "GET", f"/v2/requests/status/{reply['request_id']}")
    assert (wallet(box, "pixazo")["balance"], wallet(box, "pixazo")["held"]) == ("0.16", "0")
    assert box.charged() == 0


def test_pixazo_prices(box: Any) -> None:
    box.call("pixazo", "POST", "/image-generation/v1/t2i", {"prompt": "a", "n": 3})
    box.call("pixazo", "POST", MUSIC, {"prompt": "a"})
    box.call("pixazo", "POST", "/minimax-hailuo-ai-music/v1/getAudioResult", {"task_id": "344614765236532"})
    path = "/minimax-voice-design-api-363/v1/minimax-voice-design-api-request"
    box.call("pixazo", "POST", path, {"prompt": "warm", "preview_text": "x" * 50})
    assert [entry["charged_nano"] for entry in box.journal()] == [
        60_000_000,
        150_000_000,
        100_000_000,
        1_500_000,
    ]


def test_apixo_debits_on_acceptance_and_refunds_where_switched_on(box: Any) -> None:
    box.account("apixo", balance="1.20")
    box.call("apixo", "POST", VOICE, DESIGN)
    assert wallet(box, "apixo")["balance"] == "0.7"
    box.control("POST", "settings", {"apixo_refund_failed": True})
    box.call("apixo", "POST", VOICE, DESIGN, fault="fail:PROCESSING_TIMEOUT")
    assert wallet(box, "apixo")["balance"] in {"0.2", "0.7"}
    box.advance(3600)
    box.soon(lambda: wallet(box, "apixo")["balance"] == "0.7")
    amounts = [
        row["amount_nano"] for row in box.control("GET", "journal")["charges"] if row["key"] == box.name
    ]
    assert amounts == [500_000_000, 500_000_000, -500_000_000]
    balance = box.call("apixo", "GET", "/api/v1/apikeys/current-balance").json()
    assert (balance["code"], balance["data"]["balance"]) == (200, 0.7)


def test_the_journal_tells_each_request_and_never_a_key(box: Any) -> None:
    box.minimax(IMAGES, {**IMAGE, "prompt": "x" * 900})
    text = box.http.get(f"{box.running.url}/__sandbox__/journal").text
    for key in (*box.keys.values(), *box.running.key.values()):
        assert key not in text
    entry = box.journal()[-1]
    assert (entry["provider"], entry["method"], entry["path"], entry["status"]) == (
        "minimax",
        "POST",
        IMAGES,
        200,
    )
    assert entry["key"] == box.name
    assert (entry["charged_nano"], entry["currency"]) == (3_500_000, "USD")
    assert entry["body"]["prompt"].endswith("… (900 characters)")
    assert len(entry["body_sha256"]) == 64
    assert entry["problem"] is None


# --- plans and models --------------------------------------------------------------------------------


def test_a_plan_is_not_charged_and_ends_with_2056(box: Any) -> None:
    box.account("minimax", kind="plan", quota=2, balance="0")
    assert [box.code(IMAGES, IMAGE) for _ in range(3)] == [0, 0, 2056]
    assert box.charged() == 0


def test_a_model_outside_the_plan_is_2061(box: Any) -> None:
    box.account("minimax", kind="plan", models=["image-01"])
    assert box.code(IMAGES, IMAGE) == 0
    reply = box.minimax(VIDEOS, VIDEO)
    message = "your current token plan not support model, MiniMax-Hailuo-2.3"
    assert reply == {"task_id": "", "base_resp": {"status_code": 2061, "status_msg": message}}


def test_a_model_that_is_switched_off_answers_in_each_providers_words(box: Any) -> None:
    rule = {"fault": "model-disabled", "times": None}
    box.control("POST", "faults", rule)
    assert box.code(IMAGES, IMAGE) == 2061
    assert box.call("pixazo", "POST", MUSIC, {"prompt": "a"}).json()["error"] == "Model not found"
    assert box.call("apixo", "POST", VOICE, DESIGN).status_code == 403


# --- limits ------------------------------------------------------------------------------------------


def test_five_videos_a_minute_and_then_1002(slow_box: Any) -> None:
    box = slow_box
    assert [box.code(VIDEOS, VIDEO) for _ in range(6)] == [0, 0, 0, 0, 0, 1002]
    box.advance(61)
    assert box.code(VIDEOS, VIDEO) == 0
    assert len([entry for entry in box.journal() if entry["charged_nano"]]) == 6


def test_limits_are_counted_by_class_and_by_account(slow_box: Any) -> None:
    box = slow_box
    assert [box.code(VIDEOS, VIDEO) for _ in range(6)][-1] == 1002
    assert box.code("/v1/get_voice", {"voice_type": "voice_cloning"}) == 0
    box.account("minimax")
    assert box.code(VIDEOS, VIDEO) == 0


def test_an_accounts_own_limit_replaces_the_catalogs(slow_box: Any) -> None:
    box = slow_box
    box.account("minimax", rpm=1)
    assert [box.code(VIDEOS, VIDEO) for _ in range(2)] == [0, 1002]
    box.account("minimax", rpm=0)
    assert [box.code(VIDEOS, VIDEO) for _ in range(8)] == [0] * 8


def test_gateways_say_429_with_retry_after(slow_box: Any) -> None:
    box = slow_box
    box.account("pixazo", rpm=1)
    box.account("apixo", rpm=1)
    assert box.call("pixazo", "POST", MUSIC, {"prompt": "a"}).status_code == 202
    reply = box.call("pixazo", "POST", MUSIC, {"prompt": "a"})
    assert reply.status_code == 429
    assert 50 <= int(reply.headers["retry-after"]) <= 60
    assert reply.json()["error"] == "Too Many Requests"
    assert box.call("apixo", "POST", VOICE, DESIGN).status_code == 200
    reply = box.call("apixo", "POST", VOICE, DESIGN)
    assert (reply.status_code, reply.json()) == (429, {"code": 429, "message": "Rate limit exceeded"})
    assert "retry-after" in reply.headers


def test_limits_follow_the_speed(box: Any) -> None:
    assert box.running.speed == 5000
    codes = []
    for _ in range(12):
        codes.append(box.code(VIDEOS, VIDEO))
        box.advance(60 / 5000 / 5)
    assert codes == [0] * 12


def test_requests_in_flight_are_limited_by_the_catalog_also_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_box: Any
) -> None:
    (tmp_path / "limits.toml").write_text(
        '[[limit]]\nprovider = "minimax"\nname = "music"\nrpm = 120\nconcurrency = 1\npoll_first = 1\n'
        'poll_every = 1\npoll_floor = 1\nsource = "a test"\nretrieved = 2026-11-21\n'
    )
    monkeypatch.setenv("MINIMAX_NB_CATALOG", str(tmp_path))
    running = child.start()
    box = new_box(running)
    song = {"model": "music-2.6", "prompt": "calm", "is_instrumental": True}
    codes: list[int] = []
    singing = threading.Thread(target=lambda: codes.append(box.code("/v1/music_generation", song)))
    singing.start()
    box.soon(lambda: [entry for entry in box.journal() if entry["charged_nano"]])
    assert box.code("/v1/music_generation", song) == 1041
    box.advance(3600)
    singing.join(timeout=20)
    assert codes == [0]
    running.stop()


# --- time --------------------------------------------------------------------------------------------


def test_a_synchronous_reply_takes_its_time_and_a_clock_jump_ends_it(slow_box: Any) -> None:
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(slow_box.code(IMAGES, IMAGE)))
    asking.start()
    slow_box.soon(lambda: [e for e in slow_box.journal() if e["charged_nano"]])
    assert answers == []
    slow_box.advance(60)
    asking.join(timeout=10)
    assert answers == [0]


# --- repeats -----------------------------------------------------------------------------------------


def pictures(running: child.Running, key: str, bodies: list[dict[str, Any]]) -> list[str]:
    """Return images as base64, from requests in this order."""
    import httpx

    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(headers=headers, trust_env=False) as http:
        small = {"width": 512, "height": 512, "response_format": "base64"}
        replies = [
            http.post(running.minimax + IMAGES, json={**IMAGE, **small, **body}).json() for body in bodies
        ]
    return [reply["data"]["image_base64"][0] for reply in replies]


@pytest.fixture(scope="module")
def runs() -> list[list[str]]:
    """The same requests against two runs of the same seed, and one of another."""
    bodies = [{}, {}, {"seed": 7}, {"seed": 7}, {"seed": 8}]
    found = []
    for seed in (1, 1, 2):
        running = child.start(speed=5000, seed=seed)
        found.append(pictures(running, running.key["minimax"], bodies))
        running.stop()
    return found


def test_runs_repeat(runs: list[list[str]]) -> None:
    assert runs[0] == runs[1]


def test_repeats_within_a_run_differ_unless_the_request_has_a_seed(runs: list[list[str]]) -> None:
    first, second, seven, seven_again, eight = runs[0]
    assert first != second
    assert seven == seven_again
    assert seven != eight


def test_another_seed_of_the_sandbox_gives_other_results_unless_the_request_has_one(
    runs: list[list[str]],
) -> None:
    assert [one == other for one, other in zip(runs[0], runs[2], strict=True)] == [
        False,
        False,
        True,
        True,
        True,
    ]
