from __future__ import annotations

import io
import time

import av
import numpy as np
import numpy.typing as npt
import pytest

from minimax_nb.sandbox.media import MusicClip, make_music
from minimax_nb.sandbox.media.score import Score, compose
from minimax_nb.sandbox.media.singing import sing
from minimax_nb.sandbox.media.words import rng_of

LYRICS = "[Intro]\n[Verse]\nCity lights are calling me home\n[Chorus]\nHold on to the morning sun\n[Outro]"


def clip_of(prompt: str = "calm piano", **options: object) -> MusicClip:
    settings: dict[str, object] = {
        "lyrics": None,
        "instrumental": True,
        "seed": 1,
        "format": "wav",
        "sample_rate": 16_000,
    }
    return make_music(prompt, **{**settings, **options})  # type: ignore[arg-type]


def decoded(clip: MusicClip) -> tuple[int, npt.NDArray[np.float64]]:
    """Rate, and both channels, -1..1."""
    with av.open(io.BytesIO(clip.data)) as file:
        stream = file.streams.audio[0]
        to_float = av.AudioResampler(format="fltp", layout="stereo", rate=stream.rate)
        parts = [out.to_ndarray() for frame in file.decode(stream) for out in to_float.resample(frame)]
        assert stream.codec_context.channels == 2
        return stream.rate, np.concatenate(parts, axis=1).astype(float)


def score_of(prompt: str, lyrics: str | None = None, seed: int = 1) -> Score:
    return compose(prompt, lyrics, rng_of(prompt, lyrics, seed))


@pytest.mark.parametrize(
    ("form", "rate", "bitrate"),
    [("mp3", 44_100, 256_000), ("mp3", 16_000, 64_000), ("wav", 24_000, 0), ("pcm", 32_000, 0)],
)
def test_format_rate_and_length(form: str, rate: int, bitrate: int) -> None:
    clip = clip_of(format=form, sample_rate=rate, bitrate=bitrate)
    assert 12_000 <= clip.duration_ms <= 24_000
    if form == "pcm":
        assert len(clip.data) / 4 / rate * 1000 == pytest.approx(clip.duration_ms, abs=2)
        return
    got_rate, signal = decoded(clip)
    assert got_rate == rate
    assert signal.shape[1] / rate * 1000 == pytest.approx(clip.duration_ms, abs=200)


@pytest.mark.parametrize("prompt", ["calm piano", "lo-fi hip hop", "upbeat synthwave, 120 BPM", "indie folk"])
def test_it_does_not_hurt(prompt: str) -> None:
    rate, signal = decoded(clip_of(prompt, sample_rate=44_100))
    assert 0.5 < np.abs(signal).max() < 0.99, "loud enough, never clipped"
    assert np.abs(signal.mean()) < 0.01
    power = np.abs(np.fft.rfft(signal.mean(axis=0))) ** 2
    f = np.fft.rfftfreq(signal.shape[1], 1 / rate)
    assert power[f > 6000].sum() < 0.05 * power.sum(), "not shrill"
    assert np.abs(signal[:, -rate // 20 :]).max() < 0.02, "it fades out"
    assert not np.array_equal(signal[0], signal[1]), "stereo"


def test_notes_belong_to_the_key() -> None:
    score = score_of("calm piano")
    rate, signal = decoded(clip_of("calm piano", sample_rate=44_100))
    mono = signal.mean(axis=0)
    power = np.abs(np.fft.rfft(mono * np.hanning(mono.size))) ** 2
    f = np.fft.rfftfreq(mono.size, 1 / rate)
    heard = (f > 120) & (f < 1000)
    classes = np.rint(12 * np.log2(f[heard] / 440) + 69).astype(int) % 12
    share = np.bincount(classes, weights=power[heard], minlength=12)
    loudest = set(np.argsort(share)[-5:].tolist())
    scales = [{(root + step) % 12 for step in score.scale} for root in range(12)]
    assert any(loudest <= scale for scale in scales)


@pytest.mark.parametrize(
    ("prompt", "low", "high"),
    [("a calm lullaby", 60, 78), ("lo-fi beats", 74, 92), ("upbeat dance", 112, 130), ("at 97 bpm", 97, 97)],
)
def test_words_set_the_tempo(prompt: str, low: int, high: int) -> None:
    assert all(low <= score_of(prompt, seed=seed).bpm <= high for seed in range(6))


def test_tags_give_the_sections_and_keep_their_lines() -> None:
    score = score_of("pop", LYRICS)
    assert [section.name for section in score.sections] == ["intro", "verse", "chorus", "outro"]
    assert score.sections[1].lines == ("City lights are calling me home",)
    assert [section.start for section in score.sections] == [
        0,
        *np.cumsum([s.bars for s in score.sections])[:-1],
    ]
    assert sum(section.bars for section in score.sections) == score.bars
    assert score.sections[2].bars >= score.sections[0].bars


def test_a_bracket_that_is_no_tag_is_sung() -> None:
    score = score_of("pop", "[Verse 1]\nHello\n[Pre-Chorus]\nyou")
    assert [(section.name, section.lines) for section in score.sections] == [
        ("verse", ("Verse 1", "Hello")),
        ("pre chorus", ("you",)),
    ]


@pytest.mark.parametrize("lyrics", ["[Solo]", "[Intro]\n[Outro]", "[Verse]\nla\n" * 30, "word " * 600])
def test_any_lyrics_keep_the_length(lyrics: str) -> None:
    for prompt in ("60 bpm", "180 bpm"):
        score = score_of(prompt, lyrics)
        assert 11.9 <= score.bars * 4 * score.beat <= 24.01


def test_lyrics_are_sung_in_time_and_on_the_notes_of_the_scale() -> None:
    score = score_of("pop", LYRICS)
    sung = list(sing(score, "pop", 1))
    assert len(sung) >= 10
    for at, wave in sung:
        eighths = at / score.beat * 2
        assert eighths == pytest.approx(round(eighths), abs=1e-6)
        assert 0.05 < np.sqrt((wave**2).mean()) < 0.5
    verse = score.sections[1]
    assert sung[0][0] == pytest.approx(verse.start * 4 * score.beat)


def test_singing_adds_a_voice() -> None:
    _, sung = decoded(clip_of("pop", lyrics=LYRICS, instrumental=False))
    _, played = decoded(clip_of("pop", lyrics=LYRICS, instrumental=True))
    assert sung.shape == played.shape

    def speech_band(signal: npt.NDArray[np.float64]) -> float:
        power = np.abs(np.fft.rfft(signal.mean(axis=0))) ** 2
        f = np.fft.rfftfreq(signal.shape[1], 1 / 16_000)
        return float(power[(f > 1500) & (f < 4000)].sum() / power.sum())

    assert speech_band(sung) > 1.5 * speech_band(played)


def test_it_is_reproducible_and_differs_by_seed_prompt_and_lyrics() -> None:
    first = clip_of()
    assert first == clip_of()
    others = [clip_of(seed=2), clip_of("upbeat"), clip_of(lyrics=LYRICS)]
    assert len({first.data, *(other.data for other in others)}) == 4


def test_a_song_costs_less_than_two_seconds() -> None:
    start = time.process_time()
    clip_of(
        "upbeat pop", lyrics=LYRICS, instrumental=False, format="mp3", sample_rate=44_100, bitrate=256_000
    )
    assert time.process_time() - start < 2, "about 0.4 s on the machine it was tuned on"
