"""Runs in the peers' environment: speaks through LiveKit's MiniMax plug-in, by HTTP stream or by WebSocket.

Arguments: base URL, key, audio format, ``http`` or ``socket``, text. Prints one JSON object: the seconds of
sound, or the error.
"""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp
from livekit.agents import APIConnectOptions, APIError
from livekit.plugins import minimax


async def main(base: str, key: str, form: str, way: str, text: str) -> dict[str, object]:
    """Speak a text; return how long it is."""
    async with aiohttp.ClientSession() as session:
        voice = minimax.TTS(
            api_key=key,
            base_url=base,
            http_session=session,
            audio_format=form,
            voice="English_expressive_narrator",
        )
        once = APIConnectOptions(max_retry=0)
        if way == "http":
            stream = voice.synthesize(text, conn_options=once)
        else:
            stream = voice.stream(conn_options=once)
            for word in text.split(" "):
                stream.push_text(f"{word} ")
            stream.end_input()
        seconds = 0.0
        try:
            async for event in stream:
                seconds += event.frame.samples_per_channel / event.frame.sample_rate
        except APIError as error:
            return {"error": str(error), "seconds": seconds}
        finally:
            await stream.aclose()
            await voice.aclose()
    return {"seconds": seconds}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
