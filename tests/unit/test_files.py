"""A file is whole under its name, or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from minimax_nb.files import whole_file


def write_half(draft: Path) -> None:
    draft.write_text("half")
    raise OSError("disk full")


def test_it_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with whole_file(target) as draft:
        draft.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_what_was_there_outlives_a_failure(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(OSError, match="disk full"), whole_file(target) as draft:
        write_half(draft)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_is_left_where_it_cannot_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError), whole_file(tmp_path / "folder") as draft:
        draft.write_text("x")
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]
