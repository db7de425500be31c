"""Every field that takes an image or a recording takes it in every form; read off the option tables."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from minimax_nb.kinds import KIND_NAMES, option_table, request_class
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import Option
from minimax_nb.lab.result import Result
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.media import Media, MediaStore
from tests.contract.wires import wav

URL = "https://example.com/thing"
FIELDS = [
    pytest.param(kind, row, id=f"{kind} --{row.name}")
    for kind in KIND_NAMES
    for row in option_table(request_class(kind))
    if row.type is MediaInput
]


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 400), "red").save(buffer, "PNG")
    return buffer.getvalue()


def forms(folder: Path, data: bytes, name: str) -> dict[str, Any]:
    """Return one content in every form that carries bytes."""
    path = folder / name
    path.write_bytes(data)
    mime = "image/png" if name.endswith("png") else "audio/wav"
    stored = MediaStore(folder / "store").put_bytes(data, mime_hint=mime)
    media = Media.of(stored)
    row = JobRecord(
        id="01", kind="image", provider="minimax", model="m", operation="o", request={}, created_us=0,
        updated_us=0, state=JobState.SUCCEEDED, endpoint="e", account="a", fingerprint="f",
    )  # fmt: skip
    return {
        "path": path,
        "path as text": str(path),
        "bytes": data,
        "bytearray": bytearray(data),
        "memoryview": memoryview(data),
        "data URI": f"data:{mime};base64,{base64.b64encode(data).decode()}",
        "media": media,
        "result": Result(row, [media]),
        "made before": MediaInput.of(data),
        "list of one": [path],
    }


def given(kind: str, row: Option, value: Any) -> MediaInput:
    """Return what a request of the kind reads from a value, without the rest of its rules."""
    from minimax_nb.kinds.reading import typed

    good, bad = typed([row], {row.field: value})
    assert bad == {}
    found = good[row.field]
    return found[0] if row.repeated else found


def test_there_are_such_fields() -> None:
    names = {f"{item.values[0]} {item.values[1].field}" for item in FIELDS}
    assert names >= {
        "image subject_reference", "video first_frame", "video last_frame", "video subject_reference",
        "voice-clone audio", "voice-clone prompt_audio", "transcribe audio",
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "row"), FIELDS)
def test_every_form_of_a_picture_and_a_recording(kind: str, row: Option, tmp_path: Path) -> None:
    for data, name in ((png(), "a.png"), (wav(1), "a.wav")):
        for form, value in forms(tmp_path, data, name).items():
            media = given(kind, row, value)
            assert media.data == data, form
            assert media.mime in ("image/png", "audio/wav"), form
    assert given(kind, row, URL).url == URL
    assert given(kind, row, Image.new("RGB", (2, 2))).mime == "image/png"
    assert given(kind, row, np.zeros((2, 2, 3), "uint8")).mime == "image/png"


@pytest.mark.parametrize(
    ("samples", "channels"),
    [
        (np.zeros(800, "int16"), 1),
        (np.zeros((800, 2), "float32"), 2),
        (np.full(800, 2.0), 1),
    ],
)
def test_sound_as_numbers_becomes_a_recording(samples: Any, channels: int) -> None:
    import wave

    media = MediaInput.of((8000, samples))
    assert media.mime == "audio/wav"
    with wave.open(io.BytesIO(media.data or b"")) as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (8000, 800, channels)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (("8000", np.zeros(8)), "with the rate in Hz first"),
        ((0, np.zeros(8)), "with the rate in Hz first"),
        ((8000, np.zeros((8, 5))), "1 or 2 channels"),
        ((8000, np.zeros(0)), "samples"),
        ((8000, np.zeros(8, "int64")), "sound of int64"),
    ],
)
def test_what_is_no_sound(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        MediaInput.of(value)
