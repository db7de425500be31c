"""MiniMax's conventions, images and videos."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image

IMAGES = "/v1/image_generation"
VIDEOS = "/v1/video_generation"
QUERY = "/v1/query/video_generation?task_id="
IMAGE = {"model": "image-01", "prompt": "a lighthouse at dusk"}
VIDEO = {"model": "MiniMax-Hailuo-2.3", "prompt": "[Push in] a lighthouse"}
REFERENCE = "subject_reference[0]."
LOGIN = "login fail: Please carry the API secret key in the 'Authorization' field of the request header"


def picture(width: int = 400, height: int = 400, form: str = "JPEG") -> str:
    """Return a data URI of a plain picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, form)
    return f"data:image/{form.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def subject(image: str) -> dict[str, Any]:
    """Return a subject reference of an image request."""
    return {"subject_reference": [{"type": "character", "image_file": image}]}


def s2v(images: Any) -> dict[str, Any]:
    """Return a change that makes a video of a subject."""
    return {"model": "S2V-01", "subject_reference": [{"type": "character", "image": images}]}


# --- conventions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1/get_voice"),
        ("POST", "/v1/query/video_generation"),
        ("DELETE", "/v1/files"),
        ("POST", "/speech/speech_t2a_input"),
        ("GET", "/v1/image_generation/"),
    ],
)
def test_an_unknown_path_is_a_plain_404(box: Any, method: str, path: str) -> None:
    reply = box.call("minimax", method, path)
    assert reply.status_code == 404
    assert reply.text == "404 page not found"
    assert reply.headers["content-type"].startswith("text/plain")


def test_no_key_is_1004_with_http_200(box: Any) -> None:
    assert box.minimax(IMAGES, IMAGE, key=None)["base_resp"] == {"status_code": 1004, "status_msg": LOGIN}


def test_x_api_key_alone_is_1004(box: Any) -> None:
    reply = box.minimax(IMAGES, IMAGE, key=None, headers={"x-api-key": box.keys["minimax"]})
    assert reply["base_resp"] == {"status_code": 1004, "status_msg": LOGIN}


@pytest.mark.parametrize("key", ["wrong", "sandbox-pixazo-key"])
def test_an_unknown_key_is_2049(box: Any, key: str) -> None:
    assert box.minimax(IMAGES, IMAGE, key=key)["base_resp"] == {
        "status_code": 2049,
        "status_msg": "invalid api key",
    }


def test_the_default_keys_open_the_default_accounts(box: Any) -> None:
    assert box.code("/account/query_balance", key=box.running.key["minimax"]) == 0


def test_every_reply_has_trace_headers_and_no_two_are_the_same(box: Any) -> None:
    replies = [box.call("minimax", "POST", IMAGES, IMAGE, key=key) for key in (None, box.keys["minimax"])]
    traces = [reply.headers["Trace-Id"] for reply in replies]
    assert len(set(traces)) == 2
    assert all(len(trace) == 32 for trace in traces)
    assert "Minimax-Request-Id" in replies[0].headers


def test_checks_come_before_the_balance(box: Any) -> None:
    box.account("minimax", balance="0")
    assert box.code(IMAGES, {**IMAGE, "n": 10}) == 2013
    assert box.code(IMAGES, IMAGE) == 1008
    refused = box.minimax(VIDEOS, VIDEO)
    assert refused == {
        "task_id": "",
        "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"},
    }
    assert box.charged() == 0


def test_a_body_that_is_no_object_is_2013(box: Any) -> None:
    for content in (b"", b"nonsense", b"[1]", b'"text"'):
        headers = {"Authorization": f"Bearer {box.keys['minimax']}"}
        reply = box.http.post(box.running.minimax + IMAGES, content=content, headers=headers)
        assert reply.json()["base_resp"]["status_code"] == 2013


# --- images ------------------------------------------------------------------------------------------


