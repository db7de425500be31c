"""Before and after: HTML without a script, and a widget that moves only a size."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from ipywidgets import IntSlider
from ipywidgets.widgets import widget as widgets
from PIL import Image

from minimax_nb.errors import MediaError
from minimax_nb.media import Media, MediaStore
from minimax_nb.widgets.slider import before_after


def picture(store: MediaStore, colour: str, size: tuple[int, int]) -> Media:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return Media.of(store.put_bytes(buffer.getvalue()))


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path)


def test_it_is_html_with_both_pictures_in_one_size(store: MediaStore) -> None:
    shown = before_after(picture(store, "red", (1600, 900)), picture(store, "blue", (800, 800)), ("<a>", "b"))
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == "<a> | b (640 × 360)"
    html = bundle["text/html"]
    assert not re.search(r"<(script|style|svg|input)|var\(", html)
    assert html.count('width="640" height="360"') == 2
    assert "&lt;a&gt;" in html
    assert "resize:horizontal" in html
    assert len(html) < 30_000


def test_the_widget_moves_and_closes_to_nothing(store: MediaStore) -> None:
    before = len(widgets._instances)
    shown = before_after(picture(store, "red", (320, 200)), picture(store, "blue", (320, 200)))
    grid, slider, _ = shown.box.children
    assert isinstance(slider, IntSlider)
    assert grid.children[1].layout.width == "160px"
    slider.value = 75
    assert grid.children[1].layout.width == "240px"
    assert shown.box is shown.box
    shown.close()
    assert len(widgets._instances) == before


def test_what_is_no_picture_is_said(store: MediaStore) -> None:
    with pytest.raises(MediaError, match="str is no picture"):
        before_after("a.png", "b.png")  # type: ignore[arg-type]
    sound = Media.of(store.put_bytes(b"ID3" + bytes(400), mime_hint="audio/mpeg"))
    with pytest.raises(MediaError, match="is audio/mpeg, not a picture"):
        before_after(sound, sound)
