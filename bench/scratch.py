"""A database of its own for one run, child processes that start together, and sizes from the environment."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
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


def race(module: str, words: Sequence[Sequence[str]], env: Mapping[str, str]) -> float:
    """Start `python -m module …` once per list of words; return seconds from their common start until the last is done.

    Each is waited for until it says it is ready. Raises CalledProcessError if one fails.
    """
    children = [
        subprocess.Popen(
            [sys.executable, "-m", module, *each], env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for each in words
    ]
    try:
        for child in children:
            assert child.stdout
            child.stdout.readline()
        began = perf_counter()
        for child in children:
            _go(child)
        for child in children:
            if child.wait() != 0:
                raise subprocess.CalledProcessError(child.returncode, child.args)
        return perf_counter() - began
    finally:
        for child in children:
            child.kill()


def _go(child: subprocess.Popen[str]) -> None:
    assert child.stdin
    child.stdin.write("go\n")
    child.stdin.flush()


def ready() -> None:
    """Say in a child of `race` that it is ready, and wait for the start."""
    print("ready", flush=True)
    sys.stdin.readline()
