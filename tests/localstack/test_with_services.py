"""`manage.py with_services` from outside, as a shell would use it. Only ends of processes are waited for, with a deadline."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lifecycle.localstack import processes

ROOT = Path(__file__).resolve().parents[2]
REPORT = "import json, os, sys; print(json.dumps({k: os.environ.get(k) for k in ('DATABASE_URL', 'REDIS_URL', 'LIFECYCLE_DATA')}))"


def command(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "with_services", "--fast", "--", *words]


@pytest.fixture
def environment() -> dict[str, str]:
    """Return an environment in which nothing is up yet."""
    ours = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "LIFECYCLE_DATA", "LIFECYCLE_TEST_TEMPLATE")
    return {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("PYTEST")}


def until(true: Callable[[], bool], *, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_command_gets_the_addresses_its_status_comes_back_and_nothing_stays(environment: dict[str, str], tmp_path: Path) -> None:
    script = f'"{sys.executable}" -c "{REPORT}"; read line; echo "$line"; exit 7'
    ended = subprocess.run(command("sh", "-c", script), env=environment, cwd=tmp_path, input="typed\n", capture_output=True, text=True)
    first, second = ended.stdout.splitlines()
    given = json.loads(first)
    assert (ended.returncode, second, ended.stderr) == (7, "typed", "")
    assert given["DATABASE_URL"].startswith("postgres://lifecycle:") and given["REDIS_URL"].startswith("redis://:")
    assert not processes.answers(urlsplit(given["DATABASE_URL"]).port or 0)
    assert not processes.answers(urlsplit(given["REDIS_URL"]).port or 0)
    assert not Path(given["LIFECYCLE_DATA"]).exists()


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start a shell with a child of its own beside the services of a kept data folder."""
    environment["LIFECYCLE_DATA"] = str(tmp_path / "data")
    script = 'sleep 1000 & echo "$$ $! $DATABASE_URL $REDIS_URL"; wait; echo never'
    process = subprocess.Popen(command("sh", "-c", script), env=environment, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_kill_9_leaves_nothing_running_and_a_second_run_keeps_the_database(
    running: "subprocess.Popen[str]", environment: dict[str, str], tmp_path: Path
) -> None:
    assert running.stdout is not None
    shell, child, database, redis = running.stdout.readline().split()
    # A second command on the same folder joins the first one's servers and leaves them running.
    psql = f"import psycopg2; c = psycopg2.connect('{database}'); c.autocommit = True; c.cursor().execute('CREATE TABLE kept (n int)')"
    joined = subprocess.run(command(sys.executable, "-c", f"{REPORT}; {psql}"), env=environment, capture_output=True, text=True)
    assert (joined.returncode, json.loads(joined.stdout)["DATABASE_URL"]) == (0, database)
    running.send_signal(signal.SIGKILL)
    ports = [urlsplit(url).port or 0 for url in (database, redis)]
    assert until(lambda: not (runs(int(shell)) or runs(int(child))))
    assert until(lambda: not any(processes.answers(port) for port in ports))
    query = "c = psycopg2.connect(os.environ['DATABASE_URL']).cursor(); c.execute('SELECT count(*) FROM kept'); print(c.fetchone())"
    asked = f"import os, psycopg2; {query}"
    again = subprocess.run(command(sys.executable, "-c", asked), env=environment, capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (0, "(0,)\n")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["sh", "-c", "exit 3"], 3),
        (["sh", "-c", "kill -TERM $$"], 143),
        (["sh", "-c", "kill -9 $$"], 137),
        (["no-such-command"], 127),
        (["/etc/passwd"], 126),
    ],
)
def test_the_exit_status_is_the_commands(words: list[str], status: int) -> None:
    """`keeper.run` is what with_services ends with; here it runs alone."""
    script = "import sys; from lifecycle.localstack import keeper; sys.exit(keeper.run(sys.argv[1:]))"
    ended = subprocess.run([sys.executable, "-c", script, *words], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (status, "")


def test_a_command_cannot_leave_children_behind(tmp_path: Path) -> None:
    script = "import sys; from lifecycle.localstack import keeper; sys.exit(keeper.run(sys.argv[1:]))"
    words = ["sh", "-c", f"(setsid sleep 1000 & echo $! > {tmp_path}/pid) ; exit 0"]
    ended = subprocess.run([sys.executable, "-c", script, *words], cwd=ROOT)
    assert ended.returncode == 0
    assert not runs(int((tmp_path / "pid").read_text()))


def test_sigterm_reaches_the_command_and_the_status_says_so() -> None:
    script = "import sys; from lifecycle.localstack import keeper; sys.exit(keeper.run(sys.argv[1:]))"
    words = ["sh", "-c", "trap 'echo asked; exit 5' TERM; echo up; while :; do sleep 0.05; done"]
    process = subprocess.Popen([sys.executable, "-c", script, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.terminate()
    said, _ = process.communicate(timeout=10)
    assert (process.returncode, said) == (5, "asked\n")
