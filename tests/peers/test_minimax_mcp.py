"""MiniMax's own MCP server, from its registry and unchanged, against the sandbox."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.hearable import recording, seconds

pytestmark = [pytest.mark.peers, pytest.mark.timeout(900)]
CLIENT = Path(__file__).with_name("mcp_client.py")
Tool = Callable[..., str]


class Server:
    """The MCP server behind a small client of the ``mcp`` package."""

    def __init__(self, python: Path, sandbox: Any, folder: Path, mode: str, key: str | None = None) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MINIMAX")},
            "MINIMAX_API_KEY": key or sandbox.key["minimax"],
            "MINIMAX_API_HOST": sandbox.minimax,
            "MINIMAX_MCP_BASE_PATH": str(folder),
            "MINIMAX_API_RESOURCE_MODE": mode,
            "NO_PROXY": "127.0.0.1",
            "PYTHONUTF8": "1",
        }
        self.process = subprocess.Popen(
            [str(python), str(CLIENT), "minimax_mcp.server"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(folder / "stderr.txt").open("wb"),
            text=True, encoding="utf-8", env=environment, cwd=folder,
        )  # fmt: skip
        self.errors = folder / "stderr.txt"
        self.tools = self._line()

    def _line(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors.read_text("utf-8", "replace")[-3000:]
        return json.loads(line)

    def __call__(self, tool: str, **arguments: Any) -> str:
        """Call a tool; return its text."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([tool, arguments]) + "\n")
        self.process.stdin.flush()
        return str(self._line())

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def by_url(peers: Path, instant: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server as it comes: it answers with addresses."""
    server = Server(peers, instant, tmp_path_factory.mktemp("url"), "url")
    yield server
    server.close()


@pytest.fixture(scope="module")
def by_file(peers: Path, instant: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server told to save files."""
    server = Server(peers, instant, tmp_path_factory.mktemp("local"), "local")
    yield server
    server.close()


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A recording of twelve seconds."""
    path = tmp_path / "voice sample.wav"
    path.write_bytes(recording(12))
    return path


def fetched(text: str) -> bytes:
    """Return what is at the address that a text tells."""
    found = re.search(r"http://[^\s'\"]+", text)
    assert found, text
    with urllib.request.urlopen(found[0], timeout=20) as reply:
        return bytes(reply.read())


def saved(text: str) -> bytes:
    """Return the file that a text tells."""
    found = re.search(r"saved as: (.+?\.(?:mp3|mp4|jpg))", text)
    assert found, text
    return Path(found[1]).read_bytes()


def journal(sandbox: Any) -> list[dict[str, Any]]:
    """Return what the sandbox saw."""
    with urllib.request.urlopen(f"{sandbox.url}/__sandbox__/journal", timeout=20) as reply:
        return list(json.load(reply)["requests"])


def test_its_tools_are_those_the_tests_know(by_url: Server) -> None:
    known = {
        "text_to_audio", "list_voices", "voice_clone", "voice_design", "text_to_image", "generate_video",
        "query_video_generation", "play_audio",
    }  # fmt: skip
    assert set(by_url.tools) == known


def test_text_to_audio(by_url: Server, by_file: Server) -> None:
    told = by_url("text_to_audio", text="Hello from a peer.")
    assert told.startswith("Success. Audio URL: ")
    assert seconds(fetched(told)) > 0.5
    told = by_file(
        "text_to_audio", text="Hello again.", voice_id="Grinch", emotion="sad", format="flac", speed=1.2
    )
    assert told.startswith("Success. File saved as: ")
    assert told.endswith("Voice used: Grinch")
    path = re.search(r"saved as: (.+\.flac)", told)
    assert path
    assert seconds(Path(path[1]).read_bytes()) > 0.3


def test_errors_are_told(by_url: Server) -> None:
    assert "2054-voice id not exist" in by_url("text_to_audio", text="Hi.", voice_id="nobody")
    assert "2013-invalid params" in by_url("text_to_audio", text="Hi.", sample_rate=1)
    assert "API Error" in by_url("generate_video", prompt="A cat.", resolution="99P")


@pytest.mark.parametrize("kind", ["all", "system"])
def test_list_voices(by_url: Server, kind: str) -> None:
    told = by_url("list_voices", voice_type=kind)
    assert told.startswith("Success. System Voices: [")
    assert "ID: English_expressive_narrator" in told


def test_voice_clone(by_url: Server, by_file: Server, sample: Path, instant: Any) -> None:
    told = by_url("voice_clone", voice_id="peer-voice-1", file=str(sample), text="This is my voice.")
    assert "peer-voice-1" in told
    assert seconds(fetched(told)) > 0.5
    told = by_file("voice_clone", voice_id="peer-voice-2", file=str(sample), text="This is my voice.")
    assert "peer-voice-2" in told, told
    assert by_url("text_to_audio", text="I speak.", voice_id="peer-voice-1").startswith("Success")
    assert "ID: peer-voice-1" in by_url("list_voices", voice_type="voice_cloning")
    told = by_url("voice_clone", voice_id="peer-voice-1", file=str(sample), text="Again.")
    assert "2039" in told
    first = fetched(by_url("text_to_audio", text="A recording that is long enough to clone. " * 5))
    assert seconds(first) > 10
    address = by_url("text_to_audio", text="A recording that is long enough to clone. " * 5).split()[-1]
    told = by_url("voice_clone", voice_id="peer-voice-3", file=address, is_url=True, text="")
    assert told == "Voice cloned successfully: Voice ID: peer-voice-3"


def test_voice_design(by_url: Server, by_file: Server) -> None:
    told = by_url("voice_design", prompt="a warm old man", preview_text="Good evening.")
    found = re.match(r"Success. Voice ID generated: (ttv-voice-\S+), Trial Audio: ([0-9a-f]+)$", told)
    assert found, told
    assert seconds(bytes.fromhex(found[2])) > 0.3
    assert by_url("text_to_audio", text="I speak.", voice_id=found[1]).startswith("Success")
    told = by_file("voice_design", prompt="a child", preview_text="Hello.", voice_id="peer-designed-1")
    assert told.endswith("Voice ID generated: peer-designed-1")
    assert seconds(saved(told)) > 0.3


def test_text_to_image(by_url: Server, by_file: Server) -> None:
    told = by_url("text_to_image", prompt="a lighthouse at dawn", n=3, aspect_ratio="16:9")
    urls = ast.literal_eval(told.removeprefix("Success. Image URLs: "))
    assert len(urls) == 3
    assert fetched(urls[0])[:3] == b"\xff\xd8\xff"
    assert by_file("text_to_image", prompt="a hill").startswith("Success. Images saved as: ")


def test_generate_video(by_url: Server, by_file: Server, tmp_path: Path) -> None:
    told = by_url("generate_video", prompt="A ship sails [Push in].")
    assert told.startswith("Success. Video URL: ")
    assert fetched(told)[4:8] == b"ftyp"
    task = re.search(r"Task ID: (\d+)", by_url("generate_video", prompt="A river.", async_mode=True))
    assert task
    assert by_url("query_video_generation", task_id=task[1]).startswith("Success. Video URL: ")
    image = tmp_path / "first.jpg"
    image.write_bytes(fetched(by_url("text_to_image", prompt="a lake")))
    told = by_file(
        "generate_video", prompt="It moves.", model="MiniMax-Hailuo-02", first_frame_image=str(image),
        duration=6, resolution="768P",
    )  # fmt: skip
    assert saved(told)[4:8] == b"ftyp"


def test_a_wrong_key_is_told(peers: Path, instant: Any, tmp_path: Path) -> None:
    server = Server(peers, instant, tmp_path, "url", key="sk-api-of-another-region")
    try:
        assert "2049-invalid api key" in server("list_voices")
    finally:
        server.close()


def test_the_sandbox_had_no_trouble_with_it(instant: Any, by_url: Server) -> None:
    by_url("list_voices")
    seen = journal(instant)
    assert seen
    assert [entry for entry in seen if entry["problem"] or entry["status"] == 404] == []
    assert {name for entry in seen for name in entry["ignored"]} == set()
