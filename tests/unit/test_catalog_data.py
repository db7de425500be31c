"""The bundled data, as it ships: complete, sourced, byte-exact, and consistent with itself."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest

from minimax_nb.catalog import Model, PriceBook, Template, catalog
from minimax_nb.catalog.entries import LIMIT_KEYS

HAILUO = ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-2.3-Fast", "MiniMax-Hailuo-02")
H3 = ("MiniMax-H3", "MiniMax-H3-Max", "MiniMax-H3-Highspeed", "MiniMax-H3-Lite")
TEXT = (
    "MiniMax-M3", "MiniMax-M3.1-Flash-Preview", "MiniMax-M2.7", "MiniMax-M2.7-highspeed", "MiniMax-M2.5",
    "MiniMax-M2.5-highspeed", "MiniMax-M2.1", "MiniMax-M2.1-highspeed", "MiniMax-M2", "M2-her",
)  # fmt: skip
SERIES_01 = ("T2V-01", "T2V-01-Director", "I2V-01", "I2V-01-Director", "I2V-01-live", "S2V-01")


def text_facts(asked: int, told: int, cached: int = 0) -> dict[str, object]:
    parts = {"input_tokens": asked - cached, "cache_read_tokens": cached, "output_tokens": told}
    return {"prompt_tokens": asked, **parts}


def video(name: str) -> Model:
    return catalog().model("minimax", "video", name)


def test_every_entry_says_where_and_when_it_was_read() -> None:
    entries: list[Model | Template | PriceBook] = [
        *catalog().models(unserved=True),
        *catalog().templates(),
        *catalog().books(),
    ]
    assert all(entry.source for entry in entries)
    assert all(type(entry.retrieved) is date and entry.retrieved >= date(2026, 1, 1) for entry in entries)


def test_the_models_of_each_provider() -> None:
    everything = catalog().models(unserved=True)
    names = {
        (provider, kind): [m.name for m in everything if (m.provider, m.kind) == (provider, kind)]
        for provider, kind in dict.fromkeys((model.provider, model.kind) for model in everything)
    }
    generations = ("2.8", "2.6", "02")
    speech = [f"speech-{generation}-{tier}" for generation in generations for tier in ("hd", "turbo")]
    assert names == {
        ("minimax", "image"): ["image-01", "image-01-live"],
        ("minimax", "video"): [*HAILUO, *SERIES_01, *H3],
        ("minimax", "speech"): [*speech, "speech-01-hd", "speech-01-turbo"],
        ("minimax", "music"): [
            "music-3.0", "music-2.6", "music-2.5+", "music-2.5", "music-2.0", "music-1.5", "music-cover",
        ],
        ("minimax", "voice-design"): ["voice-design"],
        ("minimax", "voice-clone"): speech,
        ("minimax", "video-regeneration"): ["MiniMax-H3"],
        ("minimax", "context-ir"): ["MiniMax-H3"],
        ("minimax", "agent"): ["video-agent"],
        ("minimax", "chat"): list(TEXT),
        ("minimax", "lyrics"): ["lyrics-generation"],
        ("minimax", "cover-preprocess"): ["music-cover"],
        ("minimax", "transcribe"): ["asr-1.0"],
        ("minimax", "search"): ["coding-plan-search"],
        ("minimax", "describe"): ["coding-plan-vlm"],
        ("pixazo", "image"): ["image-01"],
        ("pixazo", "music"): ["music-2.6", "music-3.0", "music-3.0-fast"],
        ("pixazo", "voice-design"): ["minimax-voice-design-api-363"],
        ("pixazo", "speech"): [
            *(f"speech-{generation}-{tier}" for generation in ("2.6", "02", "01") for tier in ("hd", "turbo")),
            "speech-2.8-turbo", "speech-2.8-hd",
        ],
        ("pixazo", "audio-result"): ["minimax-hailuo-audio"],
        ("pixazo", "video"): ["MiniMax-Hailuo-2.3", "MiniMax-H3"],
        ("apixo", "voice-design"): ["minimax-voice"],
        ("apixo", "voice-clone"): ["minimax-voice"],
        ("apixo", "speech"): ["speech-2.8-hd", "speech-2.8-turbo"],
        ("apixo", "video"): [
            "MiniMax-Hailuo-2.3", "MiniMax-Hailuo-2.3-Pro", "MiniMax-Hailuo-2.3-Fast", "MiniMax-Hailuo-2.3-Fast-Pro",
        ],
    }  # fmt: skip


def test_one_default_model_for_each_provider_and_kind() -> None:
    places = {(model.provider, model.kind) for model in catalog().models(unserved=True)}
    defaults = [(model.provider, model.kind) for model in catalog().models(unserved=True) if model.default]
    assert len(defaults) == len(places)
    assert set(defaults) == places


def test_every_model_has_a_limit_class_and_known_limits() -> None:
    for model in catalog().models(unserved=True):
        limit = catalog().limit(model.provider, model.rpm_class)
        assert 0 < limit.poll_floor <= limit.poll_every
        assert limit.source
        assert set(model.limits) <= set(LIMIT_KEYS)
        assert model.typical_seconds > 0


@pytest.mark.parametrize(
    ("kind", "rpm"),
    [
        ("image", 10),
        ("video", 5),
        ("speech", 60),
        ("music", 120),
        ("voice-design", 20),
        ("voice-clone", 60),
        ("chat", 200),
    ],
)
def test_published_rates(kind: str, rpm: int | None) -> None:
    model = next(m for m in catalog().models("minimax", kind, unserved=True) if m.default)
    limit = catalog().limit("minimax", model.rpm_class)
    assert limit.rpm == rpm
    assert limit.concurrency == (20 if kind == "music" else None)


def test_gateways_publish_no_rate_but_a_pace() -> None:
    assert catalog().limit("pixazo", "music").rpm is None
    apixo = catalog().limit("apixo", "voice")
    assert (apixo.rpm, apixo.poll_first, apixo.poll_floor) == (None, 10, 5)


def test_video_matrix() -> None:
    assert {name: video(name).modes for name in HAILUO} == {
        "MiniMax-Hailuo-2.3": ("text", "first-frame"),
        "MiniMax-Hailuo-2.3-Fast": ("first-frame",),
        "MiniMax-Hailuo-02": ("text", "first-frame", "first-last-frame"),
    }
    usual = {6: ("768P", "1080P"), 10: ("768P",)}
    assert video("MiniMax-Hailuo-2.3").durations == usual
    assert video("MiniMax-Hailuo-2.3-Fast").durations == usual
    assert video("MiniMax-Hailuo-02").durations == {6: ("512P", "768P", "1080P"), 10: ("512P", "768P")}
    assert video("MiniMax-Hailuo-02").limits["resolution_modes"] == {"512P": ("first-frame",)}
    assert all(video(name).defaults == {"duration": 6, "resolution": "768P"} for name in HAILUO)


def test_the_01_series_takes_neither_duration_nor_resolution() -> None:
    for name in SERIES_01:
        assert (video(name).durations, video(name).defaults) == ({}, {})
        assert video(name).limits["fixed_resolution"] == "720P"
    assert video("S2V-01").modes == ("subject",)


def test_h3_lengths_and_sizes() -> None:
    models = {
        model.name: model.durations for model in catalog().models("minimax", "video") if model.api == "v2"
    }
    assert {video(name).api for name in (*HAILUO, *SERIES_01)} == {""}
    assert catalog().limit("minimax", video("MiniMax-H3").rpm_class).rpm is None
    assert {name: (min(sizes), max(sizes), sizes[5]) for name, sizes in models.items()} == {
        "MiniMax-H3": (4, 15, ("768P", "2K")),
        "MiniMax-H3-Max": (5, 15, ("480P", "768P")),
        "MiniMax-H3-Highspeed": (4, 15, ("768P",)),
        "MiniMax-H3-Lite": (4, 15, ("480P", "768P")),
    }
    assert all(len(set(sizes.values())) == 1 for sizes in models.values())


def test_the_fast_text_model_of_the_product_document() -> None:
    found = [
        m.name for m in catalog().models(kind="chat", unserved=True) if "MiniMax-M2.1-lightning" in m.aliases
    ]
    assert found == ["MiniMax-M2.1-highspeed"]


def test_every_model_can_be_asked_for_but_the_one_without_published_parameters() -> None:
    asked = set(catalog().models())
    left = [model for model in catalog().models(unserved=True) if model not in asked]
    assert [(model.provider, model.name) for model in left] == [("pixazo", "MiniMax-H3")]


def test_camera_commands_where_they_are_understood() -> None:
    told = {model.name for model in catalog().models("minimax", "video") if "camera_commands" in model.limits}
    assert told == {*HAILUO, "T2V-01-Director", "I2V-01-Director"}
    assert len(video("MiniMax-Hailuo-2.3").limits["camera_commands"]) == 15


def test_speech_limits_by_generation() -> None:
    limits = {model.name: model.limits for model in catalog().models("minimax", "speech")}
    assert "whisper" in limits["speech-2.6-hd"]["emotions"]
    assert "whisper" not in limits["speech-2.8-hd"]["emotions"]
    assert "fluent" not in limits["speech-02-hd"]["emotions"]
    assert not any("neutral" in limit["emotions"] for limit in limits.values())
    languages = set(limits["speech-2.8-hd"]["languages"])
    assert len(languages) == 41  # 40 and "auto"
    assert languages - set(limits["speech-02-turbo"]["languages"]) == {"Persian", "Filipino", "Tamil"}
    assert limits["speech-2.8-hd"]["formats"] == ("mp3", "pcm", "flac", "wav", "pcmu_raw", "pcmu_wav", "opus")


def test_image_sizes() -> None:
    sizes = catalog().model("minimax", "image").limits["sizes"]
    assert sizes["16:9"] == (1280, 720)
    assert set(sizes) == set(catalog().model("minimax", "image").limits["aspect_ratios"])
    live = catalog().model("minimax", "image", "image-01-live").limits
    assert "21:9" not in live["aspect_ratios"]
    assert live["styles"] == ("漫画", "元气", "中世纪", "水彩")


def test_wire_names() -> None:
    assert catalog().model("pixazo", "music").wire == "minimax-music-generation-2-6"
    assert catalog().model("minimax", "voice-design").wire == ""
    assert catalog().model("minimax", "image").wire == "image-01"


def test_system_voices_are_complete_and_byte_exact() -> None:
    voices = {voice.id: voice for voice in catalog().voices()}
    assert len(catalog().voices()) == len(voices) == 365  # the official list has 366 rows, one of them twice
    for exact in (
        "Cantonese_ProfessionalHost\uff08F)",
        "Cantonese_ProfessionalHost\uff08M)",
        "French_Female_News Anchor",
        "Chinese (Mandarin)_Warm_Bestie",
        "English_Trustworth_Man",
        "English_Trustworthy_Man",
        "greek_male_1a_v1",
        "male-qn-qingse",
    ):
        assert exact in voices
    assert "English_Warm_Bestie" not in voices
    default = catalog().model("minimax", "speech").defaults["voice"]
    assert default in voices


def test_voices_by_language() -> None:
    count = {
        language: len(catalog().voices(language=language)) for language in ("english", "Portuguese", "Korean")
    }
    assert count == {"english": 56, "Portuguese": 73, "Korean": 49}
    assert catalog().voices(language="Chinese,Yue") == catalog().voices(language="cantonese")
    assert len(catalog().voices(language="Cantonese")) == 6
    assert catalog().voices(language="Klingon") == ()


def test_voice_languages_are_language_boosts() -> None:
    boosts = set(catalog().model("minimax", "speech").limits["languages"])
    assert {voice.language for voice in catalog().voices()} <= boosts


def test_gender_only_where_the_id_says_it() -> None:
    gender = {voice.id: voice.gender for voice in catalog().voices()}
    assert gender["Cantonese_ProfessionalHost（F)"] == gender["Korean_BraveFemaleWarrior"] == "female"
    assert gender["German_PlayfulMan"] == gender["Thai_male_1_sample8"] == "male"
    assert (
        gender["Santa_Claus"] is gender["English_expressive_narrator"] is gender["Korean_GentleBoss"] is None
    )


def test_voice_names_and_text_filter() -> None:
    (voice,) = catalog().voices("graceful lady")
    assert (voice.id, voice.name, voice.language) == ("English_Graceful_Lady", "Graceful Lady", "English")
    assert {voice.language for voice in catalog().voices("Lady Thoughtful")} == {"Spanish", "Portuguese"}


def test_voice_hint_prefers_the_same_name_in_another_language() -> None:
    assert catalog().voice_hint("English_Warm_Bestie") == "; did you mean 'Chinese (Mandarin)_Warm_Bestie'?"
    assert catalog().voice_hint("English_Gracefull_Lady") == "; did you mean 'English_Graceful_Lady'?"
    assert catalog().voice_hint("qqqq") == ""


def test_templates() -> None:
    templates = {template.id: template for template in catalog().templates()}
    assert len(templates) == 9
    run = templates["393769180141805569"]
    assert (run.name, run.media_inputs, run.text_inputs, run.region) == ("Run for Life", 1, 1, "global")
    assert templates["393857704283172864"].region == "china"


def test_every_price_is_of_a_model_of_the_catalog() -> None:
    for book in catalog().books():
        for price in book.prices:
            known = {model.name for model in catalog().models(price.provider, price.kind, unserved=True)}
            assert set(price.models) <= known


def test_every_video_price_is_of_an_allowed_size() -> None:
    for book in catalog().books():
        for price in (price for price in book.prices if price.kind == "video" and price.unit == "clip"):
            (seconds,) = price.when["duration"].values
            durations = [catalog().model(price.provider, "video", name).durations for name in price.models]
            for resolution in price.when["resolution"].values if "resolution" in price.when else ():
                assert all(resolution in sizes[seconds] for sizes in durations)
            assert all(seconds in sizes for sizes in durations)


@pytest.mark.parametrize(
    ("kind", "model", "facts", "amount"),
    [
        ("video", "MiniMax-Hailuo-2.3", {"resolution": "768P", "duration": 6}, "0.28"),
        ("video", "MiniMax-Hailuo-2.3", {"resolution": "1080P", "duration": 6}, "0.49"),
        ("video", "MiniMax-Hailuo-2.3", {"resolution": "768P", "duration": 10}, "0.56"),
        ("video", "MiniMax-Hailuo-2.3-Fast", {"resolution": "768P", "duration": 6}, "0.19"),
        ("video", "MiniMax-Hailuo-2.3-Fast", {"resolution": "768P", "duration": 10}, "0.32"),
        ("video", "MiniMax-Hailuo-2.3-Fast", {"resolution": "1080P", "duration": 6}, "0.33"),
        ("video", "MiniMax-Hailuo-02", {"resolution": "512P", "duration": 6}, "0.10"),
        ("video", "MiniMax-Hailuo-02", {"resolution": "512P", "duration": 10}, "0.15"),
        ("video", "MiniMax-Hailuo-02", {"resolution": "1080P", "duration": 6}, "0.49"),
        ("video", "S2V-01", {"mode": "subject"}, None),
        ("video", "T2V-01", {"mode": "text"}, None),
        ("image", "image-01", {"n": 3}, "0.0105"),
        ("image", "image-01-live", {"n": 1}, None),
        ("speech", "speech-2.8-hd", {"characters": 1000}, "0.1"),
        ("speech", "speech-02-turbo", {"characters": 1}, "0.00006"),
        ("speech", "speech-01-hd", {"characters": 1}, None),
        ("music", "music-2.6", {}, "0.15"),
        ("music", "music-2.0", {}, "0.03"),
        ("voice-design", "voice-design", {"characters": 500}, "0.03"),
        ("voice-clone", "speech-2.8-hd", {"characters": 0}, "0"),
        ("voice-clone", "speech-2.8-hd", {"characters": 100}, "0.01"),
        ("voice-clone", "speech-2.8-turbo", {"characters": 100}, "0.006"),
        ("voice-clone", "speech-2.8-hd", {}, None),
        ("video", "MiniMax-H3", {"resolution": "768P", "duration": 5}, "0.40"),
        ("video", "MiniMax-H3", {"resolution": "2K", "duration": 8, "reference_images": 7}, "1.12"),
        ("video", "MiniMax-H3", {"resolution": "2K", "duration": 5, "reference_seconds": 5}, "1.30"),
        ("video", "MiniMax-H3-Max", {"resolution": "480P", "duration": 5}, "0.25"),
        ("video", "MiniMax-H3-Lite", {"resolution": "480P", "duration": 5}, None),
        ("video-regeneration", "MiniMax-H3", {"duration": 5}, "0.25"),
        ("context-ir", "MiniMax-H3", {"input_tokens": 1000, "output_tokens": 500}, "0.0027"),
        ("chat", "MiniMax-M2.7", text_facts(1000, 200, cached=500), "0.00042"),
        ("chat", "MiniMax-M2.1-highspeed", text_facts(1000, 200), "0.00108"),
        ("chat", "MiniMax-M3", text_facts(512_000, 0), "0.1536"),
        ("chat", "MiniMax-M3", text_facts(512_001, 0), "0.3072006"),
        ("chat", "M2-her", text_facts(10, 10), None),
        ("lyrics", "lyrics-generation", {}, "0.01"),
    ],
)
def test_published_prices(kind: str, model: str, facts: dict[str, object], amount: str | None) -> None:
    quote = catalog().book().quote("minimax", kind, model, facts)
    assert quote.amount == (None if amount is None else Decimal(amount))
    assert quote.currency == "USD"
    assert (quote.price_id is None) == (amount is None)


def test_a_text_of_unknown_length_has_no_known_price() -> None:
    facts = {"prompt_tokens": 10, "input_tokens": 10}
    quote = catalog().book().quote("minimax", "chat", "MiniMax-M3", facts)
    assert (quote.amount, quote.unit) == (None, "input-token")
    assert "output-token" in quote.note


def test_the_fee_of_a_voice_is_told_where_it_is_made() -> None:
    book = catalog().book()
    assert "$3" in book.quote("minimax", "voice-design", "voice-design", {"characters": 9}).note
    for characters in (0, 9):
        assert (
            "$1.5" in book.quote("minimax", "voice-clone", "speech-2.8-hd", {"characters": characters}).note
        )


@pytest.mark.parametrize(
    ("book", "provider", "kind", "facts", "amount"),
    [
        ("pixazo-2026-05", "pixazo", "image", {"n": 2}, "0.04"),
        ("pixazo-2026-05", "pixazo", "music", {}, "0.15"),
        ("pixazo-2026-05", "pixazo", "voice-design", {"characters": 1000}, "0.03"),
        ("apixo-2026", "apixo", "voice-design", {"characters": 20}, "0.50"),
        ("apixo-2026", "apixo", "voice-clone", {"characters": 0}, "0.50"),
    ],
)
def test_gateway_prices(book: str, provider: str, kind: str, facts: dict[str, object], amount: str) -> None:
    chosen = catalog().book(provider=provider)
    assert chosen.name == book
    assert chosen.quote(provider, kind, catalog().model(provider, kind).name, facts).amount == Decimal(amount)


def test_the_product_documents_prices_have_a_book_of_their_own() -> None:
    assert {book.name for book in catalog().books()} == {
        "minimax-2026-11", "product-docs", "pixazo-2026-05", "apixo-2026",
    }  # fmt: skip
    book = catalog().book("product-docs")
    assert not book.default
    facts = {"resolution": "768P", "duration": 6, "n": 1, "characters": 1_000_000}
    assert book.quote("minimax", "video", "MiniMax-Hailuo-2.3", facts).amount == Decimal("0.25")
    assert book.quote("minimax", "image", "image-01", facts).amount == Decimal("0.03")
    assert book.quote("minimax", "speech", "speech-2.8-hd", facts).amount == 50


def test_reading_models_and_limits_is_quick_and_reads_nothing_else() -> None:
    script = (
        "import time, minimax_nb.errors; start = time.process_time()\n"
        "from minimax_nb.catalog import catalog\n"
        "catalog().limit('minimax', catalog().model('minimax', 'video').rpm_class)\n"
        "print(time.process_time() - start, '_voices' in vars(catalog()), '_books' in vars(catalog()))\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "MINIMAX_NB_CATALOG"}
    runs = [
        subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(3)
    ]
    told = [run.stdout.split() for run in runs]
    assert all(words[1:] == ["False", "False"] for words in told)
    assert min(float(words[0]) for words in told) < 0.060
