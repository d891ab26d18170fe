"""The commands `new` and `add`: a workspace and what is put into it; `geo/__main__.py` registers them."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from geo import cli_indicators as own
from geo import inputs
from geo.additions import VECTOR_GLOBS, Kind, boundary_options, find_files, globs_of, group_files
from geo.admission import add_groups, admission_lines
from geo.convert_rows import Decimal
from geo.errors import CallError
from geo.indicators import Figures
from geo.mends import Mend
from geo.quality import Finding, findings_as_json
from geo.reporting import Dir, Json, Quiet, reporting, say_result, step_teller
from geo.schema import Evidence, Level, Network, Technology, Vintage
from geo.workspace import Provenance, load_workspace, new_workspace

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
        if not name.strip() or any(unicodedata.category(letter) == "Cc" for letter in name):
            raise CallError(f"--name is {name!r}; wanted the region's name, letters and signs on one line")
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


def _say_admitted(
    fields: dict[str, Any], text: str, findings: Sequence[Finding], quiet: bool, as_json: bool
) -> None:
    """What came in, and what was mended or set aside on the way: never left for the report of a build to say first."""
    say_result({**fields, "findings": findings_as_json(findings)}, text, quiet, as_json)
    if not as_json:
        for line in admission_lines(findings, notes=not quiet):
            typer.echo(line, err=True)


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
    own_id: own.IndicatorId = "",
    unit: own.IndicatorUnit = "",
    better: own.IndicatorBetter = None,
    goal: own.IndicatorGoal = None,
    worst: own.IndicatorWorst = None,
    by: own.IndicatorBy = None,
    figures: own.IndicatorFigures = Figures.RATE,
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
    instead_of: Annotated[
        str,
        typer.Option(
            help="Put these files in place of the one input that holds a file whose sha256 begins so."
        ),
    ] = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check files and copy them into the workspace with their sha256."""
    given = locals()
    with reporting(as_json):
        load_workspace(directory)  # a folder that is no workspace is said before what the files are
        if replace and instead_of:
            raise CallError(
                "--replace puts the files in place of all inputs of their kind, --instead-of of one; give only one of them"
            )
        found = find_files(files, globs_of(kind))
        provenance = Provenance(publisher=publisher, licence=licence, date=date)
        groups = group_files(kind, found, given, provenance)
        say = step_teller(quiet)
        say(f"checking {found[0].name}" + (f" and {len(found) - 1} more" if len(found) > 1 else ""))
        findings = add_groups(directory, str(kind), groups, replace=replace, instead_of=instead_of)
        fields = {"workspace": str(directory), "kind": str(kind), "files": len(found)}
        files_text = "file" if len(found) == 1 else "files"
        text = f"{directory}: {len(found)} {files_text} of {kind} in the workspace"
        _say_admitted(fields, text, findings, quiet, as_json)
