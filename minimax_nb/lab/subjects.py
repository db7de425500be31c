"""Which jobs somebody means, and in what they differ: what rating and comparing ask first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.catalog import nearest
from minimax_nb.errors import RequestInvalidError
from minimax_nb.ledger.record import JobRecord
from minimax_nb.media import Media

if TYPE_CHECKING:
    from minimax_nb.lab.lab import Lab


def records_of(lab: Lab, what: Any) -> list[JobRecord]:
    """Return the jobs behind results, jobs, ids, a sweep, a batch's id or a frame with a column ``job``.

    Raises
    ------
    RequestInvalidError
        What is given is none of these.
    """
    if isinstance(what, str):
        if lab.ledger.find(what):
            return [lab.ledger.job(what)]
        batch = records_of(lab, lab.ledger.frame(["job"], batch=what))
        return batch or [lab.ledger.job(what)]
    if hasattr(what, "columns"):
        ids = what["job"] if "job" in what.columns else what.index
        return [lab.ledger.job(str(job_id)) for job_id in ids]
    if hasattr(what, "job_id"):
        return [lab.ledger.job(what.job_id)]
    if hasattr(what, "jobs"):
        return [lab.ledger.job(job.id) for job in what.jobs]
    if hasattr(what, "record"):
        return [lab.ledger.job(what.record.id)]
    if isinstance(what, Media):
        record = lab.ledger.maker(what.sha256)
        if record is None:
            raise RequestInvalidError(f"{what.path.name} is not a result in this ledger")
        return [record]
    if isinstance(what, Iterable):
        return [record for one in what for record in records_of(lab, one)]
    raise RequestInvalidError(
        f"{type(what).__name__} holds no results; give a sweep, results, jobs, ids or lab.log() with its column job"
    )


def axes_of(record: JobRecord) -> dict[str, str]:
    """Return the settings of a sweep's cell, by axis; nothing for a job of its own."""
    axes = getattr(record, "axes", None) or {}
    return {str(key): str(value) for key, value in axes.items() if key != "prompt"}


def value_of(record: JobRecord, name: str) -> str:
    """Return what a job says under a setting's, tag's or axis' name, as text; RequestInvalidError when nothing."""
    field = name.replace("-", "_")
    for holder in (axes_of(record), record.request, record.tags):
        for key in (name, field):
            if holder.get(key) is not None:
                return str(holder[key])
    if field in ("model", "provider", "kind", "name", "project"):
        return str(getattr(record, field))
    known = sorted({"model", "provider", *record.request, *record.tags})
    raise RequestInvalidError(f"job {record.id} has no {name!r} to compare by{nearest(name, known)}")


def differing(records: Sequence[JobRecord]) -> list[str]:
    """Return what differs between the jobs, most telling first."""
    first = ["model", "provider", *sorted({key for record in records for key in axes_of(record)}), "voice"]
    rest = sorted({key for record in records for key in record.request} - {"prompt", "text", *first})
    found = []
    for key in dict.fromkeys([*first, *rest]):
        try:
            values = {value_of(record, key) for record in records}
        except RequestInvalidError:
            continue
        if len(values) > 1:
            found.append(key)
    return found


def varying(records: Sequence[JobRecord]) -> str:
    """Return the setting these jobs differ in, the most telling one first; RequestInvalidError when none."""
    found = differing(records)
    if not found:
        raise RequestInvalidError(
            "these results differ in no setting; say what to compare: rate(…, by='model')"
        )
    return found[0]
