"""``POST /v1/lyrics_generation``: a title, tags of style, and lyrics with structure tags."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from minimax_nb.sandbox import rates
from minimax_nb.sandbox.minimax.common import fields_of, pay, refuse_content
from minimax_nb.sandbox.minimax.envelope import Refused
from minimax_nb.sandbox.minimax.writer import keywords
from minimax_nb.sandbox.wire import Call, Json

NAME = "lyrics-generation"
_STYLES = (
    "Pop", "Indie Folk", "Soul", "Synth Pop", "Acoustic", "Rock", "Jazz", "Lo-fi", "Ballad", "Country",
)  # fmt: skip
_MOODS = ("Warm", "Wistful", "Bright", "Calm", "Dreamy", "Bold")
_SECTIONS = ("Intro", "Verse", "Pre Chorus", "Chorus", "Verse", "Chorus", "Bridge", "Chorus", "Outro")
_LINES = {
    "Intro": ("Mm, {a}", "Here comes the {b}"),
    "Verse": (
        "I saw the {a} before the day began",
        "A little {b} was falling on my hand",
        "The road was long and {a} was all I had",
        "I left a light for {b} and for the sad",
        "There is a {a} that only evening knows",
        "And every {b} remembers where it goes",
    ),
    "Pre Chorus": ("And when the {a} is gone", "The {b} will carry on"),
    "Chorus": (
        "Oh {a}, stay with me tonight",
        "Oh {b}, hold me to the light",
        "We are the {a}, we are the sound",
        "And all this {b} goes round and round",
    ),
    "Bridge": ("If I forget the {a}", "Sing me the {b} again"),
    "Outro": ("Only the {a}", "Only the {a}, and then the {b}"),
}


async def generate(call: Call) -> Json:
    """Write a song's words, or edit some."""
    fields = fields_of(call)
    mode = fields.choice("mode", ("write_full_song", "edit"), required=True)
    prompt = fields.text("prompt", high=2000)
    lyrics = fields.text("lyrics", high=3500)
    title = fields.text("title")
    if mode == "edit" and not (lyrics or "").strip():
        raise fields.fail("lyrics", "required in edit mode")
    call.entry.ignored = fields.unknown()
    refuse_content(call, prompt, lyrics, title)
    refuse_closed(call, NAME)
    pay(call, NAME, rates.price_nano("minimax", "lyrics", NAME), "lyrics")
    rng = call.world.rng("lyrics", call.world.content_seed(call.account, call.path, fields.data))
    await call.world.clock.sleep(call.world.duration("voice-design", fields.data))
    words = keywords(prompt or "", 5) or keywords(lyrics or "", 5) or ["morning", "river"]
    text = written(words, rng) if mode == "write_full_song" else edited(lyrics or "", words, rng)
    name = title or " ".join(word.capitalize() for word in rng.sample(words, min(2, len(words))))
    return {"song_title": name, "style_tags": _tags(prompt or "", rng), "lyrics": text}


def refuse_closed(call: Call, model: str) -> None:
    """Refuse what was closed to new users, where the switch says that this is one."""
    if call.world.switches.music_sunset:
        raise Refused(2061, f"your current token plan not support model, {model}")


def written(words: list[str], rng: random.Random, sections: Sequence[str] = _SECTIONS) -> str:
    """Return the lyrics of a song about ``words``; the chorus comes back as it was."""
    chorus = _section("Chorus", words, rng)
    parts = [
        f"[{name}]\n" + (chorus if name == "Chorus" else _section(name, words, rng)) for name in sections
    ]
    return "\n\n".join(parts)


def edited(lyrics: str, words: list[str], rng: random.Random) -> str:
    """Return lyrics with the last line of each section about something of ``words``."""
    blocks = re.split(r"\n\s*\n", lyrics.strip())
    lines = [block.splitlines() for block in blocks]
    for block in lines:
        if len(block) > 1:
            block[-1] = _section("Chorus", words, rng).splitlines()[0]
    return "\n\n".join("\n".join(block) for block in lines)


def _section(name: str, words: list[str], rng: random.Random) -> str:
    lines = _LINES[name]
    chosen = lines if len(lines) < 6 else rng.sample(lines, 4)
    a, b = rng.choice(words).lower(), rng.choice(words).lower()
    return "\n".join(line.format(a=a, b=b) for line in chosen)


def _tags(prompt: str, rng: random.Random) -> str:
    """Return tags of style: those the prompt names, else some."""
    named = [style for style in (*_STYLES, *_MOODS) if style.lower() in prompt.lower()]
    return ", ".join(named or [rng.choice(_STYLES), rng.choice(_MOODS)])
