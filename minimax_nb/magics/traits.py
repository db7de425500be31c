"""The settings as IPython knows such things: ``%config MiniMax.live = 'widget'``, ``c.MiniMax`` in its files.

One trait a setting, with no value of its own: reading asks the lab's settings, setting sets them.
Keys have none, because a cell would be saved with the key in it.
"""

from __future__ import annotations

import logging
from typing import Any
from weakref import WeakSet

from traitlets import TraitType
from traitlets.config import Configurable

from minimax_nb.errors import ConfigError
from minimax_nb.settings import DEFINITIONS, Definition, Settings

SOURCE = "%config"


def _settings() -> Settings:
    from minimax_nb.lab import current_lab

    return current_lab().settings


class _SettingTrait(TraitType):  # type: ignore[misc]
    """One setting."""

    def __init__(self, definition: Definition) -> None:
        allowed = f" One of: {', '.join(definition.choices)}." if definition.choices else ""
        super().__init__(
            definition.default, allow_none=True, help=f"{definition.help}.{allowed}", config=True
        )
        self._setting = definition.name

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return the value that holds now, wherever it comes from."""
        return _settings().value(self._setting)

    def set(self, obj: Any, value: Any) -> None:
        """Set the value for this kernel; ``None`` returns to the other sources."""
        text = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
        _settings().set(self._setting, None if text is None else str(text), SOURCE)


_traits = {row.name: _SettingTrait(row) for row in DEFINITIONS if not row.secret}

#: A Configurable whose name is what is typed after ``%config``.
MiniMax = type("MiniMax", (Configurable,), {"__doc__": "Settings of minimax_nb.", **_traits})


#: Shells whose own configuration was read. Once each: later it also holds what was typed since.
_read: WeakSet[Any] = WeakSet()


def register(shell: Any) -> None:
    """Make the settings known to ``%config``, and take over ``c.MiniMax`` of IPython's configuration files."""
    if any(type(item) is MiniMax for item in shell.configurables):
        return
    made = MiniMax()
    shell.configurables.append(made)
    given = shell.config.get("MiniMax", {}) if shell not in _read else {}
    _read.add(shell)
    for name, value in given.items():
        try:
            if name not in _traits:
                raise ConfigError(f"no setting {name!r}")
            setattr(made, name, value)
        except ConfigError as error:  # one wrong line in a profile must not keep the magic away
            logging.getLogger("minimax_nb").error("c.MiniMax: %s", error.message)


def unregister(shell: Any) -> None:
    """Take them away again; what was set stays set."""
    shell.configurables[:] = [item for item in shell.configurables if type(item) is not MiniMax]
