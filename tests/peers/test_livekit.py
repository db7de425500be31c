"""LiveKit's MiniMax plug-in, from its registry and unchanged: speech by server-sent events and by WebSocket."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.timeout(900)]
CLIENT = Path(__file__).with_name("livekit_client.py")
TEXT = "Hello there my friend, how are you on this fine day? I am well, thank you very much for asking."


@pytest.fixture
def speak(peers: Path, instant: Any) -> Any:
    """Speak through the plug-in; return what it tells."""

    def run(way: str, form: str = "mp3", text: str = TEXT, key: str | None = None) -> dict[str, Any]:
        command = [str(peers), str(CLIENT), instant.minimax, key or instant.key["minimax"], form, way, text]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return dict(json.loads(done.stdout.splitlines()[-1]))

    return run


@pytest.mark.parametrize("way", ["http", "socket"])
@pytest.mark.parametrize("form", ["mp3", "pcm", "flac"])
def test_it_speaks(speak: Any, way: str, form: str) -> None:
    told = speak(way, form)
    assert "error" not in told
    assert 4 < told["seconds"] < 9  # once: the trailer of the stream was left out


def test_it_is_told_of_refused_content(speak: Any) -> None:
    assert "1026" in speak("socket", text="This is forbidden-content, I fear it is.")["error"]


@pytest.mark.parametrize("way", ["http", "socket"])
def test_a_wrong_key_makes_no_sound(speak: Any, way: str) -> None:
    assert speak(way, key="wrong")["seconds"] == 0
