"""Completion in a real kernel: what the front end gets, and how soon."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest

from tests.kernel.driver import Kernel

pytestmark = pytest.mark.kernel

ROUNDS = 50
#: One of each: subcommands, options, values, voices, jobs, names.
PLACES = [
    "%minimax ",
    "%%minimax image --",
    "%%minimax image --aspect-ratio ",
    "%%minimax speech --voice warm",
    "%%minimax video --model ",
    "%minimax wait ",
    "%%minimax image\nA {co",
]


def complete(kernel: Kernel, cell: str, after: str = "") -> dict[str, Any]:
    message = kernel.client.complete(cell + after, len(cell))
    while True:
        reply: dict[str, Any] = kernel.client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == message:
            assert reply["content"]["status"] == "ok"
            return dict(reply["content"])


def matches(kernel: Kernel, cell: str, after: str = "") -> list[str]:
    return list(complete(kernel, cell, after)["matches"])


def test_a_kernel_completes_our_lines_and_jedi_is_silent(kernel: Kernel) -> None:
    assert kernel.run("%load_ext minimax_nb\ncolour, count = 'red', 3").error is None
    assert matches(kernel, "%%minimax image --asp") == ["--aspect-ratio"]
    assert matches(kernel, "%%minimax image --mo") == ["--model"]
    assert matches(kernel, "%minimax wai") == ["wait"]
    assert matches(kernel, "%%minimax image\nA {co") == ["colour", "count"]
    voice = complete(kernel, '%%minimax speech --voice "Chinese (Mandarin)_Warm_B', '" --speed 1')
    assert voice["matches"] == ["Mandarin)_Warm_Bestie"]
    assert (voice["cursor_start"], voice["cursor_end"]) == (35, 51)
    kinds = complete(kernel, "%%minimax im")["metadata"]["_jupyter_types_experimental"]
    assert [(item["text"], item["type"]) for item in kinds] == [("image", "kind")]
    kernel.run("%%minimax image --tag take=1 --quiet\nA fox")
    [job] = matches(kernel, "%minimax wait 0")
    assert len(job) == 26
    assert matches(kernel, "%%minimax image --tag ") == ["take=1"]
    assert "real" in matches(kernel, "count.re")


def test_completion_takes_ten_milliseconds(kernel: Kernel) -> None:
    kernel.run("%load_ext minimax_nb\ncolour, count = 'red', 3")
    first, medians = {}, {}
    for place in PLACES:
        taken = []
        for _ in range(ROUNDS + 1):
            begun = time.perf_counter()
            reply = complete(kernel, place)
            taken.append(1000 * (time.perf_counter() - begun))
            assert reply["matches"]
        first[place], medians[place] = taken[0], statistics.median(taken[1:])
    for place in PLACES:
        print(f"{place!r}: first {first[place]:.0f} ms, then {medians[place]:.1f} ms")
    assert max(first.values()) < 5000  # pydantic, the catalog and the option tables are loaded once
    assert max(medians.values()) <= 10


def test_unloading_ends_it(kernel: Kernel) -> None:
    kernel.run("%load_ext minimax_nb\n%reload_ext minimax_nb")
    count = (
        "matchers = get_ipython().Completer.custom_matchers\n"
        "print(sum(getattr(item, 'matcher_identifier', '') == 'minimax_nb' for item in matchers))"
    )
    assert kernel.run(count).text == "1\n"
    kernel.run("%unload_ext minimax_nb")
    assert kernel.run(count).text == "0\n"
    assert matches(kernel, "%%minimax image --asp") != ["--aspect-ratio"]
