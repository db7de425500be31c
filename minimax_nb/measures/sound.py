"""Measures of sound."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

QUIET_DB = -50.0  #: of full scale; what is below counts as silence
WINDOW = 0.02  #: seconds
_RATE = 48_000  #: Hz; the loudness filter is defined for it
_NOTHING = -70.0  #: LUFS; the absolute gate of ITU-R BS.1770: nothing below it is counted


def loudness(media: Media, _: JobRecord) -> float | None:
    """Return the integrated loudness in LUFS, by FFmpeg's meter; ``None`` without ``av`` or for silence."""
    return level(media)


def volumes(items: Sequence[Media]) -> list[tuple[float, float]] | None:
    """Return (volume from 0 to 1, loudness in LUFS) of each sound, at which all are as loud as the quietest.

    Louder is taken for better, so sounds are compared at one loudness; ``None`` where one is not known.
    """
    try:
        levels = [level(item) for item in items]
    except Exception:  # a file that cannot be decoded is still shown
        return None
    known = [one for one in levels if one is not None]
    if len(known) < len(levels) or not known:
        return None
    return [(round(10 ** ((min(known) - one) / 20), 4), one) for one in known]


@lru_cache(maxsize=256)
def level(media: Media) -> float | None:
    """Return the integrated loudness of a file in LUFS; equal contents are measured once."""
    heard = samples(media)
    if heard is None:
        return None
    try:
        import av
        from av.filter import Graph
    except ImportError:
        return None
    sound, rate = heard
    graph = Graph()
    layout = "mono" if sound.shape[1] == 1 else "stereo"
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout=layout, time_base=Fraction(1, rate))
    resample = graph.add("aresample", str(_RATE))
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    for one, two in ((source, resample), (resample, meter), (meter, sink)):
        one.link_to(two)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound[:, :2].reshape(1, -1), format="flt", layout=layout)
    frame.sample_rate, frame.pts = rate, 0
    graph.push(frame)
    graph.push(None)
    said = None
    while True:
        try:
            said = graph.pull().metadata.get("lavfi.r128.I", said)
        except (av.error.BlockingIOError, av.error.EOFError):
            break
    return None if said is None or float(said) <= _NOTHING else float(said)


def silence(media: Media, _: JobRecord) -> float | None:
    """Return the share (0 to 1) of the time that is quieter than :data:`QUIET_DB`."""
    heard = samples(media)
    if heard is None:
        return None
    quiet = quiet_windows(*heard)
    return float(quiet.mean()) if len(quiet) else None


def quiet_windows(sound: Samples, rate: int) -> NDArray[np.bool_]:
    """Return for each window of :data:`WINDOW` seconds whether its level is below :data:`QUIET_DB`."""
    import numpy as np

    size = max(1, round(rate * WINDOW))
    whole = len(sound) // size * size
    power = (sound[:whole].astype(np.float64) ** 2).mean(axis=1).reshape(-1, size).mean(axis=1)
    found: NDArray[np.bool_] = power < 10 ** (QUIET_DB / 10)
    return found


def spoken_seconds(media: Media) -> float | None:
    """Return the seconds from the first to the last window that is not quiet."""
    import numpy as np

    heard = samples(media)
    if heard is None:
        return None
    loud = np.flatnonzero(~quiet_windows(*heard))
    return float(loud[-1] - loud[0] + 1) * WINDOW if len(loud) else None


def samples(media: Media) -> tuple[Samples, int] | None:
    """Return the sound of a file, and its rate in Hz; ``None`` where nothing can read it or there is none."""
    found = media.samples()
    return None if found is None or not len(found[0]) else found
