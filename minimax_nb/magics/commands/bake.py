"""``%minimax bake [NOTEBOOK]``: a saved notebook as one file that shows everything anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from minimax_nb.engine.session import notebook
from minimax_nb.errors import RequestInvalidError
from minimax_nb.exchange.baking import MOST_MB, RELOAD
from minimax_nb.magics.context import Context


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """Embed the media of a saved notebook; of the one that runs here, as it was saved last, in a copy."""
    path, to = places(words, options.get("to"), "baked")
    most = options.get("max_mb")
    if most is not None and not 0 < most <= 2000:
        raise RequestInvalidError(f"--max-mb {most:g}: above 0, at most 2000")
    done = context.lab.bake(path, to=to, max_mb=MOST_MB if most is None else most)
    context.show(f"{done}\n{remark(options, to)}".rstrip())


def places(words: list[str], to: str | None, suffix: str) -> tuple[Path, Path | None]:
    """Return which notebook is meant, and where the result goes; ``None`` for its own place."""
    own = _own()
    path = Path(words[0]).expanduser() if words else own
    if path is None:
        raise RequestInvalidError(
            "which notebook? Jupyter does not tell this kernel its name",
            hint=f"%minimax {_VERBS[suffix]} NAME.ipynb",
        )
    target = Path(to).expanduser() if to else None
    if own is None or (target or path).resolve() != own.resolve():
        return path, target
    # What is on the page is newer than the file, and saving it would undo what was written here.
    if target is not None:
        raise RequestInvalidError(f"{own.name} is this notebook, open here; name another file with --to")
    return path, path.with_name(f"{path.stem}-{suffix}.ipynb")


def remark(options: dict[str, Any], to: Path | None) -> str:
    """Return what to know about where the result went."""
    if to is None:
        return RELOAD
    return (
        ""
        if options.get("to")
        else f"{to.name} is a copy of what was saved last; this notebook stays as it is."
    )


_VERBS = {"baked": "bake", "linked": "link"}


def _own() -> Path | None:
    """Return the file of the notebook that runs here."""
    told = notebook()
    if told is None:
        return None
    # Servers tell a path below their own root, which the kernel does not know; its folder it does.
    found = [path for path in (Path(told), Path.cwd() / Path(told).name) if path.is_file()]
    return found[0] if found and found[0].suffix == ".ipynb" else None
