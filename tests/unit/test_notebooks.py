"""The committed notebooks: run, small, and without what JupyterLab or a reader would stumble over."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
#: Of one notebook, in bytes: a page that a person opens over a slow line.
LARGEST = 600_000


def read(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_was_run_from_top_to_bottom(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    counts = [cell["execution_count"] for cell in read(path) if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_two_dollars_in_a_paragraph_would_be_mathematics(path: Path) -> None:
    for cell in read(path):
        if cell["cell_type"] == "markdown":
            plain = re.sub(r"`[^`]*`", "", cell["source"])
            assert all(block.count("$") < 2 for block in plain.split("\n\n")), cell["source"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_link_to_another_notebook_has_its_target(path: Path) -> None:
    for cell in read(path):
        for name in re.findall(r"\]\((\w+\.ipynb)\)", cell["source"]):
            assert (path.parent / name).exists(), name
