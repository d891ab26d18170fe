"""Vietnamese names of places as keys that can be compared: NFC, tone placement, kinds, accents, abbreviations.

Two keys, never mixed: `accented_key` keeps every accent but not where in a syllable the tone is written (Hoà = Hòa);
`plain_key` has no accents at all (Lộc Thạnh = Lộc Thành), so what it finds counts only where it is unique.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import pandas as pd

TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
"""Grave, acute, tilde, hook above, dot below: the tone marks; circumflex, breve and horn are part of the letter."""

_ABBREVIATIONS: Final = {
    "p": "phường", "x": "xã", "tt": "thị trấn", "đk": "đặc khu", "q": "quận", "h": "huyện", "tx": "thị xã",
    "tp": "thành phố", "t": "tỉnh",
}  # fmt: skip
_KINDS: Final = ("xã", "phường", "thị trấn", "đặc khu", "huyện", "quận", "thị xã", "thành phố", "tỉnh")
_PLAIN_LETTERS: Final = str.maketrans("đ", "d")
_APOSTROPHES: Final = re.compile("['\u2018\u2019\u02bc\u02b9\u0060\u00b4\u2032]\\s*")
_SEPARATORS: Final = re.compile(r"[\W_]+")
_ABBREVIATED: Final = re.compile(
    r"(?:(tp|tt|tx|đk)[.\s]|(p|x|q|h|t)\.|(p|q)(?=\s*[0-9]))\s*(?=\S)", re.IGNORECASE
)


def clean_name(value: Any) -> str:
    """Text in NFC with single spaces; empty where there is none (null, blank)."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    return " ".join(unicodedata.normalize("NFC", str(value)).split())


@lru_cache(maxsize=100_000)
def split_kind(name: str) -> tuple[str, str]:
    """`Xã Lộc Thạnh` or `X. Lộc Thạnh` → (`xã`, `Lộc Thạnh`); the kind is empty where the name states none.

    A kind without accents counts only in a name without any: Quan Hóa is not a quận, `Xa Loc Thanh` may be a xã.
    """
    text = _respaced(clean_name(name))
    found = _ABBREVIATED.match(text)
    if found:
        letters = next(group for group in found.groups() if group)
        return _ABBREVIATIONS[letters.casefold()], text[found.end() :]
    words = text.split()
    plain_too = not has_accents(text)
    for length in (2, 1):
        first = _toned_text(" ".join(words[:length]))
        kind = _kinds(plain_too).get(first, "") if len(words) > length else ""
        if kind:
            return kind, " ".join(words[length:])
    return "", text


@lru_cache(maxsize=2)
def _kinds(plain_too: bool) -> dict[str, str]:
    """Kinds by their key, and by their letters without accents where those count too."""
    plain = {_plain(kind): kind for kind in _KINDS} if plain_too else {}
    return plain | {_toned_text(kind): kind for kind in _KINDS}


@lru_cache(maxsize=100_000)
def readings(name: str) -> tuple[tuple[str, str], ...]:
    """Ways to read a name as (kind, rest): with its kind split off, and whole (`Xa Dung` is a name without a kind)."""
    split, whole = split_kind(name), ("", clean_name(name))
    return (split, whole) if split[0] else (whole,)


@lru_cache(maxsize=100_000)
def accented_key(name: str) -> str:
    """Key that keeps accents: case, tone placement, apostrophes, dashes and leading zeros of numbers do not matter."""
    return _toned_text(" ".join(_words(name)))


@lru_cache(maxsize=100_000)
def plain_key(name: str) -> str:
    """`accented_key` without any accent, đ as d."""
    return _plain(" ".join(_words(name)))


@lru_cache(maxsize=100_000)
def has_accents(name: str) -> bool:
    """Whether any letter of the name carries an accent (đ counts)."""
    return plain_key(name) != " ".join(_words(name))


def _words(name: str) -> list[str]:
    """Lower-case words in NFC without apostrophes; `Phường 01` ends in `1`."""
    text = _APOSTROPHES.sub("", _respaced(clean_name(name)))
    words = _SEPARATORS.sub(" ", text.casefold()).split()
    return [word.lstrip("0") or "0" if word.isdecimal() else word for word in words]


def _respaced(text: str) -> str:
    """`LộcThạnh` → `Lộc Thạnh`: GADM takes the spaces out of names."""
    pairs = pairwise(text)
    return text[:1] + "".join(
        f" {after}" if before.islower() and after.isupper() else after for before, after in pairs
    )


def _toned_text(text: str) -> str:
    return " ".join(_toned(word) for word in text.casefold().split())


def _toned(word: str) -> str:
    """The word with its tone mark after its last letter: which vowel carries it is a matter of house style."""
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(letter for letter in letters if letter in TONES)
    bare = "".join(letter for letter in letters if letter not in TONES)
    return unicodedata.normalize("NFC", bare) + tones


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold()).translate(_PLAIN_LETTERS)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
