"""``%minimax config [NAME=VALUE …] [--save]``: settings, and where each value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minimax_nb.errors import ConfigError
from minimax_nb.magics.context import Context

if TYPE_CHECKING:
    from minimax_nb.settings import Setting, Settings

HEADERS = ("setting", "value", "from", "default", "meaning")


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Set what is given, then show it; without words show every setting.

    A key is asked for without showing it: ``%minimax config minimax_api_key``. With ``--save`` what is
    given stays for later kernels; without words, everything that was set in this one.
    """
    settings = context.lab.settings
    pairs = [word.partition("=") for word in words]
    for name, equals, value in pairs:
        known = settings.get(name)  # an unknown name stops before anything is set
        if equals and value and known.secret:
            raise ConfigError(
                "a key is not set in a cell, because it would be saved with the notebook",
                hint=f"%minimax config {known.name} asks for it and does not show it",
            )
    shown = [_apply(settings, name, value if equals else None) for name, equals, value in pairs]
    note = _save(settings, shown) if options.get("save") else ""
    rows = [
        (item.name, item.shown or _in_force(context, item.name), item.source, item.default or "", item.help)
        for item in shown or settings.all()
    ]
    context.table("Settings", HEADERS, rows, note)


def _in_force(context: Context, name: str) -> str:
    """Return what a setting that is left empty comes to."""
    lab = context.lab
    found: dict[str, object] = {
        "home": lab.settings.home,
        "ledger": lab.settings.ledger_path,
        "media": lab.settings.home / "media",
        "project": lab.project,
        "budget": "none",
        "approve": "any amount",
        "prices": "the catalog's",
        "webhook_url": "none",
        "poll_floor": "as documented",
    }
    return str(found.get(name, ""))


def _apply(settings: Settings, name: str, value: str | None) -> Setting:
    """Set a value; without one, ask for a key and only read anything else."""
    found = settings.get(name)
    if value is None and found.secret:
        value = _ask(found.name) or None
    return found if value is None else settings.set(name, value)


def _save(settings: Settings, named: list[Setting]) -> str:
    """Keep what was set in this kernel; what was set back to nothing is forgotten."""
    session = settings.session()
    values = {item.name: session.get(item.name) for item in named} if named else session
    if not values:
        raise ConfigError(
            "nothing was set in this kernel, so there is nothing to save",
            hint="%minimax config live=widget --save sets and saves",
        )
    return ". ".join(settings.save(values))


def _ask(name: str) -> str:
    from getpass import getpass

    from IPython.core.error import StdinNotImplementedError

    try:
        return getpass(f"{name} (not shown; empty leaves it as it is): ")
    except (StdinNotImplementedError, EOFError):
        raise ConfigError(
            f"{name} cannot be asked for here: nobody can type an answer", hint=f"Set {name.upper()}"
        ) from None
