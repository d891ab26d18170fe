"""What is said of one unit, as plain data: the page's panel without its looks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from geo.schema import Network, Technology, Verdict
from layers.goal_line import GoalLine
from layers.labels import unit_labels
from layers.own import own_lines, own_names
from layers.panel_figures import TrendLine, UncoveredLine, place_lines, trend_lines, uncovered_lines
from layers.reasons import optional_number, reason_sentences
from layers.strings import CATALOGUE, Language, number, text


@dataclass(frozen=True)
class CoverageLine:
    """How far one operator's one technology reaches in the unit; shares 0-1."""

    operator: str
    technology: str
    evidence: str
    as_of: str
    people_share: float | None
    area_share: float | None


@dataclass(frozen=True)
class UnitPanel:
    """Everything the panel of one unit says."""

    label: str
    code: str
    vintage: str
    parent: str | None
    verdict: str
    rank: int | None
    rank_last: int | None
    ranked: int
    people: float | None
    score: float | None
    confidence: float | None
    goals: tuple[GoalLine, ...]
    reasons: tuple[str, ...]
    evidence: tuple[str, ...]
    coverage: tuple[CoverageLine, ...]
    own: tuple[str, ...] = ()
    score_ends: tuple[float | None, float | None] = (None, None)
    rank_ends: tuple[float | None, float | None] = (None, None)
    trends: tuple[TrendLine, ...] = ()
    uncovered: tuple[UncoveredLine, ...] = ()
    place: tuple[tuple[str, str], ...] = ()


def optional_text(value: Any) -> str | None:
    """A text with something in it, or None."""
    return (
        None
        if value is None or (not isinstance(value, str) and pd.isna(value)) or value == ""
        else str(value)
    )


def unit_panel(
    code: str,
    result: pd.DataFrame,
    goals: pd.DataFrame,
    coverage: pd.DataFrame,
    language: Language,
    *,
    own: pd.DataFrame | None = None,
    own_tables: Mapping[str, str] = MappingProxyType({}),
) -> UnitPanel | None:
    """The panel of unit `code`, or None when the list has no such unit.

    `own` holds the own indicators, `own_tables` the vintage that the table of each is of.
    """
    own = pd.DataFrame() if own is None else own
    found = np.flatnonzero(result["unit_code"].to_numpy() == code)
    if not found.size:
        return None
    place = int(found[0])
    row = {name: result[name].iloc[place] for name in result.columns if name != "geometry"}
    lines = tuple(_with_tests(line, row) for line in _goal_lines(goals, code, own_names(own), language))
    rank = optional_number(row.get("rank"))
    return UnitPanel(
        label=unit_labels(result.iloc[[place]])[0],
        code=code,
        vintage=str(row["vintage"]),
        parent=_parent(row),
        verdict=str(row.get("verdict") or Verdict.UNKNOWN),
        rank=None if rank is None else int(rank),
        rank_last=None if rank is None else int(rank) + int((result["rank"] == rank).sum()) - 1,
        ranked=int(result["rank"].notna().sum()) if "rank" in result.columns else 0,
        people=optional_number(row.get("people")),
        score=optional_number(row.get("gap_score")),
        confidence=optional_number(row.get("confidence")),
        goals=lines,
        reasons=reason_sentences(row.get("reasons"), lines, language, row),
        evidence=_evidence_lines(row, language),
        coverage=_coverage_lines(coverage, code),
        own=own_lines(own, code, language, own_tables),
        score_ends=(optional_number(row.get("gap_score_low")), optional_number(row.get("gap_score_high"))),
        rank_ends=(optional_number(row.get("rank_low")), optional_number(row.get("rank_high"))),
        trends=trend_lines(row),
        uncovered=uncovered_lines(row),
        place=place_lines(row, language),
    )


def _parent(row: dict[str, Any]) -> str | None:
    parents = [optional_text(row.get(name)) for name in ("district_name", "province_name")]
    return ", ".join(parent for parent in parents if parent) or None


def dimension_name(dimension: str, names: Mapping[str, str], language: Language) -> str:
    """A dimension in words: the catalogue's, or the name of the own indicator with this id."""
    key = f"dimension_{dimension}"
    return text(key, language) if key in CATALOGUE[language] else names.get(dimension, dimension)


def _goal_lines(
    goals: pd.DataFrame, code: str, names: Mapping[str, str], language: Language
) -> tuple[GoalLine, ...]:
    medians = goals.groupby("dimension")["value"].median().to_dict()
    rows = goals[goals["unit_code"] == code].to_dict("records")
    return tuple(
        _goal_line(row, medians.get(row["dimension"]), dimension_name(str(row["dimension"]), names, language))
        for row in rows
    )


def _with_tests(line: GoalLine, row: dict[str, Any]) -> GoalLine:
    return replace(
        line,
        tests=optional_number(row.get(f"{line.dimension}_tests")),
        devices=optional_number(row.get(f"{line.dimension}_devices")),
    )


def _goal_line(row: dict[Any, Any], median: Any, name: str) -> GoalLine:
    return GoalLine(
        dimension=str(row["dimension"]),
        name=name,
        unit=str(row["unit"]),
        value=optional_number(row["value"]),
        low=optional_number(row["low"]),
        high=optional_number(row["high"]),
        goal=float(row["goal"]),
        worst=optional_number(row.get("worst")),
        median=optional_number(median),
        essential=bool(row["essential"]),
        outcome=str(row["outcome"]),
        evidence=optional_text(row["evidence"]),
        flip_people=optional_number(row.get("flip_people")),
        flip_devices=optional_number(row.get("flip_devices")),
    )


def _evidence_lines(row: dict[str, Any], language: Language) -> tuple[str, ...]:
    lines = []
    for network in Network:
        if f"{network}_tests" not in row:
            continue
        tests = optional_number(row[f"{network}_tests"])
        word = text(f"network_{network}", language)
        if not tests:
            lines.append(text("no_tests", language, network=word))
            continue
        counts = {
            name: number(optional_number(row.get(f"{network}_{name}")), language)
            for name in ("tests", "devices", "quarters")
        }
        lines.append(text("evidence_speed", language, network=word, **counts))
    for technology in Technology:
        name = f"{technology.lower()}_evidence"
        if name in row:
            kind = optional_text(row[name]) or "none"
            lines.append(
                text(
                    "evidence_coverage",
                    language,
                    technology=str(technology),
                    evidence=text(f"evidence_{kind}", language),
                )
            )
    return tuple(lines)


def _coverage_lines(coverage: pd.DataFrame, code: str) -> tuple[CoverageLine, ...]:
    rows = coverage[coverage["unit_code"] == code].sort_values(
        ["operator", "technology", "evidence", "as_of"]
    )
    return tuple(
        CoverageLine(
            operator=str(row.operator),
            technology=str(row.technology),
            evidence=str(row.evidence),
            as_of=str(row.as_of),
            people_share=optional_number(row.covered_people_share),
            area_share=optional_number(row.covered_area_share),
        )
        for row in rows.itertuples(index=False)
    )
