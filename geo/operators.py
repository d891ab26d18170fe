"""Who a mobile network code belongs to (ITU-T E.212; for Vietnam DESIGN §6), and which spellings mean one operator."""

import re
import unicodedata
from typing import Final

import pandas as pd

VIETNAM_MCC: Final = 452
OPERATORS: Final = {
    1: "MobiFone", 2: "VinaPhone", 4: "Viettel", 5: "Vietnamobile", 6: "Viettel", 7: "Gmobile", 8: "I-Telecom",
    9: "Reddi",
}  # fmt: skip
"""Operators of MCC 452 by MNC; FPT has none, it is a fixed operator only."""
_ALIASES: Final = {
    "vinaphone": "vnpt",
    "vnpt vinaphone": "vnpt",
    "vinaphone vnpt": "vnpt",
    "viettel mobile": "viettel",
}
_BETWEEN: Final = re.compile(r"[\s/()\[\]_.,–—-]+")
"""What stands between the words of a name, and says nothing: `VNPT-VinaPhone`, `VNPT (VinaPhone)`, `VNPT/VinaPhone`."""


def operator_names(mcc: pd.Series, net: pd.Series) -> pd.Series:
    """Name of the operator by country and network code (whole numbers); `214-07` where it is not known here."""
    codes = mcc.astype(str) + "-" + net.astype(str).str.zfill(2)
    known = net.map(OPERATORS).where(mcc == VIETNAM_MCC)
    return known.fillna(codes)


def operator_key(name: str) -> str:
    """What makes two spellings one operator: case, Unicode form, unseen marks, signs between words, brands of one company (VNPT, VinaPhone)."""
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    folded = unicodedata.normalize("NFC", seen).casefold().strip()
    key = _BETWEEN.sub(" ", folded).strip() or folded
    return _ALIASES.get(key, key)


def one_spelling(names: pd.Series) -> pd.Series:
    """The names with every spelling of one operator as it is written first; null stays null."""
    # there may be a million rows, and a dozen names
    distinct = names.dropna().unique().tolist()
    first = {operator_key(name): name for name in reversed(distinct)}
    return names.map({name: first[operator_key(name)] for name in distinct}).astype(names.dtype)


def other_spellings(names: pd.Series) -> dict[str, list[str]]:
    """Per operator, as it is written first, the other spellings of it, in the order in which they come."""
    distinct = pd.Series(names.dropna().unique(), dtype=object)
    pairs = zip(one_spelling(distinct), distinct, strict=True)
    found: dict[str, list[str]] = {}
    for taken, written in pairs:
        if taken != written:
            found.setdefault(taken, []).append(written)
    return found
