"""At its first use a kernel goes on with what dead kernels left: once only, in one line, and at no cost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.engine.owner import is_gone, new_owner
from minimax_nb.kinds import build
from minimax_nb.lab.arrival import _address, _answers
from minimax_nb.ledger.record import Charge, JobState, ResultState

DIE = """
import os, sys
from minimax_nb import Lab
from minimax_nb.kinds import build
lab = Lab(sandbox=sys.argv[1])
for number in range(int(sys.argv[2])):
    job = lab.submit(build("video", f"fox {number}", {}), name="clip")
    while not job.record.task_id:
        job.wait(0.01)
os._exit(1)
"""
#: A kernel with an embedded sandbox of its own, which ends with it.
DIE_EMBEDDED = DIE.replace("Lab(sandbox=sys.argv[1])", "Lab(sandbox_speed='0.5')")
ARRIVE = """
import sys
from minimax_nb import Lab
with Lab(sandbox=sys.argv[1]) as lab:
    lab.ledger
    print("ready", flush=True)
    sys.stdin.readline()
    print(lab.arrive(), flush=True)
    lab._arrival.wait()
    from minimax_nb.engine.loop import engine
    for live in list(engine().jobs.values()):
        live.done.wait(60)
"""


def dead_kernel(lab: Lab, sandbox: Any, jobs: int = 1, script: str = DIE) -> None:
    """Let another process ask for videos and die."""
    subprocess.run([sys.executable, "-c", script, sandbox.url, str(jobs)], timeout=60, check=False)


@contextmanager
def living_kernel(sandbox: Any) -> Iterator[subprocess.Popen[str]]:
    """Let another process ask for a video and watch it, until the block ends."""
    script = DIE.replace("os._exit(1)", "print(flush=True); sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", script, sandbox.url, "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def fresh(lab: Lab, **settings: Any) -> Lab:
    """Another lab on the same ledger, as a new kernel has it."""
    return Lab(**{"sandbox": lab.settings.value("sandbox"), **settings})


def test_the_first_job_says_so_in_one_line(lab: Lab, control: Any, sandbox: Any) -> None:
    dead_kernel(lab, sandbox, jobs=2)
    asked = [job.id for job in lab.jobs(state="open")]
    assert len(asked) == 2
    with fresh(lab) as new:
        assert new.image("a fox").warnings == ("Resumed 2 jobs of an earlier kernel: %minimax jobs",)
        assert new.image("a hare").warnings == ()
        new._arrival.wait()
        assert [new.job(job_id).result()[0].kind for job_id in asked] == ["video", "video"]
    assert (control.posts, control.charges) == (4, 4)


def test_it_can_be_turned_off(lab: Lab, sandbox: Any, control: Any) -> None:
    dead_kernel(lab, sandbox)
    with fresh(lab, resume="off") as new:
        assert new.arrive() == []
    assert len(lab.jobs(state="open")) == 1
    with fresh(lab, replay="on") as new:
        assert new.arrive() == []
    assert len(lab.jobs(state="open")) == 1


def test_the_lease_of_a_living_kernel_is_respected(lab: Lab, sandbox: Any, control: Any) -> None:
    control.fault("before-503", method="GET", times=None)  # it stays open
    with fresh(lab) as new:
        with living_kernel(sandbox):
            assert new.arrive() == new.arrive() == []
            assert new.resume() == []
            (job,) = lab.jobs(state="open")
            owner = job.record.lease_owner
            assert owner is not None
            assert not is_gone(owner)
        assert is_gone(owner)
        assert new.arrive() == []  # it was there a moment ago: not looked at again before its lease is over
        new._arrival._next_us = 1
        assert new.arrive() == ["Resumed 1 job of an earlier kernel: %minimax jobs"]


def test_who_is_gone_is_known_of_this_machine_alone() -> None:
    mine = new_owner()
    place, pid, start = mine.rsplit(":", 2)
    assert int(pid) == os.getpid()
    assert not is_gone(mine)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    assert is_gone(f"{place}:{dead.pid}:{start}")
    # The same number elsewhere: another machine, or a container of the same name.
    assert not is_gone(f"{place[:-1]}x:{dead.pid}:{start}")
    assert not is_gone(f"{place}:1:{start}")  # it is somebody else's, and lives
    for odd in ("", "host", "host:1", f"{place}:x:1", f"{place}::"):
        assert not is_gone(odd)


def test_three_kernels_that_start_together_adopt_each_job_once(lab: Lab, sandbox: Any, control: Any) -> None:
    dead_kernel(lab, sandbox, jobs=3)
    command = [sys.executable, "-c", ARRIVE, sandbox.url]
    kernels = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for kernel in kernels:
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == "ready\n"
    for kernel in kernels:
        assert kernel.stdin is not None
        kernel.stdin.write("\n")
        kernel.stdin.flush()
    said = [kernel.communicate(timeout=60)[0] for kernel in kernels]
    counts = [int(text.split("Resumed ")[1].split(" ")[0]) for text in said if "Resumed" in text]
    assert sum(counts) == 3
    jobs = lab.jobs()
    assert [job.record.result for job in jobs] == [ResultState.STORED] * 3
    for job in jobs:
        events = [event.event for event in lab.ledger.events(job.id)]
        assert events.count("stored") == 1
    assert (control.posts, control.charges) == (3, 3)


def test_jobs_of_a_sandbox_that_ended_are_lost_quietly(home: Path) -> None:
    script = [sys.executable, "-c", DIE_EMBEDDED, "-", "2"]
    subprocess.run(script, timeout=90, check=False)
    with Lab() as new:
        assert len(new.jobs(state="open")) == 2
        while _answers(*_address(new.jobs()[0].record)):  # it sees the end of its kernel a moment later
            pass
        assert new.arrive() == []
        new._arrival.wait()
        assert new._connections._running is None
        assert new.jobs(state="open") == []
        assert {(job.state, job.record.charge) for job in new.jobs()} == {(JobState.LOST, Charge.UNKNOWN)}
        assert new.ledger.problems() == []
        assert new.ledger.cost_sums()[0].cost_nano == 0


def test_each_state_has_its_quiet_end(lab: Lab, control: Any) -> None:
    ends = {
        JobState.NEW: (JobState.REJECTED, Charge.NOT_CHARGED, ResultState.NONE),
        JobState.SUBMITTING: (JobState.ABANDONED, Charge.UNKNOWN, ResultState.NONE),
        JobState.UNKNOWN: (JobState.ABANDONED, Charge.UNKNOWN, ResultState.NONE),
        JobState.RUNNING: (JobState.LOST, Charge.UNKNOWN, ResultState.NONE),
        JobState.SUCCEEDED: (JobState.SUCCEEDED, Charge.NONE, ResultState.EXPIRED),
    }
    lab.image("a fox")
    (made,) = lab.jobs()
    for number, state in enumerate(ends):
        result = ResultState.AVAILABLE if state is JobState.SUCCEEDED else ResultState.NONE
        row = replace(
            made.record, id=f"{made.id[:-2]}{'QRSTV'[number]}Z", state=state, result=result, charge=Charge.NONE,
            account="sandbox-gone", endpoint=f"127.0.0.1:{_free_port()}/v1/image_generation",
            lease_owner=None, lease_until_us=None, cost_nano=None, cost_source=None,
        )  # fmt: skip
        lab.ledger.insert_job(row)
    with fresh(lab) as new:
        assert new.arrive() == []
        new._arrival.wait()
    found = {
        job.id[-2]: (job.state, job.record.charge, job.record.result)
        for job in lab.jobs()
        if job.id != made.id
    }
    assert [found[letter] for letter in "QRSTV"] == list(ends.values())
    assert lab.ledger.problems() == []


def test_a_sandbox_that_still_answers_keeps_its_jobs(lab: Lab, sandbox: Any, control: Any) -> None:
    dead_kernel(lab, sandbox)
    with Lab() as new:  # no key: an embedded sandbox, which is not started for this
        assert new.arrive() == []
        new._arrival.wait()
        assert new._connections._running is None
    assert len(lab.jobs(state="open")) == 1


QUICK = """
[[model]]
provider = "minimax"
kind = "video"
name = "MiniMax-Hailuo-2.3"
typical_seconds = 0.5
source = "test"
retrieved = 2026-11-21
"""


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalog that says of videos how long the sandbox takes, for labs that do not know it is one."""
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "models.toml").write_text(QUICK)
    monkeypatch.setenv("MINIMAX_NB_CATALOG", str(tmp_path / "catalog"))
    monkeypatch.setenv("MINIMAX_NB_POLL_FLOOR", "0.2")


