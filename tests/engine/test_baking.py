"""Notebooks that carry their media, and notebooks that link to them: there and back, nothing else touched."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from minimax_nb import Lab
from minimax_nb.errors import MediaError, RequestInvalidError
from minimax_nb.exchange import baking
from minimax_nb.media import MediaStore

CODE = '%%minimax speech\n<audio src="media/x.mp3"> is no player of ours'


@pytest.fixture
def book(lab: Lab) -> Path:
    """A saved notebook in the working folder: code, a stream, a clip, a voice, somebody else's HTML."""
    clip, voice = lab.video("A red fox runs"), lab.speech("Hello there")
    assert len(list(Path("media").iterdir())) == 2
    foreign = '<audio src="media/elsewhere.mp3"></audio>'
    outputs = [
        nbformat.v4.new_output(
            "stream", text='<div class="mathjax_ignore tex2jax_ignore"><img src="media/x">'
        ),
        *(nbformat.v4.new_output("display_data", data=one._repr_mimebundle_()) for one in (clip, voice)),
        nbformat.v4.new_output("display_data", data={"text/html": foreign}),
    ]
    cells = [
        nbformat.v4.new_markdown_cell('<video src="media/y.mp4">'),
        nbformat.v4.new_code_cell(CODE, outputs=outputs),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), "book.ipynb")
    return Path("book.ipynb")


def players(path: Path) -> dict[str, str]:
    """Return tag → src of the players in the outputs."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    html = "".join("".join(output["data"]["text/html"]) for output in cells[1]["outputs"][1:3])
    return dict(re.findall(r'<(audio|video)[^>]* src="([^"]*)"', " " + html.replace("<", " <")))


def test_there_and_back_byte_for_byte(lab: Lab, book: Path) -> None:
    before = book.read_bytes()
    linked = players(book)
    assert set(linked) == {"audio", "video"}
    baked = lab.bake(book)
    assert (baked.files, baked.left) == (2, ())
    assert "2 files embedded; " in str(baked)
    embedded = players(book)
    for tag, src in linked.items():
        head, _, data = embedded[tag].partition(",")
        assert head == {"audio": "data:audio/mpeg;base64", "video": "data:video/mp4;base64"}[tag]
        assert base64.b64decode(data) == Path(src).read_bytes()
    once = book.read_bytes()
    assert lab.bake(book).files == 0
    assert book.read_bytes() == once
    nbformat.validate(nbformat.read(book, 4))
    undone = lab.link(book)
    assert (undone.files, undone.restored) == (2, ())
    assert book.read_bytes() == before


@pytest.mark.parametrize("indent", [2, None])
def test_the_style_of_the_file_stays(lab: Lab, book: Path, indent: int | None) -> None:
    written = json.dumps(json.loads(book.read_text("utf-8")), indent=indent)
    book.write_text(written, "utf-8")
    lab.bake(book)
    lab.link(book)
    assert book.read_text("utf-8") == written


def test_elsewhere_it_shows_everything_and_gives_the_files_back(lab: Lab, book: Path, tmp_path: Path) -> None:
    names = sorted(path.name for path in Path("media").iterdir())
    contents = {name: Path("media", name).read_bytes() for name in names}
    away = tmp_path / "away"
    away.mkdir()
    lab.bake(book, to=away / "book.ipynb")
    assert "data:video" not in book.read_text("utf-8")
    store = MediaStore(tmp_path / "another store")
    told = baking.link(away / "book.ipynb", store)
    assert sorted(told.restored) == [f"media/{name}" for name in names]
    assert {path.name: path.read_bytes() for path in (away / "media").iterdir()} == contents
    assert (away / "book.ipynb").read_bytes() == book.read_bytes()
    assert len(store.digests()) == 2


def test_what_is_too_large_or_gone_stays_linked_and_is_named(lab: Lab, book: Path) -> None:
    linked = players(book)
    clip = Path(linked["video"])
    told = lab.bake(book, max_mb=(book.stat().st_size + 60_000) / 1e6)
    assert told.files == 1  # the voice is the smaller one
    assert players(book)["video"] == linked["video"]
    [line] = told.left
    assert line.startswith(f"{clip.name} (")
    assert "has no room for it" in line
    lab.link(book)
    clip.unlink()
    [line] = lab.bake(book).left
    assert line == f"{clip.name}, which is not beside the notebook"


def test_a_notebook_cannot_fetch_files_from_elsewhere(lab: Lab, book: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("key")
    picture = tmp_path / "private.png"
    picture.write_bytes(base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    ))  # fmt: skip
    Path("inside.txt").write_text("also a secret")
    text = book.read_text("utf-8")
    clip = players(book)["video"]
    for src in ("../private.png", "../secret.txt", str(picture), f"file://{picture}", "inside.txt"):
        book.write_text(text.replace(clip, src), "utf-8")
        assert lab.bake(book).files == 1, src  # the voice
        assert base64.b64encode(b"secret")[:6].decode() not in players(book)["video"]
        assert players(book)["video"] == src


def test_a_baked_notebook_cannot_write_where_it_likes(lab: Lab, book: Path, tmp_path: Path) -> None:
    lab.bake(book)
    text = book.read_text("utf-8")
    named = re.findall(r'data-file=\\"([^"\\]*mp4)\\"', text)[0]
    shutil.rmtree("media")
    for evil in ("../../evil.mp4", "/tmp/evil.mp4", "media/evil.py", "..%2Fevil.mp4"):
        book.write_text(text.replace(named, evil), "utf-8")
        told = lab.link(book, to="out/linked.ipynb") if Path("out").mkdir(exist_ok=True) is None else None
        assert told is not None
        assert all(name.startswith("media/") and not name.endswith(".py") for name in told.restored)
        assert not list(tmp_path.rglob("evil*"))
        shutil.rmtree("out")


def test_what_is_no_notebook_is_said(lab: Lab, home: Path) -> None:
    Path("x.ipynb").write_text('{"cells": 3, "nbformat": 4}')
    for name, words in (("x.ipynb", "is not a notebook of format 4"), ("none.ipynb", "there is no notebook")):
        with pytest.raises(RequestInvalidError, match=words):
            lab.bake(name)


def test_a_notebook_saved_meanwhile_is_left_alone(lab: Lab, book: Path, monkeypatch: Any) -> None:
    rewrite = baking._Book.rewrite

    def slow(self: Any, change: Any) -> int:
        count = rewrite(self, change)
        book.write_text("newer")
        return count

    monkeypatch.setattr(baking._Book, "rewrite", slow)
    with pytest.raises(MediaError, match="was saved meanwhile"):
        lab.bake(book)
    assert book.read_text() == "newer"
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


def test_a_contact_sheet_of_everything(lab: Lab, tmp_path: Path) -> None:
    pictures = [lab.image("A red fox", seed=seed, aspect_ratio="16:9") for seed in (1, 2, 3)]
    sheet = lab.contact_sheet([*pictures, lab.video("A red fox"), lab.speech("A red fox")])
    assert sheet.count == 5
    assert sheet.pil().width == 1200
    assert sheet.save(tmp_path / "sheet").name == "sheet.jpg"
    assert set(sheet._repr_mimebundle_()) == {"text/plain", "image/jpeg"}
    assert len(sheet.data) < 200_000
    with pytest.raises(RequestInvalidError, match="no picture, video or sound"):
        lab.contact_sheet(lab.lyrics("A song of the sea"))
    with pytest.raises(MediaError, match="is a JPEG"):
        sheet.save("sheet.png")
