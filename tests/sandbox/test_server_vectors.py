"""Every contract vector with a server side, against the live sandbox."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

VECTORS = {
    vector["id"]: vector
    for line in (Path(__file__).parents[1] / "data" / "vectors.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
    if line.strip()
    for vector in [json.loads(line)]
}

#: Vectors that tell what a client does, with the reason why no request of ours can check them here.
CLIENT_ONLY = {
    "P4-07": "how a client takes an edge block; that the page is sent: test_server_faults",
    "P4-09": "a broken reply the sandbox never gives",
    "P5-09": "a variant of the reply that only a client must tolerate",
    "A3-06": "a broken resultJson the sandbox never gives",
    "P8-01": "inbound to a client; the sending side: test_server_webhooks",
    "P8-02": "inbound to a client; the sending side: test_server_webhooks",
    "P8-03": "inbound to a client; the sending side: test_server_webhooks",
    "P8-05": "inbound to a client, before it has read the 202",
    "A4-01": "inbound to a client; the sending side: test_server_webhooks",
    "A4-03": "inbound to a client; the sending side: test_server_webhooks",
    "F-01": "a client's trace",
    "F-03": "a client's trace",
    "F-05": "a client's trace",
    "F-07": "a client's trace",
}

LOW = {"balance": "0.01"}
DISABLED = {"fault": "model-disabled"}
PROMPT = (
    "Bubbly and excitable female pop star interviewee, youthful, slightly breathless, and very enthusiastic"
)
LEGACY = {
    "provider": "pixazo",
    "op": "voice-design",
    "id": "a1b2c3d4-e5f6-7890-g1h2-i3j4k5l6m7n8",
    "legacy": True,
    "prompt": PROMPT,
}
MUSIC_ID = "minimax-music-generation-2-6_019dxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
MUSIC = {"provider": "pixazo", "op": "music", "id": MUSIC_ID}
VOICE = {"provider": "apixo", "id": "task_12345678", "voice_id": "warm001-a1b2c3"}
UPSTREAM = {"word": "FAILED", "message": "Processing failed: upstream provider returned an error"}
NOISY = {"word": "VALIDATION_ERROR", "message": "Reference audio validation failed."}

#: What has to be so before the vector's request is sent.
BEFORE: dict[str, dict[str, Any]] = {
    "P1-03": {"account": {"balance": "0.05"}},
    "P1-04": DISABLED,
    "P2-02": {"account": LOW},
    "P2-03": DISABLED,
    "P3-03": DISABLED,
    "P4-01": {"task": MUSIC},
    "P4-02": {
        "task": {**MUSIC, "op": "speech", "id": "minimax-hailuo-audio_019dxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"},
        "settings": {"pixazo_octet_stream": True},
    },
    "P4-03": {"task": {**MUSIC, "failure": {"word": "ERROR", "message": "Description of the error"}}},
    "P4-05": {
        "task": {**MUSIC, "id": "{RID}", "failure": UPSTREAM},
        "settings": {"pixazo_flip_timestamps": True},
    },
    "P5-01": {"task": LEGACY},
    "P5-02": {"task": {**LEGACY, "stage": "running", "seconds_left": 12.4}},
    "P5-03": {"task": {**LEGACY, "short": True}},
    "P5-06": {"fault": "before-429"},
    "P5-07": {"task": {**LEGACY, "stage": "queued"}},
    "P6-10": {"fault": "partial"},
    "A1-17": {"account": {"balance": "0.49"}},
    "A3-01": {"task": {**VOICE, "stage": "running"}},
    "A3-02": {"task": VOICE},
    "A3-03": {"task": {**VOICE, "failure": NOISY}},
    "A3-04": {"task": {**VOICE, "text": ""}},
}


def expand(value: Any) -> Any:
    """Write out ``rep:N:x``."""
    if isinstance(value, dict):
        return {key: expand(item) for key, item in value.items()}
    if isinstance(value, list):
        return [expand(item) for item in value]
    if isinstance(value, str) and value.startswith("rep:"):
        _, count, text = value.split(":")
        return text * int(count)
    return value


def prepare(box: Any, vector: dict[str, Any]) -> dict[str, Any]:
    """Bring the sandbox to where the vector begins; return options for the call."""
    provider = "apixo" if vector["id"].startswith("A") else "pixazo"
    before = dict(BEFORE.get(vector["id"], {}))
    if "account" in before:
        box.account(provider, **before["account"])
    if "settings" in before:
        box.control("POST", "settings", before["settings"])
    if "task" in before:
        box.control("POST", "tasks", {**before["task"], "key": box.keys[provider]})
    return {"fault": before["fault"]} if "fault" in before else {}


def send(box: Any, vector: dict[str, Any]) -> httpx.Response:
    """Send the vector's request."""
    request = vector["req"]
    provider = "apixo" if vector["id"].startswith("A") else "pixazo"
    options = prepare(box, vector)
    given = request.get("hdr", {})
    if "Ocp-Apim-Subscription-Key" in given:
        options["key"] = given["Ocp-Apim-Subscription-Key"]
    options["headers"] = {
        name: value for name, value in given.items() if value and not name.startswith("Ocp")
    }
    return box.call(provider, request["m"], request["path"], expand(request.get("body")), **options)


ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
SPACED = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
#: Sample values by key, and what stands for them.
PATTERNS: dict[str, Callable[[Any, Any], bool]] = {
    "id": lambda _, got: re.fullmatch(r"[0-9a-f]{32}", got) is not None,
    "taskId": lambda _, got: bool(got),
    "createTime": lambda _, got: isinstance(got, int) and got > 10**12,
    "completeTime": lambda _, got: isinstance(got, int) and got > 10**12,
    "costTime": lambda _, got: isinstance(got, int) and got > 0,
    "duration_seconds": lambda _, got: isinstance(got, float) and got > 0.3,
    "resultJson": lambda _, got: bool(
        re.fullmatch(r'\{"resultUrls":\["http://127\.0\.0\.1:\d+/media/\w+/temp/\w+\.mp3"\]\}', got)
    ),
    "media_url": lambda want, got: (
        got[0].rpartition("/")[2] == want[0].rpartition("/")[2] and len(got) == len(want)
    ),
    "image_urls": lambda want, got: [digits(url) for url in got] == [digits(url) for url in want],
    "image_base64": lambda want, got: (
        len(got) == len(want) and all(item.startswith("iVBORw0KGgo") for item in got)
    ),
    "url": lambda want, got: want.endswith("...") or got.rpartition("/")[2] == want.rpartition("/")[2],
    "created_at": lambda want, got: same_form(want, got),
    "updated_at": lambda want, got: same_form(want, got),
    "completed_at": lambda want, got: same_form(want, got),
}


