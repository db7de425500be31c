"""What the makers take from a text: its words, and numbers that depend on nothing but the text."""

from __future__ import annotations

import hashlib
import re

import numpy as np


def vocabulary(words: str) -> frozenset[str]:
    """Return the words of a line as a set: how the tables of this package write theirs."""
    return frozenset(words.split())


def words_of(prompt: str) -> list[str]:
    """Return the lower-case words of a prompt in order; plural forms also without their ``s``."""
    found: list[str] = []
    for word in re.findall(r"[^\W\d_]+", prompt.lower()):
        found.append(word)
        if word.endswith("s") and len(word) > 3:
            found.append(word[:-1])
    return found


def digest(*parts: object) -> int:
    """Hash some parts to 64 bits, the same in every process, unlike ``hash()``."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest(), "big")


def rng_of(*parts: object) -> np.random.Generator:
    """Return a generator whose stream is fixed by the parts."""
    return np.random.default_rng(digest(*parts))
