"""One notebook file that shows everything anywhere, and back: media embedded (baked) or linked.

Only the HTML of our own cards in saved outputs is touched; every other byte of a notebook that Jupyter
wrote stays as it is. A baked player keeps its old link in ``data-file``, so that :func:`link` finds it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from minimax_nb.amounts import count
from minimax_nb.errors import MediaError, RequestInvalidError
from minimax_nb.files import whole_file
from minimax_nb.media import MediaStore
from minimax_nb.media.store import copy_file
from minimax_nb.media.types import HEAD, extension, kind_of, media_type

#: Megabytes of a baked notebook by default: what a mail takes, and what browsers open without trouble.
MOST_MB = 25.0
RELOAD = "If it is open in Jupyter, reload it there: File > Reload Notebook from Disk."

_OURS = 'class="mathjax_ignore tex2jax_ignore"'
_TAG = re.compile(r"<(?:img|audio|video)\b[^<>]*>")
_SRC = re.compile(r'(?<= )src="([^"]*)"')
_FILE = re.compile(r' data-file="([^"]*)"')
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*:|//|[/\\])", re.IGNORECASE)
_DATA = re.compile(r"data:([a-z0-9.+-]+/[a-z0-9.+-]+);base64,([A-Za-z0-9+/=]+)", re.IGNORECASE)
_FORMS = tuple((indent, plain) for indent in (1, 2, 4, None) for plain in (False, True))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of a notebook.

    Parameters
    ----------
    path
        Where it was written.
    verb
        ``embedded`` or ``linked``.
    files
        How many players and pictures were changed.
    before, after
        Size of the notebook in bytes.
    left
        One line for each file that was left as it was, and why.
    restored
        Files that were missing and are there again.
    """

    path: Path
    verb: str
    files: int
    before: int
    after: int
    left: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.files:
            first = f"{self.path.name}: nothing to {'embed' if self.verb == 'embedded' else 'link'}"
        else:
            sizes = f"{_megabytes(self.before)} before, {_megabytes(self.after)} now"
            first = f"{self.path.name}: {count(self.files, 'file')} {self.verb}; {sizes}"
        more = [f"written again: {', '.join(self.restored)}"] if self.restored else []
        return "\n".join([first, *(f"left as it was: {line}" for line in self.left), *more])


