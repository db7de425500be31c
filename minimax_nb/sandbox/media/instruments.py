"""The band: plucked keys, pad, bass, lead and drums as short waves, and a room to play in."""

from __future__ import annotations

import functools

import numpy as np

from minimax_nb.sandbox.media.synth import Wave, hertz
from minimax_nb.sandbox.media.words import rng_of

RATE = 44_100


def _time(seconds: float) -> Wave:
    return np.arange(int(seconds * RATE), dtype=np.float32) / np.float32(RATE)


def _partials(t: Wave, pitch: float, shape: tuple[tuple[float, float, float], ...]) -> Wave:
    """Sines at multiples of a pitch: (multiple, level, decay per second)."""
    wave = np.zeros_like(t)
    for multiple, level, decay in shape:
        if pitch * multiple < 9000:
            wave += (
                np.float32(level) * np.exp(-decay * t) * np.sin(np.float32(2 * np.pi * pitch * multiple) * t)
            )
    return wave


def _edges(wave: Wave, attack: float, release: float) -> Wave:
    up, down = min(int(attack * RATE), wave.size // 2), min(int(release * RATE), wave.size // 2)
    if up:
        wave[:up] *= np.linspace(0, 1, up, dtype=np.float32)
    if down:
        wave[-down:] *= np.linspace(1, 0, down, dtype=np.float32)
    return wave


@functools.lru_cache(maxsize=48)
def keys(note: int, seconds: float) -> Wave:
    """Play an electric piano: a bell at the beginning, a round tone after it."""
    t = _time(seconds + 0.5)
    shape = ((1, 1.0, 2.6), (2, 0.32, 3.5), (3, 0.10, 5.0), (7, 0.05, 11.0))
    return _edges(_partials(t, hertz(note), shape), 0.004, 0.35)


@functools.lru_cache(maxsize=16)
def pad(note: int, seconds: float) -> Wave:
    """Two soft tones a little apart, which beat slowly."""
    t = _time(seconds + 0.6)
    shape = ((1, 1.0, 0.0), (2, 0.30, 0.0), (3, 0.12, 0.0), (4, 0.05, 0.0))
    pitch = hertz(note)
    return _edges(_partials(t, pitch * 0.9985, shape) + _partials(t, pitch * 1.0015, shape), 0.35, 0.6)


@functools.lru_cache(maxsize=32)
def bass(note: int, seconds: float) -> Wave:
    """Play a round bass with a soft onset."""
    return _edges(
        _partials(_time(seconds), hertz(note), ((1, 1.0, 1.2), (2, 0.35, 3.0), (3, 0.10, 6.0))), 0.008, 0.06
    )


@functools.lru_cache(maxsize=32)
def lead(note: int, seconds: float) -> Wave:
    """Play a flute-like tone whose vibrato comes late."""
    t = _time(seconds + 0.08)
    sway = 0.006 * np.sin(np.float32(2 * np.pi * 5.2) * t) * np.clip((t - 0.18) * 4, 0, 1)
    turn = np.cumsum(np.float32(2 * np.pi * hertz(note) / RATE) * (1 + sway)).astype(np.float32)
    wave = np.sin(turn) + 0.28 * np.sin(2 * turn) + 0.14 * np.sin(3 * turn)
    return _edges(np.asarray(wave, dtype=np.float32), 0.03, 0.08)


@functools.cache
def drum(name: str) -> Wave:
    """``"kick"``, ``"snare"``, ``"hat"`` or ``"rim"``."""
    rng = rng_of("drum", name)
    if name == "kick":
        t = _time(0.32)
        sweep = np.cumsum((48 + 110 * np.exp(-t * 38)) * (2 * np.pi / RATE)).astype(np.float32)
        return _edges(np.asarray(np.sin(sweep) * np.exp(-t * 9), dtype=np.float32), 0.001, 0.02)
    if name == "snare":
        t = _time(0.22)
        noise = np.diff(rng.normal(0, 1, t.size + 1)).astype(np.float32)
        body = 0.5 * np.sin(np.float32(2 * np.pi * 185) * t) * np.exp(-t * 28)
        return np.asarray(0.30 * noise * np.exp(-t * 20) + body, dtype=np.float32)
    if name == "rim":
        t = _time(0.06)
        return np.asarray(0.6 * np.sin(np.float32(2 * np.pi * 1720) * t) * np.exp(-t * 90), dtype=np.float32)
    t = _time(0.07)
    bright = np.diff(rng.normal(0, 1, t.size + 2), n=2)
    return np.asarray(0.22 * bright * np.exp(-t * 70), dtype=np.float32)


@functools.cache
def _room() -> tuple[Wave, Wave]:
    """Impulse responses of a small hall for both ears: noise that darkens as it fades."""
    t = _time(1.3)
    ears = []
    for ear in ("left", "right"):
        noise = rng_of("room", ear).normal(0, 1, t.size)
        dark = np.convolve(noise, np.full(9, 1 / 9), "same")
        share = np.clip(t * 1.6, 0, 1)
        tail = (noise * (1 - share) + 2.2 * dark * share) * np.exp(-t * 4.6)
        tail[: int(0.012 * RATE)] = 0
        ears.append(np.asarray(tail / np.sqrt((tail**2).sum()), dtype=np.float32))
    return ears[0], ears[1]


def reverberate(send: Wave) -> Wave:
    """Both ears' echo of a mono signal, ``(n, 2)``, as long as the signal."""
    ears = []
    for response in _room():
        n = 1 << (send.size + response.size - 1).bit_length()
        spectrum = np.fft.rfft(send, n) * np.fft.rfft(response, n)
        ears.append(np.fft.irfft(spectrum, n)[: send.size])
    return np.stack(ears, axis=1).astype(np.float32)


def mellow(wave: Wave, cutoff: float) -> Wave:
    """Without what is above ``cutoff`` Hz, gently: the sound of an old tape."""
    spectrum = np.fft.rfft(wave, axis=0)
    f = np.fft.rfftfreq(len(wave), 1 / RATE)
    gain = 1 / (1 + (f / cutoff) ** 4)
    return np.asarray(np.fft.irfft(spectrum * gain[:, None], len(wave), axis=0), dtype=np.float32)
