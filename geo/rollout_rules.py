"""Thresholds of the check of a proposal (DESIGN §5, Rollout): a table `[rules.rollout]` of `workspace.toml`."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

PARTS: Final = (
    "inside", "covered", "covered_same", "covered_others", "others_plans", "own_plans", "new", "upgraded",
)  # fmt: skip
"""Into what a proposal splits; METHODS (Rollout) says what each is. `new` + what it duplicates = `inside`."""


@dataclass(frozen=True)
class RolloutRules:
    """What a planner may change about the check of a proposal.

    `min_new_people`: newly covered people below which a proposal brings next to nothing. `max_duplicated_share`: share
    0-1 of the people inside who have coverage or another operator's accepted plan already. `min_gap_share`: share of the
    gain that should go to units of verdict `gap`. `max_cost_per_new_person`: in the money the costs are given in; 0 sets
    no limit. `warn_site_km`, `share_site_km`: distance to another operator's planned site from which to warn, and to
    suggest sharing. `max_outside_share`: share of the area that may lie outside the units. `most_sites`: in one proposal.
    """

    min_new_people: float = 100.0
    max_duplicated_share: float = 0.5
    min_gap_share: float = 0.5
    max_cost_per_new_person: float = 0.0
    warn_site_km: float = 10.0
    share_site_km: float = 1.0
    max_outside_share: float = 0.05
    most_sites: float = 20_000.0

    def as_dict(self) -> dict[str, float]:
        """Plain values, for the manifest and a file that `load_rollout_rules` reads back."""
        return asdict(self)


_SHARES: Final = ("max_duplicated_share", "min_gap_share", "max_outside_share")


def load_rollout_rules(given: Any) -> tuple[RolloutRules, list[str]]:
    """Defaults overlaid with a table, and every fault found in it."""
    if not isinstance(given, dict):
        return RolloutRules(), [f"rollout is {given!r}, wanted a table, for example [rules.rollout]"]
    known = [field.name for field in fields(RolloutRules)]
    faults = [
        f"rollout.{name} is not known (known: {', '.join(known)})" for name in given if name not in known
    ]
    values = {name: value for name, value in given.items() if name in known}
    odd = {name for name, value in values.items() if not _is_number(value)}
    faults += [f"rollout.{name} is {values[name]!r}, wanted a number of 0 or more" for name in sorted(odd)]
    rules = RolloutRules(**{name: float(value) for name, value in values.items() if name not in odd})
    faults += [f"rollout.{name} is {getattr(rules, name)}, wanted a share of 0 to 1" for name in _SHARES
               if getattr(rules, name) > 1]  # fmt: skip
    if rules.share_site_km > rules.warn_site_km:
        faults.append(
            f"rollout.share_site_km ({rules.share_site_km}) must not be above warn_site_km ({rules.warn_site_km})"
        )
    return rules, faults


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )
