"""`vunglom speed DIR`: the speeds of a workspace in three ways, with the steps behind the estimate; writes nothing."""

import json
from typing import Annotated, Any, Final

import pandas as pd
import typer
from rich.markup import escape
from rich.table import Table

from geo.cli_rows import Form, FormOption, csv_text, terminal
from geo.reporting import Dir, reporting
from geo.schema import SpeedMode
from geo.workspace import load_workspace

_PIPE_WIDTH: Final = 200


def speed(
    directory: Dir,
    mode: Annotated[
        SpeedMode,
        typer.Option(help="shrunk: the estimate, step by step; raw: plain means; tutorial: Ookla's recipe."),
    ] = SpeedMode.SHRUNK,
    form: FormOption = Form.TABLE,
    units: Annotated[str, typer.Option(help="List of units; the first by default.")] = "",
) -> None:
    """Compute the speeds of every unit from the workspace's tiles; built/ is neither read nor changed."""
    with reporting(form is Form.JSON):
        workspace = load_workspace(directory)
        # the stages bring slow libraries
        from geo.speed_modes import read_speeds

        rows, head = read_speeds(workspace, mode, units)
        head |= {"illustrative": workspace.illustrative, "note": workspace.note}
        if form is Form.JSON:
            typer.echo(json.dumps({**head, "units": _records(rows)}, ensure_ascii=False, allow_nan=False))
        elif form is Form.CSV:
            cells = (record.values() for record in _records(rows))
            typer.echo(csv_text(list(rows.columns), cells, illustrative=workspace.illustrative), nl=False)
        else:
            _print(rows, head)


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _print(rows: pd.DataFrame, head: dict[str, Any]) -> None:
    console = terminal(_PIPE_WIDTH)
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
