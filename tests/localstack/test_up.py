"""`manage.py up` from outside: the real web server, worker, beat and catcher."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from lifecycle.localstack import processes

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "LIFECYCLE_DATA", "LIFECYCLE_TEST_TEMPLATE", "MAKELEVEL", "PORT")


@pytest.fixture
def site(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("PYTEST")}
    words = ["up", "--data", str(tmp_path / "data"), "--port", str(processes.free_port())]
    process = subprocess.Popen([sys.executable, str(ROOT / "manage.py"), *words], env=environment, stdout=subprocess.PIPE, text=True)
    deadline = Timer(60, process.kill)
    deadline.start()
    yield process
    deadline.cancel()
    process.kill()
    process.communicate()


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


def test_everything_comes_up_answers_and_stops_in_order(site: "subprocess.Popen[str]", tmp_path: Path) -> None:
    assert site.stdout is not None
    said: list[str] = []
    while not said or not said[-1].startswith("Ready after"):
        said.append(site.stdout.readline())
        assert said[-1], said
    url, catcher = (next(line.split()[-1] for line in said if words in line) for words in ("runs at", "mails arrive at"))
    with urllib.request.urlopen(f"{url}healthz?only=web", timeout=10) as answer:
        assert answer.status == 200
    assert consumes(url)
    with urllib.request.urlopen(f"{catcher}api/messages", timeout=10) as answer:
        assert answer.read() == b"[]"
    assert set(children(site.pid)) == {"postgres", "valkey", "catcher", "gunicorn", " worker ", " beat "}
    site.send_signal(signal.SIGTERM)
    rest, _ = site.communicate(timeout=60)
    assert (site.returncode, rest) == (0, "\nStopping …\nStopped; the data stays.\n")
    assert "database system is shut down" in (tmp_path / "data" / "logs" / "postgres.log").read_text()


def test_a_site_that_a_script_started_in_the_background_hears_ctrl_c_too(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("PYTEST")}
    words = [sys.executable, str(ROOT / "manage.py"), "up", "--data", str(tmp_path / "data"), "--port", str(processes.free_port())]
    words = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *words]
    deaf = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    deadline = Timer(60, deaf.kill)
    deadline.start()
    assert deaf.stdout is not None
    assert any(line.startswith("Ready after") for line in deaf.stdout)
    deaf.send_signal(signal.SIGINT)
    rest, _ = deaf.communicate(timeout=60)
    deadline.cancel()
    assert (deaf.returncode, rest) == (0, "\nStopping …\nStopped; the data stays.\n")
