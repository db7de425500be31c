"""The lab: the one public object, and what it does with a request before the engine and after it."""

from minimax_nb.lab.lab import Lab, current_lab

__all__ = ["Lab", "current_lab"]
