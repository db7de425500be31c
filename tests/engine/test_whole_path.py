"""From a call to a stored, priced, logged result, on a real sandbox, for every kind and provider."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from minimax_nb import Lab
from minimax_nb.errors import (
    ConfigError,
    MediaError,
    MissingKeyError,
    NotSentError,
    ProviderError,
    RequestInvalidError,
)
from minimax_nb.ledger.record import Charge, JobState, ResultState

av = pytest.importorskip("av")


def recording(seconds: float = 11.0) -> bytes:
    """A WAV that a clone accepts."""
    import wave

    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        times = np.arange(int(16000 * seconds)) / 16000
        file.writeframes((8000 * np.sin(2 * np.pi * 220 * times)).astype("<i2").tobytes())
    return buffer.getvalue()


def test_image_has_the_asked_pixels(lab: Lab) -> None:
    result = lab.image("A red fox at dawn", aspect_ratio="16:9", n=2, seed=7)
    assert [item.pil().size for item in result] == [(1280, 720)] * 2
    assert result[0].sha256 != result[1].sha256
    assert result.cost == Decimal("0.007")
    assert all(item.path.parent == Path.cwd() / "media" and item.path.is_file() for item in result)


def test_the_same_request_and_seed_gives_the_same_picture(lab: Lab) -> None:
    first, second = (lab.image("A red fox", seed=3) for _ in range(2))
    assert first[0].sha256 == second[0].sha256
    assert lab.image("A red fox", seed=4)[0].sha256 != first[0].sha256


def test_speech_speaks_the_text_at_the_asked_rate(lab: Lab) -> None:
    short = lab.speech("Hello.", sample_rate=24000, format="wav")
    long = lab.speech(
        "Hello, this is a much longer sentence that takes its time.", sample_rate=24000, format="wav"
    )
    assert (short[0].facts.sample_rate, long[0].facts.sample_rate) == (24000, 24000)
    assert long[0].facts.duration_s > short[0].facts.duration_s + 1
    samples = long[0].numpy()[:, 0]
    # Speech, not a tone: loudness goes up and down several times a second, and pitch moves.
    frames = samples[: len(samples) // 480 * 480].reshape(-1, 480)
    loudness = np.sqrt((frames**2).mean(axis=1))
    assert loudness.std() / loudness.mean() > 0.4
    peaks = np.abs(np.fft.rfft(frames[loudness > loudness.mean()] * np.hanning(480), axis=1)).argmax(axis=1)
    assert len(set(peaks.tolist())) > 5


def test_a_pause_is_that_long(lab: Lab) -> None:
    plain, paused = lab.speech("One. Two.", format="wav"), lab.speech("One.<#1.5#>Two.", format="wav")
    assert paused[0].facts.duration_s - plain[0].facts.duration_s == pytest.approx(1.5, abs=0.35)


def test_video_decodes_to_what_was_asked(lab: Lab) -> None:
    frame = lab.image("A harbour", aspect_ratio="16:9", seed=1)
    clip = lab.video("[Push in] boats", first_frame=frame, duration=6, resolution="768P")
    with av.open(str(clip.path)) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
    assert (stream.height, float(stream.average_rate), frames) == (768, 24.0, 144)
    assert clip.only().facts.duration_s == pytest.approx(6.0, abs=0.05)
    assert clip.cost == Decimal("0.28")


def test_music_voice_design_and_clone(lab: Lab) -> None:
    song = lab.music("calm folk", lyrics="[Verse]\nLanterns on the water")
    assert song[0].facts.sample_rate == 44100
    designed = lab.voice_design("A calm narrator", preview="Hello there.")
    assert designed.voice_id
    assert designed[0].role == "preview"
    cloned = lab.voice_clone(recording(), voice_id="narrator001", text="Hello again.", model="speech-2.8-hd")
    assert cloned.voice_id == "narrator001"
    spoken = lab.speech("I am the clone.", voice="narrator001")
    assert spoken[0].facts.duration_s > 0.3


def test_gateways(lab: Lab) -> None:
    picture = lab.image("A red fox", provider="pixazo", aspect_ratio="1:1")
    assert (picture[0].pil().size, picture.cost) == ((1024, 1024), Decimal("0.02"))
    song = lab.music("lo-fi", provider="pixazo", instrumental=True)
    assert song[0].mime == "audio/mpeg"
    voice = lab.voice_design("warm", provider="apixo", voice_prefix="warm001", preview="Hello.")
    assert voice.voice_id.startswith("warm001-")
    assert voice.cost == Decimal("0.5")


def test_base64_images_arrive_too(lab: Lab) -> None:
    assert lab.image("A red fox", response_format="base64")[0].pil().size == (1024, 1024)


def test_the_ledger_agrees_with_the_sandbox_to_the_last_unit(lab: Lab, control: Any) -> None:
    lab.image("A red fox", n=3)
    lab.speech("Twelve chars")
    lab.voice_design("warm", provider="apixo", voice_prefix="warm001", preview="Hello.")
    assert sum(job.record.cost_nano for job in lab.jobs()) == control.charged_nano
    frame = lab.log()
    assert list(frame["state"]) == ["succeeded"] * 3
    assert set(frame["cost_source"]) == {"sandbox"}


def test_the_log_has_the_promised_columns(lab: Lab) -> None:
    lab.image("A red fox", seed=7)
    row = lab.log().iloc[0]
    promised = {
        "job", "time", "kind", "provider", "model", "prompt", "options", "state", "queued_s", "run_s", "total_s",
        "cost", "currency", "cost_source", "seed", "file", "bytes", "error",
    }  # fmt: skip
    assert promised <= set(row.index)
    assert (row["seed"], row["prompt"], row["bytes"] > 1000, row["file"].endswith(".jpg")) == (
        7,
        "A red fox",
        True,
        True,
    )


def test_no_key_goes_to_the_media_host(lab: Lab, control: Any) -> None:
    lab.image("A red fox")
    media = [item for item in control.requests("GET") if "/media/" in item["path"]]
    assert media
    assert not [item for item in control.requests() if item.get("leaked_key")]


def test_background_job_and_await(lab: Lab) -> None:
    import asyncio

    from minimax_nb import ImageRequest

    job = lab.submit(ImageRequest(prompt="A red fox"))
    result = asyncio.run(_awaited(job))
    assert result.job_id == job.id
    assert lab.job(job.id[:12]).state is JobState.SUCCEEDED


async def _awaited(job: Any) -> Any:
    return await job


def test_a_result_outlives_the_lab(home: Path, sandbox: Any) -> None:
    with Lab(sandbox=sandbox.url) as first:
        made = first.image("A red fox", seed=2)
    with Lab(sandbox=sandbox.url) as second:
        again = second.job(made.job_id).result()
    assert again[0].sha256 == made[0].sha256
    assert again[0].path == made[0].path


# --- what goes wrong before anything is sent ---


def test_a_bad_request_sends_nothing(lab: Lab, control: Any) -> None:
    with pytest.raises(RequestInvalidError, match="makes 10 s only at 768P"):
        lab.video("A dancer", duration=10, resolution="1080P")
    with pytest.raises(RequestInvalidError, match="did you mean 'MiniMax-Hailuo-2.3'"):
        lab.video("A dancer", model="MiniMax-Hailou-2.3")
    assert control.requests() == []
    assert lab.jobs() == []


def test_missing_key_names_the_sources_in_order(home: Path) -> None:
    with Lab(sandbox="off") as lab, pytest.raises(MissingKeyError) as caught:
        lab.image("A red fox", provider="pixazo")
    text = str(caught.value)
    places = [
        "argument",
        "%minimax config",
        "environment PIXAZO_API_KEY",
        ".env",
        "pyproject.toml",
        "minimax_nb.toml",
        "keyring",
    ]
    assert [text.index(place) for place in places] == sorted(text.index(place) for place in places)


def test_with_one_key_set_the_sandbox_is_not_used_by_surprise(home: Path) -> None:
    with Lab(minimax_api_key="sk-api-x") as lab, pytest.raises(MissingKeyError):
        lab.image("A red fox", provider="pixazo")


def test_unreachable_host_is_rejected_and_nothing_counted(home: Path) -> None:
    with Lab(sandbox="off", minimax_api_key="sk-api-x", minimax_api_host="http://127.0.0.1:1") as lab:
        with pytest.raises(ProviderError, match="connection refused") as caught:
            lab.image("A red fox")
        (job,) = lab.jobs()
    assert (job.state, job.record.charge, job.record.cost_nano) == (JobState.REJECTED, Charge.NOT_CHARGED, 0)
    assert caught.value.job_id == job.id
    assert "sk-api-x" not in repr(job.record)


def test_unknown_provider_names_the_nearest(lab: Lab) -> None:
    with pytest.raises(ConfigError, match="did you mean 'pixazo'"):
        lab.image("A red fox", provider="pixaso")


def test_wrong_key_is_explained(home: Path, sandbox: Any) -> None:
    with Lab(sandbox="off", minimax_api_key="sk-api-wrong", minimax_api_host=sandbox.minimax) as lab:
        with pytest.raises(ProviderError) as caught:
            lab.image("A red fox")
        lines = caught.value.lines()
    assert len(lines) <= 3
    assert "2049" in lines[0] or "1004" in lines[0]
    assert "sk-api-wrong" not in "".join(lines)


def test_a_result_of_several_is_not_one(lab: Lab) -> None:
    result = lab.image("A red fox", n=2)
    with pytest.raises(MediaError, match="2 outputs"):
        _ = result.path


def test_errors_are_ordinary_exceptions_in_python(lab: Lab) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        lab.image("A red fox", n=12)
    assert not hasattr(caught.value, "_render_traceback_")
    assert not isinstance(caught.value, NotSentError)


def test_result_states(lab: Lab) -> None:
    lab.image("A red fox")
    assert lab.jobs()[0].record.result is ResultState.STORED


def test_images_open_from_bytes(lab: Lab) -> None:
    content = lab.image("A red fox").bytes()
    assert Image.open(io.BytesIO(content)).format == "JPEG"
