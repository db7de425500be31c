"""Whether outputs shall be the same on every run."""

from __future__ import annotations

import os
from collections.abc import Mapping


def is_compared(environ: Mapping[str, str] = os.environ) -> bool:
    """Return True under pytest and nbval, where outputs are compared with saved ones."""
    # PYTEST_VERSION came with pytest 8.2; earlier ones tell only which test runs.
    return "PYTEST_VERSION" in environ or "PYTEST_CURRENT_TEST" in environ


def is_still(live: str | None = None, environ: Mapping[str, str] = os.environ) -> bool:
    """Return True where nothing shall move: outputs are compared, or ``live`` is ``off``.

    Parameters
    ----------
    live
        The setting ``live``, where a lab is at hand; what MINIMAX_NB_LIVE says by default.
    environ
        The environment.
    """
    return is_compared(environ) or (environ.get("MINIMAX_NB_LIVE") if live is None else live) == "off"
