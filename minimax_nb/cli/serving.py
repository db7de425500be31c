"""Commands that run something: the sandbox, the webhook receiver, the quick start."""

from __future__ import annotations

from typing import Any

from minimax_nb.cli.terminal import Terminal
from minimax_nb.cli.words import decimal, number


def sandbox(terminal: Terminal, words: list[str], options: dict[str, Any]) -> None:
    """Serve the embedded provider until interrupted."""
    port, seed, speed = number(options, "port"), number(options, "seed"), decimal(options, "speed")
    from minimax_nb.sandbox.child import require

    require()
    from minimax_nb.sandbox.server import main as serve

    serve(
        port=8765 if port is None else port,
        speed=1.0 if speed is None else speed,
        seed=seed or 0,
        faults=options.get("faults"),
        print_url=options.get("print_url", False),
    )


def webhook(terminal: Terminal, words: list[str], options: dict[str, Any]) -> None:
    """Receive webhooks until interrupted."""
    from minimax_nb.webhooks.server import serve
    from minimax_nb.webhooks.tokens import PATH

    port = number(options, "port")
    serve(options.get("host", "127.0.0.1"), 8790 if port is None else port, options.get("path", PATH))


def quickstart(terminal: Terminal, words: list[str], options: dict[str, Any]) -> int:
    """Put the quick start into a folder, and open JupyterLab on it or run it."""
    from minimax_nb.quickstart import execute, open_lab

    folder = options.get("dir", "minimax-quickstart")
    return execute(folder) if options.get("execute") else open_lab(folder)
