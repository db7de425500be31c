r"""Fill ``{name}`` in prompts and option values from the notebook's variables, and nothing else.

A field is ``{root.path[index]!r:format}`` whose root is a public name of the user's namespace and whose
path is attribute and index access only. Nothing is evaluated. Everything that is not such a field stays
as typed: JSON, CSS (``{color: red}``), LaTeX, ``$5``, lone braces, unknown names. ``{{name}}`` gives ``{name}``
and ``{{{name}}}`` the value in braces, but only around what would be filled otherwise, so that nested
JSON keeps its ``}}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from minimax_nb.errors import GrammarError

_INDEX = r"""-?\d+|"[^"\]]*"|'[^'\]]*'|[^\W\d]\w*"""
_PATH = rf"(?:\.[^\W\d]\w*|\[(?:{_INDEX})\])*"
# A blank after the colon is CSS or a JavaScript object, not a format.
_FIELD = rf"(?P<root>[^\W\d]\w*)(?P<path>{_PATH})(?P<conv>![rsa])?(?P<format>:(?!\s)[^{{}}]*)?"
_PLACE = re.compile(
    rf"(?P<outer>\{{\{{)?\{{{_FIELD}\}}(?(outer)\}}\}})|\{{\{{(?P<literal>{_FIELD.replace('?P<', '?P<literal_')})\}}\}}"
)
_WHOLE = re.compile(rf"\{{{_FIELD}\}}")
_STEP = re.compile(rf"\.(?P<name>\w+)|\[(?P<index>{_INDEX})\]")
_CONVERSIONS: Mapping[str, Callable[[Any], str]] = {"!r": repr, "!s": str, "!a": ascii}


class _NotFilledError(Exception):
    """Why a field stays as typed."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its fields filled.

    Parameters
    ----------
    text
        The result.
    names
        The fields that were filled, as typed between the braces, each once.
    leftover
        Field-like parts that stayed as typed, and why: ``(field, reason)``.
    """

    text: str
    names: tuple[str, ...] = ()
    leftover: tuple[tuple[str, str], ...] = ()

    def check_strict(self) -> None:
        """Raise GrammarError that names the first field left over."""
        for field, reason in self.leftover:
            raise GrammarError(f"--strict: {{{field}}} is not filled: {reason}")


def interpolate(text: str, names: Mapping[str, Any]) -> Filled:
    """Fill the fields of ``text``.

    Parameters
    ----------
    text
        A prompt, or an option's value.
    names
        The user's variables; names that begin with an underscore are never used.

    Raises
    ------
    GrammarError
        Where a field names media, which cannot be part of a text: sending its description in a
        paid prompt is never what was meant.
    """
    filled: dict[str, None] = {}
    leftover: dict[str, str] = {}

    def replace(found: re.Match[str]) -> str:
        if found["literal"] is not None:
            return found[0][1:-1] if _usable(found["literal_root"], names) else found[0]
        field = found[0].strip("{}")
        try:
            value = _format(_lookup(found, names), found)
        except _NotFilledError as reason:
            leftover[field] = str(reason)
            return found[0]
        filled[field] = None
        return f"{{{value}}}" if found["outer"] else value

    return Filled(_PLACE.sub(replace, text), tuple(filled), tuple(leftover.items()))


def is_field(value: str) -> bool:
    """Return True when ``value`` is one field and nothing else, without conversion or format."""
    found = _WHOLE.fullmatch(value)
    return found is not None and not found["conv"] and not found["format"]


def whole_object(value: str, names: Mapping[str, Any]) -> Any:
    """Return the object that the field ``value`` names.

    Raises
    ------
    GrammarError
        When it names nothing.
    """
    found = _WHOLE.fullmatch(value)
    assert found is not None
    try:
        return _lookup(found, names)
    except _NotFilledError as reason:
        raise GrammarError(f"{value}: {reason}") from None


def _usable(root: str, names: Mapping[str, Any]) -> bool:
    return not root.startswith("_") and root in names


def _lookup(found: re.Match[str], names: Mapping[str, Any]) -> Any:
    root = found["root"]
    if not _usable(root, names):
        near = get_close_matches(root, [name for name in names if not name.startswith("_")], n=1, cutoff=0.7)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise _NotFilledError(f"no variable {root!r} in the notebook{hint}")
    value = names[root]
    walked: str = root
    for kind, step, shown in _steps(found["path"]):
        if kind == "name" and str(step).startswith("_"):
            raise _NotFilledError(f"{shown} is private")
        try:
            value = getattr(value, str(step)) if kind == "name" else value[step]
        except Exception as error:  # a property or __getitem__ of the user's object may raise anything
            raise _NotFilledError(f"{walked} has no {shown} ({type(error).__name__})") from None
        walked += shown
    return value


def _steps(path: str) -> Iterator[tuple[str, str | int, str]]:
    for found in _STEP.finditer(path):
        name, index = found["name"], found["index"]
        if name is not None:
            yield "name", name, found[0]
        elif index[0] in "'\"":
            yield "index", index[1:-1], found[0]
        else:
            yield "index", int(index) if index.lstrip("-").isdigit() else index, found[0]


def _format(value: Any, found: re.Match[str]) -> str:
    if _is_media(value):
        field = found[0].strip("{}")
        raise GrammarError(
            f"{{{field}}} is media ({type(value).__name__}) and cannot be part of a text; "
            f"give it as a whole value, such as --first-frame {{{field}}}"
        )
    try:
        if found["conv"]:
            value = _CONVERSIONS[found["conv"]](value)
        text = format(value, (found["format"] or ":")[1:])
    except Exception as error:  # the user's __format__ may raise anything
        raise _NotFilledError(f"cannot be formatted so ({type(error).__name__})") from None
    if not isinstance(value, str) and text.startswith("<") and text.endswith(">"):
        # A function, a module, an object without words of its own: its address is not what a prompt wants.
        raise _NotFilledError(f"is a {type(value).__name__}, which has no text")
    return text


def _is_media(value: Any) -> bool:
    if type(value).__module__ == "minimax_nb.lab.result" and value.is_text:
        return False  # a result that is words: an answer, lyrics
    return (
        isinstance(value, bytes | bytearray)
        or (not isinstance(value, type) and hasattr(type(value), "_repr_mimebundle_"))
        or hasattr(type(value), "_repr_png_")
    )
