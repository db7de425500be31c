"""Settings: precedence, provenance, and keys that never show themselves."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from minimax_nb.errors import ConfigError
from minimax_nb.settings import DEFINITIONS, Secret, Settings, check_host

KEY = "sk-api-0123456789abcdef"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def settings(place: Path, arguments: dict | None = None, **environ: str) -> Settings:
    return Settings(
        arguments, environ={"MINIMAX_NB_HOME": str(place.parent / "home"), **environ}, folder=place
    )


def test_sources_win_in_the_documented_order(place: Path) -> None:
    (place.parent / "home").mkdir()
    (place.parent / "home" / "minimax_nb.toml").write_text('provider = "from-user-file"')
    assert settings(place).get("provider").source == "minimax_nb.toml"
    (place / "pyproject.toml").write_text('[tool.minimax_nb]\nprovider = "from-pyproject"')
    assert settings(place).get("provider").value == "from-pyproject"
    (place / ".env").write_text("MINIMAX_NB_PROVIDER=from-dotenv\n")
    assert settings(place).get("provider").source == ".env"
    found = settings(place, MINIMAX_NB_PROVIDER="from-environment")
    assert found.get("provider").source == "environment MINIMAX_NB_PROVIDER"
    found.set("provider", "from-config")
    assert found.get("provider").source == "%minimax config"
    assert (
        settings(place, {"provider": "from-argument"}, MINIMAX_NB_PROVIDER="x").get("provider").source
        == "argument"
    )


def test_default_says_default(place: Path) -> None:
    assert settings(place).get("provider").source == "default"
    assert settings(place).get("minimax_api_host").value == "https://api.minimax.io"


def test_unsetting_returns_to_the_other_sources(place: Path) -> None:
    found = settings(place, MINIMAX_NB_PROVIDER="pixazo")
    found.set("provider", "apixo")
    assert found.set("provider", "").value == "pixazo"


def test_unknown_setting_names_the_nearest(place: Path) -> None:
    with pytest.raises(ConfigError, match=r"no setting 'provder'; did you mean 'provider'\?"):
        settings(place).get("provder")
    with pytest.raises(ConfigError, match="no setting"):
        Settings({"colour": "red"})


def test_a_bad_choice_names_the_allowed(place: Path) -> None:
    with pytest.raises(ConfigError, match="live=blink .*allowed: auto, html, widget, text, off"):
        settings(place).set("live", "blink")


def test_a_broken_file_is_one_line(place: Path) -> None:
    (place / "pyproject.toml").write_text("[tool.minimax_nb\n")
    with pytest.raises(ConfigError, match="pyproject.toml cannot be read"):
        settings(place).get("provider")


def test_a_key_never_shows_a_character(place: Path) -> None:
    found = settings(place, MINIMAX_API_KEY=KEY)
    setting = found.get("minimax_api_key")
    shown = (
        f"{setting!r} {setting.value} {setting.value!r} {setting.shown} {found.all()!r} {vars(found).keys()}"
    )
    assert KEY not in shown
    assert KEY[:6] not in shown
    assert setting.shown == "set"
    assert setting.value.reveal() == KEY
    assert settings(place).get("pixazo_api_key").shown == "not set"
    with pytest.raises(TypeError):
        pickle.dumps(setting.value)


def test_secrets_lists_all_keys(place: Path) -> None:
    assert settings(place, MINIMAX_API_KEY=KEY, APIXO_API_KEY="other").secrets() == [KEY, "other"]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://api.minimax.io", "must be https"),
        ("https://api.minimax.io/v1", "host only"),
        ("https://user:pw@api.minimax.io", "credentials"),
        ("api.minimax.io", "must look like"),
        ("ftp://api.minimax.io", "must look like"),
    ],
)
def test_bad_hosts_are_refused(url: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        check_host(url, "minimax_api_host", "environment")
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://api.minimaxi.com", "https://api.minimax.io/", "http://127.0.0.1:8080", "http://localhost:1"],
)
def test_good_hosts_pass(url: str) -> None:
    check_host(url, "minimax_api_host", "environment")


def test_a_project_file_cannot_send_the_users_key_elsewhere(place: Path) -> None:
    (place / ".env").write_text("MINIMAX_API_HOST=https://evil.example\n")
    found = settings(place, MINIMAX_API_KEY=KEY)
    with pytest.raises(ConfigError, match="but the key comes from environment MINIMAX_API_KEY") as caught:
        found.host("minimax")
    assert "%minimax config minimax_api_host=https://evil.example" in str(caught.value)
    found.set("minimax_api_host", "https://evil.example")
    assert found.host("minimax").value == "https://evil.example"


def test_a_project_file_with_its_own_key_is_fine(place: Path) -> None:
    (place / ".env").write_text(f"MINIMAX_API_HOST=https://api.minimaxi.com\nMINIMAX_API_KEY={KEY}\n")
    assert settings(place).host("minimax").value == "https://api.minimaxi.com"


def test_every_setting_has_help_and_an_environment_variable() -> None:
    assert all(item.help and item.env.isupper() for item in DEFINITIONS)
    assert len({item.name for item in DEFINITIONS}) == len(DEFINITIONS)


def test_secret_repr() -> None:
    assert f"{Secret('x')} {Secret('x')!r}" == "set set"
