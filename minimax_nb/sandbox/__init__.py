"""An embedded provider server that speaks MiniMax's, Pixazo's and APIXO's wire protocols on loopback.

The client side starts it as a child process and talks HTTP to it, as to the real hosts::

    running = start(speed=20)          # four ports; ``running.minimax`` is a base URL
    running.stop()

This package imports neither starlette nor the media libraries until a server really runs; only
:mod:`minimax_nb.sandbox.child` is meant for the client side.
"""

from __future__ import annotations

from minimax_nb.sandbox.child import DEFAULT_KEYS, Running, connect, start

__all__ = ["DEFAULT_KEYS", "Running", "connect", "start"]
