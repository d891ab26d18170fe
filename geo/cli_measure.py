"""The command `measure-next`: where new tests would settle most, and how many are missing."""

from typing import Annotated

import typer

from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows
from geo.measure_next import rank_measurements
from geo.reporting import Dir, reporting
from geo.results import read_built
from geo.rules import load_rules
from geo.schema import Network


def measure_next(
    directory: Dir,
    top: Annotated[int, typer.Option(min=1, help="How many rows.")] = 20,
    network: Annotated[Network | None, typer.Option(help="One network alone.")] = None,
    form: FormOption = Form.TABLE,
    units: ListOption = "",
) -> None:
    """List the units where new speed tests would settle most, with the devices and tests still missing."""
    with reporting(form is Form.JSON):
        built = read_built(directory)
        chosen = choose_list(built, units)
        rules = load_rules(built.manifest["rules"], source="manifest.json")
        table = rank_measurements(chosen.result, chosen.goals, rules)
        if network is not None:
            table = table[table["network"] == network]
        wanted = {"half_width": rules.half_width, "samples": rules.wanted_samples}
        title = (
            f"Where to measure next: until ±{rules.half_width:.0%}, and until {rules.wanted_samples} tests"
        )
        print_rows(built, chosen, "units", table.head(top), form, title=title, wanted=wanted)
