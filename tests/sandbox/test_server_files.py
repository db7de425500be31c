"""Files: purposes, limits, lists, addresses, expiry; and the recordings that clones are made from."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.sandbox.hearable import SAY, SPEECH, TEXT, recording, upload


def picture(form: str = "PNG") -> bytes:
    """Return a small image."""
    out = io.BytesIO()
    Image.new("RGB", (320, 320), "teal").save(out, form)
    return out.getvalue()


def film() -> bytes:
    """Return a short mp4."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for shade in range(12):
            block = np.full((64, 64, 3), shade * 20, dtype=np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(block)))
        file.mux(stream.encode(None))
    return out.getvalue()


# --- files -------------------------------------------------------------------------------------------


def test_files_are_uploaded_listed_read_and_deleted(box: Any) -> None:
    data = recording(1)
    file = upload(box, data)["file"]
    assert set(file) == {"file_id", "bytes", "created_at", "filename", "purpose"}
    assert isinstance(file["file_id"], int)
    assert file["file_id"] > 2**53
    assert (file["bytes"], file["filename"], file["purpose"]) == (len(data), "sample.wav", "voice_clone")
    assert box.minimax("/v1/files/list?purpose=voice_clone")["files"] == [file]
    assert box.minimax("/v1/files/list?purpose=prompt_audio")["files"] == []
    assert box.call("minimax", "GET", f"/v1/files/retrieve_content?file_id={file['file_id']}").content == data
    url = box.minimax(f"/v1/files/retrieve?file_id={file['file_id']}")["file"]["download_url"]
    assert box.http.get(url).content == data
    gone = {"file_id": file["file_id"], "purpose": "voice_clone"}
    assert box.minimax("/v1/files/delete", gone)["file_id"] == file["file_id"]
    assert box.code("/v1/files/delete", gone) == 2013
    assert box.code(f"/v1/files/retrieve?file_id={file['file_id']}") == 2013
    assert box.code("/v1/files/list") == 2013


@pytest.mark.parametrize(
    ("purpose", "name", "data"),
    [
        ("unknown", "a.wav", b"x"),
        ("voice_clone", "a.ogg", b"x"),
        ("voice_clone", "a.wav", b""),
        ("voice_clone", "a.wav", bytes(20 * 2**20 + 1)),
        ("video_generation", "a.mp4", b"x"),
    ],
)
def test_uploads_are_checked(box: Any, purpose: str, name: str, data: bytes) -> None:
    assert upload(box, data, purpose, name)["base_resp"]["status_code"] == 2013


def test_a_file_name_is_quoted_in_its_address(box: Any) -> None:
    file_id = upload(box, b"RIFF", name="a b?#ä.wav")["file"]["file_id"]
    url = box.minimax(f"/v1/files/retrieve?file_id={file_id}")["file"]["download_url"]
    assert box.http.get(url).content == b"RIFF"


def test_an_upload_that_is_not_multipart_is_2013(box: Any) -> None:
    assert box.code("/v1/files/upload", {"purpose": "voice_clone"}) == 2013


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.png", picture()), ("a.JPG", picture("JPEG")), ("a.mp4", film()), ("a.wav", recording(3))],
)
def test_video_inputs_are_kept_for_a_week(box: Any, name: str, data: bytes) -> None:
    file = upload(box, data, "video_generation_input", name)["file"]
    assert box.minimax("/v1/files/list?purpose=video_generation_input")["files"] == [file]
    box.advance(7 * 86_400 - 10)
    assert box.call("minimax", "GET", f"/v1/files/retrieve_content?file_id={file['file_id']}").content == data
    box.advance(11)
    answer = box.minimax(f"/v1/files/retrieve?file_id={file['file_id']}")["base_resp"]
    assert answer == {"status_code": 2013, "status_msg": "invalid params, file_id: file expired"}
    assert box.minimax("/v1/files/list?purpose=video_generation_input")["files"] == []


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.png", b"no picture"), ("a.jpg", picture()[:200]), ("a.mp4", recording(1)), ("a.mp3", picture())],
)
def test_bad_video_inputs_are_400_and_not_stored(box: Any, name: str, data: bytes) -> None:
    reply = box.call(
        "minimax",
        "POST",
        "/v1/files/upload",
        data={"purpose": "video_generation_input"},
        files={"file": (name, data)},
    )
    assert reply.status_code == 400
    assert reply.json()["base_resp"]["status_code"] == 2013
    assert box.minimax("/v1/files/list?purpose=video_generation_input")["files"] == []


