"""What downloads cost: memory, and the time of the loop."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from minimax_nb.download import download
from minimax_nb.http import Pool
from tests.unit.rawserver import read_request
from tests.unit.sinks import Kept

MEMORY = """
import asyncio, resource, sys
from pathlib import Path
from minimax_nb.download import download
from minimax_nb.media import MediaStore
from minimax_nb.media.partial import Partial
partial = Partial(MediaStore(Path(sys.argv[2])), "job-output-0", mime_hint="audio/pcm")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
asyncio.run(download(sys.argv[1], partial, max_bytes=2**30, local=True))
stored = partial.finish()
print(stored.bytes, stored.sha256, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_download_takes_little_memory(tmp_path: Path) -> None:
    size, block = 100 * 2**20, bytes(range(256)) * 4096
    listener = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        connection, _ = listener.accept()
        with connection:
            read_request(connection)
            connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode())
            for _ in range(size // len(block)):
                connection.sendall(block)

    done = _downloaded(MEMORY, listener, work, tmp_path)
    count, digest, grown_kb = done.split()
    assert (int(count), digest) == (size, hashlib.sha256(block * (size // len(block))).hexdigest())
    assert int(grown_kb) < 24 * 1024


LAG = """
import asyncio, sys, time
from pathlib import Path
from minimax_nb.download import download
from minimax_nb.media import MediaStore
from minimax_nb.media.partial import Partial
steps = []
real = asyncio.events.Handle._run
def timed(self):
    began = time.thread_time()
    real(self)
    steps.append(time.thread_time() - began)
async def one(url, store, key):
    partial = await asyncio.to_thread(Partial, store, key, mime_hint="audio/pcm")
    await download(url, partial, max_bytes=2**30, local=True)
    return await asyncio.to_thread(partial.finish)
async def main(url, store):
    await one(url, store, "warm")  # imports, and the one TLS context, are paid by the first request
    steps.clear()
    done = await asyncio.gather(*(one(url, store, f"job-{number}") for number in range(4)))
    print(sum(stored.bytes for stored in done), max(steps))
asyncio.events.Handle._run = timed
asyncio.run(main(sys.argv[1], MediaStore(Path(sys.argv[2]))))
"""


def test_four_large_downloads_never_hold_up_the_loop(tmp_path: Path) -> None:
    """The longest step of the loop, in its own CPU time, which other processes do not disturb."""
    size, block = 50 * 2**20, bytes(range(256)) * 4096
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection:
            read_request(connection)
            connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode())
            for _ in range(size // len(block)):
                connection.sendall(block)

    def work() -> None:
        for _ in range(5):
            threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    done = _downloaded(LAG, listener, work, tmp_path)
    total, longest = done.split()
    assert int(total) == 4 * size
    assert float(longest) < 0.02


class Polite(BaseHTTPRequestHandler):
    """Keeps its connections open, and sets a cookie."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[object, str | None]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.client_address, self.headers["cookie"]))
        self.send_response(200)
        self.send_header("content-length", "5")
        self.send_header("set-cookie", "seen=1")
        self.end_headers()
        self.wfile.write(b"bytes")

    def log_message(self, *_: object) -> None:
        pass


def test_files_of_one_host_share_a_connection_and_no_cookie() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Polite)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    async def three() -> None:
        pool = Pool(2)
        for name in "abc":
            url = f"http://127.0.0.1:{server.server_port}/{name}"
            await download(url, Kept(), max_bytes=10, local=True, pool=pool)
        await pool.close()

    asyncio.run(three())
    server.shutdown()
    server.server_close()
    assert len(Polite.seen) == 3
    assert len({address for address, _ in Polite.seen}) == 1
    assert {cookie for _, cookie in Polite.seen} == {None}


def _downloaded(code: str, listener: socket.socket, work: Callable[[], None], folder: Path) -> str:
    """Run ``code`` as a process of its own on what ``work`` serves, and return what it says."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.pcm"
    done = subprocess.run(
        [sys.executable, "-c", code, url, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    thread.join(5)
    listener.close()
    return done.stdout
