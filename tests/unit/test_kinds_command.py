from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimax_nb.interpolate import interpolate
from minimax_nb.kinds import build, option_table, request_class, to_command
from minimax_nb.kinds.base import Request
from minimax_nb.magics.grammar import read_command
from minimax_nb.magics.tokenizer import tokenize

URL = "https://example.com/a.png"


def run(cell: str, names: Mapping[str, Any]) -> Request:
    """Read a cell as the magic does, variables and all."""
    first, _, body = cell.partition("\n")
    sign, _, line = first.partition("minimax ")
    kind = line.split()[0]
    cls = request_class(kind)
    command = read_command(tokenize(line), kind, option_table(cls), in_cell=sign == "%%", names=names)
    text = body.strip() or command.text
    return build(kind, text if command.raw else interpolate(text, names).text, command.options)


def variables(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in type(request).model_fields}


@pytest.mark.parametrize(
    ("request_", "command"),
    [
        (build("image", "A fox", {}), "%%minimax image\nA fox"),
        (
            build("image", "A fox", {"n": 2, "seed": 7, "aspect-ratio": "16:9", "prompt_optimizer": True}),
            "%%minimax image --aspect-ratio 16:9 -n 2 --seed 7 --prompt-optimizer\nA fox",
        ),
        (
            build("video", "[Push in] It's {late}", {"resolution": "1080P", "prompt_optimizer": False}),
            "%%minimax video --raw --resolution 1080P --no-prompt-optimizer\n[Push in] It's {late}",
        ),
        (
            build("speech", "Hi", {"voice": "Chinese (Mandarin)_Warm_Bestie", "pitch": -3, "speed": 0.75}),
            "%%minimax speech --voice 'Chinese (Mandarin)_Warm_Bestie' --speed 0.75 --pitch -3\nHi",
        ),
        (
            build("speech", "Hi", {"pronunciation": ["omg/oh my god", "it's/its"]}),
            "%%minimax speech --pronunciation 'omg/oh my god' --pronunciation \"it's/its\"\nHi",
        ),
        (
            build("music", "Pop", {"lyrics": "[Verse]\nLa {la}"}),
            "%%minimax music --lyrics {lyrics}\nPop",
        ),
        (
            build("music", "Pop {x}", {"lyrics": "[Verse]\nLa"}),
            "%%minimax music --lyrics {lyrics}\n{prompt}",
        ),
        (
            build("voice-clone", None, {"audio": URL, "voice_id": "my_voice"}),
            f"%minimax voice-clone --audio {URL} --voice-id my_voice",
        ),
        (
            build("image", "A {fox}", {"subject": [URL, b"x"]}),
            f"%%minimax image --raw --subject-reference {URL} --subject-reference {{subject_reference[1]}}\nA {{fox}}",
        ),
        (build("image", " A fox ", {}), "%%minimax image\n{prompt}"),
    ],
)
def test_the_cell(request_: Request, command: str) -> None:
    assert to_command(request_) == command
    assert run(command, variables(request_)) == request_


def test_a_resolved_request_names_all_that_was_chosen() -> None:
    request = build("video", "A dancer", {}).resolve("minimax")
    command = to_command(request, "minimax")
    assert command == (
        "%%minimax video --provider minimax --model MiniMax-Hailuo-2.3 --duration 6 --resolution 768P\nA dancer"
    )
    assert run(command, {}) == request


def test_files_are_named_as_the_user_can_name_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my img").mkdir()
    (tmp_path / "my img" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    request = build("video", None, {"first_frame": tmp_path / "my img" / "a.png"})
    command = to_command(request)
    assert command == "%minimax video --first-frame 'my img/a.png'"
    assert run(command, {}) == request
    # The same from the ledger's row, where the content is a reference.
    assert to_command(build("video", None, request.to_json())) == command


text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
tricky = st.text(st.sampled_from("ab '\"\\{}$<>#=-\n\t[]"), min_size=1).filter(str.strip)
words = st.one_of(text, tricky)


@settings(derandomize=True, deadline=None)
@given(words, words)
def test_any_speech_survives_the_cell(body: str, voice: str) -> None:
    request = build("speech", body.replace("#", "+"), {"voice": voice, "text_normalization": False})
    assert run(to_command(request), variables(request)) == request


@settings(derandomize=True, deadline=None)
@given(words, words, st.booleans())
def test_any_song_survives_the_cell(prompt: str, lyrics: str, optimizer: bool) -> None:
    request = build("music", prompt, {"lyrics": lyrics, "lyrics_optimizer": optimizer})
    assert run(to_command(request), variables(request)) == request


@settings(derandomize=True, deadline=None)
@given(words, st.integers(1, 9), st.integers(-(2**63), 2**63 - 1), st.sampled_from(["16:9", None]))
def test_any_image_survives_the_cell(prompt: str, n: int, seed: int, ratio: str | None) -> None:
    request = build("image", prompt, {"n": n, "seed": seed, "aspect_ratio": ratio, "subject": [b"x"]})
    assert run(to_command(request), variables(request)) == request
