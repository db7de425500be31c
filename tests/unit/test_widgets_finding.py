"""What a panel finds by a word: a medium by variable, path or URL; a voice by name and language."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from minimax_nb.catalog import catalog
from minimax_nb.widgets.media_field import find, preview_of
from minimax_nb.widgets.voices import ANY, OWN, SAMPLES, languages, matching


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (320, 200), "teal").save("hero.png")
    return Path("hero.png")


@pytest.mark.parametrize("word", ["hero", "{hero}", "heroes[0]", "{heroes[1]}", "hero.png", "box.inner"])
def test_a_variable_or_a_file_is_found(picture: Path, word: str) -> None:
    names = {"hero": picture, "heroes": [picture, picture], "box": SimpleNamespace(inner=picture)}
    assert find(word, names).mime == "image/png"


def test_a_url_is_left_to_the_provider() -> None:
    found = find("https://example.com/a.png", {})
    assert found.url == "https://example.com/a.png"
    assert "read by the provider" in preview_of(found)


@pytest.mark.parametrize("word", ["{nobody}", "nowhere.png", "hero[7]"])
def test_what_is_not_there_is_said(picture: Path, word: str) -> None:
    with pytest.raises(ValueError, match=r"no such variable|no file"):
        find(word, {"hero": [picture]})


def test_a_preview_shows_the_picture_and_its_facts(picture: Path) -> None:
    shown = preview_of(find("hero.png", {}))
    assert "data:image/jpeg;base64," in shown
    assert "320 × 200 px · image/png" in shown


def test_names_are_escaped(picture: Path) -> None:
    picture.rename("<b>.png")
    assert "<b>" not in preview_of(find("<b>.png", {}))


def test_voices_are_found_by_name_and_language() -> None:
    assert ("Graceful Lady · female", "English_Graceful_Lady") in matching("graceful", "English", [])
    assert all("Korean" in words for words, _ in matching("", ANY, []) if words.endswith("Korean"))
    assert matching("warm", ANY, ["warm-001", "cold-001"])[0] == ("warm-001 · yours", "warm-001")
    assert matching("", OWN, ["warm-001"]) == [("warm-001 · yours", "warm-001")]
    assert matching("no such voice", ANY, []) == []


def test_every_sample_is_of_a_language_that_there_is() -> None:
    assert set(SAMPLES) <= set(languages()) == {voice.language for voice in catalog().voices()}
