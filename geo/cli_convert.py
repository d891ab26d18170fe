"""The commands `convert-units` and `search`; `geo/__main__.py` registers them. Exit 0 done, 1 the input, 2 the call."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import geopandas as gpd
import pandas as pd
import typer

from geo import confined
from geo.convert import Conversion, convert_rows, split_codes
from geo.convert_report import as_report, as_text, leftover_table
from geo.convert_rows import ConversionRequest, Decimal, Row, given_units, match_rows
from geo.errors import CallError, InputError
from geo.files import require_place, write_atomically
from geo.match import GivenUnit
from geo.mends import Mend, describe_finding
from geo.names import clean_name
from geo.read import require_columns
from geo.reporting import reporting
from geo.schema import CODE_WIDTH, VIETNAMESE_VINTAGES, Level, Vintage
from geo.search_units import as_dict, describe, search_units
from geo.table_write import encode_csv, require_writable, write_table
from geo.table_xlsx import naming_sheet
from geo.tidy_table import tidy_table
from geo.vintage_guard import require_right_vintage
from geo.vintages import crosswalk

_CODE_COLUMNS: Final = ("unit_code", "code")
_NAME_COLUMNS: Final = ("fullName", "full_name", "name")


@dataclass(frozen=True)
class SplitInputs:
    """Files to share split units by: outlines of the old and new list, the column with their codes, people per cell."""

    boundaries: tuple[Path, Path] | None = None
    population: Path | None = None
    code: str = ""

    def __post_init__(self) -> None:
        if (self.boundaries is None) != (self.population is None):
            raise CallError(
                "split units are shared by people in outlines: give --boundaries OLD NEW and --population FILE"
            )


def convert_units(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Table to convert: CSV, XLSX or parquet.")],
    source: Annotated[Vintage, typer.Option("--from", help="List of units the table was made with.")],
    target: Annotated[Vintage, typer.Option("--to", help="List of units wanted.")],
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx or .parquet.")],
    code_column: Annotated[str, typer.Option(help="Column with the communes' codes.")] = "",
    name_column: Annotated[str, typer.Option(help="Column with the communes' names.")] = "",
    province_column: Annotated[str, typer.Option(help="Column with the province's name or code.")] = "",
    province: Annotated[str, typer.Option(help="Province of every row, where no column says it.")] = "",
    district_column: Annotated[str, typer.Option(help="Column with the district's name (2024 only).")] = "",
    code_width: Annotated[
        int, typer.Option(help="Digits of a code, to restore zeros a spreadsheet lost.")
    ] = 0,
    sums: Annotated[
        list[str] | None, typer.Option("--sum", help="Column of counts to add up; may be repeated.")
    ] = None,
    means: Annotated[
        list[str] | None,
        typer.Option("--mean", help="Column of rates to average by people; may be repeated."),
    ] = None,
    weight: Annotated[str, typer.Option(help="Column with the people that --mean weighs by.")] = "",
    decimal: Annotated[
        Decimal, typer.Option(help="What separates decimals in numbers written as text.")
    ] = Decimal.UNSAID,
    sheet: Annotated[str, typer.Option(help="Sheet of an XLSX workbook; the first by default.")] = "",
    mend: Annotated[
        list[Mend] | None,
        typer.Option("--mend", help="Mend this kind of mess, and say where; may be repeated."),
    ] = None,
    boundaries: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="OLD NEW", help="Outlines of both lists, to share split units."),
    ] = None,
    boundary_code: Annotated[
        str, typer.Option(help="Column with the outlines' codes; unit_code or code by default.")
    ] = "",
    population: Annotated[
        Path | None, typer.Option(help="Population grid (GeoTIFF) to share split units by.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write what became of every row as JSON.")] = None,
    allow_unmatched: Annotated[
        bool,
        typer.Option(
            "--allow-unmatched", help="Write what could be converted; the rest goes to OUT.unconverted.csv."
        ),
    ] = False,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Keep figures of units of which the table holds only some parts."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Convert a table of communes from one list of units to another; nothing is dropped or guessed."""
    with reporting(as_json):
        request = ConversionRequest(
            source, target, code_column, name_column, province_column, province, district_column, code_width,
            tuple(sums or ()), tuple(means or ()), weight, decimal, partial,
        )  # fmt: skip
        require_writable(out)
        split = SplitInputs(boundaries, population, boundary_code)
        _require_places(out, report, [file, *(boundaries or ()), *([population] if population else ())])
        mends = frozenset(mend or ())
        given = confined.open_table(file, sheet=sheet, mends=mends)
        with naming_sheet(given.findings):
            tidied = tidy_table(given, mends, source=file.name)
            table = tidied.frame
            conversion, repairs = convert_table(table, request, split, source=file.name)
        notes = [describe_finding(finding) for finding in tidied.findings]
        columns = list(table.columns)
        said = as_report(conversion, file=file.name, columns=columns, repairs=[*notes, *repairs])
        if report:
            write_atomically(
                report, json.dumps(said, ensure_ascii=False, allow_nan=False, indent=1).encode("utf-8")
            )
        if as_json:
            typer.echo(json.dumps(said, ensure_ascii=False, allow_nan=False))
        elif not quiet or not conversion.is_whole:
            typer.echo(as_text(said), err=not conversion.is_whole and not allow_unmatched)
        _write(conversion, table, out, allow=allow_unmatched)


