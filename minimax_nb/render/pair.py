"""Two results without their names: what a blind rating shows where no buttons work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minimax_nb.media.preview import data_uri
from minimax_nb.render import html
from minimax_nb.render.pictures import UNPLAYABLE

if TYPE_CHECKING:
    from minimax_nb.media import Media

MOST = 1_500_000  #: bytes of one sound or film that is embedded
_PX = 512


@dataclass(frozen=True, slots=True)
class Shown:
    """One side: nothing of it tells what made it, its address least of all, so all is embedded."""

    letter: str
    kind: str
    picture: str = ""
    content: str = ""
    text: str = ""


def pair_html(
    head: str, prompt: str, a: Media, b: Media, notes: Sequence[str], *, players: bool = True
) -> str:
    """Return the pair: sides called A and B, media embedded, no names, no facts.

    Parameters
    ----------
    head
        Which pair of how many.
    prompt
        The question that both answer.
    a, b
        The results.
    notes
        Lines below.
    players
        Put sounds and films in, not only their pictures.
    """
    sides = [_shown("A", a, players), _shown("B", b, players)]
    return html.render("pair.html.j2", head=head, prompt=prompt, sides=sides, notes=notes)


def _shown(letter: str, item: Media, players: bool) -> Shown:
    if item.kind == "text":
        return Shown(letter, "text", text=item.text())
    small = item.bytes_size <= MOST and item.mime not in UNPLAYABLE
    plays = players and item.kind in ("audio", "video") and small
    return Shown(
        letter, item.kind, item.preview_uri(_PX) or "", data_uri(item.mime, item.bytes()) if plays else ""
    )
