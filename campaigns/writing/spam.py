"""What SpamAssassin says of a mail, where it is installed: its own rules alone (`-L`), which ask nobody on the network."""

import re
import shutil
import subprocess
from dataclasses import dataclass

_PROGRAM = "spamassassin"
_SECONDS = 30
_TOTAL = re.compile(r"^Content analysis details:\s*\((-?[\d.]+) points?, ([\d.]+) required\)", re.MULTILINE)
_RULE = re.compile(r"^\s*(-?\d+\.\d)\s+([A-Z0-9_]+)\s+(\S.*)$")
_MORE = re.compile(r"^\s{20,}(\S.*)$")


@dataclass(frozen=True)
class Rule:
    """A rule that the mail meets; more than 0 points speak against it."""

    name: str
    points: float
    says: str


@dataclass(frozen=True)
class Verdict:
    """The sum of all points, from which on it is called spam, and the rules that speak against the mail, the gravest first."""

    score: float
    limit: float
    rules: list[Rule]

    @property
    def is_spam(self) -> bool:
        return self.score >= self.limit


def is_there() -> bool:
    """Say whether this machine has it."""
    return shutil.which(_PROGRAM) is not None


def ask(mail: bytes) -> Verdict | None:
    """Return the verdict on a whole mail; None where none came in time. It takes about a second."""
    try:
        done = subprocess.run([_PROGRAM, "-L", "-t"], input=mail, capture_output=True, check=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return None
    return read(done.stdout.decode(errors="replace"))


def read(report: str) -> Verdict | None:
    """Return the verdict that stands at the end of a report."""
    total = _TOTAL.search(report)
    if total is None:
        return None
    rules: list[Rule] = []
    for line in report[total.end() :].splitlines():
        if rule := _RULE.match(line):
            rules.append(Rule(rule[2], float(rule[1]), rule[3]))
        elif rules and (more := _MORE.match(line)):
            rules[-1] = Rule(rules[-1].name, rules[-1].points, f"{rules[-1].says} {more[1]}")
    against = sorted((rule for rule in rules if rule.points > 0), key=lambda rule: -rule.points)
    return Verdict(float(total[1]), float(total[2]), against)
