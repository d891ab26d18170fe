"""Own indicators against the gap: rank correlation with its interval, and classes of both together."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo.precision import Z90

THIRDS: Final = 3
_MIN_UNITS: Final = 5


@dataclass(frozen=True)
class Relation:
    """Spearman's ρ of an indicator's shortfall with the gap score over `units` units, and its 90 % interval.

    Positive: where the gap is wide, the indicator is poor too. Null under 5 units or where either does not vary.
    """

    units: int
    rho: float | None
    low: float | None
    high: float | None


def shortfall(own: pd.DataFrame) -> pd.Series:
    """The figures turned so that more is worse."""
    return own["value"].where(own["better"] == "lower", -own["value"])


def relate(shortfalls: pd.Series, scores: pd.Series) -> Relation:
    """Spearman's ρ with ties, its interval by Fisher's z with the standard error of Bonett and Wright (2000):

    √((1 + ρ²/2) / (n − 3)).
    """
    known = (shortfalls.notna() & scores.notna()).to_numpy()
    first, second = (part.to_numpy(dtype=float)[known] for part in (shortfalls, scores))
    n = len(first)
    if n < _MIN_UNITS or np.ptp(first) == 0 or np.ptp(second) == 0:
        return Relation(n, None, None, None)
    ranks = (pd.Series(part).rank() for part in (first, second))
    rho = float(np.clip(next(ranks).corr(next(ranks)), -1.0, 1.0))
    if abs(rho) > 1 - 1e-12:
        return Relation(n, rho, rho, rho)
    reach = Z90 * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return Relation(n, rho, float(np.tanh(np.arctanh(rho) - reach)), float(np.tanh(np.arctanh(rho) + reach)))


def thirds(values: pd.Series) -> pd.Series:
    """1 for the third with the lowest values, 3 for the highest, equal values together; null kept null."""
    ranks = values.rank(method="average")
    count = int(values.notna().sum())
    third = (THIRDS * (ranks - 0.5) / max(count, 1)) // 1 + 1
    return third.clip(1, THIRDS).astype("Int64")


def bivariate(shortfalls: pd.Series, scores: pd.Series) -> pd.DataFrame:
    """`gap_third`, `own_third` (3 is worst) and `class` as `3-1` over the units that have both; null elsewhere."""
    known = shortfalls.notna() & scores.notna()
    gap, own = thirds(scores.where(known)), thirds(shortfalls.where(known))
    joined = gap.astype("string") + "-" + own.astype("string")
    return pd.DataFrame(
        {"gap_third": gap, "own_third": own, "class": joined.astype(object).where(known, None)}
    )
