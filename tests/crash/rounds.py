"""Rounds of crash and resume: a sandbox each worker, a home each round, and the books compared at the end."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any

from minimax_nb.sandbox import child as sandboxes
from tests.crash import child
from tests.engine.conftest import Control

ROOT = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).with_name("child.py")
LIFETIME = 60.0  #: seconds after which a process that should have ended is stuck

#: Lives are forked off a process that has everything imported: each is a process of its own, without the
#: second in which an interpreter starts.
FORKS = multiprocessing.get_context("forkserver")
_ONE_AT_A_TIME = threading.Lock()  # starting a process also looks after those of other threads
FORKS.set_forkserver_preload(["pytest", "tests.crash.child", "tests.crash.warm"])


@dataclass
class Life:
    """How one child process ended and what it said."""

    code: int
    said: dict[str, Any]
    errors: str

    @property
    def killed(self) -> bool:
        """True when it died by SIGKILL."""
        return self.code == -9


def let_go(kernels: Sequence[subprocess.Popen[str]]) -> None:
    """Wait until all have said that they are ready, then let them go at once."""
    for kernel in kernels:
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == "ready\n"
    for kernel in kernels:
        assert kernel.stdin is not None
        kernel.stdin.write("go\n")
        kernel.stdin.flush()


class Place:
    """A home, and a working folder beside it, in which processes live and die.

    Parameters
    ----------
    folder
        Fresh folder.
    url
        Base URL of the sandbox.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.home, self.work, self.url = folder / "home", folder / "work", url
        self.work.mkdir(parents=True)

    def start(self, script: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start a process here."""
        environment = {
            **os.environ,
            "MINIMAX_NB_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
        }
        return subprocess.Popen(
            [sys.executable, str(script), *arguments],
            cwd=self.work,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def live(self, what: str, options: Mapping[str, Any], kill_after: float | None = None) -> Life:
        """Run one life to its end, or kill it from outside after some seconds."""
        said, errors = (self.work.parent / f"{uuid.uuid4().hex}.{name}" for name in ("out", "err"))
        arguments = (what, self.url, json.dumps(options))
        process = FORKS.Process(
            target=child.live, args=(str(self.work), str(self.home), arguments, str(said), str(errors))
        )
        with _ONE_AT_A_TIME:
            process.start()
        if not connection.wait([process.sentinel], LIFETIME if kill_after is None else kill_after):
            process.kill()
            connection.wait([process.sentinel])
            if kill_after is None:
                raise AssertionError(f"{what} {options} is stuck:\n{_text(said)}\n{_text(errors)}")
        with _ONE_AT_A_TIME:
            process.join()
        assert process.exitcode is not None
        lines = said.read_text().strip().splitlines() if said.exists() else []
        return Life(process.exitcode, json.loads(lines[-1]) if lines else {}, _text(errors))


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else "it left no word"


@dataclass
class Round:
    """One crash: which jobs, which fault, and where to die."""

    number: int
    kinds: Sequence[str]
    kill_at: str | None = None
    kill_after: float | None = None
    resume_kill_after: float | None = None
    fault: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        where = self.kill_at or f"{self.kill_after} s"
        return f"round {self.number} [{', '.join(self.kinds)}] killed at {where}, fault {self.fault}"


@dataclass
class Tally:
    """What the rounds came to."""

    rounds: int = 0
    killed: int = 0
    states: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Worker:
    """One sandbox, on which rounds are played one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox = sandboxes.start(speed=1000.0, seed=0)
        self.control = Control(self.sandbox.url)
        for provider, key in sandboxes.DEFAULT_KEYS.items():
            self.control._call("POST", "accounts", {"provider": provider, "key": key, "rpm": 0})

    def close(self) -> None:
        """Stop the sandbox."""
        self.sandbox.stop()

    def points(self, kinds: Sequence[str]) -> list[str]:
        """Return the names of all commit points that these jobs pass when nothing goes wrong."""
        place = Place(self.folder / f"points {'-'.join(kinds)}", self.sandbox.url)
        life = place.live("submit", {"kinds": kinds, "mark": "p"})
        assert life.code == 0, life.errors
        return list(life.said["points"])

    def play(self, played: Round, tally: Tally) -> None:
        """Play one round and write down what is wrong with the books after it."""
        self.control._call("DELETE", "faults")
        self.control._call("DELETE", "journal")
        if played.fault:
            self.control._call("POST", "faults", played.fault)
        mark = f"r{played.number}q"
        place = Place(self.folder / f"round {played.number}", self.sandbox.url)
        options = {"kinds": played.kinds, "mark": mark, "kill_at": played.kill_at}
        life = place.live("submit", options, played.kill_after)
        tally.rounds += 1
        tally.killed += life.killed
        problems = [] if life.killed or life.code == 0 else [f"the child failed: {life.errors[-800:]}"]
        if (place.home / "ledger.db").exists():
            problems += self._resumed(place, played, mark, tally)
        elif self._entries(mark):
            problems.append("requests were sent and there is no ledger")
        tally.wrong += [f"{played}: {problem}" for problem in problems]

    def _resumed(self, place: Place, played: Round, mark: str, tally: Tally) -> list[str]:
        self.control._call("DELETE", "faults")
        if played.resume_kill_after is not None:
            place.live("resume", {}, played.resume_kill_after)
        life = place.live("resume", {})
        if life.code != 0:
            return [f"resuming failed with {life.code}: {life.errors[-800:]}"]
        for row in life.said["jobs"]:
            tally.states[row["state"]] = tally.states.get(row["state"], 0) + 1
        return check(life.said, self._entries(mark), mark)

    def _entries(self, mark: str) -> list[dict[str, Any]]:
        return [item for item in self.control.requests("POST") if mark in json.dumps(item["body"])]


def check(said: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], mark: str) -> list[str]:
    """Compare the ledger's books with the sandbox's journal, job by job; return one line a difference."""
    wrong = list(said["problems"])
    if said["again"]:
        wrong.append(f"jobs are left to resume: {said['again']}")
    unmatched = list(entries)
    for row in said["jobs"]:
        own = mark_of(row)
        posts = [item for item in entries if own in json.dumps(item["body"])]
        unmatched = [item for item in unmatched if item not in posts]
        wrong += [f"{own} {row['kind']} {row['state']}: {line}" for line in _check_job(row, posts)]
    wrong += [f"a request of no job: {item['path']} {item['body']}" for item in unmatched]
    kept = {item["id"] for item in said["jobs"] if item["state"] == "unknown"}
    wrong += [f"spool keeps {name}" for name in said["spool"] if name.partition(".")[0] not in kept]
    return wrong


