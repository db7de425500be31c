from __future__ import annotations

from collections.abc import Mapping

import pytest

from minimax_nb.catalog import catalog
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.speech import SpeechRequest

T2A = "(MiniMax docs, api-reference/speech-t2a-http)"
ANSWERS = "(a voice of your own is fine; an unknown one answers 2054)"


def refused(options: Mapping[str, object], text: str | None = "Hello") -> list[str]:
    with pytest.raises(RequestInvalidError) as caught:
        SpeechRequest.make(text, **options).resolve("minimax")
    return caught.value.problems


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"speed": 0.49}, f"--speed 0.49: 0.5 to 2 {T2A}"),
        ({"speed": "nan"}, f"--speed nan: a number, 0.5 to 2 {T2A}"),
        ({"rate": 2.01}, f"--speed 2.01: 0.5 to 2 {T2A}"),
        ({"volume": 0}, f"--volume 0: more than 0, at most 10 {T2A}"),
        ({"vol": 10.5}, f"--volume 10.5: more than 0, at most 10 {T2A}"),
        ({"pitch": -13}, f"--pitch -13: -12 to 12 {T2A}"),
        ({"pitch": 13}, f"--pitch 13: -12 to 12 {T2A}"),
        ({"pitch": 0.5}, f"--pitch 0.5: a whole number, -12 to 12 {T2A}"),
        (
            {"emotion": "hapy"},
            (
                "--emotion hapy: happy, sad, angry, fearful, disgusted, surprised, calm or fluent "
                f"for speech-2.8-hd; did you mean 'happy'? {T2A}"
            ),
        ),
        (
            {"emotion": "whisper"},
            (
                "--emotion whisper: happy, sad, angry, fearful, disgusted, surprised, calm or fluent "
                f"for speech-2.8-hd; speech-2.6-hd or speech-2.6-turbo takes it {T2A}"
            ),
        ),
        (
            {"emotion": "fluent", "model": "speech-02-hd"},
            (
                "--emotion fluent: happy, sad, angry, fearful, disgusted, surprised or calm for speech-02-hd; "
                f"speech-2.8-hd, speech-2.8-turbo, speech-2.6-hd or speech-2.6-turbo takes it {T2A}"
            ),
        ),
        (
            {"language_boost": "english"},
            (
                "--language-boost english: auto, Chinese, Chinese,Yue, English, Arabic, Russian, Spanish, French "
                f"… (41 in all) for speech-2.8-hd; did you mean 'English'? {T2A}"
            ),
        ),
        (
            {"sample_rate": 48000},
            f"--sample-rate 48000: 8000, 16000, 22050, 24000, 32000 or 44100 Hz for speech-2.8-hd {T2A}",
        ),
        (
            {"bitrate": 96000},
            f"--bitrate 96000: 32000, 64000, 128000 or 256000 bit/s for speech-2.8-hd {T2A}",
        ),
        (
            {"format": "ogg"},
            f"--format ogg: mp3, pcm, flac, wav, pcmu_raw, pcmu_wav or opus for speech-2.8-hd {T2A}",
        ),
        ({"channel": 3}, f"--channel 3: 1 or 2 for speech-2.8-hd {T2A}"),
        ({"output": "mp3"}, f"--output mp3: hex or url {T2A}"),
        ({"pronunciation": "omg"}, f"--pronunciation omg: WORD/READING, as in 'omg/oh my god' {T2A}"),
        ({"pronunciation": ["a/b", "/b"]}, f"--pronunciation /b: WORD/READING, as in 'omg/oh my god' {T2A}"),
    ],
)
def test_one_line_for_each_broken_rule(options: Mapping[str, object], line: str) -> None:
    assert refused(options) == [line]


PAUSE = f"a pause is <#x#> with x from 0.01 to 99.99 s, at most 2 decimals {T2A}"
BETWEEN = f"a pause stands between words {T2A}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a<#0#>b", f"--text <#0#>: {PAUSE}"),
        ("a<#0.00#>b", f"--text <#0.00#>: {PAUSE}"),
        ("a<#100#>b", f"--text <#100#>: {PAUSE}"),
        ("a<#1.234#>b", f"--text <#1.234#>: {PAUSE}"),
        ("a<#-1#>b", f"--text <#-1#>: {PAUSE}"),
        ("a<#١#>b", f"--text <#١#>: {PAUSE}"),
        ("a<##>b", f"--text <##>: {PAUSE}"),
        ("<#1#>b", f"--text <#1#>: at the edge of the text; {BETWEEN}"),
        ("… <#1#>b", f"--text <#1#>: at the edge of the text; {BETWEEN}"),
        ("a<#2#>", f"--text <#2#>: at the edge of the text; {BETWEEN}"),
        ("a<#2#> !", f"--text <#2#>: at the edge of the text; {BETWEEN}"),
        ("a<#1#><#2#>b", f"--text <#1#>: two pauses in a row; {BETWEEN}"),
        ("a<#1#> , <#2#>b", f"--text <#1#>: two pauses in a row; {BETWEEN}"),
    ],
)
def test_pauses(text: str, line: str) -> None:
    assert refused({}, text) == [line]


