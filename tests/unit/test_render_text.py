from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from minimax_nb.catalog import Quote
from minimax_nb.ledger.record import JobState
from minimax_nb.render import text
from minimax_nb.render.view import JobView
from tests.unit.render_samples import ID, running_view, sample_media, sample_view


@dataclass
class Described:
    """A request that was not sent, as the lab describes it."""

    provider: str = "minimax"
    method: str = "POST"
    url: str = "https://api.minimax.io/v1/image_generation"
    headers: dict[str, str] = field(default_factory=lambda: {"authorization": "•••"})
    body: dict[str, Any] = field(default_factory=lambda: {"model": "image-01", "prompt": "A red fox 狐"})
    uploads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    quote: Quote = field(
        default_factory=lambda: Quote(
            3_500_000,
            "USD",
            "image",
            1,
            None,
            1,
            "image-01",
            "minimax-2026-11",
            "the price page, 2026-11-12",
            "",
        )
    )


def test_a_finished_job() -> None:
    view = sample_view(
        warnings=("The voice is kept for 7 days.",), filled=("subject",), template="A {subject}"
    )
    assert text.card_text([view]).splitlines() == [
        f"image · image-01 · minimax · seed 7 · 12 s · $0.0035 · job {ID}",
        "  5.2 s · JPEG · 84 kB · media/fox.jpg",
        "  prompt: A red fox",
        "  filled: subject",
        "  note: The voice is kept for 7 days.",
    ]


def test_static_text_has_no_ids_times_sizes_or_files() -> None:
    assert text.card_text([sample_view()], static=True).splitlines() == [
        "image · image-01 · minimax · seed 7 · $0.0035",
        "  5.2 s · JPEG",
        "  prompt: A red fox",
    ]


def test_a_failed_job() -> None:
    view = sample_view(
        state=JobState.FAILED, stage="failed", media=(), cost="not charged",
        error=("input new_sensitive (1026)", "The prompt was refused.", "Change the prompt."),
    )  # fmt: skip
    assert text.card_text([view]).splitlines() == [
        f"image · failed · image-01 · minimax · seed 7 · 12 s · not charged · job {ID}",
        "  input new_sensitive (1026)",
        "  The prompt was refused.",
        "  Change the prompt.",
        "  prompt: A red fox",
    ]


def test_several_outputs_are_numbered() -> None:
    media = (
        sample_media(facts=()),
        sample_media(facts=()),
        sample_media("text", facts=(), note="captions"),
    )
    lines = text.card_text([sample_view(media=media)]).splitlines()
    assert lines[1:4] == ["  [0] media/fox.jpg", "  [1] media/fox.jpg", "  subtitle media/fox.srt (captions)"]


def test_file_names_are_readable() -> None:
    view = sample_view(media=(sample_media(src="media/a%20fox%20%231.png", facts=()),))
    assert "media/a fox #1.png" in text.card_text([view])


def test_several_jobs_share_summary_and_prompt() -> None:
    lines = text.card_text([sample_view(), sample_view(id="other")]).splitlines()
    assert lines[0] == "2 of 2 done · 12 s · $0.007"
    assert lines[-1] == "  prompt: A red fox"
    assert sum("prompt" in line for line in lines) == 1


def test_a_long_prompt_is_cut_and_says_so() -> None:
    shown = text.card_text([sample_view(prompt="word " * 1000)])
    assert "… (5,000 characters)" in shown
    assert len(shown) < 2600


def test_lines_of_a_prompt_are_indented() -> None:
    assert text.card_text([sample_view(prompt="[Verse]\nla\nla")]).splitlines()[-3:] == [
        "  prompt: [Verse]",
        "    la",
        "    la",
    ]


def test_board() -> None:
    views = [running_view(), sample_view()]
    assert text.board_text(views).splitlines() == [
        "video MiniMax-Hailuo-2.3: running · 34 s · about 40 s left · $0.28",
        "image image-01: done · 12 s · $0.0035",
        "1 of 2 done · 34 s · $0.0035 of $0.2835",
    ]
    assert text.board_text(views[:1]).count("\n") == 0


def test_a_board_of_many_stays_short() -> None:
    views = [sample_view(id=str(n)) for n in range(500)]
    lines = text.board_text(views).splitlines()
    assert len(lines) == text.MAX_ROWS + 2
    assert lines[-2] == "and 476 more: 476 done"


def test_control_characters_do_not_reach_the_terminal() -> None:
    view = sample_view(prompt="\x1b[2Jfox", error=("\x07beep",), warnings=("\x9b31m",))
    for shown in (
        text.card_text([view]),
        text.board_text([view]),
        text.table_text("\x1b", ("a",), [("\x1b",)]),
    ):
        assert not {char for char in shown if ord(char) < 32 or 127 <= ord(char) < 160} - {"\n"}


def test_dry_run() -> None:
    run = Described(uploads=("fox.png (reference)",), notes=("a tag that will be sung",))
    lines = text.dry_run_text(run, filled=("subject",)).splitlines()
    assert lines[:7] == [
        "Nothing was sent. $0.0035 by minimax",
        "  the price page, 2026-11-12",
        "  filled: subject",
        "  uploaded first: fox.png (reference)",
        "  note: a tag that will be sung",
        "POST https://api.minimax.io/v1/image_generation",
        "authorization: •••",
    ]
    assert '  "prompt": "A red fox 狐"' in lines


@pytest.mark.parametrize(("views", "lines"), [((), 4), ((running_view(),), 5)])
def test_status(views: tuple[JobView, ...], lines: int) -> None:
    shown = text.status_text([("provider", "minimax"), ("key", "set")], views=views, note="%minimax help")
    assert shown.splitlines()[:3] == ["minimax_nb", "provider  minimax", "key       set"]
    assert len(shown.splitlines()) == lines


def test_table_columns_are_aligned_by_what_is_seen() -> None:
    rows = [("warm", "温暖少女", "x"), ("plain", "Girl", "y")]
    shown = text.table_text("2 voices", ("voice id", "name", ""), rows, "a note").splitlines()
    assert shown == [
        "2 voices",
        "voice id  name",
        "warm      温暖少女  x",
        "plain     Girl      y",
        "a note",
    ]


def test_an_empty_table() -> None:
    assert text.table_text("Jobs", ("job", "kind"), []) == "Jobs\njob  kind"
    assert text.table_text("Jobs", ("", ""), []) == "Jobs"


def test_a_heading_within_a_table() -> None:
    rows = [("a", "1"), ("A heading that is long",), ("bb", "22")]
    lines = text.table_text("T", ("x", "y"), rows).splitlines()
    assert lines == ["T", "x   y", "a   1", "A heading that is long", "bb  22"]
