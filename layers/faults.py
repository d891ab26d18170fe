"""What went wrong, in the visitor's language: what happened and what to do; the reader's own words go below, for details."""

import re
from typing import Final

from geo.desk import DeskError
from geo.errors import ConflictError, ProposalError, VunglomError
from layers.strings import Language, number, text

HINTS: Final = {
    "sheet": r"the first sheet, ",
    "formula": r"without its result",
    "percent": r"without a percent sign",
    "font": r"in the code of old fonts",
    "swapped": r"latitude and longitude are exchanged",
    "comma": r"decimal_comma|set apart by a comma",
    "columns": r"no column one called",
    "blank": r"no coordinates in|no numbers",
    "sites": r"sites, wanted at most",
    "empty": r"holds no features|is empty",
    "shape": r"wanted Polygon",
    "point": r"is not a point",
    "outside": r"lie outside every unit",
    "repeated": r"rows repeat an earlier one",
    "cost": r"cost of site",
    "no_cost": r"candidates have no cost",
    "no_place": r"no candidate site|no point of a grid",
    "no_coverage": r"no coverage of \S+ is known",
    "no_people": r"no population grid",
    "crossing": r"not a valid polygon",
    "crs": r"says no CRS|coordinate reference system",
    "rows": r"is not known; wanted one of|which (operator|technology) is it",
    "other": r"none of its \d+ rows is of",
    "kind": r"not valid GeoJSON|not a whole zip|its content is not",
    "border_far": r"from the nearest outline of a unit",
    "border_kinds": r"wanted lines alone",
    "large": r"larger than the|takes more than",
}
"""What to do about the reader's commonest complaints, by its own words; a test has the real reader say each of them."""


def fault_text(fault: VunglomError, fallback: str, language: Language, **named: str) -> str:
    """A sentence for the fault: its own where it has a code, else the catalogue's `fallback` with `named`, and a hint."""
    if isinstance(fault, DeskError):
        words = {name: _numeral(value, language) for name, value in fault.numbers.items()}
        return text(f"fault_{fault.code}", language, **words)
    if isinstance(fault, ConflictError):
        return text("fault_conflict", language)
    if isinstance(fault, ProposalError):
        return text("fault_store", language)
    return " ".join([text(fallback, language, **named), *hint_of(fault, language)])


def _numeral(value: object, language: Language) -> str:
    """A number as the language writes it; one that was written out already (a coordinate) keeps its decimals."""
    if isinstance(value, int | float):
        return number(value, language)
    digits = re.fullmatch(r"-?\d+\.(\d+)", str(value))
    return number(float(str(value)), language, decimals=len(digits[1])) if digits else str(value)


def hint_of(fault: VunglomError, language: Language) -> list[str]:
    """What to do about it, where that is known."""
    found = next((name for name, words in HINTS.items() if re.search(words, str(fault))), None)
    return [] if found is None else [text(f"hint_{found}", language)]


def has_details(fault: VunglomError) -> bool:
    """Whether the fault's own words say more than the sentence."""
    return not isinstance(fault, DeskError)


def details_of(fault: VunglomError | str, name: str) -> str:
    """The reader's words with the visitor's name for the file in place of the path it was read under."""
    return re.sub(r"\S*\bupload\.\w+", lambda _: name, str(fault))
