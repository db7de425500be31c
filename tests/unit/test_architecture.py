"""The house keeps its floors: imports run downward only, one module does the HTTP, files stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "minimax_nb"

#: Floors from the ground up. A module may import from its own floor's room or from any lower floor.
FLOORS = [
    {"_version", "errors", "wire", "amounts", "rating"},
    {"settings", "saving", "files", "interpolate", "http", "sockets", "download"},
    {"catalog"},
    {"kinds"},
    {"providers", "ledger", "media"},
    {"webhooks", "measures"},
    {"engine"},
    {"render"},
    {"exchange"},
    {"lab"},
    {"doctor"},
    {"magics", "widgets", "quickstart", "cli"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
#: Rooms beside each other that may see each other.
SAME_FLOOR = {
    ("http", "settings"),
    ("settings", "saving"),
    ("saving", "files"),
    ("sockets", "http"),
    ("sockets", "settings"),
    ("download", "http"),
    ("download", "settings"),
    ("media", "ledger"),
    ("magics", "widgets"),
    ("cli", "quickstart"),
    ("cli", "magics"),
}
#: What looks upwards on purpose, in a function and never at import, and why.
EXCEPTIONS = {
    ("settings", "catalog"): "the nearest name for an unknown setting",
    ("media", "render"): "a file shows itself when a front end asks for it",
    ("lab", "widgets"): "lab.panel() and lab.board() are asked of the lab",
}
SANDBOX_MAY = {"catalog", "errors", "_version", "sandbox", "settings"}


def modules() -> Iterator[tuple[Path, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield path, parts[0]


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
            if node.module == "minimax_nb":
                names = [f"minimax_nb.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("minimax_nb.")}
    return found


@pytest.mark.parametrize(
    ("path", "room"), [pytest.param(*item, id=str(item[0].relative_to(PACKAGE))) for item in modules()]
)
def test_imports_run_downward(path: Path, room: str) -> None:
    if room == "__init__":
        return  # the lazy door names every room and imports none
    for other in imported_rooms(path):
        if room == "sandbox":
            assert other in SANDBOX_MAY, f"the sandbox must not know {other}"
        elif other == "sandbox":
            allowed = room == "cli" or path.name == "connect.py"
            assert allowed, f"{room} must not know the sandbox"
        elif other != room and (room, other) not in EXCEPTIONS:
            beside = LEVEL[other] == LEVEL[room] and (room, other) in SAME_FLOOR
            assert LEVEL[other] < LEVEL[room] or beside, f"{room} looks up at {other}"


def test_every_room_has_a_floor() -> None:
    rooms = {room for _, room in modules()} - {"__init__", "sandbox"}
    assert rooms == set(LEVEL)


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("httpx", {"http.py", "download.py"}),
        ("websockets", {"sockets.py", "sandbox"}),
        ("ipywidgets", {"widgets"}),
        ("jinja2", {"render"}),
        ("sqlite3", {"ledger"}),
    ],
)
def test_one_home_a_library(library: str, homes: set[str]) -> None:
    users = set()
    for path, _ in modules():
        tree = ast.walk(ast.parse(path.read_text("utf-8")))
        names = [
            name
            for node in tree
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        ]
        if any(name.split(".")[0] == library for name in names):
            users.add(path.relative_to(PACKAGE).parts[0])
    assert users <= homes


def test_files_stay_small() -> None:
    sizes = {
        str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines()) for path, _ in modules()
    }
    assert {name: size for name, size in sizes.items() if size > 400} == {}
