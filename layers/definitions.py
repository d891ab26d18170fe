"""What every figure, goal, verdict, criterion and column means: term → definition in both languages, with its section of METHODS.

A term is what the address names (`?page=method&term=…`): a column of the result table, `column_…` for a column of another
table, `rollout_…` for one of a check, `verdict_…`, `outcome_…`, `goal_…`, `evidence_…`, `criterion_…`, `advice_…`, `part_…`, `target_…`, and a few words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from geo.column_terms import COLUMN_TERMS
from geo.definition import Definition, fill
from geo.goals import Goal
from geo.intervals import OWN_PREFIX
from geo.rollout_check import Advice
from geo.rollout_rules import PARTS
from geo.rules import Rules
from geo.schema import (
    RESULT_BY_NAME,
    Evidence,
    Outcome,
    Verdict,
)
from geo.targets import NATIONAL_TARGETS, State
from layers.own import BIVARIATE_PREFIX
from layers.strings import Language, figure, goal_figure, has_text, number, text

GROUPS: Final = (
    "verdict", "goal", "outcome", "evidence", "figure", "word", "target", "criterion", "part", "unit", "column",
)  # fmt: skip
"""Order of the glossary; the catalogue names each by `glossary_…`."""
_WORDS: Final[Mapping[str, str]] = {
    "interval": "Speed", "thin": "Goals and verdict", "no_data": "The result table", "median": "Trend",
    "essential": "Goals and verdict", "own": "Own indicators", "bivariate": "Own indicators", "filter": "Exports",
    "border": "Border units", "remote": "Exports", "planning": "Planning", "bound": "Planning", "finding": "Quality",
    "province": "One unit", "nation": "One unit", "path": "One unit",
    "unit_quarters": "One unit", "similar": "One unit", "neighbours": "One unit", "tests_needed": "Where to measure next",
}  # fmt: skip


def _columns() -> Iterator[Definition]:
    """Columns as files define them; a figure that pages have a name of their own for is called by it."""
    for definition in COLUMN_TERMS.values():
        named = definition.term in RESULT_BY_NAME and has_text(definition.term)
        yield replace(definition, title=definition.term) if named else definition


def _of_kind(
    kind: str, names: Iterator[str] | Any, section: str, group: str | None = None
) -> Iterator[Definition]:
    """Terms whose title and meaning the catalogue has under one pattern."""
    for name in names:
        key = f"{kind}_{name}"
        yield Definition(key, group or kind, key, f"def_{key}", section)


def _registry() -> dict[str, Definition]:
    columns = tuple(_columns())
    found = [
        *_of_kind("verdict", Verdict, "Goals and verdict"),
        *(Definition(f"goal_{g.dimension}", "goal", f"dimension_{g.dimension}", "def_goal", "Goals and verdict", source=g.source)
          for g in Rules().goals),
        *_of_kind("outcome", Outcome, "Goals and verdict"),
        *_of_kind("evidence", Evidence, "Coverage"),
        *(one for one in columns if one.term in RESULT_BY_NAME),
        *(Definition(name, "word", f"term_{name}", f"def_{name}", section) for name, section in _WORDS.items()),
        *(Definition(f"target_{t.id}", "target", f"target_{t.id}", "def_target", "Targets", {"source": f"target_{t.id}_source"}, t.source)
          for t in NATIONAL_TARGETS),
        *_of_kind("target_state", State, "Targets", "target"),
        *_of_kind("criterion", ("new_people", "duplication", "gap_share", "cost", "spacing", "inside"), "Rollout"),
        *_of_kind("advice", Advice, "Rollout", "criterion"),
        *_of_kind("part", (*PARTS, "duplicated"), "Rollout"),
    ]  # fmt: skip
    known = {definition.term: definition for definition in found}
    return known | {d.term: d for d in columns if d.term not in known}


TERMS: Final[Mapping[str, Definition]] = MappingProxyType(_registry())


def definition_of(term: str) -> Definition | None:
    """The definition of a term, of an indicator's column (own ones too), or None for anything else."""
    if term.startswith(OWN_PREFIX):
        return TERMS["own"]
    return TERMS["bivariate" if term.startswith(BIVARIATE_PREFIX) else term] if _is_known(term) else None


def _is_known(term: str) -> bool:
    return term in TERMS or term.startswith(BIVARIATE_PREFIX)


def title_of(definition: Definition, language: Language) -> str:
    """The term in words."""
    return _filled(definition.title, definition, language)


def meaning_of(definition: Definition, language: Language) -> str:
    """What it means: one to three sentences."""
    return _filled(definition.meaning, definition, language)


def _filled(key: str, definition: Definition, language: Language) -> str:
    words = {
        name: text(word, language) if has_text(word) else word for name, word in definition.words.items()
    }
    if definition.group == "goal":
        words |= _goal_words(definition, language)
    return fill(text(key, language), {**_defaults(language), **words})


def _goal_words(definition: Definition, language: Language) -> dict[str, str]:
    goal: Goal = next(g for g in Rules().goals if f"goal_{g.dimension}" == definition.term)
    return {
        "figure": text(goal.column, language),
        "goal": goal_figure(goal.goal, goal.unit, language),
        "worst": goal_figure(goal.worst, goal.unit, language),
        "essential": text("def_goal_essential" if goal.essential else "def_goal_other", language),
        "weight": number(goal.weight, language, decimals=2),
    }


def _defaults(language: Language) -> dict[str, str]:
    """Numbers of the default rules that meanings name, so that no sentence repeats one by hand."""
    rules = Rules()
    shares = {
        name: figure(value, "share", language)
        for name, value in rules.rollout.as_dict().items()
        if name in ("max_duplicated_share", "min_gap_share", "max_outside_share")
    }
    whole = {
        name: number(getattr(rules.rollout, name), language)
        for name in ("min_new_people", "share_site_km", "warn_site_km")
    }
    return {
        **shares,
        **whole,
        "min_devices": number(rules.min_devices, language),
        "draws": number(rules.draws, language),
    }
