"""An orderly end leaves jobs open, their leases free, and every reply that came where it can be read again."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import ImageRequest, Lab, VideoRequest
from minimax_nb.errors import MediaError
from minimax_nb.ledger import Ledger
from minimax_nb.ledger.record import JobState, ResultState
from tests.crash.rounds import Place

LEAVES = """
    import sys
    from minimax_nb import Lab, {request}
    lab = Lab(sandbox=sys.argv[1])
    seen = []
    job = lab.submit({request}(prompt="A red fox"))
    while "{until}" not in job.stage:
        job.wait(0.01)
"""


def leave(folder: Path, url: str, request: str, until: str) -> Place:
    """Run a script that ends, without closing anything, while its job is at a stage."""
    place = Place(folder, url)
    script = folder / "script.py"
    script.write_text(textwrap.dedent(LEAVES.format(request=request, until=until)))
    process = place.start(script, url)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    return place


def test_exit_leaves_a_job_open_and_its_lease_free(tmp_path: Path, sandbox: Any, control: Any) -> None:
    control.lift_limits()
    place = leave(tmp_path, sandbox.url, "VideoRequest", "queued")
    with Ledger(place.home / "ledger.db") as ledger:
        (record,) = ledger.jobs()
    assert (record.state, record.lease_owner) == (JobState.QUEUED, None)
    life = place.live("resume", {})
    assert [job["result"] for job in life.said["jobs"]] == ["stored"]
    assert (control.posts, control.charges) == (1, 1)


def test_exit_hears_the_answer_of_a_paid_request_on_its_way(
    tmp_path: Path, sandbox: Any, control: Any
) -> None:
    control.lift_limits()
    control.fault("slow:1", method="POST", path="image_generation")  # a second, whatever the speed
    place = leave(tmp_path, sandbox.url, "ImageRequest", "running")
    with Ledger(place.home / "ledger.db") as ledger:
        (record,) = ledger.jobs()
    assert (record.state, record.cost_nano, record.lease_owner) == (
        JobState.SUCCEEDED,
        control.charged_nano,
        None,
    )
    life = place.live("resume", {})
    assert [job["result"] for job in life.said["jobs"]] == ["stored"]
    assert (control.posts, control.charges) == (1, 1)


def test_closing_the_lab_ends_its_jobs_here_and_not_at_the_provider(
    home: Path, sandbox: Any, control: Any
) -> None:
    control.lift_limits()
    with Lab(sandbox=sandbox.url) as lab:
        job = lab.submit(VideoRequest(prompt="A red fox"))
    assert job.wait(5)
    sent = control.posts
    with Lab(sandbox=sandbox.url) as lab:
        (resumed,) = lab.resume()
        if sent:
            assert resumed.result()[0].facts.height == 768
        else:
            assert resumed.state is JobState.REJECTED
    assert (control.posts, control.charges) == (sent, sent)


def test_the_refusal_of_an_earlier_sending_is_not_the_reply_to_the_last(
    tmp_path: Path, sandbox: Any, control: Any
) -> None:
    control.fault("before-429:0", method="POST")
    place = Place(tmp_path, sandbox.url)
    died = place.live("submit", {"kinds": ["image"], "mark": "k", "kill_at": "after minimax image: begin #1"})
    assert died.killed
    (row,) = place.live("resume", {}).said["jobs"]
    assert (row["state"], row["attempts"]) == ("unknown", 2)
    assert control.posts == 1


def test_a_result_whose_place_is_not_known_now_is_not_taken_for_stored(
    lab: Lab, sandbox: Any, control: Any
) -> None:
    control.lift_limits()
    control.fault("before-500", method="GET", path="/media/", times=None)
    with pytest.raises(MediaError):
        lab.video("A red fox runs")
    control._call("DELETE", "faults")
    control.fault("before-500", method="GET", path="query/video", times=None)
    (job,) = lab.resume()
    with pytest.raises(MediaError, match="resume"):
        job.result()
    assert lab.jobs()[0].record.result is ResultState.AVAILABLE
    control._call("DELETE", "faults")
    (job,) = lab.resume()
    assert job.result()[0].facts.height == 768


def test_a_reply_that_was_spooled_is_read_by_the_next_kernel(
    tmp_path: Path, sandbox: Any, control: Any
) -> None:
    place = Place(tmp_path, sandbox.url)
    kinds = ["image"]
    died = place.live("submit", {"kinds": kinds, "mark": "k", "kill_at": "after minimax image: spool #1"})
    assert died.killed
    said = place.live("resume", {}).said
    (row,) = said["jobs"]
    assert (row["state"], row["result"], len(row["files"])) == ("succeeded", "stored", 2)
    assert said["spool"] == []
    assert row["cost_nano"] == control.charged_nano
    assert ImageRequest.kind == row["kind"]


def test_a_lab_that_closes_after_the_engine_waits_for_nobody(tmp_path: Path) -> None:
    """Exit handlers run last one first: the engine may have stopped, and then nobody gives an answer."""
    from minimax_nb.engine.loop import Engine

    stopped = Engine()
    stopped.stop()
    with Ledger(tmp_path / "ledger.db") as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stopped, "_wait_for", lambda coroutine: pytest.fail("it waits"))
        stopped.leave(ledger)
