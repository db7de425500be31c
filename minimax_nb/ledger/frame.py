"""The ledger as a table: typed columns for pandas, filters in SQL.

pandas is imported here only, and only when a frame is asked for. With pyarrow (the extra ``arrow``) SQLite
writes each row as one line and Arrow reads the lines, beside the reading and without the interpreter's lock.
Not by ADBC: its driver brings a SQLite of its own, and two of them in one process undo each other's file locks,
by which other processes could write into a ledger that is being written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import MiniMaxError, RequestInvalidError
from minimax_nb.ledger.filter import Filter

if TYPE_CHECKING:
    import pandas as pd

_OUTPUT = "FROM job_media m LEFT JOIN media ON media.sha256 = m.sha256 WHERE m.job_id = jobs.id AND m.role = 'output'"
_FIRST = "ORDER BY m.position LIMIT 1"
_START = "COALESCE(submitted_us, created_us)"
#: The code and the message of an error; most jobs have none, and then nothing is read.
_ERROR = (
    "CASE WHEN error IS NOT NULL THEN COALESCE(json_extract(error, '$.code') || ': ', '')"
    " || COALESCE(json_extract(error, '$.message'), '') END"
)
_SEED = "COALESCE(json_extract(facts, '$.seed'), json_extract(request, '$.seed'))"

#: Column of the frame → (SQL, dtype). ``time`` is microseconds UTC, ``us`` microseconds that become seconds,
#: ``money`` nano-units that become units, ``words`` text of a fixed alphabet, ``options`` text that is reworked.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "job": ("id", "words"),
    "time": ("created_us", "time"),
    "kind": ("kind", "words"),
    "provider": ("provider", "words"),
    "model": ("model", "string"),
    "prompt": ("prompt", "string"),
    "options": ("kind || ' ' || request", "options"),
    "state": ("state", "words"),
    "queued_s": (f"running_us - {_START}", "us"),
    "run_s": (f"finished_us - COALESCE(running_us, {_START})", "us"),
    "total_s": ("COALESCE(stored_us, finished_us) - created_us", "us"),
    "cost": ("cost_nano", "money"),
    "currency": ("currency", "words"),
    "cost_nano": ("cost_nano", "Int64"),
    "cost_source": ("cost_source", "words"),
    "seed": (f"CAST({_SEED} AS INTEGER)", "Int64"),
    "file": (f"(SELECT m.name {_OUTPUT} {_FIRST})", "string"),
    "bytes": (f"(SELECT SUM(size_bytes) {_OUTPUT})", "Int64"),
    "error": (_ERROR, "string"),
    # From here on: "full" only.
    "sandbox": ("sandbox", "bool"),
    "charge": ("charge", "words"),
    "result": ("result", "words"),
    "estimate": ("estimate_nano", "money"),
    "unit": ("unit", "string"),
    "quantity": ("quantity", "Int64"),
    "price_id": ("price_id", "string"),
    "cached_from": ("cached_from", "string"),
    "files": (f"(SELECT COUNT(m.sha256) {_OUTPUT})", "Int64"),
    "sha256": (f"(SELECT m.sha256 {_OUTPUT} {_FIRST})", "string"),
    "mime": (f"(SELECT mime {_OUTPUT} {_FIRST})", "string"),
    "width": (f"(SELECT CAST(json_extract(media.facts, '$.width') AS INTEGER) {_OUTPUT} {_FIRST})", "Int64"),
    "height": (
        f"(SELECT CAST(json_extract(media.facts, '$.height') AS INTEGER) {_OUTPUT} {_FIRST})",
        "Int64",
    ),
    "duration_s": (f"(SELECT json_extract(media.facts, '$.duration_s') {_OUTPUT} {_FIRST})", "float64"),
    "voice_id": ("json_extract(facts, '$.voice_id')", "string"),
    "name": ("name", "string"),
    "project": ("project", "string"),
    "notebook": ("(SELECT notebook FROM kernels WHERE kernels.id = session_id)", "string"),
    "template": ("template", "string"),
    "tags": ("tags", "string"),
    "starred": ("EXISTS (SELECT 1 FROM stars WHERE stars.job_id = jobs.id)", "bool"),
    "notes": ("(SELECT group_concat(text, char(10)) FROM notes WHERE notes.job_id = jobs.id)", "string"),
    "batch": ("COALESCE(batch, json_extract(tags, '$.batch'))", "string"),
    "axes": ("axes", "string"),
    "operation": ("operation", "string"),
    "endpoint": ("endpoint", "string"),
    "account": ("account", "string"),
    "session": ("session_id", "string"),
    "cell": ("cell_id", "string"),
    "task_id": ("task_id", "string"),
    "trace_id": ("trace_id", "string"),
    "raw_state": ("raw_state", "string"),
    "attempts": ("attempts", "Int64"),
    "http_status": ("http_status", "Int64"),
    "warnings": ("warnings", "string"),
    "facts": ("facts", "string"),
    "request": ("request", "string"),
    "fingerprint": ("fingerprint", "string"),
    "submitted": ("submitted_us", "time"),
    "running": ("running_us", "time"),
    "finished": ("finished_us", "time"),
    "stored": ("stored_us", "time"),
    "updated": ("updated_us", "time"),
}
FULL = tuple(COLUMNS)
MAIN = FULL[: FULL.index("error") + 1]
#: What stands in the row itself and needs no JSON: for long ledgers.
SLIM = tuple(name for name in MAIN if name not in ("options", "queued_s", "run_s", "seed", "file", "bytes"))
_SETS = {"main": MAIN, "slim": SLIM, "full": FULL}


def frame(
    connection: sqlite3.Connection,
    columns: str | Sequence[str],
    wanted: Filter,
    *,
    options: bool = False,
    latest: int | None = None,
) -> pd.DataFrame:
    """Return the jobs as a DataFrame, oldest first; see ``Ledger.frame``."""
    import pandas as pd

    names = _names(columns)
    asked = {COLUMNS[name][0]: _wire(COLUMNS[name][1]) for name in names}
    asked |= {"created_us": "int", "id": "words"} | ({COLUMNS["options"][0]: "text"} if options else {})
    if latest is not None:
        wanted = replace(wanted, since_us=_beginning(connection, wanted, latest))
    cells = _fetch(connection, asked, *wanted.where())
    made = {name: column_of(COLUMNS[name][1], cells[COLUMNS[name][0]]) for name in names}
    if options:
        made |= _flat(column_of("string", cells[COLUMNS["options"][0]]))
    found = pd.DataFrame(made, columns=pd.Index(list(made)))
    found = _in_order(found, column_of("Int64", cells["created_us"]), column_of("words", cells["id"]))
    return found if latest is None or len(found) <= latest else found.tail(latest).reset_index(drop=True)


def _beginning(connection: sqlite3.Connection, wanted: Filter, latest: int) -> int | None:
    """Return when the first of the latest jobs was asked; ``None`` when there are not so many."""
    where, values = wanted.where()
    sql = f"SELECT created_us FROM jobs{where} ORDER BY created_us DESC LIMIT 1 OFFSET ?"  # noqa: S608
    row = connection.execute(sql, [*values, max(0, latest - 1)]).fetchone()
    return wanted.since_us if row is None else int(row[0])


def _names(columns: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(columns, str) and columns in _SETS:
        return _SETS[columns]
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise RequestInvalidError(
            f"no column {unknown[0]!r}; there are: {', '.join(_SETS)}, {', '.join(FULL)}"
        )
    return names


def _wire(dtype: str) -> str:
    """Return how a dtype is read: ``int``, ``real``, ``text``, or ``words`` that need no quotes."""
    return {"string": "text", "options": "text", "words": "words", "float64": "real"}.get(dtype, "int")


def _fetch(
    connection: sqlite3.Connection, asked: Mapping[str, str], where: str, values: Sequence[Any]
) -> dict[str, Any]:
    """Return each expression's column: of Arrow where it is installed, else a list."""
    from minimax_nb.ledger import arrow

    found = arrow.fetch(connection, asked, where, values)
    if found is not None:
        return found
    rows = connection.execute(f"SELECT {', '.join(asked)} FROM jobs{where}", values).fetchall()  # noqa: S608 - from COLUMNS
    columns = zip(*rows, strict=True) if rows else ([] for _ in asked)
    return dict(zip(asked, map(list, columns), strict=True))