def _aside(out: Path) -> Path:
    """Where rows go that could not be converted."""
    return out.with_name(f"{out.name}.unconverted.csv")


def _require_places(out: Path, report: Path | None, inputs: Sequence[Path]) -> None:
    """Raise `CallError` where what is written would fall on what is read, on a workspace, or on itself."""
    for path in (out, _aside(out), *([report] if report else ())):
        require_place(path, inputs=inputs)
    if report and report.absolute() in (out.absolute(), _aside(out).absolute()):
        raise CallError(f"{report}: the report and the table would be one file; give them two names")


def _write(conversion: Conversion, table: pd.DataFrame, out: Path, *, allow: bool) -> None:
    left = leftover_table(conversion, table)
    if len(left) and not allow:
        raise InputError(
            f"{len(left)} rows have figures that cannot be converted, so {out.name} was not written; mend the rows (--report FILE names each), or say "
            "--allow-unmatched to write the rest and list these beside it"
            f"{' (--partial keeps the figures of units with parts missing)' if conversion.withheld else ''}"
        )
    aside = _aside(out)
    if len(left):
        write_atomically(aside, encode_csv(left))
    else:
        aside.unlink(missing_ok=True)
    write_table(out, conversion.table)


def convert_table(
    table: pd.DataFrame, request: ConversionRequest, split: SplitInputs, *, source: str
) -> tuple[Conversion, list[str]]:
    """The conversion and the repairs made to outlines; raises before anything is converted when the vintage is wrong."""
    crosswalk(request.source, request.target)
    given = given_units(table, request, source=source)
    require_right_vintage(given, request.source, source=source)
    rows = match_rows(table, given, request, source=source)
    codes = split_codes(rows, request)
    if split.boundaries is None or split.population is None or not codes:
        return convert_rows(rows, request), []
    return _convert_shared(rows, request, split.boundaries, split.population, split.code, codes)


def _convert_shared(
    rows: list[Row],
    request: ConversionRequest,
    boundaries: tuple[Path, Path],
    population: Path,
    code: str,
    codes: Sequence[str],
) -> tuple[Conversion, list[str]]:
    # slow to load and wanted for split units only
    from geo.split_shares import people_shares

    old, mended_old = read_outlines(boundaries[0], request.source, code)
    new, mended_new = read_outlines(boundaries[1], request.target, code)
    wanted = old[old["unit_code"].isin(codes)]
    west, south, east, north = (old if wanted.empty else wanted).total_bounds
    grid = confined.read_population(population, (west, south, east, north))
    shares, refusals = people_shares(codes, crosswalk(request.source, request.target), old, new, grid)
    return convert_rows(rows, request, shares=shares, refusals=refusals), [*mended_old, *mended_new]


def read_outlines(path: Path, vintage: Vintage, code: str = "") -> tuple[gpd.GeoDataFrame, list[str]]:
    """`unit_code` and polygons of a boundary file, checked against its vintage where it has names, and repairs made."""
    frame, findings, _ = confined.read_polygons(path)
    column = code or next((name for name in _CODE_COLUMNS if name in frame.columns), "")
    require_columns(frame, [column or _CODE_COLUMNS[0]], path.name, option="--boundary-code")
    codes = frame[column].map(lambda cell: clean_name(cell).removesuffix(".0"))
    codes = codes.where(
        codes.str.len() == CODE_WIDTH[Level.DISTRICT], codes.str.zfill(CODE_WIDTH[Level.COMMUNE])
    )
    names = next(
        (frame[name] for name in _NAME_COLUMNS if name in frame.columns), pd.Series("", index=frame.index)
    )
    given = [GivenUnit(code, clean_name(name)) for code, name in zip(codes, names, strict=True)]
    require_right_vintage(given, vintage, source=path.name)
    outlines = gpd.GeoDataFrame({"unit_code": codes}, geometry=frame.geometry, crs=frame.crs)
    return outlines, [finding.message for finding in findings]


def search(
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT…", help="Name or code; after a comma its district or province."),
    ],
    vintage: Annotated[Vintage, typer.Option("--to", help="List of units to lead to.")] = VIETNAMESE_VINTAGES[
        -1
    ],
    limit: Annotated[int, typer.Option(min=1, help="How many places to list.")] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, for scripts.")
    ] = False,
) -> None:
    """Find units by any name, of today or before July 2025, with or without accents."""
    with reporting(as_json):
        query = " ".join(text)
        hits = search_units(query, vintage=vintage)
        if not hits:
            raise InputError(f"no unit {query!r} in any list; check the spelling, or write less of the name")
        if as_json:
            found: dict[str, Any] = {
                "query": query,
                "found": len(hits),
                "hits": [as_dict(hit) for hit in hits[:limit]],
            }
            typer.echo(json.dumps(found, ensure_ascii=False))
            return
        typer.echo("\n".join(describe(hit) for hit in hits[:limit]))
        if len(hits) > limit:
            typer.echo(
                f"… {len(hits) - limit} more; write more of the name, or --limit {len(hits)}", err=True
            )
