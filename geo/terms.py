"""What a licence forbids or asks for, read from its text: the one list that pages and exports go by."""

import re
from enum import StrEnum
from typing import Final


class Limit(StrEnum):
    """A term that whoever uses the data has to know."""

    NON_COMMERCIAL = "non_commercial"
    SHARE_ALIKE = "share_alike"
    NO_DERIVATIVES = "no_derivatives"
    NO_REDISTRIBUTION = "no_redistribution"
    UNCLEAR = "unclear"


_PATTERNS: Final = {
    Limit.NON_COMMERCIAL: r"\bNC\b|non-?\s?commercial|commercial use is not (allowed|permitted)",
    Limit.SHARE_ALIKE: r"\bSA\b|share-?\s?alike|\bODbL\b|open database licen[cs]e|\bGPL",
    Limit.NO_DERIVATIVES: r"\bND\b|no-?\s?deriv",
    Limit.NO_REDISTRIBUTION: r"no re-?distribution|redistribution\b[^;.]*\bnot (be )?(allowed|permitted)",
    Limit.UNCLEAR: r"\bunclear\b",
}


def limits_of(licence: str) -> tuple[Limit, ...]:
    """The limits that a licence's name or text states, in the order of `Limit`; none for a text that states none."""
    return tuple(limit for limit, pattern in _PATTERNS.items() if re.search(pattern, licence, re.IGNORECASE))


def short_name(licence: str) -> str:
    """`ODbL 1.0 (attribution, share alike)` → `ODbL 1.0`: what stands before the first explanation."""
    return re.split(r"\s*[(:;]", licence, maxsplit=1)[0] or licence
