"""Speech on the real sandbox: streams, WebSockets, long texts, and what the network does to them."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab, SpeechRequest
from minimax_nb.engine.collect import _file
from minimax_nb.engine.loop import engine
from minimax_nb.errors import JobFailedError, OutcomeUnknownError, ProviderError
from minimax_nb.kinds import build
from minimax_nb.ledger.record import Charge, JobState, ResultState
from minimax_nb.providers.base import Output
from minimax_nb.sandbox.state import Switches

TEXT = "Good evening. Here is what the harbour heard today, before the tide turned and the boats came home."
STREAMS: dict[str, dict[str, Any]] = {"http": {"stream": True}, "websocket": {"transport": "websocket"}}
SONG = {"instrumental": True, "stream": True}


@pytest.fixture
def settings(control: Any) -> Any:
    """Switches of the sandbox, put back afterwards."""
    before = {"minimax_async_tar": Switches.minimax_async_tar, "product_dialects": False}
    yield lambda **values: control._call("POST", "settings", values)
    control._call("POST", "settings", before)


@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_is_one_recording_heard_piece_by_piece(lab: Lab, control: Any, way: str) -> None:
    job = lab.submit(SpeechRequest(text=TEXT, **STREAMS[way]))
    pieces = [piece.data for piece in job.stream()]
    result = job.result()
    assert len(pieces) > 4
    assert b"".join(pieces) == result.bytes()
    assert result[0].facts.duration_s == pytest.approx(result.facts["duration_ms"] / 1000, abs=0.2)
    record = job.record
    assert (record.state, record.charge, record.result) == (
        JobState.SUCCEEDED,
        Charge.CHARGED,
        ResultState.STORED,
    )
    assert record.cost_nano == control.charged_nano == len(TEXT) * 100_000
    assert control.charges == 1
    lab.close()
    assert not list((lab.settings.home / "spool").glob("*"))


@pytest.mark.parametrize("way", STREAMS)
def test_whole_and_streamed_are_the_same_request(lab: Lab, control: Any, way: str) -> None:
    first = lab.speech(TEXT)
    again = lab.submit(SpeechRequest(text=TEXT, **STREAMS[way]), reuse=True).result()
    assert again[0].sha256 == first[0].sha256
    assert control.charges == 1


def test_a_song_comes_in_pieces(lab: Lab, control: Any) -> None:
    job = lab.submit(build("music", "lo-fi", SONG))
    pieces = [piece.data for piece in job.stream()]
    assert len(pieces) > 4
    assert b"".join(pieces) == job.result().bytes()
    assert (control.posts, control.charges) == (1, 1)


@pytest.mark.parametrize("form", ["mp3", "pcm", "flac", "pcmu_raw", "pcmu_wav", "opus"])
def test_formats_that_can_be_streamed(lab: Lab, form: str) -> None:
    result = lab.speech("Hello there.", stream=True, format=form)
    assert result[0].facts.duration_s == pytest.approx(result.facts["duration_ms"] / 1000, abs=0.3)


@pytest.mark.parametrize("kind", ["sentence", "word", "word_streaming"])
@pytest.mark.parametrize("way", STREAMS)
def test_captions_of_a_stream(lab: Lab, way: str, kind: str) -> None:
    result = lab.speech(TEXT, subtitle_type=kind, **STREAMS[way])
    (captions,) = [item for item in result.media if item.role == "subtitle"]
    assert "harbour" in captions.text()


def test_mixed_and_modified_voices_are_heard(lab: Lab, control: Any) -> None:
    plain = lab.speech("Hello there.", voice="Grinch")
    mixed = lab.speech("Hello there.", mix={"Grinch": 50, "English_radiant_girl": 50})
    bent = lab.speech("Hello there.", voice="Grinch", modify_pitch=60, sound_effect="robotic")
    assert len({item[0].sha256 for item in (plain, mixed, bent)}) == 3
    assert not any(item["ignored"] for item in control.requests("POST"))


def test_the_documents_flat_request(lab: Lab, control: Any, settings: Callable[..., Any]) -> None:
    with pytest.raises(ProviderError):
        lab.speech("Hello there.", wire="t2a_input")
    settings(product_dialects=True)
    lab.speech("Hello there.", wire="t2a_input", rate=1.2)
    assert control.charges == 1


# --- broken streams ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["truncate:20000", "reset:20000"])
@pytest.mark.parametrize("ask", ["http", "websocket", "music"])
def test_a_broken_stream_keeps_what_came_and_is_never_sent_again(
    lab: Lab, control: Any, ask: str, fault: str
) -> None:
    control.fault(fault, path="t2a_v2|music_generation")
    request = (
        build("music", "lo-fi", SONG) if ask == "music" else SpeechRequest(text=TEXT * 3, **STREAMS[ask])
    )
    if ask == "music":
        control._call("DELETE", "faults")
        control.fault(fault.replace("20000", "120000"), path="music_generation")
    job = lab.submit(request)
    with pytest.raises(OutcomeUnknownError) as caught:
        job.result()
    assert len(control.requests()) == 1
    assert control.charges == 1
    record = lab.job(job.id).record
    assert (record.state, record.charge, record.result) == (
        JobState.UNKNOWN,
        Charge.UNKNOWN,
        ResultState.PARTIAL,
    )
    (kept,) = lab.job(job.id).media
    assert kept.facts.duration_s is not None
    assert kept.facts.duration_s > 0.4
    assert "kept" in " ".join(caught.value.lines())
    assert len(caught.value.lines()) <= 3


@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_breaks_before_any_audio_is_unknown(lab: Lab, control: Any, way: str) -> None:
    control.fault("drop", path="t2a_v2")
    with pytest.raises(OutcomeUnknownError):
        lab.speech(TEXT, **STREAMS[way])
    assert (len(control.requests()), control.charges) == (1, 1)
    assert lab.jobs()[0].record.result is ResultState.NONE


@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_the_provider_breaks_off_has_failed(lab: Lab, control: Any, way: str) -> None:
    control.fault("mid-code:1002", path="t2a_v2")
    with pytest.raises(JobFailedError):
        lab.speech(TEXT, **STREAMS[way])
    assert (len(control.requests()), control.charges) == (1, 1)
    record = lab.jobs()[0].record
    assert (record.state, record.charge, record.result) == (
        JobState.FAILED,
        Charge.UNKNOWN,
        ResultState.PARTIAL,
    )
    assert len(lab.jobs()[0].media) == 1


def test_a_break_after_the_last_frame_loses_nothing(lab: Lab, control: Any) -> None:
    whole = lab.speech(TEXT, transport="websocket")
    sent = control.requests()[0]["sent_bytes"]
    control.fault(f"reset:{sent - 20}", path="t2a_v2")
    again = lab.speech(TEXT, transport="websocket")
    assert again[0].sha256 == whole[0].sha256
    assert again._record.charge is Charge.CHARGED


@pytest.mark.parametrize("fault", ["drop-before", "before-503", "challenge"])
def test_a_websocket_that_never_opened_is_tried_again(lab: Lab, control: Any, fault: str) -> None:
    control.fault(fault, path="ws/v1/t2a_v2")
    lab.speech(TEXT, transport="websocket")
    assert (len(control.requests()), control.charges) == (2, 1)


@pytest.mark.parametrize("way", STREAMS)
@pytest.mark.parametrize(("code", "sent"), [(1002, 2), (2049, 1)])
def test_errors_before_the_first_piece(lab: Lab, control: Any, way: str, code: int, sent: int) -> None:
    control.fault(f"code:{code}", path="t2a_v2")
    if sent == 1:
        with pytest.raises(ProviderError):
            lab.speech(TEXT, **STREAMS[way])
    else:
        lab.speech(TEXT, **STREAMS[way])
    assert (len(control.requests()), control.charges) == (sent, sent - 1)


DIES = """
    import os, sys
    from minimax_nb import Lab, SpeechRequest
    lab = Lab(sandbox=sys.argv[1])
    job = lab.submit(SpeechRequest(text=sys.argv[2], stream=True))
    next(job.stream()); next(job.stream())
    os._exit(9)
