from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from minimax_nb.catalog import catalog
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import KINDS, build
from minimax_nb.kinds.base import MediaInput, Option, Request, option, option_table, sniff
from minimax_nb.kinds.image import ImageRequest
from minimax_nb.kinds.music import MusicRequest
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.video import VideoRequest

URL = "https://example.com/a.png"
REST = {
    "voice-design": {"preview": "Hello"},
    "voice-clone": {"audio": URL},
    "agent": {"template": "Run for Life", "image": URL},
    "video-regeneration": {"base_video": URL},
    "describe": {"image": URL},
}
#: Kinds whose body is words; that of the others is a file.
WORDS = [
    kind
    for kind, cls in KINDS.items()
    if {row.field: row.type for row in option_table(cls)}[cls.text_field] is str
]


def test_the_public_names_of_this_module() -> None:
    assert all((MediaInput, Option, Request, option, option_table, sniff))


@settings(derandomize=True, deadline=None)
@given(st.sampled_from([kind for kind in WORDS if kind != "speech"]), st.text(min_size=1).filter(str.strip))
def test_a_prompt_comes_out_as_it_went_in(kind: str, prompt: str) -> None:
    request = build(kind, prompt, REST.get(kind, {}))
    assert (request.text or "").encode() == prompt.encode()
    assert request.to_json()[request.text_field] == prompt


@pytest.mark.parametrize(
    "text",
    [
        "e\u0301 \u00e9",
        "\u200bfox\u200d",
        "a\r\nb\tc ",
        "\ufb01sh",
        "{x} {{y}} $z %s",
        "👩‍👩‍👧",
        "\x00\x1b[31m",
    ],
)
def test_nothing_is_normalised(text: str) -> None:
    for kind in WORDS:
        assert build(kind, text, REST.get(kind, {})).text == text


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000"])
def test_a_blank_body_counts_as_none(blank: str) -> None:
    assert VideoRequest.make(blank, first_frame=URL).prompt is None
    with pytest.raises(RequestInvalidError, match="--prompt is missing"):
        ImageRequest.make(blank)


def test_body_and_option_cannot_both_give_the_text() -> None:
    with pytest.raises(RequestInvalidError) as caught:
        ImageRequest.make("A fox", prompt="A hare")
    assert caught.value.problems == ["--prompt is given and so is the text below; use one"]
    assert SpeechRequest.make(None, text="Hello").text == "Hello"


def test_construction_reads_and_checks_like_the_command_line() -> None:
    request = ImageRequest(prompt="A fox", n="2", **{"aspect-ratio": "16:9"})
    assert (request.n, request.aspect_ratio) == (2, "16:9")
    with pytest.raises(RequestInvalidError) as caught:
        ImageRequest(promt="A fox", n=0, seed="x")
    assert [line.partition(" (MiniMax")[0] for line in caught.value.problems] == [
        "--promt is not an option of image; did you mean 'prompt'?",
        "--prompt is missing (write it below the first line)",
        "-n 0: 1 to 9",
        "--seed x: a whole number",
    ]


def test_requests_are_frozen_values() -> None:
    request = ImageRequest(prompt="A fox", subject=[URL])
    with pytest.raises(ValidationError, match="frozen"):
        request.n = 2  # type: ignore[misc]
    assert request == ImageRequest(prompt="A fox", subject_reference=URL)
    assert hash(request) == hash(ImageRequest(prompt="A fox", subject=URL))
    assert request != ImageRequest(prompt="A fox")
    assert request != "A fox"
    assert SpeechRequest(text="Hi", emotion="neutral") == SpeechRequest(text="Hi")  # remarks do not count


def test_copies_keep_what_is_known() -> None:
    request = SpeechRequest(text="Hi", emotion="neutral", voice="English_Nobody").resolve("minimax")
    for copied in (copy.deepcopy(request), pickle.loads(pickle.dumps(request)), request.model_copy()):
        assert copied == request
        assert copied.warnings() == request.warnings()


def test_pydantic_goes_through_the_same_door() -> None:
    adapter = TypeAdapter(ImageRequest)
    assert adapter.validate_python({"prompt": "A fox", "n": "2"}).n == 2
    with pytest.raises(RequestInvalidError, match="-n 0: 1 to 9"):
        ImageRequest.model_validate({"prompt": "A fox", "n": 0})


def test_resolve_fills_and_leaves_the_request_alone() -> None:
    request = VideoRequest(prompt="A dancer", duration=10)
    resolved = request.resolve("minimax")
    assert (resolved.model, resolved.duration, resolved.resolution) == ("MiniMax-Hailuo-2.3", 10, "768P")
    assert request.model is None
    assert resolved.resolve("minimax") == resolved
    assert VideoRequest(prompt="A dancer", model="hailuo-02").resolve("minimax").model == "MiniMax-Hailuo-02"


def test_a_provider_without_the_kind() -> None:
    with pytest.raises(RequestInvalidError, match="apixo has no music; "):
        MusicRequest(prompt="A waltz", instrumental=True).resolve("apixo")


def test_inputs_by_field() -> None:
    request = VideoRequest(first_frame=URL, last_frame=b"x")
    assert request.inputs() == {"first_frame": MediaInput.of(URL), "last_frame": MediaInput.of(b"x")}
    request = ImageRequest(prompt="A fox", subject=[URL, b"x"])
    assert list(request.inputs()) == ["subject_reference[0]", "subject_reference[1]"]


def test_json_and_back(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(file)
    requests = [
        ImageRequest(prompt="A fox", subject=[file, URL], n=2).resolve("pixazo"),
        SpeechRequest(text="Hi", pronunciation=["a/b"]).resolve("minimax"),
        VideoRequest(first_frame=file),
        MusicRequest(prompt="Pop", instrumental=True),
    ]
    for request in requests:
        stored = request.to_json()
        assert str(tmp_path) not in str(stored)
        assert build(request.kind, None, stored) == request


def test_a_model_closed_to_new_users_says_so() -> None:
    request = MusicRequest(prompt="Pop", instrumental=True)
    assert request.warnings().items == []
    assert request.resolve("minimax").warnings().items == [
        "music-3.0: Closed to new users on 2026-08-20; existing payers may go on."
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_class_facts(kind: str) -> None:
    cls = KINDS[kind]
    assert cls.kind == kind
    assert {cls.text_field, cls.word_field} <= set(cls.model_fields)
    assert kind not in WORDS or cls.text_required == cls.model_fields[cls.text_field].is_required()
    assert set(cls.mode_fields.values()) <= set(cls.model_fields)


@pytest.mark.parametrize("kind", KINDS)
def test_price_facts_are_flat(kind: str) -> None:
    options = {**REST.get(kind, {}), **({"instrumental": True} if kind == "music" else {})}
    request = build(kind, "Hello" if kind in WORDS else URL, options)
    facts = request.resolve(catalog().providers_for(kind)[0]).price_facts()
    assert facts["model"]
    assert all(value is None or isinstance(value, str | int | bool) for value in facts.values())
