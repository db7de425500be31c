"""What a life imports while it works, imported before lives are forked off. Starts no thread and opens nothing."""

from __future__ import annotations

import anyio._backends._asyncio
import httpx
import tinytag

import minimax_nb.catalog
import minimax_nb.download
import minimax_nb.engine.loop
import minimax_nb.lab.resume
import minimax_nb.media
import minimax_nb.providers.apixo
import minimax_nb.providers.minimax
import minimax_nb.providers.pixazo

__all__ = ["anyio", "httpx", "minimax_nb", "tinytag"]
