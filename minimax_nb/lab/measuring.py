"""Measured numbers of results: looked up where they are known, worked out and kept where they are not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minimax_nb.catalog import nearest
from minimax_nb.errors import ConfigError, RequestInvalidError
from minimax_nb.lab.subjects import records_of
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.measures import Measured, means
from minimax_nb.ledger.record import JobRecord
from minimax_nb.measures import Measure, built_in, known, own
from minimax_nb.measures.measure import Function
from minimax_nb.media import Media

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.lab.lab import Lab


def measured(
    lab: Lab, what: Any, asked: Sequence[str | Function], named: Mapping[str, Function]
) -> pd.DataFrame:
    """Return the numbers as a frame; see :meth:`minimax_nb.Lab.measure`."""
    import pandas as pd

    wanted = _wanted(asked, named)
    records = records_of(lab, what)
    numbers = {record.id: _of_job(lab, record, wanted) for record in records}
    columns = ["model", *(measure.name for measure in wanted)]
    rows = [[record.model, *(numbers[record.id].get(name) for name in columns[1:])] for record in records]
    frame = pd.DataFrame(rows, columns=columns, index=pd.Index([record.id for record in records], name="id"))
    frame = frame.astype(dict.fromkeys(columns[1:], float))
    # A measure that nobody asked for by name and that applies to none of these says nothing.
    return frame if asked or named else frame.dropna(axis=1, how="all")


def with_measures(ledger: Ledger, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of the ledger with a column ``measure.NAME`` (the mean over a job's outputs) a stored measure."""
    if "job" not in frame.columns:
        raise RequestInvalidError("log(measures=True) needs the column job")
    found = means(ledger.measures(list(frame["job"])))
    names = sorted({name for values in found.values() for name in values})
    columns = {
        f"measure.{name}": frame["job"].map({job: values.get(name) for job, values in found.items()})
        for name in names
    }
    return frame.assign(**{name: column.astype("float64") for name, column in columns.items()})


def _wanted(asked: Sequence[str | Function], named: Mapping[str, Function]) -> list[Measure]:
    there = known()
    found = []
    for one in asked:
        if not isinstance(one, str):
            found.append(_new(own(one)))
        elif one in there:
            found.append(there[one])
        else:
            raise ConfigError(
                f"there is no measure {one!r}{nearest(one, there)}; there are {', '.join(there)}"
            )
    found += [_new(own(function, name)) for name, function in named.items()]
    return found or list(there.values())


def _new(measure: Measure) -> Measure:
    if measure.name in built_in():
        raise ConfigError(f"{measure.name!r} is a measure that comes with minimax_nb; name yours otherwise")
    return measure


def _of_job(lab: Lab, record: JobRecord, wanted: Sequence[Measure]) -> dict[str, float]:
    kept = {(one.sha256, one.name, one.version): one for one in lab.ledger.measures([record.id])}
    numbers, fresh = [], []
    for media in lab.media_of(record):
        if media.role != "output":
            continue
        for measure in wanted:
            key = (media.sha256, measure.name, measure.version)
            if key not in kept:
                value, fits = _take(measure, media, record)
                if not fits:
                    continue
                kept[key] = Measured(record.id, media.sha256, measure.name, measure.version, value)
                fresh.append(kept[key])
            numbers.append(kept[key])
    if fresh:
        lab.ledger.keep_measures(fresh).result()
    return means(numbers).get(record.id, {})


def _take(measure: Measure, media: Media, record: JobRecord) -> tuple[float | None, bool]:
    """Measure one file; False when that failed, so that nothing is kept and it is tried again next time."""
    try:
        return measure(media, record), True
    except (
        Exception
    ) as error:  # a user's function may do anything; one bad file must not cost the others' numbers
        warnings.warn(f"{measure.name} of {media.path.name} failed: {error}", stacklevel=2)
        return None, False
