"""Words of recordings: what the sandbox said itself, it hears."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import OutcomeUnknownError, ProviderError, RequestInvalidError
from minimax_nb.kinds import build
from tests.contract.wires import wav
from tests.engine.conftest import Control

TEXT = "Good evening. The river is quiet tonight."


def test_words_segments_and_price(lab: Lab, control: Control) -> None:
    spoken = lab.speech(TEXT, format="wav")
    heard = lab.transcribe(spoken)
    assert heard.text == TEXT
    [segments] = [item for item in heard.media if item.role == "subtitle"]
    rows = json.loads(segments.bytes())
    assert [row["text"] for row in rows] == ["Good evening.", "The river is quiet tonight."]
    assert rows[0]["start"] < rows[1]["start"] < rows[1]["end"]
    assert heard.facts["duration_ms"] == pytest.approx(1000 * spoken[0].facts.duration_s, abs=50)
    [sent] = [item for item in control.requests("POST") if item["path"] == "/v1/speech_to_text"]
    assert sent["body"]["response_format"] == "verbose_json"
    assert heard.cost is not None
    assert 0 < heard.cost < 1


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_captions(lab: Lab, form: str) -> None:
    spoken = lab.speech(TEXT)
    made = lab.transcribe(spoken, format=form, times="word")
    assert "-->" in made.text
    assert made.path.suffix == f".{form}"


def test_words_while_they_are_heard(lab: Lab) -> None:
    spoken = lab.speech(TEXT)
    job = lab.submit(build("transcribe", None, {"audio": spoken, "stream": True}))
    assert job.result().text.split() == TEXT.split()
    assert job._live is not None
    assert "".join(piece.text for piece in job._live.pieces).split() == TEXT.split()


def test_a_recording_at_a_url_is_fetched_into_the_request(lab: Lab, control: Control, sandbox: Any) -> None:
    body = {"model": "speech-2.8-hd", "text": TEXT, "output_format": "url"}
    body |= {"voice_setting": {"voice_id": "English_Graceful_Lady"}}
    request = urllib.request.Request(f"{sandbox.minimax}/v1/t2a_v2", data=json.dumps(body).encode())
    request.add_header("authorization", f"Bearer {sandbox.key['minimax']}")
    with urllib.request.urlopen(request, timeout=10) as reply:
        url = json.load(reply)["data"]["audio"]
    heard = lab.transcribe(url, allow_unpriced=True)
    assert heard.text == TEXT
    assert heard.cost is not None  # by the length that the reply tells


def test_every_form_of_a_recording(lab: Lab, control: Control) -> None:
    import base64

    spoken = lab.speech("Hello.", format="wav")
    path = Path("spoken.wav")
    path.write_bytes(spoken.bytes())
    uri = f"data:audio/wav;base64,{base64.b64encode(spoken.bytes()).decode()}"
    for form in (path, str(path), spoken, spoken[0], spoken.bytes(), uri):
        assert lab.transcribe(form, tags={"form": type(form).__name__}).text == "Hello."


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"audio": b"abc"}, "wav, aiff, flac, m4a, mp3, aac, opus or ogg"),
        ({"audio": wav(501)}, "501 s long; at most 500 s"),
        ({"audio": wav(1), "language": "English!"}, "a language tag"),
        ({"audio": wav(1), "stream": True, "format": "srt"}, "captions come whole"),
        ({}, "--audio is missing"),
    ],
)
def test_a_mistake_sends_nothing(lab: Lab, control: Control, options: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        lab.submit(build("transcribe", None, options))
    assert words in str(caught.value)
    assert control.requests() == []


@pytest.mark.parametrize(
    ("fault", "family", "category"),
    [
        ("code:1008", ProviderError, "insufficient_balance"),
        ("code:1000", OutcomeUnknownError, "provider_error"),
        ("fail", OutcomeUnknownError, "provider_error"),
    ],
)
def test_a_refusal_is_read_in_its_own_convention(
    lab: Lab, control: Control, fault: str, family: type[Exception], category: str
) -> None:
    control.fault(fault, path="/v1/speech_to_text")
    with pytest.raises(family) as caught:
        lab.transcribe(wav(2))
    assert caught.value.category == category  # type: ignore[attr-defined]
    assert control.charges == 0
