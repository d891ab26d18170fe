"""Mess in files that is recognised and named: refused by default, mended when `--mend KIND` says so, always reported.

Detectors and menders work on frames and columns and guess nothing: what they would mend is a `Mess`, and `conclude`
either refuses a file for all of them at once or turns them into findings.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from geo.errors import InputError
from geo.quality import Finding, Severity

MOST_FINDINGS: Final = 50
"""Rows of one kind that get a finding of their own; the rest are counted in one more."""
_NAMED_ROWS: Final = 5


class Mend(StrEnum):
    """What `--mend` can be told to mend."""

    SWAPPED = "swapped"
    DECIMAL_COMMA = "decimal_comma"
    SEMICOLON = "semicolon"
    MOJIBAKE = "mojibake"
    ESCAPES = "escapes"
    EPOCH = "epoch"
    SHIFTED = "shifted"
    DUPLICATES = "duplicates"
    WINDOWS_1258 = "windows-1258"
    WINDOWS_1252 = "windows-1252"
    TCVN3 = "tcvn3"
    VNI = "vni"


Mends = Collection[str]
"""Kinds of `Mend`, as such or as text."""
NO_MENDS: Final[Mends] = frozenset()


@dataclass(frozen=True)
class Mess:
    """One kind of mess: what is wrong, the rows (from 1), what the first of them holds, what mending does to them.

    `mend` is what to do about it where no `--mend` helps. `said` and `values`, beside `seen`: the same as a sentence of
    `geo.sayings` and what that names; `values` of a mess without rows are those of the whole file.
    """

    kind: str
    wrong: str
    rows: Sequence[int]
    seen: Sequence[str]
    done: str
    mend: str = ""
    said: str = ""
    values: Sequence[Mapping[str, Any]] = ()


def parse_mends(text: Any, *, source: str = "option mend") -> Mends:
    """`swapped,decimal_comma` → the kinds; raises `InputError` naming one that there is not."""
    names = [name.strip() for name in str(text or "").split(",") if name.strip()]
    wrong = [name for name in names if name not in set(Mend)]
    if wrong:
        raise InputError(f"{source}: no mend {', '.join(wrong)}; wanted of {', '.join(Mend)}")
    return frozenset(map(Mend, names))


def mends_text(kinds: Iterable[Mend]) -> str:
    """The kinds as an input's option: sorted and separated by commas, so that equal choices are equal texts."""
    return ",".join(sorted(set(map(str, kinds))))


def mended_code(kind: str) -> str:
    """Code of the finding that this kind was mended."""
    return f"mended_{kind}"


def name_rows(rows: Sequence[int]) -> str:
    """`row 3` or `rows 1, 2, 3, 4, 5 and 7 more`."""
    named = ", ".join(str(int(row)) for row in rows[:_NAMED_ROWS])
    more = f" and {len(rows) - _NAMED_ROWS} more" if len(rows) > _NAMED_ROWS else ""
    return f"row{'s' if len(rows) > 1 else ''} {named}{more}" if len(rows) else "the file"


def conclude(messes: Iterable[Mess | None], mends: Mends, *, source: str) -> list[Finding]:
    """Findings of what was mended; raises one `InputError` naming every kind that nobody asked to mend, with its rows."""
    found = [mess for mess in messes if mess is not None]
    left = [mess for mess in found if mess.mend or mess.kind not in mends]
    if left:
        raise InputError(f"{source}: {'; '.join(map(_sentence, left))}. Mend: {_advice(left)}")
    return [finding for mess in found for finding in _findings(mess, source)]


def _sentence(mess: Mess) -> str:
    first = f" (first: {mess.seen[0]})" if mess.seen else ""
    return f"{mess.kind}: {mess.wrong} in {name_rows(mess.rows)}{first}"


def _advice(messes: Sequence[Mess]) -> str:
    ways = [mess.mend for mess in messes if mess.mend]
    options = " ".join(f"--mend {mess.kind}" for mess in messes if not mess.mend)
    if options:
        ways.append(f"correct the file, or look at those rows and say {options}")
    return "; ".join(ways)


def _findings(mess: Mess, source: str) -> list[Finding]:
    severity = Severity.WARNING
    if not len(mess.rows):
        return [
            Finding(
                severity, mended_code(mess.kind), f"{mess.wrong}", file=source, done=mess.done, said=mess.said,
                values=next(iter(mess.values), None),
            )
        ]  # fmt: skip
    listed_values: list[Mapping[str, Any] | None] = list(mess.values)
    listed_values = listed_values or [None for _ in mess.seen]
    found = [
        Finding(
            severity,
            mended_code(mess.kind),
            f"{mess.wrong}: {seen}",
            file=source,
            row=int(row),
            done=mess.done,
            said=mess.said,
            values=values,
        )
        for row, seen, values in zip(
            mess.rows[:MOST_FINDINGS], mess.seen[:MOST_FINDINGS], listed_values[:MOST_FINDINGS], strict=True
        )
    ]
    if len(mess.rows) > MOST_FINDINGS:
        text = f"{mess.wrong} in {len(mess.rows)} rows in all; the first {MOST_FINDINGS} are listed"
        found.append(
            Finding(
                severity, mended_code(mess.kind), text, file=source, done=mess.done, said="mended_rows",
                values={"count": len(mess.rows), "listed": MOST_FINDINGS},
            )
        )  # fmt: skip
    return found


def describe_finding(finding: Finding) -> str:
    """A finding as one sentence for a report: `a.csv: row 3: latitude and longitude are exchanged: …; they were exchanged back`."""
    place = f"{finding.file}: row {finding.row}" if finding.row else finding.file
    return f"{place}: {finding.message}; {finding.done}"
