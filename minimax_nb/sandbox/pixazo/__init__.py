"""Pixazo's gateway: queued music and voices, synchronous images, each operation in its own words."""

from minimax_nb.sandbox.pixazo.room import PixazoRoom

__all__ = ["PixazoRoom"]
