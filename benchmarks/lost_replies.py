"""Duplicates billed when the reply to a paid request is lost: ours against fal-client, replicate and openai.

A raw local server reads the whole request, bills it, and drops the connection without a word. Each client
is asked for N results with its default retries. The peers are installed into a temporary environment.

python benchmarks/lost_replies.py [N]       N = 1000; about 100 s and a download of the peers
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PEERS = ("fal-client", "replicate", "openai")
AT_ONCE = 1000


class Biller:
    """Bills every request whose body came in whole, and never answers one."""

    def __init__(self) -> None:
        self.billed = 0
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            if "transfer-encoding: chunked" in head:
                await reader.readuntil(b"0\r\n\r\n")
            elif "content-length:" in head:
                await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
            self.billed += head.startswith("post")
        finally:
            writer.transport.abort()


async def fal(url: str) -> Any:
    os.environ.update(FAL_KEY="a:b", FAL_QUEUE_RUN_HOST=url.removeprefix("http://"))
    import fal_client
    import fal_client.client as inner

    for name in dir(inner):  # the address is https in the package, and this server speaks http
        value = getattr(inner, name)
        if isinstance(value, str) and value.startswith("https://") and "queue" in name.lower():
            setattr(inner, name, f"{url}/")
    client = fal_client.AsyncClient(key="a:b")
    return lambda: client.submit("fal-ai/flux", arguments={"prompt": "a fox"})


async def replicate(url: str) -> Any:
    import replicate as package

    client = package.Client(api_token="r8_x", base_url=url)
    return lambda: client.predictions.async_create(version="5" * 64, input={"prompt": "a fox"})


async def openai(url: str) -> Any:
    import openai as package

    client = package.AsyncOpenAI(api_key="sk-x", base_url=url)
    return lambda: client.images.generate(model="gpt-image-1", prompt="a fox")


async def ask(make: Any, count: int) -> tuple[int, int, float]:
    """Return the requests billed, the calls that raised, and the seconds it took."""
    biller = Biller()
    await biller.start()
    call = await make(biller.url)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> bool:
        async with gate:
            try:
                await call()
            except Exception as error:
                if not biller.billed:
                    print(repr(error), file=sys.stderr)
                return True
            return False

    began = time.monotonic()
    raised = sum(await asyncio.gather(*(one() for _ in range(count))))
    return biller.billed, raised, time.monotonic() - began


def ours(count: int) -> tuple[int, int, float]:
    """Ask for images from a MiniMax host that is this server."""
    import threading

    biller = Biller()
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    asyncio.run_coroutine_threadsafe(biller.start(), loop).result()
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "catalog"
        catalog.mkdir()
        limit = 'provider = "minimax"\nname = "image"\nrpm = 1000000\nsource = "benchmark"\nretrieved = 2026-11-21\n'
        (catalog / "limits.toml").write_text(f"[[limit]]\n{limit}")
        os.environ["MINIMAX_NB_CATALOG"] = str(catalog)
        from minimax_nb import ImageRequest, Lab
        from minimax_nb.errors import OutcomeUnknownError

        began, raised = time.monotonic(), 0
        with Lab(home=folder, sandbox="off", minimax_api_key="sk-api-x", minimax_api_host=biller.url) as lab:
            jobs = [lab.submit(ImageRequest(prompt="a fox", n=1)) for _ in range(count)]
            for job in jobs:
                try:
                    job.result()
                except OutcomeUnknownError:
                    raised += 1
            unknown = sum(job.state == "unknown" for job in jobs)
        assert unknown == count, "every lost reply is on record"
        return biller.billed, raised, time.monotonic() - began


def environment(folder: str) -> str:
    """Make the peers' environment; return its interpreter."""
    uv = [sys.executable, "-m", "uv"]
    python = str(Path(folder) / "bin" / "python")
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "--python", python, *PEERS], check=True)
    return python


def row(name: str, count: int, billed: int, raised: int, took: float) -> str:
    return f"| {name} | {count} | {billed} | **{billed / count:.2f}** | {raised} | {took:.0f} |"


def main(count: int) -> None:
    """Run all, each in a process of its own."""
    from bench import machine

    print(machine())
    print("| client | asked | billed | billed for one | errors raised | seconds |\n|--|--|--|--|--|--|")
    print(row("minimax_nb", count, *ours(count)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        python = environment(folder)
        for peer in ("fal", "replicate", "openai"):
            fewer = count // 5 if peer == "fal" else count  # its ten tries take half a minute of waiting
            subprocess.run([python, __file__, peer, str(fewer)], check=True)


if __name__ == "__main__":
    peers = {"fal": fal, "replicate": replicate, "openai": openai}
    if len(sys.argv) == 3:
        from importlib.metadata import version

        peer, number = sys.argv[1], int(sys.argv[2])
        full = {"fal": "fal-client"}.get(peer, peer)
        print(row(f"{full} {version(full)}", number, *asyncio.run(ask(peers[peer], number))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
