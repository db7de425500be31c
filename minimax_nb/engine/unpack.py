"""A result that is a tar of several: its sounds and captions become outputs of their own, its facts the job's.

A long text comes as one file or as a tar with three files a text: the sound, captions (``.titles``) and
facts (``.extra``). Everything that is read here was checked as a download; names in it are never used as paths.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

from minimax_nb.errors import MediaError
from minimax_nb.media import MediaStore, StoredFile
from minimax_nb.providers.base import Output

_CAPTIONS = frozenset({"titles", "title", "srt", "vtt", "json"})
_FACTS = "extra"
#: Names of the facts as the other replies have them.
_NAMES = {"audio_length": "duration_ms", "audio_sample_rate": "sample_rate", "bitrate": "bitrate"}
_SMALL = 2**20  #: bytes of facts that are read
_BLOCK = 2**20


def unpack(
    path: Path, mime: str | None, store: MediaStore
) -> tuple[list[tuple[Output, StoredFile]], dict[str, Any]]:
    """Store what is in a tar, one by one; return it in the tar's order, and the facts of the first sound.

    Parameters
    ----------
    path
        The tar.
    mime
        What its sounds were asked to be.
    store
        Where they go.

    Raises
    ------
    MediaError
        It is broken, or holds no sound.
    """
    found: list[tuple[Output, StoredFile]] = []
    facts: dict[str, Any] = {}
    try:
        with tarfile.open(path, "r:") as archive:  # a packed one could unpack to anything
            for entry in archive:
                if entry.issparse():
                    raise tarfile.ReadError(f"{entry.name} says more than it holds")
                file = archive.extractfile(entry) if entry.isfile() and entry.size else None
                if file is None:
                    continue
                ending = entry.name.rpartition(".")[2].lower()
                if ending == _FACTS:
                    facts = facts or _facts(file.read(_SMALL))
                    continue
                captions = ending in _CAPTIONS
                output = Output("subtitle", mime="application/json") if captions else Output(mime=mime)
                with store.writer(mime_hint=output.mime, expected_bytes=entry.size) as writer:
                    while block := file.read(_BLOCK):
                        writer.write(block)
                found.append((output, writer.stored))
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise MediaError(f"the result is a tar that cannot be read ({error})") from error
    if not any(output.role == "output" for output, _ in found):
        raise MediaError("the result is a tar without any sound")
    return found, facts


def _facts(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {_NAMES[name]: value for name, value in told.items() if name in _NAMES and isinstance(value, int)}
