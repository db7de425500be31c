from __future__ import annotations

import io
import random
import wave
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from minimax_nb.media import Media, MediaStore
from minimax_nb.render.pictures import link, media_views


def image_bytes(width: int = 640, height: int = 360, *, noise: bool = False) -> bytes:
    picture = Image.new("RGB", (width, height), "teal")
    if noise:
        picture = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def sound_bytes(seconds: float = 1.5, rate: int = 32000) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(random.Random(1).randbytes(2 * int(seconds * rate)))
    return buffer.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "store")


def test_an_image(store: MediaStore, tmp_path: Path) -> None:
    (view,) = media_views(
        [Media(store.put_bytes(image_bytes()), path=tmp_path / "media" / "a fox #1.png")],
        alt="A red   fox",
        link_base=tmp_path,
    )
    assert (view.kind, view.role, view.mime) == ("image", "output", "image/png")
    assert view.src == "media/a%20fox%20%231.png"
    assert (view.width, view.height) == (640, 360)
    assert view.alt == "image: A red fox"
    assert view.thumb is not None
    assert view.thumb.startswith("data:image/jpeg;base64,")
    assert [label for label, _ in view.facts] == ["size", "format", "file"]
    assert dict(view.facts)["size"] == "640 × 360 px"


def test_a_sound(store: MediaStore, tmp_path: Path) -> None:
    (view,) = media_views([Media(store.put_bytes(sound_bytes()))], link_base=tmp_path)
    facts = dict(view.facts)
    assert (facts["duration"], facts["sample rate"], facts["channels"]) == ("1.5 s", "32 kHz", "mono")
    assert facts["format"] == "WAV"
    assert view.thumb is not None
    assert view.thumb.startswith("data:image/png;base64,")
    assert view.note is None


def test_raw_samples_get_a_note_and_no_player(store: MediaStore, tmp_path: Path) -> None:
    stored = store.put_bytes(b"\x00\x01" * 16000, mime_hint="audio/pcm")
    (view,) = media_views([Media(stored, hint={"sample_rate": 16000})], link_base=tmp_path)
    assert dict(view.facts)["duration"] == "1 s"
    assert "does not play" in (view.note or "")


def test_many_images_are_numbered_and_smaller(store: MediaStore, tmp_path: Path) -> None:
    big = [Media(store.put_bytes(image_bytes(2000 + n, 1000))) for n in range(5)]
    single = media_views(big[:1], link_base=tmp_path)
    many = media_views(big, alt="a fox", link_base=tmp_path)
    assert [view.alt for view in many][:2] == ["image 1 of 5: a fox", "image 2 of 5: a fox"]
    assert _side(single[0].thumb) == 800
    assert _side(many[0].thumb) == 384


def test_previews_keep_their_caps(store: MediaStore, tmp_path: Path) -> None:
    """Noise does not compress: the preview gets smaller until it fits."""
    (view,) = media_views([Media(store.put_bytes(image_bytes(1600, 1200, noise=True)))], link_base=tmp_path)
    assert view.thumb is not None
    assert len(view.thumb) <= 80_000


def test_a_file_that_is_gone_is_said(store: MediaStore, tmp_path: Path) -> None:
    stored = store.put_bytes(image_bytes(77, 33))
    stored.path.unlink()
    (view,) = media_views([Media(stored)], link_base=tmp_path)
    assert view.thumb is None
    assert view.note == "this file is gone, or cannot be read"
    assert dict(view.facts)["format"] == "PNG"


def test_a_damaged_file_is_linked_without_a_preview(store: MediaStore, tmp_path: Path) -> None:
    (view,) = media_views([Media(store.put_bytes(image_bytes()[:60]))], link_base=tmp_path)
    assert view.thumb is None
    assert view.src


def test_aac_is_noted_in_vs_code_only(
    store: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = Media(store.put_bytes(_clip(tmp_path)))
    monkeypatch.delenv("VSCODE_PID", raising=False)
    (plain,) = media_views([media], link_base=tmp_path)
    monkeypatch.setenv("VSCODE_PID", "1")
    (in_vs_code,) = media_views([media], link_base=tmp_path)
    assert dict(plain.facts)["format"] == "H.264 + AAC"
    assert plain.note is None
    assert "AAC" in (in_vs_code.note or "")
    assert plain.thumb is not None
    assert len(plain.thumb) <= 40_000


@pytest.mark.parametrize(
    ("path", "src"),
    [
        ("media/fox.png", "media/fox.png"),
        ("javascript:alert(1).png", "javascript%3Aalert%281%29.png"),
        ("a/../b.png", "b.png"),
        ('"><script>.png', "%22%3E%3Cscript%3E.png"),
        ("温暖.mp3", "%E6%B8%A9%E6%9A%96.mp3"),
    ],
)
def test_link(path: str, src: str, tmp_path: Path) -> None:
    assert link(tmp_path / path, tmp_path) == src
    assert link(tmp_path / path, tmp_path / "notebooks") == f"../{src}"


@given(st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_link_leads_back_to_the_file(name: str) -> None:
    base = Path("/some folder")
    src = link(base / "media" / name, base)
    assert Path(unquote(src)) == Path("media") / name or name in (".", "..")
    assert not set(src) & set("\"'<>:?#& \\\n")


def _side(uri: str | None) -> int:
    import base64

    assert uri is not None
    return max(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).size)


def _clip(folder: Path) -> bytes:
    import av
    import numpy as np

    path = folder / "clip.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        sound = container.add_stream("aac", rate=44100, layout="mono")
        for number in range(6):
            frame = av.VideoFrame.from_image(Image.new("RGB", (320, 180), (40 * number, 90, 120)))
            frame.pts = number
            container.mux(video.encode(frame))
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 11025), "f4"), format="fltp", layout="mono")
        samples.sample_rate, samples.pts = 44100, 0
        container.mux(sound.encode(samples))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path.read_bytes()