@pytest.mark.parametrize(
    "text", ["a<#0.01#>b", "a<#99.99#>b", "你好<#1.5#>世界", "a <#1#> b <#2#> c", "a <# b", "f(<T#>)"]
)
def test_good_pauses_and_what_only_looks_like_one(text: str) -> None:
    assert SpeechRequest.make(text).resolve("minimax").text == text


def test_the_text_is_needed_and_limited() -> None:
    assert refused({}, None) == ["--text is missing (write it below the first line)"]
    assert refused({}, "x" * 1_000_001) == [
        f"--text: 1,000,001 characters; at most 1,000,000 for speech-2.8-hd {T2A}"
    ]
    assert SpeechRequest.make("字" * 10_000).resolve("minimax").long is False


@pytest.mark.parametrize(
    "options",
    [
        {"speed": 0.5, "volume": 0.01, "pitch": -12},
        {"speed": 2, "volume": 10, "pitch": 12},
        {"pitch": "-3"},
        {"emotion": "whisper", "model": "speech-2.6-turbo"},
        {"language": "Chinese,Yue", "text_normalization": True, "subtitle": True},
        {"pronunciation": ["omg/oh my god", "处理/(chu3)(li3)"]},
        {"format": "opus", "sample_rate": 8000, "channel": 2},
    ],
)
def test_bounds_are_allowed(options: Mapping[str, object]) -> None:
    assert SpeechRequest.make("Hello", **options).resolve("minimax").voice == "English_expressive_narrator"


def test_the_flat_form_of_the_product_document() -> None:
    request = SpeechRequest.make(
        None,
        model="speech-2.8-hd",
        text="Your text here",
        voice="English_Warm_Bestie",
        emotion="neutral",
        rate=1.0,
        volume=1.0,
        pitch=1.0,
        output_format="mp3",
    ).resolve("minimax")
    assert (request.speed, request.volume, request.pitch) == (1.0, 1.0, 1)
    assert (request.format, request.output, request.emotion) == ("mp3", "hex", None)
    assert request.warnings().items == [
        f"--emotion neutral is the usual voice and is not sent; the models know no such value {T2A}",
        f"--pitch 1.0 is one semitone up; 0 is the usual pitch {T2A}",
        (
            "--voice 'English_Warm_Bestie' is not a listed voice; did you mean "
            f"'Chinese (Mandarin)_Warm_Bestie'? {ANSWERS}"
        ),
    ]


def test_output_format_may_also_say_how_the_audio_comes() -> None:
    request = SpeechRequest.make("Hello", output_format="url")
    assert (request.format, request.output) == ("mp3", "url")


def test_cantonese_has_its_own_spelling() -> None:
    request = SpeechRequest.make("Hello", language="Cantonese")
    assert request.language_boost == "Chinese,Yue"
    assert request.warnings().items == [f"--language-boost Cantonese is sent as Chinese,Yue {T2A}"]


def test_a_bit_rate_is_for_mp3() -> None:
    assert SpeechRequest.make("Hello", format="wav").warnings().items == []
    assert SpeechRequest.make("Hello", format="wav", bitrate=64000).warnings().items == [
        f"--bitrate 64000 does nothing for wav; it is for mp3 {T2A}"
    ]


@pytest.mark.parametrize("voice", [voice.id for voice in catalog().voices()])
def test_listed_voices_pass_to_the_byte(voice: str) -> None:
    request = SpeechRequest.make("Hello", voice_id=voice)
    assert request.voice == voice
    assert request.warnings().items == []


@pytest.mark.parametrize(
    "voice",
    [
        "ttv-voice-2025060717322425-abcdefgh",
        "moss_audio_6dc281eb-713c-11f0-a447-9613c873494c",
        "warm001-a1b2c3",
        "my_voice_01",
    ],
)
def test_own_voices_pass(voice: str) -> None:
    assert SpeechRequest.make("Hello", voice=voice).warnings().items == []


@pytest.mark.parametrize(
    ("voice", "hint"),
    [
        ("Cantonese_ProfessionalHost (F)", "; did you mean 'Cantonese_ProfessionalHost（F)'?"),
        ("english_expressive_narrator", "; did you mean 'English_expressive_narrator'?"),
        ("French_Female_NewsAnchor", "; did you mean 'French_Female_News Anchor'?"),
        ("German_Xyzzyqwk", ""),
    ],
)
def test_unlisted_voices_are_remarked_and_never_changed(voice: str, hint: str) -> None:
    request = SpeechRequest.make("Hello", voice=voice).resolve("minimax")
    assert request.voice == voice
    assert request.warnings().items == [f"--voice {voice!r} is not a listed voice{hint} {ANSWERS}"]


def test_price_facts_count_code_points() -> None:
    facts = SpeechRequest.make("你好 👋🏽").resolve("minimax").price_facts()
    assert facts["model"] == "speech-2.8-hd"
    assert facts["characters"] == 5
