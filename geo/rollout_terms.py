"""Terms of the columns that a check of a proposal is taken home with (`geo.rollout_export`), as GeoJSON or as a workbook.

Many are a pattern: a figure with the ends of its interval, a part in people and in km², a figure before and after.
"""

from collections.abc import Iterator
from typing import Final

from geo.definition import Definition
from geo.rollout_rules import PARTS

SECTION: Final = "Rollout"
_OWN: Final = (
    "key", "kind", "operator", "year", "status", "advice", "modelled", "outside_share", "duplicated_share", "gap_share", "cost",
    "people_unknown_units", "lifted_units", "cost_per_new_person", "schools_gained", "clinics_gained", "nearest_planned_site_km", "notes",
    "promised_twice", "method", "criterion", "threshold", "figure", "proposals", "alone", "last", "share", "numbers", "what",
    "text",
)  # fmt: skip
_AS_ELSEWHERE: Final = (
    "technology", "basis", "evidence", "essential", "outcome", "unit", "better", "reason",
)  # fmt: skip
"""Columns that mean what they mean in the other tables."""
_OF_UNITS: Final = ("unit_code", "name", "people", "area_km2")
_BEFORE_AND_AFTER: Final = {
    "covered_share": "term_column_covered_people_share", "operators": "column_operators", "verdict": "term_verdict",
    "score": "term_gap_score", "rank": "term_rank", "score_low": "term_gap_score_low", "score_high": "term_gap_score_high",
    "rank_low": "term_rank_low", "rank_high": "term_rank_high",
}  # fmt: skip


def rollout_term(column: str) -> str:
    """The term of a column of a check; both ends of an interval have that of their figure."""
    if column in _OF_UNITS:
        return column
    whole = column.removesuffix("_low").removesuffix("_high")
    return f"rollout_{'notes' if column == 'note' else whole}"


def rollout_columns() -> Iterator[Definition]:
    """A definition per column, those of the result table left out."""
    for name in _OWN:
        yield _column(name, f"term_rollout_{name}", f"def_rollout_{name}")
    for name in _AS_ELSEWHERE:
        yield _column(name, f"term_column_{name}", f"def_column_{name}")
    for part in (*PARTS, "duplicated"):
        words = {"part": f"part_{part}", "meaning": f"def_part_{part}"}
        for unit in ("people", "km2"):
            yield _column(f"{part}_{unit}", f"term_rollout_part_{unit}", f"def_rollout_part_{unit}", words)
    for figure, title in _BEFORE_AND_AFTER.items():
        for when in ("before", "after"):
            keys = (f"term_rollout_{when}", f"def_rollout_{when}")
            yield _column(f"{figure}_{when}", *keys, {"figure": title})


def _column(name: str, title: str, meaning: str, words: dict[str, str] | None = None) -> Definition:
    return Definition(f"rollout_{name}", "column", title, meaning, SECTION, words or {})