def test_an_image_reply_has_the_documented_form(box: Any) -> None:
    reply = box.minimax(IMAGES, {**IMAGE, "n": 2})
    assert set(reply) == {"id", "data", "metadata", "base_resp"}
    assert set(reply["data"]) == {"image_urls"}
    assert reply["metadata"] == {"success_count": "2", "failed_count": "0"}
    assert reply["base_resp"] == {"status_code": 0, "status_msg": "success"}


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (1024, 1024)),
        ({"aspect_ratio": "21:9"}, (1344, 576)),
        ({"aspect_ratio": "2:3"}, (832, 1248)),
        ({"width": 512, "height": 2048}, (512, 2048)),
        ({"aspect_ratio": "9:16", "width": 512, "height": 512}, (720, 1280)),
    ],
)
def test_images_are_jpeg_of_the_size_asked(box: Any, options: dict[str, Any], size: tuple[int, int]) -> None:
    url = box.minimax(IMAGES, {**IMAGE, **options})["data"]["image_urls"][0]
    assert url.startswith(f"{box.running.url}/media/")
    reply = box.http.get(url)
    assert reply.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(reply.content)) as image:
        assert (image.size, image.format) == (size, "JPEG")


def test_base64_images_come_in_their_own_field(box: Any) -> None:
    data = box.minimax(IMAGES, {**IMAGE, "response_format": "base64"})["data"]
    assert set(data) == {"image_base64"}
    with Image.open(io.BytesIO(base64.b64decode(data["image_base64"][0]))) as image:
        assert image.size == (1024, 1024)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": None}, "model"),
        ({"model": "image-02"}, "model"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": " \n"}, "prompt"),
        ({"prompt": "a" * 1501}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"n": 0}, "n"),
        ({"n": 10}, "n"),
        ({"n": "2"}, "n"),
        ({"n": True}, "n"),
        ({"n": 1.0}, "n"),
        ({"aspect_ratio": "5:4"}, "aspect_ratio"),
        ({"width": 1024}, "width"),
        ({"height": 1024}, "height"),
        ({"width": 1020, "height": 1024}, "width"),
        ({"width": 504, "height": 1024}, "width"),
        ({"width": 1024, "height": 2056}, "height"),
        ({"response_format": "png"}, "response_format"),
        ({"seed": "7"}, "seed"),
        ({"prompt_optimizer": "true"}, "prompt_optimizer"),
        ({"style": {"style_type": "水彩"}}, "style"),
        ({"model": "image-01-live", "style": {"style_type": "oil"}}, "style.style_type"),
        ({"model": "image-01-live", "style": {"style_type": "水彩", "style_weight": 0}}, "style.style_weight"),
        ({"model": "image-01-live", "aspect_ratio": "21:9"}, "aspect_ratio"),
        ({"model": "image-01-live", "width": 512, "height": 512}, "width"),
        ({"subject_reference": [{"type": "character"}]}, REFERENCE + "image_file"),
        ({"subject_reference": [{"type": "object", "image_file": "https://a.example/x.png"}]}, REFERENCE + "type"),
        (subject("https://a.example/x.gif"), REFERENCE + "image_file"),
        (subject("data:image/png;base64,####"), REFERENCE + "image_file"),
        (subject(picture(form="WEBP")), REFERENCE + "image_file"),
        ({"subject_reference": [{"type": "character", "image_file": picture()}] * 2}, "subject_reference"),
    ],
)  # fmt: skip
def test_image_rules(box: Any, change: dict[str, Any], field: str) -> None:
    answer = box.minimax(IMAGES, {**IMAGE, **change})["base_resp"]
    assert answer["status_code"] == 2013
    assert answer["status_msg"].startswith(f"invalid params, {field}: ")


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a" * 1500},
        {"n": 9, "seed": -1},
        {"model": "image-01-live", "style": {"style_type": "漫画", "style_weight": 1}},
        subject(picture(form="PNG")),
        subject("https://a.example/x"),
        {"aspect_ratio": None, "something_new": 1},
    ],
)
def test_image_bounds_are_allowed(box: Any, change: dict[str, Any]) -> None:
    assert box.code(IMAGES, {**IMAGE, **change}) == 0


def test_unread_keys_are_noted(box: Any) -> None:
    box.minimax(IMAGES, {**IMAGE, "negative_prompt": "x"})
    assert box.journal()[-1]["ignored"] == ["negative_prompt"]


@pytest.mark.parametrize(("word", "code"), [("forbidden-content", 1026), ("forbidden-output", 1027)])
def test_sensitive_words_are_refused_without_a_charge(box: Any, word: str, code: int) -> None:
    assert box.code(IMAGES, {**IMAGE, "prompt": f"a {word}"}) == code
    assert box.charged() == 0


