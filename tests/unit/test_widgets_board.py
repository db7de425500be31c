from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipywidgets.widgets import widget as widget_module
from traitlets.config import Config

from minimax_nb.ledger.record import JobState
from minimax_nb.render import controls
from minimax_nb.render.bundle import board_bundle, card_bundle
from minimax_nb.render.surface import choose
from minimax_nb.widgets.board import WidgetSurface, close_tree
from tests.unit.render_samples import running_view, sample_view
from tests.unit.test_render_surface import Seconds, at

VIEW_MIME = "application/vnd.jupyter.widget-view+json"


def alive() -> int:
    return len(widget_module._instances)


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture(scope="module", autouse=True)
def shell() -> Iterator[InteractiveShell]:
    fresh = not InteractiveShell.initialized()
    config = Config()
    config.HistoryManager.enabled = False
    yield InteractiveShell.instance(config=config)
    if fresh:
        InteractiveShell.clear_instance()


@pytest.fixture
def surface(clock: Seconds) -> Iterator[WidgetSurface]:
    before = alive()
    made = WidgetSurface(clock)
    yield made
    made.finish([sample_view()])
    assert alive() == before


def widgets_of(surface: WidgetSurface) -> tuple[Any, Any, Any]:
    rows, buttons, _ = surface._box.children
    texts = rows.children[0]
    return texts, *buttons.children


def test_nothing_is_left_after_the_end(clock: Seconds) -> None:
    before = alive()
    surface = WidgetSurface(clock)
    with capture_output() as captured:
        surface.show(at(1))
        assert alive() > before
        surface.finish([sample_view()])
    assert alive() == before
    first, last = captured.outputs
    assert first.transient["display_id"] == last.transient["display_id"]
    assert set(first.data) == {VIEW_MIME, "text/html", "text/plain"}
    assert first.data["text/html"] == board_bundle(at(1))["text/html"]
    assert first.data["text/plain"] == board_bundle(at(1))["text/plain"]
    assert last.update
    assert last.data == card_bundle([sample_view()])


def test_updates_go_to_the_widget_alone(surface: WidgetSurface, clock: Seconds) -> None:
    with capture_output() as captured:
        surface.show(at(1))
        clock.now += 1
        surface.show(at(2))
    assert len(captured.outputs) == 1
    assert widgets_of(surface)[0].value == controls.job_rows(at(2))[0]


def test_updates_wait_their_time(surface: WidgetSurface, clock: Seconds) -> None:
    with capture_output():
        surface.show(at(1))
        clock.now += 0.1
        surface.show(at(2))
    assert widgets_of(surface)[0].value == controls.job_rows(at(1))[0]


def test_buttons_only_set_flags(surface: WidgetSurface, clock: Seconds) -> None:
    with capture_output() as captured:
        surface.show(at(1))
        rows, cancel, detach = widgets_of(surface)
        assert (cancel.description, detach.description) == ("Cancel", "Detach")
        cancel.click()
        assert surface.cancel_requested.is_set()
        assert not surface.detach_requested.is_set()
        detach.click()
        assert surface.detach_requested.is_set()
        assert rows.value == controls.job_rows(at(1))[0]
        clock.now += 1
        surface.show(at(1))
        assert cancel.disabled
        assert detach.disabled
    assert len(captured.outputs) == 1
    assert captured.stdout == captured.stderr == ""


def test_a_thread_updates_and_finishes_and_never_displays(clock: Seconds) -> None:
    before = alive()
    surface = WidgetSurface(clock)

    def run(*steps: Any) -> None:
        thread = threading.Thread(target=lambda: [step() for step in steps])
        thread.start()
        thread.join()

    with capture_output() as captured:
        run(lambda: surface.show(at(1)))
        assert captured.outputs == []
        clock.now += 1
        surface.show(at(2))
        clock.now += 1
        run(lambda: surface.show(at(3)), lambda: surface.finish([sample_view()]))
    assert [bool(output.update) for output in captured.outputs] == [False, True]
    assert alive() == before


def test_the_end_without_a_beginning_is_one_display(clock: Seconds) -> None:
    surface = WidgetSurface(clock)
    with capture_output() as captured:
        surface.finish([sample_view()])
        clock.now += 9
        surface.show(at(1))
    assert [output.data for output in captured.outputs] == [card_bundle([sample_view()])]


def test_hundreds_of_jobs_need_no_more_widgets_than_a_dozen(clock: Seconds) -> None:
    before = alive()
    surface = WidgetSurface(clock)
    with capture_output():
        surface.show([running_view(id=str(number)) for number in range(300)])
        assert alive() - before < 100
        surface.finish([])
    assert alive() == before


def buttons_of(surface: WidgetSurface, job_id: str) -> Any:
    return surface._rows._buttons[job_id].children


def test_a_jobs_own_buttons(surface: WidgetSurface, clock: Seconds) -> None:
    waiting = running_view(id="one", state=JobState.NEW, stage="waiting")
    views = [waiting, running_view(id="two", state=JobState.NEW, stage="waiting"), running_view(id="three")]
    with capture_output() as captured:
        surface.show(views)
        assert [buttons_of(surface, name)[1].disabled for name in ("one", "two", "three")] == [
            False,
            False,
            True,
        ]
        buttons_of(surface, "two")[1].click()
        assert surface.to_cancel(["one", "two", "three"]) == {"two"}
        assert surface.to_cancel(["one", "two", "three"]) == set()
        surface.cancel_requested.set()
        assert surface.to_cancel(["one", "two", "three"]) == {"one", "three"}
        clock.now += 1
        # Another job in front moves the rows; the button still belongs to its job.
        kept = buttons_of(surface, "one")
        surface.show([running_view(id="zero"), *views])
        assert buttons_of(surface, "one") is kept
        buttons_of(surface, "one")[0].click()
        [shown] = surface._shown.outputs
        assert shown["data"] == card_bundle([waiting])
    assert len(captured.outputs) == 1


def test_close_tree_closes_children_layouts_and_styles() -> None:
    before = alive()
    inner = ipywidgets.HBox([ipywidgets.Button(), ipywidgets.IntSlider(), ipywidgets.HTML("x")])
    box = ipywidgets.VBox([inner, ipywidgets.Accordion([ipywidgets.Text()])])
    made = alive() - before
    assert close_tree(box) == made
    assert alive() == before


def test_close_tree_ends_on_a_ring() -> None:
    before = alive()
    box = ipywidgets.VBox()
    box.children = (ipywidgets.HBox([box]),)
    close_tree(box)
    assert alive() == before


def test_choose_takes_the_widget_surface() -> None:
    class Kernel:
        kernel = object()

    assert isinstance(choose("widget", Kernel(), widget=WidgetSurface, environ={}), WidgetSurface)
