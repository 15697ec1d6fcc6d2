import os
import signal
import sys
from pathlib import Path

import pytest

from lifecycle.localstack import processes
from lifecycle.localstack.processes import Child


def child(tmp_path: Path, script: str) -> Child:
    return Child("the child", [sys.executable, "-c", script], tmp_path / "logs" / "child.log", tmp_path, os.environ)


def test_a_child_that_ends_at_once_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    failing = child(tmp_path, "print('no such disk'); raise SystemExit(4)")
    failing.start()
    with pytest.raises(processes.Failed, match=r"the child ended with status 4.*\n    no such disk"):
        processes.wait_until(lambda: False, failing, timeout=10)


def test_a_child_that_does_not_listen_to_the_stop_signal_is_killed(tmp_path: Path) -> None:
    deaf = child(tmp_path, "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('up', 'w').close(); time.sleep(1000)")
    deaf.start()
    processes.wait_until((tmp_path / "up").exists, deaf, timeout=10)
    deaf.stop(timeout=0.1)
    assert deaf.returncode() == -signal.SIGKILL


def test_the_end_of_a_missing_log_says_that_nothing_was_logged(tmp_path: Path) -> None:
    assert processes.tail(tmp_path / "none.log") == "    (nothing was logged)"
