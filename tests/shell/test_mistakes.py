"""docs/mistakes.md is true: each mistake, run in a real shell, shows exactly what the page says.

MINIMAX_NB_WRITE=1 pytest tests/shell/test_mistakes.py      writes what is shown now into the page
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import minimax_nb.lab.lab
from minimax_nb import Lab
from minimax_nb.errors import MiniMaxError
from tests.shell.conftest import Notebook

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mistakes.md"
_BLOCK = r"(?:(?!```).)+?"
_MISTAKE = re.compile(
    rf"^## (?P<number>\d+)\. (?P<title>[^\n]+)\n\n(?:With\n\n```\n(?P<before>{_BLOCK})\n```\n\nthis\n\n)?"
    rf"```\n(?P<cell>{_BLOCK})\n```\n\nshows\n\n```text\n(?P<shown>{_BLOCK})\n```\n\n(?P<advice>\S[^\n]+)",
    re.MULTILINE | re.DOTALL,
)
MISTAKES = list(_MISTAKE.finditer(PAGE.read_text("utf-8")))
#: What is another one each time.
_CHANCE = (
    (r"(?<= in )/\S+/work\b", "the notebook's folder"),
    (r"\b01[0-9A-HJKMNP-TV-Z]{24}\b", "01…"),
    (r"trace id \w+", "trace id …"),
)


def lines(text: str) -> str:
    for pattern, word in _CHANCE:
        text = re.sub(pattern, word, text)
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))


def test_there_are_twenty_and_more_in_order() -> None:
    numbers = [int(item["number"]) for item in MISTAKES]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 20
    assert PAGE.read_text("utf-8").count("```text") == len(numbers)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda item: item["title"])
def test_a_mistake_shows_what_the_page_says(
    notebook: Notebook, lab: Lab, mistake: re.Match[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sandbox=off" in (mistake["before"] or ""):
        lab = Lab()  # the other one has the tests' sandbox as an argument, which wins over all settings
        monkeypatch.setattr(minimax_nb.lab.lab, "_current", lab)
    if mistake["before"]:
        assert notebook.run(mistake["before"]).error is None
    ran = notebook.run(mistake["cell"])
    shown = lines(ran.printed)
    if os.environ.get("MINIMAX_NB_WRITE"):
        text = PAGE.read_text("utf-8")
        PAGE.write_text(
            text.replace(mistake[0], mistake[0].replace(f"text\n{mistake['shown']}\n", f"text\n{shown}\n")),
            "utf-8",
        )
    else:
        assert shown == mistake["shown"]
    assert isinstance(ran.error, MiniMaxError)  # the cell has failed, with an error of ours
    assert 1 <= len(shown.split("\n")) <= 3
    assert "Traceback" not in shown
