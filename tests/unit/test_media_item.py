"""A file as the user holds it."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from minimax_nb.errors import MediaError
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.media import Media, MediaStore
from tests.unit.samples import mp3, mp4, picture, wav

pytest.importorskip("av")


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "store")


def item(store: MediaStore, data: bytes, tmp_path: Path, **arguments: object) -> Media:
    stored = store.put_bytes(data)
    return Media.of(stored, path=store.link(stored, tmp_path / "media", "a fox"), **arguments)  # type: ignore[arg-type]


def test_an_image_is_a_path_with_facts(store: MediaStore, tmp_path: Path) -> None:
    data = picture(96, 54, "PNG")
    media = item(store, data, tmp_path, role="output", hint={"seed": 7, "voice": "x"})
    assert (media.kind, media.mime, media.role, media.bytes_size) == (
        "image",
        "image/png",
        "output",
        len(data),
    )
    assert (media.facts.width, media.facts.height) == (96, 54)
    assert media.bytes() == data
    assert media.pil().size == (96, 54)
    assert media.numpy().shape == (54, 96, 3)
    with open(media, "rb") as file:  # a path wherever one is wanted
        assert file.read() == data
    assert repr(media) == f"<Media a-fox-{media.sha256[:8]}.png: image/png, {len(data):,} bytes>"
    uri = media.preview_uri(48)
    assert uri is not None
    assert uri.startswith("data:image/jpeg;base64,")
    assert (store.root / "previews" / f"{media.sha256}-48.jpg").is_file()


def test_it_shows_itself_and_never_fails(store: MediaStore, tmp_path: Path) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for data, element in (
        (picture(96, 54, "PNG"), "<img"),
        (mp4(tmp_path / "a.mp4").read_bytes(), "<video"),
        (wav(1), "<audio"),
        (b"[]", "<a "),
        (b"RIFF\x00\x00\x00\x00WAVEdamaged", "<audio"),
    ):
        media = item(store, data, tmp_path)
        shown, _ = shell.display_formatter.format(media)
        assert set(shown) == {"text/plain", "text/html"}
        assert element in shown["text/html"]
        assert media.path.name in shown["text/plain"]
    media = item(store, picture(20, 20), tmp_path)
    media.path.unlink()
    store.get(media.sha256).path.unlink()
    assert "gone" in media._repr_mimebundle_()["text/html"]


def test_it_is_an_input_of_the_next_request(store: MediaStore, tmp_path: Path) -> None:
    media = item(store, picture(96, 54), tmp_path)
    given = MediaInput.of(media)
    assert (given.sha256, given.mime) == (media.sha256, "image/jpeg")


def test_a_video_gives_a_frame(store: MediaStore, tmp_path: Path) -> None:
    media = item(store, mp4(tmp_path / "a.mp4", size=(64, 48), sound=True).read_bytes(), tmp_path)
    assert media.kind == "video"
    assert media.pil().size == (64, 48)
    assert media.facts.duration_s == pytest.approx(1, abs=0.05)
    with pytest.raises(MediaError, match="is video/mp4, not an array"):
        media.numpy()


def test_sound_gives_samples(store: MediaStore, tmp_path: Path) -> None:
    media = item(store, wav(1, 24000, channels=2), tmp_path)
    samples = media.numpy()
    assert (samples.shape, samples.dtype) == ((24000, 2), np.float32)
    assert samples.max() == pytest.approx(12000 / 32768, abs=0.001)
    assert item(store, mp3(1, 32000), tmp_path).numpy().shape[1] == 1
    with pytest.raises(MediaError, match="not a picture"):
        media.pil()


def test_raw_sound_is_read_with_what_the_provider_said(store: MediaStore, tmp_path: Path) -> None:
    pcm = wav(1, 16000)[44:]
    stored = store.put_bytes(pcm, mime_hint="audio/pcm")
    media = Media.of(stored, hint={"audio_sample_rate": 16000, "audio_channel": 1, "price_facts": {"n": 1}})
    assert media.facts.duration_s == 1
    assert media.numpy().shape == (16000, 1)
    assert media.path == stored.path
    with pytest.raises(MediaError, match="cannot read the samples"):
        Media.of(stored).numpy()


def test_mu_law_is_decoded_as_ffmpeg_does(store: MediaStore) -> None:
    codes = bytes(range(256))
    ours = Media.of(store.put_bytes(codes, mime_hint="audio/basic"), hint={"sample_rate": 8000}).numpy()[:, 0]
    fact, data = b"fact\x04\x00\x00\x00\x00\x01\x00\x00", b"data\x00\x01\x00\x00" + codes
    head = b"fmt \x12\x00\x00\x00\x07\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00\x00\x00"
    riff = b"RIFF" + (4 + len(head + fact + data)).to_bytes(4, "little") + b"WAVE" + head + fact + data
    theirs = Media.of(store.put_bytes(riff)).numpy()[:, 0]
    assert np.array_equal(ours, theirs)


def test_captions_are_text(store: MediaStore) -> None:
    media = Media.of(store.put_bytes('[{"text": "Grüße"}]'.encode()), role="subtitle")
    assert (media.kind, media.role, media.text()) == ("text", "subtitle", '[{"text": "Grüße"}]')
    assert media.preview_uri() is None
    assert media.facts.to_dict() == {}


def test_equal_by_content_and_pickled_without_it(store: MediaStore, tmp_path: Path) -> None:
    media = item(store, picture(300, 300, "PNG", noise=True), tmp_path)
    twin = Media.of(store.get(media.sha256))
    other = item(store, picture(30, 30), tmp_path)
    assert media == twin != other
    assert len({media, twin, other}) == 2
    pickled = pickle.dumps(media)
    assert len(pickled) < 2000 < media.bytes_size
    again = pickle.loads(pickled)
    assert again == media
    assert (again.path, again.role, again.bytes()) == (media.path, media.role, media.bytes())


def test_a_deleted_name_is_read_from_the_store(store: MediaStore, tmp_path: Path) -> None:
    data = picture(30, 30)
    media = item(store, data, tmp_path)
    media.path.unlink()
    assert media.bytes() == data
    store.get(media.sha256).path.unlink()
    with pytest.raises(MediaError, match=r"a-fox-\w+.jpg is gone from"):
        media.bytes()


def test_saving_copies_and_leaves_the_store_alone(store: MediaStore, tmp_path: Path) -> None:
    data = picture(30, 30)
    media = item(store, data, tmp_path)
    folder = tmp_path / "out"
    assert media.save(folder / "fox.jpg") == folder / "fox.jpg"
    assert media.save(folder / "no extension").name == "no extension.jpg"
    assert media.save(folder) == folder / media.path.name
    assert media.save(f"{folder}/new/") == folder / "new" / media.path.name
    (folder / "fox.jpg").write_bytes(b"mine now")  # a copy is the user's own
    assert media.bytes() == data
    media.save(folder / "fox.jpg")
    assert (folder / "fox.jpg").read_bytes() == data
    with pytest.raises(MediaError, match="cannot save to"):
        media.save(folder / "fox.jpg" / "x.jpg")
