"""Columns of a query by way of Arrow: SQLite writes lines, Arrow's CSV reader makes columns of them.

Thousands of rows are one text for the interpreter, instead of a dozen values each, and Arrow reads one portion
while SQLite writes the next. Used when pyarrow is installed; what it cannot read is read the plain way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from minimax_nb.ledger.rows import NANO

if TYPE_CHECKING:
    import pandas as pd

#: Rows in one portion.
PORTION = 25_000
#: dtype of the frame → what its integers are divided by.
SCALES = {"us": 1e6, "money": float(NANO)}


def fetch(
    connection: sqlite3.Connection, asked: Mapping[str, str], where: str, values: Sequence[Any]
) -> dict[str, Any] | None:
    """Return the columns of jobs as Arrow arrays; ``None`` without pyarrow, or where it cannot read them.

    Parameters
    ----------
    connection
        For reading.
    asked
        SQL expression → how it is read: ``int``, ``real``, ``text``, or ``words`` (text of a fixed
        alphabet without commas, quotes and line ends).
    where, values
        Which jobs.
    """
    try:
        import pyarrow as pa
    except ImportError:
        return None
    hows = tuple(asked.values())
    marks = ",".join("%s" for _ in asked)
    line = f"printf('{marks}', {', '.join(_told(sql, how) for sql, how in asked.items())})"
    sql = f"SELECT group_concat({line}, char(10)) FROM jobs{where}"  # noqa: S608 - expressions of the caller's table
    sql += (" AND" if where else " WHERE") + " created_us >= ? AND created_us < ?"
    connection.execute("BEGIN")  # all portions see the same ledger
    try:
        with ThreadPoolExecutor(1) as pool:
            parts = []
            for span in _portions(connection, where, values):
                (text,) = connection.execute(sql, (*values, *span)).fetchone()
                if text is not None:
                    parts.append(pool.submit(_read, text, hows))
            tables = [part.result() for part in parts] or [_read("", hows)]
    except (pa.ArrowInvalid, sqlite3.DataError):  # a number that is none; more text than SQLite takes at once
        return None
    finally:
        connection.execute("COMMIT")
    return dict(zip(asked, pa.concat_tables(tables).columns, strict=True))


def _portions(connection: sqlite3.Connection, where: str, values: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Yield spans of time with some :data:`PORTION` jobs each, by the index of times alone."""
    first, last = connection.execute(
        f"SELECT MIN(created_us), MAX(created_us) FROM jobs{where}",  # noqa: S608 - the caller's filter
        values,
    ).fetchone()
    following = "SELECT created_us FROM jobs WHERE created_us > ? ORDER BY created_us LIMIT 1 OFFSET ?"
    while first is not None:
        row = connection.execute(following, (first, PORTION)).fetchone()
        end = last + 1 if row is None or row[0] > last else row[0]
        yield first, end
        first = end if end <= last else None


def _told(sql: str, how: str) -> str:
    # Nothing between two commas is NULL; a text, also an empty one, is in quotes.
    return f"'\"' || replace({sql}, '\"', '\"\"') || '\"'" if how == "text" else sql


def _read(text: str, hows: Sequence[str]) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    names = [str(number) for number in range(len(hows))]
    types = {"int": pa.int64(), "real": pa.float64()}
    kinds = [types.get(how, pa.string()) for how in hows]
    if not text:
        return pa.table([pa.array([], kind) for kind in kinds], names=names)
    data = text.encode("utf-8", "replace")
    return csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            column_types=dict(zip(names, kinds, strict=True)),
        ),
    )


def column(dtype: str, cells: Any) -> pd.Series[Any]:
    """Return an Arrow array as a column of the frame."""
    import pandas as pd
    import pyarrow as pa

    if dtype == "time":
        found: pd.Series[Any] = cells.cast(pa.timestamp("us", tz="UTC")).to_pandas()
        return found.astype("datetime64[us, UTC]")
    if dtype in SCALES:
        return pd.Series(cells.to_numpy() / SCALES[dtype], dtype="float64")
    if dtype in ("bool", "float64"):
        return pd.Series(cells.to_numpy(), dtype=dtype)
    mapper = {pa.string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype()}.get
    series: pd.Series[Any] = cells.to_pandas(types_mapper=mapper)
    return series
