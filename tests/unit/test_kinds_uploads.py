"""Files for an account, in every form, checked before anything is sent."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from minimax_nb.catalog import FilePurpose, catalog
from minimax_nb.errors import ConfigError, RequestInvalidError
from minimax_nb.kinds.uploads import upload_input
from tests.contract.wires import PIXEL, wav


def rule(name: str) -> FilePurpose:
    found = catalog().file_purpose("minimax", name)
    assert found is not None
    return found


PICTURES: dict[str, Any] = {
    "bytes": PIXEL,
    "data URI": f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}",
    "PIL image": Image.new("RGB", (2, 2)),
    "numpy array": np.zeros((2, 2, 3), "uint8"),
}


@pytest.mark.parametrize("form", PICTURES)
def test_a_picture_in_every_form_gets_a_name_with_its_ending(form: str) -> None:
    media = upload_input(PICTURES[form], rule("video_generation_input"))
    assert media.name.endswith(".png")
    assert media.mime == "image/png"
    assert (media.data or b"")[:4] == b"\x89PNG"


def test_a_path_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "Voice one.wav"
    path.write_bytes(wav(12))
    for form in (path, str(path)):
        assert upload_input(form, rule("voice_clone")).name == "Voice one.wav"
    assert upload_input(path, rule("voice_clone"), "other.wav").name == "other.wav"


def test_a_text(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("Hello.")
    assert upload_input(path, rule("t2a_async_input")).data == b"Hello."


@pytest.mark.parametrize(
    ("name", "purpose", "data", "words"),
    [
        ("a.ogg", "voice_clone", b"x", "mp3, m4a or wav"),
        ("a.wav", "voice_clone", b"", "the file is empty"),
        ("a.wav", "voice_clone", wav(9), "9 s long; 10 to 300 s"),
        ("a.wav", "voice_clone", wav(301), "301 s long; 10 to 300 s"),
        ("a.wav", "prompt_audio", wav(8), "8 s long; less than 8 s"),
        ("a.mp3", "voice_clone", b"\xff\xfb" + b"x" * (20 * 2**20), "20 MB; at most 20 MB of mp3"),
        ("a.txt", "t2a_async_input", b"x" * 1_000_000, "1,000,000 characters; fewer than 1,000,000"),
        ("a.pdf", "t2a_async_input", b"x", "txt or zip"),
        ("a.wav", "video_understanding", wav(1), "mp4, avi, mov or mkv"),
    ],
)
def test_one_line_a_rule(tmp_path: Path, name: str, purpose: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RequestInvalidError) as caught:
        upload_input(path, rule(purpose))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [("nothing.wav", "no file 'nothing.wav'"), ("https://x/y.wav", "not a URL"), (7, "int is not media")],
)
def test_what_is_no_file(source: Any, words: str) -> None:
    with pytest.raises(RequestInvalidError, match=words):
        upload_input(source, rule("voice_clone"))


def test_purposes_are_data(tmp_path: Path) -> None:
    (tmp_path / "files.toml").write_text(
        '[[purpose]]\nprovider = "minimax"\nname = "voice_clone"\nmegabytes = { ogg = 1 }\nkept_days = 3\n'
    )
    found = catalog(tmp_path).file_purpose("minimax", "voice_clone")
    assert found is not None
    assert (found.endings, found.kept_days, found.seconds_min) == (("ogg",), 3, 10)
    (tmp_path / "files.toml").write_text(
        '[[purpose]]\nprovider = "minimax"\nname = "x"\nmegabytes = { ogg = 0 }\n'
    )


def test_a_wrong_file_of_purposes_is_named(tmp_path: Path) -> None:
    (tmp_path / "files.toml").write_text(
        '[[purpose]]\nprovider = "minimax"\nname = "voice_clone"\nkept = 3\n'
    )
    with pytest.raises(ConfigError, match=r"files\.toml: purpose voice_clone: unknown key 'kept'"):
        catalog(tmp_path).file_purposes("minimax")


def test_the_form_of_an_image_survives() -> None:
    media = upload_input(Image.new("L", (3, 2)), rule("video_generation_input"))
    with Image.open(io.BytesIO(media.data or b"")) as image:
        assert image.size == (3, 2)
