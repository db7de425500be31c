from __future__ import annotations

import io
import wave

import av
import numpy as np
import numpy.typing as npt
import pytest

from minimax_nb.sandbox.media import encode_audio, mime_of
from minimax_nb.sandbox.media.audio import mu_law, resample

RATES = (8000, 16000, 22050, 24000, 32000, 44100)
Samples = npt.NDArray[np.int16]


def tone(hertz: float, seconds: float = 1.5, rate: int = 22_050) -> Samples:
    t = np.arange(round(seconds * rate)) / rate
    return np.asarray(np.sin(2 * np.pi * hertz * t) * 12_000, dtype=np.int16)


def decoded(data: bytes) -> tuple[str, int, int, npt.NDArray[np.float64]]:
    """Codec, rate, channels and the first channel, -1..1."""
    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.audio[0]
        channels = stream.codec_context.channels
        to_float = av.AudioResampler(
            format="fltp", layout="mono" if channels == 1 else "stereo", rate=stream.rate
        )
        parts = [out.to_ndarray()[0] for frame in file.decode(stream) for out in to_float.resample(frame)]
        return stream.codec_context.name, stream.rate, channels, np.concatenate(parts).astype(float)


def pitch(signal: npt.NDArray[np.float64], rate: int) -> float:
    """The strongest frequency, Hz."""
    middle = signal[len(signal) // 4 : 3 * len(signal) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    return float(spectrum.argmax()) * rate / middle.size


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("form", ["mp3", "wav", "flac", "pcmu_wav"])
@pytest.mark.parametrize("channels", [1, 2])
def test_rate_channels_pitch_and_length_survive(form: str, rate: int, channels: int) -> None:
    data = encode_audio(tone(440), 22_050, format=form, sample_rate=rate, channels=channels)  # type: ignore[arg-type]
    codec, got_rate, got_channels, signal = decoded(data)
    assert codec.startswith({"wav": "pcm_s16le", "pcmu_wav": "pcm_mulaw"}.get(form, form))
    assert (got_rate, got_channels) == (rate, channels)
    assert pitch(signal, rate) == pytest.approx(440, abs=4)
    assert signal.size / rate == pytest.approx(1.5, abs=0.2 if form == "mp3" else 0.001)
    assert 0.3 < np.abs(signal[signal.size // 4 : signal.size // 2]).max() < 0.45


@pytest.mark.parametrize("rate", [16000, 32000, 44100])
@pytest.mark.parametrize("bitrate", [32_000, 64_000, 128_000, 256_000])
def test_mp3_has_the_bit_rate_asked_for_where_mpeg_allows_it(rate: int, bitrate: int) -> None:
    data = encode_audio(tone(440), 22_050, format="mp3", sample_rate=rate, bitrate=bitrate)
    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.audio[0]
        assert stream.codec_context.bit_rate == (min(bitrate, 160_000) if rate < 32_000 else bitrate)
    assert len(data) * 8 / 1.5 == pytest.approx(min(bitrate, 160_000) if rate < 32_000 else bitrate, rel=0.12)


def test_mp3_of_8000_hz_has_64_kilobits_at_most() -> None:
    with av.open(io.BytesIO(encode_audio(tone(440), 22_050, format="mp3", sample_rate=8000))) as file:
        assert file.streams.audio[0].codec_context.bit_rate == 64_000


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 32000, 48000])
def test_opus_plays_at_48000(rate: int) -> None:
    codec, got_rate, channels, signal = decoded(
        encode_audio(tone(440), 22_050, format="opus", sample_rate=rate, bitrate=64_000)
    )
    assert (codec, got_rate, channels) == ("opus", 48_000, 1)
    assert pitch(signal, 48_000) == pytest.approx(440, abs=4)
    assert signal.size / 48_000 == pytest.approx(1.5, abs=0.03)


def test_raw_formats_are_nothing_but_samples() -> None:
    assert (
        encode_audio(tone(440), 22_050, format="pcm", sample_rate=22_050) == tone(440).astype("<i2").tobytes()
    )
    assert len(encode_audio(tone(440), 22_050, format="pcm", sample_rate=16_000, channels=2)) == 24_000 * 4
    assert len(encode_audio(tone(440), 22_050, format="pcmu_raw", sample_rate=8000)) == 12_000


def test_wav_is_what_the_standard_library_reads() -> None:
    with wave.open(
        io.BytesIO(encode_audio(tone(440), 22_050, format="wav", sample_rate=16_000, channels=2))
    ) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (
            2,
            2,
            16_000,
            24_000,
        )


def test_mu_law_agrees_with_another_decoder() -> None:
    ramp = np.arange(-32_768, 32_767, 7).astype(np.int16)
    data = encode_audio(ramp, 8000, format="pcmu_wav", sample_rate=8000)
    _, _, _, signal = decoded(data)
    back = signal * 32_768
    error = np.abs(back - ramp)
    assert (error <= 4 + np.abs(ramp.astype(float)) / 16).all(), "within the step of each segment"
    assert mu_law(np.array([0, -1, 32_767, -32_768], dtype=np.int16)).tolist() == [0xFF, 0x7F, 0x80, 0x00]


@pytest.mark.parametrize("wanted", [8000, 16_000, 44_100, 48_000])
def test_resampling_keeps_what_fits_and_drops_what_does_not(wanted: int) -> None:
    low, high = resample(tone(1003.7, 20), 22_050, wanted), resample(tone(9000, 2), 22_050, wanted)
    assert low.size == 20 * wanted
    t = np.arange(low.size) / wanted
    assert np.abs(low[200:-200] - np.sin(2 * np.pi * 1003.7 * t[200:-200]) * 12_000).max() < 60, (
        "also across blocks"
    )
    loud = float(np.abs(high[2000:-2000]).max())
    assert loud > 11_000 if wanted > 18_000 else loud < 120


def test_stereo_becomes_mono_by_averaging() -> None:
    both = np.stack([tone(440), np.zeros_like(tone(440))], axis=1)
    mono = np.frombuffer(encode_audio(both, 22_050, format="pcm", sample_rate=22_050), dtype="<i2")
    assert np.abs(mono - tone(440) / 2).max() <= 1


@pytest.mark.parametrize("form", ["mp3", "wav", "flac", "opus", "pcmu_wav"])
def test_the_same_samples_give_the_same_bytes(form: str) -> None:
    one, two = (encode_audio(tone(440), 22_050, format=form, sample_rate=24_000) for _ in range(2))  # type: ignore[arg-type]
    assert one == two


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": "ogg", "sample_rate": 32_000}, "unknown audio format 'ogg'; known are mp3"),
        ({"format": "mp3", "sample_rate": 30_000}, "no sample rate of 30000 Hz; allowed are 8000"),
        ({"format": "wav", "sample_rate": 32_000, "channels": 3}, "1 or 2 channels, not 3"),
    ],
)
def test_what_cannot_be_written_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        encode_audio(tone(440), 22_050, **options)  # type: ignore[arg-type]


def test_media_types() -> None:
    assert [mime_of(form) for form in ("mp3", "wav", "flac", "opus")] == [
        "audio/mpeg",
        "audio/wav",
        "audio/flac",
        "audio/ogg",
    ]
