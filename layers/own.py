"""Own indicators on the map and in the panel: their columns, their classes, and what is said of them."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.indicator_stats import bivariate, relate, shortfall
from geo.intervals import BORDER, OWN_PREFIX, YES_OR_NO
from geo.own_parts import whole_of
from geo.sort_names import sort_key
from layers.palette import COUNTS, WORST_FIRST, Indicator
from layers.strings import Language, figure, number, text

BIVARIATE_PREFIX: Final = "bivariate:"
CLASSES: Final = ("1-1", "1-2", "1-3", "2-1", "2-2", "2-3", "3-1", "3-2", "3-3")
BIVARIATE_COLOURS: Final = (
    "#fbf3e2", "#a6c3cf", "#3e80ae", "#f2b37a", "#a09070", "#3c5e5e", "#c9540f", "#85440e", "#322c0c",
)  # fmt: skip
"""Warmer with the gap, bluer with the indicator's shortfall, dark where both are bad: two ramps multiplied."""
_PERCENT_BREAKS: Final = (20.0, 40.0, 60.0, 80.0)
_YES_NO_COLOURS: Final = (COUNTS[3], COUNTS[0])
"""Neither is further behind, so neither is warm."""


def with_own(result: gpd.GeoDataFrame, own: pd.DataFrame) -> gpd.GeoDataFrame:
    """The result table with two columns per own indicator: its figures, and the classes of it and the gap together.

    One that is yes or no has one column, of these words: it has no thirds.
    """
    added: dict[str, Any] = {}
    for name, rows in _by_id(own):
        placed = rows.set_index("unit_code").reindex(result["unit_code"])
        placed.index = result.index
        if is_yes_or_no(rows):
            added[f"{OWN_PREFIX}{name}"] = placed["value"].map({1.0: "yes", 0.0: "no"})
            continue
        added[f"{OWN_PREFIX}{name}"] = placed["value"]
        added[f"{BIVARIATE_PREFIX}{name}"] = bivariate(shortfall(placed), result["gap_score"])["class"]
    return result.assign(**added) if added else result


def own_indicators(own: pd.DataFrame) -> tuple[Indicator, ...]:
    """What the list of indicators offers beside the project's own: each own one, and each with the gap unless it is yes or no."""
    found: list[Indicator] = []
    for name, rows in _by_id(own):
        if not rows["value"].notna().any():
            continue
        first = rows.iloc[0]
        if is_yes_or_no(rows):
            found.append(
                Indicator(f"{OWN_PREFIX}{name}", YES_OR_NO, (), _YES_NO_COLOURS, label=str(first["label"]),
                          categories=("yes", "no"), words="yes_no")
            )  # fmt: skip
            continue
        label, is_higher = str(first["label"]), first["better"] == "higher"
        colours = WORST_FIRST if is_higher else tuple(reversed(WORST_FIRST))
        breaks = _breaks(rows, first)
        column = f"{OWN_PREFIX}{name}"
        found.append(Indicator(column, str(first["unit"]), breaks, colours[: len(breaks) + 1], label=label))
        both = f"{BIVARIATE_PREFIX}{name}"
        found.append(Indicator(both, colours=BIVARIATE_COLOURS, label=label, categories=CLASSES))
    return tuple(found)


def _breaks(rows: pd.DataFrame, first: pd.Series) -> tuple[float, ...]:
    """Borders of five classes: even steps from worst to goal, of 20 for a percentage, else fifths of the figures there are."""
    if pd.notna(first["goal"]):
        return tuple(sorted(float(edge) for edge in np.linspace(first["worst"], first["goal"], 4)))
    if first["unit"] == "%":
        return _PERCENT_BREAKS
    edges = np.unique(np.quantile(rows["value"].dropna(), [0.2, 0.4, 0.6, 0.8]).round(6))
    return tuple(float(edge) for edge in edges)


def relation_lines(own: pd.DataFrame, result: pd.DataFrame, language: Language) -> tuple[str, ...]:
    """One sentence per own indicator: how it goes with the gap."""
    return tuple(_relation_line(rows, result, language) for _, rows in _by_id(own))


