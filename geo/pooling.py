"""Empirical Bayes for many small groups: a normal model of two levels, fitted without ever finding no spread at all.

values_i ~ N(theta_i, variances_i) with known variances, theta_i ~ N(mean of its group, tau2). tau2 is the maximum of
tau2 · REML likelihood, "adjustment for density maximization" (Morris & Tang 2011, Statistical Science 26:271-287).
Plain REML is 0 in a tenth to a half of small samples, and then claims that all units are alike for certain.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import optimize, special, stats

from geo.arrays import FloatArray, IntArray, sums

CONFIDENCE: Final = 0.90
"""Of every interval of speeds and trends."""
LEAST_SPARE: Final = 3
"""Fewer values than this beyond the number of group means say nothing of the spread between units."""
LEAST_RESIDUALS: Final = 10
"""With fewer degrees of freedom left over, nothing can be said of chance: a variance from them is not worth an interval."""
LIMIT: Final = 1.5
"""Standard errors of its own by which an estimate may move from a unit's own value. A unit far below all others is then not
averaged away by a mean it has nothing to do with: "limited translation" (Efron & Morris 1972, J. Am. Stat. Assoc. 67:130-139)."""
LEAST_VARIANCE: Final = 1e-12
"""Variances below this are rounding; a weight of 1/0 would be infinite."""


@dataclass(frozen=True)
class Prior:
    """What is known of a unit before it is measured: `mean` and its variance per group, spread `tau2` between units."""

    mean: FloatArray
    mean_variance: FloatArray
    tau2: float
    freedom: float


def fit_prior(
    values: FloatArray, variances: FloatArray, groups: IntArray, *, adjusted: bool = True
) -> Prior | None:
    """Prior of values (n,) with sampling variances (n,) in groups numbered from 0 without a gap; None when n is too small.

    Not `adjusted`: plain REML, for comparison with other programs. `freedom`: n − groups − 1, for Student's t, as for a
    prediction interval in meta-analysis (Higgins, Thompson & Spiegelhalter 2009, J. R. Stat. Soc. A 172:137-159).
    """
    count = int(groups.max(initial=-1)) + 1
    if count == 0 or len(values) - count < LEAST_SPARE:
        return None
    floor = np.maximum(variances, LEAST_VARIANCE)
    scale = float(np.median(floor) + np.var(values))

    def badness(log_tau2: float) -> float:
        tau2 = float(np.exp(log_tau2))
        mean, mean_variance = _group_means(values, floor + tau2, groups, count)
        misfit = ((values - mean[groups]) ** 2 / (floor + tau2)).sum()
        total = np.log(floor + tau2).sum() - np.log(mean_variance).sum() + misfit
        return float(total / 2 - (log_tau2 if adjusted else 0.0))

    bounds = (np.log(scale) - 18.0, np.log(scale) + 6.0)
    found = optimize.minimize_scalar(badness, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    tau2 = float(np.exp(found.x))
    mean, mean_variance = _group_means(values, floor + tau2, groups, count)
    return Prior(mean, mean_variance, tau2, float(len(values) - count - 1))


def _group_means(
    values: FloatArray, spread: FloatArray, groups: IntArray, count: int
) -> tuple[FloatArray, FloatArray]:
    weight = sums(groups, 1 / spread, count)
    return sums(groups, values / spread, count) / weight, 1 / weight


def shrink(
    values: FloatArray, variances: FloatArray, prior: Prior, groups: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Estimates between each value and its group's mean, and their variances; B = tau2 / (tau2 + variance).

    An estimate is B · value + (1 − B) · mean, but at most `LIMIT` standard errors from the value. Its variance is B ·
    variance, and (1 − B)² of the mean's own: it never grows when a unit's sampling variance falls.
    """
    weight = own_weight(variances, prior)
    limit = LIMIT * np.sqrt(variances)
    move = np.clip((1 - weight) * (prior.mean[groups] - values), -limit, limit)
    return values + move, weight * variances + (1 - weight) ** 2 * prior.mean_variance[groups]


def own_weight(variances: FloatArray, prior: Prior) -> FloatArray:
    """B, the weight of a unit's own value in its estimate: 1 without sampling error, towards 0 with much of it."""
    return np.asarray(prior.tau2 / (prior.tau2 + variances), dtype=float)


def log_of_mean(relative_variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far the log of a mean is too low on average, and its variance, from the mean's variance over its square.

    Exact for gamma-distributed means of shape k = 1 / relative variance: ln k − ψ(k) and ψ'(k) (Abramowitz & Stegun 1964,
    6.3 and 6.4); towards half the relative variance, and the whole of it, as that grows small. Null stays null.
    """
    shape = 1 / np.maximum(relative_variance, LEAST_VARIANCE)
    low = np.log(shape) - special.digamma(shape)
    return np.asarray(low, dtype=float), np.asarray(special.polygamma(1, shape), dtype=float)


def half_widths(variances: FloatArray, freedom: float) -> FloatArray:
    """Half the width of the two-sided interval at `CONFIDENCE`, Student's t with `freedom` degrees."""
    return np.asarray(stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * np.sqrt(variances), dtype=float)


def excess_variance(
    squares: FloatArray, variances: FloatArray, freedom: float, *, upper: float = 10.0
) -> float:
    """The variance e ≥ 0 at which Σ squares / (variances + e) = freedom (Paule & Mandel 1982); 0 where none is needed.

    `squares`: squared residuals of variance about `variances` + e, which together have `freedom` degrees.
    """

    def surplus(excess: float) -> float:
        return float((squares / np.maximum(variances + excess, LEAST_VARIANCE)).sum() - freedom)

    if freedom < 1 or surplus(0.0) <= 0:
        return 0.0
    return upper if surplus(upper) >= 0 else float(optimize.brentq(surplus, 0.0, upper, xtol=1e-12))
