"""A text that is spoken while it is still being written: from a thread of the user's to the engine's loop.

The row says what is sent before it is sent, so that a kernel's death leaves the text that was paid for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minimax_nb.engine.live import LiveJob

#: Seconds between two parts: what is written meanwhile goes out with the next, so that a provider, which
#: takes only so many at a time (2205), is not flooded with single words.
GAP = 0.1
#: Most characters of one part; the provider takes less than 10,000.
PART = 8_000


class Dictation:
    """The rest of a text whose beginning is in the request.

    Parameters
    ----------
    begun
        The beginning.
    most
        Most characters of the whole; what comes after them is not sent.
    columns
        Returns the columns of the job's row that hold a text.
    """

    def __init__(self, begun: str, most: int, columns: Callable[[str], Mapping[str, Any]]) -> None:
        self._begun = begun
        self._room = most - len(begun)
        self._columns = columns
        self._text = ""
        self._closed = self._cut = False
        self._problem = ""
        self._lock = threading.Lock()
        self._news: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def push(self, text: str) -> bool:
        """Take the next part, on any thread; False when no more is wanted."""
        with self._lock:
            if self._closed:
                return False
            self._text += text[: self._room]
            self._cut = len(text) > self._room
            self._room -= min(len(text), self._room)
            self._closed = self._cut
        self._tell()
        return not self._cut

    def close(self, problem: str = "") -> None:
        """Say that the text is at its end, or why it broke off."""
        with self._lock:
            self._problem = self._problem or ("" if self._closed else problem)
            self._closed = True
        self._tell()

    def _tell(self) -> None:
        news = self._news
        if news is not None and not news[0].is_closed():
            news[0].call_soon_threadsafe(news[1].set)

    async def parts(self, job: LiveJob) -> AsyncIterator[str]:
        """Yield the text in parts, as far as it is written, until its end; each is in the row before it is sent.

        Begins anew each time it is called: what is refused before anything is made is sent again as a whole.
        """
        news = asyncio.Event()
        self._news = asyncio.get_running_loop(), news
        sent = 0
        while True:
            news.clear()
            text, closed = self._text, self._closed
            part = text[sent : sent + PART]
            # White space alone is dropped by the provider, and would be missing between two words.
            if part.strip():
                sent += len(part)
                columns = self._columns(self._begun + text[:sent])
                job.record = await asyncio.wrap_future(job.plan.ledger.write_text(job.id, **columns))
                yield part
                await asyncio.sleep(GAP)
            elif closed:
                return
            else:
                await news.wait()

    def remarks(self) -> tuple[str, ...]:
        """Return what is to be said of a text that was not spoken to its end."""
        if self._cut:
            return (
                f"the text is cut off after {len(self._begun + self._text):,} characters (--max-characters)",
            )
        return (f"the text broke off: {self._problem}",) if self._problem else ()
