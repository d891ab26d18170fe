"""The command `proposals`: what is on record, who changed what when, and every version brought back."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import pandas as pd
import typer

from geo.cli_rows import Form, FormOption, print_rows
from geo.desk import known_operators, name_of_caller, open_desk
from geo.errors import CallError
from geo.proposal import Proposal, Status
from geo.proposal_files import Terms, read_proposal_file
from geo.proposals import add_proposal, read_history, read_proposals, restore_version, set_status
from geo.reporting import reporting
from geo.results import read_built
from geo.rollout_base import touched_units

app = typer.Typer(help="Proposals on record: list, add, status, history, restore.", no_args_is_help=True)

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The proposal's number, as list shows it.")]
Who = Annotated[str, typer.Option(help="Who does it; the system's name for you by default.")]


_COLUMNS: Final = (
    "number", "name", "operator", "technology", "year", "status", "sites", "cost", "promised_mbps", "basis",
)  # fmt: skip


class Asked(StrEnum):
    """The statuses that can be asked for."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    BUILT = "built"


def _row(plan: Proposal) -> dict[str, object]:
    return {
        "number": plan.id, "name": plan.name, "operator": plan.operator, "technology": str(plan.technology),
        "year": plan.year, "status": str(plan.status), "sites": len(plan.sites), "cost": plan.cost,
        "promised_mbps": plan.promised_mbps, "basis": plan.basis,
    }  # fmt: skip


@app.command("list")
def list_all(directory: Dir, form: FormOption = Form.TABLE) -> None:
    """List the proposals on record."""
    with reporting(form is Form.JSON):
        built = read_built(directory)
        rows = [_row(plan) for plan in read_proposals(directory)]
        table = pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
        print_rows(built, built.primary, "proposals", table, form, title="Proposals")


@app.command()
def add(
    directory: Dir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Areas, or a list of sites.")],
    operator: Annotated[str, typer.Option(help="Whose it is, where the file does not say.")] = "",
    technology: Annotated[str, typer.Option(help="2G, 3G, 4G or 5G, where the file does not say.")] = "",
    year: Annotated[int | None, typer.Option(help="When it would be built.")] = None,
    cost: Annotated[float | None, typer.Option(help="What it would cost, in any one unit.")] = None,
    promised_mbps: Annotated[float | None, typer.Option(help="Download speed promised, Mbps.")] = None,
    radius: Annotated[
        float | None, typer.Option(help="Metres that a site reaches; modelled by default.")
    ] = None,
    name: Annotated[str, typer.Option(help="Its name; the file's by default.")] = "",
    who: Who = "",
    units: Annotated[str, typer.Option(help="List of units that it is held against.")] = "",
) -> None:
    """Put the proposals of a file on record, as drafts; one that is there already is named."""
    with reporting():
        _, _, today, _ = open_desk(directory, units)
        terms = Terms(operator, technology, year, cost, promised_mbps, name, radius)
        found, findings = read_proposal_file(
            file, terms, today.communes, known_operators=known_operators(today)
        )
        for finding in findings:
            typer.echo(f"vunglom: {finding.message}", err=True)
        for plan in found:
            if not len(touched_units(today, plan.area)[0]):
                typer.echo(f"vunglom: {plan.name} lies wholly outside the region", err=True)
            saved = add_proposal(directory, plan, who=who or name_of_caller())
            how = "on record" if saved.is_new else "was on record already, nothing was changed"
            typer.echo(
                f"proposal {saved.id}: {plan.name} ({plan.operator} {plan.technology}), version {saved.version}, {how}"
            )


@app.command()
def status(
    directory: Dir,
    number: Number,
    to: Annotated[Asked, typer.Argument(help="The status wanted.")],
    who: Who = "",
) -> None:
    """Move a proposal on, or send it back: draft, submitted, accepted, built."""
    with reporting():
        saved = set_status(directory, number, Status(to), who=who or name_of_caller())
        typer.echo(
            f"proposal {saved.id}: {to}, version {saved.version}{'' if saved.is_new else ', as it was'}"
        )


@app.command()
def history(
    directory: Dir,
    number: Annotated[str, typer.Argument(metavar="[NUMBER]", help="One proposal; all by default.")] = "",
    form: FormOption = Form.TABLE,
) -> None:
    """Every version: who, when, what."""
    with reporting(form is Form.JSON):
        built = read_built(directory)
        table = read_history(directory, number or None)
        print_rows(built, built.primary, "versions", table, form, title="Versions")


@app.command()
def restore(
    directory: Dir,
    number: Number,
    version: Annotated[int, typer.Argument(help="The version to bring back.")],
    who: Who = "",
) -> None:
    """Bring an older version back as the newest; nothing in between is lost."""
    with reporting():
        if version < 1:
            raise CallError(f"version is {version}; wanted 1 or more")
        saved = restore_version(directory, number, version, who=who or name_of_caller())
        typer.echo(f"proposal {saved.id}: version {version} is back as version {saved.version}")
