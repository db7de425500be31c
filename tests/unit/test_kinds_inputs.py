from __future__ import annotations

import base64
import hashlib
import io
import os
import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.kinds.inputs import LARGEST_FILE, MediaInput, sniff


def picture(mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (8, 6))


def png(image: Image.Image | None = None) -> bytes:
    buffer = io.BytesIO()
    (image or picture()).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_path(here: Path) -> None:
    (here / "img").mkdir()
    file = here / "img" / "a.png"
    file.write_bytes(png())
    for value in ("img/a.png", Path("img/a.png"), file, str(file)):
        media = MediaInput.of(value)
        assert (media.name, media.given, media.mime) == ("a.png", "img/a.png", "image/png")
        assert media.data == png()
        assert media.sha256 == hashlib.sha256(png()).hexdigest()


def test_a_path_elsewhere_is_given_by_its_name_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("elsewhere") / "a.png"
    file.write_bytes(png())
    media = MediaInput.of(file)
    assert media.given == "a.png"
    assert str(file.parent) not in repr(media) + str(media.to_json())


def test_the_home_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    (here / "a.png").write_bytes(png())
    media = MediaInput.of("~/a.png")
    assert (media.data, media.given) == (png(), "~/a.png")


@pytest.mark.parametrize("url", ["https://example.com/a b.png?x=1#y", "HTTP://example.com/a"])
def test_a_url_is_kept_as_given(url: str) -> None:
    media = MediaInput.of(url)
    assert (media.url, media.wire, media.given, media.data, media.sha256) == (url, url, url, None, None)
    assert media.to_json() == {"url": url}


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes(kind: type) -> None:
    media = MediaInput.of(kind(png()))
    assert (media.name, media.mime, media.data, media.given) == ("bytes", "image/png", png(), None)


def test_a_data_uri() -> None:
    uri = "data:image/jpeg;base64," + base64.b64encode(png()).decode()
    media = MediaInput.of(uri)
    assert (media.data, media.mime) == (png(), "image/png")  # the content tells, not the label
    assert media.wire == uri.replace("jpeg", "png")
    assert MediaInput.of("data:audio/x-odd;base64,AAAA").mime == "audio/x-odd"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_pil_image_keeps_its_pixels(mode: str) -> None:
    media = MediaInput.of(picture(mode))
    assert (media.name, media.mime) == ("image", "image/png")
    assert media.data is not None
    assert Image.open(io.BytesIO(media.data)).mode == mode


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "F"])
def test_a_pil_image_of_another_mode_becomes_rgb(mode: str) -> None:
    media = MediaInput.of(picture(mode))
    assert media.data is not None
    assert Image.open(io.BytesIO(media.data)).mode == "RGB"


def test_an_array() -> None:
    pixels = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    media = MediaInput.of(pixels)
    assert media.data is not None
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(media.data))), pixels)
    assert media.name == "array"


def test_an_earlier_result(here: Path) -> None:
    @dataclass
    class Item:
        path: Path

    (here / "hero.png").write_bytes(png())
    item = Item(here / "hero.png")
    assert MediaInput.of(item).given == "hero.png"
    assert MediaInput.of([item]) == MediaInput.of(item)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("a" * 5000, "cannot read '" + "a" * 80 + "': File name too long"),
        ("data:image/png,abc", "a data: URI must read data:<type>;base64,<content>"),
        ("data:image/png;base64,?", "a data: URI must read data:<type>;base64,<content>"),
        ("data:nonsense", "a data: URI must read data:<type>;base64,<content>"),
        ([], "0 items where one is wanted; choose one, as in {name[0]}"),
        (["a", "b"], "2 items where one is wanted; choose one, as in {name[0]}"),
        (7, "int is not media; give a path, URL, bytes, image or earlier result"),
        (
            np.zeros((2, 3, 5), np.uint8),
            "an array of 2 x 3 x 5 uint8; height x width x 3, uint8, makes an image, (rate, samples) a recording",
        ),
        (
            np.zeros((2, 3, 3)),
            "an array of 2 x 3 x 3 float64; height x width x 3, uint8, makes an image, (rate, samples) a recording",
        ),
        ({"name": "a.png"}, "a stored reference has url or sha256"),
    ],
    ids=range(10),
)
def test_what_is_no_media(value: object, line: str) -> None:
    with pytest.raises(ValueError) as caught:
        MediaInput.of(value)
    assert str(caught.value) == line


def test_missing_and_unreadable_files(here: Path) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        ImageRequest.make("A fox", subject="nope.png")
    assert caught.value.problems == [
        (
            f"--subject-reference nope.png: no file 'nope.png' in {here} "
            "(MiniMax docs, api-reference/image-generation-i2i)"
        )
    ]
    (here / "folder").mkdir()
    with pytest.raises(ValueError, match=r"^'folder' is a folder$"):
        MediaInput.of("folder")
    with open(here / "huge.png", "wb") as huge:
        os.truncate(huge.fileno(), LARGEST_FILE + 1)
    with pytest.raises(ValueError, match=r"^64 MB; at most 64 MB can be sent$"):
        MediaInput.of("huge.png")


def test_references_come_back_from_the_ledger(here: Path) -> None:
    (here / "a.png").write_bytes(png())
    media = MediaInput.of("a.png")
    stored = media.to_json()
    assert stored == {"sha256": media.sha256, "mime": "image/png", "name": "a.png"}
    again = MediaInput.of(stored)
    assert again == media
    assert hash(again) == hash(media)
    assert (again.data, again.given, again.to_json()) == (None, "a.png", stored)
    with pytest.raises(ValueError, match=r"^the content of 'a\.png' is not loaded$"):
        _ = again.wire
    assert MediaInput.of({"url": "https://example.com/a"}).url == "https://example.com/a"
    assert MediaInput.of(MediaInput.of(png()).to_json()).given is None


def test_equality_is_of_content() -> None:
    assert MediaInput.of(png()) == MediaInput.of(picture()) != MediaInput.of(b"other")
    assert MediaInput.of(png()) != "bytes"
    assert pickle.loads(pickle.dumps(MediaInput.of(png()))) == MediaInput.of(png())


def test_repr_shows_no_content() -> None:
    assert repr(MediaInput.of(b"secret")) == "MediaInput('bytes', 6 bytes)"


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFX\x00\x00\x00\x00WAVEfmt ", None),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf3\x84\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", None),  # AAC
        ("\ufeffhello".encode("utf-16-le"), None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_sniff(data: bytes, mime: str | None) -> None:
    assert sniff(data) == mime


def test_a_file_name_tells_where_the_content_does_not(here: Path) -> None:
    (here / "a.mp3").write_bytes(b"\x00" * 64)
    assert MediaInput.of("a.mp3").mime == "audio/mpeg"
