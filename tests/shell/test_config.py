"""``%minimax config --save`` and ``%config MiniMax``: one set of settings behind both."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from traitlets.config import Config

from minimax_nb import Lab
from minimax_nb.magics import traits
from tests.shell.conftest import Notebook

pytestmark = pytest.mark.usefixtures("lab")


def shown(notebook: Notebook, line: str) -> list[str]:
    ran = notebook.run(line)
    assert ran.error is None, ran.printed
    return str(ran.shown[0]).split("\n")


def test_saving_what_is_given(notebook: Notebook, lab: Lab, home: Path) -> None:
    assert shown(notebook, "%minimax config project=fox live=off --save") == [
        "Settings",
        "setting  value  from             default  meaning",
        "project  fox    %minimax config           name that groups jobs in the ledger; the working folder's name",
        "live     off    %minimax config  auto     how a running job is shown",
        f"Saved to {home / 'minimax_nb.toml'}",
    ]
    assert tomllib.loads((home / "minimax_nb.toml").read_text()) == {"project": "fox", "live": "off"}
    assert Lab().settings.get("project").source == "minimax_nb.toml"


def test_saving_everything_that_was_set(notebook: Notebook, home: Path) -> None:
    assert notebook.fails("%minimax config --save") == [
        "Config: nothing was set in this kernel, so there is nothing to save",
        "%minimax config live=widget --save sets and saves",
    ]
    notebook.run("%minimax config project=fox")
    notebook.run("%config MiniMax.reuse = 'on'")
    shown(notebook, "%minimax config --save")
    assert tomllib.loads((home / "minimax_nb.toml").read_text()) == {"project": "fox", "reuse": "on"}
    shown(notebook, "%minimax config project= --save")
    assert tomllib.loads((home / "minimax_nb.toml").read_text()) == {"reuse": "on"}


def test_a_key_is_not_saved_without_a_keyring(
    notebook: Notebook, lab: Lab, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    lab.settings.set("pixazo_api_key", "sk-secret-value")
    assert notebook.fails("%minimax config --save") == [
        "Config: pixazo_api_key is not saved: a key is never written into a settings file",
        "`pip install keyring` keeps it in the system's keyring. Or set PIXAZO_API_KEY in the environment or in .env.",
    ]
    assert not (home / "minimax_nb.toml").exists()


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("%minimax config live=x --save", "Config: live=x (%minimax config): allowed: auto, html, widget, text, off"),
        ("%minimax config --sav", "Grammar: config has no option --sav; did you mean '--save'?"),
        ("%minimax config colour=red --save", "Config: no setting 'colour'"),
        ("%minimax config reuse=maybe --save", "Config: reuse=maybe (%minimax config): allowed: on, off"),
    ],
)  # fmt: skip
def test_mistakes_save_nothing(notebook: Notebook, home: Path, line: str, first: str) -> None:
    assert notebook.fails(line)[0] == first
    assert not (home / "minimax_nb.toml").exists()


def test_the_traits_are_the_settings(notebook: Notebook, lab: Lab) -> None:
    assert notebook.run("%config MiniMax.live = 'widget'").printed == ""
    assert lab.settings.get("live").source == "%config"
    assert "live     widget  %config  auto     how a running job is shown" in shown(
        notebook, "%minimax config live"
    )
    assert notebook.run("%config MiniMax.live").result == "widget"
    notebook.run("%minimax config live=html")
    assert notebook.run("%config MiniMax.live").result == "html"
    notebook.run("%config MiniMax.reuse = True")
    assert (lab.settings.value("reuse"), lab.settings.value("live")) == ("on", "html")
    notebook.run("%config MiniMax.live = None")
    assert lab.settings.get("live").source == "default"


def test_the_traits_explain_themselves_and_hold_no_key(notebook: Notebook) -> None:
    text = notebook.run("%config MiniMax").printed
    assert "how a running job is shown. One of: auto, html, widget, text, off." in text
    assert "api_key" not in text
    assert "MiniMax" in notebook.run("%config").printed


def test_a_wrong_value_is_one_line_and_changes_nothing(
    notebook: Notebook, lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    notebook.run("%config MiniMax.live = 'bogus'")
    assert caplog.messages == ["live=bogus (%config): allowed: auto, html, widget, text, off"]
    assert lab.settings.get("live").source == "default"


class Shell:
    """As much of a shell as there is when a profile loads the extension."""

    def __init__(self, **given: str) -> None:
        self.configurables: list[object] = []
        self.config = Config(MiniMax=given)


def test_the_users_profile_counts_once(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    shell = Shell(project="from-profile", live="bogus", colour="red", pixazo_api_key="sk-secret")
    traits.register(shell)
    assert (lab.settings.get("project").value, lab.settings.get("project").source) == (
        "from-profile",
        "%config",
    )
    assert caplog.messages == [
        "c.MiniMax: live=bogus (%config): allowed: auto, html, widget, text, off",
        "c.MiniMax: no setting 'colour'",
        "c.MiniMax: no setting 'pixazo_api_key'",
    ]
    lab.settings.set("project", "since")
    traits.unregister(shell)
    traits.register(shell)
    assert lab.settings.value("project") == "since"
    assert len(shell.configurables) == 1


def test_unloading_takes_the_class_away(notebook: Notebook) -> None:
    notebook.run("%reload_ext minimax_nb")
    assert [type(item).__name__ for item in notebook.shell.configurables].count("MiniMax") == 1
    notebook.run("%unload_ext minimax_nb")
    assert "MiniMax" not in notebook.run("%config").printed
    notebook.run("%load_ext minimax_nb")
