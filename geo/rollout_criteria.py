"""What speaks for and against a proposal: every criterion with its figure, thresholds and outcome, and all together."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from geo.rollout import Check
from geo.rules import RolloutRules


class Grade(StrEnum):
    """Outcome of one criterion; `not_judged` where it does not apply (no cost given, no limit set, no sites)."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"
    NO_EVIDENCE = "no_evidence"
    NOT_JUDGED = "not_judged"


class Advice(StrEnum):
    """Outcome of a proposal: questionable when a criterion fails, acceptable when one warns or has no evidence."""

    RECOMMENDED = "recommended"
    ACCEPTABLE = "acceptable"
    QUESTIONABLE = "questionable"


@dataclass(frozen=True)
class Criterion:
    """One criterion. It passes from `passes` and fails from `fails` on (None: it never does); `better` is `more` or `less`.

    `low`, `high`: the ends of the figure where it has a range; the grade is that of the worse end only where both differ, then `warn`.
    `reason`: code of what is to be said, empty when passed or not judged.
    """

    name: str
    value: float
    unit: str
    passes: float
    fails: float | None
    better: str
    grade: Grade
    reason: str
    low: float
    high: float


REASONS: Final = {
    "new_people": "few_newly_covered",
    "duplication": "mostly_covered_already",
    "gap_share": "gain_outside_gap_units",
    "cost_per_person": "cost_per_person_high",
    "site_distance": "near_other_site",
    "inside_region": "partly_outside_region",
    "promised_speed": "promised_speed_low",
}
SHARE_SITE: Final = "share_site"
NO_COVERAGE_KNOWN: Final = "coverage_not_known"


def judge_check(check: Check, rules: RolloutRules) -> tuple[Criterion, ...]:
    """The criteria of DESIGN §5 in a fixed order, each with its threshold from the rules."""
    found, nearest, proposal = check.figures, check.nearest, check.proposal
    new = (found.newly_covered_people, found.newly_covered_low, found.newly_covered_high)
    limit = rules.cost_per_person
    criteria = (
        _judge("new_people", new, "people", rules.good_people, rules.few_people, "more"),
        _judge(
            "duplication", (found.duplicated_share,), "0-1", rules.good_duplicated_share, rules.high_duplicated_share, "less"
        ),
        _judge("gap_share", (found.gap_share,), "0-1", rules.good_gap_share, None, "more"),
        _judge(
            "inside_region", (found.outside_share,), "0-1 outside", rules.good_outside_share, rules.high_outside_share, "less"
        ),
        _judge("cost_per_person", (found.cost_per_person,), "per person", limit, None, "less",
               applies=bool(limit) and proposal.cost is not None),
        _judge("site_distance", (np.nan if nearest is None else nearest.km,), "km", rules.near_site_km, None, "more",
               applies=nearest is not None),
        _judge("promised_speed", (np.nan if proposal.promised_mbps is None else proposal.promised_mbps,), "Mbps",
               rules.promised_mbps, None, "more", applies=proposal.promised_mbps is not None),
    )  # fmt: skip
    return tuple(_with_sharing(criterion, rules) for criterion in criteria)


def _judge(
    name: str,
    figure: tuple[float, ...],
    unit: str,
    passes: float,
    fails: float | None,
    better: str,
    *,
    applies: bool = True,
) -> Criterion:
    value, low, high = figure if len(figure) == 3 else figure * 3
    if not applies:
        grade = Grade.NOT_JUDGED
    elif np.isnan(value):
        grade = Grade.NO_EVIDENCE
    else:
        ends = {_grade(end, passes, fails, better) for end in (low, value, high)}
        # a range that reaches over a threshold decides nothing
        grade = ends.pop() if len(ends) == 1 else Grade.WARN
    reason = "" if grade in (Grade.PASS, Grade.NOT_JUDGED) else REASONS[name]
    if grade is Grade.NO_EVIDENCE:
        reason = NO_COVERAGE_KNOWN if name in ("new_people", "duplication") else f"{name}_not_known"
    return Criterion(name, value, unit, passes, fails, better, grade, reason, low, high)


def _grade(value: float, passes: float, fails: float | None, better: str) -> Grade:
    sign = 1.0 if better == "more" else -1.0
    if sign * value >= sign * passes:
        return Grade.PASS
    if fails is not None and (sign * value < sign * fails if better == "more" else value > fails):
        return Grade.FAIL
    return Grade.WARN


def _with_sharing(criterion: Criterion, rules: RolloutRules) -> Criterion:
    """A site very near another operator's is a mast to share, which is a reason of its own."""
    if (
        criterion.name == "site_distance"
        and criterion.grade is Grade.WARN
        and criterion.value <= rules.share_site_km
    ):
        return Criterion(**{**criterion.__dict__, "reason": SHARE_SITE})
    return criterion


def advise(criteria: tuple[Criterion, ...]) -> Advice:
    """The outcome of all criteria together."""
    grades = {criterion.grade for criterion in criteria}
    if Grade.FAIL in grades:
        return Advice.QUESTIONABLE
    return Advice.ACCEPTABLE if grades & {Grade.WARN, Grade.NO_EVIDENCE} else Advice.RECOMMENDED