def bake(path: Path, store: Path, *, to: Path | None = None, max_mb: float = MOST_MB) -> Rewritten:
    """Embed what the cards of a saved notebook link to.

    Pictures whose preview is in the card already stay; the smallest files come first.

    Parameters
    ----------
    path
        The notebook.
    store
        The media store's folder; files are taken from there and from the notebook's folder, from nowhere else.
    to
        Write the result here and leave the notebook alone.
    max_mb
        Megabytes that the notebook may have afterwards; what does not fit stays linked and is named.

    Raises
    ------
    MediaError, RequestInvalidError
        It is no notebook, cannot be written, or changed meanwhile.
    """
    book = _Book(path)
    room = int(max_mb * 1e6) - len(book.raw)
    places = (path.resolve().parent, store.resolve())
    left: dict[str, str] = {}
    wanted: dict[str, int] = {}
    sizes: dict[str, tuple[Path, str]] = {}
    for src in book.sources():
        if _SCHEME.match(src):
            continue
        name = unquote(PurePosixPath(src).name)
        file = _file_of(src, places)
        if file is None:
            left[src] = f"{name}, which is not beside the notebook"
        elif (mime := _mime_of(file)) is None:
            left[src] = f"{name}, which is no picture, sound or video"
        else:
            sizes[src] = file, mime
            wanted[src] = wanted.get(src, 0) + 1
    chosen: set[str] = set()
    for src in sorted(wanted, key=lambda src: sizes[src][0].stat().st_size):
        file, _ = sizes[src]
        needed = wanted[src] * (file.stat().st_size * 4 // 3 + 100)
        if needed > room:
            left[src] = (
                f"{file.name} ({_megabytes(file.stat().st_size)}): --max-mb {max_mb:g} has no room for it"
            )
        else:
            room -= needed
            chosen.add(src)

    def embedded(tag: str, src: str) -> str:
        if src not in chosen:
            return tag
        file, mime = sizes[src]
        uri = f"data:{mime};base64,{base64.b64encode(file.read_bytes()).decode()}"
        return _SRC.sub(lambda _: f'src="{uri}" data-file="{escape(src)}"', tag, count=1)

    changed = book.rewrite(embedded)
    return book.write(to, "embedded", changed, tuple(left.values()))


def link(path: Path, store: MediaStore, *, to: Path | None = None) -> Rewritten:
    """Turn embedded media of a notebook's cards back into links, and put missing files where these lead.

    Parameters
    ----------
    path
        The notebook.
    store
        Where each content is kept; what it does not have is taken from the notebook itself.
    to
        Write the result here and leave the notebook alone; its folder is where the links lead.

    Raises
    ------
    MediaError, RequestInvalidError
        It is no notebook, cannot be written, or changed meanwhile.
    """
    book = _Book(path)
    folder = (to or path).resolve().parent
    restored: list[str] = []
    left: list[str] = []

    def linked(tag: str, src: str) -> str:
        kept = _FILE.search(tag)
        data = _DATA.fullmatch(src)
        if data is None or (kept is None and tag.startswith("<img")):  # a preview
            return tag
        try:
            content = base64.b64decode(data[2], validate=True)
            mime = media_type(content[:HEAD], data[1])
            if kind_of(mime) == "text":
                raise MediaError(f"{mime} is no picture, sound or video")
            target = _place(content, mime, unescape(kept[1]) if kept else None, folder, store, restored)
        except (binascii.Error, MediaError) as error:
            left.append(f"an embedded {data[1]} that cannot be read: {error}")
            return tag
        href = quote(target.relative_to(folder).as_posix(), safe="/")
        return _SRC.sub(lambda _: f'src="{href}"', _FILE.sub("", tag), count=1)

    changed = book.rewrite(linked)
    return book.write(to, "linked", changed, tuple(left), tuple(dict.fromkeys(restored)))


class _Book:
    """A notebook file, as it is on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.raw = path.read_bytes()
            self._stamp = path.stat().st_mtime_ns
            self._text = self.raw.decode("utf-8")
            self._tree: Any = json.loads(self._text)
            fine = self._tree["nbformat"] >= 4 and isinstance(self._tree["cells"], list)
        except FileNotFoundError:
            raise RequestInvalidError(f"there is no notebook {path}") from None
        except OSError as error:
            raise MediaError(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            fine = False
        if not fine:
            raise RequestInvalidError(f"{path.name} is not a notebook of format 4")

    def sources(self) -> Iterator[str]:
        """Yield the ``src`` of every player and picture of our cards."""
        for data in self._cards():
            for tag in _TAG.finditer(_joined(data["text/html"])):
                if found := _SRC.search(tag[0]):
                    yield unescape(found[1])

    def rewrite(self, change: Callable[[str, str], str]) -> int:
        """Give every tag and its ``src`` to ``change``; return how many tags came back different."""
        changed = 0

        def one(found: re.Match[str]) -> str:
            nonlocal changed
            src = _SRC.search(found[0])
            new = change(found[0], unescape(src[1])) if src else found[0]
            changed += new != found[0]
            return new

        for data in self._cards():
            old = data["text/html"]
            new = _TAG.sub(one, _joined(old))
            if new != _joined(old):
                data["text/html"] = new if isinstance(old, str) else new.splitlines(keepends=True)
        return changed

    def write(
        self, to: Path | None, verb: str, changed: int, left: tuple[str, ...], restored: tuple[str, ...] = ()
    ) -> Rewritten:
        """Write it in the form it had, whole or not at all; a notebook that nothing changed in is left alone."""
        raw = self._dumped().encode("utf-8") if changed else self.raw
        target = to or self.path
        if changed or to is not None:
            try:
                with whole_file(target) as draft:
                    draft.write_bytes(raw)
                    if to is None:
                        draft.chmod(self.path.stat().st_mode)
                        if self.path.stat().st_mtime_ns != self._stamp:
                            raise MediaError(
                                f"{target.name} was saved meanwhile and is left as it is; ask once more"
                            )
            except OSError as error:
                raise MediaError(f"cannot write {target}: {error.strerror}") from None
        return Rewritten(target, verb, changed, len(self.raw), len(raw), left, restored)

    def _cards(self) -> Iterator[dict[str, Any]]:
        for cell in self._tree["cells"]:
            for output in cell.get("outputs") or ():
                data = output.get("data")
                if isinstance(data, dict) and _OURS in _joined(data.get("text/html")):
                    yield data

    def _dumped(self) -> str:
        """Return the notebook in the style it was written in, so that nothing but the cards differs."""
        original, end = json.loads(self._text), self._text[len(self._text.rstrip()) :]
        text = self._text.rstrip()
        for indent, plain in _FORMS:
            if json.dumps(original, indent=indent, ensure_ascii=plain) == text:
                return json.dumps(self._tree, indent=indent, ensure_ascii=plain) + end
        return json.dumps(self._tree, indent=1, ensure_ascii=False) + "\n"


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text) if isinstance(text, list) else ""


def _file_of(src: str, places: tuple[Path, ...]) -> Path | None:
    """Return the file of a link, if it is in one of the places; a notebook must not fetch others."""
    file = (places[0] / unquote(src)).resolve()
    return file if file.is_file() and any(file.is_relative_to(place) for place in places) else None


def _mime_of(file: Path) -> str | None:
    with file.open("rb") as opened:
        head = opened.read(HEAD)
    try:
        mime = media_type(head)
    except MediaError:
        return None
    return None if kind_of(mime) == "text" else mime


def _place(
    content: bytes, mime: str, src: str | None, folder: Path, store: MediaStore, restored: list[str]
) -> Path:
    """Return where the content is below ``folder``; it is put there when it is not."""
    digest = hashlib.sha256(content).hexdigest()
    wanted = (folder / unquote(src)).resolve() if src and not _SCHEME.match(src) else None
    own = folder / "media" / f"{kind_of(mime)}-{digest[:8]}.{extension(mime)}"
    for target in (wanted, own):
        # The name came with the notebook: it may neither leave the folder nor call media anything else.
        if target is None or not target.is_relative_to(folder) or target.suffix != f".{extension(mime)}":
            continue
        if target.is_file():
            if target.stat().st_size == len(content) and target.read_bytes() == content:
                return target
            continue
        _put(content, mime, target, store)
        restored.append(target.relative_to(folder).as_posix())
        return target
    raise MediaError(f"{own.name} is there with other content")


def _put(content: bytes, mime: str, target: Path, store: MediaStore) -> None:
    stored = store.put_bytes(content, mime_hint=mime)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(stored.path, target)
        except OSError:  # another disk
            copy_file(stored.path, target)
    except OSError as error:
        raise MediaError(f"cannot write {target}: {error.strerror}") from None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"
