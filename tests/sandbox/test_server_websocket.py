"""Speech over a WebSocket: the order of events, its errors, its patience."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.sandbox.hearable import TEXT, VOICE, seconds

PATH = "/ws/v1/t2a_v2"
START = {"event": "task_start", "model": "speech-2.8-turbo", "voice_setting": {"voice_id": VOICE}}
SAY = {"event": "task_continue", "text": TEXT}
FINISH = {"event": "task_finish"}
Dial = Callable[..., "Line"]


class Line:
    """One conversation."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def put(self, frame: Any) -> None:
        self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def get(self) -> dict[str, Any]:
        return json.loads(self.socket.recv(timeout=20))

    def ask(self, frame: Any, event: str) -> dict[str, Any]:
        """Send a frame; the next one must be ``event``."""
        self.put(frame)
        found = self.get()
        assert found["event"] == event, found
        return found

    def speak(self, frame: Any = None) -> list[dict[str, Any]]:
        """Send a text; return all its frames."""
        self.put(SAY if frame is None else frame)
        found = [self.get()]
        while found[-1]["event"] != "task_failed" and not found[-1].get("is_final"):
            found.append(self.get())
        return found

    def ended(self) -> bool:
        """Whether the server hangs up, in order, with nothing more to say."""
        with pytest.raises(ConnectionClosed) as ended:
            self.socket.recv(timeout=20)
        return ended.value.rcvd is not None and ended.value.rcvd.code == 1000


def dialler(box: Any, stack: ExitStack) -> Dial:
    def dial(
        *, path: str = PATH, key: str | None = "", fault: str | None = None, greeted: bool = True
    ) -> Line:
        key = box.keys["minimax"] if key == "" else key
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        headers |= {"X-Sandbox-Fault": fault} if fault else {}
        url = box.running.minimax.replace("http://", "ws://") + path
        line = Line(stack.enter_context(connect(url, additional_headers=headers, max_size=None, proxy=None)))
        if greeted:
            assert line.get()["event"] == "connected_success"
        return line

    return dial


@pytest.fixture
def dial(box: Any) -> Iterator[Dial]:
    """Open conversations with the fast sandbox."""
    with ExitStack() as stack:
        yield dialler(box, stack)


def test_a_task_is_started_fed_and_finished(box: Any, dial: Dial) -> None:
    line = dial()
    assert line.ask(START, "task_started")["base_resp"]["status_code"] == 0
    for _ in range(2):
        found = line.speak()
        assert {frame["event"] for frame in found} == {"task_continued"}
        assert [frame["is_final"] for frame in found] == [False] * (len(found) - 1) + [True]
        assert [("extra_info" in frame) for frame in found] == [frame["is_final"] for frame in found]
        assert len({(frame["session_id"], frame["trace_id"]) for frame in found}) == 1
        whole = b"".join(bytes.fromhex(frame["data"]["audio"]) for frame in found)
        extra = found[-1]["extra_info"]
        assert extra["audio_size"] == len(whole)
        assert seconds(whole) == pytest.approx(extra["audio_length"] / 1000, abs=0.1)
    line.ask(FINISH, "task_finished")
    assert line.ended()
    entry = box.journal()[-1]
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", PATH, 101)
    assert [frame["event"] for frame in entry["body"]["frames"]] == [
        "task_start", "task_continue", "task_continue", "task_finish",
    ]  # fmt: skip
    assert entry["charged_nano"] == box.charged() == 2 * len(TEXT) * 60_000


@pytest.mark.parametrize(("key", "code"), [(None, 1004), ("wrong", 2049)])
def test_a_bad_key_is_told_in_a_frame(dial: Dial, key: str | None, code: int) -> None:
    line = dial(key=key, greeted=False)
    frame = line.get()
    assert (frame["event"], frame["base_resp"]["status_code"]) == ("task_failed", code)
    assert line.ended()


@pytest.mark.parametrize(
    "frames",
    [[SAY], [FINISH], [START, START], [START, {"event": "task_pause"}], ["not json"], ["[1]"]],
)
def test_events_out_of_order_are_2202(dial: Dial, frames: list[Any]) -> None:
    line = dial()
    for frame in frames[:-1]:
        line.ask(frame, "task_started")
    assert line.ask(frames[-1], "task_failed")["base_resp"]["status_code"] == 2202
    assert line.ended()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": "speech-9"}, "model"),
        ({"voice_setting": {}}, "voice_setting.voice_id"),
        ({"audio_setting": {"format": "wav"}}, "audio_setting.format"),
        ({"model": "speech-02-hd", "continuous_sound": True}, "continuous_sound"),
        ({"subtitle_type": "letter"}, "subtitle_type"),
    ],
)
def test_the_settings_of_a_task_are_checked(dial: Dial, change: dict[str, Any], field: str) -> None:
    line = dial()
    found = line.ask({**START, **change}, "task_failed")["base_resp"]
    assert found["status_code"] == 2013
    assert found["status_msg"].startswith(f"invalid params, {field}: ")
    assert line.ended()


@pytest.mark.parametrize(
    ("text", "code"), [("forbidden-content", 1026), ("failing-task", 1013), ("a\u200b\u200b", 1042)]
)
def test_a_refused_text_ends_the_task(box: Any, dial: Dial, text: str, code: int) -> None:
    line = dial()
    line.ask(START, "task_started")
    assert line.ask({**SAY, "text": text}, "task_failed")["base_resp"]["status_code"] == code
    assert line.ended()
    assert box.charged() == 0


def test_an_unknown_voice_and_an_empty_wallet_end_the_task(box: Any, dial: Dial) -> None:
    line = dial()
    line.ask({**START, "voice_setting": {"voice_id": "nobody"}}, "task_started")
    assert line.ask(SAY, "task_failed")["base_resp"]["status_code"] == 2054
    box.account("minimax", key=box.keys["minimax"], balance=0)
    line = dial()
    line.ask(START, "task_started")
    assert line.ask(SAY, "task_failed")["base_resp"]["status_code"] == 1008


