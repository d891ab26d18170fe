"""A finding about the inputs in the reader's language: its sentence out of the values it holds, and what was done about it.

A finding of an earlier build holds no values, one of a later version a sentence that is not known here: their English stays.
"""

import re
import string
from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo.crs import SQUARE_METRES_PER_KM2
from layers.strings import CATALOGUE, Language, day, has_text, number, quarter_text, text

_LEAST_KM2: Final = 0.01
"""Smaller areas are said in m²."""

Row = Mapping[str, Any]


def has_sentence(row: Row) -> bool:
    """Whether the finding can be said in both languages."""
    return row.get("values") is not None and has_text(f"said_{row.get('said')}")


def finding_sentence(row: Row, language: Language) -> str:
    """What was found, with its figures and names; plain text, not escaped. English where the finding holds no values."""
    if not has_sentence(row):
        return str(row.get("message") or "")
    template = CATALOGUE[language][f"said_{row['said']}"]
    try:
        return _Sentence(language).vformat(template, (), dict(row["values"]))
    except (KeyError, ValueError, TypeError):
        # written by another version than this page: what it says in English is still right
        return str(row.get("message") or "")


def finding_done(row: Row, language: Language) -> str:
    """What was done about it; English where the finding holds no values, empty where nothing was."""
    if has_sentence(row) and row.get("done"):
        for key in (f"done_{row['said']}", f"done_{row['code']}"):
            if has_text(key):
                return text(key, language)
    return str(row.get("done") or "")


class _Sentence(string.Formatter):
    """`{units:n0}`: how a value is written stands behind its name; a plain one as it is."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        language = self.language
        if re.fullmatch(r"n\d", format_spec):
            return number(float(value), language, decimals=int(format_spec[1]))
        if re.fullmatch(r"p\d", format_spec):
            return f"{number(100 * float(value), language, decimals=int(format_spec[1]))}%"
        ways = {
            "": str, "area": self._area, "signed": self._signed, "short": self._short, "some": self._some,
            "span": self._span, "dated": self._dated, "day": lambda iso: day(str(iso), language), "network": self._word("network"),
            "kind": self._word("kind"), "evidence": self._word("evidence"), "separator": self._word("separator"),
            "reason": self._word("unmodelled"), "table": self._word("kind"), "shape": self._shape,
        }  # fmt: skip
        return str(ways[format_spec](value))

    def _span(self, quarters: Sequence[str]) -> str:
        return " – ".join(quarter_text(str(one), self.language) for one in quarters)

    def _dated(self, said: str) -> str:
        """What names a day as `2026-09-30` within, with that day as the reader writes it."""
        return re.sub(r"\d{4}-\d{2}-\d{2}", lambda found: day(found[0], self.language), str(said))

    def _word(self, prefix: str) -> Any:
        """The catalogue's word for a value; the value itself where there is none."""
        return lambda value: (
            text(_key(prefix, value), self.language) if has_text(_key(prefix, value)) else str(value)
        )

    def _area(self, km2: float) -> str:
        if km2 >= _LEAST_KM2:
            return f"{number(km2, self.language, decimals=2)} km²"
        square_metres = km2 * SQUARE_METRES_PER_KM2
        return (
            f"{number(square_metres, self.language)} m²"
            if square_metres >= 1
            else text("less_than_1_m2", self.language)
        )

    def _signed(self, share: float) -> str:
        return f"{'+' if share > 0 else '-'}{number(100 * abs(share), self.language, decimals=1)}%"

    def _short(self, value: float) -> str:
        """As many decimals as there are, three digits at least: device counts are shared out."""
        decimals = 0 if float(value).is_integer() or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return number(float(value), self.language, decimals=decimals)

    def _some(self, these: Mapping[str, Any]) -> str:
        named = ", ".join(str(one) for one in these["names"])
        more = int(these["more"])
        return (
            f"{named} {text('and_more', self.language, count=number(more, self.language))}" if more else named
        )

    def _shape(self, reason: str) -> str:
        """What is wrong with an outline, and where: `Self-intersection[106.1 11.2]` of GEOS."""
        what, _, place = str(reason).partition("[")
        key = _key("shape", what)
        said = text(key if has_text(key) else "shape_other", self.language)
        at = place.rstrip("]").split()
        return f"{said} ({', '.join(at)})" if at else said


def _key(prefix: str, value: Any) -> str:
    return f"{prefix}_{re.sub(r'[^a-z0-9]+', '_', str(value).lower()).strip('_')}"
