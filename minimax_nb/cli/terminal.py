"""A terminal in the place of a notebook: what the magic's subcommands show is printed."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from minimax_nb.errors import Detached, GrammarError, MiniMaxError
from minimax_nb.magics.context import Context

#: Lines of a notebook in what is told a person.
_MAGIC = re.compile(r"%%?minimax\b")
TRACEBACK = "MINIMAX_NB_TRACEBACK"


class Terminal(Context):
    """The shell's side of a command. There are no variables, and nothing is stored under a name.

    Parameters
    ----------
    form
        ``table``, ``csv`` or ``json``: how the answer is printed.
    rows
        What ``--each`` has read, by the name that stands for it on the line.

    Attributes
    ----------
    listener
        Gets what is shown, also where nothing is printed.
    """

    def __init__(self, form: str = "table", rows: Mapping[str, Any] | None = None) -> None:
        super().__init__(None)
        self.form = form
        self.rows = dict(rows or {})
        self.listener: Callable[[str], object] | None = None

    @property
    def is_data(self) -> bool:
        """True when a program reads the answer: then nothing but the answer is printed."""
        return self.form != "table"

    def arrive(self) -> None:
        """Adopt nothing: a command that only looks must not take jobs over and end at once."""

    def names(self) -> dict[str, Any]:
        """Return what a ``{name}`` may name: the rows of a file."""
        return dict(self.rows)

    def store(self, name: str, value: Any) -> None:
        """Store nothing."""

    def show(self, text: str, html: str | None = None) -> None:
        """Print a text."""
        if self.listener is not None:
            self.listener(text)
        if not self.is_data:
            print(in_shell(text))

    def table(
        self, title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
    ) -> None:
        """Print a table; on a terminal its widest column is cut so that a row stays on a line."""
        if self.is_data:
            return
        from minimax_nb.render.text import table_text

        print(table_text(in_shell(title), headers, rows, in_shell(note)))

    def put(self, answer: Any) -> None:
        """Print an answer as JSON, or a list of flat objects as CSV."""
        if self.form == "csv":
            _csv(answer if isinstance(answer, list) else [answer])
            return
        print(json.dumps(answer, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def in_shell(text: str) -> str:
    """Return what speaks of magics as a shell would have it."""
    return _MAGIC.sub("minimax-nb", text)


def remark(text: str) -> None:
    """Tell a person something beside the answer, on standard error."""
    print(in_shell(text), file=sys.stderr, flush=True)


def complain(error: MiniMaxError | Detached) -> None:
    """Print an error on standard error: one line; on a terminal also the place in the line."""
    lines = error.lines()
    caret: list[str] = []
    if isinstance(error, GrammarError) and error.position is not None and error.line:
        lines[1:3] = []
        if sys.stderr.isatty() and "\n" not in error.line and "api_key" not in error.line.lower():
            prefix = "minimax-nb "
            caret = [f"  {prefix}{error.line}", "  " + " " * (len(prefix) + error.position) + "^"]
    remark("\n".join([" · ".join(" ".join(line.split()) for line in lines), *caret]))
    if os.environ.get(TRACEBACK):
        import traceback

        traceback.print_exception(error)


def folder_of(given: str | None) -> Path | None:
    """Return the folder that ``--out`` names.

    Raises
    ------
    GrammarError
        It is a file, or is named like one.
    """
    if given is None:
        return None
    path = Path(given).expanduser()
    media = (".jpg", ".jpeg", ".png", ".mp3", ".wav", ".flac", ".mp4", ".txt", ".md")
    if path.is_file() or (path.suffix.lower() in media and not path.is_dir()):
        raise GrammarError(f"--out {given}: must be a folder; files get readable names there")
    return path.absolute()


def _csv(rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
