"""Long texts: creation, waiting, the archive with audio, subtitles and facts."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import Any

import pytest

from tests.sandbox.hearable import TEXT, VOICE, samples, seconds, upload

CREATE = "/v1/t2a_async_v2"
QUERY = "/v1/query/t2a_async_query_v2"
LONG = {"model": "speech-2.6-turbo", "text": TEXT, "voice_setting": {"voice_id": VOICE}}


def ask(box: Any, task_id: str) -> dict[str, Any]:
    """Ask where a task stands."""
    return box.minimax(f"{QUERY}?task_id={task_id}")


def finished(box: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Create a task and wait for its end; return the last reply."""
    made = box.minimax(CREATE, body)
    assert made["base_resp"]["status_code"] == 0, made

    def ended() -> dict[str, Any] | None:
        found = ask(box, made["task_id"])
        return None if found["status"] == "Processing" else found

    return box.until(ended)


def result(box: Any, body: dict[str, Any]) -> bytes:
    """Return the file of a task."""
    found = finished(box, body)
    assert found["status"] == "Success"
    url = box.minimax(f"/v1/files/retrieve?file_id={found['file_id']}")["file"]["download_url"]
    return box.http.get(url).content


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the files of a tar by name, without the folder and the id."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {_plain(name): file.read() for name, file in found.items() if file is not None}


def _plain(name: str) -> str:
    folder, _, rest = name.partition("/")
    return rest.replace(f"-{folder}", "")


