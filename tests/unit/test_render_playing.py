"""The player of a running stream: painted once, left alone while somebody listens, given up when nobody does."""

from __future__ import annotations

from dataclasses import replace

from minimax_nb.ledger.record import JobState
from minimax_nb.render.bundle import board_bundle, card_bundle
from minimax_nb.render.playing import COME, Playing
from minimax_nb.render.view import JobView

VIEW = JobView("01J", "speech", "minimax", "speech-2.8-hd", JobState.SUBMITTING, "speaking, 1.2 s so far")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Tape:
    """A sound whose listeners are what the test says."""

    def __init__(self, address: str | None = "http://127.0.0.1:1/t") -> None:
        self.at = address
        self.times: list[float | None] = [None]

    def address(self) -> str | None:
        return self.at

    def left(self) -> float | None:
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]


def test_the_player_comes_once_and_the_stage_stands_still() -> None:
    playing = Playing(Clock())
    assert list(playing.begin([VIEW])) == [VIEW]
    heard = replace(VIEW, sound=Tape())
    (shown,) = playing.begin([heard])
    assert (shown.listen, shown.stage) == ("http://127.0.0.1:1/t", "speaking")
    html = board_bundle([shown])["text/html"]
    assert '<audio src="http://127.0.0.1:1/t" controls autoplay' in html
    assert list(playing.begin([heard])) == [heard]


def test_no_player_for_several_jobs_or_without_a_server() -> None:
    playing = Playing(Clock())
    two = [replace(VIEW, sound=Tape()), VIEW]
    assert list(playing.begin(two)) == two
    mute = [replace(VIEW, sound=Tape(None))]
    assert list(playing.begin(mute)) == mute
    assert not playing.holds


def test_the_display_waits_for_a_listener_and_then_for_the_end() -> None:
    clock, tape = Clock(), Tape()
    playing = Playing(clock)
    playing.begin([replace(VIEW, sound=tape)])
    assert playing.holds
    clock.now += COME + 0.01
    assert not playing.holds
    tape.times = [3.0]
    assert playing.holds
    tape.times = [0.3, 0.2, 0.1, 0.0]
    playing.wait()
    assert tape.times == [0.0]


def test_nobody_waits_where_nobody_came() -> None:
    clock = Clock()
    playing = Playing(clock)
    playing.begin([replace(VIEW, sound=Tape())])
    clock.now += COME + 0.01
    playing.wait()
    Playing(clock).wait()


def test_the_card_keeps_no_player_of_this_moment() -> None:
    assert "127.0.0.1" not in card_bundle([replace(VIEW, sound=Tape())])["text/html"]
