"""Speech and songs in pieces: the requests, and every way in which a stream can end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.base import Request
from minimax_nb.providers.base import Outcome, Streams
from minimax_nb.wire import SWITCHED, Reply
from tests.contract.minimaxes import MINIMAX, OK, ask, submitted
from tests.contract.wires import bodies, error, wav

STREAM = ask("speech", "Hello there", stream=True)
SOCKET = ask("speech", "Hello there", transport="websocket")
SONG = ask("music", "calm piano", instrumental=True, stream=True)
INFO = {
    "audio_length": 900,
    "audio_sample_rate": 32000,
    "audio_size": 9,
    "audio_channel": 1,
    "usage_characters": 11,
}
ENDS = {"status_code": 0, "status_msg": ""}


def piece(data: bytes) -> dict[str, Any]:
    return {"data": {"audio": data.hex(), "status": 1}, "base_resp": ENDS}


def last(whole: bytes = b"", **more: Any) -> dict[str, Any]:
    return {
        "data": {"audio": whole.hex(), "status": 2, **more},
        "extra_info": INFO,
        "trace_id": "t",
        "base_resp": OK,
    }


def refusal(code: int) -> dict[str, Any]:
    return {"base_resp": {"status_code": code, "status_msg": "no"}}


def sse(*events: dict[str, Any], cut: int = 0) -> Reply:
    content = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    return Reply(200, {"content-type": "text/event-stream"}, content[: len(content) - cut])


def frames(*rows: dict[str, Any]) -> Reply:
    said = [{"event": "connected_success", "base_resp": OK}, *rows]
    return Reply(SWITCHED, {}, b"".join(json.dumps(row).encode() + b"\n" for row in said))


def spoken(data: bytes, *, final: bool = False) -> dict[str, Any]:
    row = {"event": "task_continued", "data": {"audio": data.hex()}, "is_final": final, "base_resp": OK}
    return row | ({"extra_info": INFO} if final else {})


def read(request: Request, reply: Reply) -> Outcome:
    return MINIMAX.parse_submit(request, reply)


def sound(outcome: Outcome) -> bytes | None:
    return outcome.outputs[0].data if outcome.outputs else None


# --- requests ---------------------------------------------------------------------------------------


def test_a_stream_asks_not_to_be_sent_twice() -> None:
    call = MINIMAX.submit(
        ask("speech", "Hi", stream=True, force_cbr=True, subtitle_type="word_streaming"), {}
    )
    assert (call.method, call.path, call.turns) == ("POST", "/v1/t2a_v2", ())
    body = call.body or {}
    assert (body["stream"], body["stream_options"]) == (True, {"exclude_aggregated_audio": True})
    assert (body["subtitle_enable"], body["subtitle_type"]) == (True, "word_streaming")
    assert body["audio_setting"]["force_cbr"] is True


def test_mixed_and_modified_voices() -> None:
    request = ask(
        "speech", "Hi", mix="Grinch:70,Arnold:30", modify_pitch=-10, modify_timbre=5, sound_effect="robotic",
        aigc_watermark=True,
    )  # fmt: skip
    body = MINIMAX.submit(request, {}).body or {}
    assert body["timbre_weights"] == [
        {"voice_id": "Grinch", "weight": 70},
        {"voice_id": "Arnold", "weight": 30},
    ]
    assert "voice_id" not in body["voice_setting"]
    assert body["voice_modify"] == {"pitch": -10, "timbre": 5, "sound_effects": "robotic"}
    assert body["aigc_watermark"] is True


def test_a_websocket_is_four_turns() -> None:
    request = ask(
        "speech", "Hi", transport="websocket", continuous_sound=True, text_normalization=True, latex=True
    )
    call = MINIMAX.submit(request, {})
    assert call.path == "/ws/v1/t2a_v2"
    first, start, text, end = call.turns
    assert (first.send, first.until) == (None, {"event": "connected_success"})
    assert start.send == {
        "event": "task_start", "model": "speech-2.8-hd", "continuous_sound": True,
        "voice_setting": {
            "voice_id": "English_expressive_narrator", "speed": 1.0, "vol": 1.0, "pitch": 0,
            "latex_read": True, "english_normalization": True,
        },
        "audio_setting": {"sample_rate": 32000, "bitrate": 128000, "format": "mp3", "channel": 1},
    }  # fmt: skip
    assert text.send == {"event": "task_continue", "text": "Hi"}
    assert text.until == {"event": "task_continued", "is_final": True}
    assert (end.send, end.until) == ({"event": "task_finish"}, {"event": "task_finished"})
    assert {turn.fails["event"] for turn in call.turns} == {"task_failed"}


def test_the_documents_flat_request() -> None:
    request = ask(
        "speech", "Hi", wire="t2a_input", rate=1.5, pitch=12, emotion="happy", volume=2, format="wav"
    )
    call = MINIMAX.submit(request, {})
    assert call.path == "/speech/speech_t2a_input"
    assert call.body == {
        "model": "speech-2.8-hd", "text": "Hi", "voice": "English_expressive_narrator", "emotion": "happy",
        "rate": 1.5, "volume": 2.0, "pitch": 2.0, "output_format": "wav",
    }  # fmt: skip


# --- whole streams ----------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [b"", b"ID3abcdef"], ids=["left out", "repeated"])
def test_the_last_event_is_never_taken_twice(whole: bytes) -> None:
    outcome = read(STREAM, sse(piece(b"abc"), piece(b"def"), last(whole)))
    assert (outcome.state, outcome.charge, sound(outcome)) == ("succeeded", "charged", b"abcdef")
    assert outcome.usage is not None
    assert (outcome.usage.unit, outcome.usage.quantity) == ("character", 11)
    assert (outcome.facts["duration_ms"], outcome.facts["trace_id"]) == (900, "t")


def test_the_last_event_alone_is_taken() -> None:
    assert sound(read(STREAM, sse(last(b"abc")))) == b"abc"


def test_a_websocket_has_its_audio_in_the_last_frame_too() -> None:
    end = {"event": "task_finished", "base_resp": OK}
    outcome = read(SOCKET, frames(spoken(b"abc"), spoken(b"def", final=True), end))
    assert (outcome.state, sound(outcome)) == ("succeeded", b"abcdef")


def test_captions_are_kept() -> None:
    url = "https://cdn.example.com/t.json"
    outcome = read(STREAM, sse(piece(b"abc"), last(subtitle_file=url)))
    assert [(item.role, item.url) for item in outcome.outputs] == [("output", None), ("subtitle", url)]
    rows = [{"text": "Hello", "time_begin": 0}, {"text": "there", "time_begin": 400}]
    parts = [{"data": {**piece(b"a")["data"], "subtitle": [row]}, "base_resp": ENDS} for row in rows]
    outcome = read(STREAM, sse(*parts, last()))
    assert json.loads(outcome.outputs[1].data or b"") == rows


def test_characters_that_nobody_can_say_are_told() -> None:
    end = last()
    end["extra_info"] = {**INFO, "invisible_character_ratio": 0.04}
    assert read(STREAM, sse(piece(b"abc"), end)).warnings == (
        "4.0% of the characters are invisible or not allowed and were left out",
    )


def test_a_song_in_pieces_is_one_song() -> None:
    end = {
        "data": {"audio": b"abcdef".hex(), "status": 2},
        "extra_info": {"music_duration": 25364},
        "base_resp": OK,
    }
    outcome = read(SONG, sse(piece(b"abc"), piece(b"def"), end))
    assert (sound(outcome), outcome.facts["duration_ms"]) == (b"abcdef", 25364)
    assert outcome.usage is not None
    assert outcome.usage.unit == "song"


# --- streams that end otherwise ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [sse(piece(b"abc")), sse(piece(b"abc"), last(b"abc"), cut=5), sse(piece(b"abc"), piece(b"def"), cut=9)],
    ids=["no last event", "cut in the last event", "cut in a piece"],
)
def test_a_stream_without_its_end_is_unknown_and_its_audio_kept(reply: Reply) -> None:
    outcome = read(STREAM, reply)
    assert (outcome.state, outcome.charge, sound(outcome)) == ("unknown", "unknown", b"abc")


def test_a_stream_of_nothing_is_unknown() -> None:
    for reply in (sse(), sse(last())):
        assert (read(STREAM, reply).state, read(STREAM, reply).outputs) == ("unknown", ())


@pytest.mark.parametrize(
    ("code", "state", "charge"),
    [(1002, "retry", "not_charged"), (2013, "rejected", "not_charged"), (1013, "unknown", "unknown")],
)
def test_an_error_before_any_audio_counts_as_in_a_plain_reply(code: int, state: str, charge: str) -> None:
    failed = {"event": "task_failed", **refusal(code)}
    for outcome in (
        read(STREAM, sse(refusal(code))),
        submitted(STREAM, refusal(code)),
        read(SOCKET, frames(failed)),
    ):
        assert (outcome.state, outcome.charge) == (state, charge)
        assert error(outcome).code == str(code)


@pytest.mark.parametrize("code", [1002, 1013, 1027, 1008])
def test_an_error_after_some_audio_is_never_sent_again(code: int) -> None:
    for outcome in (
        read(STREAM, sse(piece(b"abc"), refusal(code))),
        read(SOCKET, frames(spoken(b"abc"), {"event": "task_failed", **refusal(code)})),
    ):
        assert (outcome.state, outcome.charge, sound(outcome)) == ("failed", "unknown", b"abc")
        assert "kept" in (error(outcome).meaning or "")


@pytest.mark.parametrize("code", [2203, 2204])
def test_a_text_that_was_skipped_is_refused(code: int) -> None:
    skipped = {"event": "task_continued", "data": None, "is_final": True, **refusal(code)}
    assert read(SOCKET, frames(skipped, {"event": "task_finished", "base_resp": OK})).state == "rejected"


@pytest.mark.parametrize(
    ("status", "state"), [(401, "rejected"), (429, "retry"), (503, "retry"), (500, "retry")]
)
def test_a_refused_handshake_costs_nothing(status: int, state: str) -> None:
    outcome = read(SOCKET, Reply(status, {}, b"no"))
    assert (outcome.state, outcome.charge) == (state, "not_charged")


def test_an_unknown_voice_is_named() -> None:
    assert "English_expressive_narrator" in (error(read(STREAM, sse(refusal(2054)))).meaning or "")
    mixed = ask("speech", "Hi", mix="Grinch:1,Arnold:2", stream=True)
    assert "Grinch, Arnold" in (error(read(mixed, sse(refusal(2054)))).meaning or "")


# --- pieces, while they come ------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [STREAM, SOCKET], ids=["events", "frames"])
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_pieces_are_cut_from_any_parts(request_: Request, step: int) -> None:
    whole = (
        sse(piece(b"abc"), piece(b"def"), last(b"abcdef"))
        if request_ is STREAM
        else frames(spoken(b"abc"), spoken(b"def", final=True))
    )
    assert isinstance(MINIMAX, Streams)
    reader = MINIMAX.piece_reader(request_)
    assert reader is not None
    content = whole.content
    found = [item for at in range(0, len(content), step) for item in reader.feed(content[at : at + step])]
    assert [(item.kind, item.data) for item in found] == [("audio", b"abc"), ("audio", b"def")]


def test_what_comes_whole_has_no_pieces() -> None:
    assert isinstance(MINIMAX, Streams)
    assert MINIMAX.piece_reader(ask("speech", "Hi")) is None
    assert MINIMAX.piece_reader(ask("speech", "Hi", long=True)) is None


# --- what else the documents show ---------------------------------------------------------------------


def test_the_documents_clone_sends_the_address_as_it_is() -> None:
    url = "https://example.com/me.mp3"
    request = ask("voice-clone", audio_url=url, clone_name="warm-voice01", wire="clone_url")
    assert MINIMAX.uploads(request) == ()
    call = MINIMAX.submit(request, {})
    assert call.body == {"audio_url": url, "clone_name": "warm-voice01"}


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"audio": wav(12)}, "--audio bytes: a URL with --wire clone_url"),
        (
            {"audio": "https://example.com/a.mp3", "accuracy": 0.5},
            "--accuracy: --wire clone_url has no place for it",
        ),
    ],
)
def test_the_documents_clone_takes_no_more(options: dict[str, Any], line: str) -> None:
    with pytest.raises(RequestInvalidError, match=line):
        ask("voice-clone", voice_id="warm-voice01", wire="clone_url", **options)


# --- odd streams ------------------------------------------------------------------------------------

EVENTS = bodies(
    ["data", "base_resp", "event", "is_final", "extra_info", "trace_id"],
    ["audio", "status", "subtitle", "subtitle_file", "status_code", "usage_characters", "audio_length"],
    ["00ff", "zz", 1, 2, True, 0, 1013, "task_failed", "https://example.com/a.json"],
)


@given(parts=st.lists(EVENTS, max_size=4), frames_=st.booleans(), cut=st.integers(0, 20))
def test_no_stream_is_too_odd_to_read(parts: list[bytes], frames_: bool, cut: int) -> None:
    content = b"".join(part + b"\n" if frames_ else b"data: " + part + b"\n\n" for part in parts)
    content = content[: len(content) - cut] if cut else content
    reply = Reply(SWITCHED if frames_ else 200, {"content-type": "text/event-stream"}, content)
    outcome = read(SOCKET if frames_ else STREAM, reply)
    assert outcome.state in ("succeeded", "failed", "unknown", "rejected", "retry")
    if outcome.outputs and outcome.state in ("rejected", "retry"):
        raise AssertionError("what has audio is never sent again")


def test_a_bottomless_event_is_passed_over() -> None:
    """A reader that raises would leave the job without an end, though it is paid for."""
    deep = "[" * 100_000
    heard = ask("transcribe", None, audio=wav(8), stream=True)
    reader = MINIMAX.piece_reader(heard)
    assert reader is not None
    content = f"data: {deep}\n\n".encode()
    assert reader.feed(content) == []
    assert (
        MINIMAX.parse_submit(heard, Reply(200, {"content-type": "text/event-stream"}, content)).state
        == "unknown"
    )
