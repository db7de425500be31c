"""Makes the pages of docs/ that follow from the code.

    python scripts/docs.py            write them
    python scripts/docs.py --check    say what is not current, and fail

``docs/operations.md`` lists every operation of every provider with its test. Its rows are in
``docs/operations.toml``; whether the sandbox has an operation is asked of the sandbox's own routes, whether a
test is there of the tests. A row without a user's way or without a test is an error.

``docs/cli.md`` is the command line, made from the tables that its grammar reads.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS = ROOT / "docs" / "operations.toml"
PAGE = ROOT / "docs" / "operations.md"
CLI_PAGE = ROOT / "docs" / "cli.md"
TITLES = {"minimax": "MiniMax", "pixazo": "Pixazo", "apixo": "APIXO"}
_WEBHOOK = "POST (webhook)"
#: What the sandbox answers for other clients alone: an alias of the path that the product document gives without
#: its version, and vectors of texts, which are nothing to hear, to see or to read.
_WITHOUT_A_ROW = {"POST /v1/speech/speech_t2a_input", "POST /v1/embeddings"}
_HEAD = """# Operations

Every operation of the three providers: its call, how it is asked for in a notebook and in Python, and the test
that holds client and sandbox together. Made by `python scripts/docs.py` from `docs/operations.toml`, the
sandbox's routes and the tests; not written by hand.
"""


@dataclass(frozen=True)
class Row:
    """One operation."""

    provider: str
    what: str
    call: str
    magic: str
    python: str
    test: str


def rows() -> list[Row]:
    return [Row(**table) for table in tomllib.loads(ROWS.read_text("utf-8"))["operations"]]


@cache
def routes(provider: str) -> frozenset[str]:
    """Return what the sandbox answers of a provider, as ``METHOD path``."""
    if provider == "minimax":
        from minimax_nb.sandbox.minimax import room, routes

        pairs = {f"{method} {path}" for method, path in (*room.OPERATIONS, *routes.OPERATIONS)}
        return frozenset(pairs | {f"WS {path}" for path in room._SOCKETS})
    from minimax_nb.catalog import catalog

    if provider == "pixazo":
        from minimax_nb.sandbox.pixazo import room as pixazo

        named = {f"{method} {path}" for method, path in pixazo._OPERATIONS}
        wires = [model.wire for model in catalog().models("pixazo") if model.wire.startswith("/")]
        models = {f"POST {wire}" for wire in wires if pixazo._of_model(wire)}
        return frozenset(named | models | {f"GET {pixazo._STATUS}{{id}}", _WEBHOOK})
    from minimax_nb.sandbox.apixo import room as apixo
    from minimax_nb.sandbox.apixo import voice, works

    tasks = {voice.MODEL, *works.models("speech"), *works.models("video")}
    submits = {f"POST {apixo._SUBMIT}{task}" for task in tasks}
    return frozenset(submits | {f"GET {apixo._STATUS}{{model}}", f"GET {apixo._BALANCE}", _WEBHOOK})


def has_test(test: str) -> bool:
    """Say whether a test of this id is there: ``tests/…/test_x.py::test_name``."""
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.is_file() and name in _functions(path)


@cache
def _functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def problems(table: list[Row]) -> list[str]:
    """Return what is wrong with the table, one sentence each."""
    found = [
        f"{row.provider} {row.call}: the sandbox has no such operation" for row in table if not _answered(row)
    ]
    found += [f"{row.provider} {row.call}: no test {row.test}" for row in table if not has_test(row.test)]
    found += [
        f"{row.provider} {row.call}: no way to ask for it" for row in table if not (row.magic and row.python)
    ]
    for provider in TITLES:
        listed = {row.call for row in table if row.provider == provider} | _WITHOUT_A_ROW
        found += [f"{provider} {call}: not in {ROWS.name}" for call in sorted(routes(provider) - listed)]
    return found


def _answered(row: Row) -> bool:
    return row.call in routes(row.provider)


def page(table: list[Row]) -> str:
    """Return the page."""
    parts = [_HEAD]
    for provider, title in TITLES.items():
        mine = [row for row in table if row.provider == provider]
        parts.append(f"## {title}\n\n{_table(mine)}")
    return "\n".join(parts)


def _table(table: list[Row]) -> str:
    head = "| operation | call | notebook | Python | sandbox | test |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {row.what} | `{row.call}` | {_code(row.magic)} | `{row.python}` | {'yes' if _answered(row) else 'no'} "
        f"| [`{row.test.partition('::')[2]}`](../{row.test.partition('::')[0]}) |\n"
        for row in table
    )


def _code(text: str) -> str:
    return f"`{text}`" if text.startswith("%") else text


_CLI_HEAD = """# The command line

