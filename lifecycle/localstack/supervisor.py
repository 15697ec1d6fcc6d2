"""The whole site on one machine: servers, web, worker, beat and mail catcher, started in order and stopped in order.

Behind `make demo` (data in .data/demo, with a shop to look at) and `make up` (data in .data/up, yours to fill). A child that dies is
reported with the end of its log and started again; one that keeps dying stops everything. Nothing listens beyond 127.0.0.1.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lifecycle.localstack import processes, servers
from lifecycle.localstack.processes import Child
from lifecycle.localstack.servers import Refused, Services

ROOT = Path(__file__).resolve().parents[2]
_WEB_PORT, _CATCHER_PORT = 8000, 8025
_DEATHS_PER_MINUTE = 5
_begun = time.monotonic()


@dataclass
class Site:
    """What runs, where it answers, and when which child died."""

    services: Services
    is_demo: bool
    url: str
    catcher: str | None
    children: list[Child] = field(default_factory=list)
    deaths: dict[str, list[float]] = field(default_factory=dict)


_prepared: list[Site] = []


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="load a small shop to look at")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or _WEB_PORT), help="the port to try first")
    parser.add_argument("--data", type=Path, help="the data folder (default .data/demo or .data/up)")


def prepare(words: list[str]) -> None:
    """Start the servers and set the environment the settings read. Runs before Django."""
    parser = argparse.ArgumentParser("manage.py up", allow_abbrev=False)
    add_arguments(parser)
    options, _ = parser.parse_known_args(words)
    named = options.data or os.environ.get("LIFECYCLE_DATA") or ROOT / ".data" / ("demo" if options.demo else "up")
    data = Path(named).absolute()
    servers.leave_in_order()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's shell makes what it starts with `&` deaf to it
    if os.environ.get("MAKELEVEL"):  # make leaves its children behind when it is killed outright
        processes.end_with_parent(signal.SIGTERM)
    running = servers.start(data, is_temporary=False, fast=False)
    if not running.is_owner and (data / "services.json").exists():
        raise Refused(f"The site already runs from {data}. Stop it first, or name another folder with --data.")
    port = _open_port(options.port, "web")
    site = Site(running, options.demo, f"http://127.0.0.1:{port}", None)
    running.share(PUBLIC_URL=site.url)
    if options.demo or not os.environ.get("EMAIL_URL"):  # the demo's people must never be written to
        smtp, page = processes.free_port(), _open_port(_CATCHER_PORT, "mail catcher")
        running.share(EMAIL_URL=f"catcher://127.0.0.1:{smtp}")
        site.catcher = f"http://127.0.0.1:{page}"
        words = ["-m", "lifecycle.localstack.catcher", "--smtp-port", str(smtp), "--http-port", str(page), "--folder", str(data / "mails")]
        site.children.append(_python("catcher", data, words))
    site.children += [_web(data, port), _worker("worker", data, "pulse", 2), _worker("learner", data, "learning", 2), _beat(data)]
    if options.demo:
        site.children.append(_python("shop", data, ["manage.py", "live_demo"]))
    _prepared.append(site)


def run() -> None:
    """Run the prepared site until Ctrl-C or SIGTERM; then, or when a child keeps dying, stop it in order."""
    site = _prepared.pop()
    try:
        _bring_up(site)
        while True:
            time.sleep(0.2)
            _tend(site)
    except (KeyboardInterrupt, SystemExit):
        _say("\nStopping …")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for child in reversed(site.children):
            child.stop(timeout=10)
        site.services.stop(wait_for_others=False)
    _say("Stopped; the data stays.")


def _bring_up(site: Site) -> None:
    from lifecycle.localstack import migrating  # Django has its settings by now

    migrating.migrate()
    named = {child.name: child for child in site.children}
    for name in ("catcher", "web"):
        if name in named:
            named[name].start()
    shop = _load_demo(site.services.data) if site.is_demo else {}
    for name in ("worker", "learner", "beat", "shop"):
        if name in named:
            named[name].start()
    processes.wait_until(lambda: _speaks(site.url), named["web"], timeout=60)
    if site.is_demo:
        facts = {"url": site.url, **shop, "catcher": site.catcher}
        servers.write_private(site.services.data / "demo.json", json.dumps(facts, indent=2) + "\n")
    _announce(site, shop)


def _load_demo(data: Path) -> dict[str, str]:
    """Load the demo's shop, or find it loaded; return its login, password, api_key and store."""
    from django.core.management import get_commands

    if "load_demo" not in get_commands():
        return {}
    log = data / "logs" / "load_demo.log"
    with log.open("wb") as errors:
        loading = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "load_demo", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PGOPTIONS": "-c synchronous_commit=off"},  # a shop half loaded is thrown away
            check=False,
            preexec_fn=processes.ending_with_parent(signal.SIGKILL),
        )
    if loading.returncode != 0:
        raise processes.Failed(f"load_demo ended with status {loading.returncode}. The end of {log}:\n{processes.tail(log)}")
    shop: dict[str, str] = json.loads(loading.stdout)
    return shop


