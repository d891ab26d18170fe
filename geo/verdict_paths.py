"""What would change a unit's verdict: which goals it must come to pass for which better one, and which could make it worse."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from geo.schema import Outcome, Verdict
from geo.verdict_rule import decide, flag_goals


@dataclass(frozen=True)
class Step:
    """A better verdict, the dimensions that must pass for it beyond those of the steps before, and whether signals must go."""

    verdict: Verdict
    dimensions: tuple[str, ...]
    signals: bool = False


@dataclass(frozen=True)
class Paths:
    """The verdict as it is, the steps to better ones in order, and essential goals of which one that fails makes a gap."""

    verdict: Verdict
    better: tuple[Step, ...]
    worse: tuple[str, ...]


def verdict_paths(goals: pd.DataFrame, *, warned: bool = False) -> Paths:
    """`goals`: the rows of one unit in the goals table; `warned`: a signal of `geo.reasons.find_signals` speaks against it.

    Each step lets pass what stands in the way of it and judges anew by the rule of the build: essential goals that fail,
    then essential ones without evidence, then whatever else fails or is undecided, and the signals. Steps that change
    nothing join the next. In a gap nothing is worse.
    """
    essential = goals["essential"].astype(bool)
    # plain objects: text types of tables are many times slower for a handful of rows
    outcome = goals["outcome"].astype(str).astype(object)
    verdict = _judge(outcome, essential, warned)
    blocked = (
        essential & (outcome == Outcome.FAIL),
        essential & (outcome == Outcome.NO_EVIDENCE),
        outcome.isin([Outcome.FAIL, Outcome.UNDECIDED]),
    )
    steps: list[Step] = []
    now, waiting, left = verdict, [], warned
    for place, way in enumerate(blocked):
        waiting += goals.loc[way & (outcome != Outcome.PASS), "dimension"].astype(str).tolist()
        outcome = outcome.mask(way, str(Outcome.PASS))
        clears = left and place == len(blocked) - 1
        left = left and not clears
        found = _judge(outcome, essential, left)
        if found != now:
            steps.append(Step(found, tuple(waiting), clears))
            now, waiting = found, []
    held = essential & (goals["outcome"].astype(str) != Outcome.FAIL)
    worse = () if verdict == Verdict.GAP else tuple(goals.loc[held, "dimension"].astype(str))
    return Paths(verdict, tuple(steps), worse)


def is_warned(reasons: Collection[str] | None, goals: pd.DataFrame) -> bool:
    """Whether one of a unit's reason codes is a signal, not the reason of one of its goals."""
    of_goals = set(goals["reason"].dropna().astype(str))
    return any(str(code) not in of_goals for code in (() if reasons is None else reasons))


def _judge(outcome: pd.Series, essential: pd.Series, warned: bool) -> Verdict:
    any_of = {name: [bool(found.any())] for name, found in flag_goals(outcome, essential).items()}
    any_of["watch"][0] |= warned
    return Verdict(str(decide(pd.DataFrame(any_of))[0]))
