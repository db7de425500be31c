"""What may stand in a text to be spoken, and who may speak it: pauses, sounds, readings, mixed voices."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping

from minimax_nb.catalog import catalog, nearest
from minimax_nb.kinds.inputs import MediaInput

T2A = "MiniMax docs, api-reference/speech-t2a-http"
LONG = "MiniMax docs, api-reference/speech-t2a-async-create"

_PAUSE = re.compile(r"<#([^<>#]{0,12})#>")
_SECONDS = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?")
_SOUND = re.compile(r"\(([a-z]+(?:-[a-z]+)?)\)")
#: Ids made for a user: of MiniMax's voice design, of its own clones, and of APIXO.
_OWN_VOICE = re.compile(r"(ttv-voice|moss_audio|vt)[-_].*|[A-Za-z][A-Za-z0-9]{5,}-[a-z0-9]{6}")
#: The parts of a JSON file in a zip, each spoken as a text of its own.
_PARTS = ("title", "content", "extra")
#: Bytes that a text of the greatest length may have.
_LARGEST = 8 * 2**20


def pause_problems(text: str) -> Iterator[str]:
    """Yield a line for each pause that is out of range, and one for the first that stands at no good place."""
    pauses = list(_PAUSE.finditer(text))
    for pause in pauses:
        if not _SECONDS.fullmatch(pause[1]) or float(pause[1]) < 0.01:
            yield f"--text {pause[0]}: a pause is <#x#> with x from 0.01 to 99.99 s, at most 2 decimals ({T2A})"
    edges = [0, *(pause.end() for pause in pauses)]
    starts = [*(pause.start() for pause in pauses), len(text)]
    spoken = [any(char.isalnum() for char in text[a:b]) for a, b in zip(edges, starts, strict=True)]
    for i, pause in enumerate(pauses):
        if not (spoken[i] and spoken[i + 1]):
            place = (
                "two pauses in a row"
                if 0 < i + (not spoken[i + 1]) < len(pauses)
                else "at the edge of the text"
            )
            yield f"--text {pause[0]}: {place}; a pause stands between words ({T2A})"
            return


def sound_remarks(text: str, model: str, known: Iterable[str], all_known: Iterable[str]) -> Iterator[str]:
    """Yield a remark for each word in brackets that is meant as a sound and will be read out.

    Parameters
    ----------
    text, model
        What is said, and by which model.
    known
        The sounds that this model makes.
    all_known
        Those that any model makes.
    """
    known, all_known = set(known), list(dict.fromkeys(all_known))
    for word in dict.fromkeys(found[1] for found in _SOUND.finditer(text)):
        if word in known:
            continue
        if word in all_known:
            yield f"({word}) is read out by {model}; the speech-2.8 models make the sound ({T2A})"
        elif known and (hint := nearest(f"({word})", [f"({sound})" for sound in all_known])):
            yield f"({word}) is no sound that {model} makes and is read out{hint} ({T2A})"


def voice_remarks(flag: str, voice: str) -> Iterator[str]:
    """Yield a remark for a voice id that is not listed and does not look like one of the user's own."""
    if catalog().has_voice(voice) or _OWN_VOICE.fullmatch(voice):
        return
    languages = {known.language.partition(",")[0].casefold() for known in catalog().voices()} | {"cantonese"}
    hint = catalog().voice_hint(voice)
    if hint or re.split("[_ ]", voice)[0].casefold() in languages:
        yield f"{flag} {voice!r} is not a listed voice{hint} (a voice of your own is fine; an unknown one answers 2054)"


def mix_text(value: object) -> object:
    """Return a mix given as a mapping (voice → weight) in the form of the option; anything else as it is."""
    if isinstance(value, Mapping):
        return ",".join(f"{voice}:{weight}" for voice, weight in value.items())
    return value


def mix_of(mix: str) -> tuple[tuple[str, int], ...]:
    """Return the voices of a mix with their weights: ``Voice_A:70,Voice_B:30``.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    found = []
    for part in mix.split(","):
        voice, colon, weight = part.rpartition(":")
        if not (colon and voice.strip() and weight.strip().isascii() and weight.strip().isdigit()):
            raise ValueError(
                "VOICE:WEIGHT,VOICE:WEIGHT, as in 'English_Graceful_Lady:70,English_Diligent_Man:30'"
            )
        if not 1 <= int(weight) <= 100:
            raise ValueError(f"the weight of {voice.strip()} must be a whole number from 1 to 100")
        found.append((voice.strip(), int(weight)))
    names = [voice for voice, _ in found]
    if len(set(names)) < len(names):
        raise ValueError("names a voice twice")
    return tuple(found)


def texts_of(media: MediaInput) -> list[str]:
    """Return the texts of a file to be spoken: a txt, or a zip of txt or JSON files.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    data = media.data or b""
    if data[:4] != b"PK\x03\x04":
        return [_decoded(data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            endings = {entry.filename.rpartition(".")[2].lower() for entry in entries}
            if len(endings) != 1 or not endings <= {"txt", "json"}:
                raise ValueError("a zip must hold txt files or JSON files, and no others")
            if sum(entry.file_size for entry in entries) > _LARGEST:
                raise ValueError("a zip with more than any text may have")
            texts = [_decoded(archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"a zip that cannot be read ({error})") from None
    return texts if endings == {"txt"} else [part for text in texts for part in _parts(text)]


def _parts(text: str) -> list[str]:
    wrong = "a JSON file in the zip must be an object with the texts title, content and extra"
    try:
        found = json.loads(text)
    except ValueError:
        raise ValueError(wrong) from None
    if not isinstance(found, dict) or not all(isinstance(found.get(name, ""), str) for name in _PARTS):
        raise ValueError(wrong)
    return [found.get(name, "") for name in _PARTS]


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("must be UTF-8 text in a txt file, or a zip of such files") from None
