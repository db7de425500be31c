"""What a person types in a notebook: ``%%minimax KIND``, ``%minimax SUBCOMMAND``, and nothing more.

This room is thin: ``tokenizer`` and ``grammar`` read the line, ``interpolate`` fills ``{name}``, ``run``
hands the request to the lab and watches the job, ``commands`` holds the subcommands, ``magic`` is the
class that IPython knows, ``complete`` its completion and ``traits`` its ``%config``. Loading the extension
imports these three and the names of the settings; everything else loads on first use.
"""

from __future__ import annotations

from typing import Any

_NAME = "minimax"


def load_ipython_extension(ipython: Any) -> None:
    """Register ``%minimax`` and ``%%minimax``. Loading twice changes nothing.

    Parameters
    ----------
    ipython
        The running ``InteractiveShell``.
    """
    from minimax_nb.magics import complete, traits
    from minimax_nb.magics.magic import MiniMaxMagics

    complete.register(ipython)
    traits.register(ipython)
    if MiniMaxMagics.__name__ not in ipython.magics_manager.registry:
        ipython.register_magics(MiniMaxMagics)


def unload_ipython_extension(ipython: Any) -> None:
    """Remove the magic, its completion and its ``%config`` class; running jobs go on."""
    from minimax_nb.magics import complete, traits
    from minimax_nb.magics.magic import MiniMaxMagics

    complete.unregister(ipython)
    traits.unregister(ipython)
    ipython.magics_manager.registry.pop(MiniMaxMagics.__name__, None)
    for kind in ("line", "cell"):
        ipython.magics_manager.magics[kind].pop(_NAME, None)
