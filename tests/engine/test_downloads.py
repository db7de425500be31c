"""Results over bad connections, each byte once; recordings uploaded once, wherever they come from."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import shutil
import subprocess
import sys
import textwrap
import threading
import urllib.request
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minimax_nb import Lab, VoiceCloneRequest
from minimax_nb.engine import collect
from minimax_nb.errors import MediaError
from minimax_nb.ledger.record import Charge, JobState, ResultState

MEDIA = "^/media/"


def fetched(control: Any) -> list[dict[str, Any]]:
    """What the media host was asked for, oldest first."""
    return [item for item in control.requests("GET") if item["path"].startswith("/media/")]


def moved(control: Any) -> int:
    """How many bytes the media host sent."""
    return sum(item["sent_bytes"] for item in fetched(control))


def original(control: Any) -> bytes:
    """The result as the media host has it."""
    with urllib.request.urlopen(control.url + fetched(control)[0]["path"], timeout=30) as reply:
        return bytes(reply.read())


def making(lab: Lab) -> list[Path]:
    return list((lab.store.root / "partial").iterdir())


@pytest.mark.parametrize(
    "faults",
    [
        ["truncate:300000"],
        ["truncate:300000"] * 12,
        ["truncate:1", "truncate:400000", "before-503", "truncate:500000", "drop", "truncate:2"],
        ["truncate:700000", "trickle:1"],
    ],
    ids=["one cut", "twelve cuts", "all sorts", "slow"],
)
def test_over_any_number_of_cuts_each_byte_comes_once(lab: Lab, control: Any, faults: list[str]) -> None:
    for place, fault in enumerate(faults):
        control.fault(fault, method="GET", path=MEDIA, skip=place)
    result = lab.music("lo-fi", instrumental=True, output="url", format="wav")
    seen = fetched(control)
    whole = original(control)
    assert len(whole) > 12 * 300_000
    assert result[0].sha256 == hashlib.sha256(whole).hexdigest()
    assert sum(item["sent_bytes"] for item in seen if item["status"] in (200, 206)) == len(whole)
    assert [item["faults"] for item in seen[: len(faults)]] == [[fault] for fault in faults]
    starts = [item["range"][0] for item in seen if item["range"]]
    assert starts == sorted(starts)
    assert len(starts) >= len([fault for fault in faults if fault.startswith("truncate")])
    assert making(lab) == []
    assert (control.posts, control.charges) == (1, 1)


def test_a_reset_connection_costs_little(lab: Lab, control: Any) -> None:
    control.fault("reset:900000", method="GET", path=MEDIA, times=3)
    result = lab.music("lo-fi", instrumental=True, output="url", format="wav")
    sent = moved(control)
    whole = original(control)
    assert result[0].sha256 == hashlib.sha256(whole).hexdigest()
    # A reset may throw away what the client had not read yet, but never more than was under way.
    assert len(whole) <= sent <= len(whole) + 3 * 900_000
    assert fetched(control)[-2]["range"][0] > 0


def test_a_link_that_expires_half_way_goes_on_at_a_fresh_one(lab: Lab, control: Any) -> None:
    control.fault("truncate:300000", method="GET", path=MEDIA)
    control.fault("before-403", method="GET", path=MEDIA, skip=1)
    result = lab.video("A red fox runs")
    seen, sent = fetched(control), moved(control)
    assert [item["status"] for item in seen] == [200, 403, 206]
    assert len({item["path"] for item in seen}) == 3  # each try asked for an address of its own
    assert seen[2]["range"][0] == 300_000
    whole = original(control)
    assert result[0].sha256 == hashlib.sha256(whole).hexdigest()
    assert sent - seen[1]["sent_bytes"] == len(whole)
    assert control.charges == 1


def test_what_came_is_kept_for_a_resume(lab: Lab, control: Any) -> None:
    control.fault("truncate:1500000", method="GET", path=MEDIA)
    control.fault("truncate:1", method="GET", path=MEDIA, times=None, skip=1)
    with pytest.raises(MediaError, match="resume"):
        lab.music("lo-fi", instrumental=True, output="url", format="wav")
    assert len(making(lab)) == 2  # the bytes, and the note of how many are certain
    control._call("DELETE", "faults")
    (job,) = lab.resume()
    digest = job.result()[0].sha256
    sent = moved(control)
    whole = original(control)
    assert digest == hashlib.sha256(whole).hexdigest()
    assert sent == len(whole)
    assert making(lab) == []
    assert (control.posts, control.charges) == (1, 1)


CRASH = """
    import os, signal, sys
    from minimax_nb import Lab, MusicRequest
    from minimax_nb.media import partial
    partial.CHECKPOINT = 2**20
    real = partial.Partial.write
    def write(self, block):
        real(self, block)
        if self.written > 2 * 2**20:
            os.kill(os.getpid(), signal.SIGKILL)
    partial.Partial.write = write
    Lab(sandbox=sys.argv[1]).music("lo-fi", instrumental=True, output="url", format="wav")
