"""Who still buys, and how often: the BG/NBD model.

P. S. Fader, B. G. S. Hardie, K. L. Lee: "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model. Marketing Science
24(2), 2005, 275-284. Equation numbers are the paper's. A customer buys at random at a rate of their own, drawn from a gamma distribution
(r, alpha), and after each repeat purchase leaves for good with a chance of their own, drawn from a beta distribution (a, b). A customer is
described by x repeat purchases, the last of them `t_x` after the first purchase, seen for `T` since it, in any unit of time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, gammaln, hyp2f1

Numbers = NDArray[np.float64]
#: Nearer to 1 than this, `a` is taken as this far off: the expectations have a gap there that their limit fills.
_GAP = 1e-5
_BOUNDS = (-12.0, 12.0)  # of the parameters' logarithms


class Unfittable(Exception):
    """No parameters explain what is there, such as when hardly anybody ever came back."""


@dataclass(frozen=True)
class Parameters:
    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class Histories:
    """Customers as three columns of one length, of floats; `weight` says how many customers a row stands for."""

    x: Numbers
    t_x: Numbers
    T: Numbers
    weight: Numbers

    @classmethod
    def collapsed(cls, x: Numbers, t_x: Numbers, T: Numbers) -> "Histories":
        """Return customers with equal rows put together: a large store has few different ones, when times are whole days."""
        rows, counts = np.unique(np.column_stack([x, t_x, T]), axis=0, return_counts=True)
        return cls(rows[:, 0], rows[:, 1], rows[:, 2], counts.astype(float))


def log_likelihood(histories: Histories, parameters: Parameters) -> float:
    """Return the sample's log-likelihood (6), summed in logarithms so that no history is too long for it."""
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    x, t_x, T = histories.x, histories.t_x, histories.T
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    stayed = -(r + x) * np.log(alpha + T)
    left = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x), -np.inf)
    return float(np.sum(histories.weight * (common + np.logaddexp(stayed, left))))


def fit(histories: Histories) -> Parameters:
    """Return the parameters of the greatest likelihood, within wide bounds: where nobody leaves, `a` is next to nothing.

    Times are scaled to about 1 first, so that the search starts near its end whatever their unit. Raises Unfittable.
    """
    scale = float(np.max(histories.T)) or 1.0
    scaled = Histories(histories.x, histories.t_x / scale, histories.T / scale, histories.weight)
    total = float(np.sum(histories.weight))

    def cost(logs: Numbers) -> float:
        return -log_likelihood(scaled, Parameters(*np.exp(np.clip(logs, *_BOUNDS)))) / total

    start = np.log([0.5, 0.2, 1.0, 2.5])
    rough = minimize(cost, start, method="L-BFGS-B", bounds=[_BOUNDS] * 4)
    found: Any = minimize(cost, rough.x, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000})
    logs = np.clip(found.x, *_BOUNDS)
    if not np.isfinite(found.fun) or logs[0] < _BOUNDS[0] + 0.5:
        raise Unfittable
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    return Parameters(r, alpha * scale, a, b)


def p_alive(parameters: Parameters, x: Numbers, t_x: Numbers, T: Numbers) -> Numbers:
    """Return how likely each customer still buys. The model lets nobody leave before their first repeat purchase: 1 for x = 0.

    (The authors' note "Computing P(alive) Using the BG/NBD Model", 2008.)
    """
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    log_odds = np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * (np.log(alpha + T) - np.log(alpha + t_x))
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(log_odds, 700))), 1.0)


def expected_purchases(parameters: Parameters, t: float, x: Numbers, t_x: Numbers, T: Numbers) -> Numbers:
    """Return how many purchases each customer is expected to make within `t` from now (10).

    Euler's transformation of the hypergeometric function takes the powers of x out of it (the paper's form overflows from about x = 300).
    Where even that overflows, because nearly all leave with the same chance, the mean over those chances is taken by quadrature.
    """
    r, alpha, b = parameters.r, parameters.alpha, parameters.b
    a = parameters.a if abs(parameters.a - 1) > _GAP else 1 + _GAP
    z = t / (alpha + T + t)
    with np.errstate(invalid="ignore", over="ignore"):
        series = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
        many = np.asarray((a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (a - 1) * series))
    lost = ~np.isfinite(many)
    many[lost] = _mean_over_chances(parameters, t, x[lost], T[lost])
    return np.asarray(np.maximum(many, 0) * p_alive(parameters, x, t_x, T))


def _mean_over_chances(parameters: Parameters, t: float, x: Numbers, T: Numbers) -> Numbers:
    """Return the expected purchases of customers who are still there as the mean over their chance of leaving, beta (a, b + x)."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    different, place = np.unique(x, return_inverse=True)
    chances = np.maximum(betaincinv(parameters.a, parameters.b + different[:, None], (nodes[None, :] + 1) / 2), 1e-15)[place]
    growth = np.log1p(chances * (t / (parameters.alpha + T))[:, None])
    return np.asarray((-np.expm1(-(parameters.r + x)[:, None] * growth) / chances) @ (weights / 2))


def expected_purchases_of_anyone(parameters: Parameters, t: Numbers) -> Numbers:
    """Return how many repeat purchases a customer of whom nothing is known makes within `t` of their first (9)."""
    none = np.zeros_like(t)
    return np.concatenate([expected_purchases(parameters, float(each), none[:1], none[:1], none[:1]) for each in t]) if len(t) else none


def days_until_likely(parameters: Parameters, x: Numbers, t_x: Numbers, T: Numbers) -> Numbers:
    """Return after how long from now a purchase is as likely as not; infinite where it never is, because they have probably left.

    Whoever is still there buys at a rate drawn from a gamma distribution (r + x, alpha + T), and leaves only after buying: the chance of a
    purchase within t is P(alive) · (1 − ((alpha + T) / (alpha + T + t))^(r + x)).
    """
    alive = p_alive(parameters, x, t_x, T)
    left = np.maximum(1 - 0.5 / np.maximum(alive, 1e-12), 0)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.where(left > 0, (parameters.alpha + T) * (left ** (-1 / (parameters.r + x)) - 1), np.inf))


def chance_of(parameters: Parameters, x: int, t: float) -> float:
    """Return how likely a customer makes just `x` repeat purchases within `t` of their first (8)."""
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    share = t / (alpha + t)
    counts = np.arange(x + 1)
    poisson = np.exp(gammaln(r + counts) - gammaln(r) - gammaln(counts + 1) + r * np.log1p(-share) + counts * np.log(share))
    stayed = np.exp(betaln(a, b + x) - betaln(a, b)) * poisson[x]
    left = np.exp(betaln(a + 1, b + x - 1) - betaln(a, b)) * (1 - poisson[:x].sum()) if x else 0.0
    return float(stayed + left)
