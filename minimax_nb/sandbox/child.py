"""Start, find and stop a sandbox from the client side. Standard library only."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from minimax_nb.errors import ConfigError

#: The key of the account that every sandbox opens with, by provider.
DEFAULT_KEYS: Mapping[str, str] = {
    "minimax": "sandbox-minimax-key",
    "pixazo": "sandbox-pixazo-key",
    "apixo": "sandbox-apixo-key",
}
#: What a sandbox cannot do without (without espeak-ng its speech is a murmur).
_EXTRA = {
    "starlette": "starlette",
    "uvicorn": "uvicorn",
    "python_multipart": "python-multipart",
    "av": "av",
    "numpy": "numpy",
    "lameenc": "lameenc",
    "websockets": "websockets",
}


@dataclass
class Running:
    """A sandbox that answers.

    Parameters
    ----------
    url
        Base URL of the front port: home page, media, control.
    minimax, pixazo, apixo
        Base URLs of the three providers, each at the root of its own port.
    key
        The default account's key by provider. Sandbox keys are well-known words, not secrets.
    speed
        Its durations are realistic ones divided by this.
    instance
        Tells one run of a sandbox from the next: what one knows, another does not.
    process
        The child process, or ``None`` for a sandbox that somebody else runs.
    """

    url: str
    minimax: str
    pixazo: str
    apixo: str
    key: Mapping[str, str]
    speed: float = 1.0
    instance: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def stop(self, timeout: float = 5.0) -> None:
        """Stop the child process and wait for it; nothing happens for a sandbox that was connected to.

        Parameters
        ----------
        timeout
            Seconds to wait for an orderly end before the process is killed.
        """
        process, self.process = self.process, None
        if process is None:
            return
        atexit.unregister(self.stop)
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def require() -> None:
    """Raise ConfigError, naming what to install, when the ``sandbox`` extra is not there."""
    absent = [name for module, name in _EXTRA.items() if importlib.util.find_spec(module) is None]
    if absent:
        raise ConfigError(
            f"the sandbox needs {', '.join(absent)}, which the extra 'sandbox' brings",
            hint='pip install "minimax-nb[sandbox]"',
        )


def start(
    speed: float = 1.0, seed: int = 0, *, allow_http_webhooks: bool = False, timeout: float = 30.0
) -> Running:
    """Start a sandbox in a child process and return when it answers.

    The child ends when this process ends, however that happens: it watches a pipe from here.

    Parameters
    ----------
    speed
        Realistic durations are divided by this; 1 is realistic (an image takes about 8 s, a video 90 s).
    seed
        Seed of all results and durations.
    allow_http_webhooks
        Accept ``http://127.0.0.1`` webhook addresses, which the real gateways refuse.
    timeout
        Seconds to wait for the child to be ready.

    Raises
    ------
    ConfigError
        If the ``sandbox`` extra is not installed, or the child does not come up.
    """
    require()
    command = [
        sys.executable,
        "-P",
        "-m",
        "minimax_nb.sandbox",
        "--port",
        "0",
        "--print-url",
        "--parent-pipe",
    ]
    command += ["--speed", str(speed), "--seed", str(seed)]
    if allow_http_webhooks:
        command.append("--allow-http-webhooks")
    # A session of its own: Jupyter interrupts a kernel by signalling its whole process group.
    own: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        own = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=_environment(), **own
        )
        assert process.stdout is not None
        line = _first_line(process.stdout, timeout)
        if not line:
            process.kill()
            process.wait()
            errors.seek(0)
            reason = errors.read().decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise ConfigError(f"the sandbox did not start: {reason[0]}")
    running = connect(json.loads(line)["url"])
    running.process = process
    atexit.register(running.stop)
    return running


def connect(url: str) -> Running:
    """Return the addresses of a sandbox that already runs at ``url``.

    Raises
    ------
    ConfigError
        If nothing at ``url`` answers as a sandbox.
    """
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"{url!r} is no address of a sandbox; it looks like http://127.0.0.1:8765")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}/__sandbox__/info", timeout=5) as reply:
            return _running(json.load(reply))
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"no sandbox answers at {url} ({error})", hint="start one with `minimax-nb sandbox`"
        ) from None


def _running(info: Mapping[str, Any]) -> Running:
    return Running(
        info["url"],
        info["minimax"],
        info["pixazo"],
        info["apixo"],
        dict(info["key"]),
        float(info["speed"]),
        str(info["instance"]),
    )


def _environment() -> dict[str, str]:
    """Return the environment of the child, in which this very copy of the package can be imported."""
    environment = dict(os.environ)
    root = Path(__file__).resolve().parents[2]
    # -P keeps the notebook's folder (with its random.py) off sys.path; installed copies are found anyway.
    if root.name not in {"site-packages", "dist-packages"}:
        paths = [str(root), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return environment


def _first_line(stream: IO[bytes], timeout: float) -> bytes:
    """Return the first line of ``stream``, or nothing when it ends or ``timeout`` seconds pass."""
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(timeout)
    return found[0] if found else b""
