"""``python -m minimax_nb.sandbox``: run the sandbox in the foreground."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from minimax_nb.errors import MiniMaxError


def parser() -> argparse.ArgumentParser:
    """Return the command line of the sandbox."""
    result = argparse.ArgumentParser(
        prog="minimax-nb sandbox", description="A local server that speaks the providers' wire protocols."
    )
    result.add_argument("--port", type=int, default=0, help="first of four ports (default: four free ones)")
    result.add_argument(
        "--speed", type=float, default=1.0, help="divide all realistic durations by this (default 1)"
    )
    result.add_argument("--seed", type=int, default=0, help="seed of all results and durations (default 0)")
    result.add_argument("--faults", metavar="FILE", help="JSON file with a list of fault rules")
    result.add_argument(
        "--print-url", action="store_true", help="print one JSON line with all addresses when ready"
    )
    result.add_argument("--parent-pipe", action="store_true", help="stop when standard input closes")
    result.add_argument(
        "--allow-http-webhooks", action="store_true", help="accept http:// webhook addresses on loopback"
    )
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until it is interrupted; return the exit status."""
    options = parser().parse_args(argv)
    from minimax_nb.sandbox.server import main as serve

    try:
        serve(**vars(options))
    except MiniMaxError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
