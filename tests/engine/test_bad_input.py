"""Every rule of every option of every kind: one bad value, one line that says what is allowed, and nothing sent.

The values come from the option table and from the catalog's limits, so an option or a model that is added is
tested without a word here. What a kind checks by hand is in :mod:`tests.engine.bad_pictures` and
:mod:`tests.engine.bad_words`; a rule there without a case is found by watching which lines of the rules ran.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import minimax_nb.kinds
from minimax_nb import Lab
from minimax_nb.catalog import Model, catalog
from minimax_nb.errors import MiniMaxError, RequestInvalidError
from minimax_nb.kinds import KINDS, build, option_table
from minimax_nb.kinds.base import MediaInput, Option
from minimax_nb.kinds.options import of_model
from minimax_nb.providers import provider
from tests.engine import bad_pictures, bad_words
from tests.engine.bad_inputs import BASES, URL, Case

#: Words of a rule that allows nothing at all.
_NONE_ALLOWED = ("has no such option", "takes no", "takes none", "does not know it")
#: What an option needs beside it.
_BESIDE = {"width": {"height": 512}, "height": {"width": 512}, "max_characters": {"transport": "bidi"}}
CASES = [*bad_pictures.CASES, *bad_words.CASES]
_PROVIDERS = ("minimax", "pixazo", "apixo")
_MODELS = [model for name in _PROVIDERS for model in catalog().models(name)]


def refused(lab: Lab, kind: str, options: dict[str, Any], by: str) -> str:
    """Ask for what must be refused; return what is wrong, one problem a line."""
    problem: MiniMaxError | None = None
    try:
        job = lab.submit(build(kind, None, options), provider=by)
    except MiniMaxError as error:
        problem = error
    else:
        return f"accepted as job {job.id}"
    if not isinstance(problem, RequestInvalidError):
        return f"wrong kind of error: {problem!r}"
    assert 1 <= len(problem.lines()) <= 3, problem.lines()
    assert not any("\n" in line for line in problem.lines()), problem.lines()
    assert all(line.strip() for line in problem.problems)
    return "\n".join(problem.problems)


def base_of(model: Model) -> dict[str, Any]:
    """Return options that the model takes as they are."""
    for options in BASES[model.kind]:
        try:
            request = build(model.kind, None, {**options, "model": model.name}).resolve(model.provider)
            provider(model.provider).check(request)
        except RequestInvalidError:
            continue
        return {**options, "model": model.name}
    raise AssertionError(f"no good request for {model.provider} {model.kind} {model.name}")


def bad_values(row: Option, model: Model) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield values that an option must not have for a model, and words of which the error must say one."""
    narrow = {
        what: value for what, key in row.by_model.items() if (value := of_model(model, key)) is not None
    }
    # Where a provider's documents say nothing of an option, it is the provider that judges.
    silent = set(row.by_model) - set(narrow) - ({"choices"} if model.durations else set())
    choices = () if "choices" in silent else tuple(narrow.get("choices") or row.choices)
    fixed = f"makes {model.limits.get(f'fixed_{row.field}')}"
    if row.field == "model":
        yield "nothing-4", tuple(other.name for other in catalog().models(model.provider, model.kind))
        return
    if row.type in (int, float, bool):
        yield "several", ({int: "a whole number", float: "a number", bool: "true or false"}[row.type],)
    if row.type is str and not row.choices:
        yield " ", ("must not be blank",)
    if row.type is MediaInput:
        yield "/nowhere/at-all.bin", ("at-all.bin",)
    if choices:
        words = (*map(str, choices), fixed)
        yield (-987 if row.type is int else "nonesuch"), words
        others = [value for value in row.choices if value not in choices]
        if "choices" in narrow and others:
            yield others[0], words
    exclusive = row.exclusive_minimum
    low, high = narrow.get("minimum", row.minimum), narrow.get("maximum", row.maximum)
    if low is not None and not row.choices:
        yield (low if exclusive else low - 1), (f"{low:g}",)
    if high is not None and not row.choices:
        yield high + 1, (f"{high:g}", f"{high:,}")
    most = narrow.get("max_length", row.max_length)
    if most is not None and "max_length" not in silent:
        value = [URL] * (most + 1) if row.repeated else "x" * (most + 1)
        yield value, (f"at most {most:,}",)


