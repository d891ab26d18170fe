"""The command `quality`: what the last build found about its inputs; `geo/__main__.py` registers it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from geo.cli_rows import Form, FormOption, csv_text, terminal
from geo.errors import CallError
from geo.quality import CODES, Severity, count_severities, severities_text
from geo.reporting import Dir, reporting
from geo.results import Built, read_built

COLUMNS: Final = ("severity", "code", "list_id", "unit", "file", "row", "message", "value", "done", "mend")
_SHOWN: Final = 10
"""Findings of one code that the table shows unless all are asked for."""
_PIPE_WIDTH: Final = 140
_STYLES: Final = {"error": "bold red", "warning": "yellow", "note": "dim"}

Row = Mapping[str, Any]


def quality(
    directory: Dir,
    severity: Annotated[Severity | None, typer.Option(help="Only findings of this severity.")] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(help="Only findings of this code; may be repeated. METHODS lists the codes."),
    ] = None,
    form: FormOption = Form.TABLE,
    units: Annotated[
        str,
        typer.Option(
            help="Leave out the findings of every other list of units, for example 2026-04-commune."
        ),
    ] = "",
    show_all: Annotated[bool, typer.Option("--all", help="Show long lists whole in the table.")] = False,
) -> None:
    """List what the last build found about its inputs: errors, warnings and notes, what was done, what mends them."""
    with reporting(form is Form.JSON):
        built = read_built(directory)
        rows = choose(built, severity, tuple(code or ()), units)
        if form is Form.JSON:
            typer.echo(json.dumps(as_report(built, rows), ensure_ascii=False, allow_nan=False))
        elif form is Form.CSV:
            typer.echo(as_csv(rows, illustrative=built.manifest["illustrative"]), nl=False)
        else:
            _print_table(built, rows, None if show_all else _SHOWN)


def choose(built: Built, severity: Severity | None, codes: Sequence[str], units: str) -> list[Row]:
    """The findings asked for, in their order; raises `CallError` for a code or list of units that does not exist."""
    unknown = [code for code in codes if code not in CODES]
    if unknown:
        raise CallError(f"no code {unknown[0]!r}; there are {', '.join(CODES)}")
    if units and units not in built.lists:
        raise CallError(f"no list of units {units!r} here; there are {', '.join(built.lists)}")
    return [
        row
        for row in built.quality
        if (severity is None or row["severity"] == severity)
        and (not codes or row["code"] in codes)
        and (not units or row.get("list_id", "") in ("", units))
    ]


def as_report(built: Built, rows: Sequence[Row]) -> dict[str, Any]:
    """What `--format json` prints: the counts and every finding."""
    return {
        "name": built.manifest["name"],
        "illustrative": built.manifest["illustrative"],
        "note": built.manifest["note"],
        "counts": count_severities(rows),
        "findings": [{name: row.get(name) for name in COLUMNS} for row in rows],
    }


def as_csv(rows: Sequence[Row], *, illustrative: bool) -> str:
    """The findings as CSV text, formula-safe."""
    return csv_text(COLUMNS, ([row.get(name) for name in COLUMNS] for row in rows), illustrative=illustrative)


def _print_table(built: Built, rows: Sequence[Row], most: int | None) -> None:
    console = terminal(_PIPE_WIDTH, highlight=False)
    console.print(f"[bold]{escape(built.manifest['name'])}[/bold]: {severities_text(count_severities(rows))}")
    if built.manifest["illustrative"]:
        console.print(f"[yellow]{escape(built.manifest['note'])}[/yellow]")
    for severity, of_severity in groupby(rows, key=lambda row: str(row["severity"])):
        for code, of_code in groupby(of_severity, key=lambda row: str(row["code"])):
            found = list(of_code)
            console.print(
                f"\n[{_STYLES[severity]}]{severity}[/] [bold]{escape(code)}[/bold] ({len(found):,})"
            )
            for line in _lines(found, most):
                console.print(escape(line), soft_wrap=True)


def _lines(found: Sequence[Row], most: int | None) -> Iterator[str]:
    """The messages of one code; what was done and what mends it once where all say the same, else under each."""
    shown = found[:most]
    remedies = {(row["done"], row["mend"]) for row in found}
    for row in shown:
        where = f" [{row['file']}: row {row['row']}]" if row["row"] else ""
        yield f"  {row['message']}{where}"
        if len(remedies) > 1:
            yield from _remedy(row, "      ")
    if len(shown) < len(found):
        yield f"  … {len(found) - len(shown):,} more; --all shows them"
    if len(remedies) == 1:
        yield from _remedy(found[0], "  ")


def _remedy(row: Row, indent: str) -> Iterator[str]:
    if row["done"]:
        yield f"{indent}done: {row['done']}"
    if row["mend"]:
        yield f"{indent}mend: {row['mend']}"
