"""Text that went through the wrong code page or an escape: recognised, mended, counted.

UTF-8 that was read as windows-1252, windows-1258 or Latin-1 is told by turning it back: bytes that are whole, strict
UTF-8 do not come about by chance. ftfy knows further mixtures, but calls much Vietnamese sound that is not, so it comes second.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import ftfy
import ftfy.bad_codecs
import numpy as np
import pandas as pd
from ftfy.badness import is_bad

from geo.legacy_fonts import FONTS, turn_all
from geo.mends import Mend, Mess

ftfy.bad_codecs.ok()
_CODE_PAGES: Final = ("sloppy-windows-1252", "sloppy-windows-1258", "latin-1")
_ESCAPE: Final = re.compile(r"<[Uu]\+([0-9A-Fa-f]{4,6})>|\\u([0-9A-Fa-f]{4})")
_VIETNAMESE_AS_1252: Final = re.compile("[ÐðÞþ]|[ýÝ][õÕ]|[a-zâêôãõýà-ÿ][ÌÒÞ]|[aâãeêôõýyAÂEÊÔÕÝY][ìò]")
"""windows-1258 read as windows-1252: Đ as Ð, ươ as ýõ, and tone marks that stand after their vowel as Ì, Ò, Þ, ì, ò."""
_LOST: Final = re.compile("[\ufffdÄÅÆ]")
"""In a mended text: a letter given up as �, or the first byte of đ, ơ, ư, ũ, ă left without its second."""

Repair = Callable[[Iterable[str]], dict[str, str]]
"""Texts of one column → each with what it becomes."""


def each(repair: Callable[[str], str]) -> Repair:
    """A repair of columns out of one of single texts."""
    return lambda texts: {text: repair(text) for text in texts}


def unescape(text: str) -> str:
    """`d<U+1ED3>ng` → `dồng`; code points that are no character stay as they are."""
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    point = int(found[1] or found[2], 16)
    sound = 0x20 <= point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF and not 0x7F <= point <= 0x9F
    return chr(point) if sound else found[0]


def unscramble(text: str) -> str:
    """`Lá»™c Ninh` → `Lộc Ninh`; text that is sound stays as it is."""
    if text.isascii():
        return text
    for page in _CODE_PAGES:
        try:
            return text.encode(page).decode("utf-8")
        except UnicodeError:
            continue
    return ftfy.fix_encoding(text) if is_bad(text) else text


def unscramble_all(texts: Iterable[str]) -> dict[str, str]:
    """Texts of one column → what they become; windows-1258 shows in some cells only, and then goes for all of them."""
    mended = {text: unscramble(text) for text in texts}
    if any(_VIETNAMESE_AS_1252.search(text) for text in mended):
        try:
            read = {text: text.encode("sloppy-windows-1252").decode("cp1258") for text in mended}
        except UnicodeError:
            return mended
        return {text: compose(other) for text, other in read.items()}
    return mended


def compose(text: str) -> str:
    """The text in NFC."""
    return unicodedata.normalize("NFC", text)


def text_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that hold any text."""
    found = []
    for name in frame.columns:
        kind = frame[name].dtype
        if isinstance(kind, pd.StringDtype) or (
            kind == np.dtype(object) and any(isinstance(cell, str) for cell in frame[name].tolist())
        ):
            found.append(str(name))
    return found


def mend_texts(
    frame: pd.DataFrame, columns: Sequence[str], rows: Iterable[int]
) -> tuple[pd.DataFrame, list[Mess], int]:
    """The frame with its texts mended, the messes found, and how many rows had text that was not in NFC."""
    numbers = np.asarray(list(rows))
    changed = frame.copy()
    steps: tuple[tuple[Mend, str, Repair], ...] = (
        (Mend.ESCAPES, "letters written as escapes", each(unescape)),
        *((font, f"letters in the code of old fonts ({font})", partial(turn_all, font)) for font in FONTS),
        (Mend.MOJIBAKE, "text that was read in the wrong encoding", unscramble_all),
    )
    messes = []
    for kind, wrong, repair in steps:
        seen = _apply(changed, columns, repair)
        places = sorted(seen)
        if places:
            texts = [seen[place] for place in places]
            lost = [text for text in texts if _LOST.search(text[1]) or is_bad(text[1])]
            mend = (
                "letters are lost there and cannot be brought back: export the file again as UTF-8"
                if lost
                else ""
            )
            told = [f"{before!r:.60} for {after!r:.60}" for before, after in (lost or texts)]
            values = [{"before": before[:60], "after": after[:60]} for before, after in (lost or texts)]
            where = [place for place in places if seen[place] in lost] if lost else places
            messes.append(
                Mess(
                    str(kind),
                    wrong,
                    numbers[where].tolist(),
                    told,
                    "the letters were put back",
                    mend,
                    "mended_text",
                    values,
                )
            )
    nfd = _apply(changed, columns, each(compose))
    return changed, messes, len(nfd)


def _may_be_mess(text: str) -> bool:
    """Plain ASCII without the signs of an escape never is."""
    return not text.isascii() or "<" in text or "\\" in text


def _apply(frame: pd.DataFrame, columns: Iterable[str], repair: Repair) -> dict[int, tuple[str, str]]:
    """Repair the columns in place; row position → first text and what it became, for rows that changed."""
    seen: dict[int, tuple[str, str]] = {}
    for name in columns:
        cells = frame[name].tolist()
        texts = repair({cell for cell in cells if isinstance(cell, str) and _may_be_mess(cell)})
        repaired = {before: after for before, after in texts.items() if before != after}
        if repaired:
            for place, cell in enumerate(cells):
                if isinstance(cell, str) and cell in repaired:
                    seen.setdefault(place, (cell, repaired[cell]))
            mended = [repaired.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
            frame[name] = pd.Series(mended, index=frame.index, dtype=frame[name].dtype)
    return seen
