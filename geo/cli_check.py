"""The commands `check` and `compare`: proposals, from files or from the workspace's store, against today."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from geo.check_report import (
    criterion_rows,
    gain_frame,
    gained_table,
    summary_row,
    together,
    unit_table,
)
from geo.cli_rows import Form, FormOption, ListOption, print_rows, rows_of
from geo.desk import gather, open_desk
from geo.errors import CallError
from geo.export import export_what_if
from geo.files import write_atomically
from geo.proposal_files import Terms
from geo.quality import Finding
from geo.reporting import reporting
from geo.results import Built, UnitList
from geo.rollout import Check, check_all, check_proposal
from geo.rollout_base import Today
from geo.rollout_compare import Scenario, compare_scenarios
from geo.rollout_sum import cut_pieces
from geo.table_write import encode_workbook


class CheckForm(StrEnum):
    """What `check` gives."""

    TABLE = "table"
    JSON = "json"
    GEOJSON = "geojson"
    XLSX = "xlsx"


_SHOWN: Final = (
    "proposal", "operator", "technology", "outcome", "people_inside", "newly_covered_people", "duplicated_share",
    "upgraded_people", "gap_share", "newly_covered_km2", "cost_per_person",
)  # fmt: skip
_CRITERIA_SHOWN: Final = ("proposal", "name", "value", "unit", "passes", "fails", "grade", "reason")
_UNITS_SHOWN: Final = (
    "proposal", "unit_code", "name", "newly_covered_people", "verdict_before", "verdict_after", "gap_score_before",
    "gap_score_after", "rank_before", "rank_after",
)  # fmt: skip


def check(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder, built.")],
    proposals: Annotated[
        list[str],
        typer.Argument(metavar="PROPOSAL…", help="Files of areas or sites, or numbers of saved proposals."),
    ],
    operator: Annotated[str, typer.Option(help="Whose it is, where the file does not say.")] = "",
    technology: Annotated[str, typer.Option(help="2G, 3G, 4G or 5G, where the file does not say.")] = "",
    year: Annotated[int | None, typer.Option(help="When it would be built.")] = None,
    cost: Annotated[float | None, typer.Option(help="What it would cost, in any one unit.")] = None,
    promised_mbps: Annotated[float | None, typer.Option(help="Download speed promised, Mbps.")] = None,
    radius: Annotated[
        float | None, typer.Option(help="Metres that a site reaches; modelled by default.")
    ] = None,
    form: Annotated[CheckForm, typer.Option("--format", help="What to give.")] = CheckForm.TABLE,
    out: Annotated[
        Path | None, typer.Option(help="File to write; for geojson and xlsx it must be given.")
    ] = None,
    units: ListOption = "",
) -> None:
    """What a proposal changes: people newly covered, what it repeats, units before and after, every criterion."""
    with reporting(form is CheckForm.JSON):
        if (form in (CheckForm.GEOJSON, CheckForm.XLSX)) and out is None:
            raise CallError(f"--format {form} writes a file; name it with --out")
        built, chosen, today, judge = open_desk(directory, units)
        terms = Terms(operator, technology, year, cost, promised_mbps, radius_m=radius)
        found, findings = gather(directory, proposals, terms, today)
        # one alone is judged with intervals; many in one go
        checks = (
            [check_proposal(today, found[0], judge)] if len(found) == 1 else check_all(today, found, judge)
        )
        _give(built, chosen, today, checks, form, out, findings)


def _give(
    built: Built, units: UnitList, today: Today, checks: list[Check], form: CheckForm, out: Path | None,
    findings: list[Finding],
) -> None:  # fmt: skip
    rules = today.rules.rollout
    for finding in findings:
        typer.echo(f"vunglom: {finding.message}", err=True)
    summary = [summary_row(check, rules) for check in checks]
    criteria = [row for check in checks for row in criterion_rows(check, rules)]
    whole = together(checks, cut_pieces(today, checks))
    said = {"proposals": summary, "criteria": criteria, "together": whole}
    table = unit_table(checks)
    if form is CheckForm.GEOJSON and out is not None:
        export_what_if(
            gain_frame(checks, rules), "check_gain", "geojson", out, built=built, units=units, said=said
        )
        typer.echo(f"{out}: {len(checks)} proposals, checked")
    elif form is CheckForm.XLSX and out is not None:
        write_atomically(out, encode_workbook(_sheets(built, said, table, gained_table(checks))))
        typer.echo(f"{out}: {len(checks)} proposals, checked")
    elif form is CheckForm.JSON or out is not None:
        head = {
            "list": units.id,
            "illustrative": built.manifest["illustrative"],
            "note": built.manifest["note"],
        }
        text = json.dumps(
            {**head, **said, "units": rows_of(table), "places": rows_of(gained_table(checks))},
            ensure_ascii=False,
            allow_nan=False,
        )
        _put(text, out)
    else:
        _print(built, units, summary, criteria, table, whole)


def _put(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text)
    else:
        write_atomically(out, (text + "\n").encode("utf-8"))
        typer.echo(f"{out}: written")


def _sheets(
    built: Built, said: dict[str, Any], table: pd.DataFrame, places: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Sheets of the workbook; the first says what the figures are of and whether they are invented."""
    whole = {name: value for name, value in said["together"].items() if not isinstance(value, list)}
    about = {
        "workspace": built.manifest["name"],
        "illustrative": str(built.manifest["illustrative"]),
        "note": built.manifest["note"],
        "built_at": built.manifest["built_at"],
        **whole,
    }
    return {
        "about": pd.DataFrame({"what": list(about), "value": list(about.values())}, dtype=object),
        "proposals": pd.DataFrame(said["proposals"], dtype=object),
        "criteria": pd.DataFrame(said["criteria"], dtype=object),
        "units": table,
        "places": places.astype(object),
        "contributions": pd.DataFrame(said["together"]["proposals"], dtype=object),
        "by_operator": pd.DataFrame(said["together"]["operators"], dtype=object),
    }