"""


def test_a_kernel_killed_in_a_download_leaves_the_next_one_most_of_it(
    lab: Lab, control: Any, sandbox: Any
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CRASH), sandbox.url], timeout=60, check=False
    )
    assert done.returncode == -9
    record = lab.jobs()[0].record
    assert (record.state, record.result) == (JobState.SUCCEEDED, ResultState.AVAILABLE)
    lab.ledger.release(record.id, record.lease_owner).result()  # as when the lease ran out
    (job,) = lab.resume()
    digest = job.result()[0].sha256
    second = fetched(control)[1]
    assert second["range"][0] > 2 * 2**20
    assert digest == hashlib.sha256(original(control)).hexdigest()
    assert (control.posts, control.charges) == (1, 1)


def test_a_full_disk_is_said_in_one_line_and_nothing_is_lost(
    lab: Lab, control: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=64 * 2**20 + 1000)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda path: usage)
        with pytest.raises(MediaError) as caught:
            lab.video("A red fox runs")
    line = caught.value.lines()[0]
    assert "no room for 1 MB" in line
    assert "stays at the provider" in line
    assert "%minimax resume" in line
    assert len(fetched(control)) == 1  # another try would change nothing
    record = lab.jobs()[0].record
    assert (record.state, record.result, record.charge) == (
        JobState.SUCCEEDED,
        ResultState.AVAILABLE,
        Charge.CHARGED,
    )
    (job,) = lab.resume()
    assert job.result()[0].facts.height == 768
    assert control.charges == 1


def test_outputs_of_one_job_come_at_most_four_at_once(
    lab: Lab, control: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now: list[int] = [0]
    most: list[int] = [0]
    real = collect.fetch

    async def counted(*args: Any, **kwargs: Any) -> Any:
        now[0] += 1
        most[0] = max(most[0], now[0])
        try:
            return await real(*args, **kwargs)
        finally:
            now[0] -= 1

    monkeypatch.setattr(collect, "fetch", counted)
    result = lab.image("A red fox", n=9)
    assert most[0] == collect.AT_ONCE == 4
    names = [item["path"].rpartition("-")[2] for item in fetched(control)]
    assert sorted(names) == [f"{number}.jpeg" for number in range(9)]
    rows = [row for row in lab.ledger.media_of(result.job_id) if row.role == "output"]
    assert [row.sha256 for row in rows] == [item.sha256 for item in result]  # in the order of the provider


def test_one_bad_output_does_not_stop_the_others_or_fetch_them_again(lab: Lab, control: Any) -> None:
    control.fault("before-500", method="GET", path=r"-1\.jpeg$", times=None)
    with pytest.raises(MediaError, match="resume"):
        lab.image("A red fox", n=3)
    assert len(list((Path.cwd() / "media").iterdir())) == 2
    control._call("DELETE", "faults")
    (job,) = lab.resume()
    assert len(job.result()) == 3
    good = [item["path"][-6:] for item in fetched(control) if item["status"] == 200]
    assert sorted(good) == ["0.jpeg", "1.jpeg", "2.jpeg"]


# --- uploads ---


def recording(seconds: float = 11.0, pitch: int = 220) -> bytes:
    """A WAV that a clone accepts."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        times = np.arange(int(16000 * seconds)) / 16000
        file.writeframes((8000 * np.sin(2 * np.pi * pitch * times)).astype("<i2").tobytes())
    return buffer.getvalue()


def uploads(control: Any) -> int:
    return len([item for item in control.requests("POST") if "/files/upload" in item["path"]])


def clones(control: Any) -> int:
    return len([item for item in control.requests("POST") if "/voice_clone" in item["path"]])


@pytest.fixture
def voice(request: pytest.FixtureRequest) -> str:
    """A voice id of the test's own: the sandbox takes each once."""
    return f"voice-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"


def test_a_recording_is_uploaded_once(lab: Lab, control: Any, voice: str) -> None:
    sample, short = recording(pitch=200), recording(3, pitch=200)
    lab.voice_clone(sample, voice_id=f"{voice}-a")
    lab.voice_clone(sample, voice_id=f"{voice}-b")
    assert (uploads(control), clones(control)) == (1, 2)
    lab.voice_clone(
        sample,
        voice_id=f"{voice}-c",
        prompt_audio=short,
        prompt_text="One two.",
        text="Hi.",
        model="speech-2.8-hd",
    )
    assert (uploads(control), clones(control)) == (2, 3)
    lab.voice_clone(recording(pitch=201), voice_id=f"{voice}-d")
    assert uploads(control) == 3


def test_another_kernel_reuses_it_too(home: Path, sandbox: Any, control: Any, voice: str) -> None:
    for name in ("a", "b"):
        with Lab(sandbox=sandbox.url) as lab:
            lab.voice_clone(recording(pitch=210), voice_id=f"{voice}-{name}")
    assert uploads(control) == 1


