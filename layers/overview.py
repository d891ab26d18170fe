"""What is said of a whole list of units, as plain data."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from geo.people_sum import PeopleSum, people_of_rows
from geo.schema import Outcome, Verdict
from layers.labels import unit_labels
from layers.reasons import optional_number

FURTHEST: Final = 6
"""Units in the short list of those furthest behind."""


@dataclass(frozen=True)
class Overview:
    """Units by verdict, people in gap units (None without a grid), outcomes per goal, and the units furthest behind."""

    units: int
    by_verdict: dict[str, int]
    people_in_gaps: PeopleSum | None
    goals: tuple[tuple[str, dict[str, int]], ...]
    furthest: tuple["FarBehind", ...]


@dataclass(frozen=True)
class FarBehind:
    """One unit of the short list: its name, verdict, score 0-100, and people (null without a grid)."""

    label: str
    verdict: str
    score: float
    people: float | None


def overview(result: pd.DataFrame, goals: pd.DataFrame) -> Overview:
    """The whole list at a glance."""
    verdicts = result["verdict"].astype(str)
    in_gaps = people_of_rows(result[verdicts == Verdict.GAP]) if "people" in result.columns else None
    return Overview(
        units=len(result),
        by_verdict={str(verdict): int((verdicts == verdict).sum()) for verdict in Verdict},
        people_in_gaps=in_gaps,
        goals=tuple(
            (str(dimension), _outcomes(rows)) for dimension, rows in goals.groupby("dimension", sort=False)
        ),
        furthest=_furthest(result),
    )


def _furthest(result: pd.DataFrame) -> tuple[FarBehind, ...]:
    """The first of the ranking, leaving out units that are behind in nothing."""
    scores = pd.to_numeric(result["gap_score"], errors="coerce")
    order = scores[scores > 0].sort_values(ascending=False, kind="stable").index[:FURTHEST]
    rows = result.loc[order]
    people = rows["people"].tolist() if "people" in rows.columns else [None] * len(rows)
    return tuple(
        FarBehind(label, str(verdict), float(score), optional_number(count))
        for label, verdict, score, count in zip(
            unit_labels(rows), rows["verdict"], scores[order], people, strict=True
        )
    )


def _outcomes(rows: pd.DataFrame) -> dict[str, int]:
    return {str(outcome): int((rows["outcome"] == outcome).sum()) for outcome in Outcome}
