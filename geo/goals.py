"""Goals: one dimension of the score each, their defaults, and how the planner's own are read and checked."""

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

from geo.intervals import OWN_PREFIX


@dataclass(frozen=True)
class Goal:
    """One dimension: the figure it reads, the value wanted, the worst goalpost, its weight and its source.

    A goal above its worst goalpost wants high figures, one below it low figures.
    """

    dimension: str
    column: str
    unit: str
    goal: float
    worst: float
    essential: bool
    weight: float
    source: str

    @property
    def is_own(self) -> bool:
        """Whether it reads an own indicator of the workspace."""
        return self.column.startswith(OWN_PREFIX)


_MINISTRY: Final = "Ministry of Science and Technology"
_D36: Final = "Decision 36/QĐ-TTg of 2024"

DEFAULT_GOALS: Final = (
    Goal("4g", "4g_covered_people_share", "share", 0.998, 0.80, True, 0.30, f"{_MINISTRY}: 99.8 % of people, end of 2025"),
    Goal("5g", "5g_covered_people_share", "share", 0.90, 0.0, False, 0.10, f"{_MINISTRY}: 90 % for 2025; {_D36}, 1132/QĐ-TTg: 99 % by 2030"),
    Goal("mobile", "mobile_download_mbps", "Mbps", 40.0, 5.0, True, 0.30, f"{_D36}: 40 Mbps by 2025; worst: operators' zone-1 minimum"),
    Goal("fixed", "fixed_download_mbps", "Mbps", 100.0, 10.0, False, 0.15, f"{_D36}: 100 Mbps; worst: the ITU floor"),
    Goal("choice", "4g_operators", "operators", 2.0, 0.0, False, 0.15, "Competition and resilience: two operators on 4G"),
)  # fmt: skip
GOAL_FIELDS: Final = ("goal", "worst", "essential", "weight", "source")
_OWN_FIELDS: Final = ("unit", *GOAL_FIELDS)
_OWN_NEEDED: Final = ("goal", "worst", "weight")
INDICATOR_ID: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
"""Ids of own indicators: small letters and digits, joined by single underscores."""


@dataclass
class Faults:
    """Faults gathered while reading, so that one message can name them all."""

    found: list[str] = field(default_factory=list)

    def number(self, value: Any, name: str, fallback: float) -> float:
        """The value as a number; anything else is a fault, and `fallback` stands in."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.found.append(f"{name} is {value!r}, wanted a number")
            return fallback
        return float(value)


def as_tables(goals: tuple[Goal, ...]) -> dict[str, dict[str, Any]]:
    """The tables `goals` and, where there are any, `indicators` of a rule file."""
    built_in = {g.dimension: {name: getattr(g, name) for name in GOAL_FIELDS} for g in goals if not g.is_own}
    own = {g.dimension: {name: getattr(g, name) for name in _OWN_FIELDS} for g in goals if g.is_own}
    return {"goals": built_in, **({"indicators": own} if own else {})}


def load_goals(given: Any, faults: Faults) -> tuple[Goal, ...]:
    """The defaults overlaid with the table `goals` of a rule file."""
    if not isinstance(given, dict):
        faults.found.append(f"goals is {given!r}, wanted a table per dimension, for example [goals.4g]")
        return DEFAULT_GOALS
    dimensions = [goal.dimension for goal in DEFAULT_GOALS]
    faults.found += [
        f"unknown dimension {name!r} (known: {', '.join(dimensions)})"
        for name in given
        if name not in dimensions
    ]
    return tuple(
        _load_goal(goal, f"goals.{goal.dimension}", given.get(goal.dimension, {}), GOAL_FIELDS, faults)
        for goal in DEFAULT_GOALS
    )


def load_own(given: Any, faults: Faults) -> tuple[Goal, ...]:
    """Own indicators that enter the score: the table `indicators` of a rule file, by id; none by default."""
    if not isinstance(given, dict):
        faults.found.append(
            f"indicators is {given!r}, wanted a table per indicator, for example [indicators.ho_so]"
        )
        return ()
    taken = {goal.dimension for goal in DEFAULT_GOALS}
    goals = []
    for name, table in given.items():
        where = f"indicators.{name}"
        if not INDICATOR_ID.fullmatch(name) or name in taken:
            faults.found.append(
                f"{where} is no id of an own indicator; `vunglom indicators DIR` lists those there are"
            )
        missing = [wanted for wanted in _OWN_NEEDED if isinstance(table, dict) and wanted not in table]
        if missing:
            faults.found.append(f"{where} lacks {', '.join(missing)}: an own indicator has no defaults")
        base = Goal(name, f"{OWN_PREFIX}{name}", "", 1.0, 0.0, False, 0.0, "own indicator")
        goals.append(_load_goal(base, where, table, _OWN_FIELDS, faults))
    return tuple(goals)


def _load_goal(base: Goal, where: str, given: Any, allowed: tuple[str, ...], faults: Faults) -> Goal:
    if not isinstance(given, dict):
        faults.found.append(f"{where} is {given!r}, wanted a table with any of {', '.join(allowed)}")
        return base
    faults.found += [
        f"{where}.{name} is not known (known: {', '.join(allowed)})" for name in given if name not in allowed
    ]
    figures = {
        name: faults.number(given[name], f"{where}.{name}", getattr(base, name))
        for name in ("goal", "worst", "weight")
        if name in given
    }
    texts = {name: str(given[name]) for name in ("unit", "source") if name in given and name in allowed}
    essential = given.get("essential", base.essential)
    if not isinstance(essential, bool):
        faults.found.append(f"{where}.essential is {essential!r}, wanted true or false")
        essential = base.essential
    return replace(base, **figures, **texts, essential=essential)  # type: ignore[arg-type]


def check_goals(goals: tuple[Goal, ...]) -> list[str]:
    """What is wrong with a set of goals as a whole and with each."""
    where = {g.dimension: f"{'indicators' if g.is_own else 'goals'}.{g.dimension}" for g in goals}
    faults = [
        f"{where[g.dimension]}: worst ({g.worst}) must be below goal ({g.goal})"
        for g in goals
        if not g.is_own and not g.worst < g.goal
    ]
    faults += [
        f"{where[g.dimension]}: worst and goal are both {g.goal}, wanted two values: which way is better?"
        for g in goals
        if g.is_own and g.worst == g.goal
    ]
    faults += [f"{where[g.dimension]}.weight is {g.weight}, wanted 0 or more" for g in goals if g.weight < 0]
    # an own indicator may have no figures for a list of units, so the others must carry a score by themselves
    if sum(g.weight for g in goals if not g.is_own) <= 0:
        faults.append("the weights sum to zero, wanted at least one above zero")
    if not any(g.essential for g in goals):
        faults.append("no goal is essential, wanted at least one")
    faults += [
        f"{where[g.dimension]}.{name} is {getattr(g, name)}, wanted a share of 0 to 1"
        for g in goals
        for name in ("goal", "worst")
        if g.unit == "share" and not 0 <= getattr(g, name) <= 1
    ]
    return faults
