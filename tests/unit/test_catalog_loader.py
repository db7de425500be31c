"""The loader: looking up, overriding with the user's folder, and saying what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from minimax_nb.catalog import Catalog, catalog
from minimax_nb.errors import ConfigError, RequestInvalidError

NEW_VIDEO = """
[[model]]
base = "minimax-hailuo"
name = "MiniMax-Hailuo-9"
title = "Hailuo 9"
default = true
modes = ["text"]
durations = { 8 = ["4K"] }
defaults = { duration = 8, resolution = "4K" }
source = "my own tests"
retrieved = 2027-01-02
"""
BOOK = """
[book]
name = "contract"
currency = "USD"
extends = "minimax-2026-11"
default = true
source = "our contract"
retrieved = 2027-01-02
[[price]]
provider = "minimax"
kind = "image"
model = "image-01"
unit = "image"
price = "0.002"
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_the_default_and_a_named_model_and_an_alias() -> None:
    assert catalog().model("minimax", "video").name == "MiniMax-Hailuo-2.3"
    assert catalog().model("minimax", "video", "S2V-01").name == "S2V-01"
    assert catalog().model("minimax", "video", "hailuo-02").name == "MiniMax-Hailuo-02"
    assert catalog().model("pixazo", "music", "minimax-music-generation-2-6").name == "music-2.6"


def test_an_unknown_model_names_the_allowed_and_the_nearest() -> None:
    with pytest.raises(RequestInvalidError) as caught:
        catalog().model("minimax", "image", "image-1")
    assert str(caught.value) == (
        "--model 'image-1' is not one of minimax's image models; "
        "allowed: image-01, image-01-live; did you mean 'image-01'?"
    )


def test_a_kind_the_provider_lacks_names_those_that_have_it() -> None:
    with pytest.raises(RequestInvalidError, match="pixazo has no agent; providers that do: minimax"):
        catalog().model("pixazo", "agent")
    with pytest.raises(RequestInvalidError, match="no provider does; did you mean 'image'"):
        catalog().model("pixazo", "imag")
    with pytest.raises(RequestInvalidError, match="provider 'pixaso'; did you mean 'pixazo'"):
        catalog().model("pixaso", "image")


def test_providers_by_kind() -> None:
    assert catalog().providers_for("image") == ("minimax", "pixazo")
    assert catalog().providers_for("voice-clone") == ("minimax", "apixo")
    assert catalog().providers_for("smell") == ()


def test_an_unknown_limit_or_book_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no class 'vido' of minimax; did you mean 'video'"):
        catalog().limit("minimax", "vido")
    with pytest.raises(ConfigError, match="no price book 'product-doc'; did you mean 'product-docs'"):
        catalog().book("product-doc")
    with pytest.raises(ConfigError, match="no default price book of acme"):
        catalog().book(provider="acme")


def test_the_catalog_is_read_once_and_cannot_be_changed() -> None:
    assert catalog() is catalog()
    model = catalog().model("minimax", "image")
    with pytest.raises(TypeError):
        model.limits["n_max"] = 10  # type: ignore[index]
    assert hash(model) == hash(catalog().model("minimax", "image", "image-01"))


def test_the_environment_names_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "models.toml", NEW_VIDEO)
    monkeypatch.setenv("MINIMAX_NB_CATALOG", str(tmp_path))
    assert catalog().model("minimax", "video").name == "MiniMax-Hailuo-9"
    monkeypatch.delenv("MINIMAX_NB_CATALOG")
    assert catalog().model("minimax", "video").name == "MiniMax-Hailuo-2.3"
    assert catalog(tmp_path) is catalog(tmp_path)


def test_a_user_adds_a_model_without_code(tmp_path: Path) -> None:
    write(tmp_path, "models.toml", NEW_VIDEO)
    mine = Catalog(tmp_path)
    model = mine.model("minimax", "video")
    assert (model.name, model.durations, model.limits["prompt_max"]) == (
        "MiniMax-Hailuo-9",
        {8: ("4K",)},
        2000,
    )
    assert not mine.model("minimax", "video", "MiniMax-Hailuo-2.3").default
    assert len(mine.models()) == len(catalog().models()) + 1


def test_a_user_changes_single_fields_of_a_model(tmp_path: Path) -> None:
    write(
        tmp_path,
        "models.toml",
        '[[model]]\nprovider = "minimax"\nkind = "image"\nname = "image-01"\n'
        "limits = { n_max = 2 }\ntypical_seconds = 3\n",
    )
    changed, bundled = Catalog(tmp_path).model("minimax", "image"), catalog().model("minimax", "image")
    assert (changed.limits["n_max"], changed.typical_seconds) == (2, 3.0)
    assert (changed.title, changed.default, changed.limits["sizes"]) == (
        bundled.title, True, bundled.limits["sizes"],
    )  # fmt: skip


def test_a_user_changes_a_limit_and_adds_a_voice(tmp_path: Path) -> None:
    write(tmp_path, "limits.toml", '[[limit]]\nprovider = "minimax"\nname = "video"\nrpm = 20\n')
    group = 'language = "English"\nsource = "mine"\nretrieved = 2027-01-02\nfemale = ["warm001"]\n'
    write(tmp_path, "voices.toml", f"[[group]]\n{group}")
    mine = Catalog(tmp_path)
    assert (mine.limit("minimax", "video").rpm, mine.limit("minimax", "video").poll_floor) == (20, 10)
    assert mine.voices("warm001")[0].gender == "female"
    assert len(mine.voices()) == len(catalog().voices()) + 1


