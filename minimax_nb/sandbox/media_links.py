"""Media that a request refers to: ``data:`` URIs and addresses, checked as the providers check them."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from minimax_nb.sandbox.blobs import BlobStore

_IMAGE_MAGIC = (
    (0, b"\xff\xd8\xff", "jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (8, b"WEBP", "webp"),
    (0, b"GIF8", "gif"),
)


@dataclass(frozen=True)
class ImageRule:
    """What an input image must be.

    Parameters
    ----------
    formats
        Allowed formats: ``jpg``, ``png``, ``webp``.
    bytes_max
        The file must be smaller than this.
    side_min
        The short side must be longer than this, px.
    ratio_min, ratio_max
        Allowed width / height.
    """

    formats: Collection[str]
    bytes_max: int
    side_min: int = 0
    ratio_min: float = 0.0
    ratio_max: float = float("inf")

    def problem(self, data: bytes) -> str | None:
        """Return what is wrong with an image, or ``None``."""
        found = image_format(data)
        if found is None:
            return "not an image"
        if found not in self.formats:
            return f"{'/'.join(name.upper() for name in self.formats)} only"
        if len(data) >= self.bytes_max:
            return f"must be smaller than {self.bytes_max // 2**20} MB"
        if self.side_min or self.ratio_min:
            return self._shape(data)
        return None

    def _shape(self, data: bytes) -> str | None:
        from PIL import Image

        try:
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
        except (OSError, ValueError):
            return "cannot be decoded"
        if min(width, height) <= self.side_min:
            return f"short side must be longer than {self.side_min} px"
        if not self.ratio_min <= width / height <= self.ratio_max:
            return f"aspect ratio must be between {self.ratio_min} and {self.ratio_max}"
        return None


def image_format(data: bytes) -> str | None:
    """Return ``jpg``, ``png``, ``webp`` or ``gif`` by the first bytes."""
    return next((name for at, magic, name in _IMAGE_MAGIC if data[at : at + len(magic)] == magic), None)


def decode(uri: str) -> bytes:
    """Return the content of a base64 ``data:`` URI; raise ValueError for anything else."""
    head, comma, payload = uri.partition(",")
    if not comma or not head.endswith(";base64"):
        raise ValueError("must be a URL or a base64 data URI")
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error:
        raise ValueError("is not valid base64") from None


async def image(blobs: BlobStore, value: str, rule: ImageRule) -> bytes | None:
    """Return the bytes of an image a request refers to.

    The sandbox opens no outside address: ``None`` stands for an image at such a URL, judged by its name.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    if value.startswith(("http://", "https://")):
        address = blobs.by_url(value)
        if address is None:
            ending = urlsplit(value).path.rpartition(".")[2].lower()
            if ending in {"gif", "bmp", "tiff", "svg", "heic", "webp"} - set(rule.formats):
                raise ValueError(f"{'/'.join(name.upper() for name in rule.formats)} only")
            return None
        data = await blobs.read(address.blob)
    else:
        data = decode(value)
    problem = await blobs.run(lambda: rule.problem(data))
    if problem:
        raise ValueError(problem)
    return data
