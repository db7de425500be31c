"""What a person types for templates, lyrics and covers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell.conftest import Notebook
from tests.unit.samples import picture

pytestmark = pytest.mark.usefixtures("lab")


def test_templates_say_what_they_need(notebook: Notebook) -> None:
    ran = notebook.run("%minimax templates")
    assert ran.error is None
    (shown,) = ran.shown
    assert shown.startswith("9 templates")
    assert "image and text" in next(line for line in shown.splitlines() if "Run for Life" in line)
    assert notebook.run("%minimax templates diving").shown[0].startswith("2 templates")


def test_a_template_from_a_cell(notebook: Notebook) -> None:
    Path("pet.jpg").write_bytes(picture(400, 400))
    ran = notebook.run("%%minimax agent clip << --template 'Run for Life' --image pet.jpg\na lion")
    assert ran.error is None
    assert notebook["clip"][0].kind == "video"
    assert "--template 'Run for Life'" in ran.html or "--template &#39;Run for Life&#39;" in ran.html


def test_a_wrong_template_is_one_line(notebook: Notebook) -> None:
    (line,) = notebook.fails("%minimax agent --template Divng --image https://example.com/a.jpg")
    assert line.startswith("RequestInvalid: --template Divng: no such template; Diving, Run for Life, ")
    assert "; did you mean 'Diving'?" in line


def test_lyrics_are_shown_and_filled_into_a_song(notebook: Notebook) -> None:
    ran = notebook.run("%%minimax lyrics words <<\nA song about the sea")
    assert ran.error is None
    words = notebook["words"]
    assert words.text.splitlines()[1] in ran.html
    assert words.text.splitlines()[1] in ran.shown[-1]
    ran = notebook.run("%%minimax music song << --model music-2.6 --lyrics {words}\n{words.style}, slow")
    assert ran.error is None
    song = notebook["song"]
    assert song.prompt == f"{words.style}, slow"
    assert song._record.request["lyrics"] == words.text
    ran = notebook.run("%%minimax cover-preprocess heard <<\n{song}")
    assert ran.error is None
    cell = "%%minimax music cover << --cover-feature-id {heard.cover_feature_id} --lyrics {heard}\na calm jazz cover"
    assert notebook.run(cell).error is None
    assert notebook["cover"].model == "music-cover"


def test_help_has_the_options_of_the_new_kinds(notebook: Notebook) -> None:
    for kind, option in {
        "agent": "--template", "lyrics": "--title", "video": "--reference-video", "context-ir": "--aspect-ratio",
        "video-regeneration": "--base-video", "cover-preprocess": "--audio", "music": "--reference-audio",
    }.items():  # fmt: skip
        assert option in notebook.run(f"%minimax help {kind}").shown[0]
