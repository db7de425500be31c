"""Two or more results side by side: which they are, in what they differ, and how they look together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import RequestInvalidError
from minimax_nb.lab.subjects import axes_of, records_of
from minimax_nb.ledger.frame import options_of
from minimax_nb.ledger.record import JobRecord
from minimax_nb.measures.sound import volumes
from minimax_nb.media import Media
from minimax_nb.render import compare as drawn
from minimax_nb.render.pictures import media_views
from minimax_nb.render.still import is_still
from minimax_nb.render.view import view_of

if TYPE_CHECKING:
    import pandas as pd

    from minimax_nb.lab.lab import Lab
    from minimax_nb.widgets.slider import BeforeAfter

MOST = 26  #: sides; they are called A to Z
_DIFFERENCES = 6  #: pictures of differences from A
_TEXTS = frozenset({"prompt", "text"})
#: Names that are no settings of the request but tell results apart.
_OWN = ("kind", "model", "provider")


@dataclass(frozen=True)
class Chosen:
    """One result that is compared: its job, and its file, where there is one."""

    record: JobRecord
    media: Media | None


class Comparison:
    """Results side by side; shows itself. ``frame()`` is what differs, as a table.

    Parameters
    ----------
    chosen
        Two or more, in the order in which they are shown.
    """

    def __init__(self, chosen: Sequence[Chosen]) -> None:
        self.chosen = tuple(chosen)

    @cached_property
    def sides(self) -> tuple[drawn.Side, ...]:
        """What is shown, made once."""
        return tuple(_sides(self.chosen))

    def frame(self) -> pd.DataFrame:
        """Return one row a result: the settings in which they differ, cost, seconds, file."""
        import pandas as pd

        rows = []
        differing = [name for name, _ in drawn.settings_that_differ(self.sides)]
        for side, one in zip(self.sides, self.chosen, strict=True):
            amount = side.view.amount_nano
            asked: dict[str, Any] = {name: side.settings.get(name) for name in differing}
            rows.append(
                asked
                | {
                    "cost": None if amount is None else amount / 1e9,
                    "seconds": side.view.elapsed_s,
                    "same_as": side.same_as,
                    "loudness": side.loudness,
                    "file": None if one.media is None else str(one.media.path),
                    "job": one.record.id,
                }
            )
        return pd.DataFrame(rows, index=pd.Index([side.letter for side in self.sides], name="side"))

    def html(self, *, static: bool = False, live: bool = True) -> str:
        """Return it as HTML; ``static`` leaves out what differs from run to run, ``live=False`` the script."""
        return drawn.compare_html(self.sides, static=static, live=live)

    def before_after(self) -> BeforeAfter:
        """Return two pictures (or the first frames of two videos) on top of each other, to be pulled open.

        Shows itself in any notebook, saved and untrusted ones too.

        Raises
        ------
        RequestInvalidError
            There are not two, or they are no pictures.
        """
        from minimax_nb.widgets.slider import before_after

        media = [one.media for one in self.chosen if one.media and one.media.kind in ("image", "video")]
        if len(media) != len(self.chosen) or len(media) != 2:
            raise RequestInvalidError("before and after are two pictures; compare two images or two videos")
        return before_after(media[0], media[1], (self.sides[0].label, self.sides[1].label))

    def __len__(self) -> int:
        return len(self.chosen)

    def __repr__(self) -> str:
        return drawn.compare_text(self.sides, static=is_still())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/plain": repr(self)}
        try:
            bundle["text/html"] = self.html(static=is_still())
        except Exception:  # the text says the same
            return bundle
        return bundle


def compare_in(lab: Lab, what: Sequence[Any]) -> Comparison:
    """Return results side by side; see :meth:`minimax_nb.Lab.compare`."""
    chosen = [one for item in what for one in _chosen(lab, item)]
    if len(chosen) == 1 and chosen[0].media is not None:
        chosen = [Chosen(chosen[0].record, media) for media in _outputs(lab, chosen[0].record)]
    if len(chosen) < 2:
        raise RequestInvalidError(
            "compare needs two results or more, or one with several outputs; give jobs, results, ids or a sweep"
        )
    if len(chosen) > MOST:
        raise RequestInvalidError(
            f"{len(chosen)} results are too many to stand side by side; at most {MOST}, fewer are better:"
            " take some of them, or rate() them in pairs"
        )
    return Comparison(chosen)


def compare(*what: Any) -> Comparison:
    """Show results side by side, from the lab of this process; see :meth:`minimax_nb.Lab.compare`."""
    from minimax_nb.lab import current_lab

    return current_lab().compare(*what)


def _chosen(lab: Lab, what: Any) -> list[Chosen]:
    if isinstance(what, Media):
        return [Chosen(record, what) for record in records_of(lab, what)]
    if isinstance(what, Iterable) and not isinstance(what, str) and not _is_result(what):
        return [one for item in what for one in _chosen(lab, item)]
    return [Chosen(record, next(iter(_outputs(lab, record)), None)) for record in records_of(lab, what)]


def _is_result(what: Any) -> bool:
    return any(hasattr(what, name) for name in ("columns", "job_id", "jobs", "record"))


def _outputs(lab: Lab, record: JobRecord) -> list[Media]:
    media = [item for item in lab.media_of(record) if item.role == "output"]
    return media or [item for item in lab.media_of(record) if item.role == "preview"]


def _sides(chosen: Sequence[Chosen]) -> list[drawn.Side]:
    seen: dict[str, str] = {}
    sides = []
    settings = worth_saying([one.record for one in chosen])
    for number, one in enumerate(chosen):
        letter = chr(ord("A") + number)
        same_as = seen.get(one.media.sha256) if one.media is not None else None
        if one.media is not None:
            seen.setdefault(one.media.sha256, letter)
        view = replace(view_of(one.record, [] if one.media is None else [one.media]), media=())
        item = None if one.media is None else media_views([one.media], alt=letter)[0]
        sides.append(
            drawn.Side(
                letter=letter,
                label=_label(settings, number, one),
                view=view,
                item=item,
                settings=settings[number],
                text=_text(one.media),
                same_as=same_as,
            )
        )
    return _with_differences(_equally_loud(sides, chosen), chosen)


def settings_of(record: JobRecord) -> dict[str, str]:
    """Return what was asked, by name, as words; the text itself is not a setting."""
    found = {name: str(getattr(record, name)) for name in _OWN}
    found |= {name: value for name, value in axes_of(record).items() if name not in _TEXTS}
    for name, value in record.request.items():
        if name in _TEXTS or name in found or value is None or value is False or value in ("", [], {}):
            continue
        found[name.replace("_", "-")] = _told(value)
    return found


def worth_saying(records: Sequence[JobRecord]) -> list[dict[str, str]]:
    """Return the settings without those that all leave at their default."""
    settings = [settings_of(record) for record in records]
    asked = {name.replace("_", "-") for one in records for name in options_of(one.kind, one.request)}
    asked |= {"seed", *_OWN, *(name for one in records for name in axes_of(one))}
    differing = {
        name for item in settings for name in item if len({other.get(name) for other in settings}) > 1
    }
    return [{name: value for name, value in item.items() if name in asked | differing} for item in settings]


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("url") or value.get("sha256") or value
    if isinstance(value, list | tuple):
        return ", ".join(map(_told, value))
    return "on" if value is True else str(value)


def _label(settings: Sequence[Mapping[str, str]], number: int, one: Chosen) -> str:
    differing = [
        name
        for name in dict.fromkeys(name for item in settings for name in item)
        if len({item.get(name) for item in settings}) > 1
    ]
    words = [
        value if name in _OWN else f"{name} {value}"
        for name in differing[:3]
        if (value := settings[number].get(name)) is not None and len(value) <= 60
    ]
    return " · ".join(words) or one.record.name or ""


def _text(media: Media | None) -> str:
    try:
        return media.text() if media is not None and media.kind == "text" else ""
    except Exception:  # a file that is gone: its caption says so
        return ""


def _equally_loud(sides: Sequence[drawn.Side], chosen: Sequence[Chosen]) -> list[drawn.Side]:
    """Give each sound the volume at which all are as loud as the quietest, since louder is taken for better."""
    media = [one.media for one in chosen]
    if not all(item is not None and item.kind == "audio" for item in media):
        return list(sides)
    found = volumes([item for item in media if item is not None])
    if found is None:
        return list(sides)
    return [
        replace(side, volume=volume, loudness=level)
        for side, (volume, level) in zip(sides, found, strict=True)
    ]


def _with_differences(sides: Sequence[drawn.Side], chosen: Sequence[Chosen]) -> list[drawn.Side]:
    first = chosen[0].media
    few = 2 <= len(chosen) <= _DIFFERENCES + 1
    if not few or not all(one.media is not None and one.media.kind == "image" for one in chosen):
        return list(sides)
    from minimax_nb.media.difference import difference

    found = [sides[0]]
    for side, one in zip(sides[1:], chosen[1:], strict=True):
        assert first is not None
        assert one.media is not None
        try:
            seen = None if side.same_as == "A" else difference(first, one.media)
        except Exception:  # a picture that cannot be read has no difference to show
            seen = None
        found.append(side if seen is None else replace(side, difference=seen.uri, difference_note=seen.words))
    return found
