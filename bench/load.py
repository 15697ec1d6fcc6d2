"""A load of POSTs over 16 kept connections, each with a delivery id of its own: by wrk where it is installed, else by asyncio here.

And one of GETs at a steady pace.
"""

import asyncio
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

_CONNECTIONS = 16
_SCRIPT = """
local threads, count, run = 0, 0, %(run)s
function setup(thread) threads = threads + 1 thread:set("number", threads) end
function init(args)
  wrk.method = "POST"
  wrk.body = %(body)s
%(headers)s
end
function request()
  count = count + 1
  wrk.headers["X-Doorstep-Delivery"] = run .. "-" .. number .. "-" .. count
  return wrk.format()
end
"""


@dataclass(frozen=True)
class Request:
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """Requests a second, the 99th percentile of their time, and how many got another answer than 2xx or 3xx."""

    rate: float
    p99_ms: float
    refused: int


def run(url: str, request: Request, *, seconds: int) -> Outcome:
    """Warm up for a second, then measure."""
    act = _by_wrk if shutil.which("wrk") else _by_asyncio
    act(url, request, 1)
    return act(url, request, seconds)


def _by_wrk(url: str, request: Request, seconds: int) -> Outcome:
    headers = "\n".join(f'  wrk.headers["{name}"] = "{value}"' for name, value in request.headers.items())
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(_SCRIPT % {"body": f"[==[{request.body}]==]", "headers": headers, "run": f'"{perf_counter()}"'}, encoding="utf-8")
        command = ["wrk", "-t2", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", str(script), url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Outcome(_found(r"Requests/sec:\s+([\d.]+)", said), _milliseconds(said), int(refused[1]) if refused else 0)


def _milliseconds(said: str) -> float:
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}[re.findall(r"99%\s+[\d.]+(us|ms|s)", said)[0]]
    return _found(r"99%\s+([\d.]+)", said) * unit


def _found(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise AssertionError(f"wrk said {text!r}")
    return float(found[1])


def _by_asyncio(url: str, request: Request, seconds: int) -> Outcome:
    return asyncio.run(_post_for(url, request, seconds))


async def _post_for(url: str, request: Request, seconds: int) -> Outcome:
    times: list[float] = []
    statuses: list[int] = []
    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(_CONNECTIONS):
            group.create_task(_post(url, request, f"{began}-{number}", began + seconds, times, statuses))
    spent = perf_counter() - began
    refused = sum(1 for status in statuses if not 200 <= status < 400)
    return Outcome(len(times) / spent, sorted(times)[int(len(times) * 0.99)] * 1000, refused)


async def _post(url: str, request: Request, name: str, end: float, times: list[float], statuses: list[int]) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    fixed = "".join(f"{key}: {value}\r\n" for key, value in request.headers.items())
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{fixed}Content-Length: {len(request.body.encode())}\r\n"
    while (now := perf_counter()) < end:
        writer.write(f"{head}X-Doorstep-Delivery: {name}-{len(times)}\r\n\r\n{request.body}".encode())
        status = await _answer(reader)
        times.append(perf_counter() - now)
        statuses.append(status)
    writer.close()


def paced(origin: str, paths: Sequence[str], *, rate: int) -> list[float]:
    """Get each path once, so many a second over 16 connections, after a second to warm up; return the milliseconds, sorted.

    A request that has to wait for a free connection counts from the moment it was due. Raises AssertionError if one is refused.
    """
    asyncio.run(_get_paced(origin, paths[:rate], rate))
    return sorted(asyncio.run(_get_paced(origin, paths, rate)))


async def _get_paced(origin: str, paths: Sequence[str], rate: int) -> list[float]:
    times: list[float] = []
    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(_CONNECTIONS):
            due = [(began + place / rate, path) for place, path in enumerate(paths)][number::_CONNECTIONS]
            group.create_task(_get_due(origin, due, times))
    return times


async def _get_due(origin: str, due: Sequence[tuple[float, str]], times: list[float]) -> None:
    parts = urlsplit(origin)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for moment, path in due:
        await asyncio.sleep(max(0.0, moment - perf_counter()))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        status = await _answer(reader)
        times.append((perf_counter() - moment) * 1000)
        if status != 200:
            raise AssertionError(f"{path} answered {status}")
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end; return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head.split(b" ", 2)[1])
