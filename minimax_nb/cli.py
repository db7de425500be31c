"""The ``minimax-nb`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from minimax_nb._version import __version__
from minimax_nb.errors import MiniMaxError
from minimax_nb.webhooks.tokens import PATH as WEBHOOK_PATH


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (0 done, 1 failed, 2 wrong usage)."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
    except MiniMaxError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="minimax-nb", description="A notebook lab for generative media.")
    parser.add_argument("--version", action="version", version=f"minimax-nb {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    sandbox = commands.add_parser("sandbox", help="run the embedded provider server, with no key and no cost")
    sandbox.add_argument(
        "--port", type=int, default=8765, help="first of four ports; 0 takes free ones (default 8765)"
    )
    sandbox.add_argument("--speed", type=float, default=1.0, help="times faster than life (default 1)")
    sandbox.add_argument("--seed", type=int, default=0, help="seed of everything random (default 0)")
    sandbox.add_argument("--faults", help="JSON file of fault rules")
    sandbox.add_argument(
        "--print-url", action="store_true", help="print one JSON line with addresses and keys"
    )
    sandbox.set_defaults(run=_sandbox)

    quickstart = commands.add_parser(
        "quickstart", help="put the quick start into a folder and open JupyterLab on it"
    )
    quickstart.add_argument(
        "--dir", default="minimax-quickstart", help="folder (default ./minimax-quickstart)"
    )
    quickstart.add_argument(
        "--execute",
        action="store_true",
        help="run it here without a screen; writes the notebook and an HTML report",
    )
    quickstart.set_defaults(run=_quickstart)

    log = commands.add_parser("log", help="print the ledger")
    log.add_argument("--format", choices=["table", "csv", "json"], default="table", help="default: table")
    log.add_argument("--limit", type=int, default=20, help="latest jobs to print; 0 for all (default 20)")
    log.set_defaults(run=_log)

    webhook = commands.add_parser(
        "webhook", help="receive the providers' webhooks, on a host that they can reach"
    )
    webhook.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    webhook.add_argument("--port", type=int, default=8790, help="0 takes a free one (default 8790)")
    webhook.add_argument(
        "--path", default=WEBHOOK_PATH, help=f"what comes before the token (default {WEBHOOK_PATH})"
    )
    webhook.set_defaults(run=_webhook)

    resume = commands.add_parser(
        "resume", help="adopt the open jobs of kernels that died and fetch their results"
    )
    resume.set_defaults(run=_resume)

    doctor = commands.add_parser(
        "doctor",
        help="check keys, hosts, balance, clock, ledger, disk and versions; 1 when there is a problem",
    )
    doctor.set_defaults(run=_doctor)
    return parser


def _sandbox(options: argparse.Namespace) -> int:
    from minimax_nb.sandbox.child import require

    require()
    from minimax_nb.sandbox.server import main as serve

    serve(
        port=options.port,
        speed=options.speed,
        seed=options.seed,
        faults=options.faults,
        print_url=options.print_url,
    )
    return 0


def _quickstart(options: argparse.Namespace) -> int:
    from minimax_nb.quickstart import execute, open_lab

    return execute(options.dir) if options.execute else open_lab(options.dir)


def _log(options: argparse.Namespace) -> int:
    from minimax_nb.lab import current_lab

    frame = current_lab().log()
    frame = frame.tail(options.limit) if options.limit else frame
    if options.format == "csv":
        print(frame.to_csv(index=False), end="")
    elif options.format == "json":
        print(frame.to_json(orient="records", date_format="iso"))
    else:
        print(
            frame.drop(columns=["options"]).to_string(index=False) if len(frame) else "The ledger is empty."
        )
    return 0


def _webhook(options: argparse.Namespace) -> int:
    from minimax_nb.webhooks.server import serve

    serve(options.host, options.port, options.path)
    return 0


def _resume(_: argparse.Namespace) -> int:
    from minimax_nb.lab import current_lab

    jobs = current_lab().resume()
    failed = 0
    for job in jobs:
        job.wait()
        record = job.record
        print(f"{job.id}  {record.provider} {record.kind}  {record.state}  result {record.result}")
        failed += record.state.value not in ("succeeded", "rejected")
    print(f"{len(jobs)} open jobs adopted" if jobs else "No open jobs.")
    return 1 if failed else 0


def _doctor(_: argparse.Namespace) -> int:
    from minimax_nb.doctor import examine
    from minimax_nb.lab import current_lab

    report = examine(current_lab())
    print(report)
    return 1 if report.of("problem") else 0
