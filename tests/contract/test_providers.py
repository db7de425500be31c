"""Finding providers: the built-in ones, and those of other packages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from minimax_nb import providers
from minimax_nb.catalog import catalog
from minimax_nb.errors import ConfigError
from minimax_nb.providers import provider, provider_names

CODE = """
from minimax_nb.providers.minimax import MiniMaxProvider

class Tape(MiniMaxProvider):
    name = "tape"
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package with four entry points: a good one, two broken ones, and a taken name."""
    (tmp_path / "tapeprovider.py").write_text(CODE)
    info = tmp_path / "tapeprovider-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tapeprovider\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[{providers.GROUP}]\n"
        "tape = tapeprovider:Tape\n"
        "broken = tapeprovider:Nothing\n"
        "absent = no_such_module:Tape\n"
        "minimax = tapeprovider:Tape\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    yield
    forget()


def forget() -> None:
    provider.cache_clear()
    providers._third_party.cache_clear()


@pytest.mark.parametrize(
    ("name", "host", "host_env", "key_env", "kinds"),
    [
        ("minimax", "https://api.minimax.io", "MINIMAX_API_HOST", "MINIMAX_API_KEY",
         {"image", "speech", "video", "music", "voice-design", "voice-clone", "lyrics", "agent", "video-regeneration",
          "context-ir", "cover-preprocess", "chat", "transcribe", "search", "describe"}),
        ("pixazo", "https://gateway.pixazo.ai", "PIXAZO_API_HOST", "PIXAZO_API_KEY",
         {"image", "music", "voice-design", "speech", "audio-result", "video"}),
        ("apixo", "https://api.apixo.ai", "APIXO_API_HOST", "APIXO_API_KEY",
         {"voice-design", "voice-clone", "speech", "video"}),
    ],
)  # fmt: skip
def test_built_in(name: str, host: str, host_env: str, key_env: str, kinds: set[str]) -> None:
    found = provider(name)
    assert (found.name, found.default_host, found.host_env, found.key_env) == (name, host, host_env, key_env)
    assert found.kinds == kinds
    assert found.key_url.startswith("https://")
    assert provider(name) is found


def test_each_provider_does_the_kinds_that_the_catalog_has_models_for() -> None:
    for name in ("minimax", "pixazo", "apixo"):
        assert {model.kind for model in catalog().models(name)} == provider(name).kinds


def test_built_in_ones_need_no_look_at_installed_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> None:
        raise AssertionError("looked at installed packages")

    forget()
    monkeypatch.setattr(providers, "entry_points", refuse)
    assert provider("pixazo").title == "Pixazo"


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no provider 'minimx'; did you mean 'minimax'\?") as caught:
        provider("minimx")
    assert "minimax, pixazo, apixo" in (caught.value.hint or "")


@pytest.mark.usefixtures("installed")
def test_another_packages_provider_is_found_by_name() -> None:
    assert provider("tape").name == "tape"
    assert provider_names() == ("minimax", "pixazo", "apixo", "absent", "broken", "tape")


@pytest.mark.usefixtures("installed")
def test_a_built_in_name_cannot_be_taken() -> None:
    assert {point.name for point in metadata.entry_points(group=providers.GROUP)} >= {"minimax", "tape"}
    assert provider("minimax").name == "minimax"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["broken", "absent"])
def test_one_that_cannot_be_loaded_is_named_with_its_place(name: str) -> None:
    with pytest.raises(ConfigError, match=f"the provider '{name}' cannot be loaded from .*:"):
        provider(name)
