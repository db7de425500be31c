"""The ways of speech: streams, WebSockets, long texts, mixed and modified voices, the flat request."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.speech import SpeechRequest
from minimax_nb.kinds.spoken import mix_of, texts_of

T2A = "(MiniMax docs, api-reference/speech-t2a-http)"
SOCKET = "(MiniMax docs, api-reference/speech-t2a-websocket)"
LONG = "(MiniMax docs, api-reference/speech-t2a-async-create)"
FLAT = "(product document, MiniMax Generation Reference)"
RATES = "8000, 16000, 22050, 24000, 32000 or 44100 Hz for speech-2.8-hd"
MIX = "VOICE:WEIGHT,VOICE:WEIGHT, as in 'English_Graceful_Lady:70,English_Diligent_Man:30'"


def ask(text: str | None = "Hello", **options: object) -> SpeechRequest:
    return SpeechRequest.make(text, **options).resolve("minimax")


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"mix": "A"}, f"--mix A: {MIX} {T2A}"),
        ({"mix": "A:0,B:1"}, f"--mix A:0,B:1: the weight of A must be a whole number from 1 to 100 {T2A}"),
        ({"mix": "A:101"}, f"--mix A:101: the weight of A must be a whole number from 1 to 100 {T2A}"),
        ({"mix": "A:1,A:2"}, f"--mix A:1,A:2: names a voice twice {T2A}"),
        ({"mix": "A:1,B:1,C:1,D:1,E:1"}, f"--mix A:1,B:1,C:1,D:1,E:1: 5 voices; at most 4 {T2A}"),
        (
            {"mix": "A:1", "voice": "Grinch"},
            f"--mix and --voice exclude each other; name every voice in --mix {T2A}",
        ),
        ({"modify_pitch": 101}, f"--modify-pitch 101: -100 to 100 {T2A}"),
        ({"modify_intensity": -101}, f"--modify-intensity -101: -100 to 100 {T2A}"),
        ({"modify_timbre": 0.5}, f"--modify-timbre 0.5: a whole number, -100 to 100 {T2A}"),
        (
            {"sound_effect": "robot"},
            (
                "--sound-effect robot: spacious_echo, auditorium_echo, lofi_telephone or robotic for speech-2.8-hd; "
                f"did you mean 'robotic'? {T2A}"
            ),
        ),
        (
            {"modify_pitch": 5, "format": "opus"},
            f"--format opus: mp3, wav or flac with --modify-pitch {T2A}",
        ),
        (
            {"sound_effect": "robotic", "format": "flac", "stream": True},
            f"--format flac: mp3 with --sound-effect with --stream {T2A}",
        ),
        (
            {"stream": True, "format": "wav"},
            f"--format wav: mp3, pcm, flac, pcmu_raw, pcmu_wav or opus with --stream {T2A}",
        ),
        ({"stream": True, "output": "url"}, f"--output url: a stream comes as hex {T2A}"),
        ({"stream": True, "aigc_watermark": True}, f"--aigc-watermark is not for streams {T2A}"),
        (
            {"stream": True, "long": True},
            f"--stream and --long exclude each other: a long text is spoken in the background {LONG}",
        ),
        (
            {"transport": "websocket", "stream": False},
            f"--transport websocket always streams; leave --no-stream out {SOCKET}",
        ),
        ({"transport": "ws"}, f"--transport ws: http, websocket or bidi {SOCKET}"),
        ({"subtitle_type": "word_streaming"}, f"--subtitle-type word_streaming needs --stream {T2A}"),
        ({"subtitle_type": "line"}, f"--subtitle-type line: sentence, word or word_streaming {T2A}"),
        ({"force_cbr": True}, f"--force-cbr is for streamed mp3; add --stream {T2A}"),
        ({"continuous_sound": True}, f"--continuous-sound is for --transport websocket {SOCKET}"),
        (
            {"continuous_sound": True, "transport": "websocket", "model": "speech-2.6-hd"},
            (
                "--continuous-sound true: speech-2.6-hd has no such option; speech-2.8-hd or speech-2.8-turbo "
                f"does {SOCKET}"
            ),
        ),
        (
            {"latex": True, "language": "English"},
            f"--language-boost English: --latex reads formulas in Chinese only {T2A}",
        ),
        ({"sample_rate": 48000}, f"--sample-rate 48000: {RATES} {T2A}"),
        (
            {"sample_rate": 44100, "format": "opus", "long": True},
            f"--sample-rate 44100: 8000, 12000, 16000, 24000 or 48000 Hz for speech-2.8-hd {T2A}",
        ),
        ({"wire": "t2a_input", "channel": 2}, f"--channel: --wire t2a_input has no place for it {FLAT}"),
        (
            {"wire": "t2a_input", "format": "opus"},
            f"--format opus: mp3, wav, pcm or flac with --wire t2a_input {FLAT}",
        ),
        ({"text_file": b"words"}, "--text-file is given and so is a text; use one"),
    ],
)
def test_one_line_for_each_broken_rule(options: Mapping[str, object], line: str) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        ask(**options)
    assert caught.value.problems == [line]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe\x00", "must be UTF-8 text in a txt file, or a zip of such files"),
        (b"  \n ", "holds no text"),
        (b"x" * 1_000_001, "1,000,001 characters; at most 1,000,000 for speech-2.8-hd"),
        (zipped(a_txt="a", b_json="{}"), "a zip must hold txt files or JSON files, and no others"),
        (
            zipped(a_json="[]"),
            "a JSON file in the zip must be an object with the texts title, content and extra",
        ),
        (b"PK\x03\x04 and no more", "a zip that cannot be read (File is not a zip file)"),
    ],
)
def test_files_that_cannot_be_spoken(content: bytes, problem: str) -> None:
    with pytest.raises(RequestInvalidError) as caught:
        ask(None, text_file=content)
    assert caught.value.problems == [f"--text-file bytes: {problem} {LONG}"]


def test_a_file_by_url_is_to_be_fetched_first() -> None:
    with pytest.raises(RequestInvalidError, match="a file on this machine; fetch it first"):
        ask(None, text_file="https://example.com/story.txt")


@pytest.mark.parametrize(
    ("size", "options", "line"),
    [
        (10_001, {"stream": True}, "10,001 characters; at most 10,000"),
        (10_000, {"transport": "websocket"}, "10,000 characters; at most 9,999"),
        (10_001, {"wire": "t2a_input"}, "10,001 characters; at most 10,000"),
    ],
)
def test_a_text_for_one_request_is_limited(size: int, options: Mapping[str, object], line: str) -> None:
    with pytest.raises(RequestInvalidError, match=line):
        ask("x" * size, **options)


def test_a_longer_text_is_a_long_one_by_itself() -> None:
    assert not ask("x" * 10_000).long
    assert ask("x" * 10_001).long
    assert ask(None, text_file=b"A story.").long


def test_opus_of_a_long_text_has_its_own_usual_rate() -> None:
    assert ask(format="opus").sample_rate == 32_000
    assert ask(format="opus", long=True).sample_rate == 24_000
    assert ask(format="opus", long=True, sample_rate=12_000).sample_rate == 12_000


def test_a_websocket_streams_without_being_told() -> None:
    assert ask(transport="websocket").stream


def test_a_caption_type_asks_for_captions() -> None:
    assert ask(subtitle_type="word").subtitle


def test_a_mix_takes_the_place_of_the_voice() -> None:
    request = ask(mix={"Grinch": 70, "Arnold": 30})
    assert (request.mix, request.voice, request.voices) == ("Grinch:70,Arnold:30", None, ("Grinch", "Arnold"))
    assert mix_of("Chinese (Mandarin)_Radio_Host:1, Grinch:100") == (
        ("Chinese (Mandarin)_Radio_Host", 1),
        ("Grinch", 100),
    )


def test_what_is_said_is_counted_for_the_price() -> None:
    story = {"title": "One", "content": "Two", "extra": ""}
    assert ask(None, text_file=zipped(a_json=json.dumps(story))).price_facts()["characters"] == 6
    assert ask(None, text_file=zipped(a_txt="abc", b_txt="de")).price_facts()["characters"] == 5
    assert ask("abcd").price_facts()["characters"] == 4
    assert texts_of(MediaInput(name="t", data="\ufeffÄ".encode())) == ["Ä"]


@pytest.mark.parametrize(
    ("options", "text", "remarks"),
    [
        ({}, "Well (laughs) no.", []),
        ({}, "Well (an aside) no.", []),
        (
            {},
            "Well (laugh) no.",
            [f"(laugh) is no sound that speech-2.8-hd makes and is read out; did you mean '(laughs)'? {T2A}"],
        ),
        (
            {"model": "speech-2.6-hd"},
            "Well (laughs) no.",
            [f"(laughs) is read out by speech-2.6-hd; the speech-2.8 models make the sound {T2A}"],
        ),
        (
            {"long": True, "output": "url"},
            "Well.",
            [f"--output url does nothing for a long text, whose audio is a file to fetch {LONG}"],
        ),
        (
            {"mix": "Grinch:1,English_Warm_Bestie:2"},
            "Well.",
            ["--mix 'English_Warm_Bestie' is not a listed voice"],
        ),
    ],
)
def test_remarks(options: Mapping[str, object], text: str, remarks: list[str]) -> None:
    found = ask(text, **options).warnings().items
    assert len(found) == len(remarks)
    assert all(line.startswith(start) for line, start in zip(found, remarks, strict=True)), found
