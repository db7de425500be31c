"""The pages that follow from the code are current, and what they say is there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from minimax_nb.kinds import KIND_NAMES
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.providers import provider

pytest.importorskip("starlette")


def script() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "scripts" / "docs.py"
    spec = importlib.util.spec_from_file_location("docs_script", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


docs = script()
ROWS = docs.rows()


def test_the_table_of_operations_is_current() -> None:
    assert docs.PAGE.read_text("utf-8") == docs.page(ROWS), "run: python scripts/docs.py"


def test_the_page_of_the_command_line_is_current() -> None:
    assert docs.CLI_PAGE.read_text("utf-8") == docs.cli_page(), "run: python scripts/docs.py"


def test_every_operation_is_listed_answered_and_tested() -> None:
    assert docs.problems(ROWS) == []


def test_what_a_user_types_exists() -> None:
    for row in ROWS:
        if row.magic.startswith("%"):
            word = row.magic.split()[1]
            assert word in (*KIND_NAMES, *COMMANDS), row


def test_every_kind_of_every_provider_is_listed() -> None:
    for name in ("minimax", "pixazo", "apixo"):
        said = " ".join(row.magic for row in ROWS if row.provider == name)
        missing = [kind for kind in provider(name).kinds if not re.search(rf"%minimax {kind}\b", said)]
        assert missing == [], name


def test_a_row_without_its_test_or_its_route_is_found() -> None:
    good = ROWS[0]
    lost = [
        docs.Row("minimax", "x", "POST /v1/nothing", "", "", good.test),
        docs.Row(
            good.provider, "x", good.call, good.magic, good.python, "tests/unit/test_docs.py::test_nothing"
        ),
    ]
    found = docs.problems([*ROWS, *lost])
    assert found == [
        "minimax POST /v1/nothing: the sandbox has no such operation",
        "minimax POST /v1/image_generation: no test tests/unit/test_docs.py::test_nothing",
        "minimax POST /v1/nothing: no way to ask for it",
    ]
