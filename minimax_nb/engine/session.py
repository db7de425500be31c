"""The life of a kernel: one id for all jobs that a process asks for."""

from __future__ import annotations

import os
import sys

from minimax_nb._version import __version__
from minimax_nb.engine.ids import new_id
from minimax_nb.ledger import Ledger

_session: tuple[int, str] | None = None  # with its process: a fork is a life of its own
_PACKAGES = ("IPython", "ipykernel")


def session_id() -> str:
    """Return the id of this process's life, the same for all its labs."""
    global _session
    if _session is None or _session[0] != os.getpid():
        _session = os.getpid(), new_id()
    return _session[1]


def note_kernel(ledger: Ledger) -> None:
    """Write the row of this kernel's life, beside its first job."""
    loaded = {name: sys.modules[name] for name in _PACKAGES if name in sys.modules}
    versions = {name: str(getattr(module, "__version__", "")) for name, module in loaded.items()}
    versions |= {"python": ".".join(map(str, sys.version_info[:3])), "minimax_nb": __version__}
    ledger.start_kernel(session_id(), notebook=notebook(), versions=versions)


def notebook() -> str | None:
    """Return the notebook that this kernel serves, as Jupyter or VS Code told it; other shells have none."""
    main = sys.modules.get("__main__")
    told = os.environ.get("JPY_SESSION_NAME") or getattr(main, "__vsc_ipynb_file__", None)
    return str(told) if told else None
