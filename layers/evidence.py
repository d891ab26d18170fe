"""How sure a coloured figure is: its interval in words, and which units rest on thin evidence."""

from typing import Final

import pandas as pd

from geo.schema import Network, Outcome
from layers.palette import Indicator
from layers.strings import Language, figure, signed, text

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
    """The 90 % interval of every row in words, empty where there is none or both ends are one.

    Of a direction it is the slope and its interval.
    """
    for network in Network:
        if indicator.column == f"{network}_direction":
            return _slopes(result, f"{network}_trend_mbps_per_year", language)
    ends = _ENDS.get(indicator.column)
    if ends is None or not {*ends} <= {*result.columns}:
        return [""] * len(result)
    pairs = zip(*(pd.to_numeric(result[end]).astype(float).tolist() for end in ends), strict=True)
    return [_interval(low, high, indicator.unit, language) for low, high in pairs]


def _slopes(result: pd.DataFrame, slope: str, language: Language) -> list[str]:
    names = (slope, f"{slope}_low", f"{slope}_high")
    if not {*names} <= {*result.columns}:
        return [""] * len(result)
    figures = zip(*(result[name].astype(float).tolist() for name in names), strict=True)
    return [_slope(at, low, high, language) for at, low, high in figures]


def _slope(slope: float, low: float, high: float, language: Language) -> str:
    if pd.isna(slope):
        return ""
    said = text("trend_note", language, trend=signed(slope, language))
    ends = text("interval", language, low=signed(low, language), high=signed(high, language))
    return said if pd.isna(low) or pd.isna(high) else f"{said} ({ends})"


def _interval(low: float, high: float, unit: str, language: Language) -> str:
    if pd.isna(low) or pd.isna(high):
        return ""
    first, last = figure(low, unit, language), figure(high, unit, language)
    return "" if first == last else text("interval", language, low=first, high=last)
