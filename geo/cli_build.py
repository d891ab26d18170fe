"""The commands `build`, `gaps` and `export`; `geo/__main__.py` registers them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from geo.cli_rows import Form, FormOption, ListOption, choose_list
from geo.files import require_place
from geo.history import states
from geo.reporting import Dir, Json, Quiet, reporting, say_result, step_teller
from geo.results import read_built
from geo.store import is_current
from geo.summary import gap_rows, gaps_csv, print_gaps, print_summary, summarise
from geo.undo import undo as undo_last
from geo.unit_filter import read_filter
from geo.workspace import Workspace, load_workspace


def build(
    directory: Dir,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing when the results are of these inputs.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compute the results and print a summary with the units furthest behind."""
    with reporting(as_json):
        workspace = load_workspace(directory)
        build_results(workspace, if_changed=if_changed, quiet=quiet)
        built = read_built(directory)
        if as_json:
            typer.echo(json.dumps(summarise(built), ensure_ascii=False, allow_nan=False))
        elif not quiet:
            print_summary(built, directory)


def build_results(workspace: Workspace, *, if_changed: bool, quiet: bool) -> None:
    """Build, or with `if_changed` leave results alone that are of these inputs; each step is told unless `quiet`."""
    if if_changed and is_current(workspace):
        return
    # the stages bring slow libraries, which listing and exporting do not need
    from geo.pipeline import build as build_workspace

    build_workspace(workspace, progress=step_teller(quiet))


def undo(
    directory: Dir,
    to: Annotated[str, typer.Option(help="Number of a state that is kept; --list shows them.")] = "",
    show: Annotated[
        bool, typer.Option("--list", help="Only list the states that can be gone back to.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Go back to the inputs and results before; again, and it is undone."""
    with reporting(as_json):
        load_workspace(directory)
        if show:
            kept = [
                {"id": state.id, "built_at": state.built_at, "files": state.files, "pending": state.pending}
                for state in states(directory)
            ]
            lines = [f"{one['id']}  built {one['built_at']}  {one['files']} files" for one in kept]
            say_result({"states": kept}, "\n".join(lines) or "no state is kept yet", quiet, as_json)
            return
        done = undo_last(directory, to)
        text = "changes that were not built are dropped" if done.only_changes else f"as built {done.built_at}"
        fields = {"workspace": str(directory), "only_changes": done.only_changes, "built_at": done.built_at}
        say_result(fields, f"{directory}: {text}; `vunglom undo {directory}` takes this back", quiet, as_json)


def gaps(
    directory: Dir,
    top: Annotated[int, typer.Option(min=1, help="How many units.")] = 20,
    form: FormOption = Form.TABLE,
    units: ListOption = "",
) -> None:
    """List the units furthest behind, with verdict and reasons."""
    with reporting(form is Form.JSON):
        built = read_built(directory)
        chosen = choose_list(built, units)
        rows = gap_rows(chosen, top)
        if form is Form.JSON:
            head = {
                "list": chosen.id,
                "illustrative": built.manifest["illustrative"],
                "note": built.manifest["note"],
            }
            typer.echo(json.dumps({**head, "units": rows}, ensure_ascii=False, allow_nan=False))
        elif form is Form.CSV:
            typer.echo(gaps_csv(rows, illustrative=built.manifest["illustrative"]), nl=False)
        else:
            print_gaps(built, chosen, top)


def export(
    directory: Dir,
    layer: Annotated[
        str,
        typer.Option(
            help="communes, goals, sensitivity, indicators, coverage_by_operator, speed_by_quarter, contradictions, coverage_areas or places."
        ),
    ],
    form: Annotated[str, typer.Option("--format", help="geojson, gpkg, kml, csv, xlsx or parquet.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    units: ListOption = "",
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Only units that meet it; may be repeated: verdict=gap,watch · district=688 · operator=4G:Viettel · "
            "operator!=4G:Viettel · border=yes · remote=20 · people<5000."
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a layer with its sources, licences and method, read it back and check it."""
    with reporting(as_json):
        from geo.export import export_layer

        require_place(out)
        wanted = read_filter(where or ())
        report = export_layer(read_built(directory), layer, form, out, units=units or None, where=wanted)
        say_result(
            report.as_dict(),
            f"{out}: {report.rows} rows, checked; sources and method in {report.sidecar.name}",
            quiet,
            as_json,
        )
