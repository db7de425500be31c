"""Every operation of the two gateways, from a call to a stored result, on a real sandbox."""

from __future__ import annotations

import pytest

from minimax_nb import Lab
from minimax_nb.errors import (
    JobFailedError,
    MediaError,
    OutcomeUnknownError,
    ProviderError,
    RequestInvalidError,
)
from minimax_nb.kinds import build
from minimax_nb.providers import provider
from tests.contract.wires import wav
from tests.engine.conftest import Control


def paths(control: Control) -> list[str]:
    return [item["path"] for item in control.requests("POST")]


def test_pixazo_speech_is_created_and_queued(lab: Lab, control: Control) -> None:
    made = lab.speech(
        "Good evening.",
        provider="pixazo",
        format="mp3",
        sample_rate=16000,
        modify_pitch=20,
        pronunciation=("a/b",),
    )
    assert paths(control) == ["/minimax-hailuo-ai-music/v1/getAudio"]
    assert control.requests("POST")[0]["body"] == {
        "text": "Good evening.", "model": "speech-2.6-hd", "audio_sample_rate": 16000, "format": "mp3",
        "voice_modify": {"pitch": 20}, "pronunciation_dict": {"tone": ["a/b"]},
    }  # fmt: skip
    assert (made[0].mime, made[0].facts.sample_rate) == ("audio/mpeg", 16000)
    assert made.cost is not None


def test_pixazo_audio_result_is_a_job_of_its_own(lab: Lab, control: Control) -> None:
    made = lab.audio_result("344614765236532", provider="pixazo", allow_unpriced=True)
    assert control.requests("POST")[0]["body"] == {"task_id": "344614765236532"}
    assert paths(control) == ["/minimax-hailuo-ai-music/v1/getAudioResult"]
    assert made[0].kind == "audio"
    assert made.cost is None  # priced by characters that nobody knows


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("music-3.0", "/minimax-music-3-0/v1/text-to-music"),
        ("music-3.0-fast", "/minimax-music-3-0-fast/v1/text-to-music"),
    ],
)
def test_pixazo_later_music(lab: Lab, control: Control, model: str, path: str) -> None:
    made = lab.music("calm lo-fi", lyrics="[Verse]\nRain", model=model, provider="pixazo")
    assert paths(control) == [path]
    assert made[0].kind == "audio"


@pytest.mark.parametrize("tier", ["hd", "turbo"])
def test_pixazo_later_speech(lab: Lab, control: Control, tier: str) -> None:
    made = lab.speech("Good evening.", model=f"speech-2.8-{tier}", provider="pixazo")
    assert paths(control) == [f"/minimax-speech-2-8-{tier}/v1/minimax-speech-2-8-{tier}-request"]
    assert control.requests("POST")[0]["body"] == {"text": "Good evening."}
    assert made[0].kind == "audio"


def test_pixazo_clips(lab: Lab, control: Control) -> None:
    frame = lab.image("A harbour", aspect_ratio="16:9")
    clip = lab.video("boats", provider="pixazo")
    moved = lab.video("boats", first_frame=frame, provider="pixazo", resolution="768P")
    assert paths(control)[1:] == ["/minimax-hailuo-ai/v1/generate", "/minimax-hailuo-ai/v1/imageToVideo"]
    assert (clip[0].mime, moved[0].mime) == ("video/mp4", "video/mp4")
    assert str(clip.cost) == "0.35"


def test_pixazo_images_from_two_references(lab: Lab, control: Control) -> None:
    frame = lab.image("A harbour")
    made = lab.image("keep both", subject_reference=[frame, frame], provider="pixazo", n=2)
    assert paths(control)[1:] == ["/image-generation/v1/i2i"]
    assert len(made) == 2


def test_apixo_speech_and_clips(lab: Lab, control: Control) -> None:
    spoken = lab.speech("Good evening.", model="speech-2.8-turbo", speed=1.2, provider="apixo")
    clip = lab.video("boats", model="MiniMax-Hailuo-2.3-Pro", provider="apixo")
    sent = [item["body"]["input"] for item in control.requests("POST")]
    assert sent == [
        {
            "mode": "speech-turbo", "prompt": "Good evening.", "voice_id": "preset_general_wise_woman", "speed": 1.2,
        },
        {"mode": "pro-text-to-video", "prompt": "boats"},
    ]  # fmt: skip
    assert paths(control) == ["/api/v1/generateTask/minimax-speech-2-8", "/api/v1/generateTask/hailuo-2-3"]
    assert (spoken[0].kind, clip[0].kind) == ("audio", "video")
    assert clip.facts.get("voice_id") is None


def test_a_voice_designed_at_apixo_speaks_there(lab: Lab) -> None:
    made = lab.voice_design("a warm narrator", preview="Welcome.", voice_prefix="warm001", provider="apixo")
    [voice] = lab.account_voices(provider="apixo")
    assert (voice.id, voice.origin, voice.listed) == (made.voice_id, "designed", False)
    assert voice.kept == "7 days left to use it"
    lab.speech("Good evening.", voice=made.voice_id, provider="apixo")
    assert lab.account_voices(provider="apixo")[0].kept == "used, so kept"


