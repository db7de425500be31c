"""APIXO's gateway: voices, designed and cloned, in an envelope of ``code``, ``message`` and ``data``."""

from minimax_nb.sandbox.apixo.room import ApixoRoom

__all__ = ["ApixoRoom"]
