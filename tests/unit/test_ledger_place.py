"""Where a ledger may live."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from minimax_nb.errors import ConfigError
from minimax_nb.ledger import Ledger, file
from minimax_nb.ledger.place import network_filesystem

MOUNTS = r"""/dev/vda / ext4 rw 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb /home/ann/local xfs rw 0 0
//nas/share /mnt/my\040share cifs rw 0 0
ann@host:/ /mnt/remote fuse.sshfs rw 0 0
/dev/sdb1 /mnt/stick fuseblk rw 0 0
C:\134 /mnt/c 9p rw 0 0
odd line
/dev/vdc /data ext4 rw 0 0
server:/data /data nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/srv/ledger.db", None),
        ("/home/ann/ledger.db", "nfs4"),
        ("/home/ann/local/ledger.db", None),
        ("/homework/ledger.db", None),
        ("/mnt/my share/a/b.db", "cifs"),
        ("/mnt/remote/x", "fuse.sshfs"),
        ("/mnt/stick/x", None),
        ("/mnt/c/Users/x", "9p"),
        ("/data/x", "nfs"),  # of two mounts on one folder the later one is seen
    ],
)
def test_network_file_systems_are_known_by_their_mounts(path: str, found: str | None) -> None:
    assert network_filesystem(Path(path), MOUNTS) == found


def test_a_local_folder_is_local(tmp_path: Path) -> None:
    assert network_filesystem(tmp_path / "ledger.db") is None


def test_no_wal_and_no_hard_budget_on_a_network_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "network_filesystem", lambda path: "nfs4")
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        assert ledger.network == "nfs4"
        ledger.start_kernel("k").result()
        assert ledger.jobs() == []
        with pytest.raises(
            ConfigError, match=r"hard budget cannot be kept on a network file system \(nfs4\)"
        ):
            ledger.set_budget(hard_nano=1)
        ledger.set_budget(soft_nano=1)
        with sqlite3.connect(path) as raw:
            assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot open the ledger") as caught:
        Ledger(tmp_path / "file" / "ledger.db")
    assert "MINIMAX_NB_LEDGER" in str(caught.value)
