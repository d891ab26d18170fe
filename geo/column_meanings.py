"""What columns are called and mean, in Vietnamese and in English, as every file says it: the words of the pages."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from geo.column_terms import COLUMN_TERMS, column_term
from geo.definition import Definition, fill
from geo.export_columns import LAYER_COLUMNS
from geo.numerals import LANGUAGES, Language, number
from geo.rollout_terms import rollout_term
from geo.rules import Rules
from geo.words_terms_en import TERMS_EN
from geo.words_terms_vi import TERMS_VI

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {"vi": TERMS_VI, "en": TERMS_EN}
SAID: Final = tuple(f"{what}_{language}" for language in LANGUAGES for what in ("title", "meaning"))
"""What is said of each column: its title and its meaning, Vietnamese first."""
_CARRIED_OVER: Final = Definition("", "column", "term_carried_over", "def_carried_over", "Exports")
_OF_ONE_LAYER: Final[Mapping[tuple[str, str], str]] = {
    ("indicators", "goal"): "def_indicators_goal",
    ("indicators", "worst"): "def_indicators_worst",
    ("indicators", "rank"): "def_indicators_rank",
    ("contradictions", "as_of"): "def_contradictions_as_of",
    ("places", "name"): "def_places_name",
    ("rollup", "unit_code"): "def_rollup_unit_code",
    ("rollup", "name"): "def_rollup_name",
    ("plan_sites", "name"): "def_plan_sites_name",
}
"""Columns that mean something else in one layer than under the same name elsewhere."""
_PLAN: Final = {
    name: Definition("", "column", f"term_plan_{name}", f"def_plan_{name}", "Planning")
    for name in ("what", "value")
}
"""Columns of the sheet that says what was asked of a plan and what was found."""


def column_meanings(
    layer: str, names: Iterable[str], rules: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Name, title and meaning in both languages, type and unit of each column of a layer, in the order given.

    `rules`: those that the figures were made by, as the manifest has them; the meanings name their numbers. The
    default rules else.
    """
    return [_meaning(layer, str(name), rules or {}) for name in names if name != "geometry"]


def _meaning(layer: str, name: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    column = LAYER_COLUMNS[layer].get(name)
    if column is None:
        return {"name": name, **_said(_CARRIED_OVER, rules), "type": None, "unit": None}
    definition = COLUMN_TERMS[column_term(name)]
    said = _said(definition, rules, meaning=_OF_ONE_LAYER.get((layer, name), definition.meaning))
    return {"name": name, **said, "type": column.kind, "unit": column.unit or None}


def check_meanings(sheets: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """Sheet, name, title and meaning in both languages of each column of the workbook of a check."""
    return [
        {"sheet": sheet, "name": name, **_end_named(name, _said(COLUMN_TERMS[rollout_term(name)]))}
        for sheet, names in sheets.items()
        for name in names
    ]


def _end_named(name: str, said: dict[str, str]) -> dict[str, str]:
    """What is said of a figure, with the end of its interval in the title where the column is one."""
    end = next((end for end in ("low", "high") if name.endswith(f"_{end}")), None)
    if end is None:
        return said
    titles = {
        f"title_{one}": WORDS[one][f"term_end_{end}"].format(title=said[f"title_{one}"]) for one in LANGUAGES
    }
    return said | titles


def plan_meanings(sites: Iterable[str]) -> list[dict[str, str]]:
    """The same for the workbook of a plan: `sites` are the columns of its first sheet."""
    of_sites = [
        {"sheet": "sites", "name": one["name"], **{key: one[key] for key in SAID}}
        for one in column_meanings("plan_sites", sites)
    ]
    return [*of_sites, *({"sheet": "plan", "name": name, **_said(one)} for name, one in _PLAN.items())]


def _said(
    definition: Definition, rules: Mapping[str, Any] | None = None, *, meaning: str = ""
) -> dict[str, str]:
    """Title and meaning in each language; `meaning`: the key of another meaning than the definition's."""
    keys = {"title": definition.title, "meaning": meaning or definition.meaning}
    return {
        f"{what}_{language}": fill(WORDS[language][key], _filling(definition, rules or {}, language))
        for language in LANGUAGES
        for what, key in keys.items()
    }


def _filling(definition: Definition, rules: Mapping[str, Any], language: Language) -> dict[str, str]:
    """What fills the blanks: other words, and the numbers of the rules."""
    words = {name: WORDS[language].get(key, key) for name, key in definition.words.items()}
    counts = {name: rules.get(name, getattr(Rules, name)) for name in ("min_devices", "draws")}
    return {name: number(value, language) for name, value in counts.items()} | words
