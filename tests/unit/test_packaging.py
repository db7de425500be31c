"""What a stranger installs: the version, the entry points, the extras, and the public names."""

from __future__ import annotations

import importlib
import os
import re
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import minimax_nb

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_version_is_written_once() -> None:
    assert version("minimax-nb") == minimax_nb.__version__
    assert f"## {minimax_nb.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_public_names_resolve() -> None:
    for name in minimax_nb.__all__:
        assert getattr(minimax_nb, name) is not None
    assert set(minimax_nb.__all__) <= set(dir(minimax_nb))


def test_unknown_names_are_attribute_errors() -> None:
    assert not hasattr(minimax_nb, "no_such_name")


def test_providers_are_entry_points() -> None:
    found = {point.name: point.load() for point in entry_points(group="minimax_nb.providers")}
    assert {"minimax", "pixazo", "apixo"} <= set(found)
    assert all(cls.name == name for name, cls in found.items() if cls.__module__.startswith("minimax_nb."))


def test_the_command_is_an_entry_point() -> None:
    (point,) = [item for item in entry_points(group="console_scripts") if item.name == "minimax-nb"]
    assert point.load() is importlib.import_module("minimax_nb.cli").main


def test_gpl_parts_are_named_where_people_look() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.search(r"GPL", readme)
    assert "espeak-ng" in readme
    assert "x264" in readme


def test_nothing_points_outside_the_project() -> None:
    """No path of the machine it was made on and no neighbour folder, in any tracked text file."""
    pattern = re.compile(r"(/home/|/root/|/Users/|\.\./\.\./)[\w.-]+")
    elsewhere = (".", "build", "dist", "tests")  # environments are being made there while this runs
    for folder, folders, names in os.walk(ROOT):
        if Path(folder) == ROOT:
            folders[:] = [name for name in folders if not name.startswith(elsewhere)]
        for path in (Path(folder, name) for name in names):
            if path.suffix in {".py", ".md", ".toml", ".sh", ".ipynb"}:
                found = pattern.search(path.read_text("utf-8", errors="ignore"))
                assert not found, f"{path}: {found and found.group()}"