def _in_order(found: pd.DataFrame, created: pd.Series[Any], ids: pd.Series[Any]) -> pd.DataFrame:
    """Return the rows by time; they were mostly written in that order, and are then left as they are."""
    import numpy as np
    import pandas as pd

    at = created.to_numpy(dtype="int64")
    gaps = np.diff(at)
    if (gaps > 0).all():
        return found
    order = pd.DataFrame({"at": at, "id": ids.to_numpy()}).sort_values(["at", "id"], kind="stable").index
    return found.iloc[order.to_numpy()].reset_index(drop=True)


def column_of(dtype: str, cells: Any) -> pd.Series[Any]:
    """Return a column of its dtype, of a list or an Arrow array."""
    import pandas as pd

    if dtype == "options":
        texts = column_of("string", cells)
        return pd.Series([_options(text) for text in texts], dtype="string")
    from minimax_nb.ledger import arrow

    if not isinstance(cells, list):
        return arrow.column(dtype, cells)
    if dtype == "time":
        moments = pd.to_datetime(pd.Series(cells, dtype="Int64"), unit="us", utc=True)
        return moments.astype("datetime64[us, UTC]")
    if dtype in arrow.SCALES:
        scale = arrow.SCALES[dtype]
        return pd.Series([None if cell is None else cell / scale for cell in cells], dtype="float64")
    return pd.Series(cells, dtype="string" if dtype == "words" else dtype)


