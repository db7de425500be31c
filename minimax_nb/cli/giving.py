"""``minimax-nb export`` and ``import``: jobs into files that are of use elsewhere, and back."""

from __future__ import annotations

from typing import Any

from minimax_nb.cli.terminal import Terminal
from minimax_nb.errors import GrammarError
from minimax_nb.magics.commands import export as magic_export
from minimax_nb.magics.meant import objects, one_or_all


def export(terminal: Terminal, words: list[str], options: dict[str, Any]) -> None:
    """Write the named jobs, or all of the project, to a file or into MLflow."""
    if "mlflow" in options:
        _to_mlflow(terminal, words, options)
        return
    if not words:
        raise GrammarError(
            "export needs a file: minimax-nb export fox.zip (or .html, .csv, .parquet), or --mlflow URI"
        )
    if "experiment" in options:
        raise GrammarError("--experiment goes with --mlflow URI")
    ids = _of_group(terminal, words[1:], options)
    if terminal.is_data:
        terminal.put({"file": words[0], "says": _exported(terminal, [words[0], *ids], options)})
        return
    magic_export.run(terminal, [words[0], *ids], options)


def _exported(terminal: Terminal, words: list[str], options: dict[str, Any]) -> str:
    told: list[str] = []
    terminal.listener = told.append
    magic_export.run(terminal, words, options)
    return " ".join(told)


def _to_mlflow(terminal: Terminal, words: list[str], options: dict[str, Any]) -> None:
    for name in ("with", "question", "rating"):
        if name in options:
            raise GrammarError(f"--{name} is for a file; MLflow gets the jobs' own files")
    found = objects(terminal, _of_group(terminal, words, options))
    what = one_or_all(found) if found else None
    logged = terminal.lab.to_mlflow(what, experiment=options.get("experiment"), uri=options["mlflow"])
    terminal.show(str(logged))
    if terminal.is_data:
        terminal.put({"runs": logged.runs, "known": logged.known, "experiment": logged.experiment})


def _of_group(terminal: Terminal, words: list[str], options: dict[str, Any]) -> list[str]:
    """Return what the line names, a project or a sweep as the ids of its jobs; nothing: all of this project."""
    named = [name for name in ("project", "batch") if name in options]
    if len(named) + bool(words) > 1:
        raise GrammarError("name jobs, or --project, or --batch: one of them")
    if not named:
        return words
    value = options.pop(named[0])
    found = terminal.lab.ledger.jobs(limit=10**9, **{named[0]: value})
    if not found:
        raise GrammarError(f"--{named[0]} {value}: no job has it")
    return [record.id for record in found]


def take_in(terminal: Terminal, words: list[str], options: dict[str, Any]) -> None:
    """Take the jobs of a bundle into this ledger; they count into no cost here."""
    if not words:
        raise GrammarError("import needs a bundle: minimax-nb import fox.zip")
    found = terminal.lab.import_bundle(words[0], options.get("folder") or ".")
    terminal.show(str(found))
    if terminal.is_data:
        terminal.put(
            {"jobs": list(found.jobs), "known": found.known, "files": [str(path) for path in found.files]}
        )
