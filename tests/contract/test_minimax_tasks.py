"""MiniMax's second API and its video agent: requests as the documents show them, and what replies say."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from minimax_nb.kinds.base import MediaInput, Request
from minimax_nb.providers.base import HasCancel, HasList, Listed, Outcome
from tests.contract.minimaxes import MINIMAX, OK, ask, submitted
from tests.contract.wires import PIXEL, error, reply, wav

URL = "https://example.com/a"
H3 = ask("video", "a lighthouse", model="MiniMax-H3", ratio="16:9")
RUN = ask("agent", "a lion", template="Run for Life", image=f"{URL}.jpg")
V2 = {"task_id": "417", "of": "v2"}
AGENT = {"task_id": "417", "of": "agent"}
USAGE = {
    "total_seconds": 9,
    "input_seconds": 4,
    "output_seconds": 5,
    "input_image_count": 1,
    "total_tokens": 0,
}
TASK = {
    "id": "417", "model": "MiniMax-H3", "status": "succeeded", "content": {"url": f"{URL}.mp4"}, "ratio": "16:9",
    "resolution": "768P", "duration": 5, "task_type": "generation", "created_at": 1785400000, "usage": USAGE,
}  # fmt: skip


def body(request: Request, uploaded: dict[str, str] | None = None) -> Any:
    return MINIMAX.submit(request, uploaded or {}).body


def polled(locator: dict[str, str], answer: Any, status: int = 200) -> Outcome:
    return MINIMAX.parse_poll(locator, reply(answer, status))


def refusal(code: int, message: str, status: int) -> Any:
    inner = {"type": "x", "message": f"{message} ({code})" if code else message, "http_code": str(status)}
    return {"type": "error", "error": inner, "request_id": "0217"}


# --- requests ---------------------------------------------------------------------------------------


def test_a_video_from_text() -> None:
    call = MINIMAX.submit(H3, {})
    assert (call.method, call.path) == ("POST", "/v2/video_generation")
    assert call.body == {
        "model": "MiniMax-H3", "resolution": "768P", "duration": 5, "ratio": "16:9",
        "content": [{"type": "text", "text": "a lighthouse"}],
    }  # fmt: skip


def test_frames_have_roles_and_no_ratio() -> None:
    request = ask("video", "a dancer", model="MiniMax-H3-Max", first_frame=f"{URL}.png", last_frame=f"{URL}.png",
                  duration=8, resolution="480p", prompt_expansion_mode="quality")  # fmt: skip
    assert body(request) == {
        "model": "MiniMax-H3-Max", "resolution": "480P", "duration": 8,
        "extra": {"prompt_expansion_mode": "quality"},
        "content": [
            {"type": "text", "text": "a dancer"},
            {"type": "image_url", "image_url": {"url": f"{URL}.png"}, "role": "first_frame"},
            {"type": "image_url", "image_url": {"url": f"{URL}.png"}, "role": "last_frame"},
        ],
    }  # fmt: skip


def test_references_of_every_kind() -> None:
    request = ask("video", "a dancer", reference_image=[f"{URL}.png", f"{URL}.jpg"], reference_video=f"{URL}.mp4",
                  reference_audio=wav(3))  # fmt: skip
    items = body(request)["content"][1:]
    assert [(item["type"], item["role"]) for item in items] == [
        ("image_url", "reference_image"), ("image_url", "reference_image"), ("video_url", "reference_video"),
        ("audio_url", "reference_audio"),
    ]  # fmt: skip
    assert items[3]["audio_url"]["url"].startswith("data:audio/wav;base64,UklGR")


def test_big_media_are_uploaded_and_named() -> None:
    big = MediaInput(name="big.wav", data=wav(3) + bytes(4 * 2**20), mime="audio/wav")
    request = ask("video", "a dancer", reference_image=[f"{URL}.png"], reference_audio=big)
    (upload,) = MINIMAX.uploads(request)
    assert (upload.field, upload.purpose, upload.lives) == (
        "reference_audio[0]", "video_generation_input", 6 * 86_400,
    )  # fmt: skip
    assert body(request, {"reference_audio[0]": "9007199254740993"})["content"][2]["audio_url"] == {
        "url": "mm_file://9007199254740993"
    }
    assert MINIMAX.uploads(H3) == []


def test_a_video_again() -> None:
    request = ask("video-regeneration", base_video=f"{URL}.mp4")
    call = MINIMAX.submit(request, {})
    assert call.path == "/v2/video_regeneration"
    assert call.body == {
        "model": "MiniMax-H3", "resolution": "2K",
        "content": [{"type": "video_url", "video_url": {"url": f"{URL}.mp4"}, "role": "base_video"}],
    }  # fmt: skip
    assert body(ask("video-regeneration", source_task_id="12")) == {
        "model": "MiniMax-H3", "resolution": "2K", "source_task_id": "12",
    }  # fmt: skip


def test_a_prompt_written_out_has_no_resolution() -> None:
    call = MINIMAX.submit(ask("context-ir", "a lighthouse", duration=8), {})
    assert call.path == "/v2/h3_context_ir"
    assert call.body == {
        "model": "MiniMax-H3", "duration": 8, "ratio": "16:9", "content": [{"type": "text", "text": "a lighthouse"}],
    }  # fmt: skip


def test_a_template_gets_its_inputs() -> None:
    call = MINIMAX.submit(RUN, {}, "https://hooks.example/t")
    assert (call.path, call.body) == (
        "/v1/video_template_generation",
        {
            "template_id": "393769180141805569", "text_inputs": [{"value": "a lion"}],
            "media_inputs": [{"value": f"{URL}.jpg"}], "callback_url": "https://hooks.example/t",
        },
    )  # fmt: skip
    assert body(ask("agent", template="Diving", image=picture())).keys() == {"template_id", "media_inputs"}


def picture() -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (400, 400)).save(buffer, "PNG")
    return buffer.getvalue()


def test_songs_lyrics_and_what_is_heard() -> None:
    cover = body(ask("music", "a calm jazz cover", reference_audio=wav(7)))
    assert cover["model"] == "music-cover"
    assert base64.b64decode(cover["audio_base64"]) == wav(7)
    assert (
        body(ask("music", "a calm jazz cover", cover_feature_id="f", lyrics="[Verse]\nla la"))[
            "cover_feature_id"
        ]
        == "f"
    )
    call = MINIMAX.submit(ask("lyrics", "sadder", lyrics="[Verse]\nla", title="Blue"), {})
    assert (call.path, call.body) == (
        "/v1/lyrics_generation", {"mode": "edit", "prompt": "sadder", "lyrics": "[Verse]\nla", "title": "Blue"},
    )  # fmt: skip
    assert body(ask("lyrics", "the sea")) == {"mode": "write_full_song", "prompt": "the sea"}
    call = MINIMAX.submit(ask("cover-preprocess", f"{URL}.mp3"), {})
    assert (call.path, call.body) == (
        "/v1/music_cover_preprocess", {"model": "music-cover", "audio_url": f"{URL}.mp3"},
    )  # fmt: skip


# --- replies ----------------------------------------------------------------------------------------


def test_a_task_id_is_all_that_comes_at_first() -> None:
    outcome = submitted(H3, {"task_id": "417"})
    assert (outcome.state, outcome.task_id, outcome.locator, outcome.charge) == ("queued", "417", V2, "held")
    assert MINIMAX.poll(V2).path == "/v2/query/video_generation/417"
    assert submitted(RUN, {"task_id": "417", "base_resp": OK}).locator == AGENT
    assert MINIMAX.poll(AGENT).query == {"task_id": "417"}
    assert "/" not in MINIMAX.poll({"task_id": "a/../b", "of": "v2"}).path.rpartition("video_generation/")[2]


@pytest.mark.parametrize(
    ("code", "status", "state", "category"),
    [
        (2013, 400, "rejected", "invalid_request"),
        (1004, 401, "rejected", "auth"),
        (1008, 402, "rejected", "insufficient_balance"),
        (1026, 422, "rejected", "content_rejected"),
        (1002, 429, "retry", "rate_limited"),
        (0, 429, "retry", "rate_limited"),
        (1000, 500, "unknown", "provider_error"),
        (0, 529, "unknown", "provider_error"),
        (0, 504, "unknown", "timeout"),
    ],
)
def test_errors_have_a_status_of_their_own(code: int, status: int, state: str, category: str) -> None:
    outcome = submitted(H3, refusal(code, "no", status), status)
    assert (outcome.state, error(outcome).category) == (state, category)


@pytest.mark.parametrize("answer", [{}, {"task_id": ""}, {"task_id": None}, b"not json"])
def test_an_accepted_request_without_an_id_is_unknown(answer: Any) -> None:
    assert submitted(H3, answer).state == "unknown"


@pytest.mark.parametrize(
    ("word", "state", "charge"),
    [
        ("queued", "queued", "held"), ("running", "running", "held"), ("Running", "running", "held"),
        ("cancelled", "cancelled", "not_charged"), ("expired", "expired", "unknown"),
        ("failed", "failed", "not_charged"), ("dreaming", "running", "held"), ("", "retry", "held"),
    ],
)  # fmt: skip
def test_where_a_task_stands(word: str, state: str, charge: str) -> None:
    outcome = polled(V2, {"task": {**TASK, "status": word, "content": {}, "usage": {}}})
    assert (outcome.state, outcome.charge, outcome.task_id, outcome.locator) == (state, charge, "417", V2)


def test_a_finished_video_tells_what_it_counts() -> None:
    outcome = polled(V2, {"task": TASK})
    (output,) = outcome.outputs
    assert (outcome.state, output.url, output.mime) == ("succeeded", f"{URL}.mp4", "video/mp4")
    assert outcome.usage is not None
    assert (outcome.usage.unit, outcome.usage.quantity) == ("second", 5)
    assert outcome.usage.facts == {"duration": 5, "reference_seconds": 4, "reference_images": 1}


def test_a_finished_prompt_is_text_and_counts_tokens() -> None:
    counts = {"prompt_tokens": 12, "completion_tokens": 300, "output_seconds": 0}
    outcome = polled(V2, {"task": {**TASK, "content": {"prompt": "Scene: …"}, "usage": counts}})
    assert (outcome.outputs[0].data, outcome.outputs[0].mime) == ("Scene: …".encode(), "text/plain")
    assert outcome.usage is not None
    assert outcome.usage.facts == {"input_tokens": 12, "output_tokens": 300}


@pytest.mark.parametrize("content", [{}, {"url": ""}, {"url": "ftp://a"}, None])
def test_a_finished_task_without_a_result_is_asked_again(content: Any) -> None:
    assert polled(V2, {"task": {**TASK, "content": content}}).state == "retry"


def test_a_failed_task_says_why() -> None:
    outcome = polled(
        V2, {"task": {**TASK, "status": "failed", "error": {"code": "1026", "message": "sensitive"}}}
    )
    assert (error(outcome).category, error(outcome).code, error(outcome).message) == (
        "content_rejected", "1026", "sensitive",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (refusal(2013, "invalid params, invalid task_id", 400), 400),
        (refusal(1000, "record not found", 500), 500),
    ],
)
def test_a_task_that_is_not_there_is_not_found_and_fails_nothing(answer: Any, status: int) -> None:
    outcome = polled(V2, answer, status)
    assert (outcome.state, error(outcome).category) == ("retry", "not_found")


@pytest.mark.parametrize(
    ("answer", "status"),
    [(refusal(1000, "busy", 500), 500), (b"<html>", 502), ({}, 200), ({"task": []}, 200)],
)
def test_a_read_that_tells_nothing_fails_nothing(answer: Any, status: int) -> None:
    assert polled(V2, answer, status).state == "retry"


def test_a_template_video_comes_with_its_address() -> None:
    done = {"task_id": "417", "status": "Success", "video_url": f"{URL}.mp4", "base_resp": OK}
    outcome = polled(AGENT, done)
    assert (outcome.state, outcome.outputs[0].url, outcome.charge) == ("succeeded", f"{URL}.mp4", "charged")
    assert polled(AGENT, {**done, "video_url": ""}).state == "retry"
    assert polled(AGENT, {**done, "status": "Preparing", "video_url": ""}).state == "queued"
    failed = polled(AGENT, {**done, "status": "Fail", "base_resp": {"status_code": 1027, "status_msg": "no"}})
    assert (failed.state, error(failed).code) == ("failed", "1027")


def test_lyrics_with_title_and_style() -> None:
    request = ask("lyrics", "the sea")
    answer = {"lyrics": "[Verse]\nla", "song_title": "Blue", "style_tags": "Soul, Warm", "base_resp": OK}
    outcome = submitted(request, answer)
    assert (outcome.outputs[0].data, outcome.usage) == (b"[Verse]\nla", submitted(request, answer).usage)
    assert (outcome.facts["song_title"], outcome.facts["style_tags"]) == ("Blue", "Soul, Warm")
    assert submitted(request, {"song_title": "Blue", "base_resp": OK}).state == "unknown"


def test_what_is_heard_comes_as_json_inside_a_text() -> None:
    request = ask("cover-preprocess", f"{URL}.mp3")
    answer = {
        "cover_feature_id": "f1", "formatted_lyrics": "[Verse]\nla", "audio_duration": 13.5, "base_resp": OK,
        "structure_result": '{"num_segments": 2, "segments": [{"label": "intro"}, {"label": "verse"}]}',
    }  # fmt: skip
    facts = submitted(request, answer).facts
    assert (facts["cover_feature_id"], facts["sections"], facts["song_seconds"]) == (
        "f1",
        "intro, verse",
        13.5,
    )
    assert "sections" not in submitted(request, {**answer, "structure_result": "{"}).facts
    assert submitted(request, {"formatted_lyrics": "la", "base_resp": OK}).state == "unknown"


def test_callbacks_name_their_task_in_either_form() -> None:
    for request, delivery, locator in (
        (H3, {"task": TASK}, V2),
        (H3, {"task_id": "417", "status": "succeeded"}, V2),
        (RUN, {"task_id": "417", "status": "Success"}, AGENT),
    ):
        told = MINIMAX.adopt(request, delivery)
        assert told is not None
        assert (told.state, told.task_id, told.locator) == ("queued", "417", locator)
    assert MINIMAX.adopt(H3, {"challenge": "c"}) is None


# --- the list and the deletion ----------------------------------------------------------------------


def listed(request: Request, *items: Any) -> Any:
    assert isinstance(MINIMAX, HasList)
    return MINIMAX.parse_list(request, reply({"items": list(items), "total": len(items)}))


def test_the_list_is_asked_for_what_is_wanted() -> None:
    assert isinstance(MINIMAX, HasList)
    call = MINIMAX.list_call(H3, 2)
    assert (call.method, call.path) == ("GET", "/v2/query/video_generation")
    assert call.query == {
        "page_num": "2", "page_size": "100", "filter.model": "MiniMax-H3", "filter.task_type": "generation",
    }  # fmt: skip
    assert MINIMAX.lists("video", "MiniMax-H3")
    assert MINIMAX.lists("context-ir", "MiniMax-H3")
    assert not MINIMAX.lists("video", "MiniMax-Hailuo-2.3")
    assert not MINIMAX.lists("image", "image-01")


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True), ({"duration": 6}, False), ({"resolution": "2K"}, False), ({"ratio": "9:16"}, False),
        ({"model": "MiniMax-H3-Max"}, False), ({"task_type": "regeneration"}, False), ({"status": "failed"}, True),
    ],
)  # fmt: skip
def test_what_the_list_says_must_be_what_was_asked(change: dict[str, Any], fits: bool) -> None:
    assert listed(H3, {**TASK, **change}) == (Listed("417", V2, 1785400000.0, fits),)


def test_a_ratio_that_the_provider_chose_is_not_compared() -> None:
    request = ask("video", "a dancer", model="MiniMax-H3", first_frame=f"{URL}.png")
    assert listed(request, {**TASK, "ratio": "1:1"})[0].fits


def test_a_list_without_items_is_an_error_and_an_item_without_an_id_is_none() -> None:
    assert isinstance(MINIMAX, HasList)
    assert listed(H3, {**TASK, "id": ""}, "x", None) == ()
    assert not isinstance(MINIMAX.parse_list(H3, reply({"total": 0})), tuple)
    assert not isinstance(MINIMAX.parse_list(H3, reply(refusal(1004, "no", 401), 401)), tuple)


def test_only_the_second_api_cancels() -> None:
    assert isinstance(MINIMAX, HasCancel)
    call = MINIMAX.cancel_call(V2)
    assert call is not None
    assert (call.method, call.path) == ("DELETE", "/v2/video_generation/417")
    assert MINIMAX.cancel_call({"task_id": "417"}) is None
    assert MINIMAX.cancel_call(AGENT) is None
    assert (
        MINIMAX.parse_cancel(reply({"task_id": "417", "action": "cancelled", "status": "cancelled"})) is True
    )
    assert (
        MINIMAX.parse_cancel(reply({"task_id": "417", "action": "deleted", "status": "succeeded"})) is False
    )
    assert not isinstance(MINIMAX.parse_cancel(reply(refusal(2013, "task is running", 400), 400)), bool)


def test_a_local_picture_travels_inside_the_request() -> None:
    request = ask(
        "video",
        "a dancer",
        model="MiniMax-H3",
        first_frame=MediaInput(name="a.png", data=picture(), mime="image/png"),
    )
    assert body(request)["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert PIXEL