def mark_of(row: Mapping[str, Any]) -> str:
    """Return the mark in a job's prompt, which tells its requests apart."""
    return next(word.strip(".") for word in (row["prompt"] or "").split() if word.strip(".").endswith("x"))


def _check_job(row: Mapping[str, Any], posts: Sequence[Mapping[str, Any]]) -> list[str]:
    wrong = []
    charged = sum(item["charged_nano"] for item in posts)
    accepted = [item for item in posts if item["charged_nano"] or item["task_id"]]
    if len(accepted) > 1:
        wrong.append(f"accepted {len(accepted)} times")
    if row["state"] == "succeeded":
        if (row["charge"], row["cost_nano"]) != ("charged", charged):
            wrong.append(f"{row['charge']} {row['cost_nano']}, the journal charged {charged}")
        if row["result"] not in ("stored", "partial") or not row["files"]:
            wrong.append(f"result {row['result']}, files {row['files']}, events {row['events']}")
        wrong += [f"file: {item}" for item in row["files"] if not isinstance(item, int) and item != "input"]
    elif row["state"] == "unknown":
        if (
            row["charge"] != "unknown"
            or row["cost_nano"] is not None
            or charged > (row["estimate_nano"] or 0)
        ):
            wrong.append(f"{row['charge']} {row['cost_nano']} of {row['estimate_nano']}, journal {charged}")
    elif row["state"] in ("rejected", "failed"):
        if charged or row["cost_nano"] != 0:
            wrong.append(f"cost {row['cost_nano']}, the journal charged {charged}; {row['error']}")
    else:
        wrong.append(f"is left {row['state']} ({row['charge']}); events {row['events']}")
    return wrong
