"""The command `targets`: national goals and own ones, and who is still short of them."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Final

import pandas as pd
import typer

from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows, rows_of
from geo.errors import CallError
from geo.indicator_places import own_columns
from geo.reporting import Dir, reporting
from geo.results import read_built
from geo.rules import load_rules
from geo.targets import State, judge_targets, load_targets, sum_by_province
from geo.workspace import CONFIG_NAME, load_workspace


class By(StrEnum):
    """What a row is."""

    PROVINCE = "province"
    UNIT = "unit"


_SHOWN: Final = {
    By.PROVINCE: (
        "target", "goal", "province_name", *(f"units_{state}" for state in State), "people_short",
        "people_to_cover", "value", "state",
    ),
    By.UNIT: ("target", "goal", "unit_code", "name", "state", "value", "low", "high", "short_by", "people", "people_short"),
}  # fmt: skip
"""Columns of the printed table; CSV and JSON have all."""


def targets(
    directory: Dir,
    form: FormOption = Form.TABLE,
    by: Annotated[By, typer.Option(help="One row per province, or per unit.")] = By.PROVINCE,
    only: Annotated[str, typer.Option("--target", help="One target alone, by its id.")] = "",
    units: ListOption = "",
) -> None:
    """For each national goal and each of your own: units and people that meet it, are short, or cannot be told."""
    with reporting(form is Form.JSON):
        workspace, built = load_workspace(directory), read_built(directory)
        chosen = choose_list(built, units)
        own = chosen.indicators["indicator"].unique().tolist()
        known = load_targets(workspace.targets, own, source=CONFIG_NAME)
        if only and only not in {target.id for target in known}:
            raise CallError(f"no target {only!r}; there are {', '.join(target.id for target in known)}")
        known = tuple(target for target in known if only in ("", target.id))
        # the figures are those of the build, and so are the rules that they were judged by
        rules = load_rules(built.manifest["rules"], source="manifest.json")
        communes = pd.DataFrame(chosen.result.drop(columns="geometry"))
        communes = communes.assign(**own_columns(chosen.indicators, communes["unit_code"]))
        by_unit = judge_targets(communes, known, rules)
        by_province = sum_by_province(by_unit, known)
        if form is Form.JSON:
            head = {"targets": [asdict(target) for target in known], "provinces": rows_of(by_province)}
            print_rows(built, chosen, "units", by_unit, form, title="", **head)
            return
        table = by_province if by is By.PROVINCE else by_unit
        shown = table if form is Form.CSV else table[list(_SHOWN[by])]
        print_rows(built, chosen, "rows", shown, form, title="Targets")
        if form is Form.TABLE:
            for target in known:
                typer.echo(f"{target.id}: {target.source} ({target.said_on or 'no date'})")