def test_an_unlisted_language_is_a_remark_at_apixo_and_a_mistake_at_minimax() -> None:
    options = {"audio": "https://example.com/a.wav", "language_boost": "Klingon"}
    request = build("voice-clone", None, {**options, "voice_prefix": "warm001"}).resolve("apixo")
    assert request.warnings().items == [
        "--language-boost 'Klingon' is not one that MiniMax knows (MiniMax docs, api-reference/voice-cloning-clone)"
    ]
    provider("apixo").check(request)
    with pytest.raises(RequestInvalidError, match="--language-boost Klingon: auto, Chinese"):
        build("voice-clone", None, {**options, "voice_id": "warm-001x"}).resolve("minimax")


@pytest.mark.parametrize(
    ("kind", "name", "text", "options", "words"),
    [
        ("speech", "pixazo", "Hi", {"format": "opus"}, "--format opus: mp3, pcm or flac"),
        ("speech", "pixazo", "x" * 50_000, {}, "50,000 characters; at most 49,999"),
        ("speech", "pixazo", "Hi", {"subtitle": True}, "--subtitle: Pixazo has no such option"),
        ("audio-result", "pixazo", None, {}, "--task-id is missing"),
        ("audio-result", "minimax", "12", {}, "minimax has no audio-result; providers that do: pixazo"),
        (
            "video",
            "pixazo",
            "boats",
            {"last_frame": wav(1)},
            "--last-frame: MiniMax-Hailuo-2.3 takes no last frame",
        ),
        ("video", "pixazo", "boats", {"duration": 7}, "--duration 7: 6 or 10 s"),
        (
            "music",
            "pixazo",
            "calm",
            {"model": "music-3.0", "instrumental": True},
            "music-3.0 makes no instrumental",
        ),
        ("speech", "apixo", "Hi", {"emotion": "happy"}, "--emotion: APIXO has no such option"),
        ("video", "apixo", None, {"first_frame": "https://example.com/a.png"}, "--prompt is missing"),
        ("video", "apixo", "boats", {"model": "MiniMax-Hailuo-2.3-Pro", "duration": 10}, "makes 5 s only"),
    ],
)
def test_a_mistake_sends_nothing(
    lab: Lab, control: Control, kind: str, name: str, text: str | None, options: dict[str, object], words: str
) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        lab.submit(build(kind, text, options), provider=name)
    assert words in str(caught.value)
    assert control.requests() == []


def test_a_local_frame_cannot_go_to_apixo(lab: Lab, control: Control) -> None:
    frame = lab.image("A harbour", aspect_ratio="16:9")
    seen = len(control.requests())
    with pytest.raises(RequestInvalidError, match="APIXO fetches the image itself"):
        lab.video("boats", first_frame=frame, provider="apixo")
    assert len(control.requests()) == seen


@pytest.mark.parametrize(
    ("fault", "family", "category", "charged"),
    [
        ("before-400", ProviderError, "invalid_request", 0),
        ("before-401", ProviderError, "auth", 0),
        ("before-403", ProviderError, "forbidden", 0),
        ("before-404", ProviderError, "not_found", 0),
        ("balance", ProviderError, "insufficient_balance", 0),
        ("model-disabled", ProviderError, "model_unavailable", 0),
        ("before-500", OutcomeUnknownError, "provider_error", 0),
        ("fail:ERROR", JobFailedError, "provider_error", 0),
        ("fail:FAILED", JobFailedError, "unknown", 1),
    ],
)
def test_every_refusal_of_pixazo_has_its_category(
    lab: Lab, control: Control, fault: str, family: type[Exception], category: str, charged: int
) -> None:
    control.fault(fault, provider="pixazo", method="POST")
    with pytest.raises(family) as caught:
        lab.music("calm lo-fi", lyrics="[Verse]\nRain", provider="pixazo")
    assert not isinstance(caught.value, MediaError)
    assert caught.value.category == category  # type: ignore[attr-defined]
    assert control.charges == charged


def test_apixo_clip_from_a_frame(lab: Lab, control: Control) -> None:
    lab.image("A harbour", aspect_ratio="16:9", response_format="url")
    frame = lab.ledger.media_of(lab.jobs()[0].id)[0].url or _url_of_last(control)
    clip = lab.video("boats", first_frame=frame, model="MiniMax-Hailuo-2.3-Fast", provider="apixo")
    sent = control.requests("POST")[-1]
    assert sent["path"] == "/api/v1/generateTask/hailuo-2-3-fast"
    assert sent["body"]["input"]["mode"] == "standard-image-to-video"
    assert sent["body"]["input"]["duration"] == 6
    assert clip[0].mime == "video/mp4"


def _url_of_last(control: Control) -> str:
    """Return the address of a picture that the sandbox serves."""
    [path] = [item["path"] for item in control.requests("GET") if "image" in item["path"]][:1]
    return f"{control.url}{path}"
