"""What the catalog knows of prices and limits, as the sandbox's providers apply it."""

from __future__ import annotations

from typing import Any

from minimax_nb.catalog import Limit, Model, catalog
from minimax_nb.errors import ConfigError, RequestInvalidError

WINDOW_S = 60.0


def models(provider: str, kind: str, api: str = "") -> dict[str, Model]:
    """Return the models that one of a provider's endpoints for a kind serves, by wire name."""
    found = catalog().models(provider, kind, unserved=True)
    return {model.name: model for model in found if model.api == api}


def price_nano(provider: str, kind: str, model: str, **facts: Any) -> int:
    """Return the price of a request in billionths of the book's currency; 0 where the book has none."""
    try:
        quote = catalog().book(None, provider).quote(provider, kind, model, facts)
    except (RequestInvalidError, ConfigError):
        return 0
    return quote.amount_nano or 0


def limit(provider: str, kind: str) -> Limit:
    """Return how often, and how many at a time, requests of a kind, or of a class of requests, are taken."""
    found = catalog().models(provider, kind, unserved=True)
    return catalog().limit(provider, found[0].rpm_class if found else kind)


def of_class(provider: str, name: str) -> Limit:
    """Return a class of requests by its name."""
    return catalog().limit(provider, name)
