"""Real kernels on the shared sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.driver import Kernel


@pytest.fixture
def kernel(home: Path, sandbox: object, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel whose notebook folder is ``tmp_path/work``."""
    made = Kernel(
        tmp_path / "work",
        env={"MINIMAX_NB_SANDBOX": sandbox.url, "MINIMAX_NB_LIVE": "html", "MINIMAX_NB_HOME": str(home)},
    )
    yield made
    made.close()
