"""Pages of the web that answer a question; a tool that comes with a MiniMax plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from minimax_nb.kinds.base import PromptRequest
from minimax_nb.kinds.options import option

_DOCS = "MiniMax's MCP server for plans, web_search"


class SearchRequest(PromptRequest):
    """One web search: at most ten pages, each with its title, address and an excerpt."""

    kind: ClassVar[str] = "search"

    prompt: str = option(
        help="What to look for; three to five words find most.", source=_DOCS, aliases=("query", "q")
    )

    def price_facts(self) -> Mapping[str, Any]:
        """Return the model; a call is one unit."""
        return {"model": self.model, "n": 1}