def digits(url: str) -> str:
    """Return the end of an image address with its sample numbers taken out."""
    assert url.startswith("http")
    return re.sub(r"-\d{10}-\d{6}-", "-N-", url.rpartition("/")[2])


def same_form(want: str, got: str) -> bool:
    """Return whether two times are written alike."""
    return re.fullmatch(ISO if "T" in want else SPACED, got) is not None


def compare(want: Any, got: Any, where: str = "body") -> None:
    """Assert that a body is the vector's, sample values aside."""
    if isinstance(want, dict):
        assert isinstance(got, dict), where
        assert set(got) == set(want), where
        for key, value in want.items():
            if key in PATTERNS:
                assert PATTERNS[key](value, got[key]), f"{where}.{key}: {got[key]!r} is not like {value!r}"
            elif key in {"request_id", "polling_url", "voice_id"}:
                compare_id(key, value, got[key], where)
            else:
                compare(value, got[key], f"{where}.{key}")
    else:
        assert got == want, where


def compare_id(key: str, want: str, got: str, where: str) -> None:
    """Assert that an id has the vector's prefix, or is the same where it was put in."""
    if key == "voice_id":
        assert re.fullmatch(want.partition("-")[0] + r"-[a-z0-9]{6}", got), f"{where}.{key}: {got}"
    elif key == "polling_url":
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v2/requests/status/\S+", got), f"{where}.{key}: {got}"
    elif "_019d" in want:
        assert re.fullmatch(re.escape(want.partition("_")[0]) + r"_019d\S+", got), f"{where}.{key}: {got}"


