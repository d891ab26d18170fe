"""Scenarios, which are sets of proposals, side by side: people, units lifted out of the gap, cost, repetition, equity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray
from geo.errors import InputError
from geo.proposal import Proposal
from geo.rollout import Check, check_all
from geo.rollout_after import Addition, add_coverage
from geo.rollout_base import Today
from geo.rollout_sum import cut_pieces, union_gain
from geo.rollout_units import Rejudge
from geo.schema import Verdict, coverage_column

WORST_SHARE: Final = 0.2
"""Share of the region's people who make up its worst fifth."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """A name and the proposals that would be built together."""

    name: str
    proposals: tuple[Proposal, ...]


def compare_scenarios(today: Today, scenarios: Sequence[Scenario], rejudge: Rejudge) -> pd.DataFrame:
    """One row per scenario. People and km² count once however many proposals bring them; null where not known.

    `duplicated_people`: people inside the proposals, summed, less the newly covered. `gap_units_lifted`: units that are `gap`
    now and not after. `worst_fifth_share`: share of the gain that goes to the fifth of the people in the units of the highest
    gap scores. `gini_before`, `gini_after`: inequality of the covered share over people, of `gini_technology`.
    """
    twice = sorted({one.name for one in scenarios if [other.name for other in scenarios].count(one.name) > 1})
    if twice:
        raise InputError(f"scenario {', '.join(twice)} stands more than once; give each a name of its own")
    return pd.DataFrame([_row(today, scenario, rejudge) for scenario in scenarios])


def _row(today: Today, scenario: Scenario, rejudge: Rejudge) -> dict[str, Any]:
    if not scenario.proposals:
        raise InputError(f"scenario {scenario.name}: holds no proposal; give it at least one")
    checks = check_all(today, scenario.proposals)
    pieces = cut_pieces(today, checks)
    people, km2 = union_gain(pieces)
    inside = sum(check.figures.people_inside for check in checks)
    additions = [Addition(str(plan.technology), plan.operator, plan.area) for plan in scenario.proposals]
    after = add_coverage(today, additions)
    judged = rejudge(after).set_index("unit_code")["verdict"].reindex(today.table["unit_code"])
    was_gap = (today.table["verdict"] == str(Verdict.GAP)).to_numpy()
    still = (judged == str(Verdict.GAP)).to_numpy()
    gain = np.bincount(pieces.unit, pieces.people, minlength=len(today.table)).astype(float)
    technology = min(str(plan.technology) for plan in scenario.proposals)
    column = coverage_column(technology, "covered_people_share")
    return {
        "scenario": scenario.name,
        "proposals": len(checks),
        "newly_covered_people": people,
        "newly_covered_km2": km2,
        "people_inside": inside,
        "duplicated_people": float(np.maximum(inside - people, 0.0)),
        "duplicated_share": (inside - people) / inside if inside > 0 else np.nan,
        "gap_units_before": int(was_gap.sum()),
        "gap_units_lifted": int((was_gap & ~still).sum()),
        **_cost(checks, people),
        "worst_fifth_share": worst_fifth_share(today, gain),
        "gini_technology": technology,
        "gini_before": _gini_of(today.table, column, today.people),
        "gini_after": _gini_of(after, column, today.people),
    }


def _cost(checks: Sequence[Check], people: float) -> dict[str, float]:
    """The sum of the costs, null where one is not said: what is missing is not free."""
    costs = [check.proposal.cost for check in checks]
    known = [cost for cost in costs if cost is not None]
    total = float(sum(known)) if len(known) == len(costs) else float("nan")
    return {
        "cost": total,
        "cost_unknown": len(costs) - len(known),
        "cost_per_person": total / people if people > 0 else float("nan"),
    }


def worst_fifth_share(today: Today, gain: FloatArray) -> float:
    """Share 0-1 of the gain (per unit) that goes to the worst fifth of the people; null without people, scores or gain.

    Units in order of their gap score, the highest first, until they hold a fifth of the people; of the unit in which the fifth
    ends, its gain counts in the proportion of its people that belong. Units without a score come last.
    """
    score = today.table["gap_score"].to_numpy(dtype=float, na_value=np.nan)
    people = np.nan_to_num(today.people)
    if not people.sum() > 0 or np.isnan(score).all() or not gain.sum() > 0:
        return float("nan")
    order = np.argsort(np.where(np.isnan(score), np.inf, -score), kind="stable")
    before = np.cumsum(people[order]) - people[order]
    left = np.clip(WORST_SHARE * people.sum() - before, 0.0, people[order])
    part = np.divide(left, people[order], out=np.zeros(len(left)), where=people[order] > 0)
    return float((gain[order] * part).sum() / gain.sum())


def _gini_of(table: pd.DataFrame, column: str, people: FloatArray) -> float:
    if column not in table:
        return float("nan")
    return gini(table[column].to_numpy(dtype=float, na_value=np.nan), people)


def gini(values: FloatArray, people: FloatArray) -> float:
    """Gini coefficient 0-1 of a figure over people: 0 when all have the same; null without people or when nobody has any.

    Σ_i Σ_j p_i p_j |v_i − v_j| / (2 P² v̄), by sorting. Units whose figure or people are not known are left out.
    """
    known = np.isfinite(values) & np.isfinite(people) & (people > 0)
    order = np.argsort(values[known], kind="stable")
    value, weight = values[known][order], people[known][order]
    total, sum_ = weight.sum(), float((weight * value).sum())
    if not total > 0 or not sum_ > 0:
        return float("nan")
    middle = np.cumsum(weight) - weight / 2
    return float(2 * (weight * value * middle).sum() / (total * sum_) - 1)
