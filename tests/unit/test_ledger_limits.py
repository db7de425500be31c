"""The sliding window: at most R admissions in any window, whoever asks and whenever."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from minimax_nb.ledger import Ledger

MINUTE = 60_000_000


def admit(ledger: Ledger, now: int, limit: int = 3) -> int:
    return ledger.admit("account", "video", limit, MINUTE, now)


def most_in_a_window(moments: list[int], window: int) -> int:
    return max(sum(start <= other < start + window for other in moments) for start in moments)


def test_the_first_go_at_once_and_the_next_waits_a_window_and_2_percent(ledger: Ledger) -> None:
    assert [admit(ledger, 5) for _ in range(4)] == [5, 5, 5, 5 + 61_200_000]
    assert admit(ledger, 3 * MINUTE) == 3 * MINUTE
    assert ledger.admit("account", "image", 3, MINUTE, 5) == 5  # classes and accounts are counted apart
    assert ledger.admit("other", "video", 3, MINUTE, 5) == 5


def test_a_pause_holds_everyone_back(ledger: Ledger) -> None:
    ledger.pause("account", "video", 10 * MINUTE)
    ledger.pause("account", "video", 2 * MINUTE).result()  # an earlier end does not shorten it
    assert ledger.paused_until("account", "video") == 10 * MINUTE
    assert ledger.paused_until("account", "image") == 0
    assert admit(ledger, 5) == 10 * MINUTE


def test_a_moment_given_back_is_used_again(ledger: Ledger) -> None:
    dues = [admit(ledger, 0) for _ in range(6)]
    for due in dues[3:]:
        ledger.withdraw("account", "video", due)
    ledger.withdraw("account", "video", 12345).result()  # not there: nothing happens
    assert [admit(ledger, 0) for _ in range(3)] == dues[3:]


def test_withdrawing_never_opens_a_window_for_more(ledger: Ledger) -> None:
    dice = random.Random(7)
    now, held = 0, []
    for _ in range(300):
        now += dice.randrange(0, MINUTE // 4)
        held.append(admit(ledger, now))
        if held[-1] > now and dice.random() < 0.4:
            ledger.withdraw("account", "video", held.pop()).result()
    assert most_in_a_window(held, MINUTE) <= 3


def test_a_limit_below_one_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        admit(ledger, 0, limit=0)


def test_old_moments_are_forgotten(ledger: Ledger) -> None:
    for minute in range(50):
        admit(ledger, minute * MINUTE)
    with ledger._readers.connection() as connection:
        (kept,) = connection.execute("SELECT COUNT(*) FROM admissions").fetchone()
    assert kept < 10


ASKING = """
import json, random, sys
from pathlib import Path
from minimax_nb.ledger import Ledger
ledger, dice, now = Ledger(Path(sys.argv[1])), random.Random(sys.argv[2]), 0
print("ready", flush=True)
sys.stdin.readline()
due = []
for _ in range(60):
    now += dice.choice((0, 0, 1_000_000, 30_000_000))
    if dice.random() < 0.05:
        ledger.pause("account", "video", now + 20_000_000)
    due.append(ledger.admit("account", "video", 5, 60_000_000, now))
    assert due[-1] >= now
print(json.dumps(due))
ledger.close()
"""


def test_three_processes_keep_one_limit(ledger: Ledger) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ASKING, str(ledger.path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    moments = [due for process in running for due in json.loads(process.communicate(timeout=60)[0])]
    assert len(moments) == 180
    assert most_in_a_window(moments, MINUTE) == 5
