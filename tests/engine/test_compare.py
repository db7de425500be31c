"""Results side by side, and the report of a comparison, on real results of the sandbox."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import RequestInvalidError

SWEEP = {"model": ["image-01", "image-01-live"], "seed": [1, 2]}


class Page(HTMLParser):
    """What a page asks for: tags, and every address in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "poster")]


def test_what_differs_is_marked_and_what_is_the_same_is_said_once(lab: Lab) -> None:
    one = lab.image("a red fox at dawn", seed=1, aspect_ratio="16:9")
    two = lab.image("a red fox in deep snow", seed=2, aspect_ratio="16:9")
    text = repr(found := lab.compare(one, two))
    assert re.search(r"^seed +1 +2$", text, re.MULTILINE)
    assert "aspect-ratio 16:9" in text.split("the same: ")[1]
    assert "a red fox [-at dawn-]{+in deep snow+}" in text
    assert "took" not in text  # differs from run to run
    html = found.html()
    assert html.count("aspect-ratio") == 1
    assert "at dawn</del><ins" in html
    assert found.sides[1].difference is not None
    assert "of the pixels differ visibly" in found.sides[1].difference_note
    frame = found.frame()
    assert list(frame.index) == ["A", "B"]
    assert list(frame["seed"]) == ["1", "2"]


def test_the_same_content_is_said_to_be_the_same(lab: Lab) -> None:
    first = lab.image("a red fox", seed=4, n=2)
    assert [side.same_as for side in lab.compare(first[0], first[1], first[0]).sides] == [None, None, "A"]
    assert "C and A have the same content to the last byte." in repr(
        lab.compare(first[0], first[1], first[0])
    )
    assert len(lab.compare(first)) == 2  # the outputs of one job


def test_sounds_are_played_at_one_loudness(lab: Lab) -> None:
    voices = ("English_expressive_narrator", "English_Trustworthy_Man")
    sides = lab.compare([lab.speech("Hello there.", voice=voice) for voice in voices]).sides
    levels = {side.loudness for side in sides}
    assert len(levels) == 2
    quietest = min(sides, key=lambda side: side.loudness or 0)
    assert quietest.volume == 1
    assert all(side.volume < 1 for side in sides if side is not quietest)


def test_too_few_and_too_many(lab: Lab, tmp_path: Path) -> None:
    one = lab.image("a red fox")
    with pytest.raises(RequestInvalidError, match="compare needs two results or more"):
        lab.compare(one)
    with pytest.raises(RequestInvalidError, match="27 results are too many"):
        lab.compare(*[one] * 27)
    with pytest.raises(RequestInvalidError, match="there is no rating 'nix'"):
        lab.export(tmp_path / "a.html", one, rating="nix")
    with pytest.raises(RequestInvalidError, match=r"only a \.html page has a question"):
        lab.export(tmp_path / "a.csv", one, question="Which?")


@pytest.fixture
def rated(lab: Lab) -> Any:
    sweep = lab.sweep("image", SWEEP, prompt="a <b>red</b> fox")
    sweep.wait()
    rating = lab.rate(sweep, by="model", rater="ann", seed=2)
    rating.vote("A").vote("B")
    lab.measure(sweep, "sharpness")
    return sweep


def test_a_report_opens_anywhere(lab: Lab, rated: Any, tmp_path: Path) -> None:
    said = lab.export(tmp_path / "report.html", rated, question="Which <model>?")
    assert re.fullmatch(r".*report\.html: 4 jobs, [\d.]+ [kM]B", said)
    text = (tmp_path / "report.html").read_text("utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert all(address.startswith("data:") for address in page.addresses)
    assert "<b>red" not in text
    assert "Which &lt;model&gt;?" in text
    for words in (
        "2 votes of 1 rater",
        "sharpness",
        "Sandbox: nothing was paid",
        "image-01-live",
        "All media are inside",
    ):
        assert words in text, words
    assert [path.name for path in tmp_path.glob("report*")] == ["report.html"]
    named = lab.log(["job", "model"], measures=True)
    assert named["measure.sharpness"].notna().sum() == 4


def test_large_media_go_beside_the_page(
    lab: Lab, rated: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minimax_nb.exchange import report

    monkeypatch.setattr(report.write_report, "__kwdefaults__", {"embedded": 1000})
    said = lab.export(tmp_path / "big.html", rated)
    assert said.endswith("media in big_files")
    files = [
        address
        for address in Page((tmp_path / "big.html").read_text("utf-8")).addresses
        if "big_files/" in address
    ]
    assert files
    assert all((tmp_path / address).is_file() for address in files)
    assert len(list((tmp_path / "big_files").iterdir())) == 4


def test_two_pictures_lie_on_top_of_each_other(lab: Lab) -> None:
    drawn = [lab.image("a red fox", seed=seed) for seed in (1, 2)]
    shown = lab.compare(*drawn).before_after()
    assert repr(shown).count("seed") == 2
    spoken = lab.speech("Good morning.")
    with pytest.raises(RequestInvalidError, match="two pictures"):
        lab.compare(drawn[0], spoken).before_after()
