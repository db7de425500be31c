"""``%minimax replay [on|off]``: a notebook run from the ledger, with no key and no network."""

from __future__ import annotations

from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.context import Context
from minimax_nb.settings import ON_OFF

_SAID = {
    "on": "Replay is on: every request is answered from the ledger, and nothing is sent.",
    "off": "Replay is off: requests are sent.",
}


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Switch it for this kernel, or say how it stands."""
    settings = context.lab.settings
    if words:
        if words[0] not in ON_OFF:
            raise GrammarError(f"replay {words[0]}: allowed: on, off")
        settings.set("replay", words[0])
    setting = settings.get("replay")
    source = "" if setting.source in ("default", "%minimax config") else f" ({setting.source})"
    context.show(_SAID[setting.value] + source)
