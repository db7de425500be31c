"""Audio files at the exact rate, channels and bit rate that a request asks for."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Mapping
from math import gcd
from typing import Literal

import av
import lameenc
import numpy as np
import numpy.typing as npt

from minimax_nb.sandbox.media.noise import Bytes
from minimax_nb.sandbox.media.synth import Samples, Wave

AudioFormat = Literal["mp3", "wav", "flac", "pcm", "opus", "pcmu_raw", "pcmu_wav"]

_MIME: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "pcm": "audio/pcm",
    "opus": "audio/ogg",
    "pcmu_raw": "audio/basic",
    "pcmu_wav": "audio/wav",
}

# ISO/IEC 11172-3 and 13818-3, and the common extension called MPEG-2.5: the rates of layer III.
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


def mime_of(format: str) -> str:  # noqa: A002 - the API's word
    """Return the media type of an audio format, e.g. ``"audio/mpeg"`` for ``"mp3"``.

    Raises
    ------
    ValueError
        If the format is not one of :data:`AudioFormat`.
    """
    if format not in _MIME:
        msg = f"unknown audio format {format!r}; known are {', '.join(_MIME)}"
        raise ValueError(msg)
    return _MIME[format]


def encode_audio(
    samples: Samples,
    rate: int,
    *,
    format: AudioFormat,  # noqa: A002 - the API's word
    sample_rate: int,
    bitrate: int = 128_000,
    channels: int = 1,
) -> bytes:
    """Encode 16-bit samples.

    Parameters
    ----------
    samples
        Mono ``(n,)`` or stereo ``(n, 2)``.
    rate
        Of the samples, Hz.
    format
        ``mp3``; ``wav``, ``pcm`` (raw, little-endian), ``flac``: 16 bits; ``pcmu_raw``, ``pcmu_wav``: mu-law
        (G.711); ``opus``: in Ogg.
    sample_rate
        Of the file, Hz. mp3 knows nine rates (8000 to 48000). Opus has 8000, 12000, 16000, 24000 and 48000;
        any other becomes the next higher, and every decoder plays Opus at 48000.
    bitrate
        Bits per second, of mp3 and opus only. mp3 below 32000 Hz cannot have more than 160000, below
        16000 Hz not more than 64000: MPEG-2 and 2.5 have no higher ones, so more is lowered to that.
    channels
        1 or 2; mono samples are doubled, stereo ones are averaged.

    Returns
    -------
    bytes
        The file; the same arguments give the same bytes. mp3 and Opus pad the sound to whole frames.

    Raises
    ------
    ValueError
        If format, rate or channels are not among these.
    """
    mime_of(format)
    if channels not in {1, 2}:
        msg = f"audio has 1 or 2 channels, not {channels}"
        raise ValueError(msg)
    if format == "mp3" and sample_rate not in _MP3_RATES:
        msg = f"mp3 has no sample rate of {sample_rate} Hz; allowed are {', '.join(map(str, _MP3_RATES))}"
        raise ValueError(msg)
    if format == "opus":
        sample_rate = min((r for r in _OPUS_RATES if r >= sample_rate), default=48_000)
    block = resample(_with_channels(samples, channels), rate, sample_rate)
    return _ENCODERS[format](block, sample_rate, bitrate)


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """Change the sample rate through the spectrum: nothing above the lower Nyquist frequency is left.

    Blocks of about eight seconds are transformed with some context on both sides, so that length does not
    cost more than it must.
    """
    if rate == wanted or not samples.size:
        return samples
    common = gcd(rate, wanted)
    take, give = rate // common, wanted // common
    block = take * -(-8 * rate // take)
    context = take * -(-rate // (20 * take))
    count = len(samples)
    padded = np.zeros((context + -(-count // block) * block + context, *samples.shape[1:]), dtype=np.float32)
    padded[context : context + count] = samples
    pieces = []
    for start in range(0, count, block):
        piece = padded[start : start + block + 2 * context]
        if start + block > count:  # the last block: only as much as is there
            piece = piece[: 2 * context + take * -(-(count - start) // take)]
        scaled = _through_spectrum(piece, len(piece) // take * give)
        edge = context // take * give
        pieces.append(scaled[edge : len(scaled) - edge])
    whole = np.concatenate(pieces)[: -(-count * wanted // rate)]
    return np.asarray(np.clip(np.rint(whole), -32768, 32767), dtype=np.int16)


def _through_spectrum(piece: Wave, length: int) -> Wave:
    spectrum = np.fft.rfft(piece, axis=0)
    kept = min(len(spectrum), length // 2 + 1)
    fade = np.ones(kept, dtype=np.float32)
    soft = max(1, kept // 25)  # a slope instead of a cliff: no ringing
    fade[-soft:] = np.cos(np.linspace(0, np.pi / 2, soft)) ** 2
    shape = (kept,) + (1,) * (piece.ndim - 1)
    scaled = np.fft.irfft(spectrum[:kept] * fade.reshape(shape), length, axis=0) * (length / len(piece))
    return np.asarray(scaled, dtype=np.float32)


def _with_channels(samples: Samples, channels: int) -> Samples:
    if samples.ndim == channels:
        return samples
    if channels == 1:
        return np.asarray(samples.astype(np.int32).sum(axis=1) // samples.shape[1], dtype=np.int16)
    return np.stack([samples, samples], axis=1)


def _channels(block: Samples) -> int:
    return 1 if block.ndim == 1 else block.shape[1]


def _mp3(block: Samples, rate: int, bitrate: int) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(bitrate // 1000)  # LAME lowers it where MPEG-2 has no such rate
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(rate)
    encoder.set_channels(_channels(block))
    encoder.set_quality(7)
    return bytes(encoder.encode(np.ascontiguousarray(block).tobytes()) + encoder.flush())


def _pcm(block: Samples, rate: int, bitrate: int) -> bytes:
    return block.astype("<i2").tobytes()


def _wav(block: Samples, rate: int, bitrate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(_channels(block))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(_pcm(block, rate, bitrate))
    return out.getvalue()


def mu_law(samples: Samples) -> Bytes:
    """G.711 mu-law, one byte a sample: sign, three bits of exponent, four of mantissa, all inverted."""
    magnitude = np.minimum(np.abs(samples.astype(np.int32)), 32635) + 132
    exponent = np.clip(np.floor(np.log2(magnitude)).astype(np.int32) - 7, 0, 7)
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    return np.asarray(~(sign | (exponent << 4) | mantissa) & 0xFF, dtype=np.uint8)


def _pcmu(block: Samples, rate: int, bitrate: int) -> bytes:
    return mu_law(block).tobytes()


def _pcmu_wav(block: Samples, rate: int, bitrate: int) -> bytes:
    """Write a WAVE of format 7; the standard library writes format 1 only."""
    body = _pcmu(block, rate, bitrate)
    count = _channels(block)

    def field(value: int, size: int) -> bytes:
        return value.to_bytes(size, "little")

    form = (
        field(7, 2)
        + field(count, 2)
        + field(rate, 4)
        + field(rate * count, 4)
        + field(count, 2)
        + field(8, 2)
        + field(0, 2)
    )
    chunks = b"fmt " + field(len(form), 4) + form + b"fact" + field(4, 4) + field(len(block), 4)
    chunks += b"data" + field(len(body), 4) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + field(4 + len(chunks), 4) + b"WAVE" + chunks


def _with_av(container: str, codec: str) -> Callable[[Samples, int, int], bytes]:
    def encode(block: Samples, rate: int, bitrate: int) -> bytes:
        out = io.BytesIO()
        layout = "mono" if _channels(block) == 1 else "stereo"
        with av.open(out, "w", format=container, options={"fflags": "+bitexact"}) as file:
            stream = file.add_stream(codec, rate=rate)
            stream.layout = layout
            if codec == "libopus":
                stream.bit_rate = bitrate
            packed: npt.NDArray[np.int16] = np.ascontiguousarray(block).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
            frame.sample_rate, frame.pts = rate, 0
            for packet in stream.encode(frame):
                file.mux(packet)
            for packet in stream.encode(None):
                file.mux(packet)
        return out.getvalue()

    return encode


_ENCODERS: Mapping[AudioFormat, Callable[[Samples, int, int], bytes]] = {
    "mp3": _mp3,
    "wav": _wav,
    "pcm": _pcm,
    "flac": _with_av("flac", "flac"),
    "opus": _with_av("ogg", "libopus"),
    "pcmu_raw": _pcmu,
    "pcmu_wav": _pcmu_wav,
}
