"""``%%minimax KIND`` from the cell to the stored result, on a real lab and a real sandbox."""

from __future__ import annotations

import _thread
import threading
from typing import Any

import pytest

from minimax_nb import Lab
from minimax_nb.errors import Detached, JobFailedError, ProviderError
from minimax_nb.lab.job import Job
from minimax_nb.lab.result import Result
from tests.shell.conftest import Notebook, Ran

pytestmark = pytest.mark.usefixtures("lab")


def good(ran: Ran) -> Ran:
    assert ran.error is None, ran.printed
    return ran


def test_a_cell_shows_its_card_once_and_returns_nothing(notebook: Notebook, lab: Lab) -> None:
    ran = good(notebook.run("%%minimax image -n 2 --seed 7\nA red fox at dawn\n"))
    assert ran.result is None
    assert len(ran.outputs) == 1
    assert ran.printed == ""
    assert "image" in ran.shown[0]
    assert "prompt: A red fox at dawn" in ran.shown[0]
    assert "<img" in ran.html
    assert lab.last is not None
    assert [item.kind for item in lab.last] == ["image", "image"]


@pytest.mark.parametrize(
    "cell",
    ["%%minimax image hero <<\nA fox", "%%minimax image -o hero\nA fox", "%minimax image -o hero A fox"],
)
def test_a_name_stores_and_shows(notebook: Notebook, lab: Lab, cell: str) -> None:
    ran = good(notebook.run(cell))
    assert len(ran.outputs) == 1
    assert isinstance(notebook["hero"], Result)
    assert notebook["hero"][0].path.is_file()
    assert lab.job(notebook["hero"].job_id).record.name == "hero"


def test_quiet_stores_only(notebook: Notebook) -> None:
    ran = good(notebook.run("%%minimax image hero << --quiet\nA fox"))
    assert (ran.outputs, ran.printed) == ([], "")
    assert len(notebook["hero"]) == 1


def test_names_are_filled_and_both_texts_are_kept(notebook: Notebook, lab: Lab) -> None:
    notebook.run("subject, seed = 'a red fox', 11")
    good(notebook.run("%%minimax image hero << --seed {seed} --tag of={subject}\n{subject}, {unknown} {1}"))
    record = lab.job(notebook["hero"].job_id).record
    assert record.prompt == "a red fox, {unknown} {1}"
    assert record.template == "{subject}, {unknown} {1}"
    assert record.request["seed"] == 11
    assert record.tags == {"of": "a red fox"}


def test_raw_sends_the_text_as_typed(notebook: Notebook, lab: Lab) -> None:
    notebook.run("subject = 'a red fox'")
    good(notebook.run("%%minimax image hero << --raw\n{subject} {{x}}"))
    record = lab.job(notebook["hero"].job_id).record
    assert (record.prompt, record.template) == ("{subject} {{x}}", None)


def test_an_earlier_result_goes_in_as_an_object(notebook: Notebook, lab: Lab) -> None:
    good(notebook.run("%%minimax image hero <<\nA fox"))
    good(notebook.run("%%minimax video clip << --first-frame {hero[0]}\n[Push in] The fox turns"))
    asked = lab.job(notebook["clip"].job_id).record.request["first_frame"]
    assert asked["sha256"] == lab.job(notebook["hero"].job_id).media[0].sha256
    assert notebook["clip"][0].kind == "video"


def test_a_bare_word_is_the_recording(notebook: Notebook, lab: Lab) -> None:
    good(notebook.run("%minimax speech voice << " + "This sample is read aloud for some time. " * 12))
    source = notebook["voice"].path
    good(notebook.run(f"%minimax voice-clone --voice-id warmvoice001 '{source}'"))
    assert lab.last is not None
    assert lab.last.voice_id == "warmvoice001"


def test_a_dry_run_sends_nothing(notebook: Notebook, lab: Lab) -> None:
    notebook.run("what = 'fox'")
    ran = good(notebook.run("%%minimax image --dry-run -n 3\nA {what}"))
    assert ran.shown[0].startswith("Nothing was sent. $0.0105 by minimax")
    assert '"prompt": "A fox"' in ran.shown[0]
    assert "filled: what" in ran.shown[0]
    assert "/v1/image_generation" in ran.html
    assert lab.jobs() == []


