"""What a customer spends on an order: the Gamma-Gamma model.

P. S. Fader, B. G. S. Hardie: The Gamma-Gamma Model of Monetary Value. Note 025, 2013 (after Fader, Hardie and Lee: RFM and CLV: Using
Iso-Value Curves for Customer Base Analysis, Journal of Marketing Research 42, 2005). Orders of one customer vary around a mean of their
own by a gamma distribution of shape p; the means vary between customers by parameters q and v (the note's gamma). Equation numbers are the
note's. How much somebody spends is taken to say nothing about how often.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

from predictions.bgnbd import Unfittable

Numbers = NDArray[np.float64]
_FURTHEST = 12.0  # of the parameters' logarithms


@dataclass(frozen=True)
class Parameters:
    p: float
    q: float
    v: float

    @property
    def mean(self) -> float:
        """Return what an order of anyone is expected to bring (5, without a history); q is above 1."""
        return self.p * self.v / (self.q - 1)


def log_likelihood(x: Numbers, mean: Numbers, parameters: Parameters) -> float:
    """Return the log-likelihood (1b) of repeat buyers with `x` ≥ 1 repeat orders of `mean` > 0 each."""
    p, q, v = parameters.p, parameters.q, parameters.v
    each = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(mean)
    return float(np.sum(each + p * x * np.log(x) - (p * x + q) * np.log(x * mean + v)))


def fit(x: Numbers, mean: Numbers) -> Parameters:
    """Return the parameters of the greatest likelihood; raise Unfittable where they run away or leave no finite mean (q ≤ 1).

    Amounts are scaled to about 1 first, so that the search starts near its end whatever the currency.
    """
    scale = float(np.median(mean))

    def cost(logs: Numbers) -> float:
        return -log_likelihood(x, mean / scale, Parameters(*np.exp(np.clip(logs, -_FURTHEST, _FURTHEST)))) / len(x)

    start = np.log([4.0, 3.0, 0.5])
    rough = minimize(cost, start, method="L-BFGS-B", bounds=[(-_FURTHEST, _FURTHEST)] * 3)
    found: Any = minimize(cost, rough.x, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000})
    p, q, v = (float(value) for value in np.exp(np.clip(found.x, -_FURTHEST, _FURTHEST)))
    if not np.isfinite(found.fun) or np.any(np.abs(found.x) > _FURTHEST - 0.5) or q <= 1:
        raise Unfittable
    return Parameters(p, q, v * scale)


def expected_value(parameters: Parameters, x: Numbers, mean: Numbers) -> Numbers:
    """Return what each customer's next order is expected to bring (5): their own mean, drawn to everybody's the less is known of them."""
    p, q, v = parameters.p, parameters.q, parameters.v
    return np.asarray(p * (v + x * mean) / (p * x + q - 1))
