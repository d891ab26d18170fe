"""The command line: arguments → the analysis package → text, CSV or JSON. Exit 0 done, 1 the input, 2 the call."""

import json
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from geo import __version__, inputs
from geo import cli_indicators as own
from geo.additions import VECTOR_GLOBS, Kind, boundary_options, find_files, globs_of, group_files
from geo.admission import add_groups, admission_lines
from geo.cli_convert import convert_units, search
from geo.cli_fetch import fetch
from geo.cli_measure import measure_next
from geo.cli_quality import quality
from geo.cli_rows import Form, choose_list
from geo.cli_rules import rules
from geo.cli_sensitivity import sensitivity
from geo.cli_speed import speed
from geo.cli_targets import targets
from geo.convert_rows import Decimal
from geo.errors import VunglomError
from geo.mends import Mend
from geo.quality import Finding, findings_as_json
from geo.reporting import reporting
from geo.results import read_built
from geo.schema import Evidence, Level, Network, Technology, Vintage
from geo.store import is_current
from geo.summary import gap_rows, gaps_csv, print_gaps, print_summary, summarise
from geo.workspace import Provenance, Workspace, load_workspace, new_workspace

app = typer.Typer(
    help="Vùng Lõm: which communes are left behind in connectivity, why, how sure we are, and where to build next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no summary.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, for scripts.")]
CodeWidth = Annotated[
    int, typer.Option(help="boundaries: digits of a code, to restore zeros a spreadsheet lost.")
]
KindColumn = Annotated[str, typer.Option(help="boundaries: column with the kind of unit.")]
DistrictCode = Annotated[str, typer.Option(help="boundaries: column with the district's code.")]
DistrictName = Annotated[str, typer.Option(help="boundaries: column with the district's name.")]
ProvinceCode = Annotated[str, typer.Option(help="boundaries: column with the province's code.")]
ProvinceName = Annotated[str, typer.Option(help="boundaries: column with the province's name.")]
DeclaredArea = Annotated[str, typer.Option(help="boundaries: column with the declared area in km².")]
UnitsVintage = Annotated[Vintage, typer.Option(help="boundaries: list of units the codes belong to.")]
UnitsLevel = Annotated[Level, typer.Option(help="boundaries: administrative level of the units.")]
LayerName = Annotated[str, typer.Option(help="Layer of a file that holds several.")]
CrsName = Annotated[str, typer.Option(help="CRS of a file that does not state one.")]
Publisher = Annotated[str, typer.Option(help="Who published the file.")]
Licence = Annotated[str, typer.Option(help="Its licence.")]
PublishedOn = Annotated[str, typer.Option(help="Its date, YYYY-MM-DD.")]
MendKinds = Annotated[
    list[Mend] | None,
    typer.Option("--mend", help="Mend this kind of mess, and say where; may be given more than once."),
]
ListId = Annotated[str, typer.Option(help="List of units, for example 2024-district; the first by default.")]


def _progress(quiet: bool) -> Callable[[str], None]:
    def say(step: str) -> None:
        if not quiet:
            typer.echo(f"  … {step}", err=True)

    return say


