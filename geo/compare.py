"""Scenarios side by side: sets of proposals by whom they newly serve, what they cost and duplicate, and who gains."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray
from geo.rollout import Together, check_proposals
from geo.rollout_areas import Ground, Offer
from geo.rollout_rules import RolloutRules
from geo.rollout_units import Rejudge
from geo.schema import Technology, coverage_column

COMPARE_COLUMNS: Final = (
    "scenario", "technology", "proposals", "basis", "new_people", "new_people_low", "new_people_high", "people_unknown_units", "new_km2",
    "duplicated_share", "promised_twice", "cost", "cost_per_new_person", "lifted_units", "gap_share", "worst_fifth_share",
    "gini_before", "gini_after",
)  # fmt: skip
WORST_SHARE: Final = 0.2
"""The worst fifth: units by score, furthest behind first, until they hold this share of the people (of the area)."""


def compare_scenarios(
    ground: Ground,
    scenarios: Mapping[str, Sequence[Offer]],
    rejudge: Rejudge,
    *,
    rules: RolloutRules | None = None,
    operator_share: float = 0.5,
) -> pd.DataFrame:
    """`COMPARE_COLUMNS`, one row per scenario and technology, in the order given; null where a figure is not known."""
    rows = [
        {"scenario": name, **_row(ground, together, offers)}
        for name, offers in scenarios.items()
        for together in check_proposals(
            ground, offers, rejudge, rules=rules, operator_share=operator_share
        ).together
    ]
    return pd.DataFrame(rows, columns=list(COMPARE_COLUMNS))


def _row(ground: Ground, together: Together, offers: Sequence[Offer]) -> dict[str, Any]:
    check = together.check
    people, km2 = check.figures["new"]
    before, after, gained, weight = _by_unit(ground, together)
    return {
        "technology": str(check.technology),
        "proposals": sum(offer.technology == check.technology for offer in offers),
        "basis": check.basis,
        "new_people": people.value,
        "new_people_low": people.low,
        "new_people_high": people.high,
        "people_unknown_units": check.people_unknown_units,
        "new_km2": km2.value,
        "duplicated_share": check.duplicated_share.value,
        "promised_twice": together.promised_twice,
        "cost": check.cost,
        "cost_per_new_person": check.cost_per_new_person.value,
        "lifted_units": check.lifted_units if check.new_area is not None else None,
        "gap_share": check.gap_share,
        "worst_fifth_share": worst_fifth_share(_scores(ground), gained, weight),
        "gini_before": gini(before, weight),
        "gini_after": gini(after, weight),
    }


def _scores(ground: Ground) -> FloatArray:
    if "gap_score" not in ground.units:
        return np.full(len(ground.units), np.nan)
    return np.asarray(ground.units["gap_score"].to_numpy(dtype=float, na_value=np.nan))


def _by_unit(ground: Ground, together: Together) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Covered share of every unit before and after, what it gains, and its people (km² without a grid)."""
    units, check = ground.units, together.check
    of_people = check.basis == "people"
    name = "covered_people_share" if of_people else "covered_area_share"
    column = coverage_column(Technology(check.technology), name)
    known = units[column] if column in units else pd.Series(np.nan, index=units.index)
    before = known.to_numpy(dtype=float, na_value=np.nan)
    touched = check.units.set_index("unit_code").reindex(units["unit_code"])
    changed = touched["covered_share_after"].to_numpy(dtype=float, na_value=np.nan)
    gained = touched["new_people" if of_people else "new_km2"].to_numpy(dtype=float, na_value=np.nan)
    weight = units["people" if of_people else "area_km2"].to_numpy(dtype=float, na_value=np.nan)
    after = np.where(np.isfinite(changed), changed, before)
    return np.asarray(before), after, np.nan_to_num(np.asarray(gained)), np.asarray(weight)


def worst_fifth_share(scores: FloatArray, gained: FloatArray, weight: FloatArray) -> float | None:
    """Share 0-1 of a gain that goes to the worst fifth by score, weighted by people; None without gain or scores.

    Units of one score are taken together; of those at the border of the fifth the part counts that lies inside it.
    """
    known = np.isfinite(scores) & np.isfinite(weight) & (weight > 0)
    if not known.any() or gained.sum() <= 0:
        return None
    table = pd.DataFrame({"score": scores[known], "gained": gained[known], "weight": weight[known]})
    steps = table.groupby("score").sum().sort_index(ascending=False)
    limit = WORST_SHARE * steps["weight"].sum()
    before = steps["weight"].cumsum() - steps["weight"]
    part = ((limit - before) / steps["weight"]).clip(0, 1)
    return float((steps["gained"] * part).sum() / gained.sum())


def gini(shares: FloatArray, weight: FloatArray) -> float | None:
    """Gini coefficient of covered shares over people, 0 equal to 1 unequal: Σ Σ wᵢ wⱼ |xᵢ - xⱼ| / (2 W² mean); None when nobody is covered."""
    known = np.isfinite(shares) & np.isfinite(weight) & (weight > 0)
    if not known.any():
        return None
    order = np.argsort(shares[known], kind="stable")
    x, w = shares[known][order], weight[known][order]
    total, covered = w.sum(), float(w @ x)
    if covered <= 0:
        return None
    # the area under the Lorenz curve in trapezes
    lorenz = np.concatenate([[0.0], np.cumsum(w * x)]) / covered
    return float(1 - np.sum((lorenz[1:] + lorenz[:-1]) * w) / total)
