"""The front page: what this server is, and where things are."""

from __future__ import annotations

from html import escape

from minimax_nb.sandbox.child import DEFAULT_KEYS
from minimax_nb.sandbox.state import World
from minimax_nb.sandbox.wire import FAILING, REFUSED_INPUT, REFUSED_OUTPUT, REFUSED_PART

_ROW = "<tr><td>{}</td><td><code>{}</code></td><td><code>{}</code></td></tr>"
_CONTROLS = (
    ("GET", "info", "addresses, keys, speed, seed, settings"),
    ("GET, DELETE", "journal", "every request, charge and webhook"),
    ("POST", "clock", '{"advance": seconds}'),
    ("GET, POST, DELETE", "faults", "fault rules; also the header X-Sandbox-Fault"),
    ("GET, POST", "accounts", "keys, balances, limits"),
    ("POST", "settings", "switches for what the documents leave open"),
    ("POST", "tasks", "put a task of any state into the sandbox"),
)
_WORDS = (
    (REFUSED_INPUT, "refused as sensitive input"),
    (REFUSED_OUTPUT, "refused as sensitive output"),
    (REFUSED_PART, "one image of a batch is lost"),
    (FAILING, "the task fails"),
)


def page(world: World) -> str:
    """Return the home page."""
    rooms = "".join(
        _ROW.format(name, escape(world.bases[name]), escape(key)) for name, key in DEFAULT_KEYS.items()
    )
    controls = "".join(
        f"<tr><td>{m}</td><td><code>/__sandbox__/{n}</code></td><td>{escape(t)}</td></tr>"
        for m, n, t in _CONTROLS
    )
    words = "".join(f"<tr><td><code>{escape(w)}</code></td><td>{escape(t)}</td></tr>" for w, t in _WORDS)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>minimax_nb sandbox</title></head>'
        '<body style="font-family: system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; line-height: 1.5">'
        "<h1>minimax_nb sandbox</h1><p>A local stand-in for generative-media providers. It speaks their wire "
        "protocols, makes real media and spends play money; nothing leaves this machine but webhooks to loopback.</p>"
        f"<p>Speed {world.speed:g}, seed {world.seed}.</p>"
        f"<table border=1 cellpadding=6><tr><th>Provider<th>Base URL<th>Key</tr>{rooms}</table>"
        f"<h2>Controls</h2><table border=1 cellpadding=6>{controls}</table>"
        f"<h2>Words in a prompt that make things go wrong</h2><table border=1 cellpadding=6>{words}</table>"
        "</body></html>\n"
    )
