"""Every vector is held both ways: read by the client here, answered by the sandbox in its own layer."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.contract.wires import VECTORS

TESTS = Path(__file__).parents[1]
#: What takes more than a call and a reply: which test plays it through.
ELSEWHERE = {"F-07": ("crash/test_kill_points.py", "killed at every commit point")}


def words(folder: str) -> set[str]:
    """Return the texts that stand in the tests of a folder."""
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted((TESTS / folder).glob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {node.value for node in nodes if isinstance(node.value, str)}


def test_the_client_reads_every_vector() -> None:
    assert len(VECTORS) == 69
    named = words("contract")
    assert sorted(key for key in VECTORS if key not in named - set(ELSEWHERE)) == sorted(ELSEWHERE)
    for file, word in ELSEWHERE.values():
        assert word in (TESTS / file).read_text("utf-8")


def test_the_sandbox_answers_every_vector_that_has_a_request() -> None:
    tree = ast.parse((TESTS / "sandbox" / "test_server_vectors.py").read_text("utf-8"))
    named = [node for node in tree.body if isinstance(node, ast.Assign)]
    (told,) = [node.value for node in named if ast.unparse(node.targets[0]) == "CLIENT_ONLY"]
    reasons = ast.literal_eval(told)
    assert len(VECTORS) - len(reasons) == 55
    assert all(reasons.values()), "each of the others has its reason"
    sent = {key for key, row in VECTORS.items() if "m" in row["req"] and "webhook" not in row["req"]["path"]}
    # Replies that the sandbox never gives, and one that only an edge network gives.
    assert sorted(set(reasons) & sent) == ["A3-06", "P4-07", "P4-09", "P5-09"]
