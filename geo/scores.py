"""90 % intervals of score and rank, from `geo.score_draws`."""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray, IntArray
from geo.rules import Rules
from geo.score_draws import Source, alike, draw_scores, figures_of, rank_scores

LOW: Final = 0.05
HIGH: Final = 0.95
"""Quantiles at the ends of a 90 % interval."""
INTERVAL_SOURCES: Final = frozenset({Source.MEASUREMENT, Source.WEIGHTS, Source.AGGREGATION})
"""What the intervals of the result table stand for (DESIGN §5)."""


def score_intervals(goals: pd.DataFrame, judged: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """`unit_code`, `gap_score_low`, `gap_score_high`, `rank_low`, `rank_high`: 90 % intervals that hold the estimates.

    `judged`: `unit_code`, `gap_score`, `rank` of the same units. Null where there is no score.
    """
    figures = figures_of(goals)
    point = judged.set_index("unit_code").reindex(list(figures.codes))
    score, rank = (point[name].to_numpy(dtype=float, na_value=np.nan) for name in ("gap_score", "rank"))
    scores = draw_scores(figures, rules, INTERVAL_SOURCES, apart=False)
    low, high = _ends(scores, score)
    ranks = rank_scores(draw_scores(figures, rules, INTERVAL_SOURCES, apart=True))
    first, last = _widest(alike(figures), *_ends(ranks, rank, whole=True))
    return pd.DataFrame(
        {
            "unit_code": list(figures.codes),
            "gap_score_low": low,
            "gap_score_high": high,
            "rank_low": pd.Series(first).astype("Int64"),
            "rank_high": pd.Series(last).astype("Int64"),
        }
    )


def _ends(drawn: FloatArray, point: FloatArray, *, whole: bool = False) -> tuple[FloatArray, FloatArray]:
    """5 % and 95 % points of every row, widened where the estimate lies outside; null where there is no estimate."""
    known = ~np.isnan(point)
    low, high = np.full(len(point), np.nan), np.full(len(point), np.nan)
    if known.any():
        kinds = ("lower", "higher") if whole else ("linear", "linear")
        low[known] = np.quantile(drawn[known], LOW, axis=1, method=kinds[0])  # type: ignore[call-overload]
        high[known] = np.quantile(drawn[known], HIGH, axis=1, method=kinds[1])  # type: ignore[call-overload]
    return np.fmin(low, point), np.fmax(high, point)


def _widest(group: IntArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Units with the same figures get the same interval, the widest that any of them drew."""
    ends = pd.DataFrame({"low": low, "high": high}).groupby(group)
    return ends["low"].transform("min").to_numpy(), ends["high"].transform("max").to_numpy()
