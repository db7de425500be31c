"""``%minimax bake``, ``link`` and ``sheet``, and the same from a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from minimax_nb import Lab
from tests.shell.conftest import Notebook

RELOAD = "If it is open in Jupyter, reload it there: File > Reload Notebook from Disk."


@pytest.fixture
def book(lab: Lab) -> Path:
    """A saved notebook with one player."""
    shown = lab.speech("Hello there")._repr_mimebundle_()
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", data=shown)])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), "book.ipynb")
    return Path("book.ipynb")


def test_bake_and_link_say_what_they_did(notebook: Notebook, book: Path) -> None:
    before = book.read_bytes()
    first, last = notebook.run("%minimax bake book.ipynb").shown[0].split("\n")
    assert first.startswith("book.ipynb: 1 file embedded; ")
    assert last == RELOAD
    assert notebook.run("%minimax bake book.ipynb").shown[0].startswith("book.ipynb: nothing to embed\n")
    assert (
        notebook.run("%minimax link book.ipynb --to out.ipynb")
        .shown[0]
        .startswith("out.ipynb: 1 file linked")
    )
    assert Path("out.ipynb").read_bytes() == before


def test_the_notebook_that_runs_here_is_copied(
    notebook: Notebook, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "somewhere/below/the/root/book.ipynb")
    before = book.read_bytes()
    assert notebook.run("%minimax bake").shown[0].startswith("book-baked.ipynb: 1 file embedded; ")
    assert book.read_bytes() == before
    assert notebook.fails("%minimax bake --to book.ipynb") == [
        "RequestInvalid: book.ipynb is this notebook, open here; name another file with --to"
    ]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("bake", "RequestInvalid: which notebook? Jupyter does not tell this kernel its name"),
        ("bake none.ipynb", "RequestInvalid: there is no notebook none.ipynb"),
        ("bake book.ipynb --max-mb 0", "RequestInvalid: --max-mb 0: above 0, at most 2000"),
        ("bake book.ipynb --max-mb lots", "Grammar: --max-mb lots: must be a number"),
        ("sheet", "RequestInvalid: there is no result yet"),
        ("sheet --columns 2.5", "Grammar: --columns 2.5: must be a whole number"),
        ("sheet --width 9", "RequestInvalid: there is no result yet"),
    ],
)
def test_mistakes(
    notebook: Notebook, lab: Lab, line: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert notebook.fails(f"%minimax {line}")[0] == shown


def test_a_sheet_of_what_was_made_last_and_of_names(notebook: Notebook, lab: Lab) -> None:
    notebook.run("%minimax image -o four -n 4 A fox")
    [last] = notebook.run("%minimax sheet").outputs
    assert last.data["text/plain"].startswith("contact sheet: 4 pictures, ")
    [named] = notebook.run("%minimax sheet four four --to fox.jpg --width 400").outputs
    assert named.data["text/plain"].startswith("contact sheet: 8 pictures, ")
    assert Path("fox.jpg").read_bytes().startswith(b"\xff\xd8")


def test_from_a_terminal(book: Path, home: Path) -> None:
    before = book.read_bytes()
    for command, words in (("bake", "1 file embedded"), ("link", "1 file linked")):
        ran = subprocess.run(
            [sys.executable, "-m", "minimax_nb", command, "book.ipynb"],
            capture_output=True, text=True, check=True, env={**os.environ},
        )  # fmt: skip
        assert words in ran.stdout
    assert book.read_bytes() == before
