"""How numbers are written in each language that people read: in files to take home and on every page alike."""

import math
from typing import Final, Literal, get_args

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
MISSING: Final = "–"


def number(value: float | None, language: Language, *, decimals: int = 0) -> str:
    """`1234.5` as `1.234,5` in Vietnamese and `1,234.5` in English; a dash for what is not known."""
    if value is None or not math.isfinite(value):
        return MISSING
    written = f"{value:,.{decimals}f}"
    if float(written.replace(",", "")) == 0:
        written = written.removeprefix("-")
    return written.translate({ord(","): ".", ord("."): ","}) if language == "vi" else written
