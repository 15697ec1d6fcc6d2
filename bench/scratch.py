"""A database of its own for one run, child processes that start together, and sizes from the environment."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time
from urllib.parse import urlsplit

import psycopg2


def size(name: str, usual: int) -> int:
    return int(os.environ.get(f"BENCH_{name}", usual))


@contextmanager
def database(*, like: str = "") -> Iterator[str]:
    """Create a database beside the one of DATABASE_URL, empty or a copy of the one whose URL is `like`; yield its URL, and drop it."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"bench_{secrets.token_hex(4)}"
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {urlsplit(like).path[1:]}" if like else ""))
        try:
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


def postgresql() -> str:
    """Return the server's version."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [version] = cursor.fetchone()
    connection.close()
    return str(version)


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock until the last process was done, and of processor time in all of them, without their start."""

    wall: float
    processor: float


def race(module: str, words: Sequence[Sequence[str]], env: Mapping[str, str]) -> Spent:
    """Start `python -m module …` once per list of words; return what they spent from their common start until the last is done.

    Each is waited for until it says it is ready. Raises CalledProcessError if one fails.
    """
    children = [
        subprocess.Popen(
            [sys.executable, "-m", module, *each], env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for each in words
    ]
    try:
        before = sum(_said(child) for child in children)
        began = perf_counter()
        for child in children:
            _go(child)
        for child in children:
            if child.wait() != 0:
                raise subprocess.CalledProcessError(child.returncode, child.args)
        wall = perf_counter() - began
        return Spent(wall, sum(_said(child) for child in children) - before)
    finally:
        for child in children:
            child.kill()


def _go(child: subprocess.Popen[str]) -> None:
    assert child.stdin
    child.stdin.write("go\n")
    child.stdin.flush()


def _said(child: subprocess.Popen[str]) -> float:
    """Return the processor seconds that a child printed."""
    assert child.stdout
    return float(child.stdout.readline())


@contextmanager
def started() -> Iterator[None]:
    """Say in a child of `race` that it is ready, wait for the start, and report at the end."""
    print(process_time(), flush=True)
    sys.stdin.readline()
    yield
    print(process_time(), flush=True)
