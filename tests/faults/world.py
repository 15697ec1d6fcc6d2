"""Everything a run attacks, as children of its own: PostgreSQL, Valkey, web, two workers, two beats. What dies is started again.

With libfaketime one worker's clock is two hours behind and the other's two hours ahead, and the database's can be set.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2

from lifecycle.localstack import postgres, processes, valkey
from lifecycle.localstack.postgres import Postgres
from lifecycle.localstack.processes import Child, Failed
from lifecycle.localstack.valkey import Valkey
from tests.faults import clocks
from tests.faults.processes import ROOT

_PATIENCE = 60
_CELERY = ["-m", "celery", "-A", "lifecycle"]
_SKEWS = {"worker1": "-2h", "worker2": "+2h"}


class World:
    """The children of one run by name; the servers are up, the site's own processes wait for `open`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, folder / "clock"
        folder.chmod(0o711)  # PostgreSQL's account passes through to its own folder
        self.postgres = self._postgres()
        self.valkey: Valkey = valkey.launch(folder / "valkey", folder / "valkey.log")
        self.port = processes.free_port()
        self.site: dict[str, Child] = {}

    def _postgres(self) -> Postgres:
        """Start a cluster that keeps what it says it has kept, whatever kills it."""
        server = postgres.launch(self.folder / "postgres", self.folder / "postgres.log", fast=False, temporary=True)
        if clock := clocks.settable(self.clock):
            server.child.stop()
            server.child.env = {**server.child.env, **clock}
            server.start()
        return server

    def open(self) -> None:
        """Start the site."""
        worker = [*_CELERY, "worker", "-Q", "pulse", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"]
        web = ["-m", "gunicorn", "lifecycle.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
        words = {
            "web": [*web, "--bind", f"127.0.0.1:{self.port}", "--graceful-timeout", "2", "--log-level", "warning"],
            **{f"worker{n}": [*worker, "-n", f"w{n}@here"] for n in (1, 2)},
            **{f"beat{n}": [*_CELERY, "beat", "-s", str(self.folder / f"beat{n}"), "--pidfile=", "-l", "WARNING"] for n in (1, 2)},
        }
        for name, each in words.items():
            environment = {**os.environ, "C_FORCE_ROOT": "1", "LOG_LEVEL": "ERROR", **clocks.skewed(_SKEWS.get(name, ""))}
            if name not in _SKEWS:
                environment.pop("LD_PRELOAD", None)
            self.site[name] = Child(name, [sys.executable, *each], self.folder / f"{name}.log", ROOT, environment)
            self.site[name].start()

    def strike(self, name: str, sign: signal.Signals) -> None:
        """Send a signal to one of the site's processes and all it started, and start what dies of it again."""
        child = self.site[name]
        self._send(child, sign)
        if sign in (signal.SIGKILL, signal.SIGTERM):
            self._end(child)
            child.start()

    def kill_postgres(self) -> None:
        """Kill the database server, and start it over what it had written."""
        self._end(self.postgres.child)
        for _ in range(_PATIENCE * 5):  # what its killed parent left behind must notice first
            try:
                return self.postgres.start()
            except Failed:
                time.sleep(0.2)
        raise Failed("PostgreSQL did not come up again.")

    def connect(self) -> Any:
        """Return a connection to the database, once it is there."""
        for _ in range(_PATIENCE * 5):
            try:
                return psycopg2.connect(self.postgres.url())
            except psycopg2.OperationalError:
                time.sleep(0.2)
        raise Failed("PostgreSQL does not answer.")

    def kill_valkey(self) -> None:
        self._end(self.valkey.child)
        self.valkey.start()

    @contextlib.contextmanager
    def stopped(self, *children: Child) -> Iterator[None]:
        """Let children stand still."""
        for child in children:
            self._send(child, signal.SIGSTOP)
        try:
            yield
        finally:
            for child in children:
                self._send(child, signal.SIGCONT)

    def set_clock(self, seconds: int) -> None:
        """Let the database's clock be wrong by so much."""
        clocks.set_by(self.clock, seconds=seconds)

    def close(self) -> None:
        for child in self.site.values():
            self._send(child, signal.SIGCONT)
            self._send(child, signal.SIGKILL)
        for server in (self.valkey, self.postgres):
            server.child.stop()

    @staticmethod
    def _send(child: Child, sign: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            assert child.process
            os.killpg(child.process.pid, sign)

    def _end(self, child: Child) -> None:
        """Have a child gone, whether it was asked to end or not."""
        assert child.process
        if child in (self.postgres.child, self.valkey.child):
            self._send(child, signal.SIGKILL)
        try:
            child.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self._send(child, signal.SIGKILL)
            child.process.wait()
