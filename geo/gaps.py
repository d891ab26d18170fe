"""Communes + rules → outcome of every goal, verdict with reasons, score and rank (DESIGN §5).

A goal is judged on an interval [low, high] of its figure: it fails when the whole interval is short of the goal,
passes when none of it is, and is undecided in between. Absence of evidence is an outcome of its own.
"""

from typing import Final

import numpy as np
import pandas as pd

from geo.intervals import figure_interval
from geo.reasons import FLIP_COLUMNS, add_flips
from geo.rules import Goal, Rules
from geo.schema import Network, Outcome, Technology
from geo.verdict_rule import FLAGS, decide, flag_goals

GOAL_COLUMNS: Final = (
    "unit_code", "dimension", "column", "unit", "value", "low", "high", "goal", "worst", "essential", "weight",
    "evidence", "outcome", "deficit", "reason", *FLIP_COLUMNS,
)  # fmt: skip

_REASONS: Final = {
    Outcome.FAIL: "below_goal",
    Outcome.UNDECIDED: "undecided",
    Outcome.NO_EVIDENCE: "no_evidence",
}


def judge_goals(communes: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per unit × goal with `GOAL_COLUMNS`, sorted by unit, goals in the rules' order."""
    parts = [_judge_goal(communes, goal, rules) for goal in rules.goals]
    goals = pd.concat(parts, ignore_index=True)
    order = {goal.dimension: place for place, goal in enumerate(rules.goals)}
    goals["_order"] = goals["dimension"].map(order)
    return goals.sort_values(["unit_code", "_order"], ignore_index=True)[list(GOAL_COLUMNS)]


def _judge_goal(communes: pd.DataFrame, goal: Goal, rules: Rules) -> pd.DataFrame:
    value, low, high = figure_interval(communes, goal.column, rules.decisive_devices)
    frame = pd.DataFrame({"unit_code": communes["unit_code"], "value": value, "low": low, "high": high})
    known = low.notna() & high.notna()
    best, least = (high, low) if goal.worst < goal.goal else (-low, -high)
    wanted = goal.goal if goal.worst < goal.goal else -goal.goal
    frame["outcome"] = np.select(
        [~known, best < wanted, least >= wanted],
        [Outcome.NO_EVIDENCE, Outcome.FAIL, Outcome.PASS],
        default=Outcome.UNDECIDED,
    )
    best_guess = value.where(value.notna(), low.where(low == high))
    frame["deficit"] = ((goal.goal - best_guess) / (goal.goal - goal.worst)).clip(0, 1)
    for name in ("dimension", "column", "unit", "goal", "worst", "essential", "weight"):
        frame[name] = getattr(goal, name)
    frame["evidence"] = _evidence(communes, goal, known)
    suffix = frame["outcome"].map({str(outcome): text for outcome, text in _REASONS.items()})
    frame["reason"] = (goal.dimension + "_" + suffix).where(suffix.notna(), None)
    return add_flips(frame, communes, goal, rules)


def _evidence(communes: pd.DataFrame, goal: Goal, known: pd.Series) -> pd.Series:
    if goal.is_own:
        return pd.Series("given", index=communes.index).where(known, None)
    if goal.column.split("_")[0] in {str(network) for network in Network}:
        return pd.Series("measured", index=communes.index).where(known, None)
    technology = goal.column.split("_")[0].upper()
    column = f"{Technology(technology).lower()}_evidence"
    if column not in communes:
        return pd.Series(None, index=communes.index, dtype=object)
    return communes[column].where(known, None)


def judge_units(goals: pd.DataFrame, signals: pd.DataFrame | None = None) -> pd.DataFrame:
    """Verdict, reasons, confidence, score and rank per unit from the goals table, sorted by `unit_code`.

    `signals`: `unit_code`, `reason` of what else speaks against a unit (`geo.reasons.find_signals`).
    """
    grouped = goals.groupby("unit_code", sort=True)
    flags = flag_goals(goals["outcome"], goals["essential"]).assign(unit_code=goals["unit_code"])
    any_of = flags.groupby("unit_code", sort=True)[list(FLAGS)].any()
    warned = (
        pd.Series([], dtype=object) if signals is None else signals.groupby("unit_code")["reason"].agg(list)
    )
    any_of["watch"] |= any_of.index.isin(warned.index)
    frame = pd.DataFrame(index=any_of.index)
    frame["verdict"] = decide(any_of)
    frame["reasons"] = _reasons(goals, warned)
    decided = goals["weight"].where(goals["outcome"].isin([Outcome.PASS, Outcome.FAIL]), 0.0)
    frame["confidence"] = decided.groupby(goals["unit_code"]).sum() / grouped["weight"].sum()
    frame["gap_score"] = _scores(goals)
    frame["rank"] = frame["gap_score"].rank(ascending=False, method="min").astype("Int64")
    return frame.reset_index()


def _reasons(goals: pd.DataFrame, warned: pd.Series) -> pd.Series:
    """List of reason codes per unit, essential goals first, then in the rules' order, then the signals."""
    ordered = goals.sort_values(["unit_code", "essential"], ascending=[True, False], kind="stable")
    of_goals = ordered.groupby("unit_code", sort=True)["reason"].agg(
        lambda codes: [code for code in codes if isinstance(code, str)]
    )
    more = warned.to_dict()
    return pd.Series(
        [[*codes, *more.get(unit, [])] for unit, codes in of_goals.items()], index=of_goals.index
    )


def _scores(goals: pd.DataFrame) -> pd.Series:
    """Weighted mean of the known deficits × 100; null where none is known."""
    weight = goals["weight"].where(goals["deficit"].notna(), 0.0)
    parts = pd.DataFrame(
        {"unit_code": goals["unit_code"], "weight": weight, "deficit": weight * goals["deficit"].fillna(0.0)}
    )
    sums = parts.groupby("unit_code", sort=True)[["weight", "deficit"]].sum()
    # rounded where floating-point noise would otherwise break ties between equal units
    return (100 * sums["deficit"] / sums["weight"].where(sums["weight"] > 0)).round(9)
