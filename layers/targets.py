"""Progress to targets as a map's classes, as bars and as tables; what a target is called and who set it."""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.people_sum import people_of_rows, sum_people
from geo.schema import Verdict
from geo.target_report import TargetReport
from geo.targets import State, Target
from layers.escape import escape
from layers.palette import NO_DATA_FILL, NO_DATA_HATCH, VERDICT_COLOURS, Indicator
from layers.people_words import people_sum_text
from layers.row_table import RowTable, name_cells, places_in, table_of
from layers.strings import (
    MISSING,
    Language,
    day,
    figure,
    goal_figure,
    has_text,
    lack,
    number,
    text,
    unit_word,
)
from layers.why import why_html

STATE_COLUMN: Final = "target_state"
STATE_COLOURS: Final = {
    State.SHORT: VERDICT_COLOURS[Verdict.GAP],
    State.UNDECIDED: VERDICT_COLOURS[Verdict.WATCH],
    State.MET: VERDICT_COLOURS[Verdict.SERVED],
}
STATE_INDICATOR: Final = Indicator(
    STATE_COLUMN,
    colours=tuple(STATE_COLOURS.values()),
    categories=tuple(str(state) for state in STATE_COLOURS),
    words="target_state",
)
"""What is known for certain in colour; a unit without evidence is hatched, as everywhere."""
_ORDER: Final = (State.SHORT, State.UNDECIDED, State.MET, State.NO_EVIDENCE)


def target_name(target: Target, language: Language) -> str:
    """A national target in words; one of the planner's own by its id."""
    key = f"target_{target.id}"
    return text(key, language) if has_text(key) else target.id


def target_source(target: Target, language: Language) -> str:
    """Who set the target and when; of an own one, what its table says."""
    key = f"target_{target.id}_source"
    said = text(key, language) if has_text(key) else target.source
    on = text("target_said_on", language, day=day(target.said_on, language)) if target.said_on else ""
    return " · ".join(part for part in (said, on) if part)


def with_states(result: gpd.GeoDataFrame, judged: pd.DataFrame, target: str) -> gpd.GeoDataFrame:
    """The result table with the state of one target in `STATE_COLUMN`; null where there is no evidence."""
    mine = judged[judged["target"] == target].set_index("unit_code")["state"]
    state = mine.reindex(result["unit_code"]).astype(object)
    state = state.where(state != State.NO_EVIDENCE, None)
    return result.assign(**{STATE_COLUMN: state.to_numpy()})


def progress_html(report: TargetReport, chosen: str, language: Language) -> str:
    """A bar per target: how many units are short, undecided, met, without evidence, and how many people are short."""
    rows = "".join(_bar(target, report, target.id == chosen, language) for target in report.targets)
    keys = "".join(
        f'<span><i style="{_fill(state)}"></i>{escape(text(f"target_state_{state}", language))}{why_html(f"target_state_{state}", language)}</span>'
        for state in _ORDER
    )
    return f'<section class="vl-targets"><div class="vl-targets-key">{keys}</div>{rows}</section>'


def _bar(target: Target, report: TargetReport, is_chosen: bool, language: Language) -> str:
    mine = report.by_unit[report.by_unit["target"] == target.id]
    counts = {state: int((mine["state"] == state).sum()) for state in State}
    parts = "".join(
        f'<i style="flex:{counts[state]};{_fill(state)}{_ink(state)}">{number(counts[state], language)}</i>'
        for state in _ORDER
        if counts[state]
    )
    said = ", ".join(
        f"{text(f'target_state_{state}', language)}: {number(counts[state], language)}" for state in _ORDER
    )
    mark = " vl-chosen-target" if is_chosen else ""
    return (
        f'<div class="vl-target{mark}"><div><b>{escape(target_name(target, language))}</b>'
        f"{why_html(f'target_{target.id}', language)}"
        f"<span>{escape(goal_line(target, language))}</span></div>"
        f'<div class="vl-target-bar" role="img" aria-label="{escape(said)}">{parts}</div>'
        f"<p>{escape(short_line(report, target, language))}</p></div>"
    )


def _fill(state: State) -> str:
    if state in STATE_COLOURS:
        return f"background:{STATE_COLOURS[state]}"
    return f"background:repeating-linear-gradient(135deg,{NO_DATA_FILL} 0 4px,{NO_DATA_HATCH} 4px 5px)"


def _ink(state: State) -> str:
    # white on the dark one; elsewhere the style sheet's dark ink has the contrast
    return ";color:#ffffff" if state is State.SHORT else ""


