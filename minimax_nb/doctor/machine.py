"""Versions of kernel and front end, and the extras that are installed."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from minimax_nb._version import __version__
from minimax_nb.doctor.finding import Finding
from minimax_nb.errors import ConfigError
from minimax_nb.lab.connect import check_sandbox

if TYPE_CHECKING:
    from minimax_nb.lab import Lab

_SHOWN = ("ipython", "ipykernel", "ipywidgets", "jupyterlab", "notebook")
#: Updates of a display from a thread do not arrive in these.
_BROKEN_KERNEL = re.compile(r"7\.0\.")


def versions(_: Lab) -> Iterator[Finding]:
    """Yield what is installed here; a front end may run in another environment."""
    found = {name: _version(name) for name in _SHOWN}
    shown = [f"{name} {number}" for name, number in found.items() if number]
    python = f"python {platform.python_version()} on {platform.system()}"
    yield Finding("ok", "versions", " · ".join([f"minimax_nb {__version__}", python, *shown]))
    if _BROKEN_KERNEL.match(found["ipykernel"] or ""):
        text = f"ipykernel {found['ipykernel']} loses updates of running cards"
        yield Finding("problem", "ipykernel", text, "pip install 'ipykernel!=7.0.*'")
    elif not found["ipykernel"]:
        yield Finding(
            "note", "ipykernel", "not installed: notebooks cannot run here", 'pip install "minimax-nb[lab]"'
        )


def extras(lab: Lab) -> Iterator[Finding]:
    """Yield what optional packages bring or would bring."""
    if find_spec("av") is None:
        text = "av is not installed: no posters, waveforms or facts of videos"
        yield Finding("note", "extra lab", text, 'pip install "minimax-nb[lab]"')
    else:
        yield Finding("ok", "extra lab", f"av {_version('av')}: posters, waveforms, facts of videos")
    in_use = lab._connections.uses_sandbox
    try:
        check_sandbox()
    except ConfigError as error:
        if not in_use:  # where it is in use, this is said as a problem already
            yield Finding(
                "note", "extra sandbox", f"{error.message}; it is needed only without a key", error.hint or ""
            )
        return
    if in_use and find_spec("espeakng_loader") is None:
        text = "espeakng-loader is not installed: speech of the sandbox is a murmur"
        yield Finding("note", "extra sandbox", text, 'pip install "minimax-nb[sandbox]"')
    else:
        yield Finding("ok", "extra sandbox", "installed: everything runs without a key too")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
