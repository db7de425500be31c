"""Every mistake shows its own one to three lines, fails the cell, and shows no traceback."""

from __future__ import annotations

import pytest

from minimax_nb.errors import Detached, GrammarError, RequestInvalidError
from minimax_nb.magics.magic import _plain
from tests.shell.conftest import Notebook


def caret(line: str, at: str) -> list[str]:
    return [f"  {line}", "  " + " " * line.index(at) + "^"]


@pytest.mark.parametrize(
    ("cell", "message", "at"),
    [
        ("%minimax imgae a fox", "no kind or subcommand 'imgae'; did you mean 'image'?", "imgae"),
        ("%minimax job", "no kind or subcommand 'job'; did you mean 'jobs'?", "job"),
        (
            "%minimax xyzzy",
            "no kind or subcommand 'xyzzy'; %minimax help lists them",
            "xyzzy",
        ),
        (
            "%minimax --n 2 image",
            "the kind comes first: image, video, speech …; then the options",
            "--n",
        ),
        ("%minimax image --sede 7 a fox", "image has no option --sede; did you mean '--seed'?", "--sede"),
        (
            "%minimax image 'tis a fox",
            "the quote ' is never closed (write -- before a text to keep its quotes)",
            "'tis",
        ),
        ("%%minimax image --aspect-ratio\nA fox", "--aspect-ratio needs a value", ""),
        ("%%minimax image hero-1 <<\nA fox", "'hero-1' cannot be a variable's name", "hero-1"),
        (
            "%%minimax video --first-frame {hreo}\nA fox",
            "{hreo}: no variable 'hreo' in the notebook",
            "{hreo}",
        ),
        (
            "%minimax cost --by mnth",
            "--by mnth: allowed: provider, model, kind, day, month, project, notebook, tag",
            "mnth",
        ),
        ("%minimax jobs --all", "jobs has no option --all", "--all"),
        (
            "%%minimax jobs\nx",
            "jobs has no text below: write %minimax jobs with one %",
            "jobs",
        ),
    ],
)
def test_a_line_that_cannot_be_read(notebook: Notebook, cell: str, message: str, at: str) -> None:
    line = cell.split("\n")[0]
    shown = notebook.fails(cell)
    assert shown[0].startswith(f"Grammar: {message}")
    assert shown[1:] == caret(line, at) if at else len(shown) == 3


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("%%minimax image\n   \n", "Grammar: the cell is empty: write the prompt below %%minimax image"),
        (
            "%minimax image --n 2",
            "Grammar: no prompt: write it after the options, or below %%minimax image in a cell",
        ),
        (
            "%minimax speech",
            "Grammar: no text: write it after the options, or below %%minimax speech in a cell; or --text-file FILE",
        ),
        ("%minimax log many", "Grammar: log many: must be a whole number of jobs, at least 1"),
        ("%minimax jobs 5", "Grammar: usage: %minimax jobs [--unknown]"),
        ("%minimax help imag", "Grammar: no kind or subcommand 'imag'; did you mean 'image'?"),
        (
            "%%minimax image --strict\nA {nobody} at dawn",
            "Grammar: --strict: {nobody} is not filled: no variable 'nobody' in the notebook",
        ),
        (
            "%%minimax image\nA {pixels} at dawn",
            (
                "Grammar: {pixels} is media (bytes) and cannot be part of a text; "
                "give it as a whole value, such as --first-frame {pixels}"
            ),
        ),
    ],
)
def test_one_line_is_enough(notebook: Notebook, cell: str, line: str) -> None:
    notebook.shell.user_ns["pixels"] = b"\x89PNG"
    assert notebook.fails(cell) == [line]


def test_a_cell_without_kind(notebook: Notebook) -> None:
    assert notebook.fails("%%minimax\nA fox") == [
        "Grammar: say what to make: %%minimax image (%minimax help lists the kinds)"
    ]


def test_a_request_that_breaks_a_rule_names_the_option_and_the_rule(notebook: Notebook) -> None:
    shown = notebook.fails("%%minimax image --n 0 --seed lucky\nA fox")
    assert len(shown) == 1
    assert shown[0].startswith("RequestInvalid: ")
    assert "-n 0: " in shown[0]
    assert "--seed lucky: a whole number" in shown[0]


def test_a_failing_cell_leaves_the_names_alone(notebook: Notebook) -> None:
    notebook.shell.user_ns["hero"] = "mine"
    notebook.fails("%%minimax image hero << --n 0\nA fox")
    assert notebook["hero"] == "mine"


def test_the_error_reaches_python_as_itself(notebook: Notebook) -> None:
    ran = notebook.run("%minimax image --sede 7")
    assert isinstance(ran.error, GrammarError)
    assert ran.error.__context__ is None
    assert ran.error.__cause__ is None


def test_traceback_on_demand(notebook: Notebook) -> None:
    assert notebook.run("%minimax traceback").shown == ["No error since the extension was loaded."]
    notebook.fails("%minimax image --sede 7")
    [shown] = notebook.run("%minimax traceback").shown
    assert shown.startswith("Traceback (most recent call last):")
    assert 'minimax_nb/magics/grammar.py", line' in shown.replace("\\", "/")
    assert shown.endswith(
        "minimax_nb.errors.GrammarError: image has no option --sede; did you mean '--seed'?"
    )


def test_an_error_of_ours_keeps_its_traceback_in_python(notebook: Notebook) -> None:
    ran = notebook.run("from minimax_nb.kinds import build\nbuild('image', 'x', {'n': 0})")
    assert isinstance(ran.error, RequestInvalidError)
    assert "Traceback (most recent call last)" in ran.printed


def test_the_shown_copy_does_not_touch_the_error_it_copies() -> None:
    kept = RequestInvalidError(["one", "two"], hint="do it")
    shown = _plain(kept, "%minimax ")
    assert shown.lines() == shown._render_traceback_() == kept.lines()  # type: ignore[union-attr]
    assert not hasattr(kept, "_render_traceback_")


def test_an_interrupt_that_detaches_is_one_line(notebook: Notebook) -> None:
    shown = _plain(Detached("job 01 goes on"), "%minimax ")
    notebook.shell.user_ns["interrupt"] = shown
    ran = notebook.run("raise interrupt")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert ran.printed == "Detached: job 01 goes on\n"


def test_a_line_with_a_key_is_not_shown_again(notebook: Notebook) -> None:
    shown = notebook.fails("%minimax config minimax_api_key='sk-secret")
    assert shown == ["Grammar: the quote ' is never closed (write -- before a text to keep its quotes)"]
    assert "sk-secret" not in notebook.run("%minimax traceback").shown[0]


def test_the_hint_for_an_empty_cell_is_ipythons_own(notebook: Notebook) -> None:
    ran = notebook.run("%%minimax image")
    assert ran.error is not None
    assert "Did you mean the line magic %minimax (single %)?" in str(ran.error)
