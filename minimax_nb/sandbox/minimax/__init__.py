"""MiniMax's own API, version 1 paths: HTTP 200 with ``base_resp``, also for failures."""

from minimax_nb.sandbox.minimax.room import MiniMaxRoom

__all__ = ["MiniMaxRoom"]
