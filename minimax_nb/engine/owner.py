"""Which process drives a job: the name it signs its leases with, and whether such a process is gone."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from contextlib import suppress
from pathlib import Path

from minimax_nb.engine.ids import now_us


def new_owner() -> str:
    """Return the name under which this process drives jobs: ``host-place:pid:start``."""
    return f"{_place()}:{os.getpid()}:{now_us()}"


def is_gone(owner: str) -> bool:
    """Return True when the process of a name certainly ended; False also where that cannot be known from here."""
    place, _, rest = owner.partition(":")
    pid = rest.partition(":")[0]
    if os.name != "posix" or place != _place() or not pid.isdecimal():  # on Windows a signal 0 ends a process
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is somebody else's
        return False
    return False  # it lives, or its number was given out again: its leases tell


@functools.cache
def _place() -> str:
    """Name what gives out process numbers here: of two containers with one name each has its own."""
    told = ""
    with suppress(OSError):  # Linux alone has them
        told = Path("/proc/sys/kernel/random/boot_id").read_text() + os.readlink("/proc/self/ns/pid")
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    return f"{platform.node().replace(':', '-') or 'host'}-{digest}"
