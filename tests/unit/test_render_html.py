from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from minimax_nb.ledger.record import JobState
from minimax_nb.render import html, style
from minimax_nb.render.view import JobView, MediaView
from tests.unit.render_samples import ID, PIXEL, Page, running_view, sample_media, sample_view
from tests.unit.test_render_text import Described

FAILED = sample_view(
    state=JobState.FAILED,
    stage="failed",
    media=(),
    cost="not charged",
    error=("input new_sensitive (1026)", "The prompt was refused.", "Change the prompt."),
)
UNKNOWN = running_view(
    state=JobState.UNKNOWN,
    stage="outcome unknown",
    cost="$0.28, possibly spent",
    error=("the reply was lost",),
)
FULL = sample_view(
    template="A {colour} fox",
    filled=("colour",),
    warnings=("A remark.",),
    command="%%minimax image\nA red fox",
    sandbox=True,
    cost="$0.0035 (sandbox)",
    facts=(*sample_view().facts, ("lyrics", "[Verse]\nla la")),
)

PAGES: dict[str, Callable[[], str]] = {
    "image": lambda: html.card([FULL]),
    "batch": lambda: html.card([sample_view(media=(sample_media(),) * 4)]),
    "video": lambda: html.card([sample_view(kind="video", media=(sample_media("video", note="no sound"),))]),
    "speech": lambda: html.card(
        [sample_view(kind="speech", media=(sample_media("audio"), sample_media("text")))]
    ),
    "raw sound": lambda: html.card([sample_view(media=(sample_media("audio", mime="audio/pcm"),))]),
    "voice": lambda: html.card(
        [
            sample_view(
                kind="voice-design",
                media=(sample_media("audio", role="preview"),),
                facts=(("new voice id", "ttv-9"),),
            )
        ]
    ),
    "no media": lambda: html.card([sample_view(media=())]),
    "long prompt": lambda: html.card([sample_view(prompt="word " * 200)]),
    "failed": lambda: html.card([FAILED]),
    "unknown": lambda: html.card([UNKNOWN]),
    "detached": lambda: html.card([running_view(stage="detached, goes on")]),
    "static": lambda: html.card([FULL], static=True),
    "nothing": lambda: html.card([]),
    "gallery": lambda: html.card([FULL, FAILED, running_view(), sample_view(prompt="other")]),
    "gallery of one prompt": lambda: html.card([sample_view(), sample_view(id="other")]),
    "gallery of many": lambda: html.card([sample_view(id=str(n)) for n in range(80)]),
    "board of 1": lambda: html.board([running_view(sandbox=True)]),
    "board of 6": lambda: html.board([running_view()] * 3 + [FAILED, UNKNOWN, sample_view()]),
    "board of many": lambda: html.board([running_view(id=str(n)) for n in range(500)]),
    "board of none": lambda: html.board([]),
    "one file": lambda: html.figure(sample_media("video")),
    "dry run": lambda: html.dry_run(Described(uploads=("fox.png",)), filled=("colour",)),
    "status": lambda: html.status_page(
        [("provider", "minimax")], chip="sandbox", views=[running_view()], note="%minimax help"
    ),
    "table": lambda: html.table(
        "Jobs", ("job", "stage", "cost", ""), [(ID, "done", "$0.28", "x"), (ID, "odd", "$1.00", "")], "a note"
    ),
    "bare table": lambda: html.table("Facts", ("", ""), [("a", "b")]),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_keeps_the_rules(name: str) -> None:
    assert Page(PAGES[name]()).problems == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_typeset_as_mathematics(name: str) -> None:
    """Two prices in one text would else become a formula."""
    page = Page(PAGES[name]())
    assert page.structure[0] == ("div", "class", "style")
    assert page.attributes[0] == ("div", "class", html.NO_MATH)
    assert page.structure[-1] == ("/div",)


def test_every_style_keeps_the_rules() -> None:
    page = Page("".join(f'<div style="{value}"></div>' for value in style.STYLES.values()))
    assert page.problems == []


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "' onmouseover='alert(1)",
    "</pre></details></div><style>*{display:none}</style>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;&amp;",
    "]]><!-- x -->",
]


def _with(view: JobView, name: str, value: Any) -> JobView:
    return dataclasses.replace(view, **{name: value})


