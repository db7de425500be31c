"""A kernel dies in the middle of a paid job; the one that Jupyter starts in its place goes on with it at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engine.conftest import Control
from tests.kernel.driver import Kernel

pytestmark = pytest.mark.kernel


def test_a_restarted_kernel_goes_on_with_the_jobs_of_the_killed_one(
    sandbox: object, home: Path, tmp_path: Path
) -> None:
    env = {"MINIMAX_NB_SANDBOX": sandbox.url, "MINIMAX_NB_LIVE": "html", "MINIMAX_NB_HOME": str(home)}
    control = Control(sandbox.url)
    control._call("DELETE", "journal")
    control.fault(
        "before-503", method="GET", path="/query/", times=None
    )  # the job is not done before the kill
    first = Kernel(tmp_path / "work", env=env)
    said = first.run(
        "%load_ext minimax_nb\n%minimax video clip << --background --prompt 'A fox runs'\n"
        "while not clip.record.task_id:\n    clip.wait(0.05)\nprint('job', clip.id)"
    )
    assert said.error is None, said.error
    job_id = re.search(r"job (01\w+)", said.text)[1]
    first.kill()
    control._call("DELETE", "faults")

    again = Kernel(tmp_path / "work", env=env)
    try:
        arrived = again.run("%load_ext minimax_nb\nimport minimax_nb\nminimax_nb.current_lab().arrive()")
        assert "Resumed 1 job of an earlier kernel" in str(arrived.messages)
        shown = again.run(f"%minimax wait {job_id} -o clip\nprint(clip[0].kind, clip.cost)")
        assert shown.error is None, shown.error
        assert shown.text.startswith("video ")
    finally:
        again.close()
    assert (control.posts, control.charges) == (1, 1)
