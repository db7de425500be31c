"""The loopback server that a browser plays a stream from."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest

from minimax_nb import Lab, SpeechRequest
from minimax_nb.engine.aloud import Sound
from minimax_nb.lab.job import Job

TEXT = "Good evening. Here is what the harbour heard today, before the tide turned."


def begun(lab: Lab, **options: Any) -> Job:
    """Return a streamed job of which the first piece has come."""
    job = lab.submit(SpeechRequest(text=TEXT, stream=True, **options))
    next(job.stream())
    return job


def test_it_gives_the_audio_from_its_beginning_while_it_comes(lab: Lab, control: Any) -> None:
    control.fault("trickle:1", path="t2a_v2")
    job = begun(lab)
    sound = job.view().sound
    assert isinstance(sound, Sound)
    assert sound.left() is None
    address = sound.address()
    assert address is not None
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address, timeout=10) as reply:
        head = reply.read(1000)
        assert not job.done
        assert reply.headers["Content-Type"] == "audio/mpeg"
        heard = head + reply.read()
    assert heard == job.result().bytes()
    left = sound.left()
    assert left is not None
    assert 0 < left < job.result().facts["duration_ms"] / 1000 + 1
    assert job.view().sound is None


def test_only_the_token_opens_it(lab: Lab, control: Any) -> None:
    control.fault("trickle:1", path="t2a_v2")
    job = begun(lab)
    address = job.view().sound.address()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address[:-1], timeout=10)
    job.result()


@pytest.mark.parametrize("case", ["elsewhere", "raw samples"])
def test_nothing_is_offered_that_could_not_play(
    lab: Lab, control: Any, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    control.fault("trickle:1", path="t2a_v2")
    if case == "elsewhere":
        monkeypatch.setenv("JUPYTERHUB_API_URL", "http://hub")
    job = begun(lab, format="mp3" if case == "elsewhere" else "pcm")
    assert not job.done
    assert job.view().sound is None
    job.result()
