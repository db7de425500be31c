"""Cut an audio file into pieces that a player can take as they come."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = (44_100, 48_000, 32_000)
#: Seconds of sound in a piece.
PIECE_S = 0.5


def pieces(data: bytes, form: str, seconds: float, frame_bytes: int = 1) -> list[bytes]:
    """Cut a file.

    Parameters
    ----------
    data, form, seconds
        The file, its format by the API's word, its length in s.
    frame_bytes
        Bytes of one sample of all channels, for ``pcm`` and ``pcmu_raw``.

    Returns
    -------
    list of bytes
        At least two pieces of about half a second, where the file has that many frames; together they are
        the file. mp3 is cut between frames, Opus between Ogg pages, raw samples between samples.
    """
    count = max(2, round(seconds / PIECE_S))
    starts = list(_starts(data, form, frame_bytes)) or [0]
    size = max(1, -(-len(data) // count))
    cuts, due = [0], size
    for start in starts:
        if start >= due and start < len(data):
            cuts.append(start)
            due = start + size
    return [data[a:b] for a, b in zip(cuts, [*cuts[1:], len(data)], strict=True) if b > a]


def _starts(data: bytes, form: str, frame_bytes: int) -> Iterator[int]:
    """Yield where a cut may fall."""
    if form == "mp3":
        yield from mp3_frames(data)
    elif form == "opus":
        yield from (match.start() for match in re.finditer(b"OggS", data))
    else:
        yield from range(0, len(data), frame_bytes)


def mp3_frames(data: bytes) -> Iterator[int]:
    """Yield the offset of each frame of an MPEG layer III file without tags (ISO/IEC 11172-3, 2.4.1.3)."""
    at = 0
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] & 0xE0 == 0xE0:
        version, packed = (data[at + 1] >> 3) & 3, data[at + 2]  # 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5
        kbits = (_KBITS_1 if version == 3 else _KBITS_2)[(packed >> 4) % 15]
        rate = _RATES[((packed >> 2) & 3) % 3] // {3: 1, 2: 2}.get(version, 4)
        yield at
        at += (144_000 if version == 3 else 72_000) * kbits // rate + (packed >> 1 & 1)


def tagged(data: bytes) -> bytes:
    """Return an mp3 file with an ID3 tag before it: the whole file of a stream is not the sum of its pieces."""
    text = b"TSSE" + (19).to_bytes(4, "big") + b"\0\0\x03minimax_nb sandbox"
    return b"ID3\x04\0\0" + bytes([0, 0, 0, len(text)]) + text + data
