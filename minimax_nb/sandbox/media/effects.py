"""Changes of a spoken voice: weight, colour, and the four sound effects of ``voice_modify``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from minimax_nb.sandbox.media.synth import Samples
from minimax_nb.sandbox.timbre import Timbre

Wave = npt.NDArray[np.float32]

_TAPS = 127


def changed(samples: Samples, rate: int, change: Timbre) -> Samples:
    """Return the samples with their intensity, timbre and effect changed; an echo makes them longer."""
    if not samples.size or change == Timbre(pitch=change.pitch):
        return samples
    wave = samples.astype(np.float32) / np.float32(32768)
    if change.timbre:
        wave = _colour(wave, change.timbre / 100)
    if change.intensity:
        wave = _weight(wave, change.intensity / 100)
    if change.effect is not None:
        wave = _EFFECTS[change.effect](wave, rate)
    return np.asarray(np.clip(np.rint(wave * 32767), -32768, 32767), dtype=np.int16)


def _colour(wave: Wave, share: float) -> Wave:
    """Tilt the spectrum: what a moving average leaves out is made louder (crisp) or softer (full)."""
    smooth = np.convolve(wave, np.full(9, 1 / 9, dtype=np.float32), "same")
    return np.asarray(smooth + (wave - smooth) * np.float32(3.0**share), dtype=np.float32)


def _weight(wave: Wave, share: float) -> Wave:
    """Press a forceful voice against the ceiling, lower a soft one."""
    if share > 0:
        return np.asarray(wave * np.float32(1 - 0.6 * share), dtype=np.float32)
    drive = 1 - 4 * share
    return np.asarray(0.9 * np.tanh(wave * np.float32(drive)), dtype=np.float32)


def _echoes(wave: Wave, rate: int, delays: Mapping[float, float]) -> Wave:
    """Add copies by delay (s) and gain; the tail stays to its end."""
    tail = round(max(delays) * rate)
    out = np.zeros(wave.size + tail, dtype=np.float32)
    out[: wave.size] = wave
    for delay, gain in delays.items():
        start = round(delay * rate)
        out[start : start + wave.size] += wave * np.float32(gain)
    return np.asarray(out / np.float32(max(1.0, float(np.abs(out).max()))), dtype=np.float32)


def _spacious(wave: Wave, rate: int) -> Wave:
    return _echoes(wave, rate, {0.18: 0.45, 0.36: 0.25, 0.54: 0.12})


def _auditorium(wave: Wave, rate: int) -> Wave:
    # Delays without a common measure blur into a hall instead of repeating.
    return _echoes(
        wave, rate, {0.037: 0.5, 0.053: 0.42, 0.079: 0.36, 0.113: 0.3, 0.167: 0.24, 0.241: 0.17, 0.331: 0.1}
    )


def _telephone(wave: Wave, rate: int) -> Wave:
    """Keep 300 to 3400 Hz in 8 bits, as a bad line does."""
    at = np.arange(_TAPS) - _TAPS // 2
    low, high = 300 / rate, 3400 / rate
    kernel = (2 * high * np.sinc(2 * high * at) - 2 * low * np.sinc(2 * low * at)) * np.hamming(_TAPS)
    narrow = np.convolve(wave, kernel.astype(np.float32), "same")
    return np.asarray(np.rint(np.tanh(2 * narrow) * 127) / 160, dtype=np.float32)


def _robotic(wave: Wave, rate: int) -> Wave:
    """Ring at 70 Hz, with the voice itself 9 ms behind."""
    carrier = np.sin(2 * np.pi * 70 * np.arange(wave.size) / rate)
    rung = wave * carrier.astype(np.float32)
    shift = min(wave.size, round(0.009 * rate))
    rung[shift:] += 0.5 * wave[: wave.size - shift]
    return np.asarray(rung, dtype=np.float32)


_EFFECTS: Mapping[str, Callable[[Wave, int], Wave]] = {
    "spacious_echo": _spacious,
    "auditorium_echo": _auditorium,
    "lofi_telephone": _telephone,
    "robotic": _robotic,
}
