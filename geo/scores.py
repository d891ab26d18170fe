"""90 % intervals of score and rank, from `geo.score_draws`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray, IntArray
from geo.rules import Rules
from geo.score_draws import Source, draw_scores, rank_scores, redraw_scores
from geo.score_figures import Figures, alike, figures_of

Ends = tuple[FloatArray, FloatArray]
"""Lower and upper end of the interval of every row."""

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
    ranks = rank_scores(draw_scores(figures, rules, INTERVAL_SOURCES, apart=True))
    first, last = _widest(alike(figures), *_ends(ranks, rank, whole=True))
    return _as_table(figures.codes, _ends(scores, score), (first, last))


def _as_table(codes: Sequence[str], score: Ends, rank: Ends) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_code": list(codes),
            "gap_score_low": score[0],
            "gap_score_high": score[1],
            "rank_low": pd.Series(rank[0]).astype("Int64"),
            "rank_high": pd.Series(rank[1]).astype("Int64"),
        }
    )


@dataclass(frozen=True, eq=False)
class Standing:
    """How all units of a list stand in every draw of the build, so that some of them can be drawn again with other figures.

    `scores`: units × draws; `ordered`: the same, every draw's scores ascending (draws × units that have one); `ends`: 90 %
    interval of each unit's rank, before units with the same figures are given the same.
    """

    figures: Figures
    scores: FloatArray
    ordered: FloatArray
    ends: Ends


def draw_standing(goals: pd.DataFrame, judged: pd.DataFrame, rules: Rules) -> Standing:
    """The draws behind `score_intervals` of the same tables."""
    figures = figures_of(goals)
    rank = judged.set_index("unit_code").reindex(list(figures.codes))["rank"]
    scores = draw_scores(figures, rules, INTERVAL_SOURCES, apart=True)
    ends = _ends(rank_scores(scores), rank.to_numpy(dtype=float, na_value=np.nan), whole=True)
    return Standing(figures, scores, _ordered(scores), ends)


def intervals_after(
    standing: Standing, goals: pd.DataFrame, moved: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    """`score_intervals` of units whose figures a change moved, with the draws that the build gave them.

    `goals`: of the moved rows, each a `unit_code` of its own; `moved`: for each of these `unit_code`, the unit of the list
    that it is (`was`), its `change`, and `gap_score` as it comes out. In a change every other unit stays as it stood. The
    ends of the rank are those of the draws alone: the rank as it comes out depends on all units.
    """
    figures = figures_of(goals)
    rows = moved.set_index("unit_code").loc[list(figures.codes)]
    place = pd.Index(standing.figures.codes).get_indexer(pd.Index(rows["was"]))
    score = rows["gap_score"].to_numpy(dtype=float, na_value=np.nan)
    shared = draw_scores(figures, rules, INTERVAL_SOURCES, apart=False)
    drawn = redraw_scores(standing.figures, figures, place, rules, INTERVAL_SOURCES)
    above = _above(standing.ordered, drawn)
    group = alike(standing.figures, figures)
    stood, own = group[: len(standing.figures.codes)], group[len(standing.figures.codes) :]
    low, high = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for of in pd.Series(np.arange(len(rows))).groupby(rows["change"].to_numpy()).indices.values():
        before, after = _ordered(standing.scores[place[of]]), _ordered(drawn[of])
        ranks = 1 + above[of] - _above(before, drawn[of]) + _above(after, drawn[of])
        still = np.setdiff1d(np.arange(len(stood)), place[of])
        ends = _quantiles(ranks, whole=True)
        both = [np.concatenate([end, stay[still]]) for end, stay in zip(ends, standing.ends, strict=True)]
        first, last = _widest(np.concatenate([own[of], stood[still]]), both[0], both[1])
        low[of], high[of] = first[: len(of)], last[: len(of)]
    return _as_table(figures.codes, _ends(shared, score), (low, high))


def _ordered(scores: FloatArray) -> FloatArray:
    """Draws × units that have a score, ascending in every draw."""
    return np.sort(scores[~np.isnan(scores[:, 0])].T, axis=1)


def _above(ordered: FloatArray, scores: FloatArray) -> FloatArray:
    """How many of `ordered` (draws × units) are higher than each of `scores` (rows × draws), draw by draw; null kept null."""
    found = [
        ordered.shape[1] - np.searchsorted(ordered[draw], scores[:, draw], side="right")
        for draw in range(scores.shape[1])
    ]
    return np.where(np.isnan(scores), np.nan, np.array(found, dtype=float).reshape(scores.shape[::-1]).T)


def _ends(drawn: FloatArray, point: FloatArray, *, whole: bool = False) -> Ends:
    """5 % and 95 % points of every row, widened where the estimate lies outside; null where there is no estimate."""
    low, high = _quantiles(drawn, whole=whole)
    unknown = np.isnan(point)
    low[unknown], high[unknown] = np.nan, np.nan
    return np.fmin(low, point), np.fmax(high, point)


def _quantiles(drawn: FloatArray, *, whole: bool) -> Ends:
    """5 % and 95 % points of every row; null where it is."""
    known = ~np.isnan(drawn[:, 0])
    low, high = np.full(len(drawn), np.nan), np.full(len(drawn), np.nan)
    if known.any():
        kinds = ("lower", "higher") if whole else ("linear", "linear")
        low[known] = np.quantile(drawn[known], LOW, axis=1, method=kinds[0])  # type: ignore[call-overload]
        high[known] = np.quantile(drawn[known], HIGH, axis=1, method=kinds[1])  # type: ignore[call-overload]
    return low, high


def _widest(group: IntArray, low: FloatArray, high: FloatArray) -> Ends:
    """Units with the same figures get the same interval, the widest that any of them drew."""
    ends = pd.DataFrame({"low": low, "high": high}).groupby(group)
    return ends["low"].transform("min").to_numpy(), ends["high"].transform("max").to_numpy()
