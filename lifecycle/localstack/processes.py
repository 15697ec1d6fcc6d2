"""Children that never outlive their parent.

On Linux the kernel signals each child when its parent ends for whatever reason, `kill -9` included (PR_SET_PDEATHSIG). Three habits of
that flag shape this file: it is cleared by a later change of uid, so `Popen(user=…)` changes it first and `preexec_fn` sets the flag
after; it follows the thread that spawned, so spawn from the main thread; it does not exist elsewhere, where an orderly stop must do.
Each child leads a session of its own, or Ctrl-C would reach the database at the same moment as the workers that still need it.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LOG_LIMIT = 10 * 1024 * 1024


class Failed(Exception):
    """Raised when a child does not come up; says which and shows the end of its log."""


@dataclass(frozen=True)
class Account:
    """Someone to run a child as, when this process is root."""

    uid: int
    gid: int


@dataclass
class Child:
    """One long-lived process with a log file. `start` may be called again after it died."""

    name: str
    argv: Sequence[str]
    log: Path
    cwd: Path
    env: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            os.replace(self.log, self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = spawn(self, log.fileno())

    def returncode(self) -> int | None:
        """Return None while it runs."""
        return None if self.process is None else self.process.poll()

    def stop(self, timeout: float = 20.0) -> None:
        """Ask it to end and wait; what has not ended in time is killed with everything in its session."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def spawn(child: Child, output: int) -> "subprocess.Popen[bytes]":
    account = child.account
    return subprocess.Popen(
        child.argv,
        cwd=child.cwd,
        env=dict(child.env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=ending_with_parent(child.stop_signal),  # noqa: PLW1509 - no threads here
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def ending_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn` after which the child is sent this signal when its parent ends."""
    parent = os.getpid()

    def prepare() -> None:
        end_with_parent(death_signal)
        if os.getppid() != parent:  # it died before the flag was set
            os._exit(1)

    return prepare


def end_with_parent(death_signal: signal.Signals) -> None:
    """Have this process sent the signal when its parent ends (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def wait_until(ready: Callable[[], bool], child: Child, timeout: float) -> None:
    """Return once `ready()` is true; raise Failed if the child ends first or time runs out."""
    deadline = time.monotonic() + timeout
    while not ready():
        code = child.returncode()
        if code is not None or time.monotonic() > deadline:
            said = f"ended with status {code}" if code is not None else f"did not answer within {timeout:.0f} s"
            raise Failed(f"{child.name} {said}. The end of {child.log}:\n{tail(child.log)}")
        time.sleep(0.02)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented; an empty or missing one says so."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            text = file.read().decode(errors="replace")
    except OSError:
        text = ""
    last = text.splitlines()[-lines:] or ["(nothing was logged)"]
    return "\n".join(f"    {line}" for line in last)


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def answers(port: int) -> bool:
    """Say whether something accepts connections on this port of 127.0.0.1."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
