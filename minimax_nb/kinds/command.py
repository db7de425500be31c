"""A request as the cell that would make it: what a result card offers to copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minimax_nb.kinds.base import Request
from minimax_nb.kinds.inputs import MediaInput
from minimax_nb.kinds.options import Option, option_table

_SAFE = re.compile(r"[A-Za-z0-9_@%+:,./][A-Za-z0-9_@%+=:,./-]*|-?[0-9.]+")


@dataclass(frozen=True, slots=True)
class _Part:
    """One value of the cell: as text, or as the name of the variable that must hold it."""

    flag: str
    variable: str
    text: str | None
    is_media: bool = False

    @property
    def has_braces(self) -> bool:
        return self.text is not None and ("{" in self.text or "}" in self.text)

    @property
    def written(self) -> str:
        return (
            f"{self.flag} {{{self.variable}}}" if self.text is None else f"{self.flag} {_quoted(self.text)}"
        )


def to_command(request: Request, provider: str | None = None) -> str:
    """Return the cell that makes an equal request: options that are not the default, then the body.

    What a cell cannot hold to the byte stands as ``{field}``: the name of a variable to put it in. That
    is a value of several lines, a body that begins or ends with a blank, or media that has no file
    name. Braces that are a text's own are kept by ``--raw``; where a text needs a variable as well,
    the texts with braces become variables too.

    Parameters
    ----------
    request
        The request, resolved or not.
    provider
        Named in the line when given.

    Examples
    --------
    >>> print(to_command(ImageRequest(prompt="A fox", n=2)))
    %%minimax image -n 2
    A fox
    """
    flags: list[str] = []
    parts: list[_Part] = []
    for row in option_table(type(request)):
        value = getattr(request, row.field)
        if row.field == request.text_field or value is None or value == row.default:
            continue
        if row.field in request.filled_fields:
            continue
        if isinstance(value, bool):
            flags.append(f"--{'' if value else 'no-'}{row.name}")
        else:
            parts += _parts(row, value)
    text = request.text or ""
    body = _Part("", request.text_field, text if text == text.strip() else None)
    raw = False
    if any(part.has_braces for part in (*parts, body)):
        raw = all(part.text is not None or part.is_media for part in (*parts, body))
        if not raw:
            parts = [_spelled_out(part) for part in parts]
            body = _spelled_out(body)
    words = [part.written for part in parts] + flags
    text = f"{{{body.variable}}}" if body.text is None else body.text
    head = [
        f"{'%%' if text else '%'}minimax",
        request.kind,
        *([f"--provider {provider}"] if provider else []),
    ]
    return " ".join([*head, *(["--raw"] if raw else []), *words]) + (f"\n{text}" if text else "")


def _parts(row: Option, value: Any) -> Iterator[_Part]:
    if not row.repeated:
        yield _part(row, value, row.field)
        return
    for index, item in enumerate(value):
        yield _part(row, item, f"{row.field}[{index}]")


def _part(row: Option, value: Any, variable: str) -> _Part:
    is_media = isinstance(value, MediaInput)
    text = value.given if is_media else str(value)
    if text is not None and (_quoted(text) is None or (is_media and "{" in text)):
        text = None
    return _Part(row.flag, variable, text, is_media)


def _spelled_out(part: _Part) -> _Part:
    """Put a text with braces into a variable: beside another variable, ``--raw`` cannot keep them."""
    return _Part(part.flag, part.variable, None) if part.has_braces and not part.is_media else part


def _quoted(value: str) -> str | None:
    """Return a value as a word of the line, ``None`` when it cannot be one: quotes are verbatim inside."""
    if _SAFE.fullmatch(value):
        return value
    if len(value.splitlines()) > 1 or value.splitlines()[0] != value:
        return None
    for quote in "'\"":
        if quote not in value:
            return f"{quote}{value}{quote}"
    return None if re.search(r"\s|^[\w-]+=['\"]", value) or value[0] in "'\"-" else value
