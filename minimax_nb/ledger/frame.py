"""The ledger as a table: typed columns for pandas, and sums made in SQL.

pandas is imported here only, and only when a frame is asked for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from minimax_nb.errors import MiniMaxError, RequestInvalidError
from minimax_nb.ledger.reader import Filter
from minimax_nb.ledger.rows import DAY_US, NANO

if TYPE_CHECKING:
    import pandas as pd

_OUTPUT = "FROM job_media m LEFT JOIN media ON media.sha256 = m.sha256 WHERE m.job_id = jobs.id AND m.role = 'output'"
_FIRST = "ORDER BY m.position LIMIT 1"
_SECONDS = "({} - {}) / 1e6"
_START = "COALESCE(submitted_us, created_us)"

#: Column of the frame → (SQL, dtype). The dtype ``time`` is microseconds, ``us`` of UTC; ``json`` is reworked text.
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "job": ("id", "string"),
    "time": ("created_us", "time"),
    "kind": ("kind", "string"),
    "provider": ("provider", "string"),
    "model": ("model", "string"),
    "prompt": ("prompt", "string"),
    "options": ("kind || ' ' || request", "options"),
    "state": ("state", "string"),
    "queued_s": (_SECONDS.format("running_us", _START), "float64"),
    "run_s": (_SECONDS.format("finished_us", f"COALESCE(running_us, {_START})"), "float64"),
    "total_s": (_SECONDS.format("COALESCE(stored_us, finished_us)", "created_us"), "float64"),
    "cost": ("cost_nano", "money"),
    "currency": ("currency", "string"),
    "cost_source": ("cost_source", "string"),
    "seed": ("COALESCE(json_extract(facts, '$.seed'), json_extract(request, '$.seed'))", "Int64"),
    "file": (f"(SELECT m.name {_OUTPUT} {_FIRST})", "string"),
    "bytes": (f"(SELECT SUM(size_bytes) {_OUTPUT})", "Int64"),
    "error": ("error", "error"),
    # From here on: "full" only.
    "sandbox": ("sandbox", "bool"),
    "charge": ("charge", "string"),
    "result": ("result", "string"),
    "cost_nano": ("cost_nano", "Int64"),
    "estimate": ("estimate_nano", "money"),
    "unit": ("unit", "string"),
    "quantity": ("quantity", "Int64"),
    "price_id": ("price_id", "string"),
    "cached_from": ("cached_from", "string"),
    "files": (f"(SELECT COUNT(m.sha256) {_OUTPUT})", "Int64"),
    "sha256": (f"(SELECT m.sha256 {_OUTPUT} {_FIRST})", "string"),
    "mime": (f"(SELECT mime {_OUTPUT} {_FIRST})", "string"),
    "width": (f"(SELECT json_extract(media.facts, '$.width') {_OUTPUT} {_FIRST})", "Int64"),
    "height": (f"(SELECT json_extract(media.facts, '$.height') {_OUTPUT} {_FIRST})", "Int64"),
    "duration_s": (f"(SELECT json_extract(media.facts, '$.duration_s') {_OUTPUT} {_FIRST})", "float64"),
    "voice_id": ("json_extract(facts, '$.voice_id')", "string"),
    "name": ("name", "string"),
    "project": ("project", "string"),
    "template": ("template", "string"),
    "tags": ("tags", "string"),
    "batch": ("json_extract(tags, '$.batch')", "string"),
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
FULL = tuple(_COLUMNS)
SLIM = FULL[: FULL.index("error") + 1]


def frame(
    connection: sqlite3.Connection, columns: Literal["slim", "full"] | Sequence[str], wanted: Filter
) -> pd.DataFrame:
    """Return the jobs as a DataFrame, oldest first; see ``Ledger.frame``."""
    import pandas as pd

    names = _names(columns)
    where, values = wanted.where()
    picked = ", ".join(_COLUMNS[name][0] for name in names)
    sql = f"SELECT {picked} FROM jobs{where} ORDER BY created_us, id"  # noqa: S608 - expressions of the table above
    rows = connection.execute(sql, values).fetchall()
    data = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    made = {name: _column(_COLUMNS[name][1], cells) for name, cells in zip(names, data, strict=True)}
    return pd.DataFrame(made, columns=pd.Index(list(names)))


def _names(columns: Literal["slim", "full"] | Sequence[str]) -> tuple[str, ...]:
    if columns == "slim":
        return SLIM
    if columns == "full":
        return FULL
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    unknown = [name for name in names if name not in _COLUMNS]
    if unknown:
        raise RequestInvalidError(f"no column {unknown[0]!r}; there are: slim, full, {', '.join(FULL)}")
    return names


def _column(dtype: str, cells: Sequence[Any]) -> pd.Series[Any]:
    import pandas as pd

    if dtype == "time":
        moments = pd.to_datetime(pd.Series(cells, dtype="Int64"), unit="us", utc=True)
        return moments.astype("datetime64[us, UTC]")
    if dtype == "money":
        return pd.Series([None if value is None else value / NANO for value in cells], dtype="float64")
    rework: Callable[[Any], Any] | None = {"options": _options, "error": _error}.get(dtype)
    if rework is not None:
        return pd.Series([None if value is None else rework(value) for value in cells], dtype="string")
    return pd.Series(list(cells), dtype=dtype)


def _options(text: str) -> str:
    """Return what a request says beyond its prompt, model and defaults, as JSON text."""
    kind, _, request = text.partition(" ")
    values = json.loads(request)
    left_out, defaults = _not_options(kind)
    options = {
        key: value
        for key, value in values.items()
        if key not in left_out and (key not in defaults or defaults[key] != value)
    }
    return json.dumps(options, ensure_ascii=False)


@cache
def _not_options(kind: str) -> tuple[frozenset[str], Mapping[str, Any]]:
    """Return the fields with a column of their own, and the defaults of a kind; a plug-in's kind may be unknown."""
    from minimax_nb.kinds import request_class

    try:
        found = request_class(kind)
    except MiniMaxError:
        return frozenset({"prompt", "model", "seed"}), {}
    fields = found.model_fields.items()
    defaults = {
        name: info.get_default(call_default_factory=True) for name, info in fields if not info.is_required()
    }
    return frozenset({found.text_field, "model", "seed"}), defaults


