"""What a measure is, and which there are."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points

from minimax_nb.errors import ConfigError
from minimax_nb.ledger.record import JobRecord
from minimax_nb.measures import picture, sound, work
from minimax_nb.media import Media

Function = Callable[[Media, JobRecord], float | None]

GROUP = "minimax_nb.measures"


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to get a number from a result.

    Parameters
    ----------
    name
        The column.
    function
        Gets the file and the job's row; returns the number, or ``None`` where it does not apply.
    media
        Kinds of media it looks at: ``image``, ``video``, ``audio``, ``text``; empty for all.
    unit
        The number's unit; empty for a ratio or a score.
    help
        What it says, in one line.
    version
        Changes when the way of measuring does; then stored numbers are measured anew.
    """

    name: str
    function: Function
    media: tuple[str, ...] = ()
    unit: str = ""
    help: str = ""
    version: str = "1"

    def __call__(self, media: Media, record: JobRecord) -> float | None:
        """Measure one file."""
        if self.media and media.kind not in self.media:
            return None
        value = self.function(media, record)
        return None if value is None else float(value)


_SOUND = ("audio", "video")
_TIMED = ("audio", "video")

_BUILT_IN = (
    Measure("loudness", sound.loudness, _SOUND, "LUFS", "integrated loudness (EBU R 128)"),
    Measure("silence", sound.silence, _SOUND, "", "share of the time that is quieter than -50 dB"),
    Measure("duration_error", work.duration_error, _TIMED, "s", "how much longer it is than was asked for"),
    Measure("speech_rate", work.speech_rate, ("audio",), "1/s", "characters spoken a second, ends trimmed"),
    Measure("real_time_factor", work.real_time_factor, _TIMED, "", "seconds of work for one second of result"),
    Measure("sharpness", picture.sharpness, ("image",), "", "variance of the Laplacian of the brightness, 512 px wide"),
    Measure("colourfulness", picture.colourfulness, ("image",), "", "Hasler and Süsstrunk: 0 grey, 109 extreme"),
)  # fmt: skip


def built_in() -> Mapping[str, Measure]:
    """Return the measures that come with the package, by name."""
    return {measure.name: measure for measure in _BUILT_IN}


@functools.cache
def known() -> Mapping[str, Measure]:
    """Return the built-in measures and those of plug-ins, by name."""
    found = dict(built_in())
    for entry in entry_points(group=GROUP):
        try:
            loaded = entry.load()
        except Exception as error:  # a broken plug-in must say so, and only that
            raise ConfigError(
                f"the measure {entry.name!r} of {entry.value} cannot be loaded: {error}"
            ) from error
        found[entry.name] = loaded if isinstance(loaded, Measure) else own(loaded, name=entry.name)
    return found


def own(function: Function, name: str | None = None) -> Measure:
    """Make a measure of a user's function; a changed function is measured anew."""
    label = name or getattr(function, "__name__", "")
    if not label or label == "<lambda>":
        raise ConfigError("this measure has no name; give one: lab.measure(results, sharp=function)")
    code = getattr(function, "__code__", None)
    said = repr((code.co_code, code.co_consts, code.co_names)) if code else repr(function)
    return Measure(label, function, version=hashlib.sha256(said.encode()).hexdigest()[:12])
