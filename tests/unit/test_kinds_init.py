from __future__ import annotations

import subprocess
import sys

import pytest

import minimax_nb.kinds as kinds
from minimax_nb.errors import GrammarError


def test_importing_the_names_of_the_kinds_is_light() -> None:
    code = (
        "import sys, minimax_nb.kinds as kinds; kinds.KIND_NAMES, kinds.KIND_TITLES, list(kinds.KINDS);"
        "heavy = {'pydantic', 'PIL', 'numpy', 'httpx', 'pandas', 'tomllib', 'tinytag'} & set(sys.modules);"
        "assert not heavy, heavy; kinds.ImageRequest; assert 'pydantic' in sys.modules;"
        "heavy = {'PIL', 'numpy', 'httpx', 'pandas', 'tinytag'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_kinds() -> None:
    assert kinds.KIND_NAMES[:4] == ("image", "video", "speech", "music")
    assert {"lyrics", "agent", "video-regeneration", "context-ir", "cover-preprocess"} < set(kinds.KIND_NAMES)
    assert tuple(kinds.KIND_TITLES) == tuple(kinds.KINDS) == kinds.KIND_NAMES
    assert kinds.KINDS["image"] is kinds.ImageRequest
    assert "painting" not in kinds.KINDS
    with pytest.raises(KeyError):
        kinds.KINDS["voice_clone"]


def test_request_class() -> None:
    assert kinds.request_class("voice-clone") is kinds.request_class("voice_clone") is kinds.VoiceCloneRequest
    with pytest.raises(GrammarError) as caught:
        kinds.request_class("imgae")
    assert caught.value.message == ("'imgae' is not a kind; did you mean 'image'?")


def test_every_public_name_is_there() -> None:
    assert sorted(kinds.__all__) == dir(kinds)
    for name in kinds.__all__:
        assert getattr(kinds, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = kinds.Nothing


def test_build() -> None:
    request = kinds.build("image", "A fox", {"aspect-ratio": "16:9", "n": "2", "prompt_optimizer": "yes"})
    assert request == kinds.ImageRequest(prompt="A fox", aspect_ratio="16:9", n=2, prompt_optimizer=True)
    assert kinds.build("speech", None, {"text": "Hello", "rate": "1.5"}).price_facts()["characters"] == 5
