"""``%minimax import FILE``: take a bundle of ``%minimax export`` into this ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from minimax_nb.errors import GrammarError
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Take its jobs and media; its notebook goes into the working folder, or where ``--folder`` says."""
    if not words:
        raise GrammarError(f"usage: %minimax {COMMANDS['import'].usage}")
    if not Path(words[0]).expanduser().is_file():
        raise GrammarError(f"there is no file {words[0]}")
    context.show(str(context.lab.import_bundle(words[0], options.get("folder") or ".")))
