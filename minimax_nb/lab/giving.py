"""Jobs into files: which jobs are meant, and which form the file's name asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.catalog import nearest
from minimax_nb.errors import RequestInvalidError
from minimax_nb.files import whole_file
from minimax_nb.lab.subjects import records_of
from minimax_nb.ledger.measures import means

if TYPE_CHECKING:
    from minimax_nb.exchange.mlflow import Logged
    from minimax_nb.lab.lab import Lab

_FORMS = (".zip", ".html", ".csv", ".parquet")


def export(
    lab: Lab,
    target: Path,
    what: Any,
    files: Sequence[Path],
    question: str | None = None,
    rating: str | None = None,
) -> str:
    """Write jobs to ``target``; see :meth:`minimax_nb.Lab.export`."""
    target, form = target.expanduser(), target.suffix.lower()
    if form not in _FORMS:
        raise RequestInvalidError(
            f"{target.name} ends in {form or 'nothing'}; allowed: {', '.join(_FORMS)}{nearest(form, _FORMS)}"
        )
    if files and form != ".zip":
        raise RequestInvalidError(f"only a .zip takes other files along; {target.name} does not")
    if (question or rating) and form != ".html":
        raise RequestInvalidError(f"only a .html page has a question and a rating; {target.name} does not")
    for file in files:
        if not file.is_file():
            raise RequestInvalidError(f"there is no file {file} to put into {target.name}")
    try:
        if form == ".html":
            from minimax_nb.lab.reporting import report

            return report(
                lab, target, _of_project(lab) if what is None else records_of(lab, what), question, rating
            )
        return _bundle(lab, target, what, files) if form == ".zip" else _table(lab, target, what)
    except OSError as error:
        raise RequestInvalidError(f"cannot write {target}: {error.strerror or error}") from error


def to_mlflow(lab: Lab, what: Any, experiment: str | None, uri: str | None) -> Logged:
    """Log jobs as MLflow runs; see :meth:`minimax_nb.Lab.to_mlflow`."""
    from minimax_nb.exchange.mlflow import log_runs

    records = _of_project(lab) if what is None else records_of(lab, what)
    numbers = means(lab.ledger.measures([record.id for record in records]))
    return log_runs(records, lab.media_of, numbers, experiment=experiment or lab.project, uri=uri)


def _bundle(lab: Lab, target: Path, what: Any, files: Sequence[Path]) -> str:
    from minimax_nb.exchange.bundle import pack

    records = _of_project(lab) if what is None else records_of(lab, what)
    return str(pack(lab.ledger, lab.store, records, target, files))


def _of_project(lab: Lab) -> list[Any]:
    return records_of(lab, lab.ledger.frame(["job"], project=lab.project))


def _table(lab: Lab, target: Path, what: Any) -> str:
    frame = lab.ledger.frame("full", project=lab.project if what is None else None)
    if what is not None:
        frame = frame[frame["job"].isin([record.id for record in records_of(lab, what)])]
    if frame.empty:
        raise RequestInvalidError("there is no job to write")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with whole_file(target) as draft:
            if target.suffix.lower() == ".csv":
                frame.to_csv(draft, index=False)
            else:
                frame.to_parquet(draft, index=False)
    except ImportError:
        raise RequestInvalidError("a .parquet file needs pyarrow: pip install pyarrow") from None
    return f"{target}: {count(len(frame), 'job')}, {len(frame.columns)} columns"
