"""The planner's rules: goals, goalposts, weights and thresholds, frozen, and read from TOML.

A dimension's deficit is 0 at its goal and 1 at its worst goalpost; both are fixed, never the sample's own extremes.
"""

import math
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from geo.errors import RulesError
from geo.rollout_rules import RolloutRules, load_rollout_rules
from geo.schema import Evidence


@dataclass(frozen=True)
class Goal:
    """One dimension: the figure it reads, the value wanted, the worst goalpost, its weight and its source."""

    dimension: str
    column: str
    unit: str
    goal: float
    worst: float
    essential: bool
    weight: float
    source: str


_MINISTRY: Final = "Ministry of Science and Technology"
_D36: Final = "Decision 36/QĐ-TTg of 2024"

DEFAULT_GOALS: Final = (
    Goal("4g", "4g_covered_people_share", "share", 0.998, 0.80, True, 0.30, f"{_MINISTRY}: 99.8 % of people, end of 2025"),
    Goal("5g", "5g_covered_people_share", "share", 0.90, 0.0, False, 0.10, f"{_MINISTRY}: 90 % for 2025; {_D36}, 1132/QĐ-TTg: 99 % by 2030"),
    Goal("mobile", "mobile_download_mbps", "Mbps", 40.0, 5.0, True, 0.30, f"{_D36}: 40 Mbps by 2025; worst: operators' zone-1 minimum"),
    Goal("fixed", "fixed_download_mbps", "Mbps", 100.0, 10.0, False, 0.15, f"{_D36}: 100 Mbps; worst: the ITU floor"),
    Goal("choice", "4g_operators", "operators", 2.0, 0.0, False, 0.15, "Competition and resilience: two operators on 4G"),
)  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """Everything a planner may change about how figures become verdicts.

    `min_devices`: fewer devices than this in all give no speed estimate (DESIGN §5).
    `decisive_devices`: fewer than this leave a speed goal undecided where no interval is known.
    `speed_quarters`: how many of the newest quarters are pooled into the speed figures.
    `speed_quarter_weight`: what a quarter weighs in a speed estimate beside the next newer one.
    `operator_share`: share of people (of area without a grid) from which an operator counts as present.
    `coverage_evidence`: which kind of evidence the headline coverage figures prefer, first to last.
    `rollout`: thresholds of the check of a proposal.
    """

    goals: tuple[Goal, ...] = DEFAULT_GOALS
    min_devices: float = 3.0
    decisive_devices: float = 10.0
    speed_quarters: int = 4
    speed_quarter_weight: float = 0.5
    operator_share: float = 0.5
    coverage_evidence: tuple[Evidence, ...] = (Evidence.DECLARED, Evidence.MODELLED, Evidence.MEASURED)
    rollout: RolloutRules = field(default_factory=RolloutRules)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the manifest and for a file that `load_rules` reads back."""
        return {
            **{name: getattr(self, name) for name in _SCALARS},
            "coverage_evidence": [str(evidence) for evidence in self.coverage_evidence],
            "rollout": self.rollout.as_dict(),
            "goals": {g.dimension: {name: getattr(g, name) for name in _GOAL_FIELDS} for g in self.goals},
        }


_SCALARS: Final = (
    "min_devices",
    "decisive_devices",
    "speed_quarters",
    "speed_quarter_weight",
    "operator_share",
)
_GOAL_FIELDS: Final = ("goal", "worst", "essential", "weight", "source")


@dataclass
class _Faults:
    """Faults gathered while reading, so that one message can name them all."""

    found: list[str] = field(default_factory=list)

    def number(self, value: Any, name: str, fallback: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.found.append(f"{name} is {value!r}, wanted a number")
            return fallback
        return float(value)


def read_rules(path: Path) -> Rules:
    """Rules from a TOML file; raises `RulesError` naming the file and every fault."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise RulesError(f"{path.name}: cannot be read as TOML ({fault})") from fault
    return load_rules(given, source=path.name)


