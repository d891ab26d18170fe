"""The command `targets`: national goals and own ones, and who is still short of them."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Final

import typer

from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows, rows_of
from geo.errors import CallError
from geo.people_sum import UNKNOWN_UNITS
from geo.reporting import Dir, reporting
from geo.results import read_built
from geo.target_report import known_targets, report_targets
from geo.targets import State
from geo.workspace import load_workspace


class By(StrEnum):
    """What a row is."""

    PROVINCE = "province"
    UNIT = "unit"


_SHOWN: Final = {
    By.PROVINCE: (
        "target", "goal", "province_name", *(f"units_{state}" for state in State), "people_short",
        f"people_short{UNKNOWN_UNITS}", "people_to_cover", f"people_to_cover{UNKNOWN_UNITS}", "value", "state",
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
        known = known_targets(workspace.targets, chosen)
        if only and only not in {target.id for target in known}:
            raise CallError(f"no target {only!r}; there are {', '.join(target.id for target in known)}")
        known = tuple(target for target in known if only in ("", target.id))
        report = report_targets(built, chosen, known)
        by_unit, by_province = report.by_unit, report.by_province
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
