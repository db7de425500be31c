"""Run the sandbox: four loopback sockets, one process, one event loop."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import uvicorn

from minimax_nb.errors import ConfigError
from minimax_nb.sandbox.apixo import ApixoRoom
from minimax_nb.sandbox.child import DEFAULT_KEYS
from minimax_nb.sandbox.control import FrontRoom, info
from minimax_nb.sandbox.dispatch import Dispatcher, Protocol
from minimax_nb.sandbox.faults import Rule
from minimax_nb.sandbox.minimax import MiniMaxRoom
from minimax_nb.sandbox.pixazo import PixazoRoom
from minimax_nb.sandbox.state import Switches, World

HOST = "127.0.0.1"
ROOMS = ("front", *DEFAULT_KEYS)


class _Server(uvicorn.Server):
    """A uvicorn server that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._ready, flush=True)


def main(
    port: int = 0,
    speed: float = 1.0,
    seed: int = 0,
    faults: str | Path | None = None,
    print_url: bool = False,
    parent_pipe: bool = False,
    allow_http_webhooks: bool = False,
) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    port
        First of four ports: front, then MiniMax, Pixazo and APIXO; 0 takes four free ones.
    speed
        Realistic durations are divided by this (> 0).
    seed
        Seed of all results and durations.
    faults
        JSON file with a list of fault rules; see :mod:`minimax_nb.sandbox.faults`.
    print_url
        Print one JSON line with all addresses when ready; otherwise a line for people.
    parent_pipe
        Stop when standard input closes, so that the sandbox does not outlive who started it.
    allow_http_webhooks
        Accept ``http://`` webhook addresses on loopback.

    Raises
    ------
    ConfigError
        For a port in use, a speed that is not positive, or a fault file that cannot be read.
    """
    if not speed > 0:
        raise ConfigError(f"--speed {speed} must be greater than 0")
    rules = _rules(Path(faults)) if faults else []
    sockets = _sockets(port)
    bases = {
        name: f"http://{HOST}:{sock.getsockname()[1]}" for name, sock in zip(ROOMS, sockets, strict=True)
    }
    world = World(bases, speed=speed, seed=seed, rules=rules, switches=Switches(allow_http_webhooks))
    rooms: list[Any] = [FrontRoom(world), MiniMaxRoom(world), PixazoRoom(world), ApixoRoom(world)]
    app = Dispatcher(world, {sock.getsockname()[1]: room for sock, room in zip(sockets, rooms, strict=True)})
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="websockets-sansio",
        ws_ping_interval=None,  # only the sandbox's clock decides who has been silent for too long
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,  # what a provider calls the time is the sandbox's own clock
        # Longer than any client keeps an idle connection: a paid POST must not meet a closing one.
        timeout_keep_alive=600,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, _addresses(world) if print_url else _greeting(world))
    if parent_pipe:
        _watch_parent(server)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets)
    finally:
        world.close()


def _addresses(world: World) -> str:
    """Return the line that a program reads: the addresses and keys, as each client is configured with them."""
    found = info(world)
    return json.dumps({name: found[name] for name in ("url", "minimax", "pixazo", "apixo", "key")})


def _greeting(world: World) -> str:
    """Return what a person who started the sandbox needs to know."""
    lines = [
        f"minimax_nb sandbox: {world.bases['front']}  (speed {world.speed:g}, seed {world.seed}; Ctrl-C ends it)"
    ]
    lines += [f"  {name:<8} {world.bases[name]}  key {key}" for name, key in DEFAULT_KEYS.items()]
    return "\n".join(lines)


def _watch_parent(server: uvicorn.Server) -> None:
    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        server.should_exit = server.force_exit = True

    threading.Thread(target=watch, daemon=True, name="sandbox-parent").start()


def _sockets(port: int) -> list[socket.socket]:
    """Return four sockets bound on loopback."""
    wanted = [0] * 4 if port == 0 else range(port, port + 4)
    sockets: list[socket.socket] = []
    try:
        for number in wanted:
            # With its protocol named, or asyncio leaves out TCP_NODELAY and each reply waits 40 ms for an ack.
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            sockets.append(sock)
            if os.name != "nt":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((HOST, number))
    except (OSError, OverflowError) as error:
        for sock in sockets:
            sock.close()
        raise ConfigError(
            f"ports {port} to {port + 3} cannot be opened ({error})", hint="try another --port"
        ) from None
    return sockets


def _rules(path: Path) -> list[Rule]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, list):
            raise ValueError("the file holds a list of rules")
        return [Rule.of(item) for item in data]
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"--faults {path}: {error}") from None