def _error(text: str) -> str:
    error = json.loads(text)
    code = error.get("code")
    return f"{code}: {error.get('message', '')}" if code else str(error.get("message", ""))


@dataclass(frozen=True, slots=True)
class CostSum:
    """Sums of one group of jobs in one currency; real money and the sandbox's are never in one row.

    Amounts are integer nano-units. ``possible_nano`` is what may have been charged without our
    knowing (lost replies), by their estimates; ``open_nano`` the estimates of jobs still running.
    """

    key: str
    currency: str
    sandbox: bool
    jobs: int
    cost_nano: int
    possible_nano: int
    possible_jobs: int
    open_nano: int
    unpriced_jobs: int


_GROUPS = {
    "provider": "provider",
    "model": "model",
    "kind": "kind",
    "project": "project",
    "day": f"created_us / {DAY_US}",
}
By = Literal["provider", "model", "kind", "day", "project"]

_POSSIBLE = "cost_nano IS NULL AND charge = 'unknown'"
_RUNNING = (
    "cost_nano IS NULL AND charge IN ('none', 'held') AND state IN ('new', 'submitting', 'queued', 'running')"
)


def cost_sums(connection: sqlite3.Connection, by: By, wanted: Filter) -> list[CostSum]:
    """Return what was spent, a group a row; see ``Ledger.cost_sums``."""
    if by not in _GROUPS:
        raise RequestInvalidError(f"cost by {by!r}; allowed: {', '.join(_GROUPS)}")
    where, values = wanted.where()
    sql = (
        f"SELECT {_GROUPS[by]}, currency, sandbox, COUNT(*), COALESCE(SUM(cost_nano), 0),"  # noqa: S608
        f" COALESCE(SUM(CASE WHEN {_POSSIBLE} THEN estimate_nano END), 0),"
        f" SUM(CASE WHEN {_POSSIBLE} THEN 1 ELSE 0 END),"
        f" COALESCE(SUM(CASE WHEN {_RUNNING} THEN estimate_nano END), 0),"
        " SUM(CASE WHEN cost_nano IS NULL AND charge = 'charged' THEN 1 ELSE 0 END)"
        f" FROM jobs{where} GROUP BY 1, 2, 3 ORDER BY 3, 1, 2"
    )
    found = []
    for key, currency, sandbox, *sums in connection.execute(sql, values):
        word = str(date(1970, 1, 1) + timedelta(days=key)) if by == "day" else str(key)
        found.append(CostSum(word, currency, bool(sandbox), *sums))
    return found


def cost_frame(sums: Sequence[CostSum], by: By) -> pd.DataFrame:
    """Return the sums as a DataFrame with amounts as floats."""
    import pandas as pd

    columns = {
        by: pd.Series([row.key for row in sums], dtype="string"),
        "money": pd.Series(["sandbox" if row.sandbox else "real" for row in sums], dtype="string"),
        "currency": pd.Series([row.currency for row in sums], dtype="string"),
        "jobs": pd.Series([row.jobs for row in sums], dtype="int64"),
        "cost": pd.Series([row.cost_nano / NANO for row in sums], dtype="float64"),
        "possibly_spent": pd.Series([row.possible_nano / NANO for row in sums], dtype="float64"),
        "running": pd.Series([row.open_nano / NANO for row in sums], dtype="float64"),
        "unpriced_jobs": pd.Series([row.unpriced_jobs for row in sums], dtype="int64"),
    }
    return pd.DataFrame(columns)
