"""Text from data made fit for paper: one line, no invisible orders to the reader's machine, no longer than there is room for."""

import re
import unicodedata
from typing import Final

NAME: Final = 120
SENTENCE: Final = 420
SOURCES: Final = 900
_SPACE: Final = re.compile(r"\s+")
_MARK: Final = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS: Final = re.compile(f"({_MARK}{{3}}){_MARK}+")
_UNWANTED: Final = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Control and format characters (those that turn the direction of writing among them), halves of surrogates, and no characters."""
_CUT: Final = "…"


def on_paper(text: object, longest: int = SENTENCE) -> str:
    """The text in NFC without what cannot be printed, of `longest` characters at most; a cut is shown by an ellipsis.

    At most three marks stay on a letter: Vietnamese needs two, and towers of them would cover other lines.
    """
    spaced = _SPACE.sub(" ", str(text))
    printable = "".join(c for c in spaced if unicodedata.category(c) not in _UNWANTED)
    short = _MARKS.sub(r"\1", unicodedata.normalize("NFC", printable)).strip()
    return short if len(short) <= longest else short[: longest - 1].rstrip() + _CUT