def test_jobs_at_the_same_time_wait_for_one_upload(lab: Lab, control: Any, voice: str) -> None:
    control.fault("slow:0.5", method="POST", path="files/upload")
    sample = recording(pitch=230)
    jobs = [lab.submit(VoiceCloneRequest(audio=sample, voice_id=f"{voice}-{number}")) for number in range(5)]
    assert [job.result().voice_id for job in jobs] == [f"{voice}-{number}" for number in range(5)]
    assert (uploads(control), clones(control)) == (1, 5)


def forget_files(sandbox: Any) -> None:
    """Delete all uploads at the provider behind our back."""
    for purpose in ("voice_clone", "prompt_audio"):
        listed = _minimax(sandbox, f"/v1/files/list?purpose={purpose}")
        for file in listed["files"]:
            _minimax(sandbox, "/v1/files/delete", {"file_id": file["file_id"], "purpose": purpose})


def _minimax(sandbox: Any, path: str, body: dict[str, Any] | None = None) -> Any:
    import json

    request = urllib.request.Request(
        sandbox.minimax + path, data=None if body is None else json.dumps(body).encode()
    )
    request.add_header("authorization", f"Bearer {sandbox.key['minimax']}")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as reply:
        answer = json.load(reply)
    assert answer["base_resp"]["status_code"] == 0, answer
    return answer


def test_a_file_the_provider_forgot_is_uploaded_again_and_the_job_sent_again(
    lab: Lab, control: Any, sandbox: Any, voice: str
) -> None:
    sample = recording(pitch=240)
    lab.voice_clone(sample, voice_id=f"{voice}-a")
    forget_files(sandbox)
    result = lab.voice_clone(sample, voice_id=f"{voice}-b", text="Hello.", model="speech-2.8-hd")
    assert result.voice_id == f"{voice}-b"
    assert (uploads(control), clones(control), control.charges) == (2, 3, 1)
    record = lab.jobs()[0].record
    assert (record.attempts, record.state, record.error) == (2, JobState.SUCCEEDED, None)
    lab.voice_clone(sample, voice_id=f"{voice}-c")
    assert uploads(control) == 2  # the new receipt holds


def test_a_fresh_upload_that_is_refused_is_not_sent_again(lab: Lab, control: Any, voice: str) -> None:
    control.fault("code:2013", method="POST", path="voice_clone", times=None)
    with pytest.raises(Exception, match="2013"):
        lab.voice_clone(recording(pitch=250), voice_id=voice)
    assert (uploads(control), clones(control)) == (1, 1)


# --- recordings given as a URL ---


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server of this machine, and its folder."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", folder
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_recording_at_a_url_is_fetched_kept_and_uploaded(
    lab: Lab, control: Any, site: tuple[str, Path], voice: str
) -> None:
    url, folder = site
    sample = recording(pitch=260)
    (folder / "my voice.bin").write_bytes(sample)
    result = lab.voice_clone(f"{url}/my%20voice.bin", voice_id=voice)
    digest = hashlib.sha256(sample).hexdigest()
    record = lab.job(result.job_id).record
    assert record.facts["inputs"] == {"audio": digest}
    assert lab.store.get(digest).path.read_bytes() == sample
    assert making(lab) == []
    (upload,) = [item for item in control.requests("POST") if "/files/upload" in item["path"]]
    assert upload["body"] == {"purpose": "voice_clone", "filename": "my voice.wav", "bytes": len(sample)}
    lab.voice_clone(sample, voice_id=f"{voice}-b")  # the same content from elsewhere
    assert uploads(control) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("short.wav", recording(2), "2 s long; 10 to 300 s"),
        ("page.wav", b"<!doctype html><title>Sign in</title>", "got a web page"),
        (
            "picture.wav",
            b"\x89PNG\r\n\x1a\n" + bytes(5000),
            "--audio picture.png: image/png; mp3, m4a or wav",
        ),
        ("large.wav", bytes(20 * 2**20 + 1), "larger than 20 MB"),
        ("missing.wav", None, "does not open"),
    ],
)
def test_a_url_that_is_no_usable_recording_is_refused_before_sending(
    lab: Lab, control: Any, site: tuple[str, Path], voice: str, name: str, content: bytes | None, said: str
) -> None:
    url, folder = site
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(MediaError, match=said) as caught:
        lab.voice_clone(f"{url}/{name}", voice_id=voice)
    assert caught.value.message.startswith("--audio")
    assert control.requests("POST") == []
    record = lab.jobs()[0].record
    assert (record.state, record.charge, record.cost_nano) == (JobState.REJECTED, Charge.NOT_CHARGED, 0)
    assert making(lab) == []


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/a.wav", "https://169.254.169.254/a.wav", "https://[::ffff:10.0.0.1]/a.wav"]
)
def test_a_private_address_is_refused(lab: Lab, control: Any, voice: str, url: str) -> None:
    with pytest.raises(MediaError, match="not a public address"):
        lab.voice_clone(url, voice_id=voice)
    assert control.requests("POST") == []
