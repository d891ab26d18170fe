"""What a reader noted of an uploaded file, in the visitor's language: one sentence per kind of note, with how many there are."""

import re
from collections.abc import Iterable
from typing import Final

from layers.strings import Language, number, text

_ALL_ROWS: Final = re.compile(r"in (\d+) rows in all; the first (\d+) are listed")

NOTES: Final = {
    "swapped": r"latitude and longitude are exchanged",
    "comma": r"decimals are set apart by a comma",
    "shifted": r"the decimal point is missing",
    "letters": r"letters written as escapes|read in the wrong encoding|in the code of old fonts|not UTF-8 text",
    "duplicates": r"rows repeat an earlier one",
    "semicolon": r"separated by a semicolon",
    "tab": r"separated by a tab",
    "encoding": r"the text is in",
    "other_rows": r"(?P<count>\d+) of (?P<all>\d+) rows are of another operator or technology",
    "unused": r"column .* is not used: ",
    "outside": r"(?P<count>[\d,]+) of (?P<all>[\d,]+) sites lie outside every unit",
    "repaired": r"was not valid .*mended",
}
"""Kinds of notes by the reader's own words; a test has the real reader say them."""


def note_texts(notes: Iterable[str], language: Language) -> list[str]:
    """One sentence per kind, in the order of `NOTES`; notes of no known kind are counted in a last one."""
    found: dict[str, list[str]] = {}
    for note in notes:
        kind = next((name for name, words in NOTES.items() if re.search(words, note)), "other")
        found.setdefault(kind, []).append(note)
    return [_sentence(kind, found[kind], language) for kind in (*NOTES, "other") if kind in found]


def _sentence(kind: str, notes: list[str], language: Language) -> str:
    matches = [re.search(NOTES[kind], note) for note in notes] if kind in NOTES else []
    named = [match for match in matches if match and match.groupdict()]
    count = sum(_number(match["count"]) for match in named) if named else _count(notes)
    whole = sum(_number(match["all"]) for match in named)
    return text(f"note_{kind}", language, count=number(count, language), all=number(whole, language))


def _count(notes: list[str]) -> int:
    """Notes are one per row; beyond a number of them one more says how many rows there are in all."""
    return max([len(notes), *(_number(match[1]) for note in notes if (match := _ALL_ROWS.search(note)))])


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))
