"""From a voice id to a way of speaking: language, woman or man, and a character of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from minimax_nb.sandbox.media.espeak import Manner
from minimax_nb.sandbox.media.words import digest, vocabulary

# The first word of a voice id, or a value of language_boost, to the espeak-ng voice.
LANGUAGES: Mapping[str, str] = {
    "english": "en-us", "chinese": "cmn", "mandarin": "cmn", "cantonese": "yue", "japanese": "ja", "korean": "ko",
    "spanish": "es", "portuguese": "pt-br", "french": "fr", "german": "de", "italian": "it", "russian": "ru",
    "indonesian": "id", "arabic": "ar", "turkish": "tr", "ukrainian": "uk", "dutch": "nl", "vietnamese": "vi",
    "thai": "th", "polish": "pl", "romanian": "ro", "greek": "el", "czech": "cs", "finnish": "fi", "hindi": "hi",
    "bulgarian": "bg", "danish": "da", "hebrew": "he", "malay": "ms", "persian": "fa", "slovak": "sk",
    "swedish": "sv", "croatian": "hr", "filipino": "id", "hungarian": "hu", "norwegian": "nb", "nynorsk": "nb",
    "slovenian": "sl", "catalan": "ca", "tamil": "ta", "afrikaans": "af",
}  # fmt: skip

_WOMEN = vocabulary(
    "female woman women lady girl queen princess sister miss bestie antie aunt mother mom maiden heroine bride"
    " hostess wife grandma she her shaonv yujie chengshu tianmei xuemei xuejie xiaoling mengmei"
)
_MEN = vocabulary(
    "male man men boy gentleman king knight butler brother father dad boss guy bloke youth santa grinch arnold"
    " commander warrior executive grandpa he his elder scholar godfather qn didi nanyou xuedi xiongzhang shaoye"
)
_OLD_CHINESE = re.compile(
    r"(fe)?male-|clever_boy|cute_boy|lovely_girl|cartoon_pig|\w+_(didi|nanyou|xuedi|xiongzhang|shaoye)$"
    r"|(tianxin|qiaopi|wumei|diadia|danya)_|Arrogant_Miss|Robot_Armor"
)

# Shifts of pitch (semitones), range (of 99) and rate (factor), as listeners hear an emotion.
_EMOTIONS: Mapping[str, tuple[float, int, float]] = {
    "happy": (2.0, 22, 1.08),
    "sad": (-2.0, -28, 0.84),
    "angry": (1.0, 28, 1.12),
    "fearful": (3.0, 8, 1.16),
    "disgusted": (-2.5, 10, 0.90),
    "surprised": (4.0, 38, 1.04),
    "calm": (-0.5, -18, 0.93),
    "fluent": (0.0, 6, 1.06),
    "whisper": (0.0, -10, 0.92),
}

_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("[\u3040-\u30ff]", "ja"),  # kana first: Japanese text holds Chinese characters, too
    ("[\uac00-\ud7af]", "ko"),
    ("[\u4e00-\u9fff]", "cmn"),
    ("[\u0400-\u04ff]", "ru"),
    ("[\u0600-\u06ff]", "ar"),
    ("[\u0590-\u05ff]", "he"),
    ("[\u0370-\u03ff]", "el"),
    ("[\u0900-\u097f]", "hi"),
    ("[\u0e00-\u0e7f]", "th"),
    ("[\u0b80-\u0bff]", "ta"),
)
# Which voices read a script other than Latin; the first of _SCRIPTS is taken when the voice's own is not here.
_READS: Mapping[str, tuple[str, ...]] = {
    "cmn": ("cmn", "yue", "ja"),
    "ru": ("ru", "uk", "bg"),
    "ar": ("ar", "fa"),
}


def language_of(voice_id: str, text: str, boost: str | None = None) -> str:
    """Return the espeak-ng language for a text in a voice.

    The voice's language, or that of ``boost`` (``"Chinese,Yue"`` is Cantonese, ``"auto"`` is none), as long as
    it reads the script of the text: voices are multilingual, espeak-ng's are not.
    """
    words = _words(voice_id)
    language = next((LANGUAGES[word] for word in words if word in LANGUAGES), None)
    if language is None:
        language = "cmn" if _OLD_CHINESE.match(voice_id) else "en-us"
    if "british" in words and language == "en-us":
        language = "en-gb"
    if boost and boost.lower() != "auto":
        language = "yue" if boost == "Chinese,Yue" else LANGUAGES.get(boost.lower(), language)
    for script, native in _SCRIPTS:
        if re.search(script, text):
            return language if language in _READS.get(native, (native,)) else native
    latin = re.search(r"[A-Za-z]", text)
    foreign = language in {native for _, native in _SCRIPTS} | {"yue", "uk", "bg", "fa"}
    return "en-us" if latin and foreign else language


def is_woman(voice_id: str) -> bool:
    """Whether the name or description speaks of a woman; a name that does not say is decided by its hash."""
    words = _words(voice_id)
    woman = any(mark in word for word in words for mark in _WOMEN if len(mark) > 3 or word == mark)
    man = any(
        word.endswith(mark) or word == mark
        for word in words
        for mark in _MEN
        if len(mark) > 2 or word == mark
    )
    if woman != man:
        return woman
    if woman:  # "woman" ends in "man", "female" in "male"
        return True
    return digest("woman", voice_id) % 2 == 0


def manner_of(
    voice_id: str, text: str, *, speed: float, pitch: int, emotion: str | None, language: str | None
) -> Manner:
    """All that espeak-ng needs to speak as this voice; voices of one language differ in timbre, pitch and pace."""
    woman = is_woman(voice_id)
    mark = digest("voice", voice_id)
    variant = f"f{1 + mark % 5}" if woman else f"m{1 + mark % 7}"
    if emotion == "whisper":
        variant = "whisperf" if woman else "whisper"
    semitones, spread, pace = _EMOTIONS.get(emotion or "", (0.0, 0, 1.0))
    own_pitch = (mark // 64) % 17 - 8
    own_pace = 0.95 + ((mark // 4096) % 11) / 100
    return Manner(
        voice=f"{language_of(voice_id, text, language)}+{variant}",
        rate=min(450, max(80, round(168 * speed * pace * own_pace))),
        # four steps of espeak-ng's scale are about a semitone
        pitch=min(99, max(0, round(50 + own_pitch + 4 * (pitch + semitones)))),
        reach=min(99, max(0, 55 + spread)),
    )


def blend(manners: Sequence[tuple[Manner, int]], change: int = 0) -> Manner:
    """Return the mix of some manners by weight: language and timbre of the heaviest, pitch and pace of all.

    Parameters
    ----------
    change
        ``voice_modify.pitch``, -100 to 100; 100 is half an octave.
    """
    total = sum(weight for _, weight in manners)

    def mean(of: Callable[[Manner], int]) -> int:
        return round(sum(of(manner) * weight for manner, weight in manners) / total)

    return Manner(
        voice=max(manners, key=lambda item: item[1])[0].voice,
        rate=mean(lambda manner: manner.rate),
        pitch=min(99, max(0, mean(lambda manner: manner.pitch) + round(0.24 * change))),
        reach=mean(lambda manner: manner.reach),
    )


def _words(name: str) -> list[str]:
    """Lower-case words of an id such as ``English_CalmWoman`` or of a sentence."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+", spaced.lower())
