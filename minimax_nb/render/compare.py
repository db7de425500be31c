"""Results side by side: what differs marked, what they share said once, texts word by word.

The page is plain HTML, so that a saved or untrusted notebook and GitHub show it. Where scripts may run, a
few lines beside it make pictures zoom together, films play together, and sounds switch at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from types import MappingProxyType

from minimax_nb.amounts import money
from minimax_nb.render import html
from minimax_nb.render.format import seconds
from minimax_nb.render.pictures import MediaView
from minimax_nb.render.text import table_text
from minimax_nb.render.view import JobView

_GREY = "rgba(127,127,127,{})"
_LOOK = MappingProxyType(
    {
        "letter": "display:inline-block;min-width:20px;text-align:center;font-weight:600;font-size:12px;"
        f"line-height:20px;border-radius:4px;background:{_GREY.format('0.18')};margin:0 8px 0 0",
        "head": "margin:0 0 6px;font-weight:600;overflow-wrap:break-word",
        "odd": "background:rgba(200,134,10,0.16);border-radius:4px;padding:1px 6px;margin:0 0 0 -6px",
        "best": "font-weight:600",
        "stage": f"overflow:hidden;border-radius:6px;line-height:0;background:{_GREY.format('0.1')}",
        "image": "display:block;width:100%;height:auto",
        "video": f"display:block;width:100%;height:auto;border-radius:6px;background:{_GREY.format('0.1')}",
        "bar": "margin:0 0 8px",
        "del": "background:rgba(214,69,65,0.2);text-decoration:line-through",
        "ins": "background:rgba(46,160,67,0.22);text-decoration:none",
        "diff": f"margin:4px 0 0;padding:8px 12px;border-radius:6px;background:{_GREY.format('0.08')};"
        "white-space:pre-wrap;overflow-wrap:break-word;max-width:860px",
        "section": "margin:14px 0 0;font-weight:600",
    }
)
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_LONGEST = 20_000  #: characters of a text that is compared word by word
_SHORT = 60  #: characters of a value in the text form

#: Parts of a text beside another: ``same``, ``del`` (only in the first) or ``ins`` (only in the second).
Part = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One result.

    Parameters
    ----------
    letter
        ``A``, ``B`` ….
    label
        In what it differs, in a few words.
    view
        Its job.
    item
        Its file; ``None`` where there is none.
    settings
        What was asked, by name.
    text
        Its words, where it is a text.
    same_as
        The letter of an earlier side with the same content to the last byte.
    volume
        0 to 1: at which all sounds are equally loud.
    loudness
        LUFS.
    difference
        Data URI of the picture of what differs from A, and what it says.
    difference_note
        The same in words.
    """

    letter: str
    label: str
    view: JobView
    item: MediaView | None
    settings: Mapping[str, str]
    text: str = ""
    same_as: str | None = None
    volume: float = 1.0
    loudness: float | None = None
    difference: str | None = None
    difference_note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row; ``odd`` where it stands out."""

    value: str
    odd: bool = False
    best: bool = False


def settings_that_differ(sides: Sequence[Side]) -> list[tuple[str, list[Cell]]]:
    """Return a row a setting in which the sides differ, the values that are not the usual one marked."""
    rows = []
    for name in _names(sides):
        values = [side.settings.get(name, "–") for side in sides]
        if len(set(values)) > 1:
            usual, times = Counter(values).most_common(1)[0]
            plain = usual if times > len(values) / 2 else None
            rows.append((name, [Cell(value, odd=value != plain) for value in values]))
    return rows


def settings_in_common(sides: Sequence[Side]) -> list[tuple[str, str]]:
    """Return the settings that all sides share."""
    return [
        (name, sides[0].settings[name])
        for name in _names(sides)
        if len({side.settings.get(name) for side in sides}) == 1
    ]


def _names(sides: Sequence[Side]) -> list[str]:
    return list(dict.fromkeys(name for side in sides for name in side.settings))


def efforts(sides: Sequence[Side], *, static: bool) -> list[tuple[str, list[Cell]]]:
    """Return the rows of what it took: cost, and the seconds, which ``static`` leaves out."""
    views = [side.view for side in sides]
    rows = []
    if any(view.amount_nano is not None for view in views):
        amounts = [view.amount_nano for view in views]
        cells = [Cell(money(view.amount_nano, view.currency)) for view in views]
        shared = len({view.id for view in views}) < len(views)
        rows.append(("cost of the job" if shared else "cost", _least(cells, amounts)))
    if not static:
        took = [view.elapsed_s for view in views]
        rows.append(("took", _least([Cell(seconds(value)) for value in took], took)))
    return rows


def _least(cells: Sequence[Cell], amounts: Sequence[float | None]) -> list[Cell]:
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts) or len({cell.value for cell in cells}) == 1:
        return list(cells)
    return [Cell(cell.value, best=amount == min(known)) for cell, amount in zip(cells, amounts, strict=True)]


def word_diff(one: str, two: str) -> list[Part]:
    """Return how ``two`` differs from ``one``, word by word."""
    old, new = _WORD.findall(one[:_LONGEST]), _WORD.findall(two[:_LONGEST])
    parts: list[Part] = []
    for kind, start, end, low, high in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", "".join(old[start:end])))
            continue
        if start < end:
            parts.append(("del", "".join(old[start:end])))
        if low < high:
            parts.append(("ins", "".join(new[low:high])))
    return _in_runs(parts)


def _in_runs(parts: Sequence[Part]) -> list[Part]:
    """Put changes together that only a blank parts: one phrase for another, not word for word."""
    found: list[Part] = []
    old = new = ""
    for at, (kind, words) in enumerate(parts):
        inner = bool(old or new) and at + 1 < len(parts) and not words.strip()
        if kind == "same" and not inner:
            found += [("del", old)] * bool(old) + [("ins", new)] * bool(new) + [(kind, words)]
            old = new = ""
        else:
            old += words if kind != "ins" else ""
            new += words if kind != "del" else ""
    return found + [("del", old)] * bool(old) + [("ins", new)] * bool(new)


def texts(sides: Sequence[Side]) -> list[tuple[str, list[Part]]]:
    """Return the texts that differ from A's, each with its heading: prompts, then results."""
    found = []
    first = sides[0]
    for what, words in (("Prompt", [side.view.prompt for side in sides]), ("Text", [s.text for s in sides])):
        for side, text in zip(sides[1:], words[1:], strict=True):
            if text and words[0] and text != words[0]:
                found.append((f"{what}: {first.letter} → {side.letter}", word_diff(words[0], text)))
    return found