def test_a_user_overrides_a_price_without_code(tmp_path: Path) -> None:
    write(tmp_path, "prices/contract.toml", BOOK)
    mine = Catalog(tmp_path).book()
    image = mine.quote("minimax", "image", "image-01", {"n": 2})
    assert (image.amount, image.book, image.source) == (Decimal("0.004"), "contract", "our contract")
    music = mine.quote("minimax", "music", "music-2.6", {})
    assert (music.amount, music.book) == (Decimal("0.15"), "minimax-2026-11")
    unknown = mine.quote("minimax", "video", "S2V-01", {})
    assert (unknown.amount, unknown.book) == (None, "contract")
    assert catalog().book().quote("minimax", "image", "image-01", {"n": 2}).amount == Decimal("0.007")


def test_a_users_book_of_the_same_name_replaces_the_bundled_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        "prices/a.toml",
        BOOK.replace('"contract"', '"minimax-2026-11"').replace("extends", "# extends"),
    )
    mine = Catalog(tmp_path).book()
    assert mine.name == "minimax-2026-11"
    assert mine.quote("minimax", "music", "music-2.6", {}).amount is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("minimax-2026-11", "minimax-2026-10"),
            "no book 'minimax-2026-10' to extend; did you mean 'minimax-2026-11'",
        ),
        (('extends = "minimax-2026-11"', 'extends = "contract"'), "'contract' extends itself"),
    ],
)
def test_a_book_extends_another(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    write(tmp_path, "prices/contract.toml", BOOK.replace(*change))
    with pytest.raises(ConfigError, match=rf"contract\.toml: book: {message}"):
        Catalog(tmp_path).books()


def test_two_default_books_in_one_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "prices/a.toml", BOOK)
    write(tmp_path, "prices/b.toml", BOOK.replace('"contract"', '"other"'))
    with pytest.raises(ConfigError, match=r"b\.toml: book: contract is the default book of minimax already"):
        Catalog(tmp_path).books()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "models.toml",
            NEW_VIDEO + 'titel = "x"',
            "model MiniMax-Hailuo-9: unknown key 'titel'; did you mean 'title'",
        ),
        (
            "models.toml",
            NEW_VIDEO + "limits = { promt_max = 1 }",
            "unknown limit 'promt_max'; did you mean 'prompt_max'",
        ),
        (
            "models.toml",
            NEW_VIDEO.replace("minimax-hailuo", "minimax-hailu"),
            "did you mean 'minimax-hailuo'",
        ),
        ("models.toml", NEW_VIDEO.replace("8 =", "eight ="), "durations are whole seconds, not 'eight'"),
        ("models.toml", NEW_VIDEO + 'status = "old"', "status must be one of current, legacy"),
        (
            "models.toml",
            NEW_VIDEO + 'typical_seconds = "long"',
            "typical_seconds must be a number, not 'long'",
        ),
        ("models.toml", NEW_VIDEO + NEW_VIDEO.replace("-9", "-8"), "MiniMax-Hailuo-9 is the default already"),
        ("models.toml", '[[model]]\nname = "x"', "model x: provider, kind missing"),
        (
            "models.toml",
            '[[model]]\nprovider = "p"\nkind = "k"\nname = "x"',
            "p k x: title, rpm_class, typical_seconds",
        ),
        ("models.toml", '[[models]]\nname = "x"', "unknown key 'models'; did you mean 'model'"),
        ("models.toml", "[[model]", "line 1"),
        ("models.toml", "[base]\nvideo = 3", "base video: write [base.video]"),
        ("limits.toml", '[[limit]]\nprovider = "p"\nname = "x"', "p x: poll_first, poll_every, poll_floor"),
        (
            "limits.toml",
            '[[limit]]\nprovider = "minimax"\nname = "video"\npoll_floor = 0',
            "must be more than 0",
        ),
        (
            "limits.toml",
            '[[limit]]\nprovider = "minimax"\nname = "video"\nrpm = true',
            "rpm must be a whole number",
        ),
        ("templates.toml", '[[template]]\nid = "1"', "template 1: name, description"),
        ("voices.toml", "[[group]]\nlanguage = 3", "language must be text, not 3"),
        (
            "voices.toml",
            '[[group]]\nlanguage = "English"\nsource = "s"\nretrieved = 2027-01-02\nmale = ["a"]\nfemale = ["a"]',
            "'a' is listed twice",
        ),
    ],
)
def test_mistakes_name_the_file_and_the_entry(tmp_path: Path, name: str, text: str, message: str) -> None:
    write(tmp_path, name, text)
    mine = Catalog(tmp_path)
    reads: dict[str, Callable[[], object]] = {
        "models.toml": mine.models,
        "limits.toml": lambda: mine.limit("minimax", "video"),
        "voices.toml": mine.voices,
        "templates.toml": mine.templates,
    }
    with pytest.raises(ConfigError) as caught:
        reads[name]()
    assert str(caught.value).startswith(str(tmp_path / name))
    assert message in str(caught.value)


def test_a_missing_folder_and_a_misnamed_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no catalog folder"):
        Catalog(tmp_path / "none")
    write(tmp_path, "model.toml", "")
    with pytest.raises(ConfigError, match=r"not a catalog file; did you mean 'models\.toml'"):
        Catalog(tmp_path)
