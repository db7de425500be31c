"""The sandbox's controls, as in the engine's tests."""

from __future__ import annotations

from tests.engine.conftest import control

__all__ = ["control"]
