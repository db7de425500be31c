"""A real InteractiveShell with the extension loaded, as a user's notebook has it."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output
from traitlets.config import Config

import minimax_nb.lab.lab
from minimax_nb import Lab


@dataclass(frozen=True)
class Ran:
    """What one cell did: whether it failed, what it printed and displayed, and its Out."""

    error: BaseException | None
    printed: str
    outputs: list[Any]
    result: Any

    @property
    def shown(self) -> list[str]:
        """The text form of everything displayed."""
        return [output.data["text/plain"] for output in self.outputs]

    @property
    def html(self) -> str:
        """The HTML form of everything displayed."""
        return "".join(output.data.get("text/html", "") for output in self.outputs)


class Notebook:
    """Runs cells as Jupyter does and captures what they show."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def run(self, source: str) -> Ran:
        """Run one cell."""
        captured: CapturedIO
        with capture_output() as captured:
            outcome = self.shell.run_cell(source, store_history=False)
        error = outcome.error_in_exec or outcome.error_before_exec
        return Ran(error, captured.stdout, captured.outputs, outcome.result)

    def fails(self, source: str) -> list[str]:
        """Run one cell that must fail, and return the lines it shows."""
        ran = self.run(source)
        assert ran.error is not None
        assert ran.outputs == []
        return ran.printed.rstrip("\n").split("\n")

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.shell.user_ns


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        config.InteractiveShell.colors = "nocolor"
        InteractiveShell.clear_instance()
        made = InteractiveShell.instance(config=config)
        gc.freeze()  # each reset collects: what is imported by now need not be gone through every time
        yield made
        gc.unfreeze()
        atexit.unregister(made.atexit_operations)
        made.atexit_operations()
        made.restore_sys_module_state()  # it stood in for ``__main__``, which the crash tests' forks ask for
        InteractiveShell.clear_instance()


@pytest.fixture(autouse=True)
def nobodys_lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No lab yet and a fresh home: a line that makes one must not open the ledger of who runs the tests."""
    monkeypatch.setattr(minimax_nb.lab.lab, "_current", None)


@pytest.fixture
def notebook(shell: InteractiveShell) -> Iterator[Notebook]:
    shell.reset(new_session=False)
    shell.extension_manager.load_extension("minimax_nb")
    yield Notebook(shell)
    shell.extension_manager.unload_extension("minimax_nb")


@pytest.fixture
def lab(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab on the sandbox, as the one that the magics use."""
    monkeypatch.setattr(minimax_nb.lab.lab, "_current", lab)
    return lab
