"""The definition of every column of every table and file; the words are in `geo.words_terms_vi` and `geo.words_terms_en`.

A term is the column's own name where the result table has it, `column_…` for a column of another table, `rollout_…`
for one of a check.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from geo.definition import Definition
from geo.export_columns import LAYER_COLUMNS
from geo.rollout_terms import rollout_columns
from geo.schema import (
    RESULT_BY_NAME,
    RESULT_COLUMNS,
    UNIT_TEXT_COLUMNS,
    Network,
    Technology,
    Verdict,
)

_SECTIONS: Final[Mapping[str, str]] = {
    "area_km2": "Area and distance", "people": "People", "covered_people_share": "Coverage",
    "covered_area_share": "Coverage", "uncovered_people": "Coverage", "operators": "Coverage", "evidence": "Coverage",
    "contradicted_people_share": "Declared and measured", "direction": "Trend", "quarters": "Speed",
    "trend_mbps_per_year": "Trend", "trend_mbps_per_year_low": "Trend", "trend_mbps_per_year_high": "Trend",
    "town_distance_km": "Remoteness", "town_minutes": "Remoteness", "settlement": "Settlement",
    "verdict": "Goals and verdict", "reasons": "Goals and verdict", "confidence": "Goals and verdict",
    "gap_score": "Score and rank", "rank": "Score and rank", "gap_score_low": "Intervals of score and rank",
    "gap_score_high": "Intervals of score and rank", "rank_low": "Intervals of score and rank",
    "rank_high": "Intervals of score and rank", "hotspot": "Hotspots",
}  # fmt: skip
_LAYER_SECTIONS: Final[Mapping[str, str]] = {
    "goals": "Goals and verdict", "sensitivity": "Sensitivity", "indicators": "Own indicators",
    "coverage_by_operator": "Coverage", "speed_by_quarter": "Speed", "contradictions": "Declared and measured",
    "coverage_areas": "Coverage", "places": "Remoteness", "rollup": "Aggregates", "plan_sites": "Planning",
}  # fmt: skip
_VERDICT_COUNTS: Final = ("units", "people")


def column_term(name: str) -> str:
    """The term of a column of any table: its own name where the result table has it too."""
    return name if name in RESULT_BY_NAME else f"column_{name}"


def _result_columns() -> Iterator[Definition]:
    for column in RESULT_COLUMNS:
        family, words = _family(column.name)
        group = "unit" if family in UNIT_TEXT_COLUMNS else "figure"
        section = "Units" if family in UNIT_TEXT_COLUMNS else _SECTIONS.get(family, "Speed")
        yield Definition(column.name, group, f"term_{family}", f"def_{family}", section, words)


def _family(column: str) -> tuple[str, dict[str, str]]:
    """`4g_operators` → the family `operators` and what fills its blanks."""
    for technology in Technology:
        if column.startswith(f"{technology.lower()}_"):
            return column.removeprefix(f"{technology.lower()}_"), {"technology": str(technology)}
    for network in Network:
        if column.startswith(f"{network}_"):
            return column.removeprefix(f"{network}_"), {"network": f"network_{network}"}
    return column, {}


def _other_tables() -> Iterator[Definition]:
    """Columns of the tables beside the result table; one that several tables share is defined once."""
    for layer, section in _LAYER_SECTIONS.items():
        for name in LAYER_COLUMNS[layer]:
            yield _column(name, section)
    yield from rollout_columns()


def _column(name: str, section: str) -> Definition:
    verdict, _, counted = name.rpartition("_")
    if counted in _VERDICT_COUNTS and verdict in set(Verdict):
        words = {"verdict": f"verdict_{verdict}"}
        keys = (f"term_column_verdict_{counted}", f"def_column_verdict_{counted}")
        return Definition(column_term(name), "column", *keys, section, words)
    return Definition(column_term(name), "column", f"term_column_{name}", f"def_column_{name}", section)


def _registry() -> dict[str, Definition]:
    known = {definition.term: definition for definition in _result_columns()}
    return known | {d.term: d for d in _other_tables() if d.term not in known}


COLUMN_TERMS: Final[Mapping[str, Definition]] = MappingProxyType(_registry())
