"""Pictures and samples out of media files, as far as the installed libraries can."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.media.probe import raw_format
from minimax_nb.media.types import RAW_AUDIO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Samples = NDArray[np.float32]

#: A frame whose darkest and lightest grey are closer than this shows nothing (fade-ins start black).
_FLAT = 24
_TRIES = 5


def image(path: Path) -> Image:
    """Return an image file, the right way up."""
    from PIL import Image, ImageOps

    with Image.open(path) as opened:
        turned = ImageOps.exif_transpose(opened)
        turned.load()
        return turned


def frame(path: Path) -> Image | None:
    """Return the first frame of a video that shows something; ``None`` without ``av`` or a picture."""
    try:
        import av
    except ImportError:
        return None
    with av.open(str(path)) as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        best: Image | None = None
        for number, decoded in enumerate(container.decode(stream)):
            picture: Image = decoded.to_image()
            telling = _contrast(picture) >= _FLAT
            if best is None or telling:
                best = picture
            if telling or number + 1 == _TRIES:
                break
        return best


def _contrast(picture: Image) -> int:
    """Return how far the darkest and the lightest grey are apart, details left out."""
    greys = picture.convert("L").resize((64, 64)).tobytes()
    return max(greys) - min(greys)


def samples(
    path: Path, mime: str, *, hint: Mapping[str, Any] | None = None, rate: int | None = None
) -> tuple[Samples, int] | None:
    """Return sound as an array (samples x channels, -1 … 1) and its rate.

    Parameters
    ----------
    path, mime
        The file; the sound track of a video will do.
    hint
        See :func:`~minimax_nb.media.probe.probe`; needed for sound without a header.
    rate
        Resample to this rate in Hz and to one channel; as it is when ``None``.

    Returns
    -------
    tuple or None
        ``None`` when no installed library can read it.
    """
    if mime in RAW_AUDIO:
        form = raw_format(mime, hint or {})
        return None if form is None else (_raw(path.read_bytes(), *form[1:]), form[0])
    try:
        import av  # noqa: F401
    except ImportError:
        return _wave(path) if mime == "audio/wav" else None
    return _decoded(path, rate)


def _decoded(path: Path, rate: int | None) -> tuple[Samples, int] | None:
    import av
    import numpy as np

    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        layout = "mono" if rate else stream.layout.name
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate or stream.rate)
        parts = [made.to_ndarray() for part in container.decode(stream) for made in resampler.resample(part)]
        parts += [made.to_ndarray() for made in resampler.resample(None)]
        if not parts:
            return None
        found: Samples = np.concatenate(parts, axis=1).T.astype(np.float32, copy=False)
        return found, rate or stream.rate


def _wave(path: Path) -> tuple[Samples, int] | None:
    with wave.open(str(path)) as file:
        if file.getsampwidth() != 2:
            return None
        return _raw(file.readframes(file.getnframes()), file.getnchannels(), 2), file.getframerate()


def _raw(data: bytes, channels: int, width: int) -> Samples:
    import numpy as np

    whole = len(data) // (channels * width) * channels * width
    if width == 1:
        return _mu_law()[np.frombuffer(data[:whole], np.uint8)].reshape(-1, channels)
    levels: Samples = np.frombuffer(data[:whole], "<i2").astype(np.float32)
    return (levels / np.float32(32768)).reshape(-1, channels)


def _mu_law() -> Samples:
    """Return the 256 levels of 8-bit mu-law sound (ITU-T G.711)."""
    import numpy as np

    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 15).astype(np.int32) << 3) + 132 << ((code >> 4) & 7).astype(np.int32)) - 132
    levels: Samples = np.where(code & 128, -magnitude, magnitude).astype(np.float32)
    return levels / np.float32(32768)
