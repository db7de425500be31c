"""Chat from a cell: the answer, threads, mistakes that send nothing, completion."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

from minimax_nb import Lab
from minimax_nb.kinds import to_command
from tests.engine.conftest import Control
from tests.shell.conftest import Notebook
from tests.unit.test_kinds_chat import BAD


@pytest.fixture
def control(sandbox: Any) -> Control:
    return Control(sandbox.url)


def test_a_cell_shows_the_answer_and_stores_it(notebook: Notebook, lab: Lab) -> None:
    ran = notebook.run("%%minimax chat poem <<\nWrite a haiku about rain")
    assert ran.error is None
    assert len(ran.outputs) == 1
    poem = notebook["poem"]
    (shown,) = ran.shown
    # Static, as under nbval: no ids, times, file names or counts.
    assert shown == (
        f"chat · MiniMax-M3 · minimax · ${poem.cost:f} (sandbox)\n  Markdown\n"
        f"  prompt: Write a haiku about rain\n\n{poem.text}"
    )
    assert "<br>" in ran.html
    assert "<summary" in ran.html
    assert poem.thinking in ran.html
    again = notebook.run("%%minimax chat\nSay: {poem}")
    assert again.error is None
    assert lab.last is not None
    assert lab.last.prompt == f"Say: {poem.text}"


def test_what_a_model_says_is_never_more_than_words(notebook: Notebook, lab: Lab) -> None:
    ran = notebook.run(
        "%%minimax chat --raw\nSay: <script>alert(1)</script> <img src=x onerror=alert(1)> **b**"
    )
    assert ran.error is None
    assert "<script" not in ran.html
    assert "<img" not in ran.html
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt; <strong>b</strong>"
        in ran.html
    )
    thread = notebook.run("%%minimax chat --thread t --raw\nSay: <script>alert(1)</script>")
    assert thread.error is None
    ran = notebook.run("%minimax thread t")
    assert "&lt;script&gt;" in ran.html
    assert "<script" not in ran.html


def test_a_thread_in_cells(notebook: Notebook, lab: Lab) -> None:
    assert notebook.run("%minimax thread").shown[0].startswith("No thread in ")
    notebook.run("%%minimax chat --thread trip --new-thread\nMy name is Ada.")
    ran = notebook.run("%%minimax chat answer << --thread trip\nWhat is my name?")
    assert notebook["answer"].text == "Your name is Ada."
    assert ran.error is None
    assert notebook.run("%minimax thread trip").shown == [
        (
            "thread trip · 2 turns · MiniMax-M3\n\n> My name is Ada.\n\nNice to meet you, Ada.\n\n"
            "> What is my name?\n\nYour name is Ada."
        )
    ]
    (table,) = notebook.run("%minimax thread").shown
    assert "trip" in table
    assert "What is my name?" in table
    (line,) = notebook.fails("%minimax thread tripp")
    assert line.endswith("has no thread 'tripp'; did you mean 'trip'?")
    notebook.run("%%minimax chat --thread trip --new-thread\nWhat is my name?")
    assert lab.last is not None
    assert lab.last.text == "You have not told me your name yet."


@pytest.mark.parametrize(
    "options", [options for options, _ in BAD if not any(isinstance(value, bytes | list) for value in options.values())]
)  # fmt: skip
def test_a_mistake_is_one_line_and_nothing_is_sent(
    notebook: Notebook, lab: Lab, control: Control, options: dict[str, Any]
) -> None:
    words = " ".join(
        f"--{name.replace('_', '-')}" + ("" if value is True else f" {value}")
        for name, value in options.items()
    )
    lines = notebook.fails(f"%%minimax chat {words}\nHello")
    assert len(lines) <= 3
    assert lines[0].split(":")[0] in ("RequestInvalid", "Grammar")
    assert control.requests() == []
    assert lab.jobs() == []


def test_a_price_before_it_is_paid(notebook: Notebook, lab: Lab, control: Control) -> None:
    (line,) = notebook.run("%minimax estimate chat --max-tokens 1000 Hello").shown
    assert line.startswith("at most $0.00128")
    assert "chat by MiniMax-M3 of minimax" in line
    ran = notebook.run("%%minimax chat --dry-run --api openai\nHello")
    assert "POST https://api.minimax.io/v1/chat/completions" in ran.shown[0]
    assert control.requests() == []


def test_a_result_gives_its_cell_back(notebook: Notebook, lab: Lab) -> None:
    notebook.run("%%minimax chat --thread t\nMy name is Ada.")
    notebook.run("%%minimax chat --thread t\nWhat is my name?")
    (record, _) = lab.ledger.jobs()
    from minimax_nb.lab.resume import request_of

    request = request_of(lab, record)
    assert request is not None
    cell = to_command(request)
    assert cell.endswith("\nWhat is my name?")
    assert "--thread t" in cell
    assert "--history" not in cell


def test_names_of_threads_are_completed(notebook: Notebook, lab: Lab) -> None:
    notebook.run("%%minimax chat --thread journey\nHello")
    for line in ("%minimax thread j", "%%minimax chat --thread j"):
        with provisionalcompleter():
            found = [item.text for item in notebook.shell.Completer.completions(line, len(line))]
        assert "journey" in found, line


def test_the_help_lists_its_options(notebook: Notebook) -> None:
    (text,) = notebook.run("%minimax help chat").shown
    assert "--thread" in text
    assert "--max-tokens" in text
    assert "--history" not in text
