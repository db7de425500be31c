from __future__ import annotations

import pytest

from minimax_nb.render import format as fmt


@pytest.mark.parametrize(
    ("amounts", "text"),
    [
        ([], ""),
        ([(140_000_000, "USD"), (140_000_000, "USD")], "$0.28"),
        ([(280_000_000, "USD"), (2_000_000_000, "CNY")], "$0.28 + ¥2.00"),
        ([(0, "USD"), (2_000_000_000, "CNY")], "¥2.00"),
        ([(0, "USD"), (0, "USD")], "$0.00"),
        ([(280_000_000, "USD"), (None, "USD")], "$0.28 + 1 unpriced"),
        ([(None, "USD"), (None, "USD")], "no price known"),
    ],
)
def test_total_never_counts_an_unknown_price_as_nothing(
    amounts: list[tuple[int | None, str]], text: str
) -> None:
    assert fmt.total(amounts) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (1000, "1 kB"),
        (41_300, "41 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_240_000, "1.2 MB"),
        (12_400_000, "12 MB"),
        (3_000_000_000, "3.0 GB"),
        (None, ""),
        (-1, ""),
    ],
)
def test_size(count: int | None, text: str) -> None:
    assert fmt.size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6, "6 s"),
        (5.88, "5.9 s"),
        (0.04, "0 s"),
        (9.96, "10 s"),
        (12.4, "12 s"),
        (60, "1 min"),
        (72, "1 min 12 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (400_000, "4 days"),
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (-1, ""),
    ],
)
def test_seconds(value: float | None, text: str) -> None:
    assert fmt.seconds(value) == text


def test_elapsed_changes_once_a_second() -> None:
    assert {fmt.elapsed(34 + part / 10) for part in range(10)} == {"34 s"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "any moment"),
        (-3, "any moment"),
        (7.4, "about 7 s left"),
        (41, "about 40 s left"),
        (58, "about 1 min left"),
        (130, "about 2 min 10 s left"),
        (2000, "about 33 min left"),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_left_is_coarse(value: float | None, text: str) -> None:
    assert fmt.left(value) == text


def test_sizes_and_rates() -> None:
    assert fmt.pixels(1280, 720) == "1280 × 720 px"
    assert fmt.pixels(None, 720) == ""
    assert fmt.hertz(32000) == "32 kHz"
    assert fmt.hertz(44100) == "44.1 kHz"
    assert fmt.bits(128000) == "128 kbit/s"
    assert fmt.frames(24.0) == "24 fps"
    assert fmt.frames(30000 / 1001) == "29.97 fps"
    assert fmt.hertz(None) == fmt.bits(0) == fmt.frames(float("inf")) == ""


def test_clean_disarms_terminals_and_lone_surrogates() -> None:
    assert fmt.clean("a\x1b[2Jb\x00c\td\ne\r\nf\rg\x9b") == "a�[2Jb�c\td\ne\nf\ng�"
    assert fmt.clean("fox \ud83e") == "fox �"


def test_clean_keeps_all_writing() -> None:
    text = "温暖 שלום नमस्ते 🦊 — “quotes” <b>&amp;"
    assert fmt.clean(text) == text


def test_shorten() -> None:
    assert fmt.shorten("a  b\n c", 10) == "a b c"
    assert fmt.shorten("abcdefghij", 5) == "abcd…"
