"""Who a mobile network code belongs to (ITU-T E.212; for Vietnam DESIGN §6)."""

from typing import Final

import pandas as pd

VIETNAM_MCC: Final = 452
OPERATORS: Final = {
    1: "MobiFone", 2: "VinaPhone", 4: "Viettel", 5: "Vietnamobile", 6: "Viettel", 7: "Gmobile", 8: "I-Telecom",
    9: "Reddi",
}  # fmt: skip
"""Operators of MCC 452 by MNC; FPT has none, it is a fixed operator only."""


def operator_names(mcc: pd.Series, net: pd.Series) -> pd.Series:
    """Name of the operator by country and network code (whole numbers); `214-07` where it is not known here."""
    codes = mcc.astype(str) + "-" + net.astype(str).str.zfill(2)
    known = net.map(OPERATORS).where(mcc == VIETNAM_MCC)
    return known.fillna(codes)
