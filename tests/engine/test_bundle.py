"""A bundle taken elsewhere: the same results, replayed without a request, counted as nobody's money."""

from __future__ import annotations

import getpass
import json
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from minimax_nb import ImageRequest, Lab
from minimax_nb.errors import RequestInvalidError

Elsewhere = Callable[..., Lab]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    """Labs in homes of their own, with no sandbox behind them."""
    opened = []

    def make(name: str = "elsewhere", **settings: Any) -> Lab:
        opened.append(Lab(home=tmp_path / name, **settings))
        return opened[-1]

    yield make
    for lab in opened:
        lab.close()


def requests(control: Any) -> int:
    return len(control.requests())


def test_a_colleague_replays_without_a_request(
    lab: Lab, control: Any, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    first = lab.image("a red fox", seed=1, n=2)
    second = lab.video("she turns", first_frame=first[0], duration=6)
    notebook = tmp_path / "fox.ipynb"
    notebook.write_text('{"cells": []}')
    said = lab.export(tmp_path / "fox.zip", [first, second], files=[notebook])
    assert "2 jobs, 3 files" in said

    before = requests(control)
    there = elsewhere(sandbox="auto", replay="on")
    found = there.import_bundle(tmp_path / "fox.zip", tmp_path / "there")
    assert sorted(found.jobs) == sorted([first.job_id, second.job_id])
    assert [path.name for path in found.files] == ["fox.ipynb"]
    again = there.image("a red fox", seed=1, n=2)
    assert [item.bytes() for item in again] == [item.bytes() for item in first]
    moved = there.video("she turns", first_frame=again[0], duration=6)
    assert moved[0].sha256 == second[0].sha256
    assert requests(control) == before


def test_what_came_along_costs_nothing_here(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    made = lab.image("a red fox")
    lab.export(tmp_path / "a.zip", made)
    there = elsewhere()
    there.import_bundle(tmp_path / "a.zip")
    assert there.job(made.job_id).record.cost_nano == lab.job(made.job_id).record.cost_nano
    there.budget("1", sandbox=True)
    assert there.budgets()[0].spent_nano == 0
    assert there.cost().empty
    assert there.status().spent == ()


def test_importing_twice_does_no_harm(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    made = lab.image("a red fox")
    lab.export(tmp_path / "a.zip", made)
    there = elsewhere()
    assert len(there.import_bundle(tmp_path / "a.zip").jobs) == 1
    again = there.import_bundle(tmp_path / "a.zip")
    assert (again.jobs, again.known) == ((), 1)
    assert str(again) == "imported 0 jobs, 1 was here already"
    assert len(there.log()) == 1


def test_ratings_and_measures_come_along(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    made = [lab.image("a red fox", model=model) for model in ("image-01", "image-01-live")]
    lab.rate(made, name="foxes", rater="ann").vote("A")
    numbers = lab.measure(made, "sharpness")
    lab.export(tmp_path / "a.zip", made)
    there = elsewhere()
    there.import_bundle(tmp_path / "a.zip")
    assert there.rate("foxes", rater="ann").leaderboard().votes == 1
    assert there.measure(made, "sharpness").equals(numbers)


def test_an_answer_from_the_ledger_brings_its_source(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    source = lab.image("a red fox")
    answer = lab.image("a red fox", reuse=True)
    lab.export(tmp_path / "a.zip", answer)
    there = elsewhere()
    assert sorted(there.import_bundle(tmp_path / "a.zip").jobs) == sorted([source.job_id, answer.job_id])
    assert there.job(answer.job_id).record.cached_from == source.job_id


def test_a_bundle_tells_nothing_of_keys_hosts_and_people(lab: Lab, tmp_path: Path) -> None:
    made = lab.image("a red fox")
    lab.export(tmp_path / "a.zip", made)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        rows = b"".join(archive.read(name) for name in archive.namelist() if name.startswith("rows/"))
    (job,) = [json.loads(line) for line in rows.splitlines() if b'"fingerprint"' in line]
    assert job["account"] == "imported"
    for secret in (*lab.settings.secrets(), socket.gethostname(), str(tmp_path), getpass.getuser() + ":"):
        assert secret.encode() not in rows
    assert b"http:" not in rows
    assert b"https:" not in rows


def test_unfinished_jobs_stay_and_are_told(lab: Lab, control: Any, tmp_path: Path) -> None:
    made = lab.image("a red fox")
    control.fault("slow:600", path="/v1/image_generation")
    going = lab.submit(ImageRequest(prompt="a long walk"))
    said = lab.export(tmp_path / "a.zip", [made, going])
    assert said.endswith(f"left out, not finished: {going.id}")
    with pytest.raises(RequestInvalidError, match="no finished job"):
        lab.export(tmp_path / "b.zip", going)
    assert not (tmp_path / "b.zip").exists()


def spoilt(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda name, data: None if name == "manifest.json" else data, "no bundle of minimax_nb"),
        (lambda name, data: b"[]" if name == "manifest.json" else data, "no bundle of minimax_nb"),
        (lambda name, data: data.replace(b'"version": 1', b'"version": 9'), "a bundle of version 9"),
        (lambda name, data: data.replace(b'"schema": ', b'"schema": 99'), "made by a newer minimax_nb"),
        (lambda name, data: data[:-9] if name.startswith("media/") else data, "not what its name says"),
        (lambda name, data: None if name.startswith("media/") else data, "is damaged"),
        (
            lambda name, data: data.replace(b'"succeeded"', b'"running"'),
            "is not finished; nothing was imported",
        ),
        (lambda name, data: data[: len(data) // 2] if name == "rows/jobs.jsonl" else data, "is damaged"),
    ],
)
def test_a_spoilt_bundle_is_refused_whole(
    lab: Lab, elsewhere: Elsewhere, tmp_path: Path, change: Callable[[str, bytes], bytes | None], says: str
) -> None:
    lab.export(tmp_path / "a.zip", lab.image("a red fox"))
    there = elsewhere()
    with pytest.raises(RequestInvalidError, match=says):
        there.import_bundle(spoilt(tmp_path / "a.zip", tmp_path / "b.zip", change))
    assert there.log().empty


def test_a_bundle_writes_into_its_folder_only(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    lab.export(tmp_path / "a.zip", lab.image("a red fox"))
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        for name in ("files/../../out.txt", "files/..\\..\\back.txt", "files/in.txt", "/files/root.txt"):
            archive.writestr(name, name)
    folder = tmp_path / "deep" / "folder"
    elsewhere().import_bundle(tmp_path / "a.zip", folder)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.txt")}
    assert found == {"deep/folder/out.txt", "deep/folder/back.txt", "deep/folder/in.txt"}


def test_a_bundle_brings_no_settings(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    """A host in a .env beside the notebook would be where the next prompt goes."""
    lab.export(tmp_path / "a.zip", lab.image("a red fox"))
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        for name in ("files/.env", "files/pyproject.toml", "files/PyProject.toml", "files/in.txt"):
            archive.writestr(name, "MINIMAX_API_HOST=https://example.com")
    folder = tmp_path / "deep"
    found = elsewhere().import_bundle(tmp_path / "a.zip", folder)
    assert [path.name for path in found.files] == ["in.txt"]
    assert [path.name for path in folder.iterdir()] == ["in.txt"]
    (tmp_path / ".env").write_text("MINIMAX_API_KEY=abc")
    with pytest.raises(RequestInvalidError, match=r"\.env holds settings, perhaps a key"):
        lab.export(tmp_path / "c.zip", None, files=[tmp_path / ".env"])


def test_a_file_of_the_same_name_is_kept(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("theirs")
    lab.export(tmp_path / "a.zip", lab.image("a red fox"), files=[tmp_path / "note.md"])
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "note.md").write_text("mine")
    (path,) = elsewhere().import_bundle(tmp_path / "a.zip", tmp_path / "here").files
    assert (path.name, path.read_text()) == ("note-2.md", "theirs")
    assert (tmp_path / "here" / "note.md").read_text() == "mine"


def test_a_table_holds_what_the_ledger_says(lab: Lab, tmp_path: Path) -> None:
    made = [lab.image("a red fox"), lab.speech("Good morning.")]
    assert lab.export(tmp_path / "log.csv", made[0]).startswith(f"{tmp_path / 'log.csv'}: 1 job, ")
    table = pd.read_csv(tmp_path / "log.csv")
    assert table["job"].tolist() == [made[0].job_id]
    assert table["cost_nano"].tolist() == [lab.job(made[0].job_id).record.cost_nano]
    lab.export(tmp_path / "log.csv")
    assert len(pd.read_csv(tmp_path / "log.csv")) == 2


@pytest.mark.parametrize(
    ("target", "files", "says"),
    [
        ("log.xlsx", [], r"log\.xlsx ends in \.xlsx; allowed: \.zip, \.html, \.csv, \.parquet"),
        ("log", [], "log ends in nothing"),
        ("log.csv", ["a.ipynb"], r"only a \.zip takes other files along"),
        ("log.zip", ["gone.ipynb"], r"no file gone\.ipynb"),
    ],
)
def test_a_wrong_target_is_said(lab: Lab, target: str, files: list[str], says: str) -> None:
    with pytest.raises(RequestInvalidError, match=says):
        lab.export(target, [], files=files)


def test_a_request_is_still_a_request(lab: Lab, elsewhere: Elsewhere, tmp_path: Path) -> None:
    """What was imported answers a replay, and nothing else of it is taken for ours."""
    lab.export(tmp_path / "a.zip", lab.image("a red fox", seed=1))
    there = elsewhere(replay="on")
    there.import_bundle(tmp_path / "a.zip")
    with pytest.raises(RequestInvalidError, match="replay is on and the ledger has no image"):
        there.submit(ImageRequest(prompt="a red fox", seed=2))
    assert there.resume() == []


def tampered(source: Path, target: Path, table: str, **columns: Any) -> Path:
    """Write the bundle with these columns in every row of a table."""

    def change(name: str, data: bytes) -> bytes:
        if name != f"rows/{table}.jsonl":
            return data
        rows = [{**json.loads(line), **columns} for line in data.splitlines()]
        return "".join(f"{json.dumps(row)}\n" for row in rows).encode()

    return spoilt(source, target, change)


def test_a_made_up_job_is_never_taken_up_or_asked_for(
    lab: Lab, control: Any, elsewhere: Elsewhere, sandbox: Any, tmp_path: Path
) -> None:
    """Whatever its rows say, it has no task, no address and nobody's key."""
    lab.export(tmp_path / "a.zip", lab.image("a red fox"))
    there = elsewhere(sandbox=sandbox.url)
    mine = there.image("mine").job_id
    columns = {
        "kind": "video",  # of a model whose tasks are listed by their provider
        "model": "MiniMax-H3",
        "request": '{"prompt": "a lake", "model": "MiniMax-H3", "duration": 5}',
        "state": "abandoned",
        "result": "none",
        "raw_state": None,
        "created_us": there.job(mine).record.created_us,
        "submitted_us": there.job(mine).record.created_us,
        "account": there.job(mine).record.account,
        "task_id": "7",
        "locator": '{"path": "/anywhere"}',
        "lease_owner": "somebody",
        "lease_until_us": None,
        "session_id": "this",
    }
    bad = tampered(tmp_path / "a.zip", tmp_path / "b.zip", "jobs", **columns)
    bad = tampered(bad, tmp_path / "c.zip", "job_media", url="http://127.0.0.1:9/a", name="../../secret.png")
    (tmp_path / "secret.png").write_bytes(b"mine")
    (job_id,) = there.import_bundle(bad).jobs
    record = there.ledger.job(job_id)
    assert (record.account, record.task_id, record.locator) == ("imported", None, None)
    assert (record.lease_owner, record.session_id) == (None, None)
    assert [(row.url, row.name) for row in there.ledger.media_of(job_id)] == [(None, "secret.png")]
    before = requests(control)
    assert there.resume() == []
    assert requests(control) == before


def test_rows_of_jobs_that_are_not_in_the_bundle_are_refused(
    lab: Lab, elsewhere: Elsewhere, sandbox: Any, tmp_path: Path
) -> None:
    """Else a bundle could write into the books of the jobs that are here."""
    lab.export(tmp_path / "a.zip", lab.image("a red fox"))
    there = elsewhere(sandbox=sandbox.url)
    mine = there.image("mine")
    for table in ("cost_lines", "job_events", "job_media", "measures"):
        row = {
            "job_id": mine.job_id,
            "seq": 99,
            "at_us": 1,
            "kind": "refund",
            "amount_nano": -5,
            "currency": "USD",
        }
        row |= {
            "source": "x",
            "event": "x",
            "state": "new",
            "role": "output",
            "position": 9,
            "name": "sharpness",
        }

        def change(name: str, data: bytes, table: str = table, row: Any = row) -> bytes:
            return data + json.dumps(row).encode() + b"\n" if name == f"rows/{table}.jsonl" else data

        with pytest.raises(RequestInvalidError, match="do not fit together"):
            there.import_bundle(spoilt(tmp_path / "a.zip", tmp_path / f"{table}.zip", change))
    assert len(there.ledger.costs(mine.job_id)) == 1
    assert len(there.log()) == 1


def test_votes_for_a_rating_that_is_not_in_the_bundle_are_refused(
    lab: Lab, elsewhere: Elsewhere, sandbox: Any, tmp_path: Path
) -> None:
    made = [lab.image("a red fox", model=model) for model in ("image-01", "image-01-live")]
    lab.rate(made, name="foxes", rater="ann").vote("A")
    lab.export(tmp_path / "a.zip", made)
    lab.rate(made, name="others", rater="ann").vote("A")
    there = elsewhere()
    there.import_bundle(tmp_path / "a.zip")

    def change(name: str, data: bytes) -> bytes:
        return b"" if name == "rows/rating_sessions.jsonl" else data

    with pytest.raises(RequestInvalidError, match="do not fit together"):
        there.import_bundle(spoilt(tmp_path / "a.zip", tmp_path / "b.zip", change))
    assert there.rate("foxes", rater="ann").leaderboard().votes == 1


def test_a_result_answers_for_nothing_but_its_own_request(
    lab: Lab, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    made = lab.image("a red fox", seed=1)
    other = lab.image("a blue cat", seed=1)
    lab.export(tmp_path / "a.zip", made)
    print_of_cat = lab.job(other.job_id).record.fingerprint
    bad = tampered(tmp_path / "a.zip", tmp_path / "b.zip", "jobs", fingerprint=print_of_cat)
    there = elsewhere(replay="on")
    there.import_bundle(bad)
    with pytest.raises(RequestInvalidError, match="replay is on and the ledger has no image"):
        there.submit(ImageRequest(prompt="a blue cat", seed=1))
    assert there.image("a red fox", seed=1)[0].sha256 == made[0].sha256


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("jobs", {"tags": "no json"}),
        ("jobs", {"request": "[]"}),
        ("jobs", {"facts": "3"}),
        ("jobs", {"created_us": "long ago"}),
        ("jobs", {"cost_nano": "much"}),
        ("media", {"facts": "{"}),
        ("job_events", {"state": "bliss"}),
        ("cost_lines", {"amount_nano": "much"}),
        ("media", {"size_bytes": "big"}),
        ("media", {"ext": 3}),
    ],
)
def test_rows_that_could_not_be_read_again_stay_out(
    lab: Lab, elsewhere: Elsewhere, tmp_path: Path, table: str, columns: dict[str, Any]
) -> None:
    """Jobs are never deleted, so one of them would spoil the ledger for good."""
    lab.export(tmp_path / "a.zip", lab.image("a red fox"))
    there = elsewhere()
    with pytest.raises(RequestInvalidError, match="damaged|fit together"):
        there.import_bundle(tampered(tmp_path / "a.zip", tmp_path / "b.zip", table, **columns))
    assert there.log().empty


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("manifest.json", b'{"format": "minimax_nb bundle", "version": 1, "schema": null}'),
        ("rows/jobs.jsonl", b"[1]\n"),
        ("rows/media.jsonl", b"7\n"),
        ("rows/jobs.jsonl", b"[" * 100_000),
    ],
)
def test_no_bundle_ends_in_a_traceback(
    lab: Lab, elsewhere: Elsewhere, tmp_path: Path, name: str, content: bytes
) -> None:
    lab.export(tmp_path / "a.zip", lab.image("a red fox"))
    bad = spoilt(tmp_path / "a.zip", tmp_path / "b.zip", lambda at, data: content if at == name else data)
    there = elsewhere()
    with pytest.raises(RequestInvalidError, match="damaged|fit together"):
        there.import_bundle(bad)
    assert there.log().empty
