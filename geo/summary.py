"""What a build says in a terminal: the units furthest behind and the counts, as plain data and as a table."""

import math
from pathlib import Path
from typing import Any, Final

from rich.markup import escape
from rich.table import Table

from geo.cli_rows import csv_text, plain, terminal
from geo.people_sum import people_of_rows, sum_columns
from geo.quality import count_severities, severities_text
from geo.results import Built, UnitList
from geo.schema import Verdict

GAP_COLUMNS: Final = (
    "rank", "unit_code", "name", "kind", "verdict", "gap_score", "confidence", "people",
    "4g_covered_people_share", "mobile_download_mbps", "reasons",
)  # fmt: skip
_HEADINGS: Final = (
    ("rank", "right"), ("code", "left"), ("name", "left"), ("verdict", "left"), ("score", "right"), ("sure", "right"),
    ("people", "right"), ("4G", "right"), ("Mbps", "right"), ("why", "left"),
)  # fmt: skip
_PIPE_WIDTH: Final = 140
_TOP: Final = 5


def gap_rows(units: UnitList, top: int) -> list[dict[str, Any]]:
    """The `top` units furthest behind, rank 1 first; equal ranks by mobile speed, then code; without a score last."""
    keys = [name for name in ("rank", "mobile_download_mbps", "unit_code") if name in units.result]
    ordered = units.result.sort_values(keys, na_position="last").head(top)
    columns = [name for name in GAP_COLUMNS if name in ordered]
    return [{name: plain(row[name]) for name in columns} for row in ordered[columns].to_dict("records")]


def summarise(built: Built) -> dict[str, Any]:
    """Counts per list of units, the units furthest behind, and how many findings there are."""
    return {
        "name": built.manifest["name"],
        "illustrative": built.manifest["illustrative"],
        "note": built.manifest["note"],
        "lists": [_summarise_list(units) for units in built.lists.values()],
        "findings": count_severities(built.quality),
        "audit": [finding["message"] for finding in built.quality if finding["code"].startswith("audit_")],
    }


def _summarise_list(units: UnitList) -> dict[str, Any]:
    result = units.result
    counts = result["verdict"].value_counts()
    entry: dict[str, Any] = {
        "list": units.id,
        "units": len(result),
        "verdicts": {str(verdict): int(counts.get(str(verdict), 0)) for verdict in Verdict},
        "furthest_behind": gap_rows(units, _TOP),
    }
    if "people" in result:
        in_gaps = result[result["verdict"] == str(Verdict.GAP)]
        sums = sum_columns("people", people_of_rows(result))
        sums |= sum_columns("people_in_gap_units", people_of_rows(in_gaps))
        entry |= {name: plain(value) for name, value in sums.items()}
    return entry


def print_summary(built: Built, root: Path) -> None:
    """Counts, audit, how to see the findings, and the units furthest behind, to standard output."""
    console = terminal(_PIPE_WIDTH)
    summary = summarise(built)
    console.print(f"[bold]{escape(summary['name'])}[/bold]")
    for entry in summary["lists"]:
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in entry["verdicts"].items())
        console.print(f"{entry['list']}: {entry['units']} units: {verdicts}")
    for message in summary["audit"]:
        console.print(f"  {escape(message)}", highlight=False)
    counted = severities_text(summary["findings"])
    console.print(
        f"findings about the inputs: {counted} (see vunglom quality {escape(str(root))})",
        highlight=False,
        soft_wrap=True,
    )
    print_gaps(built, built.primary, _TOP)


def print_gaps(built: Built, units: UnitList, top: int) -> None:
    """The units furthest behind as a table, labelled where the data is illustrative."""
    console = terminal(_PIPE_WIDTH)
    if built.manifest["illustrative"]:
        console.print(f"[yellow]{escape(built.manifest['note'])}[/yellow]")
    table = Table(title=f"Furthest behind ({units.id})", title_justify="left")
    for name, justify in _HEADINGS:
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in gap_rows(units, top):
        table.add_row(*(escape(text) for text in _cells(row)))
    console.print(table)


def _cut(value: float) -> str:
    """Cut at one decimal, not rounded: 99.79 % must not read as 99.8 %, the goal it misses. The app does the same."""
    return f"{math.floor(round(value * 10, 6)) / 10:.1f}"


def _cells(row: dict[str, Any]) -> list[str]:
    def number(name: str, form: str) -> str:
        return "–" if row.get(name) is None else format(row[name], form)

    share, speed = row.get("4g_covered_people_share"), row.get("mobile_download_mbps")

    return [
        number("rank", "d"),
        row["unit_code"],
        " ".join(part for part in (row.get("kind"), row["name"]) if part),
        row["verdict"],
        number("gap_score", ".1f"),
        number("confidence", ".0%"),
        number("people", ",.0f"),
        "–" if share is None else f"{_cut(share * 100)}%",
        "–" if speed is None else _cut(speed),
        ", ".join(row["reasons"]),
    ]


def gaps_csv(rows: list[dict[str, Any]], *, illustrative: bool) -> str:
    """The rows as CSV text, formula-safe, reasons joined by `; `."""
    names = [name for name in GAP_COLUMNS if rows and name in rows[0]]
    cells = (["; ".join(row[name]) if name == "reasons" else row[name] for name in names] for row in rows)
    return csv_text(names, cells, illustrative=illustrative)
