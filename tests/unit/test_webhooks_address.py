"""Which webhook addresses are used, refused, or need a person's word."""

from __future__ import annotations

from pathlib import Path

import pytest

from minimax_nb.errors import ConfigError
from minimax_nb.settings import Settings
from minimax_nb.webhooks.address import webhook_address

REAL = "https://api.minimax.io"
LOCAL = "http://127.0.0.1:8765"


def address(url: str | None, host: str = REAL, *, sandbox: bool = False, folder: Path = Path("/")) -> str:
    environ = {"MINIMAX_API_KEY": "a-real-key"} | ({"MINIMAX_NB_WEBHOOK_URL": url} if url else {})
    return webhook_address(Settings({}, environ=environ, folder=folder), "minimax", host, sandbox=sandbox)


def test_none_is_used_unless_it_is_set() -> None:
    assert address(None) == address("") == address("  ") == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.example/minimax-nb/webhook", REAL),
        ("https://hooks.example/minimax-nb/webhook/", REAL),
        ("https://hub.example/user/x/minimax-nb/webhook", LOCAL),
        ("http://127.0.0.1:8790/minimax-nb/webhook", LOCAL),
        ("http://localhost:8888/minimax-nb/webhook", LOCAL),
    ],
)
def test_an_address_that_the_provider_can_reach_is_taken(url: str, host: str) -> None:
    assert address(url, host) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/x", "must be https"),
        ("http://127.0.0.1:8790/x", "cannot reach"),
        ("https://localhost/x", "cannot reach"),
        ("https://me:secret@hooks.example/x", "credentials"),
        ("https://hooks.example/x?y=1", "query"),
        ("https://hooks.example/x#y", "query or a fragment"),
        ("ftp://hooks.example/x", "https address"),
        ("hooks.example", "https address"),
        ("https://[::1", "cannot be read"),
    ],
)
def test_any_other_is_refused_before_anything_is_sent(url: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        address(url)
    assert "MINIMAX_NB_WEBHOOK_URL" in str(caught.value)
    assert "secret" not in "\n".join(caught.value.lines())


def test_a_cloned_project_cannot_have_results_reported_elsewhere(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MINIMAX_NB_WEBHOOK_URL=https://elsewhere.example/x\n")
    with pytest.raises(ConfigError, match="the key comes from environment") as caught:
        address(None, folder=tmp_path)
    assert "%minimax config webhook_url=" in (caught.value.hint or "")
    assert address(None, LOCAL, sandbox=True, folder=tmp_path) == "https://elsewhere.example/x"
    (tmp_path / ".env").write_text(
        "MINIMAX_NB_WEBHOOK_URL=https://mine.example/x\nMINIMAX_API_KEY=the-project-key\n"
    )
    settings = Settings({}, environ={}, folder=tmp_path)
    assert webhook_address(settings, "minimax", REAL, sandbox=False) == "https://mine.example/x"
