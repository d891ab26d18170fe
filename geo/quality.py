"""Findings about the inputs: what was seen, where, and what was done about it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from geo.sayings import plain_values

CODES: Final = (
    "audit_people", "audit_tests", "blank_rows", "border", "cells_far", "coverage_misses_sites", "coverage_outside",
    "coverage_without_site", "date_unknown", "declared_area", "duplicate_name", "encoding", "few_tests",
    "gap_between_units", "indicator", "mended_decimal_comma", "mended_duplicates", "mended_epoch", "mended_escapes",
    "mended_mojibake", "mended_semicolon", "mended_shifted", "mended_swapped", "mended_tcvn3", "mended_vni",
    "mended_windows-1252", "mended_windows-1258", "nfc", "no_operator", "no_way_to_town",
    "operator_spellings", "outlines", "overlap", "people_twice", "people_unknown",
    "people_zero", "places_far", "quarantined", "repaired", "rows_without_unit", "same_cell", "separator", "sheet", "sites_outside",
    "sites_unmodelled",
    "stale_date", "superseded", "tests_by_quarter", "tile_coverage", "too_few_tests", "units_without_row",
)  # fmt: skip
"""Every code a finding can have; METHODS says what each means. Other programs rely on these names."""


class Severity(StrEnum):
    """How much a finding matters: an error makes figures wrong, a warning may mislead, a note is for the record."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One finding: a code of `CODES`, the input, row (from 1, 0 for none) or unit it is about, one English sentence with its numbers.

    `done` says what was done about it already, `mend` which command or setting mends it. `value`: how large it is, in the
    unit that the message names, null where size has no meaning. `list_id`: the list of units, empty for an input.
    `said`: which sentence of `geo.sayings` it is, the code itself if empty; `values`: what that sentence names, null for one
    that has none but the message. Raises `ValueError` for values that are not the sentence's.
    """

    severity: Severity
    code: str
    message: str
    unit: str = ""
    file: str = ""
    row: int = 0
    done: str = ""
    mend: str = ""
    value: float | None = None
    list_id: str = ""
    said: str = ""
    values: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        """Names the sentence and makes its values plain."""
        if self.values is not None:
            said = self.said or self.code
            object.__setattr__(self, "values", plain_values(said, self.values))
            object.__setattr__(self, "said", said)


def findings_as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Plain rows, gravest first, the largest of a code first, in a stable order."""
    order = list(Severity)
    ranked = sorted(
        findings,
        key=lambda f: (
            order.index(f.severity), f.code, -abs(f.value or 0.0), f.unit, f.file, f.row, f.message
        ),
    )  # fmt: skip
    return [asdict(finding) for finding in ranked]


def count_severities(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows of `findings_as_json` are of each severity, gravest first, none included."""
    counts = Counter(str(row["severity"]) for row in rows)
    return {str(severity): counts[str(severity)] for severity in Severity}


def severities_text(counts: Mapping[str, int]) -> str:
    """`1 error, 0 warnings, 12 notes`."""
    return ", ".join(f"{count:,} {severity}{'' if count == 1 else 's'}" for severity, count in counts.items())


def listed(names: Sequence[str], most: int = 6) -> str:
    """`a, b and 3 more`: the first `most` names of a list that may be long."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
