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
    """One finding: a stable code, the input or unit it is about, and one English sentence with its numbers."""

    severity: Severity
    code: str
    message: str
    unit: str = ""
    file: str = ""
    done: str = ""


def findings_as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Plain rows, gravest first, in a stable order."""
    order = list(Severity)
    ranked = sorted(findings, key=lambda f: (order.index(f.severity), f.code, f.unit, f.file, f.message))
    return [asdict(finding) for finding in ranked]