def goal_line(target: Target, language: Language) -> str:
    """What is wanted and by when: `≥ 90% · đến 31/12/2025`."""
    sign = "≥" if target.better == "higher" else "≤"
    wanted = f"{sign} {goal_figure(target.goal, target.unit, language)}"
    return (
        f"{wanted} · {text('target_due', language, day=day(target.due, language))}" if target.due else wanted
    )


def short_line(report: TargetReport, target: Target, language: Language) -> str:
    """How many people live in units that are short for certain; how many are not covered; the region's own figure."""
    mine = report.by_unit[(report.by_unit["target"] == target.id) & (report.by_unit["state"] == State.SHORT)]
    people, units = people_sum_text(people_of_rows(mine), language), number(len(mine), language)
    key = "target_short" if people else "target_short_alone"
    lines = [text(key, language, units=units, people=people)]
    sums = report.by_province[report.by_province["target"] == target.id]
    for row in sums.to_dict("records"):
        place = row["province_name"] if pd.notna(row["province_name"]) else text("target_region", language)
        if share := _share(row, target, language):
            lines.append(text("target_place", language, place=place, value=share))
    if sums["people_to_cover"].notna().any():
        to_cover = people_sum_text(sum_people(mine["people_short"]), language)
        lines.append(text("target_to_cover", language, people=to_cover))
    return " ".join(lines)


def _share(row: dict[Any, Any], target: Target, language: Language) -> str:
    """The figure of a province's listed units, or its ends where some have no evidence; empty where there is none."""
    if pd.notna(row["value"]):
        return figure(float(row["value"]), target.unit, language)
    if pd.notna(row["low"]) and pd.notna(row["high"]):
        low, high = (figure(float(row[end]), target.unit, language) for end in ("low", "high"))
        return f"{low} – {high}"
    return ""


def short_table(
    report: TargetReport, target: Target, result: gpd.GeoDataFrame, language: Language
) -> RowTable:
    """Units with a row each, short ones first and those with most people first; an interval sorts by its low end.

    Columns: unit, state, figure, interval where one is known, short by, people.
    """
    mine = report.by_unit[report.by_unit["target"] == target.id].copy()
    mine["_state"] = mine["state"].astype(str).map({str(state): i for i, state in enumerate(_ORDER)})
    mine = mine.sort_values(["_state", "people", "unit_code"], ascending=[True, False, True])
    codes = mine["unit_code"].astype(str).tolist()
    intervals, lows = _intervals(mine, target, language)
    people = mine["people"].astype(float).tolist()
    columns: dict[str, tuple[list[str], list[Any]]] = {
        "name": name_cells(codes, result),
        "target_state": (
            [text(f"target_state_{one}", language) for one in mine["state"]],
            places_in(list(STATE_COLOURS), mine["state"]),
        ),
        "target_value": _figures(mine["value"], target, language),
        "target_interval": (intervals, lows),
        "target_short_by": _lacks(mine["short_by"], target, language),
        "people": ([number(one, language) for one in people], people),
    }
    if all(one == MISSING for one in intervals):
        # a column of dashes would only take room
        del columns["target_interval"]
    return table_of(codes, columns, language)


def _figures(values: pd.Series, target: Target, language: Language) -> tuple[list[str], list[float]]:
    known = values.astype(float).tolist()
    return [figure(one, target.unit, language) for one in known], known


def _lacks(values: pd.Series, target: Target, language: Language) -> tuple[list[str], list[float]]:
    known = values.astype(float).tolist()
    return [lack(one, target.unit, language) for one in known], known


def _intervals(
    rows: pd.DataFrame, target: Target, language: Language
) -> tuple[list[str], list[float | None]]:
    """Each interval in words and its low end, the unit said by the figure beside it; a figure known exactly has none."""
    pairs = zip(rows["low"].astype(float), rows["high"].astype(float), strict=True)
    ends = [None if np.isnan(low) or np.isnan(high) or low == high else (low, high) for low, high in pairs]
    word = f" {unit_word(target.unit, language)}"
    words = [
        MISSING
        if one is None
        else " – ".join(figure(end, target.unit, language).removesuffix(word) for end in one)
        for one in ends
    ]
    return words, [None if one is None else one[0] for one in ends]


def take_home(report: TargetReport, vintage: str, about: Mapping[str, str]) -> pd.DataFrame:
    """Everything judged, a row per target and unit, each with who set the target and what the figures rest on.

    `vintage`: of the list of units, without which a code means nothing. `about`: `layers.sources.about_rows`. A row stays whole
    when it is copied out of the file.
    """
    targets = {target.id: target for target in report.targets}
    names = report.by_unit["target"].astype(str)
    return report.by_unit.assign(
        target_source=[targets[name].source for name in names],
        target_said_on=[targets[name].said_on for name in names],
        vintage=vintage,
        **about,
    )