def _relation_line(rows: pd.DataFrame, result: pd.DataFrame, language: Language) -> str:
    joined = rows.merge(result[["unit_code", "gap_score"]], on="unit_code", how="inner")
    name = str(rows.iloc[0]["label"])
    if is_yes_or_no(rows):
        return _sides_line(name, joined, language)
    found = relate(shortfall(joined), joined["gap_score"])
    count = number(found.units, language)
    if found.rho is None:
        return text("own_no_relation", language, name=name, count=count)
    rho, low, high = (number(part, language, decimals=2) for part in (found.rho, found.low, found.high))
    return text("own_relation", language, name=name, rho=rho, low=low, high=high, count=count)


def _sides_line(name: str, joined: pd.DataFrame, language: Language) -> str:
    """Of an indicator that is yes or no: how many units are on either side, and the median of their gap scores."""
    told: dict[str, str] = {}
    for side, wanted in (("yes", 1.0), ("no", 0.0)):
        scores = joined.loc[joined["value"] == wanted, "gap_score"].dropna()
        told[side] = number(len(scores), language)
        told[f"{side}_score"] = figure(float(scores.median()), "points", language)
    return text("own_sides", language, name=name, **told)


def own_lines(
    own: pd.DataFrame, code: str, language: Language, tables: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, ...]:
    """One sentence per own indicator about one unit; those unknown for one reason are told together.

    `tables`: name of each → the vintage that its table is of; a table of a younger list tells nothing of a part of its units.
    """
    lines: list[str] = []
    kept_back: dict[str, list[pd.DataFrame]] = {}
    for _, rows in _by_id(own):
        table = tables.get(str(rows.iloc[0]["label"]), "")
        if table and _is_missing(rows, code) and whole_of(code, str(rows.iloc[0]["vintage"]), table):
            kept_back.setdefault(table, []).append(rows)
        else:
            lines.append(_own_line(rows, code, language))
    return (*lines, *(_part_line(these, code, table, language) for table, these in kept_back.items()))


def _is_missing(rows: pd.DataFrame, code: str) -> bool:
    return not rows.loc[rows["unit_code"] == code, "value"].notna().any()


def _part_line(these: Sequence[pd.DataFrame], code: str, table: str, language: Language) -> str:
    """Why these are not known of a part, and what would make them known."""
    vintage = str(these[0].iloc[0]["vintage"])
    names = ", ".join(str(rows.iloc[0]["label"]) for rows in these)
    return text(
        "own_part", language, names=names, whole=whole_of(code, vintage, table) or "",
        table=text(f"vintage_{table}", language), list=text(f"vintage_{vintage}", language),
    )  # fmt: skip


def _own_line(rows: pd.DataFrame, code: str, language: Language) -> str:
    mine = rows[rows["unit_code"] == code]
    name = str(rows.iloc[0]["label"])
    if mine.empty or pd.isna(mine["value"].iloc[0]):
        return text("own_missing", language, name=name)
    row = mine.iloc[0]
    if is_yes_or_no(rows):
        side = "yes" if row["value"] > 0 else "no"
        key = f"own_border_{side}" if row["indicator"] == BORDER else f"own_{side}"
        return text(key, language, name=name)
    return text(
        "own_rank",
        language,
        name=name,
        value=figure(float(row["value"]), str(row["unit"]), language),
        rank=number(float(row["rank"]), language),
        count=number(int(rows["value"].notna().sum()), language),
    )


def is_yes_or_no(rows: pd.DataFrame) -> bool:
    """Whether the rows of one own indicator are 1 for yes and 0 for no."""
    return str(rows.iloc[0]["unit"]) == YES_OR_NO


def measured_names(own: pd.DataFrame) -> dict[str, str]:
    """Names by id of the own indicators that are figures: yes or no gives no chart and no condition."""
    return {name: str(rows.iloc[0]["label"]) for name, rows in _by_id(own) if not is_yes_or_no(rows)}


def rows_of(own: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of one own indicator."""
    return own[own["indicator"] == name]


def own_names(own: pd.DataFrame) -> dict[str, str]:
    """Names of own indicators by id."""
    return {name: str(rows.iloc[0]["label"]) for name, rows in _by_id(own)}


def _by_id(own: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    if own.empty:
        return []
    found = [(str(name), rows) for name, rows in own.groupby("indicator", sort=True)]
    # in the order of their names, as in any list
    return sorted(found, key=lambda pair: sort_key(str(pair[1].iloc[0]["label"])))