def test_a_dry_run_tells_what_is_odd(notebook: Notebook) -> None:
    ran = good(notebook.run('%%minimax music --dry-run --lyrics "[Verse 1]\\nLa la"\nPop'))
    assert "note: [Verse 1] is not a section tag and will be sung; did you mean '[Verse]'?" in ran.shown[0]
    assert "[Verse 1] is not a section tag" in ran.html
    assert '"lyrics": "[Verse 1]\\nLa la"' in ran.shown[0]  # JSON writes the end of a line so


def test_ipython_fills_nothing_itself(notebook: Notebook) -> None:
    notebook.run("price, n = 5, 2")
    for cell in (
        "%minimax image --dry-run a $price {n*2} !ls",
        "%%minimax image --dry-run\na $price {n*2} !ls",
    ):
        assert '"prompt": "a $price {n*2} !ls"' in good(notebook.run(cell)).shown[0]


def test_ipythons_own_names_are_no_variables(notebook: Notebook) -> None:
    cell = "%minimax image --dry-run {In} {open} {Out}"
    assert '"prompt": "{In} {open} {Out}"' in good(notebook.run(cell)).shown[0]
    notebook.run("open = 'door'")
    assert '"prompt": "{In} door {Out}"' in good(notebook.run(cell)).shown[0]


def test_another_provider(notebook: Notebook) -> None:
    good(notebook.run("%%minimax image hero << --provider pixazo\nA fox"))
    assert notebook["hero"].provider == "pixazo"


def test_in_the_background_the_name_holds_the_job(notebook: Notebook) -> None:
    ran = good(notebook.run("%%minimax video clip << --background\nA fox runs"))
    job = notebook["clip"]
    assert isinstance(job, Job)
    assert len(ran.outputs) == 1
    assert "in the background" in ran.shown[0]
    waited = good(notebook.run("%minimax wait clip"))
    assert len(waited.outputs) == 1
    assert isinstance(notebook["clip"], Result)
    assert notebook["clip"].job_id == job.id


def test_a_refusal_fails_the_cell_with_its_reason(notebook: Notebook, lab: Lab) -> None:
    ran = notebook.run("%%minimax image hero <<\nforbidden-content")
    assert isinstance(ran.error, ProviderError | JobFailedError)
    lines = ran.printed.rstrip("\n").split("\n")
    assert 1 < len(lines) <= 3
    assert "1026" in lines[0]
    assert f"job {lab.jobs()[0].id}" in lines[-1]
    assert "hero" not in notebook
    assert "Traceback" not in ran.printed
    [chain] = notebook.run("%minimax traceback").shown
    assert "Traceback (most recent call last)" in chain


def test_the_same_failure_in_python_has_its_traceback(notebook: Notebook) -> None:
    notebook.run("%%minimax image\nforbidden-content")
    ran = notebook.run("import minimax_nb\nminimax_nb.current_lab().jobs()[0].result()")
    assert "Traceback (most recent call last)" in ran.printed


class Interrupter:
    """Interrupts the main thread, as Ctrl-C does, as soon as a job is open."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._end.wait(0.005):
            if any(not job.done and job.record.task_id for job in self._lab.jobs(state="open")):
                _thread.interrupt_main()
                return

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: Any) -> None:
        self._end.set()
        self._thread.join()


def test_an_interrupt_detaches_and_wait_gets_the_result(notebook: Notebook, lab: Lab) -> None:
    with Interrupter(lab):
        ran = notebook.run("%%minimax video clip <<\nA fox runs")
    [job] = lab.jobs()
    assert isinstance(ran.error, Detached)
    assert isinstance(ran.error, KeyboardInterrupt)
    assert ran.printed == (
        f"Detached: job {job.id} goes on at minimax ({job.view().cost}); get it with %minimax wait {job.id}\n"
    )
    assert len(ran.outputs) == 1
    assert "clip" not in notebook
    good(notebook.run(f"%minimax wait {job.id}"))
    assert notebook["clip"].job_id == job.id
    assert notebook["clip"][0].path.is_file()


def test_wait_does_not_overwrite_a_name_that_is_in_use(notebook: Notebook, lab: Lab) -> None:
    good(notebook.run("%%minimax image hero <<\nA fox"))
    job_id = notebook["hero"].job_id
    notebook.run("hero = 'mine'")
    good(notebook.run(f"%minimax wait {job_id}"))
    assert notebook["hero"] == "mine"
    good(notebook.run(f"%minimax wait {job_id} -o again"))
    assert notebook["again"].job_id == job_id