def said(found: str, row: Option, words: tuple[str, ...]) -> bool:
    """Say whether an error names the option and what is allowed."""
    flags = [row.flag, *(f"--{name}" for name in _BESIDE.get(row.field, ()))]
    lines = [line for line in found.split("\n") if any(flag in line for flag in flags)]
    return any(word in line for line in lines for word in (*words, *_NONE_ALLOWED))


def generated(model: Model) -> Iterator[tuple[Option, dict[str, Any], tuple[str, ...]]]:
    """Yield a request for each rule of each option of a model."""
    base = base_of(model)
    for row in option_table(KINDS[model.kind]):
        for value, words in bad_values(row, model):
            yield row, {**base, **_BESIDE.get(row.field, {}), row.field: value}, words
        if row.required:
            yield row, {name: value for name, value in base.items() if name != row.field}, ("is missing",)


@pytest.fixture
def sends_nothing(lab: Lab, control: Any) -> Iterator[None]:
    """Hold that the sandbox has seen nothing at the end, and that the ledger has no job."""
    yield
    assert control.requests() == []
    assert lab.jobs() == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_option_says_what_it_allows(lab: Lab, sends_nothing: None, kind: str) -> None:
    wrong, count = [], 0
    for model in (model for model in _MODELS if model.kind == kind):
        for row, options, words in generated(model):
            count += 1
            found = refused(lab, kind, options, model.provider)
            if not said(found, row, words):
                wrong.append(
                    f"{model.provider} {model.name} {row.flag} {str(options.get(row.field))[:40]}: {found}"
                )
    assert count
    assert wrong == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_of_a_kind(lab: Lab, sends_nothing: None, case: Case) -> None:
    found = refused(lab, case.kind, case.made(), case.provider)
    assert case.says in found


# --- no rule without a case -------------------------------------------------------------------------

_HOME = Path(minimax_nb.kinds.__file__).parent
_FILES = [
    *_HOME.glob("*.py"),
    *((_HOME.parent / "providers" / f"{name}.py") for name in (*_PROVIDERS, "carry")),
]
#: Generators and functions that say something else than what is wrong with a request.
_NO_RULES = frozenset(
    {"remarks", "_models", "_parts", "sound_remarks", "voice_remarks", "_camera_remarks", "_sung_headings"}
)
#: Checks of an upload to the account, of reading a file, and of calls that no request can cause.
_ELSEWHERE = frozenset({"_problems", "upload_call", "uploads", "_length", "submit"})


def rules_of(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield where a file says what is wrong: function, first line and last line of the statement."""
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(function, ast.FunctionDef) or function.name in _NO_RULES | _ELSEWHERE:
            continue
        for node in ast.walk(function):
            yields = isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield)
            tells = function.name.endswith(("_problem", "_unfit")) and _is_text(node)
            raises = isinstance(node, ast.Raise) and path.parent.name == "providers"
            # Where the catalog has no model of a kind, it says so; only a file of the user's own gets here.
            catalogs = path.name == "carry.py" and "has no {request.kind}" in ast.unparse(node)
            if (yields or tells or raises) and isinstance(node, ast.stmt) and not catalogs:
                yield function.name, node.lineno, node.end_lineno or node.lineno


def _is_text(node: ast.AST) -> bool:
    """Say whether a statement returns a text that is written there."""
    value = node.value if isinstance(node, ast.Return) else None
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str)
    )


def watched(run: Callable[[], None]) -> set[tuple[str, int]]:
    """Run something and return the lines of the rules' files that ran."""
    files = {str(path) for path in _FILES}
    seen: set[tuple[str, int]] = set()

    def line(frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, _: object) -> Any:
        return line if frame.f_code.co_filename in files else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        run()
    finally:
        sys.settrace(before)
    return seen


def test_no_rule_is_without_a_case(lab: Lab, sends_nothing: None) -> None:
    def run() -> None:
        for case in CASES:
            refused(lab, case.kind, case.made(), case.provider)
        for model in (catalog().model("minimax", "image"), catalog().model("minimax", "chat")):
            for _, options, _ in generated(model):
                refused(lab, model.kind, options, "minimax")

    seen = watched(run)
    left = [
        f"{path.name}:{first} {name}"
        for path in _FILES
        for name, first, last in rules_of(path)
        if not any((str(path), number) in seen for number in range(first, last + 1))
    ]
    assert left == [], "a rule without a bad-input case"