VIEW_FIELDS: dict[str, Callable[[str], JobView]] = {
    "id": lambda x: _with(FULL, "id", x),
    "kind": lambda x: _with(FULL, "kind", x),
    "model": lambda x: _with(FULL, "facts", (("model", x),)),
    "stage": lambda x: _with(FULL, "stage", x),
    "cost": lambda x: _with(FULL, "cost", x),
    "prompt": lambda x: _with(FULL, "prompt", x),
    "template": lambda x: _with(FULL, "template", x),
    "filled": lambda x: _with(FULL, "filled", (x,)),
    "fact": lambda x: _with(FULL, "facts", (("lyrics", f"a\n{x}"),)),
    "fact label": lambda x: _with(FULL, "facts", ((x, "value"),)),
    "error": lambda x: _with(FAILED, "error", (x, "why", "what")),
    "warning": lambda x: _with(FULL, "warnings", (x,)),
    "command": lambda x: _with(FULL, "command", x),
    "voice id": lambda x: _with(FULL, "facts", (("new voice id", x),)),
    "alt": lambda x: _with(FULL, "media", (sample_media(alt=x),)),
    "note": lambda x: _with(FULL, "media", (sample_media(note=x),)),
    "role": lambda x: _with(FULL, "media", (sample_media(role=x),)),
    "media fact": lambda x: _with(FULL, "media", (sample_media(facts=(("size", x),)),)),
    "file name": lambda x: _with(FULL, "media", (sample_media(src=x),)),
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", VIEW_FIELDS)
def test_text_of_a_job_stays_text(field: str, hostile: str) -> None:
    """Hostile text leaves the structure as plain text does, and is shown to the letter."""
    make = VIEW_FIELDS[field]
    page, plain = Page(html.card([make(hostile)])), Page(html.card([make("plain")]))
    assert page.problems == []
    assert page.structure == plain.structure
    shown = page.text + "".join(value for _, name, value in page.attributes if name in ("alt", "href"))
    assert hostile in shown or hostile[1:] in shown  # a headline begins with a capital letter


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["kind", "model", "stage", "cost", "prompt"])
def test_text_of_a_board_stays_text(field: str, hostile: str) -> None:
    page, plain = (
        Page(html.board([_with(running_view(), field, value)] * 2)) for value in (hostile, "plain")
    )
    assert page.problems == []
    assert page.structure == plain.structure
    assert hostile in page.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_other_pages_stays_text(hostile: str) -> None:
    def pages(word: str) -> list[Page]:
        run = Described(
            provider=word, method=word, url=word, headers={word: word}, body={"p": word}, uploads=(word,)
        )
        return [
            Page(html.table(word, (word, word), [(word, word)], word)),
            Page(html.status_page([(word, word)], title=word, chip=word, note=word)),
            Page(html.dry_run(run, filled=(word,))),
        ]

    for page, plain in zip(pages(hostile), pages("plain"), strict=True):
        assert page.problems == []
        assert page.structure == plain.structure
        assert hostile in page.text


@pytest.mark.parametrize(
    "src",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "https://example.com/x.png",
        "//example.com/x.png",
        "data:text/html,x",
        "file:///etc/passwd",
        "\\\\server\\share",
        'data:image/svg+xml;base64,PHN2Zz4=" onload="x',
    ],
)
@pytest.mark.parametrize("kind", ["image", "video", "audio", "text"])
def test_only_relative_files_and_embedded_media_are_linked(kind: str, src: str) -> None:
    page = Page(html.card([sample_view(media=(sample_media(kind, src=src, thumb=src),))]))
    assert page.problems == []
    assert {value for _, name, value in page.attributes if name in ("src", "href", "poster")} <= {""}


def test_media_tags_carry_their_own_address() -> None:
    media = (sample_media("video"), sample_media("audio"), sample_media("image"))
    page = Page(html.card([sample_view(media=media)]))
    found = {
        tag: {name: value for t, name, value in page.attributes if t == tag} for tag in ("video", "audio")
    }
    assert found["video"]["src"] == "media/fox.mp4"
    assert found["video"]["preload"] == found["audio"]["preload"] == "metadata"
    assert found["video"]["poster"] == PIXEL
    assert found["audio"]["src"] == "media/fox.mp3"
    assert ("a", "href", "media/fox.jpg") in page.attributes
    assert ("img", "src", PIXEL) in page.attributes


def test_finished_card_says_everything() -> None:
    shown = Page(html.card([FULL])).text
    parts = ("image", "image-01", "minimax", "seed 7", "12 s", "$0.0035", "sandbox", f"job {ID}", "A red fox")
    folded = ("filled: colour", "A {colour} fox", "copy as cell", "%%minimax image", "la la", "trace id")
    for part in (*parts, "5.2 s · JPEG · 84 kB", "A remark.", *folded):
        assert part in shown


