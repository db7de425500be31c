"""Runs in the peers' environment: starts an MCP server over stdio and calls its tools.

Lines of standard input are ``[tool, arguments]``; each answer is a line with the tool's text, or the first
line is the list of tools.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(module: str) -> None:
    """Serve the lines of standard input."""
    server = StdioServerParameters(command=sys.executable, args=["-m", module], env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tell(sorted(tool.name for tool in (await session.list_tools()).tools))
        while line := await asyncio.to_thread(sys.stdin.readline):
            tool, arguments = json.loads(line)
            result = await session.call_tool(tool, arguments)
            tell("\n".join(part.text for part in result.content if part.type == "text"))


def tell(value: Any) -> None:
    """Write a line."""
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
