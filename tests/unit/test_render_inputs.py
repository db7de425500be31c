"""What went into a request, on the card of what came of it."""

from __future__ import annotations

from pathlib import Path

from minimax_nb.media import Media, MediaStore
from minimax_nb.render.html import card
from minimax_nb.render.summary import fact_line
from minimax_nb.render.text import card_text
from minimax_nb.render.view import view_of
from tests.unit.render_samples import sample_record
from tests.unit.samples import picture


def test_inputs_are_named_and_shown(tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    frame, made = store.put_bytes(picture(640, 400)), store.put_bytes(picture(400, 640))
    given = {"sha256": frame.sha256, "mime": "image/png", "name": "media/first <b>.png"}
    gone = {"sha256": "0" * 64, "mime": "image/png", "name": "gone.png"}
    request = {
        "prompt": "x",
        "first_frame": given,
        "reference_image": [given, gone, {"url": "https://example.com/a.png"}],
    }
    view = view_of(sample_record(request=request), [Media.of(made)])
    assert [(item.label, item.name, item.thumb is None) for item in view.inputs] == [
        ("first frame", "media/first <b>.png", False),
        ("reference image", "media/first <b>.png", False),
        ("reference image", "gone.png", True),
        ("reference image", "https://example.com/a.png", True),
    ]
    assert view.fact("first frame") == "media/first <b>.png"
    assert view.fact("reference image") == "media/first <b>.png, gone.png, https://example.com/a.png"
    html = card([view])
    assert html.count("<img") == 3
    assert 'alt="first frame: media/first &lt;b&gt;.png"' in html
    assert "first frame" not in card([view], static=True)


def test_a_sweep_repeats_no_inputs(tmp_path: Path) -> None:
    made = MediaStore(tmp_path).put_bytes(picture(40, 64))
    request = {"first_frame": {"sha256": made.sha256, "name": "a.png"}}
    assert view_of(sample_record(request=request, batch="b", axes={}), [Media.of(made)]).inputs == ()


def test_a_template_is_named_beside_the_model() -> None:
    view = view_of(sample_record(kind="agent", request={"template": "Run for Life"}))
    assert ("template", "template Run for Life") in fact_line(view)
    assert "template Run for Life" in card_text([view], static=True)
