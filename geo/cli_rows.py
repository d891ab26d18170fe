"""How commands print rows: as a table, as CSV or as one JSON object, labelled where the data are illustrative."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from geo.errors import CallError
from geo.export_csv import guard
from geo.results import Built, UnitList
from geo.summary import plain


class Form(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


FormOption = Annotated[Form, typer.Option("--format", help="How to print it.")]
ListOption = Annotated[
    str, typer.Option("--units", help="List of units, for example 2024-district; the first by default.")
]
_PIPE_WIDTH = 160


def choose_list(built: Built, wanted: str) -> UnitList:
    """The list of units of this id, the first for an empty one; raises `CallError`."""
    if not wanted:
        return built.primary
    if wanted not in built.lists:
        raise CallError(f"no list of units {wanted!r} here; there are {', '.join(built.lists)}")
    return built.lists[wanted]


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
        typer.echo(_as_csv(rows, columns, illustrative=illustrative), nl=False)
    else:
        console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
        if illustrative:
            console.print(f"[yellow]{escape(built.manifest['note'])}[/yellow]")
        console.print(_as_table(rows, columns, f"{title} ({units.id})"))


def _as_csv(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, illustrative: bool) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, "illustrative"])
    for row in rows:
        cells = [guard(cell) if isinstance(cell, str) else cell for cell in row.values()]
        writer.writerow([*cells, str(illustrative).lower()])
    return text.getvalue()


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