def _print(
    built: Built, units: UnitList, summary: list[dict[str, Any]], criteria: list[dict[str, Any]], table: pd.DataFrame,
    whole: dict[str, Any],
) -> None:  # fmt: skip
    for listed, columns, title in ((summary, _SHOWN, "Proposals"), (criteria, _CRITERIA_SHOWN, "Criteria")):
        shown = pd.DataFrame(listed, dtype=object)[list(columns)]
        print_rows(built, units, "rows", shown, Form.TABLE, title=title)
    print_rows(built, units, "rows", table[list(_UNITS_SHOWN)], Form.TABLE, title="Units")
    if len(summary) > 1:
        rows = pd.DataFrame(whole["proposals"], dtype=object)
        print_rows(
            built, units, "rows", rows, Form.TABLE, title="Together, each person once (Shapley value, exact)"
        )


def compare(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder, built.")],
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO…", help="Files, or numbers of saved proposals joined by +, for example 1+4 2+3."
        ),
    ],
    operator: Annotated[str, typer.Option(help="Whose the files are, where they do not say.")] = "",
    technology: Annotated[str, typer.Option(help="2G, 3G, 4G or 5G, where the files do not say.")] = "",
    units: ListOption = "",
    form: FormOption = Form.TABLE,
) -> None:
    """Set scenarios side by side: people newly covered, gap units lifted, cost, repetition, equity."""
    with reporting(form is Form.JSON):
        built, chosen, today, judge = open_desk(directory, units)
        terms = Terms(operator, technology)
        sets = []
        for text in scenarios:
            found, findings = gather(directory, [part for part in text.split("+") if part], terms, today)
            for finding in findings:
                typer.echo(f"vunglom: {finding.message}", err=True)
            sets.append(Scenario(Path(text).stem if Path(text).suffix else text, tuple(found)))
        table = compare_scenarios(today, sets, judge)
        print_rows(built, chosen, "scenarios", table, form, title="Scenarios")
