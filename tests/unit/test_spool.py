"""Raw replies on disk: whole or not there, as far as they came, and gone when they are settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from minimax_nb.engine import spool as room
from minimax_nb.engine.spool import Spool
from minimax_nb.wire import Reply

REPLY = Reply(200, {"content-type": "application/json", "set-cookie": "secret"}, b'{"one": 1}\n' * 1000)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def files(spool: Spool) -> list[str]:
    return sorted(path.name for path in spool.root.glob("*"))


def test_a_reply_is_found_by_another_process_as_it_came(spool: Spool) -> None:
    spool.keep("job.2", REPLY)
    spool.flush("job.2")
    found = Spool(spool.root).reply("job.2")
    assert found == Reply(200, {"content-type": "application/json"}, REPLY.content)
    assert spool.reply("job.1") is None  # of an earlier sending
    assert (spool.root / "job.2.reply").stat().st_mode & 0o077 == 0


def test_a_stream_is_there_as_far_as_it_came(spool: Spool) -> None:
    for part in (b"data: one\n\n", b"data: two\n\n"):
        spool.keep_part("job.1", part, 200)
    assert spool.part("job.1") == spool.reply("job.1") == Reply(200, {}, b"data: one\n\ndata: two\n\n")
    assert spool.broke_off("job.1")
    spool.keep("job.1", REPLY)
    assert not spool.broke_off("job.1")
    found = spool.reply("job.1")
    assert found is not None
    assert found.content == REPLY.content


@pytest.mark.parametrize("beginning", [b"", b'[200, {"content-'])
def test_a_process_that_died_in_the_first_line_left_nothing(spool: Spool, beginning: bytes) -> None:
    spool.root.mkdir()
    (spool.root / "job.1.stream").write_bytes(beginning)
    assert spool.reply("job.1") is None
    assert spool.part("job.1") is None
    assert not spool.broke_off("job.1")
    assert spool.has_part("job") == bool(beginning)


def test_files_are_written_over_and_never_mistaken(spool: Spool) -> None:
    for number in range(20):
        content = b"x" * (1000 - 37 * number)
        spool.keep(f"job{number}.1", Reply(200, {}, content))
        kept = spool.reply(f"job{number}.1")
        assert kept is not None
        assert kept.content == content
        assert len(files(spool)) == 1
        spool.drop(f"job{number}", 1)
    spool.close()
    assert files(spool) == []


def test_few_and_small_files_are_left_to_be_written_over(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_SPARE_BYTES", 20_000)
    spool.keep("large.1", Reply(200, {}, bytes(30_000)))
    spool.drop("large", 1)
    assert files(spool) == []
    for number in range(room._SPARE + 3):
        spool.keep(f"job{number:02}.1", REPLY)
    for number in range(room._SPARE + 3):
        spool.drop(f"job{number:02}", 1)
    assert len(files(spool)) == room._SPARE


def test_the_replies_of_another_process_are_removed(spool: Spool) -> None:
    Spool(spool.root).keep("job.1", REPLY)
    spool.keep_part("job.2", b"data", 200)
    spool.drop("job", 2)
    assert files(spool) == []


def test_what_another_kernel_swept_away_is_made_anew(spool: Spool) -> None:
    spool.keep("one.1", REPLY)
    spool.drop("one", 1)
    Spool(spool.root).sweep(lambda job_id: job_id == "one")
    assert files(spool) == []
    spool.keep("two.1", REPLY)
    assert files(spool) == ["two.1.reply"]
    Spool(spool.root).sweep(lambda job_id: job_id == "one")
    assert spool.reply("two.1") is not None
