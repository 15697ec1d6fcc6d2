"""The other processes of a test of faults: the mail server, and a mother of workers that die.

The mother loads Django once and forks a child for each piece of work, so that a death costs milliseconds. Works: `hooks` posts signed
deliveries the way a shop does, `sweep` is a pulse until nothing is due, `life` is one after the other, and what comes later: the mail
provider's news, and somebody who asks to be forgotten.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class MailServer:
    port: int
    folder: Path

    def taken(self) -> Counter[str]:
        """Return how often each message was accepted, by its token."""
        return Counter(token for token, *_ in self.read("taken"))

    def unanswered(self) -> int:
        """Return how many mails got no answer."""
        return len(self.read("unanswered"))

    def read(self, name: str) -> list[list[str]]:
        """Return the words of each line of one of its books."""
        file = self.folder / name
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


@contextmanager
def mail_server(
    folder: Path, *, seed: int = 1, modes: Mapping[str, float] | None = None, module: str = "tests.faults.mail_server"
) -> Iterator[MailServer]:
    folder.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", module, str(folder), str(seed), json.dumps(modes or {"fine": 1})]
    child = subprocess.Popen(words, cwd=ROOT)
    try:
        while not (folder / "port").exists():
            if child.poll() is not None:
                raise AssertionError("The mail server did not start.")
            time.sleep(0.01)
        yield MailServer(int((folder / "port").read_text()), folder)
    finally:
        child.kill()
        child.wait()


class Mother:
    """Speaks to a mother process: `run` lets a child do some work and returns its exit status, negative for the signal that ended it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mother"],
            cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, work: str, *, failpoint: str = "", **given: Any) -> int:
        assert self.child.stdin
        assert self.child.stdout
        self.child.stdin.write(json.dumps({"work": work, "failpoint": failpoint, **given}) + "\n")
        self.child.stdin.flush()
        return int(self.child.stdout.readline())

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        for end in (self.child.stdin, self.child.stdout):
            if end:
                end.close()


@contextmanager
def mother(environment: Mapping[str, str]) -> Iterator[Mother]:
    held = Mother(environment)
    try:
        yield held
    finally:
        held.close()


def killed(status: int) -> bool:
    return status == -signal.SIGKILL


def deliveries(path: str, secret: str, payloads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the work `hooks` needs: orders to post to a connection, each a delivery of its own."""
    return {"path": path, "secret": secret, "payloads": payloads}
