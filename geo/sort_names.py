"""Vietnamese names in the order a reader looks for them: Đ after D, Ă and Â after A, tones in the order of the school.

As CLDR's rules for `vi`: letters of the whole name count first, then its tones (none, huyền, hỏi, ngã, sắc, nặng); capitals do
not matter. Beyond CLDR, numbers count as numbers: Phường 2 stands before Phường 10.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONE_ORDER: Final = "\u0300\u0309\u0303\u0301\u0323"
"""Grave, hook above, tilde, acute, dot below; a letter without any stands before them."""

_RANKS: Final = {letter: rank for rank, letter in enumerate(ALPHABET)}
_PIECES: Final = re.compile(r"[0-9]+|\s+|.[\u0300-\u036f]*", re.DOTALL)
_SPACE, _NUMBER, _LETTER, _OTHER = range(4)

SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...], str]


@lru_cache(maxsize=50_000)
def sort_key(name: str) -> SortKey:
    """Key for `sorted`: letters, then tones, then the name itself, so that two names share a key only when they are one."""
    # lower case first and after: some capitals fall apart into a letter and a mark
    pieces = _PIECES.findall(unicodedata.normalize("NFD", name.strip().lower()))
    ranks = tuple(_rank(piece) for piece in pieces)
    return ranks, tuple(_tone(piece) for piece in pieces), name


def in_order(names: Iterable[str]) -> list[str]:
    """The names sorted, each once."""
    return sorted(set(names), key=sort_key)


def _rank(piece: str) -> tuple[int, int]:
    if piece.isspace():
        return _SPACE, 0
    if piece[0].isdecimal() and piece.isascii():
        return _NUMBER, int(piece[:18])
    letter = unicodedata.normalize("NFC", "".join(mark for mark in piece if mark not in TONE_ORDER))
    known = _RANKS.get(letter, _RANKS.get(letter[:1]))
    return (_OTHER, ord(piece[0])) if known is None else (_LETTER, known)


def _tone(piece: str) -> int:
    return max((TONE_ORDER.find(mark) + 1 for mark in piece), default=0)
