"""The command `indicators`, and the options with which `add` takes one in."""

from typing import Annotated

import pandas as pd
import typer

from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows
from geo.convert_rows import Decimal
from geo.errors import CallError
from geo.indicator_stats import bivariate, relate, shortfall
from geo.indicators import Better, Figures, Key
from geo.reporting import Dir, reporting
from geo.results import UnitList, read_built

IndicatorName = Annotated[str, typer.Option(help="indicator: its name, as the page shows it.")]
IndicatorId = Annotated[
    str,
    typer.Option(
        "--id", help="indicator: its id, made of its name by default; border says what is a border unit."
    ),
]
IndicatorUnit = Annotated[str, typer.Option(help="indicator: unit of the figures, for example %.")]
IndicatorBetter = Annotated[Better | None, typer.Option(help="indicator: which way is better.")]
IndicatorGoal = Annotated[float | None, typer.Option(help="indicator: value wanted.")]
IndicatorWorst = Annotated[float | None, typer.Option(help="indicator: worst goalpost.")]
IndicatorBy = Annotated[Key | None, typer.Option(help="indicator: what the table knows its units by.")]
IndicatorFigures = Annotated[
    Figures, typer.Option(help="indicator: rates, counts that can be added up, or 1 and 0.")
]
CodeColumn = Annotated[str, typer.Option(help="indicator: column with the units' codes.")]
NameColumn = Annotated[str, typer.Option(help="indicator: column with the units' names.")]
ValueColumn = Annotated[str, typer.Option(help="indicator: column with the figures.")]
ProvinceColumn = Annotated[str, typer.Option(help="indicator: column with the province.")]
Province = Annotated[str, typer.Option(help="indicator: province of every row, where no column says it.")]
DistrictColumn = Annotated[str, typer.Option(help="indicator: column with the district (2024 only).")]
Weight = Annotated[
    str, typer.Option(help="indicator: column with people, to weigh rates of units put together.")
]
DecimalSign = Annotated[Decimal, typer.Option(help="indicator: what separates decimals in text.")]
Sheet = Annotated[str, typer.Option(help="indicator, places: sheet of an XLSX workbook.")]


def indicators(
    directory: Dir,
    chosen_id: Annotated[
        str, typer.Option("--indicator", help="List the units of this indicator, worst first.")
    ] = "",
    form: FormOption = Form.TABLE,
    units: ListOption = "",
) -> None:
    """List own indicators with their rank correlation to the gap score, or the units of one of them."""
    with reporting(form is Form.JSON):
        built = read_built(directory)
        chosen = choose_list(built, units)
        ids = sorted(chosen.indicators["indicator"].unique().tolist())
        if chosen_id and chosen_id not in ids:
            raise CallError(
                f"no indicator {chosen_id!r} in {chosen.id}; there are: {', '.join(ids) or 'none'}"
            )
        if chosen_id:
            print_rows(built, chosen, "units", units_of(chosen, chosen_id), form, title=chosen_id)
        else:
            print_rows(built, chosen, "indicators", summary_of(chosen, ids), form, title="Own indicators")


def units_of(units: UnitList, indicator: str) -> pd.DataFrame:
    """The units of one indicator, worst first: figure, rank, gap score and both thirds."""
    own = units.indicators[units.indicators["indicator"] == indicator].drop(columns="vintage")
    joined = own.merge(units.result[["unit_code", "name", "gap_score"]], on="unit_code", how="left")
    joined = joined.join(bivariate(shortfall(joined), joined["gap_score"]))
    columns = ["rank", "unit_code", "name", "value", "unit", "gap_score", "gap_third", "own_third", "class"]
    return joined.sort_values(["rank", "unit_code"], na_position="last")[columns]


def summary_of(units: UnitList, ids: list[str]) -> pd.DataFrame:
    """One row per indicator: what it is, units with a figure, median, and ρ of its shortfall with the gap score."""
    rows = []
    for name in ids:
        own = units.indicators[units.indicators["indicator"] == name]
        joined = own.merge(units.result[["unit_code", "gap_score"]], on="unit_code", how="left")
        found = relate(shortfall(joined), joined["gap_score"])
        first = own.iloc[0]
        rows.append(
            {
                "indicator": name, "label": first["label"], "unit": first["unit"], "better": first["better"],
                "goal": first["goal"], "worst": first["worst"], "date": first["date"], "units": int(own["value"].notna().sum()),
                "median": own["value"].median(), "rho": found.rho, "rho_low": found.low, "rho_high": found.high,
                "worst_in_both": int((bivariate(shortfall(joined), joined["gap_score"])["class"] == "3-3").sum()),
            }
        )  # fmt: skip
    columns = (
        "indicator",
        "label",
        "unit",
        "better",
        "goal",
        "worst",
        "date",
        "units",
        "median",
        "rho",
        "rho_low",
        "rho_high",
        "worst_in_both",
    )
    return pd.DataFrame(rows, columns=list(columns))