def test_failed_card_says_what_why_and_what_to_do() -> None:
    shown = Page(html.card([FAILED])).text
    for part in ("Image failed", "not charged", *FAILED.error, ID):
        assert part in shown
    assert "→ Change the prompt." in shown


def test_board_says_everything() -> None:
    shown = Page(html.board([running_view(), sample_view()])).text
    for part in ("running", "video", "MiniMax-Hailuo-2.3", "34 s · about 40 s left", "$0.28", "A red fox"):
        assert part in shown
    assert "1 of 2 done · 34 s · $0.0035 of $0.2835" in shown


def test_board_shows_progress_only_while_a_job_runs() -> None:
    assert "width:45%" in html.board([running_view()])
    assert "width:45%" not in html.board([running_view(progress=None)])
    assert "width:45%" not in html.board([sample_view(progress=0.45)])


@pytest.mark.parametrize("views", [[FULL], [FULL, FAILED, sample_view(prompt="other")]])
def test_static_card_is_the_same_for_another_run(views: list[JobView]) -> None:
    def again(view: JobView) -> JobView:
        media = tuple(
            dataclasses.replace(
                item, thumb="data:image/png;base64,AAAA", facts=(*item.facts[:-1], ("file", "85 kB"))
            )
            for item in view.media
        )
        changed = {"took": "99 s", "job": "other", "trace id": "other", "new voice id": "other"}
        facts = tuple((label, changed.get(label, value)) for label, value in view.facts)
        return dataclasses.replace(view, id="other", elapsed_s=99.0, facts=facts, media=media)

    def comparable(shown: list[JobView]) -> str:
        return re.sub(r"base64,[A-Za-z0-9+/=]+", "", html.card(shown, static=True)).replace(
            "image/png", "image/jpeg"
        )

    static = comparable(views)
    assert static == comparable([again(view) for view in views])
    for part in (ID, "12 s", "84 kB", "04f1c9a0b87e4d2f"):
        assert part not in static
    for part in ("$0.0035", "seed 7", "image-01", "media/fox.jpg"):
        assert part in static


def test_embedded_previews_have_a_budget() -> None:
    heavy = sample_media(thumb="data:image/jpeg;base64," + "A" * 400_000)
    shown = html.card([sample_view(id=str(n), media=(heavy,)) for n in range(10)])
    assert len(shown) < html.MAX_EMBEDDED + 200_000
    assert shown.count('<img src="data:') == 2
    assert shown.count('<img src="media/fox.jpg"') == 8


def test_many_jobs_stay_small() -> None:
    shown = html.board([running_view(id=str(n)) for n in range(1000)])
    assert len(shown) < 60_000
    assert "and 976 more: 976 running" in shown


@pytest.mark.parametrize(
    ("item", "size"),
    [
        (sample_media(width=1280, height=720), (560, 315)),
        (sample_media(width=720, height=1280), (259, 460)),
        (sample_media(width=300, height=200), (300, 200)),
        (sample_media(width=None, height=None), (560, 315)),
        (sample_media(width=100_000, height=1), (560, 1)),
    ],
)
def test_frame_keeps_the_aspect_ratio(item: MediaView, size: tuple[int, int]) -> None:
    assert html.frame(item, 560, 460) == size


def test_rows_of_a_batch_are_full() -> None:
    assert [html.columns(count) for count in range(1, 10)] == [1, 2, 3, 4, 3, 3, 4, 4, 3]


def test_rows_of_a_board_line_up() -> None:
    """Every row gives a column the room of its longest text."""
    views = [running_view(), running_view(stage="waiting for the 5/min limit", progress=None), FAILED]
    widths = [value for _, name, value in Page(html.board(views)).attributes if value.startswith("flex:0 0")]
    assert len(widths) == 4 * 3
    assert widths[0:4] == widths[4:8] == widths[8:12]
    alone = html.board_columns(views[:1])
    assert html.board_columns(views)["stage"] > alone["stage"]


def test_table_marks_states_ids_and_numbers() -> None:
    shown = html.table(
        "Jobs", ("job", "stage", "cost", "what"), [(ID, "failed", "$0.28", "2 foxes run away from it all")]
    )
    assert style.TONES["bad"] in shown
    cells = [attributes for attributes in Page(shown).attributes if attributes[0] == "td"]
    assert ["right" in value for _, _, value in cells] == [False, False, True, False]


def test_control_characters_and_surrogates_are_cleaned() -> None:
    shown = html.card([sample_view(prompt="fox \ud83e \x1b[31m\x00")])
    shown.encode()
    assert "\x1b" not in shown
    assert "\x00" not in shown
