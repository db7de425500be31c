"""Images and recordings that go into a request, from wherever the user has them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import mimetypes
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

#: Largest local file read at all, in bytes: no provider takes a longer request body
#: (64 MB; MiniMax docs, api-reference/video-generation-v2-create).
LARGEST_FILE = 64 * 2**20

_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MediaInput:
    """An image or a recording that goes into a request.

    :meth:`of` makes one from a path, bytes, an ``http(s)`` URL, a ``data:`` URI, a PIL image, a numpy
    array (height x width x 3 or 4, or height x width; uint8), sound as ``(rate, samples)``, an earlier
    result, or what :meth:`to_json` returned. Local content is read once, when the request is made, so that it can be
    checked and hashed before anything is sent.

    Parameters
    ----------
    name
        What to call it in messages: a file name, a URL, or the kind of object.
    url
        Set for remote inputs; then ``data`` is ``None``.
    data
        The content of local inputs.
    mime
        Media type by the first bytes, else by the file's name; ``None`` when neither tells.
    sha256
        Hash of ``data`` in hex, worked out when it is not given. Alone, without ``data``, it makes a
        reference to content kept elsewhere.
    given
        How the user can name it again in a cell: a URL, or a path relative to the working folder;
        ``None`` for objects. Never an absolute path.
    """

    name: str
    url: str | None = None
    data: bytes | None = field(default=None)
    mime: str | None = None
    sha256: str | None = None
    given: str | None = None

    def __post_init__(self) -> None:
        if self.data is not None and self.sha256 is None:
            object.__setattr__(self, "sha256", hashlib.sha256(self.data).hexdigest())

    @classmethod
    def of(cls, value: Any) -> MediaInput:
        """Make one from any accepted form.

        Raises
        ------
        ValueError
            With a plain sentence: no such file, not readable, not media.
        """
        if isinstance(value, MediaInput):
            return value
        if isinstance(value, Mapping):
            return cls._from_json(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return cls(name="bytes", data=bytes(value), mime=sniff(bytes(value)))
        if isinstance(value, str) and value[:8].lower().startswith(("http://", "https://")):
            return cls(name=value, url=value, given=value)
        if isinstance(value, str) and value[:5].lower() == "data:":
            return cls._from_data_uri(value)
        if isinstance(value, tuple) and len(value) == 2 and hasattr(value[1], "__array_interface__"):
            return cls._from_samples(*value)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return cls._only(value)
        path = value if isinstance(value, str | os.PathLike) else getattr(value, "path", None)
        if isinstance(path, str | os.PathLike):
            return cls._from_path(Path(path))
        return cls._from_object(value)

    @classmethod
    def _only(cls, items: Sequence[Any]) -> MediaInput:
        if len(items) != 1:
            raise ValueError(f"{len(items)} items where one is wanted; choose one, as in {{name[0]}}")
        return cls.of(items[0])

    @classmethod
    def _from_samples(cls, rate: Any, samples: Any) -> MediaInput:
        """Make a WAV of sound as numbers: samples, or samples x channels; whole numbers or -1 to 1."""
        import wave

        import numpy as np

        if isinstance(rate, bool) or not isinstance(rate, int) or not 0 < rate <= 192_000:
            raise ValueError("sound is (rate, samples), with the rate in Hz first")
        array = np.asarray(samples)
        if array.ndim not in (1, 2) or not array.size or (array.ndim == 2 and array.shape[1] > 2):
            raise ValueError("sound is samples, or samples x 1 or 2 channels")
        if array.dtype.kind == "f":
            array = np.round(np.clip(np.nan_to_num(array), -1, 1) * 32_767)
        elif array.dtype != np.int16:
            raise ValueError(f"sound of {array.dtype}; int16, or floats from -1 to 1")
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1 if array.ndim == 1 else array.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(array.astype("<i2").tobytes())
        return cls(name="sound", data=buffer.getvalue(), mime="audio/wav")

    @classmethod
    def _from_object(cls, value: Any) -> MediaInput:
        if hasattr(value, "__array_interface__") and not hasattr(value, "getbands"):
            from PIL import Image

            try:
                return cls._from_pil(Image.fromarray(value), "array")
            except TypeError:
                shape = " x ".join(map(str, value.shape))
                raise ValueError(
                    f"an array of {shape} {value.dtype}; height x width x 3, uint8, makes an image, "
                    "(rate, samples) a recording"
                ) from None
        if hasattr(value, "getbands") and hasattr(value, "save"):
            return cls._from_pil(value, "image")
        raise ValueError(
            f"{type(value).__name__} is not media; give a path, URL, bytes, image or earlier result"
        )

    @classmethod
    def _from_path(cls, path: Path) -> MediaInput:
        try:
            full = path.expanduser().absolute()
            if full.is_dir():
                raise ValueError(f"{str(path)!r} is a folder")
            if full.stat().st_size > LARGEST_FILE:
                raise ValueError(f"{_size(full.stat().st_size)}; at most {_size(LARGEST_FILE)} can be sent")
            data = full.read_bytes()
        except FileNotFoundError:
            raise ValueError(f"no file {path.name!r} in {path.expanduser().absolute().parent}") from None
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ValueError(f"cannot read {path.name[:80]!r}: {reason}") from None
        here = Path.cwd()
        given = full.relative_to(here).as_posix() if full.is_relative_to(here) else path.name
        if not path.is_absolute():
            given = path.as_posix()
        mime = sniff(data) or mimetypes.guess_type(path.name)[0]
        return cls(name=path.name, data=data, mime=mime, given=given)

    @classmethod
    def _from_data_uri(cls, uri: str) -> MediaInput:
        head, comma, payload = uri.partition(",")
        try:
            if not comma or not head.lower().endswith(";base64"):
                raise ValueError("not base64")
            data = base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("a data: URI must read data:<type>;base64,<content>") from None
        return cls(name="data URI", data=data, mime=sniff(data) or head[5:].split(";")[0] or None)

    @classmethod
    def _from_pil(cls, image: Any, name: str) -> MediaInput:
        buffer = io.BytesIO()
        (image if image.mode in _PNG_MODES else image.convert("RGB")).save(buffer, "PNG")
        return cls(name=name, data=buffer.getvalue(), mime="image/png")

    @classmethod
    def _from_json(cls, value: Mapping[str, Any]) -> MediaInput:
        if value.get("url"):
            return cls.of(str(value["url"]))
        if not value.get("sha256"):
            raise ValueError("a stored reference has url or sha256")
        name = str(value.get("name") or "file")
        given = name if "." in name else None
        mime = str(value["mime"]) if value.get("mime") else None
        return cls(name=name.rsplit("/", 1)[-1], mime=mime, sha256=str(value["sha256"]), given=given)

    @property
    def wire(self) -> str:
        """The value most providers take: the URL as given, or a ``data:`` URI of the content."""
        if self.url is not None:
            return self.url
        if self.data is None:
            raise ValueError(f"the content of {self.name!r} is not loaded")
        return f"data:{self.mime or 'application/octet-stream'};base64,{base64.b64encode(self.data).decode()}"

    def to_json(self) -> dict[str, str]:
        """Return what the ledger keeps: a reference, never the bytes and never an absolute path."""
        if self.url is not None:
            return {"url": self.url}
        return {"sha256": self.sha256 or "", "mime": self.mime or "", "name": self.given or self.name}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MediaInput) and (self.url, self.sha256) == (other.url, other.sha256)

    def __hash__(self) -> int:
        return hash((self.url, self.sha256))

    def __repr__(self) -> str:
        size = "" if self.data is None else f", {len(self.data)} bytes"
        return f"MediaInput({self.name!r}{size})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let pydantic read and write this type."""
        return core_schema.no_info_plain_validator_function(
            cls.of,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.to_json, when_used="always"),
        )


def _size(count: int) -> str:
    return f"{count / 2**20:.3g} MB"


_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"GIF8", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (8, b"WAVE", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypM4B", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"%PDF", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (257, b"ustar", "application/x-tar"),
)


def sniff(data: bytes) -> str | None:
    """Return the media type that the first bytes show, or ``None``."""
    for offset, magic, mime in _MAGIC:
        if data[offset : offset + len(magic)] == magic and (offset != 8 or data[:4] == b"RIFF"):
            return mime
    # An MPEG audio frame of layer III: eleven sync bits, then version and layer.
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    return None
