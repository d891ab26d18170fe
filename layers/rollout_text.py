"""The check of a proposal in words: each figure with its range, each criterion with its threshold, each reason a sentence."""

from dataclasses import dataclass
from typing import Final

from geo.rollout import Check
from geo.rollout_areas import EARLIER
from geo.rollout_check import Criterion, Range
from geo.written_parts import DUPLICATED_PARTS, parts_as_written
from layers.rollout_sentences import reason_text, threshold_text
from layers.strings import MISSING, Language, figure, number, text

_UNITS: Final = {"people": "people", "share": "share", "km": "km", "cost": "cost"}
_SHOWN: Final = ("inside", "new", "upgraded", "duplicated", *DUPLICATED_PARTS)
_OF_WHICH: Final = ("upgraded", *DUPLICATED_PARTS)


@dataclass(frozen=True)
class CriterionLine:
    """One row of the verdict card, ready to read."""

    code: str
    name: str
    essential: bool
    figure: str
    threshold: str
    outcome: str
    sentence: str


@dataclass(frozen=True)
class FigureLine:
    """One figure in people and in km²; a dash where it is not known. `part`: it lies within the line above that is none."""

    code: str
    name: str
    people: str
    km2: str
    part: bool


def value_text(value: float | None, unit: str, language: Language) -> str:
    """A figure of a criterion: people and money whole, shares to a tenth of a per cent, distances to 100 m."""
    if unit == "people":
        return number(value, language)
    if unit == "cost":
        few = value is not None and abs(value) < 100
        return number(value, language, decimals=2 if few else 0)
    return figure(value, _UNITS[unit], language)


def range_text(found: Range, unit: str, language: Language) -> str:
    """`12.345 (11.900 – 12.800)`; only the ends where there is no best value; a dash where nothing is known."""
    low, value, high = (value_text(one, unit, language) for one in (found.low, found.value, found.high))
    if not found.known:
        return value if found.value is not None else MISSING
    if found.value is None:
        return text("up_to", language, low=low, high=high)
    ends = text("between", language, low=low, high=high)
    return value if low == high else f"{value} ({ends})"


def criterion_lines(check: Check, language: Language) -> list[CriterionLine]:
    """Every criterion, in the order they were judged."""
    return [_criterion_line(criterion, language) for criterion in check.criteria]


def _criterion_line(criterion: Criterion, language: Language) -> CriterionLine:
    limit = text("no_limit", language)
    if criterion.threshold is not None:
        way = "at_least" if criterion.better == "high" else "at_most"
        limit = text(way, language, value=threshold_text(criterion.threshold, criterion.unit, language))
    return CriterionLine(
        code=criterion.code,
        name=text(f"criterion_{criterion.code}", language),
        essential=criterion.essential,
        figure=range_text(criterion.figure, criterion.unit, language),
        threshold=limit,
        outcome=str(criterion.outcome),
        sentence=reason_text(criterion.reason.code, criterion.reason.numbers, language),
    )


def further_reasons(check: Check, language: Language) -> list[str]:
    """What is to be said beside the criteria: models, missing files, sites outside."""
    return [
        reason_text(reason.code, reason.numbers, language) for reason in check.reasons[len(check.criteria) :]
    ]


def headline(check: Check, language: Language) -> str:
    """What is inside = what is new + what is duplicated, in people or, without a grid, km²; empty where one is not known."""
    kind, decimals = (0, 0) if check.basis == "people" else (1, 1)
    found = parts_as_written(check, kind, decimals)
    values = {code: found[code].value for code in ("inside", "new", "duplicated")}
    if any(value is None for value in values.values()):
        return ""
    said = {code: number(value, language, decimals=decimals) for code, value in values.items()}
    return text(f"headline_{check.basis}", language, **said, technology=str(check.technology))


def figure_lines(check: Check, language: Language) -> list[FigureLine]:
    """The parts of the proposal in people and km²; an upgrade where there is an earlier technology.

    What is new and what is duplicated add up to what is inside, as written.
    """
    earlier = EARLIER.get(check.technology)
    in_people, in_km2 = parts_as_written(check, 0, 0), parts_as_written(check, 1, 1)
    lines = []
    for code in _SHOWN:
        if code == "upgraded" and earlier is None:
            continue
        named = {"technology": str(earlier)} if code == "upgraded" else {}
        lines.append(
            FigureLine(
                code,
                text("figure_upgraded", language, **named) if named else text(f"part_{code}", language),
                range_text(in_people[code], "people", language),
                _km2(in_km2[code], language),
                code in _OF_WHICH,
            )
        )
    return lines


def _km2(found: Range, language: Language) -> str:
    ends = [number(one, language, decimals=1) for one in (found.low, found.value, found.high)]
    if found.value is None:
        return f"{ends[0]} – {ends[2]}" if found.known else MISSING
    return ends[1] if ends[0] == ends[2] else f"{ends[1]} ({ends[0]} – {ends[2]})"


def count_lines(check: Check, language: Language) -> list[tuple[str, str]]:
    """Schools, clinics, units lifted, cost per person: name and figure; only those that are known."""
    lines = []
    for kind, code in (("school", "schools"), ("clinic", "clinics")):
        count = check.places.get(kind)
        if count is not None:
            lines.append((text(f"figure_{code}", language), number(count, language)))
    if check.new_area is not None:
        lines.append((text("figure_lifted", language), number(check.lifted_units, language)))
    if check.cost is not None:
        lines.append((text("figure_cost", language), range_text(check.cost_per_new_person, "cost", language)))
    return lines