@pytest.mark.parametrize("options", [{"fault": "partial"}, {"prompt": "forbidden-part of three"}])
def test_a_partial_batch_is_a_success_with_fewer_images_and_a_smaller_charge(
    box: Any, options: dict[str, Any]
) -> None:
    prompt = options.pop("prompt", "three")
    reply = box.minimax(IMAGES, {**IMAGE, "prompt": prompt, "n": 3}, **options)
    assert len(reply["data"]["image_urls"]) == 2
    assert reply["metadata"] == {"success_count": "2", "failed_count": "1"}
    assert reply["base_resp"]["status_code"] == 0
    assert box.charged() == 7_000_000


# --- videos ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": "a" * 2001}, "prompt"),
        ({"model": "MiniMax-Hailuo-3"}, "model"),
        ({"model": "MiniMax-Hailuo-2.3-Fast"}, "first_frame_image"),
        ({"model": "S2V-01"}, "subject_reference"),
        ({"duration": 5}, "duration"),
        ({"duration": "6"}, "duration"),
        ({"duration": 10, "resolution": "1080P"}, "resolution"),
        ({"resolution": "720P"}, "resolution"),
        ({"resolution": "768p"}, "resolution"),
        ({"model": "MiniMax-Hailuo-02", "resolution": "512P"}, "resolution"),
        ({"model": "T2V-01", "duration": 6}, "duration"),
        ({"model": "T2V-01", "resolution": "720P"}, "resolution"),
        ({"model": "T2V-01", "fast_pretreatment": True}, "fast_pretreatment"),
        ({"last_frame_image": picture()}, "model"),
        ({"model": "MiniMax-Hailuo-02", "last_frame_image": picture(), "resolution": "512P"}, "resolution"),
        ({"first_frame_image": picture(300, 500)}, "first_frame_image"),
        ({"first_frame_image": picture(400, 1100)}, "first_frame_image"),
        ({"first_frame_image": picture(form="GIF")}, "first_frame_image"),
        ({"first_frame_image": "data:image/png;base64,iVBORw0KGgo="}, "first_frame_image"),
        (s2v(picture()), REFERENCE + "image"),
        (s2v([]), REFERENCE + "image"),
        ({**s2v([picture()]), "duration": 6}, "duration"),
        ({"prompt_optimizer": 1}, "prompt_optimizer"),
        ({"callback_url": "not a url"}, "callback_url"),
    ],
)  # fmt: skip
def test_video_rules(box: Any, change: dict[str, Any], field: str) -> None:
    reply = box.minimax(VIDEOS, {**VIDEO, **change})
    assert reply["task_id"] == ""
    assert reply["base_resp"]["status_code"] == 2013
    assert reply["base_resp"]["status_msg"].startswith(f"invalid params, {field}: ")


@pytest.mark.parametrize(
    ("change", "price"),
    [
        ({}, 280_000_000),
        ({"duration": 10}, 560_000_000),
        ({"resolution": "1080P"}, 490_000_000),
        ({"model": "MiniMax-Hailuo-2.3-Fast", "prompt": None, "first_frame_image": picture()}, 190_000_000),
        ({"model": "MiniMax-Hailuo-02", "resolution": "512P", "first_frame_image": picture()}, 100_000_000),
        (
            {"model": "MiniMax-Hailuo-02", "first_frame_image": picture(), "last_frame_image": picture()},
            280_000_000,
        ),
        (
            {"model": "MiniMax-Hailuo-02", "last_frame_image": picture(form="WEBP"), "prompt": None},
            280_000_000,
        ),
        (s2v([picture()]), 0),
        ({"model": "I2V-01-live", "first_frame_image": "https://a.example/x"}, 0),
    ],
)
def test_videos_are_accepted_and_priced_by_the_matrix(box: Any, change: dict[str, Any], price: int) -> None:
    reply = box.minimax(VIDEOS, {**VIDEO, **change})
    assert reply["base_resp"]["status_code"] == 0
    assert reply["task_id"].isdigit()
    entry = box.journal()[-1]
    assert (entry["charged_nano"], entry["task_id"]) == (price, reply["task_id"])


