"""Speech of a text that is still being written: ``lab.speech(job.stream())``."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from minimax_nb.engine.dictation import Dictation
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds import build
from minimax_nb.lab.intent import Asked, fingerprint
from minimax_nb.wire import Piece

if TYPE_CHECKING:
    from minimax_nb.kinds.base import Request
    from minimax_nb.lab import Lab
    from minimax_nb.lab.job import Job

#: Most characters where none are stated: as many as one text of any other way may have.
MOST = 10_000


def dictate(lab: Lab, pieces: Iterable[str | Piece], options: dict[str, Any], own: dict[str, Any]) -> Job:
    """Ask for the speech of a text that comes in pieces; see :meth:`minimax_nb.Lab.dictate`."""
    parts = iter(_texts(pieces))
    # Asked for before anything is sent: a text that never begins, or whose writer fails at once, costs nothing.
    begun = next(parts, "")
    if not begun.strip():
        raise RequestInvalidError("there is no text: nothing came")
    options = {"transport": "bidi", "max_characters": MOST, **options}
    most = options["max_characters"]
    reuse = own.pop("reuse", None)
    if (
        reuse
        or (reuse is None and lab.settings.value("reuse") == "on")
        or lab.settings.value("replay") == "on"
    ):
        # What the ledger has can be told only of the whole text.
        whole = build("speech", _at_most(begun + "".join(parts), most), options)
        return lab.submit(whole, reuse=reuse, **own)
    request = build("speech", _at_most(begun, most), options)
    provider = lab._provider(own.pop("provider", None))
    dictation = _dictation(lab, provider, request, begun)
    asked = Asked(
        dict(own.pop("tags", None) or {}), own.pop("name", None), dictation=dictation,
        approved=own.pop("approved", False), allow_unpriced=own.pop("allow_unpriced", False),
    )  # fmt: skip
    job = lab._ask(request, provider, asked, reuse=False)
    threading.Thread(target=_follow, args=(parts, dictation), name="minimax-dictation", daemon=True).start()
    return job


def _at_most(text: str, most: Any) -> str:
    """Return the beginning of a text; all of it where ``most`` is no such number, which the request says then."""
    return text[:most] if isinstance(most, int) and most > 0 else text


def _dictation(lab: Lab, provider: str, request: Request, begun: str) -> Dictation:
    sandbox = lab._connections.uses_sandbox

    def columns(text: str) -> Mapping[str, Any]:
        said = request.model_copy(update={"text": text, "max_characters": None}).resolve(provider)
        return {
            "prompt": text,
            "request": said.to_json(),
            "fingerprint": fingerprint(provider, said, sandbox=sandbox),
        }

    text = str(getattr(request, "text", ""))
    found = Dictation(text, int(getattr(request, "max_characters", MOST)), columns)
    if len(begun) > len(text):
        found.push(begun[len(text) :])
    return found


def _follow(parts: Iterator[str], dictation: Dictation) -> None:
    try:
        for text in parts:
            if not dictation.push(text):
                return
    except BaseException as error:  # its writer's, told where the result is shown
        dictation.close(f"{type(error).__name__}: {error}".rstrip(": "))
    else:
        dictation.close()


def _texts(pieces: Iterable[str | Piece]) -> Iterator[str]:
    """Yield the texts of what comes; thoughts are not spoken. White space at the beginning goes with the next."""
    held = ""
    for piece in pieces:
        held += piece if isinstance(piece, str) else piece.text if piece.kind == "text" else ""
        if held.strip():
            yield held
            held = ""
