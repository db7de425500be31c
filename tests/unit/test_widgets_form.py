"""The form of a kind, without a front end: fields, what the model makes of them, the request and the cell."""

from __future__ import annotations

from typing import Any

import pytest

from minimax_nb.catalog import catalog
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import KIND_NAMES, option_table, request_class
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.widgets.form import Control, Field, Form, is_missing, plain


def field(form: Form, name: str) -> Field:
    return next(item for item in form.fields if item.name == name)


def words(form: Form, name: str) -> list[str]:
    return [text for text, _ in form.offer(field(form, name)).choices]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_kind_has_a_form_of_all_its_options(kind: str) -> None:
    form = Form(kind)
    cls = request_class(kind)
    hidden = {row.field for row in option_table(cls) if row.hidden} | cls.filled_fields
    assert {item.name for item in form.fields} == set(cls.model_fields) - hidden - {"model"}
    for item in form.fields:
        offer = form.offer(item)
        assert item.label
        assert item.label[0].isupper() or not item.label[0].isalpha()
        if item.control is Control.CHOICE and offer.usable:
            assert offer.choices
        if item.control in (Control.SLIDER, Control.MAYBE):
            assert offer.minimum < offer.maximum
            assert offer.step > 0
    opened = [item for item in form.fields if not item.folded]
    assert {item.name for item in form.fields if item.option.required} <= {item.name for item in opened}


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_model_of_every_provider_can_be_chosen(kind: str) -> None:
    for provider in catalog().providers_for(kind):
        form = Form(kind, provider)
        for _, model in form.models:
            form.put("model", model)
            assert form.model is not None
            assert [form.offer(item) for item in form.fields]


def test_a_provider_without_the_kind_gives_way_to_one_with_it() -> None:
    assert Form("chat", "pixazo").provider == "minimax"


@pytest.mark.parametrize(
    ("kind", "name", "control", "label"),
    [
        ("image", "prompt", Control.TEXT, "Prompt"),
        ("image", "aspect_ratio", Control.CHOICE, "Aspect ratio"),
        ("image", "n", Control.SLIDER, "Number of images"),
        ("image", "width", Control.MAYBE, "Width (px)"),
        ("image", "seed", Control.LINE, "Seed"),
        ("image", "aigc_watermark", Control.CHECK, "AIGC watermark"),
        ("image", "subject_reference", Control.MEDIA, "Subject reference"),
        ("video", "duration", Control.CHOICE, "Duration (s)"),
        ("speech", "voice", Control.VOICE, "Voice"),
        ("speech", "speed", Control.SLIDER, "Speed"),
        ("speech", "pronunciation", Control.LIST, "Pronunciation"),
        ("music", "lyrics", Control.TEXT, "Lyrics"),
        ("voice-clone", "audio", Control.MEDIA, "Audio"),
    ],
)
def test_an_option_is_filled_in_with_what_suits_it(
    kind: str, name: str, control: Control, label: str
) -> None:
    found = field(Form(kind), name)
    assert (found.control, found.label) == (control, label)


@pytest.mark.parametrize(
    ("kind", "name", "accept"),
    [
        ("image", "subject_reference", "image/*"),
        ("video", "first_frame", "image/*"),
        ("voice-clone", "audio", "audio/*"),
    ],
)
def test_a_picker_offers_the_right_files(kind: str, name: str, accept: str) -> None:
    assert field(Form(kind), name).accept == accept


def test_choices_hang_on_the_model() -> None:
    form = Form("video")
    assert words(form, "duration") == ["6 (default)", "6", "10"]
    assert form.offer(field(form, "first_frame")).usable
    form.put("model", "MiniMax-Hailuo-02")
    assert words(form, "resolution")[1:] == ["512P", "768P", "1080P"]
    form.put("model", "T2V-01")
    assert not form.offer(field(form, "duration")).usable
    assert not form.offer(field(form, "first_frame")).usable


def test_what_the_model_does_not_know_is_not_sent() -> None:
    form = Form("video")
    form.put("prompt", "A fox")
    form.put("duration", 10)
    assert form.request().to_json()["duration"] == 10
    form.put("model", "T2V-01")
    assert "duration" not in form.options()
    form.put("model", None)
    assert form.options()["duration"] == 10  # it comes back with a model that knows it


def test_a_style_weight_needs_a_model_with_styles() -> None:
    form = Form("image")
    assert not form.offer(field(form, "style_weight")).usable
    form.put("model", "image-01-live")
    assert form.offer(field(form, "style_weight")).usable


def test_a_range_has_the_steps_of_the_model() -> None:
    form = Form("image")
    offer = form.offer(field(form, "width"))
    assert (offer.minimum, offer.maximum, offer.step) == (512, 2048, 8)
    volume = Form("speech")
    assert volume.offer(field(volume, "volume")).minimum > 0  # 0 itself is not allowed


def test_the_cell_says_what_was_chosen_and_nothing_else() -> None:
    form = Form("image")
    for name, value in {
        "prompt": "A fox",
        "aspect_ratio": "16:9",
        "n": 1,
        "seed": "7",
        "style": None,
    }.items():
        form.put(name, value)
    assert form.command(form.request()) == "%%minimax image --aspect-ratio 16:9 --seed 7\nA fox"
    form.choose_provider("pixazo")
    assert form.command(form.request()).startswith("%%minimax image --provider pixazo")


def test_another_provider_forgets_a_model_that_it_has_not() -> None:
    form = Form("image")
    form.put("model", "image-01-live")
    form.choose_provider("pixazo")
    assert "model" not in form.values


@pytest.mark.parametrize("value", [None, "", (), 1])
def test_nothing_and_the_default_are_left_out(value: Any) -> None:
    form = Form("image")
    form.put("n", 3)
    form.put("n", value)
    assert "n" not in form.values


def test_mistakes_stand_at_their_fields() -> None:
    form = Form("image")
    form.put("prompt", "A fox")
    form.put("seed", "seven")
    form.put("n", 12)
    with pytest.raises(RequestInvalidError) as caught:
        form.request()
    said = form.sorted(caught.value)
    assert set(said) == {"seed"}
    form.put("seed", None)
    with pytest.raises(RequestInvalidError) as caught:
        form.request()
    said = form.sorted(caught.value)
    assert set(said) == {"n"}
    assert plain(said["n"][0], field(form, "n")).startswith("12: 1 to 9")


def test_a_form_half_filled_in_is_no_mistake() -> None:
    with pytest.raises(RequestInvalidError) as caught:
        Form("image").request()
    assert all(is_missing(line) for line in caught.value.problems)


def test_a_medium_is_a_value_like_any_other() -> None:
    form = Form("voice-clone")
    form.put("audio", MediaInput(name="a.mp3", url="https://example.com/a.mp3"))
    assert form.values["audio"].url == "https://example.com/a.mp3"
    form.put("audio", None)
    assert "audio" not in form.values


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--seed seven: a whole number (MiniMax docs, image)", "Seven: a whole number"),
        ("--seed 1", "1"),
        ("--lyrics is missing: it, or --lyrics-optimizer", "Lyrics is missing: it, or lyrics optimizer"),
        ("width without height", "Width without height"),
    ],
)
def test_a_line_beside_its_field_needs_no_flag(line: str, said: str) -> None:
    assert plain(line, field(Form("image"), "seed")) == said
