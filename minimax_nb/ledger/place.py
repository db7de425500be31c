"""Where a ledger may live: network file systems break SQLite's write-ahead log and its locks."""

from __future__ import annotations

import re
import sys
from pathlib import Path

#: File system types, as in ``/proc/mounts``, that several machines can share.
_NETWORK = re.compile(
    r"(nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|lustre|gpfs|beegfs|wekafs|glusterfs|orangefs|ncpfs|davfs2?|acfs|panfs"
    r"|fuse\.(sshfs|glusterfs|ceph|s3fs|gcsfuse|goofys|rclone|juicefs|davfs2?|curlftpfs|blobfuse2?|mount-s3))"
)


def network_filesystem(path: Path, mounts: str | None = None) -> str | None:
    r"""Return the type of the network file system that holds ``path``; ``None`` when it is local or not known.

    Parameters
    ----------
    path
        A file or folder; it need not exist.
    mounts
        The mount table in the form of ``/proc/mounts``; read from there when ``None``. Only Linux
        has it; on Windows a ``\\server\share`` path counts as ``smb``.
    """
    kind = filesystem(path, mounts)
    return kind if kind and _NETWORK.fullmatch(kind) else None


def filesystem(path: Path, mounts: str | None = None) -> str | None:
    """Return the type of the file system that holds ``path``; ``None`` when it is not known.

    Parameters are those of :func:`network_filesystem`.
    """
    place = path.absolute()
    if sys.platform == "win32" and mounts is None:
        return "smb" if place.drive.startswith("\\\\") else None
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None
        place = place.resolve()
    best, kind = -1, ""
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 3:
            continue
        folder = Path(_unescape(words[1]))
        # Of two mounts on one folder the later one is seen.
        if place.is_relative_to(folder) and len(folder.parts) >= best:
            best, kind = len(folder.parts), words[2]
    return kind or None


def _unescape(text: str) -> str:
    """Undo the octal escapes of blanks in a mount table."""
    return re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), text)
