"""A raw TCP server that answers exactly what a test says, byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Served:
    """What a raw server saw."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[bytes] = []
        self.connections = 0


@contextmanager
def serving(
    answer: Callable[[bytes], bytes | None],
    *,
    keeps: bool = False,
    closed: Callable[[], object] = lambda: None,
) -> Iterator[Served]:
    """A raw TCP server: reads one request a connection, writes ``answer`` (None closes without a word).

    With ``keeps`` it reads further requests on the same connection, one connection at a time.
    ``closed`` is called after it closed one.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    served = Served(listener.getsockname()[1])

    def work() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                reply: bytes | None = None
                while request := read_request(connection):  # nothing comes from who only wakes it up
                    served.connections += not reply
                    served.requests.append(request)
                    reply = answer(request)
                    if reply is not None:
                        connection.sendall(reply)
                    if reply is None or not keeps:
                        break
            closed()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        listener.close()
        socket_wakeup(served.url)
        thread.join(5)


def socket_wakeup(url: str) -> None:
    """Unblock a pending accept."""
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=0.2).close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def reply(status: str, body: bytes = b"{}", *, close: bool = True, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += ["connection: close"] if close else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
