from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minimax_nb.media import Media, MediaStore
from minimax_nb.render import html, text
from minimax_nb.render.bundle import board_bundle, card_bundle, media_bundle
from tests.unit.render_samples import ID, Page, running_view, sample_view
from tests.unit.test_render_pictures import image_bytes


def test_bundles_hold_html_and_text() -> None:
    views = [sample_view()]
    assert card_bundle(views) == {"text/plain": text.card_text(views), "text/html": html.card(views)}
    assert card_bundle(views, static=True) == {
        "text/plain": text.card_text(views, static=True),
        "text/html": html.card(views, static=True),
    }
    running = [running_view()]
    assert board_bundle(running) == {"text/plain": text.board_text(running), "text/html": html.board(running)}


class Odd:
    """A view one of whose fields is nonsense."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        return getattr(sample_view(), name)


@pytest.mark.parametrize("fields", [{"facts": 7}, {"media": None}, {"warnings": 1}, {"cost": object()}])
def test_a_view_that_cannot_be_drawn_is_named_and_never_raises(fields: dict[str, Any]) -> None:
    odd: Any = Odd(**fields)
    for bundle in (card_bundle([odd]), card_bundle([odd], static=True), board_bundle([odd])):
        assert ID in bundle["text/plain"] or "image-01" in bundle["text/plain"]


def test_the_text_is_there_when_the_html_fails() -> None:
    odd: Any = Odd(command=7)  # the text has no command line
    assert card_bundle([odd])["text/plain"] == text.card_text([sample_view()])


def test_one_file(tmp_path: Path) -> None:
    stored = MediaStore(tmp_path / "store").put_bytes(image_bytes(64, 36))
    bundle = media_bundle(Media(stored, path=tmp_path / "media" / "a fox.png"), link_base=tmp_path)
    assert bundle["text/plain"].startswith("64 × 36 px · PNG · ")
    assert bundle["text/plain"].endswith(" · media/a fox.png")
    page = Page(bundle["text/html"])
    assert page.problems == []
    assert ("a", "href", "media/a%20fox.png") in page.attributes


def test_one_file_never_raises() -> None:
    odd: Any = object()
    assert media_bundle(odd) == {"text/plain": repr(odd)}
