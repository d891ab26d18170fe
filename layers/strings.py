"""Every word the app shows, Vietnamese first, and how numbers are written in each language.

One catalogue for all pages. Texts are trusted; anything put into them with `.format` is escaped where it meets HTML.
"""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Any, Final

from geo.intervals import YES_OR_NO
from geo.numerals import LANGUAGES as LANGUAGES
from geo.numerals import MISSING as MISSING
from geo.numerals import Language as Language
from geo.numerals import number as number
from geo.words_terms_en import TERMS_EN
from geo.words_terms_vi import TERMS_VI
from layers.words_brief_en import BRIEF_EN
from layers.words_brief_vi import BRIEF_VI
from layers.words_data_en import DATA_EN
from layers.words_data_vi import DATA_VI
from layers.words_desk_en import DESK_EN
from layers.words_desk_vi import DESK_VI
from layers.words_en import EN
from layers.words_explore_en import EXPLORE_EN
from layers.words_explore_vi import EXPLORE_VI
from layers.words_findings_en import FINDINGS_EN
from layers.words_findings_vi import FINDINGS_VI
from layers.words_guide_en import GUIDE_EN
from layers.words_guide_vi import GUIDE_VI
from layers.words_method_en import METHOD_EN
from layers.words_method_vi import METHOD_VI
from layers.words_plan_en import PLAN_EN
from layers.words_plan_vi import PLAN_VI
from layers.words_rollout_en import ROLLOUT_EN
from layers.words_rollout_vi import ROLLOUT_VI
from layers.words_said_en import SAID_EN
from layers.words_said_vi import SAID_VI
from layers.words_take_en import TAKE_EN
from layers.words_take_vi import TAKE_VI
from layers.words_targets_en import TARGETS_EN
from layers.words_targets_vi import TARGETS_VI
from layers.words_trends_en import TRENDS_EN
from layers.words_trends_vi import TRENDS_VI
from layers.words_unit_en import UNIT_EN
from layers.words_unit_vi import UNIT_VI
from layers.words_vi import VI

LANGUAGE_NAMES: Final[dict[Language, str]] = {"vi": "Tiếng Việt", "en": "English"}
VIETNAM_TIME: Final = timezone(timedelta(hours=7), "giờ Việt Nam")

_UNIT_DECIMALS: Final = {
    "Mbps": 1,
    "km": 1,
    "points": 1,
    "operators": 0,
    "tests": 0,
    "people": 0,
    "minutes": 0,
}

_ONE: Final = {
    "areas": "area",
    "communes": "commune",
    "days": "day",
    "device counts": "device count",
    "devices": "device",
    "districts": "district",
    "files": "file",
    "inputs": "input",
    "jobs": "job",
    "operators": "operator",
    "people": "person",
    "points": "point",
    "quarters": "quarter",
    "rows": "row",
    "sites": "site",
    "tests": "test",
    "things": "thing",
    "units": "unit",
    "are": "is",
    "have": "has",
    "lack": "lacks",
    "lie": "lies",
    "wait": "waits",
    "were": "was",
}
_COUNTED: Final = re.compile(
    r"\{(?P<count>\w+)\} (?P<noun>areas|communes|days|device counts|devices|districts|files|inputs|jobs|operators|people|"
    r"points|quarters|rows|sites|tests|things|units)\b(?: (?P<verb>are|have|lack|lie|wait|were)\b)?"
)
"""What is counted in an English text, and the verb that follows."""

CATALOGUE: Final[dict[Language, dict[str, str]]] = {
    "vi": VI
    | ROLLOUT_VI
    | DESK_VI
    | PLAN_VI
    | UNIT_VI
    | EXPLORE_VI
    | TRENDS_VI
    | TARGETS_VI
    | DATA_VI
    | FINDINGS_VI
    | SAID_VI
    | TAKE_VI
    | METHOD_VI
    | TERMS_VI
    | BRIEF_VI
    | GUIDE_VI,
    "en": EN
    | ROLLOUT_EN
    | DESK_EN
    | PLAN_EN
    | UNIT_EN
    | EXPLORE_EN
    | TRENDS_EN
    | TARGETS_EN
    | DATA_EN
    | FINDINGS_EN
    | SAID_EN
    | TAKE_EN
    | METHOD_EN
    | TERMS_EN
    | BRIEF_EN
    | GUIDE_EN,
}


def as_language(given: str | None) -> Language:
    """A language the app speaks; Vietnamese for anything else."""
    return "en" if given == "en" else "vi"


def has_text(key: str) -> bool:
    """Whether the catalogue knows the key: a class of a later version than this page has no word yet."""
    return key in CATALOGUE["vi"]


def text(key: str, language: Language, **values: object) -> str:
    """The catalogue's text for `key`, with `values` put in; raises `KeyError` for a key that is not there."""
    found = CATALOGUE[language][key]
    if not values:
        return found
    return (_COUNTED.sub(partial(_of_one, values), found) if language == "en" else found).format(**values)


