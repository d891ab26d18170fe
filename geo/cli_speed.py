"""`vunglom speed DIR`: the speeds of a workspace in three ways, with the steps behind the estimate; writes nothing."""

import io
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from geo.export_csv import guard
from geo.reporting import reporting
from geo.schema import SpeedMode
from geo.workspace import load_workspace

_PIPE_WIDTH = 200


class SpeedFormat(StrEnum):
    """How `speed` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def speed(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder.")],
    mode: Annotated[
        SpeedMode,
        typer.Option(help="shrunk: the estimate, step by step; raw: plain means; tutorial: Ookla's recipe."),
    ] = SpeedMode.SHRUNK,
    form: Annotated[SpeedFormat, typer.Option("--format", help="How to print them.")] = SpeedFormat.TABLE,
    units: Annotated[str, typer.Option(help="List of units; the first by default.")] = "",
) -> None:
    """Compute the speeds of every unit from the workspace's tiles; built/ is neither read nor changed."""
    with reporting(form is SpeedFormat.JSON):
        workspace = load_workspace(directory)
        # the stages bring slow libraries
        from geo.speed_modes import read_speeds

        rows, head = read_speeds(workspace, mode, units)
        head |= {"illustrative": workspace.illustrative, "note": workspace.note}
        if form is SpeedFormat.JSON:
            typer.echo(json.dumps({**head, "units": _records(rows)}, ensure_ascii=False, allow_nan=False))
        elif form is SpeedFormat.CSV:
            typer.echo(_as_csv(rows.assign(illustrative=str(workspace.illustrative).lower())), nl=False)
        else:
            _print(rows, head)


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _as_csv(rows: pd.DataFrame) -> str:
    text = io.StringIO()
    safe = rows.assign(name=[guard(str(name)) for name in rows["name"]])
    safe.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


def _print(rows: pd.DataFrame, head: dict[str, Any]) -> None:
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    if head["illustrative"]:
        console.print(f"[yellow]{escape(head['note'])}[/yellow]")
    table = Table(title=f"{head['label']} ({head['list']})", title_justify="left")
    for name in rows.columns:
        table.add_column(name, justify="right" if pd.api.types.is_numeric_dtype(rows[name]) else "left")
    for row in rows.itertuples(index=False):
        table.add_row(*(escape(_cell(value)) for value in row))
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "–" if pd.isna(value) else f"{value:.2f}"
