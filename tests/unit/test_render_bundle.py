from __future__ import annotations

from typing import Any

import pytest

from minimax_nb.render import html, text
from minimax_nb.render.bundle import Page, board_bundle, card_bundle
from tests.unit.render_samples import ID, running_view, sample_view


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


def test_a_page_shows_both_forms() -> None:
    page = Page("text", "<b>text</b>")
    assert repr(page) == "text"
    assert page._repr_mimebundle_(include=None, exclude=None) == {
        "text/plain": "text",
        "text/html": "<b>text</b>",
    }