def shape(value: Any) -> Any:
    """Return keys and types."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_every_vector_is_either_run_or_a_clients() -> None:
    assert set(CLIENT_ONLY) <= set(VECTORS)
    assert set(BEFORE) <= set(VECTORS) - set(CLIENT_ONLY)
    assert {name[:2] for name in VECTORS} == {
        "P1",
        "P2",
        "P3",
        "P4",
        "P5",
        "P6",
        "P7",
        "P8",
        "A1",
        "A3",
        "A4",
        "F-",
    }


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in CLIENT_ONLY])
def test_the_sandbox_answers_the_vector(box: Any, name: str) -> None:
    vector = VECTORS[name]
    reply = send(box, vector)
    assert reply.status_code == vector["res"]["status"], reply.text
    if vector["match"] == "shape":
        assert shape(reply.json()) == shape(vector["res"]["body"])
    else:
        compare(vector["res"]["body"], reply.json())


@pytest.mark.parametrize("name", ["P1-01", "P1-02", "P2-01", "P3-01"])
def test_the_polling_url_ends_with_the_request_id(box: Any, name: str) -> None:
    body = send(box, VECTORS[name]).json()
    assert body["polling_url"] == f"{box.running.pixazo}/v2/requests/status/{body['request_id']}"


def test_a_refused_submit_costs_nothing_and_makes_no_task(box: Any) -> None:
    for name in ("P1-03", "P1-04", "P2-02", "P3-03", "P1-07", "P6-06", "A1-17", "A1-07"):
        send(box, VECTORS[name])
    assert box.charged() == 0
    assert not [entry for entry in box.journal() if entry["task_id"]]


def test_unicode_reaches_the_sandbox_unchanged(box: Any) -> None:
    send(box, VECTORS["P1-13"])
    assert box.journal()[-1]["body"]["prompt"] == VECTORS["P1-13"]["req"]["body"]["prompt"]
    assert "e\u0301" in box.journal()[-1]["body"]["prompt"], "the vector's own text is decomposed"


@pytest.mark.parametrize(("name", "size"), [("P6-02", (1280, 720)), ("P6-08", (1024, 1024))])
def test_images_have_the_size_that_was_asked(box: Any, name: str, size: tuple[int, int]) -> None:
    body = send(box, VECTORS[name]).json()
    data = httpx.get(body["image_urls"][0], trust_env=False).content
    with Image.open(io.BytesIO(data)) as image:
        assert (image.size, image.format) == (size, "PNG")


@pytest.mark.parametrize("prompt", [None, "   ", 7])
def test_p1_07_also_for_missing_blank_and_wrong_type(box: Any, prompt: Any) -> None:
    body = {} if prompt is None else {"prompt": prompt}
    reply = box.call("pixazo", "POST", VECTORS["P1-07"]["req"]["path"], body)
    assert reply.status_code == 400
    assert reply.json()["error"] == "Bad Request"


@pytest.mark.parametrize("prefix", ["1warm01", "warm_01", "warm-001", "wärm001"])
def test_a1_07_also_for_other_bad_prefixes(box: Any, prefix: str) -> None:
    body = json.loads(json.dumps(VECTORS["A1-07"]["req"]["body"]))
    body["input"]["voice_id_prefix"] = prefix
    reply = box.call("apixo", "POST", VECTORS["A1-07"]["req"]["path"], body)
    assert reply.json() == VECTORS["A1-07"]["res"]["body"]


@pytest.mark.parametrize("urls", [[], [""]])
def test_a1_11_also_for_no_url(box: Any, urls: list[str]) -> None:
    body = json.loads(json.dumps(VECTORS["A1-11"]["req"]["body"]))
    body["input"]["audio_urls"] = urls
    reply = box.call("apixo", "POST", VECTORS["A1-11"]["req"]["path"], body)
    assert reply.json() == VECTORS["A1-11"]["res"]["body"]


def test_a1_09_ends_without_a_preview(box: Any) -> None:
    submitted = send(box, VECTORS["A1-09"]).json()["data"]
    box.advance(600)
    status = box.call(
        "apixo", "GET", f"/api/v1/statusTask/minimax-voice?taskId={submitted['taskId']}"
    ).json()["data"]
    assert status["state"] == "success"
    assert status["voice_id"] == submitted["voice_id"]
    assert "resultJson" not in status
    assert status["costTime"] == status["completeTime"] - status["createTime"]
