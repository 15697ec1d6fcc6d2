"""Run one command beside the services, and leave nothing of it behind.

Between this process and the command stands a forked keeper that adopts orphans. It ends everything below it when the command ends, and
also when this process is killed outright: a shell's grandchildren included, which the kernel's signal at a parent's death does not reach.
The command keeps our terminal, streams and process group, so that Ctrl-C and prompts work as if it had been started alone.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from lifecycle.localstack import processes

_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def run(command: Sequence[str]) -> int:
    """Run the command to its end and return its exit status, 128+n for signal n; 127 where it does not exist, 126 where it may not run."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    keeper = os.fork()
    if keeper == 0:
        status = 1
        try:
            status = _keep(command, parent)
        finally:
            sys.stderr.flush()
            os._exit(status)
    _pass_on(keeper)
    _, status = os.waitpid(keeper, 0)
    return _exit_status(os.waitstatus_to_exitcode(status))


def _keep(command: Sequence[str], parent: int) -> int:
    processes.adopt_orphans()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    processes.end_with_parent(signal.SIGTERM)
    if os.getppid() != parent:
        return 1
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)  # what comes before there is whom to tell waits
    end_with_us = processes.ending_with_parent(signal.SIGKILL)

    def begin() -> None:
        end_with_us()
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)

    try:
        child = subprocess.Popen(command, preexec_fn=begin)  # noqa: PLW1509 - no threads here
    except FileNotFoundError:
        return _complain(127, f"{command[0]}: no such command")
    except OSError as error:
        return _complain(126, f"{command[0]}: {error.strerror}")

    def ask(number: int, frame: FrameType | None) -> None:
        if os.getppid() != parent:
            _end_everything()
            os._exit(128 + number)
        child.send_signal(number)

    _pass_on(child.pid, ask)
    signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    code = child.wait()
    _end_everything()
    return _exit_status(code)


def _pass_on(pid: int, ask: Callable[[int, FrameType | None], None] | None = None) -> None:
    """Hand signals on to the process. At a terminal Ctrl-C reaches it anyway; a copy from here would interrupt it twice."""

    def forward(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    def keep_waiting(number: int, frame: FrameType | None) -> None:
        pass

    for number in _PASSED_ON:
        if signal.getsignal(number) is not signal.SIG_IGN:
            at_terminal = number is signal.SIGINT and sys.stdin is not None and sys.stdin.isatty()
            signal.signal(number, keep_waiting if at_terminal else ask or forward)


def _end_everything() -> None:
    """Kill all children until none is left; those of a killed child become ours and are next."""
    if sys.platform != "linux":
        return
    while True:
        for pid in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    """Return the ids of this process's children, as /proc tells."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state parent …"; the name may hold anything, so read from its last bracket.
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
            if parent == os.getpid():
                found.append(int(stat.parent.name))
    return found


def _exit_status(code: int) -> int:
    return 128 - code if code < 0 else code


def _complain(status: int, words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return status