def test_other_uploads_do_not_expire(box: Any) -> None:
    file = upload(box, b"Once upon a time.", "t2a_async_input", "a.txt")["file"]
    film_id = upload(box, film(), "video_understanding", "a.mkv")["file"]["file_id"]
    box.advance(30 * 86_400)
    assert box.minimax("/v1/files/list?purpose=t2a_async_input")["files"] == [file]
    assert box.code(f"/v1/files/retrieve?file_id={film_id}") == 2013
    gone = {"file_id": str(film_id), "purpose": "video_understanding"}
    assert box.minimax("/v1/files/delete", gone)["file_id"] == film_id


def test_files_belong_to_their_account(box: Any) -> None:
    file = upload(box, recording(1))["file"]
    key = box.running.key["minimax"]
    assert box.code(f"/v1/files/retrieve?file_id={file['file_id']}", key=key) == 2013
    assert box.code("/v1/files/list?purpose=voice_clone&file_id=²") == 0
    assert box.code("/v1/files/retrieve?file_id=²") == 2013


# --- the recordings of clones ------------------------------------------------------------------------

CLONE = "/v1/voice_clone"


def spoken(box: Any, text: str = TEXT * 6) -> bytes:
    """Return speech that the sandbox made, and can recognise."""
    body = {**SAY, "text": text, "audio_setting": {"format": "wav"}}
    return bytes.fromhex(box.minimax(SPEECH, body)["data"]["audio"])


def made(box: Any, voice_id: str, data: bytes, name: str = "sample.wav", **options: Any) -> int:
    """Clone a recording; return the code."""
    file_id = upload(box, data, name=name)["file"]["file_id"]
    return box.code(CLONE, {"file_id": file_id, "voice_id": voice_id, **options})


def test_a_recording_must_say_what_it_is_said_to_say(box: Any) -> None:
    data = spoken(box)
    assert made(box, "validated-1", data, text_validation=(TEXT * 6)[:200], accuracy=0.5) == 0
    assert made(box, "validated-2", data, text_validation="Something else altogether") == 1043
    assert made(box, "validated-2", data, text_validation="Something else altogether", accuracy=0) == 0
    assert made(box, "validated-3", recording(12), text_validation="Nobody can tell") == 0


def test_a_prompt_recording_must_say_its_words(box: Any) -> None:
    short = upload(box, spoken(box, "Good morning to you."), "prompt_audio")["file"]["file_id"]
    for number, (words, code) in enumerate([("Good morning to you.", 0), ("Buy ten ripe figs!", 1044)]):
        prompt = {"prompt_audio": short, "prompt_text": words}
        assert made(box, f"prompted-{number}", recording(12), clone_prompt=prompt) == code


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("noisy-room.wav", {}, 1000),
        ("noisy-room.wav", {"need_noise_reduction": True}, 0),
        ("silent.wav", {"need_noise_reduction": True}, 1000),
    ],
)
def test_the_name_of_a_recording_tells_what_is_wrong_with_it(
    box: Any, name: str, options: dict[str, Any], code: int
) -> None:
    assert made(box, "from-a-room", recording(12), name, **options) == code


def test_an_account_that_is_not_verified_cannot_clone(box: Any) -> None:
    box.control("POST", "settings", {"minimax_clone_closed": True})
    assert made(box, "unverified-1", recording(12)) == 2038


def test_the_documented_form_of_input_sensitive(box: Any) -> None:
    box.control("POST", "settings", {"minimax_object_sensitive": True})
    file_id = upload(box, recording(12))["file"]["file_id"]
    reply = box.minimax(CLONE, {"file_id": file_id, "voice_id": "documented-1"})
    assert reply["input_sensitive"] == {"type": 0}
    assert "input_sensitive_type" not in reply
