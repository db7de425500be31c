from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import numpy.typing as npt
import pytest

from minimax_nb.sandbox.media import espeak, make_speech, speak
from minimax_nb.sandbox.media.voices import is_woman, language_of, manner_of

NARRATOR = "English_expressive_narrator"
TEXT = "The quick brown fox jumps over the lazy dog, and then it sleeps in the sun."
Samples = npt.NDArray[np.int16]


def seconds(text: str, **options: object) -> float:
    samples, rate = speak(text, **{"voice_id": NARRATOR, **options})  # type: ignore[arg-type]
    return samples.size / rate


def pitch_of(samples: Samples, rate: int) -> float:
    """Median pitch of the voiced parts, Hz."""
    wave, size, found = samples.astype(float), 1024, []
    for start in range(0, wave.size - size, size):
        piece = wave[start : start + size] * np.hanning(size)
        likeness = np.fft.irfft(np.abs(np.fft.rfft(piece, 4 * size)) ** 2)
        lag = rate // 350 + int(likeness[rate // 350 : rate // 65].argmax())
        if likeness[lag] > 0.45 * likeness[0] > 1e9:
            found.append(rate / lag)
    return float(np.median(found))


def test_espeak_speaks_here() -> None:
    assert espeak.available()


def test_it_sounds_like_speech() -> None:
    samples, rate = speak(TEXT, voice_id=NARRATOR)
    wave = samples.astype(float)
    power = np.abs(np.fft.rfft(wave)) ** 2
    f = np.fft.rfftfreq(wave.size, 1 / rate)
    assert power[(f > 200) & (f < 4000)].sum() > 0.7 * power.sum(), (
        "most energy lies in the band of the formants"
    )
    frame = rate // 100
    envelope = np.sqrt((wave[: wave.size // frame * frame].reshape(-1, frame) ** 2).mean(axis=1))
    beat = np.abs(np.fft.rfft(envelope - envelope.mean())) ** 2
    g = np.fft.rfftfreq(envelope.size, 0.01)
    assert beat[(g > 1.5) & (g < 9)].sum() > 0.5 * beat[g > 0.5].sum(), "and swells with the syllables"


def test_longer_texts_take_longer_and_speed_shortens_them() -> None:
    assert seconds(TEXT + " " + TEXT) > 1.7 * seconds(TEXT)
    slow, plain, fast = (seconds(TEXT, speed=speed) for speed in (0.6, 1.0, 1.8))
    assert slow > 1.3 * plain > 1.3 * 1.3 * fast


@pytest.mark.parametrize(
    "text", ["First we wait {}and then we go home.", "Good morning. {}How are you?", "你好，{}世界"]
)
def test_a_pause_adds_its_length(text: str) -> None:
    assert seconds(text.format("<#1.0#>")) - seconds(text.format(" ")) == pytest.approx(1.0, abs=0.1)
    samples, rate = speak(text.format("<#1.0#>"), voice_id=NARRATOR)
    quiet = np.abs(samples.astype(int)) < 60
    runs = np.diff(np.flatnonzero(np.concatenate([[True], ~quiet, [True]])))
    assert runs.max() / rate == pytest.approx(1.0, abs=0.35), "as silence in one piece"


def test_interjections_are_not_read_aloud() -> None:
    plain, tagged = seconds("Well, that is funny."), seconds("Well, (laughs) that is funny.")
    assert tagged - plain == pytest.approx(0.3, abs=0.02)
    clip = make_speech("Well, (Clear-Throat) hello (not a tag)", voice_id=NARRATOR)
    assert [word.text for word in clip.words] == ["Well", "hello", "not", "a", "tag"]


def test_voices_differ_and_women_speak_higher() -> None:
    woman, man = (speak(TEXT, voice_id=f"English_{name}") for name in ("CalmWoman", "Trustworthy_Man"))
    assert pitch_of(*woman) > 1.4 * pitch_of(*man)
    voices = [f"English_Voice{i}" for i in range(6)]
    assert len({hashlib.sha256(speak(TEXT, voice_id=voice)[0].tobytes()).digest() for voice in voices}) == 6


def test_pitch_and_emotion_are_heard() -> None:
    low, plain, high = (pitch_of(*speak(TEXT, voice_id=NARRATOR, pitch=pitch)) for pitch in (-6, 0, 6))
    assert low < 0.9 * plain < 0.9 * 0.9 * high
    assert pitch_of(*speak(TEXT, voice_id=NARRATOR, emotion="surprised")) > 1.05 * plain
    assert seconds(TEXT, emotion="sad") > 1.1 * seconds(TEXT, emotion="happy")


def test_volume_scales_and_never_wraps_around() -> None:
    loudness = [
        float(np.abs(speak(TEXT, voice_id=NARRATOR, volume=v)[0].astype(int)).max())
        for v in (0.25, 1.0, 10.0)
    ]
    assert loudness[0] == pytest.approx(loudness[1] / 4, rel=0.01)
    assert loudness[1] < loudness[2] <= 32_767
    soft, loud = (speak(TEXT, voice_id=NARRATOR, volume=v)[0].astype(float) for v in (1.0, 10.0))
    assert (np.sign(soft[np.abs(soft) > 100]) == np.sign(loud[np.abs(soft) > 100])).all()


@pytest.mark.parametrize(
    ("voice", "text", "boost", "language"),
    [
        (NARRATOR, "hello", None, "en-us"),
        ("German_SweetLady", "guten Tag", None, "de"),
        ("Japanese_KindLady", "こんにちは", None, "ja"),
        ("Japanese_KindLady", "hello", None, "en-us"),
        ("Chinese (Mandarin)_Warm_Bestie", "你好", None, "cmn"),
        ("Cantonese_ProfessionalHost（F)", "你好", None, "yue"),
        ("male-qn-qingse", "你好", "auto", "cmn"),
        (NARRATOR, "你好", "Chinese,Yue", "yue"),
        (NARRATOR, "bonjour", "French", "fr"),
        ("czech_male_1_v1", "dobrý den", None, "cs"),
        (NARRATOR, "Привет", None, "ru"),
        ("Ukrainian_CalmWoman", "Привіт", None, "uk"),
    ],
)
def test_the_language_follows_voice_boost_and_script(
    voice: str, text: str, boost: str | None, language: str
) -> None:
    assert language_of(voice, text, boost) == language
    assert speak(text, voice_id=voice, language=boost)[0].size > 4000


@pytest.mark.parametrize(
    ("voice", "woman"),
    [
        ("English_CalmWoman", True),
        ("female-shaonv", True),
        ("Korean_SweetGirl", True),
        ("A warm and calm female narration voice", True),
        ("male-qn-qingse", False),
        ("English_Gentle-voiced_man", False),
        ("English_Deep-VoicedGentleman", False),
        ("Santa_Claus", False),
    ],
)
def test_a_name_tells_women_from_men(voice: str, woman: bool) -> None:
    assert is_woman(voice) is woman
    manner = manner_of(voice, "x", speed=1, pitch=0, emotion=None, language=None)
    assert ("+f" in manner.voice) is woman


def test_words_come_with_their_times() -> None:
    text = "Hello brave world. <#0.5#> 你好, isn't it?"
    clip = make_speech(text, voice_id=NARRATOR)
    assert [word.text for word in clip.words] == ["Hello", "brave", "world", "你", "好", "isn't", "it"]
    edges = [edge for word in clip.words for edge in (word.begin_ms, word.end_ms)]
    assert edges == sorted(edges)
    assert edges[0] == 0
    assert edges[-1] == clip.duration_ms
    assert clip.words[3].begin_ms - clip.words[2].end_ms == pytest.approx(500, abs=2)


@pytest.mark.parametrize("text", ["", "…", "(sighs)", "<#0.5#>", "\n", "a\0b", "a\ud800"])
def test_a_text_with_nothing_to_say_is_short_but_a_file(text: str) -> None:
    clip = make_speech(text, voice_id=NARRATOR, format="wav")
    assert 200 < clip.duration_ms < 1500
    with av.open(io.BytesIO(clip.data)) as file:
        assert file.streams.audio[0].rate == 32_000


def test_a_clip_decodes_to_its_length_at_the_rate_asked_for() -> None:
    clip = make_speech(TEXT, voice_id=NARRATOR, format="flac", sample_rate=24_000, channels=2)
    with av.open(io.BytesIO(clip.data)) as file:
        stream = file.streams.audio[0]
        count = sum(frame.samples for frame in file.decode(stream))
        assert (stream.rate, stream.codec_context.channels) == (24_000, 2)
        assert count / 24 == pytest.approx(clip.duration_ms, abs=2)


def test_the_same_words_give_the_same_samples_also_from_threads_and_other_processes() -> None:
    def mark(text: str) -> str:
        return hashlib.sha256(
            speak(text, voice_id="German_SweetLady", language="German")[0].tobytes()
        ).hexdigest()

    texts = [f"Nummer {i}, guten Tag." for i in range(6)]
    alone = [mark(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(mark, texts + texts)) == alone + alone
    code = (
        "import hashlib, time\nfrom minimax_nb.sandbox.media import speak\nspeak('warm up', voice_id='x')\n"
        f"while int(time.time()) == {int(time.time())}: pass\n"  # the library seeds itself with the second of the day
        f"for text in {texts!r}:\n"
        "    s = speak(text, voice_id='German_SweetLady', language='German')[0]\n"
        "    print(hashlib.sha256(s.tobytes()).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.split() == alone


def test_without_the_wheel_a_tone_takes_its_place() -> None:
    code = (
        "import sys\nsys.modules['espeakng_loader'] = None\n"
        "from minimax_nb.sandbox.media import espeak, speak\n"
        "voice, long = 'English_CalmWoman', 'Hello there, my dear old friend.'\n"
        "one, two = (speak(text, voice_id=voice)[0] for text in ('Hello there.', long))\n"
        "fast = speak(long, voice_id=voice, speed=2)[0]\n"
        "print(espeak.available(), len(one) < len(two), len(fast) < len(two), int(abs(two.astype(int)).max()) > 3000)"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.split() == ["False", "True", "True", "True"]