"""


def test_a_kernel_that_dies_in_a_stream_leaves_what_it_heard(home: Path, sandbox: Any, control: Any) -> None:
    control.fault("trickle:3", path="t2a_v2")
    command = [sys.executable, "-c", textwrap.dedent(DIES), sandbox.url, TEXT]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9
    with Lab(sandbox=sandbox.url) as lab:
        lab.ledger._write(lambda tx: tx.execute("UPDATE jobs SET lease_until_us = 0", ())).result()
        (job,) = lab.resume()
        with pytest.raises(OutcomeUnknownError):
            job.result()
        assert lab.job(job.id).record.result is ResultState.PARTIAL
        assert len(lab.job(job.id).media) == 1
    assert (control.posts, control.charges) == (1, 1)


@pytest.mark.parametrize("way", STREAMS)
def test_who_listens_badly_ends_no_stream(lab: Lab, control: Any, way: str) -> None:
    """What is paid for comes whole, though what shows it, or a user's own function, fails."""
    called = []

    def listen(live: Any) -> None:
        called.append(live.stage)
        raise RuntimeError("no picture")

    control.fault("trickle:0.3", path="t2a_v2")
    job = lab.submit(SpeechRequest(text=TEXT, **STREAMS[way]))
    job.add_listener(listen)
    assert job.result()[0].bytes()
    assert called
    assert (job.record.state, job.record.result) == (JobState.SUCCEEDED, ResultState.STORED)
    assert lab.ledger.problems() == []


