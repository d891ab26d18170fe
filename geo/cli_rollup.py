"""The command `rollup`: the built figures of districts, provinces, all units, or the units of a younger list."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from geo import confined
from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows, rows_of
from geo.errors import CallError
from geo.files import require_place, write_atomically
from geo.reporting import reporting
from geo.results import Built, UnitList, read_built
from geo.rollups import By, Shares, roll_up_list, split_units
from geo.rules import load_rules
from geo.schema import Level, Vintage
from geo.vintages import crosswalk
from geo.workspace import Workspace, load_workspace, require_unchanged

_SHOWN: Final = (
    "unit_code", "name", "units", "people", "people_known", "people_unknown_units", "4g_covered_people_share", "4g_covered_area_share", "4g_operators",
    "mobile_download_raw_mbps", "fixed_download_raw_mbps", "gap_score", "gap_units", "watch_units", "served_units", "unknown_units",
)  # fmt: skip
"""Columns of the printed table; CSV and JSON have all."""
_NAMED: Final = 5


def rollup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder.")],
    by: Annotated[By | None, typer.Option(help="What the units are put together to.")] = None,
    to: Annotated[
        Vintage | None, typer.Option(help="A younger list: to its communes, or with --by to its provinces.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Where a part is not known, give the figure of the others.")
    ] = False,
    form: FormOption = Form.TABLE,
    out: Annotated[
        Path | None, typer.Option(help="Write a .csv (with its sources beside it) or .json file instead.")
    ] = None,
    units: ListOption = "",
) -> None:
    """Add up the built figures: counts summed, shares by people, speeds by tests; what a missing part keeps back is listed."""
    with reporting(form is Form.JSON):
        form = _form_of(out, form)
        workspace, built = load_workspace(directory), read_built(directory)
        chosen = choose_list(built, units)
        rules = load_rules(built.manifest["rules"], source="manifest.json")
        shares = None if to is None else _shares(workspace, built, chosen, to)
        rolled = roll_up_list(chosen, rules, by=by, to=to, shares=shares, partial=partial)
        table = with_withheld(rolled.table, rolled.withheld)
        if out is not None and form is Form.CSV:
            from geo.export import export_rollup

            report = export_rollup(built, chosen, table, out)
            typer.echo(f"{out}: {report.rows} rows, checked; sources and method in {report.sidecar.name}")
        elif form is Form.JSON:
            _give_json(built, chosen, table, rolled.withheld, out)
        else:
            shown = table if form is Form.CSV else table[[name for name in _SHOWN if name in table]]
            flat = shown.assign(withheld=table["withheld"].map("; ".join)) if form is Form.CSV else shown
            print_rows(built, chosen, "wholes", flat, form, title=f"Rolled up by {by or to}")
            if form is Form.TABLE:
                _say_withheld(rolled.withheld)


def _form_of(out: Path | None, form: Form) -> Form:
    """What is to be written: for a file, what its name says."""
    if out is None:
        return form
    named = out.suffix.lower().removeprefix(".")
    if named not in (Form.CSV, Form.JSON) or form not in (Form.TABLE, named):
        raise CallError(f"{out}: wanted a name that ends in .csv or .json and agrees with --format")
    require_place(out)
    return Form(named)


def with_withheld(table: pd.DataFrame, withheld: pd.DataFrame) -> pd.DataFrame:
    """The table with a last column `withheld`: the list of its row's figures that a part keeps back or, if partial, lacks."""
    lost: dict[str, list[str]] = {}
    for code, column in withheld[["whole_code", "column"]].drop_duplicates().itertuples(index=False):
        lost.setdefault(code, []).append(column)
    cells = pd.Series([lost.get(code, []) for code in table["unit_code"]], index=table.index, dtype=object)
    return table.assign(withheld=cells)


def _shares(workspace: Workspace, built: Built, chosen: UnitList, to: Vintage) -> Shares | None:
    """Shares of split communes by people, where the workspace has outlines of both lists and a population grid."""
    younger = built.lists.get(f"{to}-{Level.COMMUNE}")
    raster = [file for given in workspace.of_kind("population") for file in given.files]
    if younger is None or len(raster) != 1 or chosen.level != Level.COMMUNE:
        return None
    codes = split_units(chosen, to)
    if not codes:
        return None
    # slow to load and wanted for split units only
    from geo.split_shares import people_shares

    require_unchanged(workspace)
    old = chosen.result[chosen.result["unit_code"].isin(codes)]
    west, south, east, north = old.total_bounds
    grid = confined.read_population(workspace.resolve(raster[0]), (west, south, east, north))
    shares, _ = people_shares(codes, crosswalk(Vintage(chosen.vintage), to), old, younger.result, grid)
    return shares


def _give_json(
    built: Built, chosen: UnitList, table: pd.DataFrame, withheld: pd.DataFrame, out: Path | None
) -> None:
    parts = withheld.rename(columns={"whole_code": "unit_code", "unit_code": "part"})
    if out is None:
        print_rows(built, chosen, "wholes", table, Form.JSON, title="", withheld=rows_of(parts))
        return
    said: dict[str, Any] = {
        "list": chosen.id,
        "illustrative": built.manifest["illustrative"],
        "note": built.manifest["note"],
        "sources": built.manifest["inputs"],
        "wholes": rows_of(table),
        "withheld": rows_of(parts),
    }
    write_atomically(out, (json.dumps(said, ensure_ascii=False, allow_nan=False) + "\n").encode())
    typer.echo(f"{out}: {len(table)} rows")


def _say_withheld(withheld: pd.DataFrame) -> None:
    """One line per whole and set of missing parts, with the figures that these keep back."""
    missing: dict[tuple[str, str], list[str]] = {}
    for code, column, part in withheld.itertuples(index=False):
        missing.setdefault((code, column), []).append(part)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (code, column), parts in missing.items():
        alike.setdefault((code, tuple(parts)), []).append(column)
    for (code, lacking), columns in alike.items():
        more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
        typer.echo(f"{code}: not known of {', '.join(lacking[:_NAMED])}{more}: {', '.join(columns)}")
