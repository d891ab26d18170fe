"""The command `sensitivity`: which units are among the worst whatever the choices."""

from typing import Annotated

import typer

from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows
from geo.reporting import Dir, reporting
from geo.results import read_built


def sensitivity(
    directory: Dir,
    top: Annotated[int, typer.Option(min=1, help="How many units.")] = 20,
    form: FormOption = Form.TABLE,
    units: ListOption = "",
) -> None:
    """List how often each unit stays in the worst ten when figures, weights, goalposts and aggregation are drawn anew."""
    with reporting(form is Form.JSON):
        built = read_built(directory)
        chosen = choose_list(built, units)
        named = chosen.sensitivity.merge(chosen.result[["unit_code", "name"]], on="unit_code", how="left")
        order = named.sort_values(["all_share", "rank", "unit_code"], ascending=[False, True, True])
        columns = ["unit_code", "name", *[c for c in chosen.sensitivity.columns if c != "unit_code"]]
        title = "Share of draws in which a unit is among the worst ten"
        print_rows(built, chosen, "units", order[columns].head(top), form, title=title)