`minimax-nb` is the magic in a shell: the same kinds, the same options, the same subcommands, the same ledger. Made by
`python scripts/docs.py` from the tables that the grammar reads; not written by hand.

```bash
minimax-nb image "A red fox at dawn" --aspect-ratio 16:9 -n 2      # prints the files, a path a line
cat poem.txt | minimax-nb speech - --voice English_Graceful_Lady   # - is standard input
minimax-nb chat "Why is the sky blue?" --json | jq -r .text
id=$(minimax-nb video "A dancer" --detach); minimax-nb wait $id --out clips
minimax-nb image "A {animal}" --vary animal=fox,owl --vary seed=1..4 --budget 1
minimax-nb speech "{line}" --voice "{voice}" --each lines.csv
minimax-nb log --since 7d --format csv > week.csv
```

Options stand anywhere, as `--name value`, `--name=value` or `--flag`; behind a bare `--` all is text. Braces in a text
are the text's own, but for `{axis}` and `{column}` of `--vary` and `--each`.

**Output.** Results go to standard output: a path a line, the text of an answer, the id of a job with `--detach`.
Prices of sweeps, progress (on a terminal only) and errors (one line) go to standard error. `--json` prints one object,
or an array for a list, and nothing else; money is exact, as text (`"cost": "0.0035"`) and in nano-units
(`"cost_nano": 3500000`); `null` is "not known", never 0. With `MINIMAX_NB_TRACEBACK=1` an error shows its traceback.

**Ctrl-C** ends the watching, not the job: one line says how to get it back (`minimax-nb wait ID`), and the exit code is
130. A paid request on its way is waited for first, because a reply that nobody hears is a result that nobody has; a
second Ctrl-C leaves at once. What was not sent yet is cancelled and costs nothing.

**Exit codes**

| code | meaning |
|---|---|
{codes}

**Completion** of kinds, options, models, voices, files and job ids:

```bash
eval "$(minimax-nb completion bash)"          # in ~/.bashrc
eval "$(minimax-nb completion zsh)"           # in ~/.zshrc, below compinit
minimax-nb completion fish | source           # in ~/.config/fish/config.fish
```

**The spelling of the product documents** works too: in their lines write `minimax-nb` for `python minimax_cli.py`.

```bash
minimax-nb --task generate --prompt "A cyberpunk city" --model image-01 --aspect-ratio 16:9
minimax-nb --task generate-video --prompt "A dancer" --model MiniMax-Hailuo-2.3 --duration 6
minimax-nb --task generate-speech --text "Hello world" --model speech-2.8-hd --voice English_Graceful_Lady
minimax-nb --task generate-music --lyrics "La la la\\nOh yeah" --prompt "upbeat pop" --model music-2.5
```
"""


def cli_page() -> str:
    """Return the page of the command line."""
    from minimax_nb.cli import helptext
    from minimax_nb.cli.table import CODES, KIND_OPTIONS, SHELL_COMMANDS
    from minimax_nb.kinds import KIND_TITLES
    from minimax_nb.magics.helptext import option_rows

    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in CODES.items())
    parts = [_CLI_HEAD.replace("{codes}", codes), "## Commands\n"]
    for name, row in SHELL_COMMANDS.items():
        parts.append(f"### {name}\n\n`minimax-nb {row.usage}`: {row.help}.\n")
        parts.append(_options(helptext.rows_of_command(name)))
    parts.append("## Kinds\n\nEvery kind takes its own options and these:\n")
    shared = option_rows(KIND_OPTIONS)
    parts.append(_options(shared))
    for kind, title in KIND_TITLES.items():
        own = [cells for cells in helptext.rows_of_kind(kind) if cells not in shared]
        parts.append(f"### {kind}\n\n{title}: `{helptext.usage_of(kind)}`\n")
        parts.append(_options(own))
    return "\n".join(part for part in parts if part)


def _options(table: list[tuple[str, str, str, str]]) -> str:
    if not table:
        return ""
    lines = [
        f"| {' | '.join(_escaped(cell, code=not at) for at, cell in enumerate(cells))} |" for cells in table
    ]
    return "\n".join(["| option | values | default | meaning |", "|---|---|---|---|", *lines, ""])


def _escaped(text: str, *, code: bool) -> str:
    text = text.replace("|", "\\|").replace("<", "&lt;")
    return f"`{text}`" if code else text


def main() -> int:
    table = rows()
    wrong = problems(table)
    for file, text in ((PAGE, page(table)), (CLI_PAGE, cli_page())):
        if "--check" not in sys.argv[1:]:
            file.write_text(text, "utf-8")
        elif not file.is_file() or file.read_text("utf-8") != text:
            wrong.append(f"{file.name} is not current: python scripts/docs.py")
    print("\n".join(wrong) or f"{len(table)} operations")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
