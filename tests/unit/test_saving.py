"""Settings that stay: the file is changed line by line, keys go to a keyring or nowhere."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from minimax_nb.errors import ConfigError
from minimax_nb.saving import keep_key, write
from minimax_nb.settings import Settings

KEY = "sk-api-0123456789abcdef"


class Ring(SimpleNamespace):
    """A keyring's three functions over a dict."""

    def __init__(self) -> None:
        super().__init__(kept={})

    def set_password(self, service: str, name: str, key: str) -> None:
        self.kept[service, name] = key

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setitem(sys.modules, "keyring", made)  # type: ignore[arg-type]
    return made


@pytest.fixture
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environ={"MINIMAX_NB_HOME": str(tmp_path / "home")}, folder=tmp_path)


def test_a_file_is_made_and_changed_in_place(tmp_path: Path) -> None:
    path = tmp_path / "new" / "minimax_nb.toml"
    write(path, {"live": "widget"})
    assert path.read_text() == 'live = "widget"\n'
    path.write_text('# mine\nlive = "off"  # quiet\nhome = "x"\n\n[other]\nlive = 1\n')
    write(path, {"live": "html", "reuse": "on", "home": None})
    assert path.read_text() == '# mine\nlive = "html"\n\nreuse = "on"\n[other]\nlive = 1\n'
    assert [item.name for item in path.parent.iterdir()] == ["minimax_nb.toml"]


@pytest.mark.parametrize("value", ['a "b" \\ c', "línea\n\t", "5/day", "C:\\lab"])
def test_any_text_comes_back(tmp_path: Path, value: str) -> None:
    write(tmp_path / "a.toml", {"project": value})
    assert tomllib.loads((tmp_path / "a.toml").read_text("utf-8")) == {"project": value}


@pytest.mark.parametrize("text", ["not [ toml", 'live = """\nlive = 1\n"""\n', "\x00"])
def test_a_file_that_cannot_be_changed_line_by_line_stays(tmp_path: Path, text: str) -> None:
    path = tmp_path / "minimax_nb.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"minimax_nb\.toml cannot be written"):
        write(path, {"live": "off"})
    assert path.read_text() == text


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        write(tmp_path / "file" / "minimax_nb.toml", {"live": "off"})


def test_a_key_goes_to_the_keyring_and_back(ring: Ring, settings: Settings) -> None:
    settings.set("minimax_api_key", KEY)
    notes = settings.save({"minimax_api_key": KEY, "live": "off"})
    assert notes == [f"Saved to {settings.user_file}", "minimax_api_key is in the keyring"]
    assert KEY not in settings.user_file.read_text()
    settings.set("minimax_api_key", None)
    assert settings.get("minimax_api_key").source == "keyring"
    assert settings.value("minimax_api_key").reveal() == KEY
    settings.save({"minimax_api_key": None})
    assert ring.kept == {}
    settings.save({"minimax_api_key": None})


def test_without_a_keyring_nothing_is_kept(no_ring: None, settings: Settings) -> None:
    with pytest.raises(ConfigError, match="never written into a settings file") as caught:
        settings.save({"live": "off", "minimax_api_key": KEY})
    assert "MINIMAX_API_KEY" in str(caught.value.hint)
    assert not settings.user_file.exists()


def test_a_keyring_that_fails_is_one_line(ring: Ring) -> None:
    def refuse(*_: str) -> None:
        raise RuntimeError(KEY)

    ring.set_password = refuse  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match=r"does not take minimax_api_key \(RuntimeError\)") as caught:
        keep_key("minimax_nb", "minimax_api_key", KEY)
    assert KEY not in str(caught.value)


def test_what_wins_over_a_saved_value_is_said(tmp_path: Path) -> None:
    environ = {"MINIMAX_NB_HOME": str(tmp_path / "home"), "MINIMAX_NB_LIVE": "html"}
    settings = Settings(environ=environ, folder=tmp_path)
    settings.set("live", "off")
    settings.set("reuse", "on")
    notes = settings.save({"live": "off", "reuse": "on"})
    assert notes[1:] == ["In later kernels live still comes from: environment MINIMAX_NB_LIVE"]
    later = Settings(environ=environ, folder=tmp_path)
    assert (later.get("live").value, later.get("reuse").source) == ("html", "minimax_nb.toml")


def test_a_saved_value_is_read_at_once(settings: Settings) -> None:
    assert settings.get("live").source == "default"
    settings.save({"MINIMAX_NB_LIVE": "off"})
    assert (settings.get("live").value, settings.get("live").source) == ("off", "minimax_nb.toml")
    settings.save({"live": None})
    assert settings.get("live").source == "default"