def notes(sides: Sequence[Side]) -> list[str]:
    """Return what must not be overlooked."""
    found = [
        f"{side.letter} and {side.same_as} have the same content to the last byte."
        for side in sides
        if side.same_as
    ]
    heard = [side for side in sides if side.loudness is not None]
    if len(heard) > 1 and heard == list(sides):
        words = ", ".join(f"{side.letter} {side.loudness:.1f}" for side in heard)
        found.append(f"Loudness in LUFS: {words}.")
    return found


def compare_html(sides: Sequence[Side], *, static: bool = False, live: bool = True) -> str:
    """Return the comparison.

    Parameters
    ----------
    sides
        Two or more.
    static
        Leave out what differs from run to run: seconds, ids, sizes of files.
    live
        Add the few lines of script for zoom, play and switch.
    """
    prompts = {side.view.prompt for side in sides}
    return html.render(
        "compare.html.j2",
        sides=sides,
        look=_LOOK,
        static=static,
        live=live and not static,
        prompt=sides[0].view.prompt if len(prompts) == 1 else "",
        sandbox=all(side.view.sandbox for side in sides),
        differing=settings_that_differ(sides),
        efforts=efforts(sides, static=static),
        common=settings_in_common(sides),
        texts=texts(sides),
        notes=notes(sides),
        kinds=sorted({side.item.kind for side in sides if side.item is not None}),
        mark=side_mark(sides),
    )


def side_mark(sides: Sequence[Side]) -> str:
    """Return what the live part does, by the kind that all sides share; empty where it does nothing."""
    kinds = {side.item.kind if side.item is not None and side.item.src else "" for side in sides}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return kind if kind in ("image", "video", "audio") else ""


def compare_text(sides: Sequence[Side], *, static: bool = False) -> str:
    """Return the same as text."""
    headers = ["", *(side.letter for side in sides)]
    rows = [[name, *(_cut(cell.value) for cell in cells)] for name, cells in _text_rows(sides, static)]
    lines = list(notes(sides))
    common = ", ".join(f"{name} {_cut(value)}" for name, value in settings_in_common(sides))
    lines += [f"the same: {common}"] if common else []
    lines += [f"{heading}\n{''.join(_marked(parts))}" for heading, parts in texts(sides)]
    return table_text(title_of(sides), headers, rows, "\n".join(lines))


def _text_rows(sides: Sequence[Side], static: bool) -> list[tuple[str, list[Cell]]]:
    made = [Cell(_caption(side.item, static)) for side in sides]
    facts = [("result", made)] if any(cell.value for cell in made) else []
    return facts + settings_that_differ(sides) + efforts(sides, static=static)


def _caption(item: MediaView | None, static: bool) -> str:
    return "" if item is None else " ".join(v for k, v in item.facts if k != "file" or not static)


def title_of(sides: Sequence[Side]) -> str:
    """Return the line above."""
    kinds = list(dict.fromkeys(side.view.kind for side in sides))
    sandbox = " (sandbox)" if all(side.view.sandbox for side in sides) else ""
    return f"{len(sides)} results side by side: {', '.join(kinds)}{sandbox}"


def _marked(parts: Sequence[Part]) -> Iterator[str]:
    for kind, words in parts:
        yield words if kind == "same" else f"[-{words}-]" if kind == "del" else f"{{+{words}+}}"


def _cut(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"
