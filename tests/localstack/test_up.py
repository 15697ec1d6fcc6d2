"""`manage.py up` from outside: the real web server, worker, beat and catcher."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest

from lifecycle.localstack import processes

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "LIFECYCLE_DATA", "LIFECYCLE_TEST_TEMPLATE", "MAKELEVEL", "PORT")
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the site over the test's data folder, if wanted by other words before its own."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("PYTEST")}
    own = [sys.executable, str(ROOT / "manage.py"), "up", "--data", str(tmp_path / "data"), "--port", str(processes.free_port())]
    started: list[subprocess.Popen[str]] = []

    def run(*before: str) -> "subprocess.Popen[str]":
        started.append(subprocess.Popen([*before, *own], env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    def end() -> None:
        for process in started:
            process.kill()

    deadline = Timer(120, end)
    deadline.start()
    yield run
    deadline.cancel()
    end()
    for process in started:
        process.communicate()


def until_ready(site: "subprocess.Popen[str]") -> list[str]:
    """Return the lines it said until it was ready."""
    assert site.stdout is not None
    said: list[str] = []
    while not said or not said[-1].startswith("Ready after"):
        said.append(site.stdout.readline())
        assert said[-1], said
    return said


def children(pid: int) -> list[str]:
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(pid)], capture_output=True, text=True).stdout.splitlines()
    return [word for line in listed for word in ("postgres", "valkey", "catcher", "gunicorn", " worker ", " beat ") if word in line]


def consumes(url: str) -> bool:
    """Say whether a worker leaves its pulse within half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            error.close()
            time.sleep(0.1)
    return False


def stop(site: "subprocess.Popen[str]", number: signal.Signals) -> None:
    site.send_signal(number)
    rest, _ = site.communicate(timeout=60)
    assert (site.returncode, rest) == (0, "\nStopping …\nStopped; the data stays.\n")


def test_everything_comes_up_answers_stops_in_order_and_comes_up_again(start: Start, tmp_path: Path) -> None:
    site = start("sh", "-c", 'trap "" INT; exec "$@"', "sh")  # a script starts so what it starts in the background, deaf to Ctrl-C
    said = until_ready(site)
    url, catcher = (next(line.split()[-1] for line in said if words in line) for words in ("runs at", "mails arrive at"))
    with urllib.request.urlopen(f"{url}healthz?only=web", timeout=10) as answer:
        assert answer.status == 200
    assert consumes(url)
    with urllib.request.urlopen(f"{catcher}api/messages", timeout=10) as answer:
        assert answer.read() == b"[]"
    assert set(children(site.pid)) == {"postgres", "valkey", "catcher", "gunicorn", " worker ", " beat "}
    stop(site, signal.SIGINT)
    assert "database system is shut down" in (tmp_path / "data" / "logs" / "postgres.log").read_text()
    again = start()
    until_ready(again)
    stop(again, signal.SIGTERM)
