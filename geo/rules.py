"""The planner's rules: goals, goalposts, weights and thresholds, frozen, and read from TOML.

A dimension's deficit is 0 at its goal and 1 at its worst goalpost; both are fixed, never the sample's own extremes.
"""

import math
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from geo.errors import RulesError
from geo.goals import DEFAULT_GOALS, Faults, Goal, as_tables, check_goals, load_goals, load_own
from geo.rollout_rules import RolloutRules, load_rollout_rules
from geo.schema import Evidence

__all__ = ["DEFAULT_GOALS", "Goal", "Rules", "load_rules", "read_rules"]


@dataclass(frozen=True)
class Rules:
    """Everything a planner may change about how figures become verdicts.

    `min_devices`: fewer devices than this in all give no speed estimate (DESIGN §5).
    `decisive_devices`: fewer than this leave a speed goal undecided where no interval is known.
    `speed_quarters`: how many of the newest quarters are pooled into the speed figures.
    `speed_quarter_weight`: what a quarter weighs in a speed estimate beside the next newer one.
    `operator_share`: share of people (of area without a grid) from which an operator counts as present.
    `contradicted_share`: share of people, declared covered but contradicted by tests, above which that is a reason.
    `draws`, `seed`: how many times the score is drawn anew, and from which start.
    `weight_concentration`: how closely drawn weights keep to the given ones (the Dirichlet's; high is close).
    `geometric_floor`: what an achievement of 0 counts for in the geometric mean, so that one does not decide alone.
    `goalpost_variation`: how far the sensitivity table moves goals and worst goalposts, in parts of their distance.
    `half_width`: relative half-width of a speed's 90 % interval that new tests should reach (0.2: within ±20 %).
    `wanted_samples`: tests that a unit's figure should rest on (VNNIC i-Speed: 300 for a commune).
    `coverage_evidence`: which kind of evidence the headline coverage figures prefer, first to last.
    `rollout`: thresholds of the check of a proposal.
    """

    goals: tuple[Goal, ...] = DEFAULT_GOALS
    min_devices: float = 3.0
    decisive_devices: float = 10.0
    speed_quarters: int = 4
    speed_quarter_weight: float = 0.5
    operator_share: float = 0.5
    contradicted_share: float = 0.1
    draws: int = 1000
    seed: int = 20260930
    weight_concentration: float = 50.0
    geometric_floor: float = 0.1
    goalpost_variation: float = 0.1
    half_width: float = 0.2
    wanted_samples: int = 300
    coverage_evidence: tuple[Evidence, ...] = (Evidence.DECLARED, Evidence.MODELLED, Evidence.MEASURED)
    rollout: RolloutRules = field(default_factory=RolloutRules)

    def with_own(self, ids: Collection[str]) -> "Rules":
        """The rules without goals that read own indicators other than these."""
        return replace(self, goals=tuple(g for g in self.goals if not g.is_own or g.dimension in ids))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the manifest and for a file that `load_rules` reads back."""
        return {
            **{name: getattr(self, name) for name in _SETTINGS},
            "coverage_evidence": [str(evidence) for evidence in self.coverage_evidence],
            "rollout": self.rollout.as_dict(),
            **as_tables(self.goals),
        }

    def of_build(self) -> dict[str, Any]:
        """`as_dict` without the thresholds of the check of proposals, which no table of a build depends on."""
        return {name: value for name, value in self.as_dict().items() if name != "rollout"}


@dataclass(frozen=True)
class _Setting:
    """What a number may be: from `low` (from above it where `above`) to `high`."""

    low: float
    high: float = math.inf
    above: bool = False
    whole: bool = False

    def fault(self, value: float) -> str:
        """What was wanted, where the value is not that; else empty."""
        if (value > self.low if self.above else value >= self.low) and value <= self.high:
            return ""
        least = f"above {self.low:g}" if self.above else f"{self.low:g} or more"
        return f"wanted {least}" + (f" and at most {self.high:g}" if self.high < math.inf else "")


_SETTINGS: Final = {
    "min_devices": _Setting(0),
    "decisive_devices": _Setting(0),
    "speed_quarters": _Setting(1, 400, whole=True),
    "speed_quarter_weight": _Setting(0, 1, above=True),
    "operator_share": _Setting(0, 1, above=True),
    "contradicted_share": _Setting(0, 1),
    "draws": _Setting(100, 100_000, whole=True),
    "seed": _Setting(0, 2**32 - 1, whole=True),
    "weight_concentration": _Setting(0, 1e9, above=True),
    "geometric_floor": _Setting(0, 0.9, above=True),
    # half of the distance would let goal and worst goalpost change places
    "goalpost_variation": _Setting(0, 0.49),
    "half_width": _Setting(0, 10, above=True),
    "wanted_samples": _Setting(1, 1_000_000, whole=True),
}


def read_rules(path: Path) -> Rules:
    """Rules from a TOML file; raises `RulesError` naming the file and every fault."""
    return load_rules(read_rule_file(path), source=path.name)


def read_rule_file(path: Path) -> dict[str, Any]:
    """A rule file as it stands, not yet checked; raises `RulesError` when it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise RulesError(f"{path.name}: cannot be read as TOML ({fault})") from fault


def load_rules(given: dict[str, Any], *, source: str = "rules") -> Rules:
    """Defaults overlaid with `given` (the shape of `Rules.as_dict`); raises `RulesError` listing every fault."""
    if not isinstance(given, dict):
        raise RulesError(f"{source}: is {given!r}, wanted a table, for example min_devices = 3")
    faults = Faults()
    known = {*_SETTINGS, "coverage_evidence", "goals", "indicators", "rollout"}
    faults.found += [
        f"unknown setting {name!r} (known: {', '.join(sorted(known))})" for name in given if name not in known
    ]
    scalars = {
        name: _load_setting(name, given[name], setting, faults)
        for name, setting in _SETTINGS.items()
        if name in given
    }
    goals = (*load_goals(given.get("goals", {}), faults), *load_own(given.get("indicators", {}), faults))
    rules = replace(Rules(), **scalars, goals=goals)  # type: ignore[arg-type]
    if "coverage_evidence" in given:
        rules = replace(rules, coverage_evidence=_load_evidence(given["coverage_evidence"], faults))
    if "rollout" in given:
        rollout, found = load_rollout_rules(given["rollout"])
        rules = replace(rules, rollout=rollout)
        faults.found += found
    faults.found += check_goals(rules.goals)
    if faults.found:
        raise RulesError(f"{source}: " + "; ".join(faults.found))
    return rules


def _load_setting(name: str, given: Any, setting: _Setting, faults: Faults) -> float:
    fallback = getattr(Rules, name)
    value = faults.number(given, name, fallback)
    if setting.whole and value != int(value):
        faults.found.append(f"{name} is {value}, wanted a whole number")
        return float(fallback)
    found = int(value) if setting.whole else value
    if fault := setting.fault(found):
        faults.found.append(f"{name} is {found}, {fault}")
    return found


def _load_evidence(given: Any, faults: Faults) -> tuple[Evidence, ...]:
    allowed = [str(evidence) for evidence in Evidence]
    if not isinstance(given, list) or sorted(map(str, given)) != sorted(allowed):
        faults.found.append(
            f"coverage_evidence is {given!r}, wanted each of {', '.join(allowed)} once, in order of preference"
        )
        return Rules.coverage_evidence
    return tuple(Evidence(name) for name in given)