def _announce(site: Site, shop: dict[str, str]) -> None:
    lines = [f"Doorstep runs at      {site.url}/"]
    if shop:
        lines.append(f"  sign in with        {shop['login']}  {shop['password']}")
    if site.catcher:
        lines.append(f"  its mails arrive at {site.catcher}/")
    lines.append(f"  data and logs       {site.services.data}")
    _say("\n".join([*lines, f"Ready after {time.monotonic() - _begun:.1f} s. Ctrl-C stops it."]))


def _tend(site: Site) -> None:
    """Start again whatever has died. Raise Failed for a child that dies over and over."""
    engines = [server for server in (site.services.postgres, site.services.valkey) if server is not None]
    restart: list[tuple[Child, Callable[[], None]]] = [(server.child, server.start) for server in engines]
    restart += [(child, child.start) for child in site.children]
    for child, start in restart:
        code = child.returncode()
        if code is None:
            continue
        _say(f"{child.name} ended with status {code} and is started again. The end of {child.log}:\n{processes.tail(child.log)}")
        now = time.monotonic()
        recent = site.deaths[child.name] = [at for at in site.deaths.get(child.name, []) if at > now - 60] + [now]
        if len(recent) >= _DEATHS_PER_MINUTE:
            raise processes.Failed(f"{child.name} died {len(recent)} times within a minute; stopping.")
        start()


def _web(data: Path, port: int) -> Child:
    words = ["-m", "gunicorn", "lifecycle.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
    return _python("web", data, [*words, "--bind", f"127.0.0.1:{port}", "--graceful-timeout", "5"])


def _worker(name: str, data: Path, queue: str, size: int) -> Child:
    words = ["-m", "celery", "-A", "lifecycle", "worker", "-Q", queue, "-c", str(size), "-n", f"{name}@%h"]
    return _python(name, data, [*words, "--without-gossip", "--without-mingle", "-l", "INFO"])


def _beat(data: Path) -> Child:
    return _python("beat", data, ["-m", "celery", "-A", "lifecycle", "beat", "-s", str(data / "beat-schedule"), "--pidfile=", "-l", "INFO"])


def _python(name: str, data: Path, words: list[str]) -> Child:
    # C_FORCE_ROOT: a checkout under root's home is readable to root alone, and with JSON messages only, root adds no way in.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "C_FORCE_ROOT": "1"}
    return Child(name, [sys.executable, *words], data / "logs" / f"{name}.log", ROOT, environment)


def _open_port(wanted: int, purpose: str) -> int:
    """Return the first free port from the wanted one on, saying so when it is another."""
    for port in range(wanted, min(wanted + 100, 65536)):
        if not processes.is_taken(port):
            if port != wanted:
                _say(f"Port {wanted} is taken; the {purpose} uses {port}.")
            return port
    raise Refused(f"No free port for the {purpose} from {wanted} on.")


def _speaks(url: str) -> bool:
    """Say whether the web server gives an answer, whichever."""
    try:
        urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
