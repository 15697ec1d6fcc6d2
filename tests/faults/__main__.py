"""The long run: a hundred thousand due mails, two workers, two beats, and everything dying all the time. `make faults`.

It prints what was accounted for, doubled and unknown, and how long the rest took once the faults stopped; it fails if a promise was broken.
FAULTS_STEPS and FAULTS_SEED change its size and its luck.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench import scratch
from tests.faults import processes
from tests.faults.processes import MailServer

STEPS = int(os.environ.get("FAULTS_STEPS", "100000"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
LONGEST = 3600
#: Of a hundred mails: what a tired mail server does to them.
MODES = {"fine": 97.5, "defer_rcpt": 1, "drop_at_data": 0.3, "drop_mid_body": 0.3, "defer_after_dot": 0.5, "drop_after_dot": 0.2,
         "drop_after_250": 0.2}  # fmt: skip
_CELERY = [sys.executable, "-m", "celery", "-A", "lifecycle"]
ROOT = Path(__file__).resolve().parents[2]


class Crowd:
    """The processes under attack, by name; a dead one is started again."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        worker = [*_CELERY, "worker", "-Q", "pulse", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"]
        self.words = {
            **{f"worker{n}": [*worker, "-n", f"w{n}@here"] for n in (1, 2)},
            **{f"beat{n}": [*_CELERY, "beat", "-s", str(folder / f"beat{n}"), "--pidfile=", "-l", "WARNING"] for n in (1, 2)},
        }
        self.children = {name: self._start(name) for name in self.words}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                self.words[name], cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )  # fmt: skip

    def strike(self, name: str, sign: signal.Signals) -> None:
        """Send a signal to a whole process group, and start what died of it again."""
        child = self.children[name]
        os.killpg(child.pid, sign)
        if sign in (signal.SIGKILL, signal.SIGTERM):
            try:
                child.wait(timeout=40)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            self.children[name] = self._start(name)

    def close(self) -> None:
        for child in self.children.values():
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def main() -> int:
    with scratch.database() as url, tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = url
        os.environ["DJANGO_SETTINGS_MODULE"] = "lifecycle.settings"
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--no-input", "--skip-checks"], cwd=ROOT, check=True)
        import django

        django.setup()
        return _run(Path(folder))


def _run(folder: Path) -> int:
    from bench import mails, shop
    from stores import clock
    from tests.faults import invariants

    now = clock.read()
    mails.enroll(shop.open_shop("faults", now=now), STEPS, now=now)
    mails.make_due(now=clock.read())
    fate = random.Random(SEED)
    with processes.mail_server(folder, seed=SEED, modes=MODES) as server:
        environment = {**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "LOG_LEVEL": "ERROR", "C_FORCE_ROOT": "1"}
        crowd = Crowd(folder, environment)
        try:
            began = time.monotonic()
            struck = _attack(crowd, fate)
            calm = time.monotonic()
            _wait_until_quiet()
            settled = time.monotonic()
        finally:
            crowd.close()
        _end_leases(server.port)
        deaths = sum(number for kind, number in struck.items() if kind.startswith(("kill", "stop", "term")))
        complaints = invariants.broken(server.taken(), most_unknown=server.unanswered() + deaths * 2 * 10)
        _report(server, struck, attack=calm - began, recovery=settled - calm)
    for complaint in complaints:
        print(f"BROKEN  {complaint}")
    return 1 if complaints else 0


def _attack(crowd: Crowd, fate: random.Random) -> Counter[str]:
    """Strike at random until four fifths are done."""
    struck: Counter[str] = Counter()
    end = time.monotonic() + LONGEST
    while _left() > STEPS / 5 and time.monotonic() < end:
        time.sleep(fate.uniform(0.2, 4))
        victim = fate.choice([*crowd.words])
        match fate.choices(["kill", "stop", "term", "flush", "hang", "backend"], [4, 2, 1, 1, 1, 2])[0]:
            case "stop":
                crowd.strike(victim, signal.SIGSTOP)
                time.sleep(fate.uniform(1, 8))
                crowd.strike(victim, signal.SIGCONT)
                struck["stop " + victim[:-1]] += 1
            case "flush":
                _broker("FLUSHALL")
                struck["broker flushed"] += 1
            case "hang":
                _broker("CLIENT PAUSE 3000 ALL")
                struck["broker hung"] += 1
            case "backend":
                struck["connections cut"] += _cut_a_connection()
            case kind:
                crowd.strike(victim, signal.SIGKILL if kind == "kill" else signal.SIGTERM)
                struck[f"{kind} {victim[:-1]}"] += 1
    return struck


def _left() -> int:
    """Return how many steps have no mail that is over."""
    from campaigns.models import StepRun
    from messaging.models import Message
    from tests.faults.invariants import OVER

    waiting = StepRun.objects.filter(state__in=[StepRun.State.PLANNED, StepRun.State.HELD]).count()
    return waiting + Message.objects.exclude(state__in=OVER).count()


def _wait_until_quiet() -> None:
    """Wait until nothing is left but what a dead process was sending."""
    from messaging.models import Message

    end = time.monotonic() + LONGEST
    while _left() > Message.objects.filter(state=Message.State.SENDING).count() and time.monotonic() < end:
        time.sleep(0.5)


def _end_leases(port: int) -> None:
    """Let the leases of the dead run out, and settle what they leave."""
    from datetime import timedelta

    from django.conf import settings

    from campaigns.tasks import sweep_until_quiet
    from lifecycle import mail
    from stores import clock

    for name, value in mail.settings_from(f"smtp://127.0.0.1:{port}").items():
        setattr(settings, name, value)
    for _ in range(3):
        clock.set_to(clock.read() + timedelta(minutes=30))
        sweep_until_quiet()


def _broker(command: str) -> None:
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.execute_command(*command.split())


def _cut_a_connection() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " ORDER BY random() LIMIT 1"
        )
        return int(cursor.rowcount)


def _report(server: MailServer, struck: Counter[str], *, attack: float, recovery: float) -> None:
    from messaging.models import Message

    states = Counter(Message.objects.values_list("state", flat=True))
    taken = server.taken()
    print(f"{STEPS:,} steps were due; {sum(states.values()):,} are accounted for: {dict(states.most_common())}")
    print(f"taken by the mail server: {len(taken):,}; more than once: {sum(times > 1 for times in taken.values())}")
    print(f"unknown: {states['unknown']}, of which the server never answered {server.unanswered()}")
    print(f"faults in {attack:.0f} s: {dict(struck.most_common())}")
    print(f"from the last fault until all the rest was settled: {recovery:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