def test_empty_and_long_texts_are_skipped(box: Any, dial: Dial) -> None:
    line = dial()
    line.ask(START, "task_started")
    for text, code in (("  ", 2203), ("a" * 10_000, 2204)):
        frame = line.ask({**SAY, "text": text}, "task_continued")
        assert (frame["base_resp"]["status_code"], frame["data"], frame["is_final"]) == (code, None, True)
    assert line.speak()[-1]["is_final"]
    assert box.charged() == len(TEXT) * 60_000


def test_silence_for_two_minutes_is_2201(slow_box: Any) -> None:
    with ExitStack() as stack:
        line = dialler(slow_box, stack)()
        slow_box.advance(119)
        line.ask(START, "task_started")
        slow_box.advance(119)
        line.ask(FINISH, "task_finished")
        line = dialler(slow_box, stack)()
        slow_box.advance(121)
        frame = line.get()
        assert (frame["event"], frame["base_resp"]["status_code"]) == ("task_failed", 2201)
        assert line.ended()


def test_too_many_texts_waiting_are_2205(slow_box: Any) -> None:
    with ExitStack() as stack:
        line = dialler(slow_box, stack)()
        line.ask(START, "task_started")
        for _ in range(70):
            line.put(SAY)
        frame = slow_box.until(
            lambda: next(iter(f for f in [line.get()] if f["event"] == "task_failed"), None)
        )
        assert frame["base_resp"]["status_code"] == 2205


def test_words_and_subtitle_files(box: Any, dial: Dial) -> None:
    line = dial()
    line.ask({**START, "subtitle_enable": True, "subtitle_type": "word_streaming"}, "task_started")
    rows = [row["text"] for frame in line.speak() for row in frame["data"]["subtitle"]]
    assert rows == TEXT.replace(".", "").replace("?", "").split()
    line = dial()
    line.ask({**START, "subtitle_enable": True}, "task_started")
    assert len(box.http.get(line.speak()[-1]["data"]["subtitle_file"]).json()) == 3


def test_faults_cut_the_line(box: Any, dial: Dial) -> None:
    for fault in ("drop", "reset:2000", "truncate:2000"):
        line = dial(fault=fault)
        line.ask(START, "task_started")
        with pytest.raises(ConnectionClosed) as ended:
            line.speak()
        assert ended.value.rcvd is None
    line = dial(fault="mid-code:1033")
    line.ask(START, "task_started")
    found = line.speak()
    assert len(found) > 1
    assert (found[-1]["event"], found[-1]["base_resp"]["status_code"]) == ("task_failed", 1033)
    frame = dial(fault="code:1002", greeted=False).get()
    assert frame["base_resp"]["status_code"] == 1002
    with pytest.raises(InvalidStatus) as refused:
        dial(fault="before-503")
    assert refused.value.response.status_code == 503


def test_there_is_no_socket_elsewhere(box: Any, dial: Dial) -> None:
    with pytest.raises(InvalidStatus) as refused:
        dial(path="/ws/v1/other")
    assert refused.value.response.status_code == 404
    with pytest.raises(InvalidStatus), connect(box.running.pixazo.replace("http", "ws") + PATH, proxy=None):
        pass
    assert box.call("minimax", "GET", PATH).status_code == 404


def test_the_server_lives_on_when_a_client_leaves(box: Any, dial: Dial) -> None:
    line = dial()
    line.ask(START, "task_started")
    line.put(SAY)
    line.socket.close()
    assert dial().ask(START, "task_started")


# --- text in fragments -------------------------------------------------------------------------------


def until(line: Line, event: str) -> list[dict[str, Any]]:
    """Return the frames up to the first ``event``."""
    found = [line.get()]
    while found[-1]["event"] not in {event, "task_failed"}:
        found.append(line.get())
    return found


def test_fragments_become_sentences(box: Any, dial: Dial) -> None:
    line = dial(path=PATH + "_bidi")
    assert "connect_id" in line.ask(START, "task_started")
    for fragment in ("Hello ", "there. How", "   ", " are you", "? And"):
        line.put({**SAY, "text": fragment})
    line.put({"event": "task_flush"})
    found = until(line, "task_flushed")
    starts = [frame["data"]["text"] for frame in found if frame["event"] == "sentence_start"]
    assert starts == ["Hello there.", "How    are you?", "And"]
    assert sum(frame["event"] == "sentence_end" for frame in found) == 3
    order = [frame["event"] for frame in found if frame["event"] != "task_continued"]
    assert order == ["sentence_start", "sentence_end"] * 3 + ["task_flushed"]
    assert sum(bool(frame.get("is_final")) for frame in found) == 3
    line.put({**SAY, "text": "The end"})
    line.put(FINISH)
    assert until(line, "task_finished")[0]["data"]["text"] == "The end"
    assert line.ended()
    assert box.charged() == sum(map(len, [*starts, "The end"])) * 60_000


def test_what_waits_can_be_cancelled(slow_box: Any) -> None:
    with ExitStack() as stack:
        line = dialler(slow_box, stack)(path=PATH + "_bidi")
        line.ask(START, "task_started")
        line.put({**SAY, "text": "One. " * 9})
        assert line.get()["event"] == "sentence_start"
        line.put({"event": "task_cancel"})
        slow_box.control("GET", "faults")
        slow_box.advance(30)
        found = until(line, "task_canceled")
        assert sum(frame["event"] == "sentence_start" for frame in found) < 8
        line.put(FINISH)
        assert line.get()["event"] == "task_finished"
