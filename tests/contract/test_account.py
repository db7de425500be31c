"""Voices, files and the plan of a MiniMax account: the calls, the replies, and no refusal that passes for success."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minimax_nb.errors import ErrorInfo
from minimax_nb.kinds import build
from minimax_nb.providers import codes, provider
from minimax_nb.providers.account import (
    AccountFile,
    AccountVoice,
    HasFiles,
    HasPlan,
    HasVoices,
    PlanRow,
)
from minimax_nb.providers.base import Output
from minimax_nb.providers.minimax import MiniMaxProvider
from minimax_nb.wire import Reply
from tests.contract.minimaxes import ALL, MINIMAX
from tests.contract.pixazos import IMAGE as PIXAZO_IMAGE
from tests.contract.pixazos import PIXAZO
from tests.contract.wires import reply

ACCOUNT = MiniMaxProvider()
OK = {"base_resp": {"status_code": 0, "status_msg": "success"}}
BIG = 5613850180566985731  # beyond what a float holds
FILE = {
    "file_id": BIG,
    "bytes": 12,
    "created_at": 1_700_000_000,
    "filename": "a.wav",
    "purpose": "voice_clone",
}


def test_who_has_what() -> None:
    for name, has in (("minimax", True), ("pixazo", False), ("apixo", False)):
        found = provider(name)
        assert [isinstance(found, protocol) for protocol in (HasVoices, HasFiles, HasPlan)] == [has] * 3


@pytest.mark.parametrize(
    ("origin", "word"),
    [(None, "all"), ("system", "system"), ("cloned", "voice_cloning"), ("designed", "voice_generation")],
)
def test_voices_are_asked_for_by_a_post(origin: Any, word: str) -> None:
    call = ACCOUNT.voices_call(origin)
    assert (call.method, call.path, call.body) == ("POST", "/v1/get_voice", {"voice_type": word})


def test_voices_of_every_origin_and_absent_groups() -> None:
    body = {
        "system_voice": [{"voice_id": "Wise_Woman", "voice_name": "Wise", "description": ["calm", "old"]}],
        "voice_cloning": None,
        "voice_generation": [{"voice_id": "ttv-1", "description": [], "created_time": "2026-11-20"}, {}],
    }
    assert ACCOUNT.parse_voices(reply(body | OK)) == (
        AccountVoice("Wise_Woman", "system", "Wise", "calm old"),
        AccountVoice("ttv-1", "designed", created="2026-11-20"),
    )
    assert ACCOUNT.parse_voices(reply(OK)) == ()


def test_a_deletion_names_type_and_id() -> None:
    call = ACCOUNT.delete_voice_call("ttv-1", "designed")
    assert call.body == {"voice_type": "voice_generation", "voice_id": "ttv-1"}
    assert ACCOUNT.parse_delete_voice(reply({"voice_id": "ttv-1", "created_time": "x"} | OK)) == "ttv-1"


def test_file_calls() -> None:
    upload = ACCOUNT.upload_file_call("a.wav", b"x", "audio/wav", "voice_clone")
    assert (dict(upload.form), dict(upload.files)) == (
        {"purpose": "voice_clone"}, {"file": ("a.wav", b"x", "audio/wav")},
    )  # fmt: skip
    assert ACCOUNT.files_call("voice_clone").query == {"purpose": "voice_clone"}
    assert ACCOUNT.file_call("7").path == "/v1/files/retrieve"
    assert ACCOUNT.file_content_call("7").query == {"file_id": "7"}
    assert ACCOUNT.delete_file_call(str(BIG), "voice_clone").body == {
        "file_id": BIG,
        "purpose": "voice_clone",
    }
    assert ACCOUNT.delete_file_call("f-7", "voice_clone").body == {"file_id": "f-7", "purpose": "voice_clone"}


def test_files_with_ids_to_the_last_digit_and_their_end() -> None:
    first = AccountFile(str(BIG), "a.wav", "voice_clone", 12, 1_700_000_000_000_000)
    assert ACCOUNT.parse_file(reply({"file": FILE} | OK)) == first
    clip = FILE | {"file_id": "9", "purpose": "video_understanding"}
    files = ACCOUNT.parse_files(reply({"files": [FILE, clip, {}, None]} | OK))
    assert not isinstance(files, ErrorInfo)
    assert files[0] == first
    assert files[1].expires_us == 1_700_000_000_000_000 + 7 * 86_400 * 10**6
    assert ACCOUNT.parse_files(reply({"files": None} | OK)) == ()


def test_content_is_bytes_and_a_refusal_in_json_is_none() -> None:
    assert ACCOUNT.parse_file_content(Reply(200, {}, b"RIFF")) == b"RIFF"
    assert ACCOUNT.parse_file_content(Reply(200, {}, b'{"a": 1}')) == b'{"a": 1}'
    refused = ACCOUNT.parse_file_content(
        reply({"base_resp": {"status_code": 2013, "status_msg": "no such file"}})
    )
    assert isinstance(refused, ErrorInfo)
    assert refused.category == "not_found"
    page = ACCOUNT.parse_file_content(Reply(200, {"content-type": "text/html"}, b"<html>"))
    assert isinstance(page, ErrorInfo)


def test_what_is_left_of_a_plan() -> None:
    row = {
        "model_name": "MiniMax-M*", "remains_time": 7_200_000, "current_interval_remaining_percent": 40,
        "current_weekly_remaining_percent": "99.5", "current_interval_status": 1, "weekly_remains_time": None,
    }  # fmt: skip
    assert ACCOUNT.parse_plan(reply({"model_remains": [row, {}]} | OK)) == (
        PlanRow("MiniMax-M*", 40.0, 99.5, 7200.0, None, "active"),
    )
    none = ACCOUNT.parse_plan(
        reply({"base_resp": {"status_code": 2062, "status_msg": "no active token plan"}})
    )
    assert isinstance(none, ErrorInfo)
    assert none.category == "quota"


READS: dict[str, Callable[[Reply], Any]] = {
    "voices": ACCOUNT.parse_voices,
    "voice deleted": ACCOUNT.parse_delete_voice,
    "file": ACCOUNT.parse_file,
    "files": ACCOUNT.parse_files,
    "content": ACCOUNT.parse_file_content,
    "file deleted": ACCOUNT.parse_delete_file,
    "plan": ACCOUNT.parse_plan,
    "balance": ACCOUNT.parse_balance,
    "upload": ACCOUNT.parse_upload,
    "fetch": lambda answer: ACCOUNT.parse_fetch(Output(file_id="7"), answer),
}
#: All that any of them could take for a success, beside the verdict.
FULL = {
    "system_voice": [], "voice_id": "v", "file": FILE | {"download_url": "https://x/y"}, "files": [FILE],
    "file_id": BIG, "model_remains": [], "available_amount": "5", "task_id": "", "data": {"audio": "ff"},
    "trial_audio": "ff", "demo_audio": "ff", "lyrics": "la", "image_urls": ["https://x/y"], "text": "words",
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("code", [*codes.MINIMAX, 9999, -1])
def test_no_code_passes_for_success_in_a_read(name: str, code: int) -> None:
    found = READS[name](reply(FULL | {"base_resp": {"status_code": code, "status_msg": "words"}}))
    assert isinstance(found, ErrorInfo)
    assert found.code == str(code)
    assert found.meaning or found.next_step
    if name not in ("fetch", "upload", "balance"):
        assert "sent again" not in (found.next_step or "") or found.category == "rate_limited"


@pytest.mark.parametrize("name", sorted(set(READS) - {"content", "upload", "fetch", "balance"}))
@pytest.mark.parametrize("body", [{}, {"base_resp": None}, {"base_resp": {}}, []])
def test_a_read_without_its_verdict_is_no_success(name: str, body: Any) -> None:
    assert isinstance(READS[name](reply(body)), ErrorInfo)


MORE = {
    "lyrics": build("lyrics", "a song of rain", {}),
    "agent": build("agent", None, {"template": "392747428568649728", "image": "https://example.com/a.jpg"}),
}


@pytest.mark.parametrize("code", [*codes.MINIMAX, 9999, -1])
@pytest.mark.parametrize("kind", sorted({*ALL, *MORE}))
def test_no_code_passes_for_success_in_a_paid_reply(kind: str, code: int) -> None:
    request = ALL[kind] if kind in ALL else MORE[kind].resolve("minimax")
    body = FULL | {"base_resp": {"status_code": code, "status_msg": "words"}}
    outcome = MINIMAX.parse_submit(request, reply(body))
    assert outcome.state in ("rejected", "retry", "unknown")
    assert outcome.error is not None
    assert outcome.outputs == ()


@pytest.mark.parametrize("code", [*codes.MINIMAX, 9999])
@pytest.mark.parametrize("of", [None, "speech", "agent"])
def test_no_code_passes_for_success_in_a_look(of: str | None, code: int) -> None:
    locator = {"task_id": "1"} | ({"of": of} if of else {})
    outcome = MINIMAX.parse_poll(locator, reply({"base_resp": {"status_code": code, "status_msg": "words"}}))
    assert outcome.state != "succeeded"


@pytest.mark.parametrize("code", [*codes.MINIMAX, 9999])
def test_no_code_behind_pixazo_passes_for_success(code: int) -> None:
    outcome = PIXAZO.parse_submit(PIXAZO_IMAGE, reply(FULL | {"base_resp": {"status_code": code}}))
    assert outcome.state not in ("succeeded", "queued", "running")