def _of_one(values: Mapping[str, object], counted: "re.Match[str]") -> str:
    """`{count} units are` as `{count} unit is` where the count is 1; judged in the template, so that no name from data is touched."""
    if str(values.get(counted["count"])) != "1":
        return counted[0]
    verb = counted["verb"]
    return f"{{{counted['count']}}} {_ONE[counted['noun']]}" + (f" {_ONE[verb]}" if verb else "")


def number_locale(language: Language) -> dict[str, Any]:
    """How a chart of Vega writes numbers: as `number` does."""
    decimal, thousands = (",", ".") if language == "vi" else (".", ",")
    return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}


def signed(value: float, language: Language) -> str:
    """A change with one decimal and its sign: `+2,5`, `-0,3`, `0,0`."""
    written = number(abs(value), language, decimals=1)
    sign = "" if round(abs(value), 1) == 0 else "-" if value < 0 else "+"
    return sign + written


def cut_decimal(value: float) -> float:
    """Cut, not rounded, at one decimal: 99.79 % must not read as 99.8 %, the goal it misses."""
    return math.floor(round(value * 10, 6)) / 10


def raise_decimal(value: float) -> float:
    """Raised, not rounded, at one decimal: what is said to be missing to a goal must be enough, and add up with the figure cut."""
    return math.ceil(round(value * 10, 6)) / 10


def lack(value: float | None, unit: str, language: Language) -> str:
    """What a figure lacks to its goal, ready to read; of shares in percentage points: 2.77 % of 100 % more people is 2.8 points."""
    if value is None or not math.isfinite(value):
        return MISSING
    if unit in ("share", "%"):
        raised = raise_decimal(value * 100 if unit == "share" else value)
        return text("percentage_points", language, count=number(raised, language, decimals=1))
    return figure(raise_decimal(value) if unit == "Mbps" else value, unit, language)


def figure(value: float | None, unit: str, language: Language) -> str:
    """A figure with its unit (`share` `Mbps` `km` `operators` `tests` `people` `points`), ready to read."""
    if value is None or not math.isfinite(value):
        return MISSING
    if unit == "share":
        cut = cut_decimal(value * 100)
        return f"{number(cut, language, decimals=0 if cut in (0.0, 100.0) else 1)}%"
    if unit == YES_OR_NO:
        return text("yes_no_yes" if value > 0 else "yes_no_no", language)
    if unit not in _UNIT_DECIMALS:
        return _own_figure(value, unit, language)
    if unit == "Mbps":
        value = cut_decimal(value)
    shown = number(value, language, decimals=_UNIT_DECIMALS[unit])
    if unit == "points":
        return shown
    word = text(f"unit_{unit.lower()}", language)
    return f"{shown} {_ONE.get(word, word) if shown == '1' else word}"


def _own_figure(value: float, unit: str, language: Language) -> str:
    """A figure of an own indicator: its unit stands as it was given."""
    shown = number(value, language, decimals=0 if float(value).is_integer() else 1)
    return f"{shown}%" if unit == "%" else f"{shown} {unit}".strip()


def unit_word(unit: str, language: Language) -> str:
    """A unit in words: the catalogue's, or as an own indicator gave it."""
    if unit == YES_OR_NO:
        return ""
    return text(f"unit_{unit.lower()}", language) if unit in {*_UNIT_DECIMALS, "share"} else unit


def goal_figure(value: float, unit: str, language: Language) -> str:
    """A goal with its unit, without the decimals it does not have: `40 Mbps`, `90%`, `99,8%`."""
    shown = figure(value, unit, language)
    zero = ",0" if language == "vi" else ".0"
    return shown.replace(f"{zero}%", "%").replace(f"{zero} ", " ")


def moment(iso: str, language: Language) -> str:
    """A moment `2026-11-24T00:53:53+00:00` to the minute, with its zone; left as it is when it is not one."""
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if found.tzinfo and language == "vi":
        # readers of Vietnamese live by one clock, which knows no summer time
        found = found.astimezone(VIETNAM_TIME)
    zone = f" {found.tzname()}" if found.tzinfo else ""
    return f"{found:%H:%M}{zone}, {day(found.date().isoformat(), language)}"


def quarter_text(quarter: str, language: Language) -> str:
    """A quarter `2026Q3` in few letters, for an axis or a list: `Q3/2026`; left as it is when it is not such a quarter."""
    if not re.fullmatch(r"\d{4}Q[1-4]", quarter):
        return quarter
    return text("quarter_short", language, year=quarter[:4], number=quarter[5:])


def iso_day(written: str, language: Language) -> str:
    """What `day` writes, or the reader does: `30/9/2026` of a Vietnamese reader as `2026-09-30`; anything else as it is."""
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", written.strip())
    # elsewhere the month may stand first
    if found is None or language != "vi":
        return written.strip()
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return written.strip()


def day(iso: str, language: Language) -> str:
    """A date `2026-09-30` as `30/9/2026` in Vietnamese; left as it is in English, or when it is not such a date."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day}/{found.month}/{found.year}" if language == "vi" else iso
