"""A provider from another package: found by its entry point, with a key and a host of its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import minimax_nb.providers as providers
from minimax_nb import Lab
from minimax_nb.errors import ConfigError, MissingKeyError
from minimax_nb.lab.connect import define
from minimax_nb.providers.pixazo import PixazoProvider
from minimax_nb.settings import Settings


class ElsewhereProvider(PixazoProvider):
    """A gateway that speaks Pixazo's protocol under its own name."""

    name = "elsewhere"
    title = "Elsewhere"
    default_host = "https://api.elsewhere.example"
    host_env = "ELSEWHERE_API_HOST"
    key_env = "ELSEWHERE_API_KEY"
    key_url = "https://elsewhere.example/keys"


@pytest.fixture(autouse=True)
def fresh_registry() -> Iterator[None]:
    """Look for plug-ins anew, and forget those of the test."""
    for cached in (providers.provider, providers._third_party):
        cached.cache_clear()
    yield
    for cached in (providers.provider, providers._third_party):
        cached.cache_clear()


def test_a_plug_in_gets_key_and_host_settings() -> None:
    settings = Settings(environ={"ELSEWHERE_API_KEY": "k-123456789"})
    define(settings, ElsewhereProvider())
    assert settings.get("elsewhere_api_key").shown == "set"
    assert settings.secrets() == ["k-123456789"]
    assert settings.host("elsewhere").value == "https://api.elsewhere.example"
    with pytest.raises(ConfigError, match="no setting 'other_api_key'"):
        settings.get("other_api_key")


def test_a_plug_in_is_found_by_its_entry_point(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("elsewhere", f"{__name__}:ElsewhereProvider", providers.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: ElsewhereProvider if self is point else None)
    monkeypatch.setattr(providers, "entry_points", lambda **_: [point])
    with Lab(sandbox="off") as lab, pytest.raises(MissingKeyError, match="ELSEWHERE_API_KEY"):
        lab._connections.open("elsewhere")
