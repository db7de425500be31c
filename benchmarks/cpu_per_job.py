"""CPU per job, ledger and files included, against a bare httpx loop that sends the same requests.

The bare loop has one pooled client, reads the JSON, follows the task and writes the file; it keeps no
record, checks nothing and would send again.

python benchmarks/cpu_per_job.py     about 4 min
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from statistics import median, median_low
from typing import Any

import httpx
from bench import control, cpu_s, machine, place

AT_ONCE = 16
ROUNDS = 11
Bare = Callable[[httpx.AsyncClient, Any, int], Awaitable[None]]


def _auth(sandbox: Any, provider: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {sandbox.key[provider]}"}


async def speech(client: httpx.AsyncClient, sandbox: Any, number: int) -> None:
    body = {
        "model": "speech-2.8-hd",
        "text": f"Take {number}.",
        "stream": False,
        "voice_setting": {"voice_id": "English_expressive_narrator", "speed": 1, "vol": 1, "pitch": 0},
        "audio_setting": {"sample_rate": 32000, "bitrate": 128000, "format": "mp3", "channel": 1},
        "output_format": "hex",
    }
    reply = await client.post(f"{sandbox.minimax}/v1/t2a_v2", json=body, headers=_auth(sandbox, "minimax"))
    Path(f"bare-{number}.mp3").write_bytes(bytes.fromhex(reply.json()["data"]["audio"]))


async def image(client: httpx.AsyncClient, sandbox: Any, number: int) -> None:
    body = {"model": "image-01", "prompt": f"A fox, take {number}", "width": 512, "height": 512, "n": 1}
    reply = await client.post(
        f"{sandbox.minimax}/v1/image_generation", json=body, headers=_auth(sandbox, "minimax")
    )
    with Path(f"bare-{number}.jpg").open("wb") as file:
        async with client.stream("GET", reply.json()["data"]["image_urls"][0]) as media:
            async for chunk in media.aiter_bytes():
                file.write(chunk)


async def video(client: httpx.AsyncClient, sandbox: Any, number: int) -> None:
    auth, url = _auth(sandbox, "minimax"), f"{sandbox.minimax}/v1"
    body = {
        "model": "MiniMax-Hailuo-2.3",
        "prompt": f"A fox, take {number}",
        "prompt_optimizer": True,
        "duration": 6,
        "resolution": "768P",
    }
    task = (await client.post(f"{url}/video_generation", json=body, headers=auth)).json()["task_id"]
    while True:
        await asyncio.sleep(0.2)
        reply = await client.get(f"{url}/query/video_generation", params={"task_id": task}, headers=auth)
        if reply.json()["status"] in ("Success", "Fail"):
            break
    file_id = reply.json()["file_id"]
    reply = await client.get(f"{url}/files/retrieve", params={"file_id": file_id}, headers=auth)
    with Path(f"bare-{number}.mp4").open("wb") as file:
        async with client.stream("GET", reply.json()["file"]["download_url"]) as media:
            async for chunk in media.aiter_bytes():
                file.write(chunk)


async def bare(work: Bare, sandbox: Any, jobs: int) -> None:
    """Do the jobs."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(timeout=60) as client:

        async def one(number: int) -> None:
            async with gate:
                await work(client, sandbox, number)

        await asyncio.gather(*map(one, range(jobs)))


def _run(work: Bare, sandbox: Any, jobs: int) -> None:
    asyncio.run(bare(work, sandbox, jobs))


def ours(lab: Any, kind: str, jobs: int) -> None:
    from collections import deque

    from minimax_nb import ImageRequest, SpeechRequest, VideoRequest

    waiting: deque[Any] = deque()
    for number in range(jobs):
        if kind == "speech":
            request, provider = SpeechRequest(text=f"Take {number}."), "minimax"
        elif kind == "image":
            request, provider = (
                ImageRequest(prompt=f"A fox, take {number}", width=512, height=512),
                "minimax",
            )
        else:
            request, provider = VideoRequest(prompt=f"A fox, take {number}"), "minimax"
        waiting.append(lab.submit(request, provider=provider))
        if len(waiting) >= AT_ONCE:
            waiting.popleft().result()
    for job in waiting:
        job.result()


def compare(
    sandbox: Any, jobs: int, theirs: Callable[[], None], mine: Callable[[], None]
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return the medians of both, taken turn by turn, and the median of the ratios of each turn."""
    turns = [(measure(theirs, sandbox, jobs), measure(mine, sandbox, jobs)) for _ in range(ROUNDS)]
    first, second = (median_low(found) for found in zip(*turns, strict=True))
    return first, second, median(ours[0] / bare[0] for bare, ours in turns)


def measure(work: Callable[[], None], sandbox: Any, jobs: int) -> tuple[float, float]:
    """Return CPU milliseconds and requests per job."""
    control(sandbox, "journal", method="DELETE")
    gc.collect()
    before = cpu_s()
    work()
    used = cpu_s() - before
    return used / jobs * 1000, len(control(sandbox, "journal")["requests"]) / jobs


KINDS = (("speech", speech, 200), ("image", image, 100), ("video", video, 20))


def main() -> None:
    """Run both, turn by turn."""
    print(machine())
    print("| kind | jobs | bare, ms | ours, ms | requests a job | ratio |")
    print("|--|--|--|--|--|--|")
    with place(speed=60.0) as sandbox:  # a video takes a second and a half
        os.environ["MINIMAX_NB_SANDBOX"] = sandbox.url
        from minimax_nb import Lab

        with Lab() as lab:
            for kind, work, jobs in KINDS:
                ours(lab, kind, 20)
                _run(work, sandbox, 5)
                theirs, mine, ratio = compare(
                    sandbox, jobs, partial(_run, work, sandbox, jobs), partial(ours, lab, kind, jobs)
                )
                print(
                    f"| {kind} | {jobs} | {theirs[0]:.2f} | {mine[0]:.2f} | {theirs[1]:.1f}, {mine[1]:.1f}"
                    f" | **{ratio:.2f}** |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
