"""The grid of a sweep: which axis goes where, and what the card says."""

from __future__ import annotations

from collections.abc import Sequence

from minimax_nb.ledger.record import JobState
from minimax_nb.render import html, text
from minimax_nb.render.grid import is_sweep, tables
from minimax_nb.render.view import JobView


def views(*places: dict[str, str], batch: str | None = "s-1") -> list[JobView]:
    return [
        JobView(
            id=f"job{number}",
            kind="image",
            provider="minimax",
            model=place.get("model", "image-01"),
            state=JobState.SUCCEEDED,
            stage="done",
            terminal=True,
            cost="$0.01 (sandbox)",
            sandbox=True,
            prompt="A fox",
            batch=batch,
            axes=tuple(place.items()),
        )
        for number, place in enumerate(places)
    ]


def product(**axes: Sequence[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for name, values in axes.items():
        found = [{**place, name: value} for place in found for value in values]
    return found


def test_only_several_jobs_of_one_sweep_are_a_grid() -> None:
    assert is_sweep(views({"seed": "1"}, {"seed": "2"}))
    assert not is_sweep(views({"seed": "1"}))
    assert not is_sweep(views({"seed": "1"}, {"seed": "2"}, batch=None))
    assert not is_sweep(views({"seed": "1"}) + views({"seed": "2"}, batch="s-2"))
    assert not is_sweep([])


def test_two_axes_are_rows_and_columns() -> None:
    (table,) = tables(views(*product(model=["a", "b"], seed=["1", "2", "3"])))
    assert (table.down, table.across, table.columns) == ("model", "seed", ("1", "2", "3"))
    assert [line.label for line in table.lines] == ["a", "b"]
    assert [[view.id for view in line.cells if view] for line in table.lines] == [
        ["job0", "job1", "job2"], ["job3", "job4", "job5"],
    ]  # fmt: skip


def test_a_long_axis_goes_down_the_page() -> None:
    (table,) = tables(views(*product(model=["a", "b"], seed=list("1234567"))))
    assert (table.down, table.across, table.columns) == ("seed", "model", ("a", "b"))


def test_one_axis_stands_side_by_side_and_what_is_fixed_is_no_axis() -> None:
    (table,) = tables(views(*product(model=["a"], seed=["1", "2"])))
    assert table.columns == ()
    assert [line.label for line in table.lines] == ["1", "2"]


def test_three_axes_are_a_table_a_value_of_the_first() -> None:
    found = tables(views(*product(provider=["x", "y"], model=["a", "b"], seed=["1", "2"])))
    assert [table.heading for table in found] == ["provider x", "provider y"]
    assert all(len(table.lines) == 2 and table.columns == ("1", "2") for table in found)


def test_columns_of_a_row_are_one_axis() -> None:
    rows = [{"who": "Anna", "voice": "v1"}, {"who": "Ben", "voice": "v2"}, {"who": "Cid", "voice": "v1"}]
    (table,) = tables(views(*({**row, "speed": speed} for row in rows for speed in ("0.8", "1.2"))))
    assert [line.label for line in table.lines] == ["Anna · v1", "Ben · v2", "Cid · v1"]
    assert table.columns == ("0.8", "1.2")


def test_a_gap_is_shown_where_a_job_is_missing() -> None:
    (table,) = tables(views(*product(model=["a", "b"], seed=["1", "2"])[:3]))
    assert table.lines[1].cells[1] is None


def test_jobs_that_are_alike_are_all_shown() -> None:
    (table,) = tables(views({"who": "Anna"}, {"who": "Anna"}, {"who": "Ben"}))
    assert len(table.lines) == 3
    assert table.columns == ()


def test_the_card_says_place_and_summary_and_is_the_same_each_time() -> None:
    shown = views(*product(model=["a", "b"], seed=["1", "<b>"]))
    page = html.card(shown, static=True)
    assert page == html.card(shown, static=True)
    assert "4 of 4 done" in page
    assert "model ↓" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert not [word for word in ("<script", "<style", "<svg", "var(") if word in page]
    assert "job0" not in page
    lines = text.card_text(shown, static=True).splitlines()
    assert lines[0].startswith("4 of 4 done")
    assert lines[1] == "model=a, seed=1 · image · $0.01 (sandbox)"
    assert "model=a, seed=1" in html.board(shown)
