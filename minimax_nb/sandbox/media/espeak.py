"""espeak-ng through ctypes, one freshly loaded library for each utterance.

The synthesiser keeps state between calls (oscillator phases, noise positions), so that the same words come
out a few samples different the second time, and it seeds its noise with the time of day. Loading the library
anew takes 3 ms; with a fixed seed after that, the same arguments give the same samples in any process.
"""

from __future__ import annotations

import _ctypes
import ctypes as c
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minimax_nb.sandbox.media.synth import Samples

try:
    import espeakng_loader
except ImportError:  # the tone of speech.py takes over
    espeakng_loader = None

RATE = 22_050  # Hz, of every voice that is not MBROLA

_RETRIEVAL, _NO_EXIT = 2, 1 << 15  # samples to the callback, one thread; an error does not end the process
_UTF8 = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_WORD, _LAST = 1, 0
_lock = threading.Lock()


class _Event(c.Structure):
    _fields_ = (
        ("type", c.c_int),
        ("unique_identifier", c.c_uint),
        ("text_position", c.c_int),
        ("length", c.c_int),
        ("audio_position", c.c_int),
        ("sample", c.c_int),
        ("user_data", c.c_void_p),
        ("id", c.c_char * 8),
    )


_Callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Manner:
    """How to say it.

    Parameters
    ----------
    voice
        An espeak-ng voice, with a variant if need be: ``"en-us+f3"``.
    rate
        Words a minute, 80 to 450.
    pitch, reach
        Base pitch and its range, 0 to 99; 50 is the voice's own.
    """

    voice: str
    rate: int = 175
    pitch: int = 50
    reach: int = 50


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said.

    Parameters
    ----------
    samples
        Mono, at :data:`RATE`.
    words
        For each word that espeak-ng announced, its place in the text (0 is the first character) and the
        sample at which it begins.
    """

    samples: Samples
    words: tuple[tuple[int, int], ...]


def available() -> bool:
    """Whether the wheel that carries espeak-ng is installed."""
    return espeakng_loader is not None


def say(lines: Sequence[tuple[str, Manner]]) -> list[Utterance]:
    """Say some texts one after the other, each in its manner; safe from any thread.

    Raises
    ------
    OSError
        If the library cannot be loaded or does not start.
    """
    with _lock:
        library = c.CDLL(espeakng_loader.get_library_path())
        try:
            return _say(library, lines)
        finally:
            library.espeak_Terminate()
            handle = library._handle
            del library
            if sys.platform == "win32":
                _ctypes.FreeLibrary(handle)
            else:
                _ctypes.dlclose(handle)


def _say(library: c.CDLL, lines: Sequence[tuple[str, Manner]]) -> list[Utterance]:
    chunks: list[bytes] = []
    words: list[tuple[int, int]] = []

    def collect(samples: c._Pointer[c.c_short], count: int, events: c._Pointer[_Event]) -> int:
        if samples and count > 0:
            chunks.append(c.string_at(samples, 2 * count))
        position = 0
        while events[position].type != _LAST:
            if events[position].type == _WORD:
                words.append((events[position].text_position - 1, events[position].sample))
            position += 1
        return 0

    callback = _Callback(collect)  # kept alive by this frame
    _start(library)
    library.espeak_SetSynthCallback(callback)
    spoken: list[Utterance] = []
    for text, manner in lines:
        chunks.clear()
        words.clear()
        _adopt(library, manner)
        line = text.encode(errors="replace")
        library.espeak_Synth(
            c.c_char_p(line),
            c.c_size_t(len(line) + 1),
            c.c_uint(0),
            c.c_int(1),
            c.c_uint(0),
            c.c_uint(_UTF8),
            None,
            None,
        )
        library.espeak_Synchronize()
        spoken.append(Utterance(np.frombuffer(b"".join(chunks), dtype=np.int16), tuple(words)))
    return spoken


def _start(library: c.CDLL) -> None:
    data = str(espeakng_loader.get_data_path())
    rate = library.espeak_Initialize(
        c.c_int(_RETRIEVAL), c.c_int(0), c.c_char_p(data.encode()), c.c_int(_NO_EXIT)
    )
    if rate != RATE:
        msg = f"espeak-ng did not start with its voices in {data}"
        raise OSError(msg)
    library.espeak_ng_SetRandSeed(c.c_long(1))


def _adopt(library: c.CDLL, manner: Manner) -> None:
    for name in (manner.voice, manner.voice.partition("+")[0], "en-us"):
        if library.espeak_SetVoiceByName(c.c_char_p(name.encode())) == 0:
            break
    settings = {_RATE: manner.rate, _VOLUME: 100, _PITCH: manner.pitch, _RANGE: manner.reach}
    for parameter, value in settings.items():
        library.espeak_SetParameter(c.c_int(parameter), c.c_int(value), c.c_int(0))
