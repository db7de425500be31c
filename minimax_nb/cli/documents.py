"""The product documents' spelling: ``--task generate-speech --text "Hello world" --voice …``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minimax_nb.errors import GrammarError
from minimax_nb.kinds import KIND_NAMES

#: Words of ``--task``, and the kind that each asks for.
TASKS: Mapping[str, str] = {
    "generate": "image",
    **{f"generate-{kind}": kind for kind in KIND_NAMES},
    **{kind: kind for kind in KIND_NAMES},
    "clone": "voice-clone",
    "clone-voice": "voice-clone",
    "design-voice": "voice-design",
}
#: The options whose value is a text; there a written ``\n`` is the end of a line, as in the documents.
_TEXTS = ("--prompt", "--text", "--lyrics")


def rewritten(words: Sequence[str]) -> list[str]:
    r"""Return a line of the documents as one of ours; a ``\n`` in its texts becomes the end of a line.

    Raises
    ------
    GrammarError
        There is no such task; names the nearest.
    """
    rest: list[str] = []
    task: str | None = None
    waiting = iter(words)
    for word in waiting:
        name, equals, value = word.partition("=")
        if name == "--task":
            task = value if equals else next(waiting, "")
        elif name in _TEXTS:
            text = value if equals else next(waiting, "")
            rest.append(f"{name}={text}".replace("\\n", "\n"))
        else:
            rest.append(word)
    kind = TASKS.get(str(task).replace("_", "-"))
    if kind is None:
        from minimax_nb.catalog import nearest

        hint = (
            nearest(str(task), TASKS)
            or "; allowed: generate, generate-video, generate-speech, generate-music …"
        )
        raise GrammarError(f"--task {task}: no such task{hint}")
    if rest and rest[0].replace("_", "-") in KIND_NAMES:
        raise GrammarError(f"--task {task} and {rest[0]} both say what to make; use one")
    return [kind, *rest]
