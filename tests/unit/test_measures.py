"""Measures on signals and pictures whose numbers are known."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from minimax_nb.errors import ConfigError
from minimax_nb.ledger.record import JobRecord
from minimax_nb.measures import built_in, known, own
from minimax_nb.media import Media, MediaStore

RATE = 48_000


def job(**given: Any) -> JobRecord:
    values: dict[str, Any] = {
        "id": "J", "kind": "speech", "provider": "minimax", "model": "m", "operation": "o", "endpoint": "e",
        "account": "a", "request": {}, "fingerprint": "f", "created_us": 0, "updated_us": 0,
    }  # fmt: skip
    return JobRecord(**{**values, **given})


def sound(store: MediaStore, levels: NDArray[np.float64], rate: int = RATE) -> Media:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((levels * 32767).astype("<i2").tobytes())
    return Media.of(store.put_bytes(target.getvalue()))


def picture(store: MediaStore, image: Image.Image) -> Media:
    target = io.BytesIO()
    image.save(target, "PNG")
    return Media.of(store.put_bytes(target.getvalue()))


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def tone(seconds: float, decibels: float, rate: int = RATE) -> NDArray[np.float64]:
    time = np.arange(int(seconds * rate)) / rate
    return 10 ** (decibels / 20) * np.sin(2 * np.pi * 997 * time)


@pytest.mark.parametrize("decibels", [-20.0, -33.0])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_loudness_of_a_tone_is_the_standards(store: MediaStore, decibels: float, rate: int) -> None:
    # ITU-R BS.1770: a sine of 997 Hz at 0 dBFS in one channel reads -3.01 LUFS.
    found = built_in()["loudness"](sound(store, tone(3, decibels, rate), rate), job())
    assert found == pytest.approx(decibels - 3.01, abs=0.1)


def test_loudness_of_silence_does_not_apply(store: MediaStore) -> None:
    assert built_in()["loudness"](sound(store, np.zeros(RATE)), job()) is None


def test_silence_is_the_share_of_quiet_time(store: MediaStore) -> None:
    levels = np.concatenate([np.zeros(RATE), tone(3, -12)])
    assert built_in()["silence"](sound(store, levels), job()) == pytest.approx(0.25, abs=0.01)


def test_speech_rate_leaves_the_silent_ends_out(store: MediaStore) -> None:
    levels = np.concatenate([np.zeros(RATE), tone(2, -12), np.zeros(RATE // 2)])
    rate = built_in()["speech_rate"]
    assert rate(sound(store, levels), job(prompt="x" * 30)) == pytest.approx(15, abs=0.3)
    assert rate(sound(store, levels), job(prompt="x" * 30, kind="music")) is None


def test_work_against_what_was_asked(store: MediaStore) -> None:
    media = sound(store, tone(2, -12))
    record = job(request={"duration": 1.5}, submitted_us=1_000_000, finished_us=6_000_000)
    assert built_in()["duration_error"](media, record) == pytest.approx(0.5)
    assert built_in()["real_time_factor"](media, record) == pytest.approx(2.5)
    assert built_in()["duration_error"](media, job()) is None
    assert built_in()["real_time_factor"](media, job()) is None


def test_a_blurred_picture_is_less_sharp_at_any_size(store: MediaStore) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (400, 600, 3), dtype=np.uint8)
    clear = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(1))
    soft = clear.filter(ImageFilter.GaussianBlur(3))
    sharp = built_in()["sharpness"]
    one, two = sharp(picture(store, clear), job()), sharp(picture(store, soft), job())
    assert one is not None
    assert two is not None
    assert one > 10 * two
    assert sharp(picture(store, Image.new("L", (40, 1), 7)), job()) == 0


def test_colourfulness_by_its_definition(store: MediaStore) -> None:
    colourful = built_in()["colourfulness"]
    assert colourful(picture(store, Image.new("RGB", (8, 8), (90, 90, 90))), job()) == 0
    # Half pure red, half pure blue: rg is ±…, worked out by hand from the paper's formula.
    halves = Image.new("RGB", (8, 8), (255, 0, 0))
    halves.paste((0, 0, 255), (0, 0, 4, 8))
    rg, yb = np.array([0.0, 255.0]), np.array([-255.0, 127.5])
    expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert colourful(picture(store, halves), job()) == pytest.approx(expected)


def test_a_measure_of_sound_leaves_pictures_alone(store: MediaStore) -> None:
    image = picture(store, Image.new("RGB", (8, 8)))
    assert [name for name, measure in known().items() if measure(image, job()) is not None] == [
        "sharpness",
        "colourfulness",
    ]


def test_a_changed_function_is_another_version() -> None:
    def first(media: Media, record: JobRecord) -> float:
        return 1.0

    def second(media: Media, record: JobRecord) -> float:
        return 2.0

    assert own(first).version == own(first).version
    assert own(first).version != own(second).version
    assert own(first).name == "first"


def test_a_measure_needs_a_name() -> None:
    with pytest.raises(ConfigError, match="this measure has no name"):
        own(lambda media, record: 1.0)
