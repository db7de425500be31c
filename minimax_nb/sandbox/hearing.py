"""What the sandbox can hear: recordings that it made itself, by their content."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_KEPT = 2_000
#: What is heard in a recording from elsewhere: the sandbox has no ears.
UNKNOWN = "This is a sandbox. It recognises only the speech that it made itself."


@dataclass(frozen=True)
class Heard:
    """The words of a recording.

    Parameters
    ----------
    text
        What is said.
    words
        Each word with the ms at which it begins and ends; empty when they are not known.
    """

    text: str
    words: Sequence[tuple[str, int, int]] = ()


class Hearing:
    """A memory of the recordings made lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Heard] = OrderedDict()
        self._lock = threading.Lock()  # long texts are spoken in the media threads

    def note(self, data: bytes, text: str, words: Sequence[tuple[str, int, int]] = ()) -> None:
        """Remember what a recording says."""
        digest = hashlib.sha256(data).hexdigest()
        with self._lock:
            self._known[digest] = Heard(text, words)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def listen(self, data: bytes) -> Heard | None:
        """Return what a recording says; ``None`` for one made elsewhere."""
        return self._known.get(hashlib.sha256(data).hexdigest())

    def likeness(self, data: bytes, text: str) -> float:
        """Return how well a text fits a recording, 0 to 1; one made elsewhere fits any text."""
        heard = self.listen(data)
        if heard is None:
            return 1.0
        return SequenceMatcher(None, _plain(heard.text), _plain(text), autojunk=False).ratio()


def _plain(text: str) -> list[str]:
    return re.findall(r"\w", text.lower())