def test_a_video_goes_through_its_states_and_is_charged_at_the_end(slow_box: Any) -> None:
    box = slow_box
    task_id = box.minimax(VIDEOS, VIDEO)["task_id"]
    seen: list[dict[str, Any]] = [box.minimax(QUERY + task_id)]
    assert seen[0]["file_id"] == ""
    assert not [c for c in box.control("GET", "journal")["charges"] if c["task_id"] == task_id]

    def look() -> bool:
        seen.append(box.minimax(QUERY + task_id))
        return seen[-1]["status"] == "Success"

    box.until(look)
    states = list(dict.fromkeys(reply["status"] for reply in seen))
    assert states == ["Preparing", "Queueing", "Processing", "Success"]
    last = seen[-1]
    assert isinstance(last["file_id"], str)
    assert last["file_id"].isdigit()
    assert (last["video_width"], last["video_height"]) == (1366, 768)
    charges = [c for c in box.control("GET", "journal")["charges"] if c["task_id"] == task_id]
    assert [charge["amount_nano"] for charge in charges] == [280_000_000]


def finished(box: Any, body: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return the last query of a task."""
    task_id = box.minimax(VIDEOS, body, **options)["task_id"]
    box.advance(3600)
    return box.minimax(QUERY + task_id)


@pytest.mark.parametrize(
    ("prompt", "code"), [("forbidden-content", 1026), ("forbidden-output", 1027), ("failing-task", 0)]
)
def test_a_failed_video_says_fail_with_or_without_a_code_and_is_free(
    box: Any, prompt: str, code: int
) -> None:
    reply = finished(box, {**VIDEO, "prompt": prompt})
    assert (reply["status"], reply["file_id"], reply["base_resp"]["status_code"]) == ("Fail", "", code)
    assert box.charged() == 0
    assert box.minimax("/account/query_balance")["available_amount"] == "1000.0000"


def test_a_fault_can_fail_a_video_too(box: Any) -> None:
    reply = finished(box, VIDEO, fault="fail:1027")
    assert (reply["status"], reply["base_resp"]["status_code"]) == ("Fail", 1027)


def test_the_shape_of_a_clip_follows_its_first_frame(box: Any) -> None:
    reply = finished(box, {**VIDEO, "first_frame_image": picture(600, 1200)})
    assert (reply["video_width"], reply["video_height"]) == (768, 1536)


def test_an_unknown_or_foreign_task_is_2013(box: Any) -> None:
    task_id = box.minimax(VIDEOS, VIDEO)["task_id"]
    assert box.code(QUERY + "1") == 2013
    assert box.code("/v1/query/video_generation") == 2013
    assert box.code(QUERY + task_id, key=box.running.key["minimax"]) == 2013


def test_a_video_is_fetched_by_file_id_at_an_address_that_expires(box: Any) -> None:
    file_id = finished(box, VIDEO)["file_id"]
    file = box.minimax(f"/v1/files/retrieve?file_id={file_id}")["file"]
    assert (file["file_id"], file["purpose"], file["filename"]) == (
        file_id,
        "video_generation",
        "output_aigc.mp4",
    )
    data = box.http.get(file["download_url"])
    assert data.headers["content-type"] == "video/mp4"
    assert data.content[4:8] == b"ftyp"
    box.advance(3500)
    assert box.http.get(file["download_url"]).status_code == 200
    box.advance(200)
    assert box.http.get(file["download_url"]).status_code == 403
    fresh = box.minimax(f"/v1/files/retrieve?file_id={file_id}")["file"]["download_url"]
    assert fresh != file["download_url"]
    assert box.http.get(fresh).content == data.content


def test_image_addresses_last_a_day(box: Any) -> None:
    url = box.minimax(IMAGES, IMAGE)["data"]["image_urls"][0]
    box.advance(86_000)
    assert box.http.get(url).status_code == 200
    box.advance(400)
    assert box.http.get(url).status_code == 403
    assert box.http.get(f"{box.running.url}/media/0/none.jpeg").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "Bearer x"}, {"x-api-key": "x"}, {"Ocp-Apim-Subscription-Key": "x"}, {}],
)
def test_a_key_on_the_media_host_is_recorded(box: Any, headers: dict[str, str]) -> None:
    url = box.minimax(IMAGES, IMAGE)["data"]["image_urls"][0]
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 200
    entry = box.control("GET", "journal")["requests"][-1]
    assert (entry["provider"], entry["leaked_key"]) == ("media", bool(headers))
