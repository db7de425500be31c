"""``%minimax voices``: the system voices; with ``--mine`` the account's own, with ``--delete`` one voice less."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.catalog import nearest
from minimax_nb.errors import GrammarError, RequestInvalidError
from minimax_nb.magics.context import Context

if TYPE_CHECKING:
    from minimax_nb.lab.account import MyVoice

SHOWN = 40
_MINE = ("voice id", "origin", "since", "kept", "description")
_NOTE = "A made voice is charged when it is first used in speech, and kept from then on"


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Show the voices that match; the first 40, the rest by a narrower filter or ``lab.voices()``."""
    doomed = options.pop("delete", None)
    mine = options.pop("mine", False) or "type" in options
    if doomed is not None:
        _delete(context, doomed, words, options)
        return
    if options.pop("yes", False):
        raise GrammarError("--yes goes with --delete: %minimax voices --delete ID --yes")
    if mine:
        _mine(context, words, options)
        return
    if "provider" in options:
        raise GrammarError(
            "--provider goes with --mine or --delete; the listed voices are the same everywhere"
        )
    found = context.lab.voices(words[0] if words else None, options.get("language"))
    if not found:
        raise GrammarError(f"no system voice {_asked(words, options)}{_near(context, words)}")
    rows = [(voice.id, voice.name, voice.language, voice.gender or "") for voice in found[:SHOWN]]
    hidden = len(found) - len(rows)
    note = f"{hidden} more: narrow it down, %minimax voices warm --language English" if hidden > 0 else ""
    context.table(count(len(found), "voice"), ("voice id", "name", "language", "gender"), rows, note)


def _asked(words: list[str], options: dict[str, Any]) -> str:
    language = f"of {options['language']}" if "language" in options else ""
    return " ".join([*(f"with {word!r}" for word in words), *([language] if language else [])])


def _near(context: Context, words: list[str]) -> str:
    """Return the nearest voice or language, and where one's own voices are listed."""
    every = context.lab.voices()
    known = [*(voice.id for voice in every), *(voice.language for voice in every if voice.language)]
    near = nearest(words[0], list(dict.fromkeys(known))) if words else ""
    return f"; %minimax voices --mine lists your own{near}"


def _mine(context: Context, words: list[str], options: dict[str, Any]) -> None:
    if "language" in options:
        raise GrammarError("--language is of the system voices; a voice of your own speaks any language")
    wanted = words[0].casefold() if words else ""
    voices = context.lab.account_voices(options.get("type"), provider=options.get("provider"))
    found = [voice for voice in voices if wanted in f"{voice.id} {voice.name}".casefold()]
    if not found:
        text = "No voices of your own" + (f" with {words[0]!r}" if words else "")
        context.show(f"{text}: %minimax help voice-design, %minimax help voice-clone.")
        return
    rows = [_row(voice) for voice in found[:SHOWN]]
    hidden = len(found) - len(rows)
    note = f"{hidden} more: lab.account_voices()" if hidden > 0 else _NOTE
    context.table("Voices of the account", _MINE, rows, note)


def _row(voice: MyVoice) -> tuple[str, ...]:
    return (voice.id, voice.origin, _date(voice.made), voice.kept, voice.name)


def _date(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d}"


def _delete(context: Context, voice_id: str, words: list[str], options: dict[str, Any]) -> None:
    others = [name for name in options if name not in ("yes", "provider")]
    if words or others:
        raise GrammarError("--delete stands alone: %minimax voices --delete ID --yes")
    if not options.get("yes"):
        raise RequestInvalidError(
            f"voice {voice_id!r} is not deleted: a deleted voice cannot be used again, nor its id for another one",
            hint=f"%minimax voices --delete {voice_id} --yes deletes it",
        )
    gone = context.lab.delete_voice(voice_id, provider=options.get("provider"))
    context.show(f"Voice {gone} is deleted.")
