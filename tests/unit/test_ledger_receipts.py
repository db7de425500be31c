"""Receipts of uploads: by account, purpose and content, until they expire."""

from __future__ import annotations

from minimax_nb.ledger import Ledger

WEEK_US = 7 * 86_400_000_000


def test_an_upload_is_known_until_it_expires(ledger: Ledger, clock) -> None:
    ledger.keep_upload("account", "voice_clone", "a" * 64, "17", lives_us=WEEK_US).result()
    assert ledger.uploaded("account", "voice_clone", "a" * 64) == "17"
    clock.forward(7 * 86_400 - 1)
    assert ledger.uploaded("account", "voice_clone", "a" * 64) == "17"
    clock.forward(1)
    assert ledger.uploaded("account", "voice_clone", "a" * 64) is None


def test_accounts_purposes_and_contents_are_apart(ledger: Ledger) -> None:
    ledger.keep_upload("account", "voice_clone", "a" * 64, "17", lives_us=WEEK_US).result()
    assert ledger.uploaded("other", "voice_clone", "a" * 64) is None
    assert ledger.uploaded("account", "prompt_audio", "a" * 64) is None
    assert ledger.uploaded("account", "voice_clone", "b" * 64) is None


def test_a_newer_upload_takes_the_place_of_the_old_one(ledger: Ledger) -> None:
    for file_id in ("17", "9007199254740993"):
        ledger.keep_upload("account", "voice_clone", "a" * 64, file_id, lives_us=WEEK_US).result()
    ledger.forget_upload("account", "voice_clone", "a" * 64, "17").result()  # another job was slower
    assert ledger.uploaded("account", "voice_clone", "a" * 64) == "9007199254740993"
    ledger.forget_upload("account", "voice_clone", "a" * 64, "9007199254740993").result()
    assert ledger.uploaded("account", "voice_clone", "a" * 64) is None
