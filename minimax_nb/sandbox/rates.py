"""What the catalog knows of prices and limits, as the sandbox's providers apply it."""

from __future__ import annotations

from typing import Any

from minimax_nb.catalog import Limit, Model, catalog
from minimax_nb.errors import ConfigError, RequestInvalidError

WINDOW_S = 60.0


def models(provider: str, kind: str) -> dict[str, Model]:
    """Return the models of a provider for a kind, by wire name."""
    return {model.name: model for model in catalog().models(provider, kind, unserved=True)}


def price_nano(provider: str, kind: str, model: str, **facts: Any) -> int:
    """Return the price of a request in billionths of the book's currency; 0 where the book has none."""
    try:
        quote = catalog().book(None, provider).quote(provider, kind, model, facts)
    except (RequestInvalidError, ConfigError):
        return 0
    return quote.amount_nano or 0


def limit(provider: str, kind: str) -> Limit:
    """Return how often, and how many at a time, requests of a kind are taken."""
    model = catalog().models(provider, kind, unserved=True)[0]
    return catalog().limit(provider, model.rpm_class)


def of_class(provider: str, name: str) -> Limit:
    """Return a class of requests by its name."""
    return catalog().limit(provider, name)
