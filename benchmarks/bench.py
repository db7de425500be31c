"""What the benchmarks share: a sandbox, a fresh home, a catalog without request limits, machine facts."""

from __future__ import annotations

import os
import platform
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from minimax_nb.sandbox import child

#: As fast as the documents allow to look, and no limit on requests: what is measured is the client.
FREE = """
[[limit]]
provider = "minimax"
name = "{name}"
rpm = 100000
poll_first = {first}
poll_every = {every}
poll_floor = {every}
source = "benchmark"
retrieved = 2026-11-21
"""
#: A video is said to be quick, so that slow ones are looked at all the time.
QUICK = """
[[model]]
provider = "minimax"
kind = "video"
name = "MiniMax-Hailuo-2.3"
typical_seconds = {seconds}
source = "benchmark"
retrieved = 2026-11-21
"""
CLASSES = ("image", "video", "speech", "music", "voice-design", "voice-clone")


def machine() -> str:
    """Return one line on when and where this ran."""
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} CPUs (shared, load {load:.1f}), "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


@contextmanager
def place(
    speed: float, *, free: bool = True, first: float = 10, every: float = 10, quick: float = 0
) -> Iterator[child.Running]:
    """Give a sandbox that takes requests without end, and a fresh home as environment and working folder."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "catalog").mkdir()
        if free:
            limits = "".join(FREE.format(name=name, first=first, every=every) for name in CLASSES)
            (root / "catalog" / "limits.toml").write_text(limits)
            if quick:
                (root / "catalog" / "models.toml").write_text(QUICK.format(seconds=quick))
            os.environ["MINIMAX_NB_CATALOG"] = str(root / "catalog")
        os.environ["MINIMAX_NB_HOME"] = str(root / "home")
        before = Path.cwd()
        os.chdir(root)
        sandbox = child.start(speed=speed, seed=0)
        try:
            if free:
                lift(sandbox)
            yield sandbox
        finally:
            sandbox.stop()
            os.chdir(before)


def lift(sandbox: child.Running) -> None:
    """Lift the sandbox's own limits on requests, and fill its wallets."""
    for provider, key in child.DEFAULT_KEYS.items():
        control(sandbox, "accounts", {"provider": provider, "key": key, "rpm": 0, "balance": "1000000"})


def control(sandbox: child.Running, name: str, body: object = None, method: str | None = None) -> dict:
    """Call the sandbox's controls."""
    import json
    import urllib.request

    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{sandbox.url}/__sandbox__/{name}", data=data, method=method)
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def cpu_s() -> float:
    """Return the CPU seconds of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rss_mb() -> float:
    """Return the resident memory of this process in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def quantile(values: list[float], share: float) -> float:
    """Return a quantile of unsorted values."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
