"""Measures of the work: asked against given, time taken."""

from __future__ import annotations

from minimax_nb.ledger.record import JobRecord
from minimax_nb.measures.sound import spoken_seconds
from minimax_nb.media import Media


def duration_error(media: Media, record: JobRecord) -> float | None:
    """Return the seconds it is longer than asked for; ``None`` where no duration was asked for."""
    asked, given = record.request.get("duration"), media.facts.duration_s
    return None if asked is None or given is None else given - float(asked)


def speech_rate(media: Media, record: JobRecord) -> float | None:
    """Return the characters spoken a second, silence at both ends left out."""
    if record.kind != "speech" or not record.prompt or media.role != "output":
        return None
    seconds = spoken_seconds(media)
    return len(record.prompt.strip()) / seconds if seconds else None


def real_time_factor(media: Media, record: JobRecord) -> float | None:
    """Return the seconds from sending to the end for each second of result."""
    seconds = media.facts.duration_s
    if not seconds or record.submitted_us is None or record.finished_us is None:
        return None
    return (record.finished_us - record.submitted_us) / 1e6 / seconds
