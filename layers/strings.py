"""Every word the app shows, Vietnamese first, and how numbers are written in each language.

One catalogue for all pages. Texts are trusted; anything put into them with `.format` is escaped where it meets HTML.
"""

import math
from datetime import date
from typing import Final, Literal, get_args

from layers.words_en import EN
from layers.words_vi import VI

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
LANGUAGE_NAMES: Final[dict[Language, str]] = {"vi": "Tiếng Việt", "en": "English"}
MISSING: Final = "–"

CATALOGUE: Final[dict[Language, dict[str, str]]] = {"vi": VI, "en": EN}


def as_language(given: str | None) -> Language:
    """A language the app speaks; Vietnamese for anything else."""
    return "en" if given == "en" else "vi"


def text(key: str, language: Language, **values: object) -> str:
    """The catalogue's text for `key`, with `values` put in; raises `KeyError` for a key that is not there."""
    found = CATALOGUE[language][key]
    return found.format(**values) if values else found


def number(value: float | None, language: Language, *, decimals: int = 0) -> str:
    """`1234.5` as `1.234,5` in Vietnamese and `1,234.5` in English; a dash for what is not known."""
    if value is None or not math.isfinite(value):
        return MISSING
    written = f"{value:,.{decimals}f}"
    if float(written.replace(",", "")) == 0:
        written = written.removeprefix("-")
    return written.translate({ord(","): ".", ord("."): ","}) if language == "vi" else written


def figure(value: float | None, unit: str, language: Language) -> str:
    """A figure with its unit (`share` `Mbps` `km` `operators` `tests` `people` `points`), ready to read."""
    if value is None or not math.isfinite(value):
        return MISSING
    if unit == "share":
        # 99.79 % must not read as 99.8 %, the goal it misses: shares are cut, not rounded, at one decimal
        cut = math.floor(round(value * 1000, 6)) / 10
        return f"{number(cut, language, decimals=0 if cut in (0.0, 100.0) else 1)} %"
    decimals = {"Mbps": 1, "km": 1, "points": 1}.get(unit, 0)
    shown = number(value, language, decimals=decimals)
    word = text(f"unit_{unit.lower()}", language)
    return shown if unit == "points" else f"{shown} {word}"


def day(iso: str, language: Language) -> str:
    """A date `2026-09-30` as `30/9/2026` in Vietnamese; left as it is in English, or when it is not such a date."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day}/{found.month}/{found.year}" if language == "vi" else iso