@pytest.mark.usefixtures("quick")
def test_a_job_of_another_key_is_left_alone(lab: Lab, sandbox: Any, control: Any) -> None:
    host = sandbox.minimax
    with Lab(sandbox="off", minimax_api_key=sandbox.key["minimax"], minimax_api_host=host) as paid:
        job = paid.submit(build("video", "a fox", {}))
        while not job.record.task_id:
            job.wait(0.01)
    assert lab.ledger.job(job.id).state in (JobState.QUEUED, JobState.RUNNING)
    with Lab(sandbox="off", minimax_api_key="another-key", minimax_api_host=host) as other:
        assert other.arrive() == []
    with fresh(lab) as new:
        assert new.arrive() == []
        new._arrival.wait()
    with Lab(sandbox="off", minimax_api_key=sandbox.key["minimax"], minimax_api_host=host) as again:
        assert again.arrive() == ["Resumed 1 job of an earlier kernel: %minimax jobs"]
        again._arrival.wait()
        assert again.job(job.id).result()[0].kind == "video"


def test_nothing_to_adopt_costs_nothing(lab: Lab) -> None:
    lab.image("a fox")
    took = []
    for _ in range(5):
        new = fresh(lab)
        assert new.ledger.path.is_file()
        began = time.perf_counter()
        assert new.arrive() == []
        took.append(time.perf_counter() - began)
        new.close()
    assert sorted(took)[2] < 0.005
    assert not [thread for thread in threading.enumerate() if thread.name == "minimax-nb-arrival"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_what_resume_returns_can_be_decided_on(lab: Lab, sandbox: Any, control: Any) -> None:
    dead_kernel(lab, sandbox)
    (job,) = lab.resume()
    assert job.result()[0].kind == "video"
    with pytest.raises(Exception, match="is done"):
        job.resend()
