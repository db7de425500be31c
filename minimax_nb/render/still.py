"""Whether outputs shall be the same on every run."""

from __future__ import annotations

import os
from collections.abc import Mapping


def is_still(environ: Mapping[str, str] = os.environ) -> bool:
    """Return True where outputs are compared with saved ones: under pytest, nbval, and MINIMAX_NB_LIVE=off."""
    return "PYTEST_VERSION" in environ or environ.get("MINIMAX_NB_LIVE") == "off"