@app.command()
def new(
    directory: Dir,
    name: Annotated[str, typer.Option(help="Name of the region.")],
    boundaries: Annotated[
        list[str], typer.Option(help="Boundary file, folder or glob; may be given more than once.")
    ],
    code: Annotated[str, typer.Option(help="Column that holds the units' codes.")],
    label: Annotated[str, typer.Option(help="Column that holds the units' names.")],
    vintage: UnitsVintage = Vintage.OTHER,
    level: UnitsLevel = Level.COMMUNE,
    code_width: CodeWidth = 0,
    kind_column: KindColumn = "",
    district_code: DistrictCode = "",
    district_name: DistrictName = "",
    province_code: ProvinceCode = "",
    province_name: ProvinceName = "",
    declared_area: DeclaredArea = "",
    layer: LayerName = "",
    crs: CrsName = "",
    mend: MendKinds = None,
    publisher: Publisher = "",
    licence: Licence = "",
    date: PublishedOn = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make a workspace from a boundary file."""
    with reporting(as_json):
        files = find_files(boundaries, VECTOR_GLOBS)
        options = boundary_options(locals())
        found = inputs.read_boundaries(files, options)
        provenance = Provenance(publisher=publisher, licence=licence, date=date)
        new_workspace(
            directory,
            name=name,
            sources=[file.path for file in files],
            options=options,
            provenance=provenance,
        )
        units = len(found.units)
        fields = {"workspace": str(directory), "units": units}
        _say_admitted(fields, f"{directory}: {units} units", found.findings, quiet, as_json)


def _say(fields: dict[str, Any], text: str, quiet: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(fields, ensure_ascii=False))
    elif not quiet:
        typer.echo(text)


def _say_admitted(
    fields: dict[str, Any], text: str, findings: Sequence[Finding], quiet: bool, as_json: bool
) -> None:
    """What came in, and what was mended or set aside on the way: never left for the report of a build to say first."""
    _say({**fields, "findings": findings_as_json(findings)}, text, quiet, as_json)
    if not as_json:
        for line in admission_lines(findings, notes=not quiet):
            typer.echo(line, err=True)


@app.command()
def add(
    directory: Dir,
    kind: Annotated[Kind, typer.Argument(help="What the files are.")],
    files: Annotated[list[str], typer.Argument(metavar="FILE-OR-GLOB…", help="Files, folders or globs.")],
    network: Annotated[Network | None, typer.Option(help="speed: the network tested.")] = None,
    quarter: Annotated[
        str, typer.Option(help="speed: the quarter, as 2022Q3, where the path does not say it.")
    ] = "",
    operator: Annotated[str, typer.Option(help="coverage, sites: whose it is.")] = "",
    technology: Annotated[Technology | None, typer.Option(help="coverage: which technology.")] = None,
    evidence: Annotated[Evidence | None, typer.Option(help="coverage: how it is known.")] = None,
    as_of: Annotated[str, typer.Option(help="coverage, sites: the day it holds for, YYYY-MM-DD.")] = "",
    code: Annotated[str, typer.Option(help="boundaries: column with the codes.")] = "",
    label: Annotated[str, typer.Option(help="boundaries, places: column with the names.")] = "",
    class_column: Annotated[
        str, typer.Option("--class", help="places: column with town, school, clinic or office.")
    ] = "",
    name: own.IndicatorName = "",
    unit: own.IndicatorUnit = "",
    better: own.IndicatorBetter = None,
    goal: own.IndicatorGoal = None,
    worst: own.IndicatorWorst = None,
    by: own.IndicatorBy = None,
    figures: own.IndicatorFigures = own.Figures.RATE,
    code_column: own.CodeColumn = "",
    name_column: own.NameColumn = "",
    value_column: own.ValueColumn = "",
    province_column: own.ProvinceColumn = "",
    province: own.Province = "",
    district_column: own.DistrictColumn = "",
    weight: own.Weight = "",
    decimal: own.DecimalSign = Decimal.UNSAID,
    sheet: own.Sheet = "",
    vintage: UnitsVintage = Vintage.OTHER,
    level: UnitsLevel = Level.COMMUNE,
    code_width: CodeWidth = 0,
    kind_column: KindColumn = "",
    district_code: DistrictCode = "",
    district_name: DistrictName = "",
    province_code: ProvinceCode = "",
    province_name: ProvinceName = "",
    declared_area: DeclaredArea = "",
    layer: LayerName = "",
    crs: CrsName = "",
    lat_column: Annotated[str, typer.Option(help="places: column with latitudes, in a table.")] = "",
    lon_column: Annotated[str, typer.Option(help="places: column with longitudes, in a table.")] = "",
    mend: MendKinds = None,
    publisher: Publisher = "",
    licence: Licence = "",
    date: PublishedOn = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Put these files in place of all inputs of this kind.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check files and copy them into the workspace with their sha256."""
    given = locals()
    with reporting(as_json):
        load_workspace(directory)  # a folder that is no workspace is said before what the files are
        found = find_files(files, globs_of(kind))
        provenance = Provenance(publisher=publisher, licence=licence, date=date)
        groups = group_files(kind, found, given, provenance)
        say = _progress(quiet)
        say(f"checking {found[0].name}" + (f" and {len(found) - 1} more" if len(found) > 1 else ""))
        findings = add_groups(directory, str(kind), groups, replace=replace)
        fields = {"workspace": str(directory), "kind": str(kind), "files": len(found)}
        files_text = "file" if len(found) == 1 else "files"
        text = f"{directory}: {len(found)} {files_text} of {kind} in the workspace"
        _say_admitted(fields, text, findings, quiet, as_json)


@app.command()
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
        _build(workspace, if_changed=if_changed, quiet=quiet)
        built = read_built(directory)
        if as_json:
            typer.echo(json.dumps(summarise(built), ensure_ascii=False, allow_nan=False))
        elif not quiet:
            print_summary(built, directory)


def _build(workspace: Workspace, *, if_changed: bool, quiet: bool) -> None:
    if if_changed and is_current(workspace):
        return
    # the stages bring slow libraries, which listing and exporting do not need
    from geo.pipeline import build as build_workspace

    build_workspace(workspace, progress=_progress(quiet))


@app.command()
def gaps(
    directory: Dir,
    top: Annotated[int, typer.Option(min=1, help="How many units.")] = 20,
    form: Annotated[Form, typer.Option("--format", help="How to print them.")] = Form.TABLE,
    units: ListId = "",
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


@app.command()
def export(
    directory: Dir,
    layer: Annotated[
        str,
        typer.Option(
            help="communes, goals, sensitivity, indicators, coverage_by_operator, speed_by_quarter, coverage_areas or places."
        ),
    ],
    form: Annotated[str, typer.Option("--format", help="geojson, gpkg, csv or parquet.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    units: ListId = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a layer with its sources, licences and method, read it back and check it."""
    with reporting(as_json):
        from geo.export import export_layer

        report = export_layer(read_built(directory), layer, form, out, units=units or None)
        _say(
            report.as_dict(),
            f"{out}: {report.rows} rows, checked; sources and method in {report.sidecar.name}",
            quiet,
            as_json,
        )


@app.command()
def serve(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The workspace; the bundled sample by default.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines of the network in.")
    ] = "127.0.0.1",
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
) -> None:
    """Open the app on a workspace, building it first when its results are not of its inputs."""
    with reporting():
        root = app_folder()
        chosen = directory or root / "data" / "binh_phuoc"
        _build(load_workspace(chosen), if_changed=True, quiet=False)
        os.environ["VUNGLOM_WORKSPACE"] = str(chosen.resolve())
        # the app's settings are found beside it; streamlit is run as a module so that geo never imports it
        os.chdir(root)
        sys.argv = [
            "streamlit",
            "run",
            str(root / "app.py"),
            "--server.port",
            str(port),
            "--server.address",
            host,
        ]
        sys.argv += ["--server.headless", "true"] if headless else []
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def app_folder() -> Path:
    """Where app.py and the sample are: beside the packages in a checkout, in `vunglom/` of an installed wheel."""
    beside = Path(__file__).resolve().parents[1]
    places = [beside, beside / "vunglom"]
    for place in places:
        if (place / "app.py").is_file():
            return place
    raise VunglomError(
        "app.py is not beside the installed packages; install vunglom again, or run from a checkout"
    )


app.command("convert-units")(convert_units)
app.command("search")(search)
app.command("fetch")(fetch)
app.command("targets")(targets)
app.command("measure-next")(measure_next)
app.command("sensitivity")(sensitivity)
app.command("indicators")(own.indicators)
app.command("rules")(rules)
app.command("quality")(quality)
app.command("speed")(speed)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"vunglom {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the command as a whole."""


def main() -> None:
    """Entry point of `vunglom` and of `python -m geo`."""
    app(prog_name="vunglom")


if __name__ == "__main__":
    main()
