from __future__ import annotations

from collections.abc import Mapping

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.voice_clone import VoiceCloneRequest

DOCS = "(MiniMax docs, api-reference/voice-cloning-clone)"
AUDIO = "(MiniMax docs, api-reference/voice-cloning-uploadcloneaudio)"
PROMPT = "(MiniMax docs, api-reference/voice-cloning-uploadprompt)"
URL = "https://example.com/a.wav"
VOICE_ID = f"8 to 256 of A-Z, a-z, 0-9, - and _; a letter first, no - or _ last {DOCS}"


def refused(options: Mapping[str, object], text: str | None = None, provider: str = "minimax") -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        VoiceCloneRequest.make(text, **options).resolve(provider)
    return caught.value.problems


def test_a_recording_is_needed() -> None:
    assert refused({"voice_id": "my_voice"}) == [
        (
            "--audio is missing: Recording to clone, 10 s to 5 min of clear speech: mp3, m4a or wav; "
            "a path, URL or earlier result."
        )
    ]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        *[
            ({"voice_id": voice_id}, f"--voice-id {voice_id}: {VOICE_ID}")
            for voice_id in ("voice01", "1voice01", "my_voice_", "my-voice-", "my.voice", "voix_éé1", "_my_voice")
        ],
        ({"voice_id": "a" * 257}, f"--voice-id {'a' * 59}…: {VOICE_ID}"),
        ({"voice_id": "my voice"}, f"--voice-id 'my voice': {VOICE_ID}"),
        ({"voice_prefix": "warm0"}, ("--voice-prefix warm0: at least 6 of A-Z, a-z and 0-9; a letter first "
         "(product document, APIXO minimax-voice)")),
        ({"prompt_audio": URL}, f"--prompt-audio without --prompt-text: give both or none {DOCS}"),
        ({"prompt_text": "Hi."}, f"--prompt-text without --prompt-audio: give both or none {DOCS}"),
        (
            {"prompt_audio": URL, "prompt_text": "Hi there"},
            f"--prompt-text 'Hi there': must end with punctuation {DOCS}",
        ),
        ({"accuracy": -0.1}, f"--accuracy -0.1: 0 to 1 {DOCS}"),
        ({"accuracy": 1.1}, f"--accuracy 1.1: 0 to 1 {DOCS}"),
        ({"text_validation": "x" * 201}, f"--text-validation: 201 characters; at most 200 {DOCS}"),
        ({"noise_reduction": "perhaps"}, f"--noise-reduction perhaps: true or false {DOCS}"),
        (
            {"language": "Klingon"},
            ("--language-boost Klingon: auto, Chinese, Chinese,Yue, English, Arabic, Russian, Spanish, French "
            f"… (41 in all) for speech-2.8-hd {DOCS}"),
        ),
        ({"preview": "x" * 1001}, f"--text: 1,001 characters; at most 1,000 for speech-2.8-hd {DOCS}"),
        ({"prompt_audio": b"hello", "prompt_text": "Hi."},
         f"--prompt-audio bytes: of no known type; mp3, m4a or wav {PROMPT}"),
    ],
)  # fmt: skip
def test_one_line_for_each_broken_rule(options: Mapping[str, object], line: str) -> None:
    assert refused({"audio": URL, **options}) == [line]


def test_a_file_that_is_no_recording() -> None:
    assert refused({"audio": b"hello"}) == [f"--audio bytes: of no known type; mp3, m4a or wav {AUDIO}"]


@pytest.mark.parametrize(
    "options",
    [
        {"voice_id": "my_voice"},
        {"voice_id": "a" * 256},
        {"clone_name": "my-voice-01"},
        {"accuracy": 0},
        {"accuracy": 1},
        {"text_validation": "x" * 200},
        {"prompt_audio": URL, "prompt_text": "你好。"},
        {"prompt_audio": URL, "prompt_text": "Hi! \n"},
        {"need_noise_reduction": "yes", "need_volume_normalization": True},
        {"model": "speech-02-turbo", "text": "x" * 1000},
    ],
)
def test_bounds_are_allowed(options: Mapping[str, object]) -> None:
    request = VoiceCloneRequest.make(None, audio_url=URL, **options).resolve("minimax")
    assert request.audio.url == URL


def test_apixo_takes_a_longer_sample() -> None:
    request = VoiceCloneRequest.make("x" * 2000, audio=URL, voice_id_prefix="warm001").resolve("apixo")
    assert request.model == "minimax-voice"
    assert refused({"audio": URL, "voice_prefix": "warm001"}, "x" * 2001, "apixo") == [
        "--text: 2,001 characters; at most 2,000 for minimax-voice (product document, APIXO minimax-voice)"
    ]


def test_price_facts() -> None:
    facts = VoiceCloneRequest.make("Hello", audio=URL).resolve("minimax").price_facts()
    assert facts == {"model": "speech-2.8-hd", "characters": 5}
    assert VoiceCloneRequest.make(None, audio=URL).price_facts()["characters"] == 0
