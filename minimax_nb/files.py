"""Writing files: under their names whole or not there, and to the last byte."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a place to write to; what was written there becomes ``target`` when the block ends well.

    Parameters
    ----------
    target
        The file, in a folder that exists; an existing one is replaced, and stays as it is when the
        block raises.

    Yields
    ------
    Path
        A hidden name beside it, on the same disk; nothing is left there.

    Raises
    ------
    OSError
        When it cannot take its place.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_all(descriptor: int, data: bytes) -> None:
    """Write data to an open file to the end; a disk that fills up takes a part, then raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