def load_rules(given: dict[str, Any], *, source: str = "rules") -> Rules:
    """Defaults overlaid with `given` (the shape of `Rules.as_dict`); raises `RulesError` listing every fault."""
    if not isinstance(given, dict):
        raise RulesError(f"{source}: is {given!r}, wanted a table, for example min_devices = 3")
    faults = _Faults()
    known = {*_SCALARS, "coverage_evidence", "goals", "rollout"}
    faults.found += [
        f"unknown setting {name!r} (known: {', '.join(sorted(known))})" for name in given if name not in known
    ]
    base = Rules()
    scalars = {
        name: faults.number(given[name], name, getattr(base, name)) for name in _SCALARS if name in given
    }
    if "speed_quarters" in scalars:
        scalars["speed_quarters"] = _whole(scalars["speed_quarters"], faults)
    rules = replace(base, **scalars, goals=_load_goals(given.get("goals", {}), faults))  # type: ignore[arg-type]
    if "coverage_evidence" in given:
        rules = replace(rules, coverage_evidence=_load_evidence(given["coverage_evidence"], faults))
    if "rollout" in given:
        rollout, found = load_rollout_rules(given["rollout"])
        rules = replace(rules, rollout=rollout)
        faults.found += found
    faults.found += _check(rules)
    if faults.found:
        raise RulesError(f"{source}: " + "; ".join(faults.found))
    return rules


def _whole(value: float, faults: _Faults) -> int:
    if value != int(value):
        faults.found.append(f"speed_quarters is {value}, wanted a whole number")
    return int(value)


def _load_evidence(given: Any, faults: _Faults) -> tuple[Evidence, ...]:
    allowed = [str(evidence) for evidence in Evidence]
    if not isinstance(given, list) or sorted(map(str, given)) != sorted(allowed):
        faults.found.append(
            f"coverage_evidence is {given!r}, wanted each of {', '.join(allowed)} once, in order of preference"
        )
        return Rules.coverage_evidence
    return tuple(Evidence(name) for name in given)


def _load_goals(given: Any, faults: _Faults) -> tuple[Goal, ...]:
    if not isinstance(given, dict):
        faults.found.append(f"goals is {given!r}, wanted a table per dimension, for example [goals.4g]")
        return DEFAULT_GOALS
    dimensions = [goal.dimension for goal in DEFAULT_GOALS]
    faults.found += [
        f"unknown dimension {name!r} (known: {', '.join(dimensions)})"
        for name in given
        if name not in dimensions
    ]
    return tuple(_load_goal(goal, given.get(goal.dimension, {}), faults) for goal in DEFAULT_GOALS)


def _load_goal(base: Goal, given: Any, faults: _Faults) -> Goal:
    where = f"goals.{base.dimension}"
    if not isinstance(given, dict):
        faults.found.append(f"{where} is {given!r}, wanted a table with any of {', '.join(_GOAL_FIELDS)}")
        return base
    faults.found += [
        f"{where}.{name} is not known (known: {', '.join(_GOAL_FIELDS)})"
        for name in given
        if name not in _GOAL_FIELDS
    ]
    numbers = {
        name: faults.number(given[name], f"{where}.{name}", 0.0)
        for name in ("goal", "worst", "weight")
        if name in given
    }
    essential = given.get("essential", base.essential)
    if not isinstance(essential, bool):
        faults.found.append(f"{where}.essential is {essential!r}, wanted true or false")
        essential = base.essential
    return replace(base, **numbers, essential=essential, source=str(given.get("source", base.source)))  # type: ignore[arg-type]


def _check(rules: Rules) -> list[str]:
    faults = [
        f"goals.{g.dimension}: worst ({g.worst}) must be below goal ({g.goal})"
        for g in rules.goals
        if not g.worst < g.goal
    ]
    faults += [
        f"goals.{g.dimension}.weight is {g.weight}, wanted 0 or more" for g in rules.goals if g.weight < 0
    ]
    if sum(g.weight for g in rules.goals) <= 0:
        faults.append("the weights sum to zero, wanted at least one above zero")
    if not any(g.essential for g in rules.goals):
        faults.append("no goal is essential, wanted at least one")
    faults += [
        f"goals.{g.dimension}.goal is {g.goal}, wanted a share of 0 to 1"
        for g in rules.goals
        if g.unit == "share" and not 0 <= g.goal <= 1
    ]
    if not 1 <= rules.speed_quarters <= 400:
        faults.append(f"speed_quarters is {rules.speed_quarters}, wanted 1 or more")
    faults += [
        f"{name} is {getattr(rules, name)}, wanted above 0 and at most 1"
        for name in ("operator_share", "speed_quarter_weight")
        if not 0 < getattr(rules, name) <= 1
    ]
    faults += [
        f"{name} is {getattr(rules, name)}, wanted 0 or more"
        for name in ("min_devices", "decisive_devices")
        if getattr(rules, name) < 0
    ]
    return faults
