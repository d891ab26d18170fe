"""How commands print rows: as a table, as CSV or as one JSON object, labelled where the data are illustrative."""

import csv
import io
import json
import math
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from geo.errors import CallError
from geo.export_csv import guard
from geo.results import Built, UnitList


class Form(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


FormOption = Annotated[Form, typer.Option("--format", help="How to print it.")]
ListOption = Annotated[
    str, typer.Option("--units", help="List of units, for example 2024-district; the first by default.")
]
_PIPE_WIDTH: Final = 160


def choose_list(built: Built, wanted: str) -> UnitList:
    """The list of units of this id, the first for an empty one; raises `CallError`."""
    if not wanted:
        return built.primary
    if wanted not in built.lists:
        raise CallError(f"no list of units {wanted!r} here; there are {', '.join(built.lists)}")
    return built.lists[wanted]


def plain(value: Any) -> Any:
    """A JSON value: null for missing, whole numbers as int, 6 decimals."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) == "<NA>":
        return None
    return round(value, 6) if isinstance(value, float) else value


def terminal(pipe_width: int = _PIPE_WIDTH, *, highlight: bool = True) -> Console:
    """Standard output as wide as the window, or of `pipe_width` characters where it is a pipe or a file.

    `highlight`: colour numbers.
    """
    return Console(width=None if sys.stdout.isatty() else pipe_width, highlight=highlight)


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[Any]], *, illustrative: bool) -> str:
    """The rows as CSV text, formula-safe, empty where not known; a last column says whether the data are illustrative."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, "illustrative"])
    for row in rows:
        cells = [guard(cell) if isinstance(cell, str) else cell for cell in row]
        writer.writerow([*cells, str(illustrative).lower()])
    return text.getvalue()


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values, null for what is not known and for an end that nothing bounds."""
    table = table.replace([np.inf, -np.inf], np.nan)
    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def print_rows(
    built: Built, units: UnitList, key: str, table: pd.DataFrame, form: Form, *, title: str, **head: Any
) -> None:
    """The table on standard output; `key` names its rows and `head` what else the JSON object holds."""
    rows, columns = rows_of(table), [str(name) for name in table.columns]
    illustrative = built.manifest["illustrative"]
    if form is Form.JSON:
        said = {
            "list": units.id,
            "illustrative": illustrative,
            "note": built.manifest["note"],
            **head,
            key: rows,
        }
        typer.echo(json.dumps(said, ensure_ascii=False, allow_nan=False))
    elif form is Form.CSV:
        typer.echo(csv_text(columns, (row.values() for row in rows), illustrative=illustrative), nl=False)
    else:
        console = terminal()
        if illustrative:
            console.print(f"[yellow]{escape(built.manifest['note'])}[/yellow]")
        console.print(_as_table(rows, columns, f"{title} ({units.id})"))


def _as_table(rows: Sequence[dict[str, Any]], columns: Sequence[str], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        is_text = any(isinstance(row[name], str) for row in rows)
        table.add_column(name.replace("_", " "), justify="left" if is_text else "right")
    for row in rows:
        table.add_row(*(escape(_cell(row[name])) for name in columns))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not value.is_integer():
        # four decimals keep a share apart from the goal that it just misses
        return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)
