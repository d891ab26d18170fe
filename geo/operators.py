"""Who a mobile network code belongs to (ITU-T E.212; for Vietnam DESIGN §6)."""

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
    "vnpt/vinaphone": "vnpt",
    "vnpt vinaphone": "vnpt",
    "viettel mobile": "viettel",
}


def operator_names(mcc: pd.Series, net: pd.Series) -> pd.Series:
    """Name of the operator by country and network code (whole numbers); `214-07` where it is not known here."""
    codes = mcc.astype(str) + "-" + net.astype(str).str.zfill(2)
    known = net.map(OPERATORS).where(mcc == VIETNAM_MCC)
    return known.fillna(codes)


def operator_key(name: str) -> str:
    """What makes two spellings one operator: case, Unicode form, and the brands of one company (VNPT, VinaPhone)."""
    key = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    return _ALIASES.get(key, key)
