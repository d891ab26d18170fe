"""All that is said of one unit on its page and in its brief, as plain data in one language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.measure_next import rank_measurements
from geo.quarter_intervals import quarter_intervals
from geo.results import UnitList
from geo.rules import Rules
from geo.schema import Network
from geo.unit_context import Peers, figures_in_context, province_of
from geo.unit_peers import Features, neighbours, similar_units, unit_features
from geo.verdict_paths import is_warned, verdict_paths
from layers.evidence import thin_units
from layers.labels import labels_by_code
from layers.needs import better_sentences, worse_sentence
from layers.palette import INDICATORS
from layers.panel import UnitPanel, unit_panel
from layers.quarter_chart import quarter_points
from layers.reasons import optional_number
from layers.strings import Language

_VERDICT = INDICATORS[0]


@dataclass(frozen=True)
class ListTables:
    """What is computed once for all units of a list: tests still needed and quarters with intervals."""

    units: UnitList
    tests: pd.DataFrame
    quarters: pd.DataFrame
    labels: dict[str, str]
    thin: frozenset[str]
    features: Features
    provinces: dict[frozenset[str], dict[str, "Beside"]]


@dataclass(frozen=True)
class Beside:
    """One goal's figure in the province (with its ends, and the share 0-1 of people it rests on) and in the nation."""

    value: float | None
    low: float | None
    high: float | None
    units: int
    units_known: int
    people_share: float | None
    national: float | None
    national_on: str


@dataclass(frozen=True)
class Peer:
    """Another unit to look at; `difference` (0 alike to 1) of a similar one."""

    code: str
    label: str
    verdict: str
    score: float | None
    difference: float | None = None


@dataclass(frozen=True)
class MeasureLine:
    """Tests of one network: what there is, half the width of the interval (relative), and what is missing."""

    network: str
    tests: float | None
    devices: float | None
    half_width: float | None
    devices_missing: float | None
    samples_missing: float | None


@dataclass(frozen=True)
class Story:
    """One unit: its panel, its figures beside others by dimension, what would change, its peers, the tests it wants.

    `quarters`: per network that the list has tests of, the points of its chart (`layers.quarter_chart`).
    """

    panel: UnitPanel
    province: Peers
    beside: dict[str, Beside]
    better: tuple[str, ...]
    worse: str
    neighbours: tuple[Peer, ...]
    similar: tuple[Peer, ...]
    tests: tuple[MeasureLine, ...]
    thin: bool
    quarters: tuple[tuple[str, list[dict[str, Any]]], ...] = ()


def list_tables(units: UnitList, rules: Rules) -> ListTables:
    """The tables of a list of units, by the rules it was judged by."""
    return ListTables(
        units,
        rank_measurements(units.result, units.goals, rules),
        quarter_intervals(units.speed),
        labels_by_code(units.result),
        thin_units(units.result, units.goals, _VERDICT),
        unit_features(units.result, units.goals),
        _provinces(units),
    )


def _provinces(units: UnitList) -> dict[frozenset[str], dict[str, Beside]]:
    """Figures of every province of the list, by the codes of its units."""
    found: dict[frozenset[str], dict[str, Beside]] = {}
    left = units.result["unit_code"].astype(str).tolist()
    while left:
        one = left[0]
        peers = province_of(units.result, one)
        if peers.codes not in found:
            found[peers.codes] = _beside(figures_in_context(units.result, units.goals, peers))
        # units that name no province are set beside the whole list, each by itself
        gone = peers.codes if peers.province is not None else {one}
        left = [code for code in left if code not in gone]
    return found


def tell(code: str, tables: ListTables, language: Language) -> Story | None:
    """The story of unit `code`, or None when the list has no such unit."""
    units = tables.units
    panel = unit_panel(
        code, units.result, units.goals, units.coverage, language, own=units.indicators, own_tables=units.own_tables
    )  # fmt: skip
    if panel is None:
        return None
    goals = units.goals[units.goals["unit_code"] == code]
    row = units.result.loc[units.result["unit_code"] == code].iloc[0]
    paths = verdict_paths(goals, warned=is_warned(row.get("reasons"), goals))
    similar, province = similar_units(tables.features, code), province_of(units.result, code)
    apart = dict(zip(similar["unit_code"], similar["difference"], strict=True))
    return Story(
        panel=panel,
        province=province,
        beside=tables.provinces[province.codes],
        better=better_sentences(paths, panel.goals, language),
        worse=worse_sentence(paths, panel.goals, language),
        neighbours=_peers(tables, neighbours(units.result, code), {}),
        similar=_peers(tables, list(apart), apart),
        tests=_tests(tables.tests[tables.tests["unit_code"] == code]),
        thin=code in tables.thin,
        quarters=tuple(_quarters(tables.quarters, code, language)),
    )


def _quarters(
    rows: pd.DataFrame, code: str, language: Language
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for network in (str(one) for one in Network):
        known = rows[rows["network"] == network]
        if len(known):
            yield network, quarter_points(known, code, language)


def furthest(tables: ListTables, most: int = 8) -> tuple[Peer, ...]:
    """The units furthest behind, the worst first; none where there is no score."""
    rows = tables.units.result
    if "gap_score" not in rows:
        return ()
    ranked = rows.dropna(subset=["gap_score"]).sort_values(
        ["gap_score", "unit_code"], ascending=[False, True]
    )
    return _peers(tables, ranked["unit_code"].astype(str).tolist()[:most], {})


def _beside(rows: pd.DataFrame) -> dict[str, Beside]:
    return {
        str(row["dimension"]): Beside(
            value=optional_number(row["value"]),
            low=optional_number(row["low"]),
            high=optional_number(row["high"]),
            units=int(row["units"]),
            units_known=int(row["units_known"]),
            people_share=optional_number(row["people_share"]),
            national=optional_number(row["national"]),
            national_on=row["national_on"] if isinstance(row["national_on"], str) else "",
        )
        for row in rows.to_dict("records")
    }


def _peers(tables: ListTables, codes: Sequence[str], apart: dict[str, float]) -> tuple[Peer, ...]:
    rows = tables.units.result.set_index("unit_code")
    score = rows["gap_score"] if "gap_score" in rows else pd.Series(dtype=float)
    return tuple(
        Peer(
            code,
            tables.labels[code],
            str(rows["verdict"].get(code)),
            optional_number(score.get(code)),
            apart.get(code),
        )
        for code in codes
    )


def _tests(rows: pd.DataFrame) -> tuple[MeasureLine, ...]:
    names = ("tests", "devices", "half_width", "devices_missing", "samples_missing")
    records: list[dict[Any, Any]] = rows.sort_values("network", ascending=False).to_dict("records")
    return tuple(
        MeasureLine(str(row["network"]), *(optional_number(row[name]) for name in names)) for row in records
    )
