"""PostgreSQL and Valkey for one data folder: brought up, shared, stopped.

DATABASE_URL and REDIS_URL in the environment win: then nothing is started for them. Otherwise the first command on a data folder owns the
servers, and a second one on the same folder uses them; the owner waits for it before it stops them. Three files carry that:
`services.lock` is locked by the owner, `users.lock` shared by those who joined, `services.json` (owner-only) names the addresses. Locks end
with their process, so a killed owner leaves no stale claim.
"""

import atexit
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn
from urllib.parse import urlsplit

from lifecycle.localstack import postgres, processes, valkey
from lifecycle.localstack.postgres import Postgres
from lifecycle.localstack.valkey import Valkey

_PREFIX = "doorstep-"
_PATIENCE = 90.0
_SERVERS = ("DATABASE_URL", "REDIS_URL")


class Refused(Exception):
    """Raised, in words for the person at the terminal, when the services cannot be had."""


@dataclass
class Services:
    """What is up for one data folder, and how to reach it."""

    data: Path
    is_temporary: bool
    is_owner: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    postgres: Postgres | None = None
    valkey: Valkey | None = None
    _locks: list[IO[str]] = field(default_factory=list)

    def share(self, **environment: str) -> None:
        """Add to what this process and every command that joins later are told, such as where the site's mails go."""
        self.environment.update(environment)
        os.environ.update(environment)
        addresses = self.data / "services.json"
        if self.is_owner and addresses.exists():
            write_private(addresses, json.dumps({**json.loads(addresses.read_text()), **environment}))

    def stop(self, *, wait_for_others: bool = True) -> None:
        """Stop what this process started, Valkey before PostgreSQL; remove a temporary folder. A second call does nothing."""
        if self.is_owner:
            self.is_owner = False
            with open(self.data / "users.lock", "a") as users:
                if wait_for_others:
                    with contextlib.suppress(KeyboardInterrupt):
                        fcntl.flock(users, fcntl.LOCK_EX)
                (self.data / "services.json").unlink(missing_ok=True)
                self._stop_servers()
        for lock in self._locks:
            lock.close()
        self._locks.clear()
        if self.is_temporary:
            shutil.rmtree(self.data, ignore_errors=True)

    def _stop_servers(self) -> None:
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.child.stop()
        self.valkey = self.postgres = None


_started: list[Services] = []


def current() -> Services:
    """Return the services that were started before Django."""
    if not _started:
        raise Refused("The services are started by manage.py; run this as `python manage.py …`.")
    return _started[-1]


def start_for_command(*, fast: bool) -> Services:
    """Bring the services up over LIFECYCLE_DATA or a temporary folder, and name them in this process's environment."""
    leave_in_order()
    named = os.environ.get("LIFECYCLE_DATA")
    if not named:
        _clear_abandoned()
    data = Path(named).absolute() if named else Path(tempfile.mkdtemp(prefix=_PREFIX))
    return start(data, is_temporary=not named, fast=fast)


def start(data: Path, *, is_temporary: bool, fast: bool) -> Services:
    """Bring the services up for this folder, or join those already up; export DATABASE_URL, REDIS_URL and LIFECYCLE_DATA."""
    try:
        is_ours = is_temporary or not data.exists()
        data.mkdir(parents=True, exist_ok=True)
        if is_ours:
            data.chmod(0o711)  # PostgreSQL's account passes through to its own folder; nobody else can look around
    except OSError as error:
        raise Refused(f"The data folder {data} cannot be made: {error.strerror}.") from None
    services = Services(data, is_temporary)
    _started.append(services)
    atexit.register(services.stop, wait_for_others=False)
    if not all(os.environ.get(name) for name in _SERVERS):
        try:
            _own_or_join(services, fast=fast)
        except processes.Failed as failure:
            services.stop(wait_for_others=False)
            raise Refused(str(failure)) from None
    found = {"SECRET_KEY": _secret_key(data), **services.environment}
    given = {name: os.environ[name] for name in (*found, *_SERVERS) if os.environ.get(name)}
    services.environment = {**found, **given, "LIFECYCLE_DATA": str(data)}
    os.environ.update(services.environment)
    return services


def _secret_key(data: Path) -> str:
    """Return the data folder's own key, made on first use: sessions, links and sealed secrets outlive a restart."""
    file = data / "secret_key"
    if not file.exists():
        write_private(file, secrets.token_urlsafe(50))
    return file.read_text()


def _own_or_join(services: Services, *, fast: bool) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        owner = open(services.data / "services.lock", "a")  # noqa: SIM115 - held until stop()
        try:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner.close()
            if _join(services):
                return
            time.sleep(0.05)
        else:
            services._locks.append(owner)
            services.is_owner = True
            _launch(services, fast=fast)
            return
    raise Refused(f"Another command holds {services.data} and its services do not answer. Stop it, or set another LIFECYCLE_DATA.")


def _join(services: Services) -> bool:
    """Use the servers another process runs for this folder; return False while they are not up or are being stopped."""
    users = open(services.data / "users.lock", "a")  # noqa: SIM115 - held until stop()
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
        environment: dict[str, str] = json.loads((services.data / "services.json").read_text())
        if not all(processes.answers(urlsplit(url).port or 0) for name, url in environment.items() if name in _SERVERS):
            raise ValueError("written by an owner that was killed")
    except (OSError, ValueError):
        users.close()
        return False
    services.environment = environment
    services._locks.append(users)
    return True


def _launch(services: Services, *, fast: bool) -> None:
    data, addresses = services.data, services.data / "services.json"
    addresses.unlink(missing_ok=True)
    if not os.environ.get("DATABASE_URL"):
        services.postgres = postgres.launch(data / "postgres", data / "logs" / "postgres.log", fast=fast, temporary=services.is_temporary)
        services.environment["DATABASE_URL"] = services.postgres.url()
    if not os.environ.get("REDIS_URL"):
        services.valkey = valkey.launch(data / "valkey", data / "logs" / "valkey.log")
        services.environment["REDIS_URL"] = services.valkey.url()
    write_private(addresses, json.dumps(services.environment))


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read and that appears whole or not at all."""
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as new:
        new.write(text)
    os.replace(partial, file)


def _clear_abandoned() -> None:
    """Remove temporary folders of this user whose owner was killed more than an hour ago."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            facts = folder.lstat()
            if facts.st_uid != os.geteuid() or time.time() - facts.st_mtime < 3600:
                continue
            with open(folder / "services.lock") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def leave_in_order() -> None:
    """Have SIGTERM and SIGHUP end this process as `sys.exit` does, so that clean-up runs."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)
