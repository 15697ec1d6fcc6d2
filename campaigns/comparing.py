"""How sure a difference between two groups is that a lot has parted. Pure.

Shares by Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10), which holds for small groups and rare answers.
Means by Welch's interval, (m1 - m2) ± 1.96 √(s1²/n1 + s2²/n2) (Biometrika 34, 1947), which lets the groups spread differently; money is
skewed, so below FEWEST people or FEWEST_BUYERS buyers in either group nothing is said.
"""

from dataclasses import dataclass
from math import sqrt

#: In each group; below it, it is too early to tell.
FEWEST, FEWEST_BUYERS = 100, 20
_Z = 1.959964  # 95 per cent


@dataclass(frozen=True)
class Difference:
    """The first group's figure less the second's, and the bounds between which it lies with 95 per cent."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Say whether it is not likely to be chance."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Group:
    """One side: how many people, how many of them did it, and the mean and variance of what each spent, in minor units."""

    people: int
    did: int
    mean: float = 0.0
    variance: float = 0.0

    @property
    def share(self) -> float:
        return self.did / self.people if self.people else 0.0


def of_shares(one: Group, two: Group) -> Difference | None:
    """Return the difference of the shares of those who did it; None where there are too few to tell."""
    return newcombe(one, two) if min(one.people, two.people) >= FEWEST else None


def newcombe(one: Group, two: Group) -> Difference:
    """Return the difference of two shares with Newcombe's interval."""
    (low1, high1), (low2, high2) = wilson(one), wilson(two)
    value = one.share - two.share
    down = sqrt((one.share - low1) ** 2 + (high2 - two.share) ** 2)
    up = sqrt((high1 - one.share) ** 2 + (two.share - low2) ** 2)
    return Difference(value, value - down, value + up)


def of_means(one: Group, two: Group) -> Difference | None:
    """Return the difference of what each spent on average; None where there are too few to tell."""
    if min(one.people, two.people) < FEWEST or min(one.did, two.did) < FEWEST_BUYERS:
        return None
    value = one.mean - two.mean
    reach = _Z * sqrt(one.variance / one.people + two.variance / two.people)
    return Difference(value, value - reach, value + reach)


def wilson(group: Group) -> tuple[float, float]:
    """Return Wilson's score interval of a group's share (Journal of the American Statistical Association 22, 1927)."""
    n, share = group.people, group.share
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return middle - reach, middle + reach
