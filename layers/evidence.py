"""How sure a coloured figure is: its interval in words, and which units rest on thin evidence."""

from typing import Final

import pandas as pd

from geo.schema import Network, Outcome
from layers.palette import Indicator
from layers.strings import Language, figure, text

THIN_CONFIDENCE: Final = 0.75
"""A verdict or score of which less of the weight is decided than this rests on thin evidence: an essential goal is open."""
_WHOLE: Final = ("verdict", "gap_score")
_ENDS: Final = {
    "gap_score": ("gap_score_low", "gap_score_high"),
    **{f"{n}_download_mbps": (f"{n}_download_low", f"{n}_download_high") for n in Network},
}


def thin_units(result: pd.DataFrame, goals: pd.DataFrame, indicator: Indicator) -> frozenset[str]:
    """Codes of units with a figure of this indicator that the evidence does not bear out; those without are not among them."""
    if indicator.column in _WHOLE:
        known = result["gap_score"].notna() & (result["confidence"] < THIN_CONFIDENCE)
        return frozenset(result.loc[known, "unit_code"].astype(str))
    rows = goals[(goals["column"] == indicator.column) & (goals["outcome"] == Outcome.UNDECIDED)]
    return frozenset(rows.loc[rows["value"].notna(), "unit_code"].astype(str))


def interval_texts(result: pd.DataFrame, indicator: Indicator, language: Language) -> list[str]:
    """The 90 % interval of every row in words, empty where there is none or both ends are one."""
    ends = _ENDS.get(indicator.column)
    if ends is None or not {*ends} <= {*result.columns}:
        return [""] * len(result)
    pairs = zip(*(pd.to_numeric(result[end]).astype(float).tolist() for end in ends), strict=True)
    return [_interval(low, high, indicator.unit, language) for low, high in pairs]


def _interval(low: float, high: float, unit: str, language: Language) -> str:
    if pd.isna(low) or pd.isna(high):
        return ""
    first, last = figure(low, unit, language), figure(high, unit, language)
    return "" if first == last else text("interval", language, low=first, high=last)