def zipped(files: dict[str, str]) -> bytes:
    """Return a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_a_task_goes_from_processing_to_a_file(slow_box: Any) -> None:
    made = slow_box.minimax(CREATE, LONG)
    assert set(made) == {"task_id", "task_token", "file_id", "usage_characters", "base_resp"}
    assert isinstance(made["task_id"], str)
    assert isinstance(made["file_id"], int)
    assert made["usage_characters"] == len(TEXT)
    found = ask(slow_box, made["task_id"])
    assert found == {
        "task_id": int(made["task_id"]),
        "status": "Processing",
        "file_id": made["file_id"],
        "base_resp": {"status_code": 0, "status_msg": "success"},
    }
    retrieve = f"/v1/files/retrieve?file_id={made['file_id']}"
    assert slow_box.code(retrieve) == 2013
    slow_box.advance(600)
    assert ask(slow_box, made["task_id"])["status"] == "Success"
    file = slow_box.minimax(retrieve)["file"]
    assert (file["purpose"], file["filename"]) == ("t2a_async", f"{made['file_id']}.tar")
    assert slow_box.minimax("/v1/files/list?purpose=t2a_async")["files"][0]["file_id"] == made["file_id"]
    slow_box.advance(9 * 3600 - 5)
    assert slow_box.http.get(file["download_url"]).status_code == 200
    slow_box.advance(10)
    assert slow_box.http.get(file["download_url"]).status_code == 403
    assert slow_box.http.get(slow_box.minimax(retrieve)["file"]["download_url"]).status_code == 200
    assert slow_box.charged() == len(TEXT) * 60_000


def test_the_archive_has_audio_subtitles_and_facts(box: Any) -> None:
    files = unpacked(result(box, LONG))
    assert set(files) == {"content.mp3", "content.titles", "content.extra"}
    _, rate, channels = samples(files["content.mp3"])
    assert (rate, channels) == (32_000, 2)
    facts = json.loads(files["content.extra"])
    assert set(facts) == {
        "audio_length", "audio_sample_rate", "audio_size", "bitrate", "vol", "word_count",
    }  # fmt: skip
    assert facts["audio_size"] == len(files["content.mp3"])
    rows = json.loads(files["content.titles"])
    assert [row["text"] for row in rows] == ["Hello there.", "How are you today?", "I am very well."]
    assert rows[-1]["time_end"] <= facts["audio_length"] + 50


def test_switched_off_the_file_is_the_audio_itself(box: Any) -> None:
    box.control("POST", "settings", {"minimax_async_tar": False})
    setting = {"format": "opus", "audio_sample_rate": 12_000, "channel": 1}
    data = result(box, {**LONG, "audio_setting": setting})
    assert data[:4] == b"OggS"
    assert samples(data)[2] == 1


@pytest.mark.parametrize("form", ["mp3", "wav", "flac"])
def test_formats_and_a_changed_voice(box: Any, form: str) -> None:
    body = {**LONG, "audio_setting": {"format": form}, "voice_modify": {"pitch": 20}}
    assert seconds(unpacked(result(box, body))[f"content.{form}"]) > 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "a" * 50_001}, "text"),
        ({"text": None}, "text"),
        ({"text_file_id": 5}, "text"),
        ({"text": None, "text_file_id": "5"}, "text_file_id"),
        ({"text": None, "text_file_id": 5}, "text_file_id"),
        ({"voice_setting": None}, "voice_setting"),
        ({"voice_setting": {}}, "voice_setting.voice_id"),
        ({"audio_setting": {"audio_sample_rate": 48_000}}, "audio_setting.audio_sample_rate"),
        (
            {"audio_setting": {"format": "opus", "audio_sample_rate": 32_000}},
            "audio_setting.audio_sample_rate",
        ),
        ({"audio_setting": {"format": "opus"}, "voice_modify": {"pitch": 1}}, "voice_modify"),
    ],
)
def test_rules(box: Any, change: dict[str, Any], field: str) -> None:
    found = box.minimax(CREATE, {**LONG, **change})
    assert found["task_id"] == ""
    assert found["base_resp"]["status_msg"].startswith(f"invalid params, {field}: ")
    assert box.charged() == 0


def test_illegal_characters_above_a_tenth_are_1042(box: Any) -> None:
    assert box.code(CREATE, {**LONG, "text": "abcdefgh\u200b"}) == 1042
    assert box.code(CREATE, {**LONG, "text": "abcdefghi\u200b"}) == 0


def test_failed_tasks_cost_nothing_and_say_failed(box: Any) -> None:
    assert finished(box, {**LONG, "text": "failing-task"})["status"] == "Failed"
    made = box.minimax(CREATE, LONG, fault="fail:Expired")
    box.advance(600)
    assert ask(box, made["task_id"])["status"] == "Expired"
    assert box.code(f"/v1/files/retrieve?file_id={made['file_id']}") == 2013
    box.soon(lambda: box.charged() == 0)


def test_a_task_is_kept_for_a_week_and_belongs_to_its_account(box: Any) -> None:
    found = finished(box, LONG)
    key = box.running.key["minimax"]
    assert box.code(f"{QUERY}?task_id={found['task_id']}", key=key) == 2013
    assert box.code(f"{QUERY}?task_id=12345") == 2013
    box.advance(7 * 86_400)
    assert ask(box, str(found["task_id"]))["status"] == "Expired"


def test_queries_are_limited_to_ten_a_second(slow_box: Any) -> None:
    made = slow_box.minimax(CREATE, LONG)
    slow_box.account("minimax", key=slow_box.keys["minimax"], rpm=1)
    assert ask(slow_box, made["task_id"])["base_resp"]["status_code"] == 0
    assert slow_box.code(f"{QUERY}?task_id={made['task_id']}") == 1002
    slow_box.advance(1)
    assert slow_box.code(f"{QUERY}?task_id={made['task_id']}") == 0


def test_a_text_file_is_spoken(box: Any) -> None:
    file = upload(box, TEXT.encode(), "t2a_async_input", "book.txt")["file"]
    body = {**LONG, "text": None, "text_file_id": file["file_id"]}
    assert box.minimax(CREATE, body)["usage_characters"] == len(TEXT)
    assert set(unpacked(result(box, body))) == {"content.mp3", "content.titles", "content.extra"}


def test_each_part_of_each_json_in_a_zip_is_spoken(box: Any) -> None:
    book = {
        "one.json": json.dumps({"title": "Chapter one.", "content": "It begins.", "extra": ""}),
        "two.json": json.dumps({"content": "It goes on.", "extra": "The end."}),
    }
    file = upload(box, zipped(book), "t2a_async_input", "book.zip")["file"]
    body = {**LONG, "text": None, "text_file_id": file["file_id"]}
    assert box.minimax(CREATE, body)["usage_characters"] == len("Chapter one.It begins.It goes on.The end.")
    box.control("POST", "settings", {"minimax_async_tar": False})
    files = unpacked(result(box, body))
    parts = ["one-title", "one-content", "two-content", "two-extra"]
    assert set(files) == {f"{part}.{tail}" for part in parts for tail in ("mp3", "titles", "extra")}
    assert json.loads(files["two-extra.titles"])[0]["text"] == "The end."


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", b"no zip"),
        ("a.zip", zipped({"a.txt": "Hi.", "b.json": "{}"})),
        ("a.zip", zipped({"a.pdf": "Hi."})),
        ("a.zip", zipped({"a.json": "[]"})),
        ("a.zip", zipped({"a.json": '{"content": 5}'})),
        ("a.zip", zipped({"a.json": "{}"})),
        ("a.txt", "Grüße".encode("latin-1")),
        ("a.txt", b"   \n"),
        ("a.txt", b"a" * 1_000_000),
    ],
)
def test_files_that_cannot_be_spoken(box: Any, name: str, data: bytes) -> None:
    file = upload(box, data, "t2a_async_input", name)["file"]
    found = box.minimax(CREATE, {**LONG, "text": None, "text_file_id": file["file_id"]})["base_resp"]
    assert found["status_msg"].startswith("invalid params, text_file_id: ")


def test_a_very_long_file_is_billed_whole(box: Any) -> None:
    text = "The sea was calm. " * 55_000
    file = upload(box, text.encode(), "t2a_async_input", "sea.txt")["file"]
    made = box.minimax(CREATE, {**LONG, "text": None, "text_file_id": file["file_id"]})
    assert made["usage_characters"] == len(text) == 990_000
    assert box.charged() == 990_000 * 60_000
