"""Providers: who makes the media. Each is data and pure functions; the engine does the I/O.

The built-in ones are known by name. Packages of others add theirs through the entry-point group
``minimax_nb.providers``: name → a class or function without parameters that returns a
:class:`~minimax_nb.providers.base.Provider`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from minimax_nb.catalog import nearest
from minimax_nb.errors import ConfigError
from minimax_nb.providers.base import Provider

__all__ = ["GROUP", "Provider", "provider", "provider_names"]

#: Entry-point group for providers of other packages.
GROUP = "minimax_nb.providers"


def _minimax() -> Provider:
    from minimax_nb.providers.minimax import MiniMaxProvider

    return MiniMaxProvider()


def _pixazo() -> Provider:
    from minimax_nb.providers.pixazo import PixazoProvider

    return PixazoProvider()


def _apixo() -> Provider:
    from minimax_nb.providers.apixo import ApixoProvider

    return ApixoProvider()


_BUILT_IN: Mapping[str, Callable[[], Provider]] = {"minimax": _minimax, "pixazo": _pixazo, "apixo": _apixo}


@cache
def provider(name: str) -> Provider:
    """Return a provider by name.

    Parameters
    ----------
    name
        A built-in provider (``minimax``, ``pixazo``, ``apixo``) or one of another package.

    Returns
    -------
    Provider
        The same object for the same name; providers have no state.

    Raises
    ------
    ConfigError
        When there is none of that name, or another package's cannot be loaded.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    point = _third_party().get(name)
    if point is None:
        names = provider_names()
        raise ConfigError(f"no provider {name!r}{nearest(name, names)}", hint=f"Known: {', '.join(names)}.")
    try:
        loaded: Provider = point.load()()
    except Exception as error:
        raise ConfigError(
            f"the provider {name!r} cannot be loaded from {point.value}: {error}",
            hint="Update or remove the package that brings it.",
        ) from error
    return loaded


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers: the built-in ones, then those of other packages by name."""
    return (*_BUILT_IN, *_third_party())


@cache
def _third_party() -> dict[str, EntryPoint]:
    points = {point.name: point for point in entry_points(group=GROUP)}
    return {name: points[name] for name in sorted(points) if name not in _BUILT_IN}
