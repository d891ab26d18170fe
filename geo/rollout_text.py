"""Checks of proposals as plain text for a terminal; what is known by codes stays a code."""

import io
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from geo.rollout import Check, Report, Together
from geo.rollout_check import Range

PIPE_WIDTH: Final = 140
_SHOWN_UNITS: Final = 10


def check_text(manifest: Mapping[str, Any], report: Report) -> str:
    """Every check, and the sum of several; `manifest`: the build's, which says whether the data are illustrative."""
    stream = io.StringIO()
    console = Console(width=PIPE_WIDTH, file=stream, highlight=False)
    if manifest["illustrative"]:
        console.print(f"[yellow]{escape(manifest['note'])}[/yellow]")
    for one in report.checks:
        _print_check(console, one)
        for note in report.notes.get(one.key, ()):
            console.print(f"  note: {escape(note)}")
    if len(report.checks) > 1:
        for together in report.together:
            _print_together(console, together)
    return stream.getvalue()


def _print_check(console: Console, one: Check) -> None:
    of = " / ".join(one.operators)
    console.print(
        f"[bold]{escape(one.key)}[/bold]  {escape(of)} {one.technology}  → [bold]{one.advice}[/bold]"
    )
    rests = f"today's coverage: {one.evidence}" if one.evidence else "today's coverage: not known"
    console.print(
        f"  {rests}; shares are of {one.basis}{'; areas modelled from sites, terrain-blind' if one.modelled else ''}"
    )
    figures = Table("part", "people", "km²", box=None, padding=(0, 2))
    for name, (people, km2) in one.figures.items():
        figures.add_row(name, _range(people, 0), _range(km2, 2))
    console.print(figures)
    if one.people_unknown_units:
        console.print(
            f"  people of {one.people_unknown_units} of {len(one.units)} units are not known and in no sum"
        )
    places = ", ".join(f"{kind}s {'–' if n is None else n}" for kind, n in one.places.items())
    console.print(
        f"  gained: {places}; units no longer a gap: {'–' if one.new_area is None else one.lifted_units}"
    )
    console.print(_criteria(one))
    more = [reason.code for reason in one.reasons[len(one.criteria) :]]
    if more:
        console.print(f"  also: {', '.join(more)}")
    console.print(_units(one))
    if len(one.units) > _SHOWN_UNITS:
        console.print(f"  … {len(one.units) - _SHOWN_UNITS} more units; --format json has all")


def _criteria(one: Check) -> Table:
    criteria = Table("criterion", "figure", "threshold", "outcome", "why")
    for c in one.criteria:
        sign = "≥" if c.better == "high" else "≤"
        limit = "–" if c.threshold is None else f"{sign} {c.threshold:g}"
        name = f"{c.code}{' *' if c.essential else ''}"
        criteria.add_row(name, _range(c.figure, 2), limit, str(c.outcome), c.reason.code)
    return criteria


def _units(one: Check) -> Table:
    table = Table("code", "unit", "new people", "new km²", "covered", "verdict", "score", "rank")
    for row in one.units.head(_SHOWN_UNITS).to_dict("records"):
        table.add_row(
            row["unit_code"], escape(str(row["name"])), number_text(row["new_people"], 0), number_text(row["new_km2"], 2),
            f"{number_text(row['covered_share_before'], 3)} → {number_text(row['covered_share_after'], 3)}",
            " → ".join(_word(row[f"verdict_{when}"]) for when in ("before", "after")),
            f"{_with_ends(row, 'score', 'before')} → {_with_ends(row, 'score', 'after')}",
            f"{_with_ends(row, 'rank', 'before')} → {_with_ends(row, 'rank', 'after')}",
        )  # fmt: skip
    return table


def _word(value: Any) -> str:
    """A verdict; a dash for what is not known."""
    return value if isinstance(value, str) else "–"


def _with_ends(row: Mapping[Any, Any], figure: str, when: str) -> str:
    """`7 (5-9)`: a unit's score or rank and its 90 % interval."""
    value, low, high = (number_text(row[f"{figure}{end}_{when}"], 0) for end in ("", "_low", "_high"))
    return value if low == high else f"{value} ({low}-{high})"


def _print_together(console: Console, together: Together) -> None:
    one, unit = together.check, "people" if together.check.basis == "people" else "km²"
    console.print(f"[bold]together, {one.technology}[/bold]  → [bold]{one.advice}[/bold]")
    new = one.figures["new"][0 if unit == "people" else 1]
    console.print(
        f"  newly covered {_range(new, 0)} {unit}; promised twice {number_text(together.promised_twice, 0)}; duplicated {_range(one.duplicated_share, 2)}"
    )
    table = Table(
        "partner", "proposals", "alone", "last", "contribution", title=f"contributions ({together.method})"
    )
    for part in together.contributions:
        table.add_row(
            escape(part.operator),
            str(part.proposals),
            number_text(part.alone, 1),
            number_text(part.last, 1),
            number_text(part.share, 1),
        )
    console.print(table)


def number_text(value: Any, decimals: int) -> str:
    """`1,234.5`; a dash for what is not known."""
    return "–" if value is None or value != value or str(value) == "<NA>" else f"{value:,.{decimals}f}"


def _range(figure: Range, decimals: int) -> str:
    if figure.value is None:
        return (
            f"{number_text(figure.low, decimals)}-{number_text(figure.high, decimals)}"
            if figure.known
            else "–"
        )
    if figure.low == figure.high:
        return number_text(figure.value, decimals)
    return f"{number_text(figure.value, decimals)} ({number_text(figure.low, decimals)}-{number_text(figure.high, decimals)})"


def cell_text(value: Any) -> str:
    """A cell of the comparison: whole numbers and large ones without decimals."""
    if isinstance(value, str):
        return value
    return number_text(value, 0 if isinstance(value, int) or (value is not None and abs(value) >= 100) else 3)