# --- long texts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tar", [False, True])
def test_a_long_text_is_fetched_whole(
    lab: Lab, control: Any, settings: Callable[..., Any], tar: bool
) -> None:
    settings(minimax_async_tar=tar)
    result = lab.speech(TEXT, long=True)
    roles = [item.role for item in result.media]
    assert roles == (["output", "subtitle"] if tar else ["output"])
    assert result[0].kind == "audio"
    assert (result.facts.get("duration_ms") is not None) is tar
    record = lab.jobs()[0].record
    assert record.cost_nano == control.charged_nano == len(TEXT) * 100_000
    assert (control.posts, control.charges) == (1, 1)


def sparse_tar(size: int) -> bytes:
    """A tar of one kilobyte whose only file says that it is ``size`` bytes, nearly all of them a hole."""
    entry = tarfile.TarInfo("one.mp3")
    entry.size = 512
    head = bytearray(entry.tobuf(tarfile.GNU_FORMAT)[:512])
    head[156:157] = b"S"
    head[386:410] = b"%011o\0%011o\0" % (0, 512)
    head[483:495] = b"%011o\0" % size
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + b"\xff\xfb\x90\x00" * 128 + bytes(1024)


def deep_tar() -> bytes:
    """A tar of a sound, and of facts that nobody can read."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in (("a.mp3", b"\xff\xfb\x90\x00" * 128), ("a.extra", b"[" * 200_000)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def test_a_tar_that_cannot_be_unpacked_is_kept_as_it_came(lab: Lab) -> None:
    """It is paid for; and a kilobyte does not become gigabytes on the disk."""
    job = lab.submit(SpeechRequest(text=TEXT, long=True))
    job.result()
    live = engine().jobs[job.id]
    output = Output(mime="audio/mpeg", archive=True)
    stored = lab.store.put_bytes(sparse_tar(2**29), mime_hint="application/x-tar")
    (media,) = _file(live, output, 0, stored).media
    assert (media.sha256, media.mime) == (stored.sha256, "application/x-tar")
    sizes = [lab.store.get(digest).bytes for digest in lab.store.digests()]
    assert max(sizes) < 2**24
    (sound,) = _file(live, output, 0, lab.store.put_bytes(deep_tar())).media
    assert sound.kind == "audio"


@pytest.mark.parametrize("form", ["pcm", "opus", "flac"])
def test_a_long_text_in_other_formats(lab: Lab, settings: Callable[..., Any], form: str) -> None:
    settings(minimax_async_tar=True)
    result = lab.speech("Hello there.", long=True, format=form)
    assert result[0].facts.duration_s == pytest.approx(result.facts["duration_ms"] / 1000, abs=0.3)


def test_a_zip_is_several_recordings(lab: Lab, control: Any) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("one.txt", "The first part.")
        archive.writestr("two.txt", "The second part.")
    job = lab.submit(SpeechRequest(text_file=buffer.getvalue()))
    assert len(job.result()) == 2
    assert [item.role for item in job.result().media] == ["output", "subtitle", "output", "subtitle"]
    assert job.record.cost_nano == control.charged_nano == 31 * 100_000


def test_the_same_file_is_uploaded_once(lab: Lab, control: Any) -> None:
    for voice in ("Grinch", "Arnold"):
        lab.submit(SpeechRequest(text_file=TEXT.encode(), voice=voice)).result()
    uploads = [item for item in control.requests("POST") if "/files/upload" in item["path"]]
    assert (len(uploads), control.charges) == (1, 2)


@pytest.mark.parametrize(("word", "state"), [("Failed", JobState.FAILED), ("Expired", JobState.EXPIRED)])
def test_a_long_text_that_fails(lab: Lab, control: Any, word: str, state: JobState) -> None:
    control.fault(f"fail:{word}", path="t2a_async_v2")
    with pytest.raises(JobFailedError):
        lab.speech(TEXT, long=True)
    assert lab.jobs()[0].state is state
    assert control.posts == 1


def test_too_many_illegal_characters_cost_nothing(lab: Lab, control: Any) -> None:
    with pytest.raises(ProviderError, match="1042"):
        lab.speech("abc\u200b" * 20, long=True)
    assert control.charges == 0
    assert "2.0% of the characters" in lab.speech("a" * 49 + "\u200b").warnings[0]


@pytest.mark.parametrize("fault", ["drop", "truncate", "after-500", "garbage"])
def test_a_lost_reply_to_a_long_text_is_billed_once(lab: Lab, control: Any, fault: str) -> None:
    control.fault(fault, path="t2a_async_v2", method="POST")
    with pytest.raises(OutcomeUnknownError):
        lab.speech(TEXT, long=True)
    assert (control.posts, control.charges) == (1, 1)
