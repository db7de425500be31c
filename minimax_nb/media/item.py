"""One stored file of a result, as the user holds it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from minimax_nb.errors import MediaError
from minimax_nb.media import decode, preview
from minimax_nb.media.probe import Facts, probe
from minimax_nb.media.store import StoredFile, copy_file
from minimax_nb.media.types import MediaKind, kind_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image


class Media:
    """A file on disk: an image, video, sound or text. Holds no bytes; equal when the content is.

    Usable where a path is (``open(media)``), and as an input of the next request.

    Parameters
    ----------
    stored
        The content in the media store.
    path
        Its readable name beside the notebook; its place in the store when left out.
    role
        ``output`` for what was asked for, ``preview`` for a voice sample, ``subtitle`` for captions,
        ``input`` for what went in.
    hint
        What the provider said, for formats that do not tell themselves (raw sound).
    content
        Its bytes, where they are at hand: the facts are then read at once, and from them.

    Attributes
    ----------
    mime
        Media type, by content.
    bytes_size
        Size in bytes.
    sha256
        Digest of the content.
    """

    __slots__ = ("_facts", "_hint", "_stored", "bytes_size", "mime", "path", "role", "sha256")

    def __init__(
        self,
        stored: StoredFile,
        *,
        path: Path | None = None,
        role: str = "output",
        hint: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> None:
        self.path = path or stored.path
        self.role = role
        self.mime = stored.mime
        self.bytes_size = stored.bytes
        self.sha256 = stored.sha256
        self._stored = stored.path
        self._hint = {key: value for key, value in (hint or {}).items() if isinstance(value, int | float)}
        self._facts: Facts | None = None
        if content is not None:
            self._facts = probe(self._stored, self.mime, hint=self._hint, content=content)

    @classmethod
    def of(
        cls,
        stored: StoredFile,
        *,
        path: Path | None = None,
        role: str = "output",
        hint: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> Self:
        """Make one of a stored file; parameters as of the class."""
        return cls(stored, path=path, role=role, hint=hint, content=content)

    @property
    def kind(self) -> MediaKind:
        """``image``, ``video``, ``audio`` or ``text``."""
        return kind_of(self.mime)

    @property
    def facts(self) -> Facts:
        """Size in pixels, duration, rates, codec: read from the file when first asked for."""
        if self._facts is None:
            self._facts = probe(self._source(), self.mime, hint=self._hint)
        return self._facts

    def beside(self, sha256: str) -> Media | None:
        """Return another content of the same store; ``None`` when it is not there."""
        from minimax_nb.media.store import MediaStore

        try:
            return Media(MediaStore(self._stored.parents[2]).get(sha256), role="input")
        except MediaError:
            return None

    def bytes(self) -> bytes:
        """Return the content."""
        return self._source().read_bytes()

    def text(self) -> str:
        """Return the content of a text (captions, lyrics)."""
        if self.kind != "text":
            raise self._not("text")
        return self.bytes().decode("utf-8", "replace")

    def pil(self) -> Image:
        """Return an image, or the first telling frame of a video, as a PIL image."""
        if self.kind == "image":
            return decode.image(self._source())
        if self.kind != "video":
            raise self._not("a picture")
        found = decode.frame(self._source())
        if found is None:
            raise MediaError(f"cannot read a frame of {self.path.name}", hint=_NEEDS_AV)
        return found

    def numpy(self) -> NDArray[Any]:
        """Return an image as height x width x 3 (uint8), a sound as samples x channels (float32, -1 … 1)."""
        import numpy as np

        if self.kind == "image":
            return np.asarray(self.pil().convert("RGB"))
        if self.kind != "audio":
            raise self._not("an array; pil() gives a frame of a video")
        found = self.samples()
        if found is None:
            raise MediaError(f"cannot read the samples of {self.path.name}", hint=_NEEDS_AV)
        return found[0]

    def samples(self) -> tuple[NDArray[Any], int] | None:
        """Return the sound (also of a video) as samples x channels (float32, -1 … 1) and its rate in Hz.

        ``None`` where there is no sound or no installed library can read it.
        """
        if self.kind not in ("audio", "video"):
            return None
        return decode.samples(self._source(), self.mime, hint=self._hint)

    def save(self, to: str | Path) -> Path:
        """Copy the file to a new name or into a folder; an existing file is replaced.

        Returns
        -------
        Path
            Where it went. A name without an extension gets the right one.
        """
        target = Path(to).expanduser()
        if target.is_dir() or str(to).endswith(("/", "\\")):
            target = target / self.path.name
        elif not target.suffix:
            target = target.with_suffix(self._stored.suffix)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_file(self._source(), target)
        except OSError as error:
            raise MediaError(f"cannot save to {target}: {error.strerror}") from error
        return target

    def show(self) -> None:
        """Display it."""
        from IPython.display import display

        display(self)

    def preview_uri(self, max_px: int = 800) -> str | None:
        """Return a small picture of it (thumbnail, poster, waveform) as a data URI, kept beside the store."""
        picture = self._small_picture(max_px)
        return None if picture is None else preview.data_uri(*picture)

    def _small_picture(self, max_px: int) -> preview.Picture | None:
        cache = self._stored.parents[2] / "previews"
        return preview.small_picture(
            self._source(), self.mime, max_px=max_px, hint=self._hint, cache=cache, key=self.sha256
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return its player or picture with its facts below."""
        from minimax_nb.render.bundle import media_bundle  # upwards, and only when a front end asks

        return media_bundle(self)

    def __fspath__(self) -> str:
        return str(self._source())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Media) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return f"<Media {self.path.name}: {self.mime}, {self.bytes_size:,} bytes>"

    def _source(self) -> Path:
        """Return a file that is there: the readable name, else the store's."""
        for path in (self.path, self._stored):
            if path.is_file():
                return path
        raise MediaError(
            f"{self.path.name} is gone from {self.path.parent} and from the media store {self._stored.parents[2]}",
            hint="Its job's row is still in the ledger.",
        )

    def _not(self, what: str) -> MediaError:
        return MediaError(f"{self.path.name} is {self.mime}, not {what}")


_NEEDS_AV = "Reading it needs the av package: pip install 'minimax-nb[lab]'"
