"""Findings about the inputs: what was seen, where, and what was done about it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding matters: an error stops a build, a warning may mislead, a note is for the record."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One finding: a stable code, the input, row (from 1, 0 for none) or unit it is about, one English sentence with its numbers.

    `done` says what was done about it already, `mend` which command or setting mends it.
    """

    severity: Severity
    code: str
    message: str
    unit: str = ""
    file: str = ""
    row: int = 0
    done: str = ""
    mend: str = ""


def findings_as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Plain rows, gravest first, in a stable order."""
    order = list(Severity)
    ranked = sorted(
        findings, key=lambda f: (order.index(f.severity), f.code, f.unit, f.file, f.row, f.message)
    )
    return [asdict(finding) for finding in ranked]
