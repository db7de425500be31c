"""What stays for later kernels: settings in a TOML file, keys in the system's keyring and nowhere else."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minimax_nb.errors import ConfigError
from minimax_nb.files import whole_file

_NAME = re.compile(r"\s*(?P<name>[\w-]+)\s*=")
_TABLE = re.compile(r"\s*\[")


def write(path: Path, values: Mapping[str, str | None]) -> None:
    """Set top-level texts of a TOML file and leave everything else as it is, comments too.

    Parameters
    ----------
    path
        The file; made, with its folder, when missing.
    values
        Name → text; ``None`` takes the name out.

    Raises
    ------
    ConfigError
        When the file cannot be read or written, or is written in a way that cannot be changed line by line.
    """
    try:
        old = path.read_text("utf-8") if path.is_file() else ""
        before = tomllib.loads(old)
        new = _edited(old, values)
        if tomllib.loads(new) != _wanted(before, values):
            raise ValueError("it is not written one setting a line")
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as draft:
            draft.write_text(new, "utf-8")
    except (OSError, ValueError) as error:  # a TOML or decoding error is a ValueError
        raise ConfigError(
            f"the settings file {path} cannot be written: {error}", hint="Correct it by hand."
        ) from None


def keep_key(service: str, name: str, key: str | None) -> None:
    """Put a key into the system's keyring; ``None`` takes it out.

    Raises
    ------
    ConfigError
        When there is none that works.
    """
    require_keyring(name)
    import keyring

    try:
        if key is not None:
            keyring.set_password(service, name, key)
        elif keyring.get_password(service, name) is not None:
            keyring.delete_password(service, name)
    except Exception as error:  # backends raise what they like
        raise ConfigError(
            f"the keyring does not take {name} ({type(error).__name__})", hint=_instead(name)
        ) from None


def require_keyring(name: str) -> None:
    """Raise ConfigError where no keyring is installed: a key is never written into a file."""
    try:
        import keyring  # noqa: F401
    except ImportError:
        raise ConfigError(
            f"{name} is not saved: a key is never written into a settings file",
            hint=f"`pip install keyring` keeps it in the system's keyring. {_instead(name)}",
        ) from None


def _instead(name: str) -> str:
    return f"Or set {name.upper()} in the environment or in .env."


def _edited(text: str, values: Mapping[str, str | None]) -> str:
    lines = text.splitlines()
    end = next((index for index, line in enumerate(lines) if _TABLE.match(line)), len(lines))
    left = dict(values)
    top: list[str | None] = []
    for line in lines[:end]:
        match = _NAME.match(line)
        name = match["name"] if match else ""
        top.append(_line(name, left.pop(name)) if name in left else line)
    top += [_line(name, value) for name, value in left.items()]
    return "\n".join([*(line for line in top if line is not None), *lines[end:], ""])


def _line(name: str, value: str | None) -> str | None:
    return None if value is None else f"{name} = {json.dumps(value, ensure_ascii=False)}"


def _wanted(before: Mapping[str, Any], values: Mapping[str, str | None]) -> dict[str, Any]:
    after = {**before, **values}
    return {name: value for name, value in after.items() if value is not None}