def options_of(kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a request says beyond its prompt, model, seed and defaults."""
    left_out, defaults = _not_options(kind)
    return {
        key: value
        for key, value in request.items()
        if key not in left_out and (key not in defaults or defaults[key] != value)
    }


def _options(text: str) -> str:
    kind, _, request = text.partition(" ")
    return json.dumps(options_of(kind, json.loads(request)), ensure_ascii=False)


def _flat(texts: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """Return every option as a column ``opt.NAME``, typed where all jobs that have it agree."""
    import pandas as pd

    found: dict[str, list[Any]] = {}
    for number, text in enumerate(texts):
        kind, _, request = text.partition(" ")
        hidden = _not_options(kind)[0] - {"seed"}
        for key, value in json.loads(request).items():
            if key not in hidden:
                cells = found.setdefault(key, [None] * len(texts))
                cells[number] = _told(value)
    return {f"opt.{key}": pd.Series(cells, dtype=_dtype(cells)) for key, cells in sorted(found.items())}


def _told(value: Any) -> Any:
    """Return an option in one cell: media by name, lists and objects as JSON."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("url") or value.get("sha256") or value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _dtype(cells: Sequence[Any]) -> str:
    types = {type(cell) for cell in cells if cell is not None}
    if types == {int}:
        return "Int64"
    if types and types <= {int, float}:
        return "float64"
    return "boolean" if types == {bool} else "string" if types <= {str} else "object"


@cache
def _not_options(kind: str) -> tuple[frozenset[str], Mapping[str, Any]]:
    """Return the fields with a column of their own, and the defaults of a kind; a plug-in's kind may be unknown."""
    from minimax_nb.kinds import request_class

    try:
        found = request_class(kind)
    except MiniMaxError:
        return frozenset({"prompt", "model", "seed"}), {}
    optional = {name for name, info in found.model_fields.items() if not info.is_required()}
    # As rows have them, which is not always as Python does.
    defaults = found.model_construct().model_dump(mode="json", include=optional)
    return frozenset({found.text_field, "model", "seed"}), defaults
