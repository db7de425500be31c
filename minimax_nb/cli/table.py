"""What ``minimax-nb`` can be asked: the magic's own tables, less what needs a notebook, plus what needs a shell.

Options are written once, for magic and shell alike; here stands only in what the two differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from minimax_nb.magics.commands import COMMANDS, Subcommand
from minimax_nb.magics.options import MAGIC_OPTIONS, Opt

#: Exit codes, and when each is returned.
CODES: Mapping[int, str] = {
    0: "done",
    1: "a job failed, or a check found a problem",
    2: "wrong usage, bad input or a wrong setting; nothing was sent",
    3: "refused by a budget, or it needs --yes; nothing was sent",
    4: "the outcome of a paid request is unknown; it is never sent again by itself",
    130: "interrupted; what was sent goes on",
}

JSON = Opt("json", "Print JSON: an object, or an array for a list; money exact, as text and in nano-units.",
           bool, default=False)  # fmt: skip
FORMAT = Opt("format", "How the rows are printed.", choices=("table", "csv", "json"), default="table")
OUT = Opt("out", "Folder for the results, under readable names.", short="o", value="FOLDER")
DETACH = Opt("detach", "Print the job's id once the provider has the job, and return.",
             bool, default=False, aliases=("background",))  # fmt: skip
QUIET = Opt("quiet", "Show no progress.", bool, default=False)

#: Options of a kind's line that are the shell's own; the magic's grammar reads the rest.
SHELL_OPTIONS: tuple[Opt, ...] = (OUT, JSON, DETACH)
#: What the magic's options mean in a shell, where that differs; ``None``: they are of a notebook.
_MEANT: Mapping[str, Opt | None] = {
    "out": None,
    "background": None,
    "strict": None,
    "raw": None,
    "quiet": QUIET,
    "vary": Opt("vary", "One job a value: a list or a range; several give every combination.",
                repeated=True, value="NAME=A,B or NAME=1..4"),
    "each": Opt("each", "One job a row of a table with a header line; {column} is filled in.", value="FILE.csv"),
}  # fmt: skip
#: What every kind takes besides its own options.
KIND_OPTIONS: tuple[Opt, ...] = (
    *SHELL_OPTIONS,
    *(found for row in MAGIC_OPTIONS if (found := _MEANT.get(row.name, row)) is not None),
)

#: Subcommands of the magic that a shell has not, and what to write instead.
NOTEBOOK: Mapping[str, str] = {
    "panel": "a form needs a notebook; minimax-nb help KIND lists the options",
    "board": "a board with buttons needs a notebook; minimax-nb jobs lists what runs",
    "replay": "replay lasts as long as its process: set MINIMAX_NB_REPLAY=on",
    "traceback": "there is no earlier error here: set MINIMAX_NB_TRACEBACK=1 and run the command again",
}
#: Commands whose rows can be printed as a table, as CSV or as JSON.
TABLES = (
    "log",
    "cost",
    "jobs",
    "models",
    "voices",
    "files",
    "templates",
    "balance",
    "budget",
    "thread",
    "config",
    "measure",
    "leaderboard",
)
#: Commands that answer with one object.
OBJECTS = (
    "status", "estimate", "wait", "resume", "cancel", "resend", "abandon", "star", "tag", "note", "doctor", "export",
    "import",
)  # fmt: skip
#: Options of the magic's subcommands that only a notebook has.
_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "log": ("grid",),
    "cost": ("plot",),
    "leaderboard": ("plot",),
    "wait": ("out",),
    "resend": ("out",),
    "config": ("save",),
}
_MORE: Mapping[str, tuple[Opt, ...]] = {
    "log": (
        Opt("limit", "So many jobs; 0 for all.", value="N"),
        Opt("columns", "main, slim, full, or names with commas; of CSV and JSON.", value="NAMES"),
    ),
    "export": (
        Opt("project", "All jobs of this project; of this one when nothing is named.", value="NAME"),
        Opt("batch", "The jobs of this sweep.", value="ID"),
        Opt("mlflow", "Log them as runs at this tracking URI, in place of a file.", value="URI"),
        Opt("experiment", "Name of the MLflow experiment; the project's name without it.", value="NAME"),
    ),
    "wait": (OUT, QUIET),
    "resume": (OUT, QUIET),
    "resend": (OUT, QUIET),
}
#: How a line reads in a shell, where the magic's differs.
_USAGE: Mapping[str, tuple[str, str]] = {
    "status": ("status", "where am I: provider, key, running jobs, spent today"),
    "wait": ("wait [ID …]", "wait for jobs or a sweep and print their files; without an id for all that run"),
    "resend": ("resend ID [--yes]", "send an unknown, given up or failed job again, as a new one"),
    "resume": (
        "resume",
        "take over the open jobs of kernels and commands that ended, and fetch their results",
    ),
    "log": ("log [N] [--since 7d] [--text fox] …", "the last N jobs (20), newest first"),
    "export": (
        "export FILE [WHAT …] [--project P] [--with FILE]",
        "a bundle (.zip), a report (.html) or a table (.csv, .parquet); or runs of MLflow",
    ),
    "leaderboard": ("leaderboard [NAME]", "what came of a rating, and what may be concluded"),
    "cost": ("cost [--by day]", "what was spent and possibly spent, and a forecast"),
    "config": (
        "config [NAME=VALUE …]",
        "settings and sources; sets and keeps what is given; a key is asked for",
    ),
    "help": ("help [KIND or COMMAND]", "what there is; the options of a kind or command"),
}

_OWN: tuple[Subcommand, ...] = (
    Subcommand(
        "sandbox", "sandbox [--port N] [--speed X]", "run the embedded provider server, with no key and no cost", 0,
        (
            Opt("port", "First of four ports; 0 takes free ones.", default="8765", value="N"),
            Opt("speed", "Times faster than life.", default="1", value="X"),
            Opt("seed", "Seed of everything random.", default="0", value="N"),
            Opt("faults", "JSON file of fault rules.", value="FILE"),
            Opt("print-url", "Print one JSON line with addresses and keys.", bool, default=False),
        ),
    ),
    Subcommand(
        "webhook", "webhook [--host H] [--port N]", "receive the providers' webhooks, on a host that they can reach", 0,
        (
            Opt("host", "Address to listen on.", default="127.0.0.1", value="H"),
            Opt("port", "0 takes a free one.", default="8790", value="N"),
            Opt("path", "What comes before the token.", default="/minimax-nb/webhook", value="PATH"),
        ),
    ),
    Subcommand(
        "quickstart", "quickstart [--dir FOLDER] [--execute]", "the quick start in a folder, opened in JupyterLab", 0,
        (
            Opt("dir", "The folder.", default="./minimax-quickstart", value="FOLDER"),
            Opt("execute", "Run it here without a screen; writes notebook and HTML report.", bool, default=False),
        ),
    ),
    Subcommand("completion", "completion bash|zsh|fish", "print what makes a shell complete minimax-nb lines", 1),
)  # fmt: skip


def _in_shell(row: Subcommand) -> Subcommand:
    """Return a subcommand of the magic as the shell has it."""
    usage, text = _USAGE.get(row.name, (row.usage, row.help))
    options = [item for item in row.options if item.name not in _LEFT_OUT.get(row.name, ())]
    options += _MORE.get(row.name, ())
    options += (FORMAT, JSON) if row.name in TABLES else (JSON,) if row.name in OBJECTS else ()
    return replace(row, usage=usage, help=text, options=tuple(options))


_OWN_NAMES = frozenset(row.name for row in _OWN)
#: Every command, as the grammar, help, completion and docs read it.
SHELL_COMMANDS: Mapping[str, Subcommand] = {
    **{
        name: _in_shell(row)
        for name, row in COMMANDS.items()
        if name not in NOTEBOOK and name not in _OWN_NAMES
    },
    **{row.name: row for row in _OWN},
}
