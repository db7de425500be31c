"""Files that an account is to keep at a provider, checked against their purpose before they are sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from minimax_nb.catalog import FilePurpose
from minimax_nb.errors import RequestInvalidError
from minimax_nb.kinds.checks import MB, audio_seconds
from minimax_nb.kinds.inputs import MediaInput, sniff
from minimax_nb.kinds.options import one_of

#: The ending that a type is sent under, where a file brings no name.
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "audio/mpeg": "mp3",
    "audio/mp4": "m4a", "audio/wav": "wav", "video/mp4": "mp4", "video/quicktime": "mov", "text/plain": "txt",
    "application/zip": "zip",
}  # fmt: skip


def upload_input(source: Any, rule: FilePurpose, name: str | None = None) -> MediaInput:
    """Read what is to be uploaded and check it.

    Parameters
    ----------
    source
        Any form that :meth:`MediaInput.of` takes, but a URL; a path may be as large as the purpose allows.
    rule
        The purpose.
    name
        File name to send; the source's own when left out.

    Raises
    ------
    RequestInvalidError
        One line a problem; nothing was sent.
    """
    try:
        media = _read(source, rule)
    except ValueError as error:
        raise RequestInvalidError(str(error)) from None
    media = replace(media, name=name or _named(media))
    problems = list(_problems(media, rule))
    if problems:
        raise RequestInvalidError(problems)
    return media


def _read(source: Any, rule: FilePurpose) -> MediaInput:
    if isinstance(source, str | os.PathLike) and not str(source)[:8].lower().startswith(("data:", "http")):
        path = Path(source).expanduser()
        # Asked before it is read: a purpose may take more than fits into a request that holds its inputs.
        most = max(rule.bytes_max.values(), default=0)
        if path.is_file() and path.stat().st_size > most:
            raise ValueError(
                f"{path.name}: {path.stat().st_size / MB:.4g} MB; {_sizes(rule)} ({rule.source})"
            )
        if path.is_file():
            data = path.read_bytes()
            return MediaInput(name=path.name, data=data, mime=sniff(data))
    media = MediaInput.of(source)
    if media.data is None:
        raise ValueError(f"{media.name}: an upload takes a file, bytes or an earlier result, not a URL")
    return media


def _named(media: MediaInput) -> str:
    """Return the name, with the ending that the type asks for where it has none: providers go by it."""
    ending = _ENDINGS.get(media.mime or "")
    return media.name if "." in media.name or ending is None else f"{media.name.replace(' ', '-')}.{ending}"


def _problems(media: MediaInput, rule: FilePurpose) -> Iterator[str]:
    data, ending = media.data or b"", media.name.rpartition(".")[2].lower()
    label = f"{media.name} for --purpose {rule.name}"
    if ending not in rule.bytes_max:
        yield f"{label}: {one_of(rule.endings)} ({rule.source})"
        return
    most = rule.bytes_max[ending]
    if not data:
        yield f"{label}: the file is empty"
    elif len(data) > most:
        yield f"{label}: {len(data) / MB:.4g} MB; at most {most / MB:g} MB ({rule.source})"
    if problem := _length(media, rule):
        yield f"{label}: {problem} ({rule.source})"
    if rule.characters_max is not None and ending == "txt":
        count = len(data.decode("utf-8", "replace"))
        if count >= rule.characters_max:
            yield f"{label}: {count:,} characters; fewer than {rule.characters_max:,} ({rule.source})"


def _length(media: MediaInput, rule: FilePurpose) -> str | None:
    """Return what is wrong with the length of a recording; one that cannot be measured passes."""
    if rule.seconds_min is rule.seconds_max is rule.seconds_below is None:
        return None
    seconds = audio_seconds(media)
    if seconds is None:
        return None
    if rule.seconds_below is not None and seconds >= rule.seconds_below:
        return f"{seconds:.4g} s long; less than {rule.seconds_below:g} s"
    low, high = rule.seconds_min or 0, rule.seconds_max or float("inf")
    return None if low <= seconds <= high else f"{seconds:.4g} s long; {low:g} to {high:g} s"


def _sizes(rule: FilePurpose) -> str:
    sizes = {ending: most / MB for ending, most in rule.bytes_max.items()}
    return "at most " + ", ".join(f"{size:g} MB of {ending}" for ending, size in sizes.items())
