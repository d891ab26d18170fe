"""The verdict on a proposal: every criterion with its figure, its threshold and its outcome; reasons as codes and numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from geo.rollout_rules import RolloutRules


class Judgement(StrEnum):
    """What one criterion says; `not_judged`: a figure or a threshold is not there, which is neither good nor bad."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNDECIDED = "undecided"
    NOT_JUDGED = "not_judged"


class Advice(StrEnum):
    """The overall outcome of a check."""

    RECOMMENDED = "recommended"
    ACCEPTABLE = "acceptable"
    QUESTIONABLE = "questionable"


@dataclass(frozen=True)
class Range:
    """A figure and the range it lies in; None where it is not known. All three are equal where nothing is uncertain."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        """Whether there is a range, be it without a best value."""
        return self.low is not None and self.high is not None


UNKNOWN: Final = Range()


def range_of(low: float | None, value: float | None, high: float | None) -> Range:
    """The range of three figures of which any may be the largest; unknown when one is not known."""
    if low is None or value is None or high is None:
        return UNKNOWN
    return Range(value, min(low, value, high), max(low, value, high))


@dataclass(frozen=True)
class Reason:
    """Why, as a code of `REASONS` and the numbers that its sentence names."""

    code: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


REASONS: Final = (
    "new_people_pass", "new_people_fail", "new_people_undecided", "duplication_pass", "duplication_fail",
    "duplication_undecided", "gap_share_pass", "gap_share_fail", "gap_share_undecided", "cost_pass", "cost_fail",
    "cost_undecided", "spacing_pass", "spacing_warn", "spacing_share", "inside_pass", "inside_fail", "no_grid",
    "coverage_unknown", "no_gain", "no_threshold", "no_cost", "no_sites", "no_planned_sites", "modelled", "own_plan",
    "same_area", "sites_outside", "not_modelled", "unknown_verdicts",
    "people_unknown_units",
)  # fmt: skip
"""Every code a reason can have; `layers.rollout_text` has a sentence for each."""


@dataclass(frozen=True)
class Criterion:
    """One question put to a proposal. `better`: `high` when the figure must reach the threshold, `low` when not exceed it."""

    code: str
    figure: Range
    unit: str
    threshold: float | None
    better: str
    essential: bool
    outcome: Judgement
    reason: Reason


@dataclass(frozen=True)
class Figures:
    """What the criteria look at. Shares are of `basis` (people or area); `people_unknown_units`: touched units in no sum of people."""

    basis: str
    new_people: Range
    duplicated_share: Range
    gap_share: float | None
    cost: float | None
    cost_per_new_person: Range
    outside_share: float
    coverage_known: bool
    sites: int
    nearest_site_km: float | None
    nearest_site_of: str
    verdicts_known: bool
    people_unknown_units: int = 0


def judge(figures: Figures, rules: RolloutRules) -> list[Criterion]:
    """Every criterion, essential ones first."""
    return [
        _new_people(figures, rules),
        _duplication(figures, rules),
        _gap_share(figures, rules),
        _cost(figures, rules),
        _spacing(figures, rules),
        _inside(figures, rules),
    ]


def overall(criteria: Sequence[Criterion]) -> Advice:
    """`questionable` when an essential criterion fails; `recommended` when those pass and no other fails or is open."""
    if any(c.essential and c.outcome == Judgement.FAIL for c in criteria):
        return Advice.QUESTIONABLE
    essential = all(c.outcome == Judgement.PASS for c in criteria if c.essential)
    others = all(c.outcome in (Judgement.PASS, Judgement.NOT_JUDGED) for c in criteria)
    return Advice.RECOMMENDED if essential and others else Advice.ACCEPTABLE


def compare_range(figure: Range, threshold: float, better: str) -> Judgement:
    """Fails or passes only when the whole range does."""
    if figure.low is None or figure.high is None:
        return Judgement.NOT_JUDGED
    worst, best = (figure.low, figure.high) if better == "high" else (-figure.high, -figure.low)
    limit = threshold if better == "high" else -threshold
    if worst >= limit:
        return Judgement.PASS
    return Judgement.FAIL if best < limit else Judgement.UNDECIDED


def _judged(
    code: str, figure: Range, unit: str, threshold: float, better: str, *, essential: bool, **numbers: Any
) -> Criterion:
    outcome = compare_range(figure, threshold, better)
    said = {"value": figure.value, "low": figure.low, "high": figure.high, "threshold": threshold, **numbers}
    return Criterion(
        code, figure, unit, threshold, better, essential, outcome, Reason(f"{code}_{outcome}", said)
    )


def _not_judged(
    code: str, unit: str, threshold: float | None, better: str, why: str, *, essential: bool = False,
    figure: Range = UNKNOWN,
) -> Criterion:  # fmt: skip
    reason = Reason(why, {"criterion": code})
    return Criterion(code, figure, unit, threshold, better, essential, Judgement.NOT_JUDGED, reason)


def _new_people(figures: Figures, rules: RolloutRules) -> Criterion:
    if figures.basis != "people":
        return _not_judged("new_people", "people", rules.min_new_people, "high", "no_grid", essential=True)
    found = _judged("new_people", figures.new_people, "people", rules.min_new_people, "high", essential=True)
    if found.outcome == Judgement.FAIL and figures.people_unknown_units:
        # those whose number is not known may be enough
        reason = Reason("new_people_undecided", found.reason.numbers)
        return replace(found, outcome=Judgement.UNDECIDED, reason=reason)
    return found


def _duplication(figures: Figures, rules: RolloutRules) -> Criterion:
    limit = rules.max_duplicated_share
    if not figures.duplicated_share.known:
        return _not_judged("duplication", "share", limit, "low", "no_gain", essential=True)
    return _judged(
        "duplication", figures.duplicated_share, "share", limit, "low", essential=True, basis=figures.basis
    )


def _gap_share(figures: Figures, rules: RolloutRules) -> Criterion:
    share, limit = figures.gap_share, rules.min_gap_share
    if not figures.verdicts_known or share is None:
        why = "no_gain" if figures.coverage_known and figures.verdicts_known else "unknown_verdicts"
        return _not_judged("gap_share", "share", limit, "high", why)
    return _judged(
        "gap_share", Range(share, share, share), "share", limit, "high", essential=False, basis=figures.basis
    )


def _cost(figures: Figures, rules: RolloutRules) -> Criterion:
    limit = rules.max_cost_per_new_person
    if figures.cost is None:
        return _not_judged("cost", "cost", limit or None, "low", "no_cost")
    if not figures.cost_per_new_person.known:
        why = "no_gain" if figures.basis == "people" and figures.coverage_known else "no_grid"
        return _not_judged(
            "cost", "cost", limit or None, "low", why if figures.coverage_known else "coverage_unknown"
        )
    if not limit:
        return _not_judged("cost", "cost", None, "low", "no_threshold", figure=figures.cost_per_new_person)
    return _judged("cost", figures.cost_per_new_person, "cost", limit, "low", essential=False)


def _spacing(figures: Figures, rules: RolloutRules) -> Criterion:
    limit, km = rules.warn_site_km, figures.nearest_site_km
    if not figures.sites or km is None:
        return _not_judged(
            "spacing", "km", limit, "high", "no_planned_sites" if figures.sites else "no_sites"
        )
    found = _judged(
        "spacing", Range(km, km, km), "km", limit, "high", essential=False, operator=figures.nearest_site_of,
        share_km=rules.share_site_km,
    )  # fmt: skip
    if found.outcome == Judgement.PASS:
        return found
    code = "spacing_share" if km <= rules.share_site_km else "spacing_warn"
    return Criterion(
        found.code,
        found.figure,
        found.unit,
        limit,
        "high",
        False,
        found.outcome,
        Reason(code, found.reason.numbers),
    )


def _inside(figures: Figures, rules: RolloutRules) -> Criterion:
    share = figures.outside_share
    return _judged(
        "inside", Range(share, share, share), "share", rules.max_outside_share, "low", essential=False
    )
