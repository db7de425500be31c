"""Views and rows for the tests of the render room, and the rules its HTML must keep."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from minimax_nb.ledger.record import Charge, JobRecord, JobState, ResultState
from minimax_nb.render.html import NO_MATH
from minimax_nb.render.view import JobView, MediaView

ID = "01KAKEZ8Q2ZK8V5N3T7M9XHRCE"
START_US = 1_795_262_400_000_000
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def sample_record(**fields: Any) -> JobRecord:
    """A finished image job; keywords replace fields."""
    values: dict[str, Any] = {
        "id": ID,
        "kind": "image",
        "provider": "minimax",
        "model": "image-01",
        "operation": "image.generate",
        "endpoint": "api.minimax.io/v1/image_generation",
        "account": "a1b2c3",
        "request": {"prompt": "A red fox", "model": "image-01", "n": 1, "seed": 7, "prompt_optimizer": False},
        "fingerprint": "f" * 64,
        "created_us": START_US,
        "updated_us": START_US + 12_000_000,
        "submitted_us": START_US + 1_000_000,
        "finished_us": START_US + 11_000_000,
        "stored_us": START_US + 12_000_000,
        "state": JobState.SUCCEEDED,
        "charge": Charge.CHARGED,
        "result": ResultState.STORED,
        "prompt": "A red fox",
        "estimate_nano": 3_500_000,
        "cost_nano": 3_500_000,
        "cost_source": "metered",
        "task_id": "284391772345",
        "trace_id": "04f1c9a0b87e4d2f",
    }
    return JobRecord(**{**values, **fields})


def sample_media(kind: str = "image", **fields: Any) -> MediaView:
    """One file of a result; keywords replace fields."""
    by_kind: dict[str, dict[str, Any]] = {
        "image": {"mime": "image/jpeg", "src": "media/fox.jpg", "width": 1280, "height": 720},
        "video": {
            "mime": "video/mp4",
            "src": "media/fox.mp4",
            "width": 1366,
            "height": 768,
            "duration_s": 6.0,
        },
        "audio": {"mime": "audio/mpeg", "src": "media/fox.mp3", "duration_s": 5.2},
        "text": {"mime": "text/plain", "src": "media/fox.srt", "role": "subtitle"},
    }
    values: dict[str, Any] = {
        "kind": kind,
        "role": "output",
        "alt": f"{kind}: A red fox",
        "thumb": None if kind == "text" else PIXEL,
        "facts": (("duration", "5.2 s"), ("format", "JPEG"), ("file", "84 kB")),
    }
    return MediaView(**{**values, **by_kind[kind], **fields})


def sample_view(**fields: Any) -> JobView:
    """A finished image job as a view; keywords replace fields."""
    values: dict[str, Any] = {
        "id": ID,
        "kind": "image",
        "provider": "minimax",
        "model": "image-01",
        "state": JobState.SUCCEEDED,
        "stage": "done",
        "elapsed_s": 12.3,
        "cost": "$0.0035",
        "prompt": "A red fox",
        "media": (sample_media(),),
        "facts": (
            ("model", "image-01"),
            ("provider", "minimax"),
            ("seed", "7"),
            ("took", "12 s"),
            ("job", ID),
            ("trace id", "04f1c9a0b87e4d2f"),
        ),
        "terminal": True,
        "amount_nano": 3_500_000,
    }
    return JobView(**{**values, **fields})


def running_view(**fields: Any) -> JobView:
    """A running video job as a view; keywords replace fields."""
    values: dict[str, Any] = {
        "kind": "video",
        "model": "MiniMax-Hailuo-2.3",
        "state": JobState.RUNNING,
        "stage": "running",
        "elapsed_s": 34.0,
        "eta_s": 41.0,
        "progress": 0.45,
        "cost": "$0.28",
        "media": (),
        "terminal": False,
        "amount_nano": 280_000_000,
    }
    return sample_view(**{**values, **fields})


#: What formatted text is made of.
TEXT_TAGS = frozenset(
    {"blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "strong", "tbody", "thead", "ul"}
)
TAGS = TEXT_TAGS | frozenset(
    {"a", "audio", "details", "div", "img", "pre", "span", "summary", "table", "td", "th", "tr", "video"}
)
VOID = frozenset({"br", "hr", "img"})
ATTRIBUTES = {
    "a": {"href", "target", "rel"},
    "audio": {"src", "controls", "preload"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "video": {"src", "controls", "preload", "poster", "width", "height"},
}
#: Style properties that JupyterLab's sanitizer keeps (apputils 4.6), as far as we use them.
PROPERTIES = frozenset(
    {
        *("align-items", "background", "border", "border-bottom", "border-collapse", "border-left"),
        *("border-radius", "border-top", "color", "cursor", "display", "flex", "flex-wrap", "font-family"),
        *("font-size", "font-weight", "gap", "grid-template-columns", "height", "line-height", "margin"),
        *("max-width", "min-width", "opacity", "overflow", "overflow-x", "overflow-wrap", "padding"),
        *("table-layout", "text-align", "text-decoration", "text-overflow", "vertical-align"),
        *("white-space", "width"),
    }
)
ABSOLUTE = re.compile(r"(?!data:(image|audio|video)/)\s*([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
FORBIDDEN_VALUES = re.compile(
    r"var\(|currentcolor|inherit|url\(|expression|object-fit|(?<![0-9])\.[0-9]", re.IGNORECASE
)


@dataclass
class Page(HTMLParser):
    """HTML as a browser would read it: its structure, its text, and what breaks the rules."""

    source: str
    structure: list[tuple[str, ...]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.source)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self._open]

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.structure.append((tag, *(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in TAGS:
            self.problems.append(f"<{tag}> is not allowed")
        if tag not in VOID:
            self._open.append(tag)
        for name, value in attrs:
            self._check(tag, name, value or "")

    def handle_endtag(self, tag: str) -> None:
        self.structure.append((f"/{tag}",))
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.problems.append("a comment")

    def _check(self, tag: str, name: str, value: str) -> None:
        if name == "style":
            self._check_style(value)
        elif (name, value) in (("class", NO_MATH), ("class", "mathjax_process tex2jax_process")):
            pass
        elif name not in ATTRIBUTES.get(tag, set()):
            self.problems.append(f"<{tag} {name}> is not allowed")
        elif name in ("src", "href", "poster") and ABSOLUTE.match(value):
            self.problems.append(f"<{tag} {name}={value[:40]!r}> leaves the folder")

    def _check_style(self, style: str) -> None:
        for declaration in style.split(";"):
            name, _, value = declaration.partition(":")
            if name not in PROPERTIES or not value:
                self.problems.append(f"style {declaration!r} is not in the subset")
        if FORBIDDEN_VALUES.search(style):
            self.problems.append(f"style {style!r} has a value that sanitizers drop")
