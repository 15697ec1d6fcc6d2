"""Which of two versions of a mail more people clicked, or that nobody can say. Pure."""

from dataclasses import dataclass
from math import sqrt

#: Both groups must have got so many mails before their clicks are compared at all.
LEAST = 50
#: The two-sided 90 % point of the normal distribution: a difference that large is chance in one comparison of ten.
_SURE = 1.645


@dataclass(frozen=True)
class Tried:
    """One version: to how many it was sent, and how many of these people clicked."""

    sent: int
    clicked: int

    @property
    def share(self) -> float:
        return self.clicked / self.sent if self.sent else 0.0


@dataclass(frozen=True)
class Verdict:
    """The better version, "a" or "b". Unless `is_sure` it is too few to tell, and A stands in."""

    winner: str
    is_sure: bool


def judge(a: Tried, b: Tried) -> Verdict:
    """Compare two shares of clicks by the pooled z-test of two proportions."""
    if min(a.sent, b.sent) < LEAST:
        return Verdict("a", is_sure=False)
    pooled = (a.clicked + b.clicked) / (a.sent + b.sent)
    spread = sqrt(pooled * (1 - pooled) * (1 / a.sent + 1 / b.sent))
    if spread == 0 or abs(b.share - a.share) / spread < _SURE:
        return Verdict("a", is_sure=False)
    return Verdict("b" if b.share > a.share else "a", is_sure=True)
