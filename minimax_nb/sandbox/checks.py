"""Field checks of JSON bodies, strict about types; each room words the refusal in its own way."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


class Invalid(Exception):  # noqa: N818 - a verdict, always caught by a room
    """A body that breaks a rule.

    Parameters
    ----------
    field
        The field's path, as ``voice_setting.speed``.
    reason
        What is allowed.
    missing
        Whether a required field is absent.
    """

    def __init__(self, field: str, reason: str, *, missing: bool = False) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.missing = missing


class Fields:
    """One JSON object under check. ``null`` counts as absent.

    Parameters
    ----------
    data
        The object.
    prefix
        Path of the object inside the body, with a final dot.
    """

    def __init__(self, data: dict[str, Any], prefix: str = "") -> None:
        self.data = data
        self.prefix = prefix
        self.known: set[str] = set()

    def fail(self, name: str, reason: str) -> Invalid:
        """Return the verdict on field ``name``."""
        return Invalid(self.prefix + name, reason)

    def get(self, name: str, required: bool = False) -> Any:
        """Return the raw value; raise Invalid when it is required and absent."""
        self.known.add(name)
        value = self.data.get(name)
        if value is None and required:
            raise Invalid(self.prefix + name, "required", missing=True)
        return value

    def has(self, name: str) -> bool:
        """Return whether the field is there and not null."""
        return self.data.get(name) is not None

    def text(self, name: str, *, required: bool = False, low: int = 0, high: int | None = None) -> str | None:
        """Return a string of ``low`` to ``high`` characters; white space alone counts as empty."""
        value = self.get(name, required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.fail(name, "must be a string")
        if low and not value.strip() and high is None:
            raise self.fail(name, "must not be empty")
        length = len(value) if value.strip() else 0
        if length < low or (high is not None and len(value) > high):
            raise self.fail(
                name, f"length must be {low}-{high} characters" if low else f"maximum {high} characters"
            )
        return value

    def integer(
        self,
        name: str,
        *,
        low: int | None = None,
        high: int | None = None,
        choices: Collection[int] = (),
        multiple: int = 1,
        required: bool = False,
    ) -> int | None:
        """Return an integer in a range or a set."""
        value = self.get(name, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(name, "must be an integer")
        if choices and value not in choices:
            raise self.fail(name, f"must be one of {', '.join(map(str, choices))}")
        if (low is not None and value < low) or (high is not None and value > high):
            raise self.fail(name, f"must be between {low} and {high}")
        if value % multiple:
            raise self.fail(name, f"must be divisible by {multiple}")
        return value

    def number(self, name: str, low: float, high: float, *, open_low: bool = False) -> float | None:
        """Return a number in [low, high], or (low, high]."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(name, "must be a number")
        if value < low or value > high or (open_low and value == low):
            raise self.fail(name, f"must be in {'(' if open_low else '['}{low:g}, {high:g}]")
        return float(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail(name, "must be boolean")
        return value

    def choice(self, name: str, choices: Collection[str], *, required: bool = False) -> str | None:
        """Return one of a set of strings, compared exactly."""
        value = self.get(name, required)
        if value is None:
            return None
        if not isinstance(value, str) or value not in choices:
            raise self.fail(name, f"must be one of {', '.join(choices)}")
        return value

    def child(self, name: str, *, required: bool = False) -> Fields:
        """Return a nested object; an empty one when it is absent."""
        value = self.get(name, required)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.fail(name, "must be an object")
        return Fields(value, f"{self.prefix}{name}.")

    def items(self, name: str, *, required: bool = False) -> list[Any]:
        """Return a list; an empty one when it is absent."""
        value = self.get(name, required)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fail(name, "must be an array")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of strings."""
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise self.fail(name, "must be an array of strings")
        return values

    def unknown(self) -> list[str]:
        """Return the keys that no check asked for."""
        return sorted(set(self.data) - self.known)
