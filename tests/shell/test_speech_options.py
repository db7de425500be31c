"""The ways of speech from a cell: what they send, and one line for each mistake."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from tests.engine.conftest import Control
from tests.shell.conftest import Notebook

pytestmark = pytest.mark.usefixtures("lab")


@pytest.fixture
def control(sandbox: Any) -> Control:
    return Control(sandbox.url)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--stream --format wav", "--format wav"),
        ("--stream --output url", "a stream comes as hex"),
        ("--stream --long", "--stream and --long exclude each other"),
        ("--transport websockets", "did you mean 'websocket'"),
        ("--transport websocket --no-stream", "always streams"),
        ("--mix Grinch:70,Arnold", "VOICE:WEIGHT"),
        ("--mix Grinch:70,Arnold:130", "from 1 to 100"),
        ("--mix Grinch:1,Arnold:1 --voice Grinch", "exclude each other"),
        ("--modify-pitch 200", "-100 to 100"),
        ("--sound-effect echo", "spacious_echo"),
        ("--subtitle-type word_streaming", "needs --stream"),
        ("--force-cbr", "streamed mp3"),
        ("--continuous-sound", "--transport websocket"),
        ("--latex --language English", "Chinese only"),
        ("--wire t2a_input --channel 2", "no place for it"),
        ("--long --format opus --sample-rate 44100", "8000, 12000, 16000, 24000 or 48000"),
    ],
)
def test_a_mistake_is_one_line_and_sends_nothing(
    notebook: Notebook, control: Control, line: str, said: str
) -> None:
    (shown,) = notebook.fails(f"%%minimax speech {line}\nHello there.")
    assert said in shown
    assert control.requests() == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%minimax speech\nA<#0#>b", "a pause is <#x#>"),
        ("%%minimax speech\nA<#1#><#1#>b", "two pauses in a row"),
        ("%minimax speech --stream", "no text: write it after the options"),
        ("%minimax speech --text-file nowhere.txt", "no file 'nowhere.txt'"),
        ("%minimax music --stream --output url --instrumental lo-fi", "a stream comes as hex"),
    ],
)
def test_a_bad_text_is_one_line_and_sends_nothing(
    notebook: Notebook, control: Control, cell: str, said: str
) -> None:
    (shown,) = notebook.fails(cell)
    assert said in shown
    assert control.requests() == []


def test_a_missing_library_is_one_line_and_sends_nothing(
    notebook: Notebook, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "websockets", None)
    (shown,) = notebook.fails("%%minimax speech --transport websocket\nHello there.")
    assert "pip install 'minimax-nb[stream]'" in shown
    assert control.requests() == []


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("--stream", "/v1/t2a_v2"),
        ("--transport websocket", "/ws/v1/t2a_v2"),
        ("--long", "/v1/t2a_async_v2"),
        ("--mix Grinch:70,Arnold:30 --sound-effect robotic", "/v1/t2a_v2"),
    ],
)
def test_each_way_ends_in_one_card(notebook: Notebook, control: Control, line: str, path: str) -> None:
    ran = notebook.run(f"%%minimax speech hello << {line}\nHello there.")
    assert ran.error is None, ran.printed
    assert len(ran.outputs) == 1
    assert "<audio" in ran.html
    assert control.requests()[0]["path"] == path
    assert control.charges == 1


def test_a_file_is_spoken(notebook: Notebook, control: Control) -> None:
    Path("story.txt").write_text("Once upon a time.", "utf-8")
    ran = notebook.run("%minimax speech --text-file story.txt")
    assert ran.error is None, ran.printed
    assert control.charges == 1


def test_a_dry_run_shows_every_frame(notebook: Notebook, control: Control) -> None:
    ran = notebook.run("%%minimax speech --transport websocket --dry-run\nHello there.")
    shown = ran.shown[0]
    assert "ws://" in shown or "wss://" in shown
    assert shown.index("task_start") < shown.index("task_continue") < shown.index("task_finish")
    assert control.requests() == []


def test_what_came_of_a_broken_stream_is_shown(notebook: Notebook, control: Control, lab: Lab) -> None:
    control.fault("truncate:60000", path="t2a_v2")
    ran = notebook.run("%%minimax speech --stream\n" + "The harbour heard it all today. " * 8)
    assert ran.error is not None
    assert "<audio" in ran.html
    assert "kept" in ran.printed
    assert control.charges == 1


def test_the_same_cell_can_be_copied(notebook: Notebook, lab: Lab) -> None:
    notebook.run("%%minimax speech hello << --stream --mix Grinch:70,Arnold:30\nHello there.")
    command = lab.jobs()[0].view().command
    assert (
        command
        == "%%minimax speech --provider minimax --model speech-2.8-hd --mix Grinch:70,Arnold:30 --stream\nHello there."
    )
