from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output
from traitlets.config import Config

from minimax_nb.render.bundle import board_bundle, card_bundle
from minimax_nb.render.surface import (
    HtmlSurface,
    StaticSurface,
    Surface,
    TextSurface,
    Throttle,
    choose,
)
from minimax_nb.render.view import JobView
from tests.unit.render_samples import running_view, sample_view


class Seconds:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    fresh = not InteractiveShell.initialized()
    config = Config()
    config.HistoryManager.enabled = False
    yield InteractiveShell.instance(config=config)
    if fresh:
        InteractiveShell.clear_instance()


def at(elapsed: float) -> list[JobView]:
    return [running_view(elapsed_s=elapsed)]


def in_thread(work: Callable[[], Any]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def displays(captured: CapturedIO) -> list[tuple[bool, str]]:
    return [(bool(output.update), output.data["text/plain"]) for output in captured.outputs]


def painted(clock: Seconds, steps: list[float]) -> list[float]:
    throttle = Throttle(clock)
    start = clock.now
    times = []
    for step in steps:
        clock.now = start + step
        if throttle.ready():
            times.append(step)
    return times


def test_throttle_paints_four_times_a_second(clock: Seconds) -> None:
    times = painted(clock, [number / 16 for number in range(33)])
    assert times == [0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0]


def test_throttle_paints_once_a_second_after_a_minute(clock: Seconds) -> None:
    times = painted(clock, [0, *[59 + number / 4 for number in range(17)]])
    assert times == [0, 59, 59.25, 59.5, 59.75, 60.75, 61.75, 62.75]


def test_html_surface_has_one_display(shell: InteractiveShell, clock: Seconds) -> None:
    surface = HtmlSurface(clock)
    with capture_output() as captured:
        surface.show(at(1))
        clock.now += 1
        surface.show(at(2))
        surface.finish([sample_view()])
    assert displays(captured) == [
        (False, board_bundle(at(1))["text/plain"]),
        (True, board_bundle(at(2))["text/plain"]),
        (True, card_bundle([sample_view()])["text/plain"]),
    ]
    assert len({output.transient["display_id"] for output in captured.outputs}) == 1
    assert captured.outputs[-1].data == card_bundle([sample_view()])
    assert captured.stdout == captured.stderr == ""


def test_html_surface_waits_its_time(shell: InteractiveShell, clock: Seconds) -> None:
    surface = HtmlSurface(clock)
    with capture_output() as captured:
        for number in range(17):
            surface.show(at(number))
            clock.now += 1 / 16
    assert len(captured.outputs) == 5


def test_html_surface_paints_only_what_changed(shell: InteractiveShell, clock: Seconds) -> None:
    surface = HtmlSurface(clock)
    with capture_output() as captured:
        for number in range(8):
            surface.show(at(3 + number / 10))  # the same second
            clock.now += 1
        surface.show(at(4))
    assert len(captured.outputs) == 2


def test_finish_is_always_painted_and_last(shell: InteractiveShell, clock: Seconds) -> None:
    surface = HtmlSurface(clock)
    with capture_output() as captured:
        surface.finish([sample_view()])  # no time has passed, nothing was shown before
        surface.finish([sample_view()])
        clock.now += 5
        surface.show(at(9))
    assert [update for update, _ in displays(captured)] == [False, True]


def test_an_interrupt_just_after_the_first_display_leaves_one_card(
    shell: InteractiveShell, clock: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    surface = HtmlSurface(clock)
    with capture_output() as captured:
        publish = shell.display_pub.publish

        def interrupted(*given: Any, **named: Any) -> None:
            publish(*given, **named)
            raise KeyboardInterrupt

        monkeypatch.setattr(shell.display_pub, "publish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            surface.show(at(1))
        monkeypatch.setattr(shell.display_pub, "publish", publish)
        surface.finish([sample_view()])
    assert [update for update, _ in displays(captured)] == [False, True]
    assert len({output.transient["display_id"] for output in captured.outputs}) == 1


def test_a_thread_updates_the_display_and_never_makes_one(shell: InteractiveShell, clock: Seconds) -> None:
    surface = HtmlSurface(clock)
    with capture_output() as captured:
        in_thread(lambda: surface.show(at(1)))
        assert captured.outputs == []
        clock.now += 1
        surface.show(at(2))
        clock.now += 1
        in_thread(lambda: surface.show(at(3)))
        in_thread(lambda: surface.finish([sample_view()]))
    assert [update for update, _ in displays(captured)] == [False, True, True]
    assert captured.outputs[-1].data == card_bundle([sample_view()])
    assert captured.stdout == captured.stderr == ""


def test_static_surface_displays_once_and_the_same(shell: InteractiveShell) -> None:
    runs = []
    for seconds in (12.3, 45.6):
        surface = StaticSurface()
        with capture_output() as captured:
            surface.show(at(1))
            surface.finish([sample_view(id=str(seconds), elapsed_s=seconds)])
            surface.finish([sample_view()])
        assert len(captured.outputs) == 1
        assert captured.outputs[0].transient is None or "display_id" not in captured.outputs[0].transient
        assert captured.stdout == ""
        runs.append(captured.outputs[0].data)
    assert runs[0] == runs[1]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_text_surface_rewrites_one_line(clock: Seconds) -> None:
    stream = Terminal()
    surface = TextSurface(stream, clock=clock)
    surface.show(at(100))
    clock.now += 1
    surface.show([running_view(elapsed_s=101, eta_s=None)])
    clock.now += 1
    surface.show([running_view(elapsed_s=101, eta_s=None)])
    first, second, *rest = stream.getvalue().split("\r")[1:]
    assert first == "video MiniMax-Hailuo-2.3: running · 1 min 40 s · about 40 s left · $0.28"
    assert second == "video MiniMax-Hailuo-2.3: running · 1 min 41 s · $0.28".ljust(len(first))
    assert rest == []
    surface.finish([sample_view()])
    surface.show(at(200))
    assert stream.getvalue().endswith("\r" + card_bundle([sample_view()])["text/plain"] + "\n")


def test_text_surface_shows_many_jobs_in_one_line(clock: Seconds) -> None:
    stream = Terminal()
    TextSurface(stream, clock=clock).show([running_view(), sample_view()])
    assert stream.getvalue() == "\r1 of 2 done · 34 s · $0.0035 of $0.2835"


@pytest.mark.parametrize(("stream", "static"), [(io.StringIO(), False), (Terminal(), True)])
def test_text_surface_writes_only_the_end_without_a_terminal(stream: io.StringIO, static: bool) -> None:
    surface = TextSurface(stream, static=static)
    surface.show(at(1))
    assert stream.getvalue() == ""
    surface.finish([sample_view()])
    assert stream.getvalue() == card_bundle([sample_view()], static=static)["text/plain"] + "\n"


class Widget(HtmlSurface):
    """Stands for the board of widgets."""


class Kernel:
    """A shell with a kernel behind it."""

    kernel = object()


@pytest.mark.parametrize(
    ("mode", "shell", "environ", "surface"),
    [
        ("auto", Kernel(), {}, HtmlSurface),
        ("html", Kernel(), {}, HtmlSurface),
        ("text", Kernel(), {}, TextSurface),
        ("off", Kernel(), {}, StaticSurface),
        ("widget", Kernel(), {}, Widget),
        ("auto", object(), {}, TextSurface),
        ("html", object(), {}, HtmlSurface),
        ("off", object(), {}, StaticSurface),
        ("auto", None, {}, TextSurface),
        ("off", None, {}, TextSurface),
        ("html", Kernel(), {"PYTEST_VERSION": "9"}, StaticSurface),
        ("widget", Kernel(), {"PYTEST_CURRENT_TEST": "x"}, StaticSurface),
        ("auto", None, {"PYTEST_VERSION": "9"}, TextSurface),
    ],
)
def test_choose(mode: str, shell: Any, environ: dict[str, str], surface: type[Surface]) -> None:
    assert type(choose(mode, shell, widget=Widget, environ=environ)) is surface


def test_widget_mode_without_widgets_is_html() -> None:
    assert isinstance(choose("widget", Kernel(), environ={}), HtmlSurface)


def test_under_pytest_the_environment_decides() -> None:
    assert isinstance(choose("auto", Kernel()), StaticSurface)
